// History<Params>: undo and redo of an edit's value. The frames of one gesture (a drag) are one entry.
#pragma once

#include <optional>
#include <utility>
#include <vector>

namespace vitrine::labs {

template <class Params>
class History {
 public:
  // Params were `before` and have changed. `same_gesture`: as part of the edit that was recorded last.
  void record(const Params& before, bool same_gesture) {
    if (!same_gesture || past_.empty()) past_.push_back(before);
    if (past_.size() > kDepth) past_.erase(past_.begin());
    future_.clear();
  }
  bool can_undo() const { return !past_.empty(); }
  bool can_redo() const { return !future_.empty(); }
  // The value to go to from `now`; nothing when there is none.
  std::optional<Params> undo(const Params& now) { return move(past_, future_, now); }
  std::optional<Params> redo(const Params& now) { return move(future_, past_, now); }

 private:
  static constexpr std::size_t kDepth = 200;

  static std::optional<Params> move(std::vector<Params>& from, std::vector<Params>& to, const Params& now) {
    if (from.empty()) return std::nullopt;
    to.push_back(now);
    std::optional<Params> value(std::move(from.back()));
    from.pop_back();
    return value;
  }

  std::vector<Params> past_, future_;
};

}  // namespace vitrine::labs
