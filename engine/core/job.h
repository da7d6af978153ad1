// Job<Params, Result>: computes a pure function of Params on its own thread. Of several requests only the
// newest waits; what runs meanwhile is let finish if it is short, so that answers keep up with a hand that
// drags, and cancelled if it is long. A result says which params it answers; equal params are never computed
// twice in a row.
#pragma once

#include <algorithm>
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

#include "engine/core/progress.h"

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
  using Compute = std::function<Result(const Params&, std::stop_token, Progress&)>;

  // wake (optional) is called on the job's thread after each answer; it must not call back into the job. A
  // run is short, and not cancelled, until it has lasted `short_run`.
  explicit Job(Compute compute, std::function<void()> wake = {},
               std::chrono::milliseconds short_run = std::chrono::milliseconds(100))
      : compute_(std::move(compute)),
        wake_(std::move(wake)),
        short_run_(short_run),
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

  // Equal to the last request: nothing happens. Otherwise this one is next.
  void request(const Params& params) {
    {
      std::lock_guard lock(mutex_);
      if (last_ && *last_ == params) return;
      if (!busy_ && !pending_) unanswered_since_ = Clock::now();
      last_ = params;
      pending_ = params;
      cancel_long_run();
    }
    changed_.notify_all();
  }
  // The newest answer not yet taken, waiting for it at most `patience` while a request is under way. It may
  // answer an older request than the newest.
  std::shared_ptr<const Answer> poll(std::chrono::microseconds patience) {
    std::unique_lock lock(mutex_);
    const auto deadline = Clock::now() + patience;
    const auto done = [this] { return answer_ != nullptr || (!pending_ && !busy_); };
    bool waiting = true;
    while (waiting) {
      cancel_long_run();
      const bool may_grow_long = busy_ && pending_ && !running_.stop_requested();
      const auto until = may_grow_long ? std::min(deadline, run_since_ + short_run_) : deadline;
      waiting = !changed_.wait_until(lock, until, done) && Clock::now() < deadline;
    }
    return std::exchange(answer_, nullptr);
  }
  // What is known of a request that has not been answered yet.
  struct UnderWay {
    double waited_s;  // since it was made, or since the last answer if that was later
    double fraction;  // of the run that is done, as far as it says; 0 before it has begun
  };
  std::optional<UnderWay> under_way() const {
    std::lock_guard lock(mutex_);
    if (!busy_ && !pending_) return std::nullopt;
    const std::chrono::duration<double> waited = Clock::now() - unanswered_since_;
    return UnderWay{waited.count(), busy_ ? progress_->fraction() : 0};
  }
  // A request has not been answered yet, or its answer has not been taken.
  bool busy() const {
    std::lock_guard lock(mutex_);
    return busy_ || pending_ || answer_;
  }

 private:
  using Clock = std::chrono::steady_clock;

  void cancel_long_run() {
    if (busy_ && pending_ && Clock::now() - run_since_ >= short_run_) running_.request_stop();
  }
  void work(std::stop_token quit) {
    while (true) {
      std::optional<Params> params;
      std::stop_token stop;
      std::shared_ptr<Progress> progress;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return quit.stop_requested() || pending_.has_value(); });
        if (quit.stop_requested()) return;
        params = std::exchange(pending_, std::nullopt);
        running_ = std::stop_source();
        stop = running_.get_token();
        progress = progress_ = std::make_shared<Progress>();
        run_since_ = Clock::now();
        busy_ = true;
      }
      auto answer = answer_to(*params, stop, *progress);
      {
        std::lock_guard lock(mutex_);
        busy_ = false;
        if (!stop.stop_requested()) {
          answer_ = std::move(answer);
          unanswered_since_ = Clock::now();
        }
      }
      changed_.notify_all();
      if (wake_) wake_();
    }
  }
  std::shared_ptr<const Answer> answer_to(const Params& params, std::stop_token stop,
                                          Progress& progress) const {
    try {
      return std::make_shared<const Answer>(
          Answer{params, std::make_shared<const Result>(compute_(params, stop, progress)), ""});
    } catch (const std::exception& error) {
      return std::make_shared<const Answer>(Answer{params, nullptr, error.what()});
    }
  }

  const Compute compute_;
  const std::function<void()> wake_;
  const std::chrono::milliseconds short_run_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Params> last_, pending_;
  std::shared_ptr<const Answer> answer_;
  std::stop_source running_;
  std::shared_ptr<Progress> progress_;  // of the last run
  Clock::time_point unanswered_since_, run_since_;
  bool busy_ = false;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace vitrine::core
