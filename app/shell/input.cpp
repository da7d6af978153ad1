#include "app/shell/input.h"

#include <bitset>
#include <cfloat>
#include <optional>

namespace vitrine::shell {
namespace {

// The key is there to type a character; ImGui takes a frame's characters before its other keys.
constexpr bool types(Key key) { return key == Key::kSpace || key >= Key::kDigit0; }

bool points(const Input& input) {
  return std::holds_alternative<PointerInput>(input) || std::holds_alternative<PointerLeft>(input);
}
// With the pointer: what it does depends on where that is.
bool presses(const Input& input) {
  const auto* button = std::get_if<ButtonInput>(&input);
  return (button && button->down) || std::holds_alternative<ScrollInput>(input);
}

// What one frame has been told so far. take() tells it one more thing, or returns false: that is for the next
// frame.
class Share {
 public:
  explicit Share(ImGuiIO& io) : io_(io) {}

  bool take(const KeyInput& input) {
    const auto key = static_cast<std::size_t>(input.key);
    const bool beside = is_modifier(input.key) ? plain_key_ : modifier_;
    if (keys_[key] || beside || buttons_.any() || (input.down && (pressed_ || text_))) return false;
    keys_.set(key);
    if (input.down) pressed_ = input.key;
    (is_modifier(input.key) ? modifier_ : plain_key_) = true;
    add_key(io_, input.key, input.down);
    return true;
  }
  bool take(const TextInput& input) {
    if (modifier_ || buttons_.any() || (pressed_ && !types(*pressed_))) return false;
    text_ = true;
    io_.AddInputCharacter(input.character);
    return true;
  }
  bool take(const PointerInput& input) { return point(input.position_px); }
  bool take(const PointerLeft&) { return point(ImVec2(-FLT_MAX, -FLT_MAX)); }
  bool take(const ButtonInput& input) {
    const auto button = static_cast<std::size_t>(input.button);
    if (button >= buttons_.size()) return true;  // the pointer has more buttons than ImGui knows
    if (buttons_[button] || plain_key_ || modifier_ || text_ || scrolled_) return false;
    buttons_.set(button);
    add_button(io_, input.button, input.down);
    return true;
  }
  bool take(const ScrollInput& input) {
    if (buttons_.any()) return false;
    scrolled_ = true;
    add_scroll(io_, input.amount);
    return true;
  }
  bool take(const FocusInput& input) {
    if (keys_.any() || buttons_.any() || text_) return false;
    io_.AddFocusEvent(input.focused);
    return true;
  }

 private:
  bool point(ImVec2 position) {
    if (buttons_.any() || scrolled_) return false;
    add_pointer(io_, position);
    return true;
  }

  ImGuiIO& io_;
  std::bitset<kKeys> keys_;
  std::optional<Key> pressed_;
  std::bitset<IM_ARRAYSIZE(ImGuiIO::MouseDown)> buttons_;
  bool modifier_ = false, plain_key_ = false, text_ = false, scrolled_ = false;
};

}  // namespace

void InputQueue::push(const Input& input) {
  if (points(input)) {
    hand_ = input;
    elsewhere_ = false;
  } else if (elsewhere_ && hand_ && presses(input)) {
    waiting_.push_back(*hand_);
    elsewhere_ = false;
  }
  waiting_.push_back(input);
}

void InputQueue::push_instead(const Input& input) {
  elsewhere_ |= points(input);
  waiting_.push_back(input);
}

void InputQueue::feed(ImGuiIO& io) {
  Share share(io);
  while (!waiting_.empty() &&
         std::visit([&share](const auto& input) { return share.take(input); }, waiting_.front()))
    waiting_.pop_front();
}

}  // namespace vitrine::shell
