// Job<Params, Result>: computes a pure function of Params on its own thread. A newer request cancels an older
// one; a result says which params it answers; equal params are never computed twice in a row.
#pragma once

#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

namespace vitrine::core {

// Immutable: the answer to one edit. Exactly one of result and error is set.
template <class Params, class Result>
struct Outcome {
  Params params;
  std::shared_ptr<const Result> result;  // null if compute threw
  std::string error;                     // what() of what it threw
};

template <class Params, class Result>
class Job {
 public:
  using Answer = Outcome<Params, Result>;
  using Compute = std::function<Result(const Params&, std::stop_token)>;

  // wake (optional) is called on the job's thread after each answer; it must not call back into the job.
  explicit Job(Compute compute, std::function<void()> wake = {})
      : compute_(std::move(compute)),
        wake_(std::move(wake)),
        thread_([this](std::stop_token quit) { work(quit); }) {}
  ~Job() {
    {
      std::lock_guard lock(mutex_);
      thread_.request_stop();
      running_.request_stop();
    }
    changed_.notify_all();
  }
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  // Equal to the last request: nothing happens. Otherwise what runs is asked to stop and this one is next.
  void request(const Params& params) {
    {
      std::lock_guard lock(mutex_);
      if (last_ && *last_ == params) return;
      last_ = params;
      pending_ = params;
      running_.request_stop();
    }
    changed_.notify_all();
  }
  // The newest answer not yet taken, waiting for it at most `patience` while a request is under way.
  std::shared_ptr<const Answer> poll(std::chrono::microseconds patience) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, patience, [this] { return answer_ != nullptr || (!pending_ && !busy_); });
    return std::exchange(answer_, nullptr);
  }
  // A request has not been answered yet.
  bool busy() const {
    std::lock_guard lock(mutex_);
    return busy_ || pending_.has_value();
  }

 private:
  void work(std::stop_token quit) {
    while (true) {
      std::optional<Params> params;
      std::stop_token stop;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return quit.stop_requested() || pending_.has_value(); });
        if (quit.stop_requested()) return;
        params = std::exchange(pending_, std::nullopt);
        running_ = std::stop_source();
        stop = running_.get_token();
        busy_ = true;
      }
      auto answer = answer_to(*params, stop);
      {
        std::lock_guard lock(mutex_);
        busy_ = false;
        if (!stop.stop_requested()) answer_ = std::move(answer);  // an answer to an old edit is not shown
      }
      changed_.notify_all();
      if (wake_) wake_();
    }
  }
  std::shared_ptr<const Answer> answer_to(const Params& params, std::stop_token stop) const {
    try {
      return std::make_shared<const Answer>(
          Answer{params, std::make_shared<const Result>(compute_(params, stop)), ""});
    } catch (const std::exception& error) {
      return std::make_shared<const Answer>(Answer{params, nullptr, error.what()});
    }
  }

  const Compute compute_;
  const std::function<void()> wake_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Params> last_, pending_;
  std::shared_ptr<const Answer> answer_;
  std::stop_source running_;
  bool busy_ = false;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace vitrine::core
