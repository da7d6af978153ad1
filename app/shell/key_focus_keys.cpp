// The keys that KeyFocus takes, and what it sees of a hand that has taken over.
#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/shell/key_focus.h"

namespace vitrine::shell {

using widgets::Point;
using widgets::Use;
using What = KeyFocus::Order::What;

namespace {

bool enter_pressed() { return key_pressed(Key::kEnter) || key_pressed(Key::kKeypadEnter); }

std::optional<What> arrow_pressed() {
  if (key_pressed(Key::kLeft, true)) return What::kLeft;
  if (key_pressed(Key::kRight, true)) return What::kRight;
  if (key_pressed(Key::kUp, true)) return What::kUp;
  if (key_pressed(Key::kDown, true)) return What::kDown;
  return {};
}

bool number_begins(ImWchar c) { return (c >= '0' && c <= '9') || c == '-' || c == '.'; }

}  // namespace

bool KeyFocus::take_keys(bool list_open, bool covered) {
  watch_the_hand();
  text_open_ = ImGui::GetIO().WantTextInput;
  const bool list_was_open = std::exchange(list_open_, list_open);
  choose_in_list();
  if (list_open || covered) return false;
  if (list_was_open) return true;  // the key that closed the list was the list's
  watch_the_text();
  return take_key();
}

// ImGui chooses from a list with Space. Where Enter has not chosen, it becomes that.
void KeyFocus::choose_in_list() {
  if (std::exchange(enter_in_list_, false) && list_open_) {
    inputs_.push_back(KeyInput{Key::kSpace, true});
    inputs_.push_back(KeyInput{Key::kSpace, false});
  }
  enter_in_list_ = list_open_ && !text_open_ && enter_pressed();
}

bool KeyFocus::take_key() {
  const ImGuiIO& io = ImGui::GetIO();
  if (opening_ > 0) return true;
  if (key_pressed(Key::kTab, true) && !io.KeyCtrl && !io.KeyAlt) {
    ask({io.KeyShift ? What::kPrevious : What::kNext, false, text_open_});
    return true;
  }
  if (text_open_) return false;
  if (key_pressed(Key::kF6, true)) {
    ask({io.KeyShift ? What::kPreviousRegion : What::kNextRegion});
    return true;
  }
  if (!shown_ || !found_) return false;
  if (enter_pressed()) {
    ask({io.KeyCtrl ? What::kMenu : What::kPress});
    return true;
  }
  if (io.KeyCtrl || io.KeyAlt) return false;
  if (key_pressed(Key::kF1)) {
    ask({What::kHelp});
    return true;
  }
  if (key_pressed(Key::kEscape)) {
    shown_ = false;
    leave();
    return true;
  }
  const std::optional<What> arrow = arrow_pressed();
  if (arrow && (at_.shape || (at_.use == Use::kNumber && (arrow == What::kUp || arrow == What::kDown)))) {
    ask({*arrow, io.KeyShift});
    return true;
  }
  if (at_.use != Use::kNumber) return false;
  std::string text;
  for (const ImWchar c : io.InputQueueCharacters)
    if (number_begins(c) || !text.empty()) text += static_cast<char>(c);
  if (!text.empty()) {
    type(std::move(text));
    return true;
  }
  // Their characters may come a frame later.
  for (int i = 0; i < 10; ++i)
    if (key_pressed(static_cast<Key>(static_cast<int>(Key::kDigit0) + i))) return true;
  return false;
}

// What is not ours is a hand's: it has the pointer, and the ring would only be in its way.
void KeyFocus::watch_the_hand() {
  const ImGuiIO& io = ImGui::GetIO();
  bool by_hand = false;
  if (const Point now{io.MousePos.x, io.MousePos.y}; !same_place(now, pointer_)) {
    const auto ours = std::ranges::find_if(put_, [&](Point p) { return same_place(p, now); });
    by_hand = ours == put_.end();
    if (!by_hand) put_.erase(put_.begin(), ours);  // itself may be put again
    pointer_ = now;
  }
  for (int button = 0; button < 2; ++button) {
    if (!ImGui::IsMouseClicked(button)) continue;
    if (clicks_ > 0) {
      --clicks_;
    } else {
      by_hand = true;
      clicked_ = pointer_;
    }
  }
  if (io.MouseWheel != 0) {
    by_hand |= notches_ == 0;
    notches_ = std::max(0.0f, notches_ - std::abs(io.MouseWheel));
  }
  button_down_ = ImGui::IsAnyMouseDown();
  if (by_hand) shown_ = false;
}

// A field that was opened for a digit gets it as soon as it listens, and what was typed meanwhile.
void KeyFocus::watch_the_text() {
  if (opening_ == 0) return;
  ImGuiIO& io = ImGui::GetIO();
  for (const ImWchar c : io.InputQueueCharacters)
    if (c < 128) typed_ += static_cast<char>(c);
  io.InputQueueCharacters.resize(0);
  if (!typed_.empty() && !then_ && enter_pressed()) then_ = Key::kEnter;
  if (!then_ && key_pressed(Key::kTab)) then_ = Key::kTab;
  --opening_;
  if (!text_open_ || io.KeyCtrl) return;
  opening_ = 0;
  for (const char c : std::exchange(typed_, {})) io.AddInputCharacter(static_cast<unsigned char>(c));
  const std::optional<Key> then = std::exchange(then_, std::nullopt);
  if (then == Key::kTab) ask({What::kNext, false, true});
  if (then != Key::kEnter) return;
  inputs_.push_back(KeyInput{Key::kEnter, true});
  inputs_.push_back(KeyInput{Key::kEnter, false});
}

}  // namespace vitrine::shell
