// Thinned: values of a growing number of steps in a fixed number of slots, thinned evenly in time. The first
// step is always kept, and of the others every multiple of a stride that doubles whenever the slots are full.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "engine/core/shape.h"

namespace vitrine::train {

using core::Index;

// Neighbouring kept steps, and the last one kept and the last one noted, are never more than
// max(1, 2 length / slots) apart, `length` being the most steps that ever lay between the first and the last.
template <class Value>
class Thinned {
 public:
  explicit Thinned(Index slots) : slots_(slots) {}

  // Steps are noted one after the other without a gap; the first is where the line begins. make() gives the
  // step's std::optional<Value>, nothing if it is not worth keeping; called only for a step whose turn it is.
  template <class Make>
  void note(Index step, const Make& make) {
    if (slots_ < 1) return;
    const Index at = kept_.empty() ? 0 : step - first();
    while (at > 0 && at % stride_ == 0 && std::ssize(kept_) >= slots_) {
      stride_ *= 2;
      std::erase_if(kept_,
                    [&, begin = first()](const auto& kept) { return (kept.first - begin) % stride_ != 0; });
    }
    if (at % stride_ != 0) return;
    if (std::optional<Value> value = make()) kept_.insert_or_assign(step, std::move(*value));
  }
  // Those of later steps go; what is noted next is kept more finely again.
  void drop_after(Index step) {
    kept_.erase(kept_.upper_bound(step), kept_.end());
    stride_ = 1;
  }

  // Of the latest kept step at or before `step`; null: there is none.
  const Value* at_or_before(Index step) const {
    const auto after = kept_.upper_bound(step);
    return after == kept_.begin() ? nullptr : &std::prev(after)->second;
  }
  const std::map<Index, Value>& all() const { return kept_; }  // by step

 private:
  Index first() const { return kept_.begin()->first; }

  Index slots_, stride_ = 1;
  std::map<Index, Value> kept_;  // by step
};

}  // namespace vitrine::train
