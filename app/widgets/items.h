// Items: where each named control and touchable shape stands in the window this frame, in pixels, in the
// order in which they were drawn. What the keyboard, a test or a screen reader needs to find "stride" without
// knowing the layout.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/widgets/canvas.h"

namespace vitrine::widgets {

// What the hand does with it, and so what the keys do in its stead.
enum class Use : std::uint8_t {
  kPlace,   // nothing that has no other way: the keyboard passes it by
  kPress,   // Enter presses it
  kNumber,  // Up and Down step it, Enter types it
  kText,    // Enter types it
  kShape,   // of the stage: arrows go on to the next
};

struct Item {
  std::string name;
  Rect place_px;
  Use use;
};

class Items {
 public:
  void clear() {
    all_.clear();
    at_.clear();
  }
  // Under a name that is there already: the place is moved; a use is never taken back.
  void record(std::string_view name, const Rect& place_px, Use use = Use::kPress) {
    const auto [entry, is_new] = at_.try_emplace(std::string(name), all_.size());
    if (is_new) {
      all_.push_back({entry->first, place_px, use});
      return;
    }
    Item& item = all_[entry->second];
    if (use == Use::kPlace && item.use != Use::kPlace) return;
    item.place_px = place_px;
    item.use = use;
  }
  const Item* item(std::string_view name) const {
    const auto at = at_.find(name);
    return at == at_.end() ? nullptr : &all_[at->second];
  }
  std::optional<Rect> find(std::string_view name) const {
    const Item* found = item(name);
    return found ? std::optional(found->place_px) : std::nullopt;
  }
  const std::vector<Item>& all() const { return all_; }

 private:
  std::vector<Item> all_;
  std::map<std::string, std::size_t, std::less<>> at_;
};

}  // namespace vitrine::widgets
