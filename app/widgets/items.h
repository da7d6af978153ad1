// Items: where each named control and touchable shape stands in the window this frame, in pixels. What a
// test, a lesson's pointer or a screen reader needs to find "stride" without knowing the layout.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "app/widgets/canvas.h"

namespace vitrine::widgets {

class Items {
 public:
  void clear() { rects_.clear(); }
  void record(std::string_view name, const Rect& rect_px) {
    rects_.insert_or_assign(std::string(name), rect_px);
  }
  std::optional<Rect> find(std::string_view name) const {
    const auto at = rects_.find(name);
    return at == rects_.end() ? std::nullopt : std::optional(at->second);
  }
  const std::map<std::string, Rect, std::less<>>& all() const { return rects_; }

 private:
  std::map<std::string, Rect, std::less<>> rects_;
};

}  // namespace vitrine::widgets
