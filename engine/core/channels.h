// The only two ways data crosses threads. Stream<T>: every message, in order, none lost. Latest<T>: the
// newest value wins, and the writer can ask whether anyone is waiting, so that it makes one only when it is
// wanted.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace vitrine::core {

// An unbounded queue between one or more writers and one reader.
template <class T>
class Stream {
 public:
  void push(T message) {
    {
      std::lock_guard lock(mutex_);
      queue_.push_back(std::move(message));
    }
    filled_.notify_one();
  }
  // The oldest message, or nothing; never waits.
  std::optional<T> try_pop() {
    std::lock_guard lock(mutex_);
    if (queue_.empty()) return std::nullopt;
    return take_locked();
  }
  // The oldest message; waits until there is one.
  T pop() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [this] { return !queue_.empty(); });
    return take_locked();
  }
  // Everything that waits, oldest first; never waits itself.
  std::vector<T> drain() {
    std::deque<T> taken;
    {
      std::lock_guard lock(mutex_);
      taken.swap(queue_);
    }
    return {std::make_move_iterator(taken.begin()), std::make_move_iterator(taken.end())};
  }

 private:
  T take_locked() {
    T message(std::move(queue_.front()));
    queue_.pop_front();
    return message;
  }

  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<T> queue_;
};

// A slot for one immutable value; a second publish replaces the first.
template <class T>
class Latest {
 public:
  // True until the next publish: the reader has taken what there was (or nothing was ever published).
  bool wanted() const {
    std::lock_guard lock(mutex_);
    return value_ == nullptr;
  }
  void publish(std::shared_ptr<const T> value) {
    std::lock_guard lock(mutex_);
    value_.swap(value);
  }
  // The value published since the last take, or null; never waits.
  std::shared_ptr<const T> take() {
    std::lock_guard lock(mutex_);
    return std::exchange(value_, nullptr);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
};

}  // namespace vitrine::core
