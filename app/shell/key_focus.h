// KeyFocus: the whole window by keyboard alone. One thing has the keyboard, with a ring around it, and keys
// act on it in the pointer's stead: they become the inputs of a hand (the pointer is put there, a button
// pressed, the wheel turned), so that whatever a mouse can do works, looks and is undone alike. Whoever owns
// the InputQueue pushes take_inputs() after each frame.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "app/shell/input.h"
#include "app/shell/key_stops.h"
#include "app/widgets/theme.h"

namespace vitrine::shell {

class KeyFocus {
 public:
  struct Order {
    enum class What : std::uint8_t {
      kNext,
      kPrevious,
      kNextRegion,
      kPreviousRegion,
      kPress,
      kMenu,  // the right button
      kHelp,  // the pointer rests on its name
      kLeft,
      kRight,
      kUp,
      kDown,
    };
    What what;
    bool far = false;         // with Shift
    bool leave_text = false;  // what is being typed is entered first
  };

  // Before the frame is drawn: takes the keys that are this frame's; true when there is nothing left of them
  // for anybody else. `list_open`: a popup has the keyboard; `covered`: something lies over the whole window.
  bool take_keys(bool list_open, bool covered);
  // What keys ask for; carried out by follow().
  void ask(Order order) { order_ = order; }
  // After the frame is drawn, with what was drawn in it.
  void follow(const widgets::Items& items, std::span<const Region> regions, float scale);
  // The ring, over everything that is drawn.
  void draw(const widgets::Theme& theme) const;

  // For a scrolling panel, once a frame: by how many pixels it is to scroll down.
  float take_scroll(const widgets::Rect& panel_px);
  // What the keys' hand does, for the InputQueue.
  std::vector<Input> take_inputs() { return std::exchange(inputs_, {}); }
  // Something is under way that needs another frame.
  bool busy() const { return opening_ > 0 || scroll_wait_ > 0 || order_ || !inputs_.empty(); }

  // What has the keyboard, or had it before the ring was taken away.
  const std::string& name() const { return name_; }
  // Around what has it, in pixels; none while it is hidden.
  std::optional<widgets::Rect> ring_px() const;
  // Where in it the pointer is put.
  widgets::Point pointer_px() const;

 private:
  bool take_key();
  void choose_in_list();
  void watch_the_hand();
  void watch_the_text();
  // Opens the number's field and types this into it.
  void type(std::string text);
  void find_again(std::span<const Stop> stops);
  void carry_out(const Order& order, std::span<const Stop> stops);
  void move(const Order& order, std::span<const Stop> stops);
  void press(const Order& order);
  void click(int button);  // where the pointer is
  void leave();            // it goes out of the window
  void go_on_from_shape(const Order& order, std::span<const Stop> stops);
  void go_to(const Stop& stop);
  void put(widgets::Point p);
  void point(widgets::Point p);
  void keep_in_view(std::span<const Region> regions);

  std::string name_;
  std::string shape_;  // the picture's shape that Tab comes back to
  Stop at_{};          // where it stood in the last frame
  bool shown_ = false, found_ = false;
  widgets::Point part_{0.5f, 0.5f};  // of at_: where in it the pointer is
  widgets::Rect menu_px_{};          // where the right button is pressed for it
  float scale_ = 1;

  std::optional<Order> order_;
  std::vector<Input> inputs_;
  std::deque<widgets::Point> put_;  // where the pointer is or soon will be, by us
  widgets::Point pointer_{0, 0};    // where it was seen last
  widgets::Point clicked_{-1, -1};  // by a hand, last
  bool point_due_ = false;
  bool helping_ = false;  // the pointer is where the help is
  int clicks_ = 0;        // of ours that have not been seen
  float notches_ = 0;     // of the wheel, ours, that have not been seen
  bool button_down_ = false, list_open_ = false, text_open_ = false;
  bool enter_in_list_ = false;  // pressed in the last frame

  int opening_ = 0;          // frames that a field has left to open
  std::string typed_;        // to be typed into it
  std::optional<Key> then_;  // and then Enter or Tab

  float scroll_px_ = 0;
  widgets::Rect scrolled_panel_px_{};
  int scroll_wait_ = 0;  // frames until it shows
  int scroll_tries_ = 0;
};

}  // namespace vitrine::shell
