#include "engine/core/workers.h"

#include <sched.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace vitrine::core {
namespace {

// Waits briefly on the processor before it gives it up: a step's pieces take tens of microseconds, but
// spinning for long would starve whatever else runs on this core.
template <class Ready>
bool spin_until(const Ready& ready) {
  for (int i = 0; i < 2000; ++i) {
    if (ready()) return true;
    __builtin_ia32_pause();
  }
  return false;
}

}  // namespace

Workers::Workers(int threads) {
  for (int i = 1; i < threads; ++i) threads_.emplace_back([this](std::stop_token quit) { serve(quit); });
}

Workers::~Workers() {
  for (auto& thread : threads_) thread.request_stop();
}

void Workers::run(int pieces, const std::function<void(int)>& work) {
  {
    std::lock_guard lock(mutex_);
    work_ = &work;
    pieces_ = pieces;
    failure_ = nullptr;
    next_ = 0;
    finished_ = 0;
    ++round_;
  }
  start_.notify_all();
  take_pieces();
  const auto all_left = [this] { return finished_ == static_cast<int>(threads_.size()); };
  if (!spin_until(all_left)) {
    std::unique_lock lock(mutex_);
    done_.wait(lock, all_left);
  }
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void Workers::serve(std::stop_token quit) {
  std::uint64_t seen = 0;
  while (true) {
    if (!spin_until([&] { return round_ != seen; })) {
      std::unique_lock lock(mutex_);
      if (!start_.wait(lock, quit, [&] { return round_ != seen; })) return;
    }
    seen = round_;
    take_pieces();
    {
      std::lock_guard lock(mutex_);
      ++finished_;
    }
    done_.notify_one();
  }
}

void Workers::take_pieces() {
  for (int piece; (piece = next_.fetch_add(1)) < pieces_;) {
    try {
      (*work_)(piece);
    } catch (const std::exception&) {
      std::lock_guard lock(mutex_);
      failure_ = std::current_exception();
    }
  }
}

int available_threads() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return std::max(1u, std::thread::hardware_concurrency());
  return std::max(1, CPU_COUNT(&set));
}

}  // namespace vitrine::core
