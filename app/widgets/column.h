// Column: a panel beside the stage that is filled with controls from top to bottom and scrolls when they are
// many. Everything drawn while it lives is in it.
#pragma once

#include <string>

#include "app/widgets/controls.h"

namespace vitrine::widgets {

class Column {
 public:
  // `id`: each keeps its own place when it is scrolled, by the wheel and now by `scroll_px`.
  Column(const Screen& screen, const Rect& place_px, const std::string& id, ControlState& state,
         float scroll_px = 0);
  ~Column();
  Column(const Column&) = delete;
  Column& operator=(const Column&) = delete;

  // For Controls.
  float width_px() const { return width_px_; }

 private:
  const Screen& screen_;
  ControlState& state_;
  float width_px_;
};

}  // namespace vitrine::widgets
