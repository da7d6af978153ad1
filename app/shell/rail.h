// Rail: the column on the left, every lab under the heading of its wing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/labs/lab.h"
#include "app/widgets/imgui_canvas.h"

namespace vitrine::shell {

class Rail {
 public:
  struct Pressed {
    std::optional<std::size_t> lab;
    bool learn = false;
    bool all_keys = false;
  };
  // `labs` in the order of the rail, one of them open. Rows share the height between them; what does not fit
  // even at the smallest height is scrolled to with the wheel, and with the keyboard: the neighbours of the
  // row that has it, `focused`, are kept in sight, so that Tab finds them.
  Pressed draw(const widgets::Screen& screen, const widgets::Rect& place_px,
               const std::vector<const labs::LabInfo*>& labs, std::size_t open,
               std::string_view focused = "");

 private:
  float scroll_ = 0;                  // units above the list's top
  std::optional<std::size_t> shown_;  // the open lab of the last frame, which has been scrolled to
  std::string focused_;               // of the last frame, the same
};

}  // namespace vitrine::shell
