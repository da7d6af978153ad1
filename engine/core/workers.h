// Workers: a fixed team of threads that does numbered pieces of work. Which thread takes which piece may
// float; what a piece computes, and the order in which the caller sums the pieces, may not, so the bits stay
// the same.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace vitrine::core {

class Workers {
 public:
  // threads >= 1, the caller's own included: Workers(1) starts none.
  explicit Workers(int threads);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  int threads() const { return static_cast<int>(threads_.size()) + 1; }
  // Calls work(piece) once for each piece in [0, pieces) and returns when all are done. An exception of a
  // piece is thrown again here, once, after the rest has finished. One caller at a time.
  void run(int pieces, const std::function<void(int piece)>& work);

 private:
  void serve(std::stop_token quit);
  void take_pieces();

  std::mutex mutex_;
  std::condition_variable_any start_;
  std::condition_variable done_;
  const std::function<void(int)>* work_ = nullptr;
  std::exception_ptr failure_;
  std::atomic<int> next_{0};
  std::atomic<std::uint64_t> round_{0};
  std::atomic<int> finished_{0};  // threads that have left the current round
  int pieces_ = 0;
  std::vector<std::jthread> threads_;
};

// The machine's threads this process may use, at least 1.
int available_threads();

}  // namespace vitrine::core
