// What the hand does, as values in order, and how ImGui is told: a frame's share at a time, so that a key
// pressed and released between two frames is seen as both (ImGui 1.86 looks only at the state at the start of
// a frame).
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <variant>

#include "app/widgets/imgui_compat.h"

namespace vitrine::shell {

// ImGui by its names of all versions.
using namespace widgets::imgui_compat;  // NOLINT: a header of names

struct KeyInput {
  Key key;
  bool down;
};
struct TextInput {
  unsigned int character;  // a Unicode code point
};
struct PointerInput {
  ImVec2 position_px;  // from the top left of the surface
};
struct PointerLeft {};
struct ButtonInput {
  int button;  // 0 left, 1 right, 2 middle
  bool down;
};
struct ScrollInput {
  ImVec2 amount;  // notches; y > 0 is away from the hand
};
struct FocusInput {
  bool focused;
};
using Input =
    std::variant<KeyInput, TextInput, PointerInput, PointerLeft, ButtonInput, ScrollInput, FocusInput>;

class InputQueue {
 public:
  // What a hand does. Its pointer is where the hand left it, though another was put elsewhere meanwhile.
  void push(const Input& input);
  // What is done in its stead.
  void push_instead(const Input& input);
  // Something waits for a coming frame: draw one without waiting for events.
  bool empty() const { return waiting_.empty(); }

  // Before ImGui::NewFrame: tells ImGui, in order, as much as one frame can hold without losing or reordering
  // anything; the rest waits. At most one change of each key and button, one press, no modifier beside
  // another key, no character after a key that edits, no click after a key, no movement after a click.
  void feed(ImGuiIO& io);

 private:
  std::deque<Input> waiting_;
  std::optional<Input> hand_;  // where its pointer is
  bool elsewhere_ = false;     // ours is not there
};

}  // namespace vitrine::shell
