// Controls: what an inspector is made of. Each control has a name, a unit, a range, a value to go back to and
// a help text; drag scrubs a number, the wheel steps it, a double click types it. What cannot be is said
// beside it.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/widgets/canvas.h"
#include "app/widgets/folder_listing.h"
#include "app/widgets/imgui_canvas.h"

namespace vitrine::widgets {

struct IntegerRange {
  core::Index low, high, reset;
  std::string_view unit = "";
  core::Index clamped(core::Index value) const { return std::clamp(value, low, high); }
};

struct RealRange {
  double low, high, reset;
  double step = 0.1;         // of the wheel; a drag moves as much in 8 pixels
  bool logarithmic = false;  // the slider's scale; low must be > 0
  std::string_view unit = "";
  bool or_zero = false;      // 0 is allowed below low: the left end of a logarithmic slider
  bool or_infinity = false;  // infinity is allowed above high: its right end
};

// A place on a slider that has a name, like 1/√d.
struct Notch {
  std::string name;
  double value;
};

// What controls remember between frames: the number that is being typed, and what was wrong with it.
struct ControlState {
  std::string typing;  // the control's name, empty when nothing is typed
  std::string buffer;
  bool just_opened = false;
  double scrub_remainder = 0;
  Point scrolled_at{-1, -1};   // where the pointer was when the wheel scrolled the inspector
  std::string browsed_folder;  // of the file browser
  FolderListing listing;       // of that folder
  // Why a control's last entry was refused; said until a number is edited or `kept` changes in another way.
  struct Complaint {
    std::string words;  // in the user's language
    double kept;        // the control's value
  };
  std::map<std::string, Complaint, std::less<>> complaints;
  std::set<std::string, std::less<>> unfolded;  // sections that are open
  // Controls by name: not shown; shown and fixed. A lesson's or a lecturer's wish.
  std::set<std::string, std::less<>> hidden, locked;
  // Numbers that were pasted or opened, for the grid of numbers at this point in pixels, or of this name.
  struct Paste {
    std::string name;  // empty: only the point counts
    core::Tensor<double> values;
  };
  std::vector<Paste> pastes;
  Point pasted_at{-1, -1};
  std::string first_grid;  // the name of the first grid of the last frame
  // A paste of another shape than its grid, to be put in the tensor's place by who knows what depends on it.
  struct Reshape {
    std::string name;
    const core::Tensor<double>* place;  // perhaps gone since: to be compared only
    core::Shape grid;
    core::Tensor<double> values;
  };
  std::vector<Reshape> reshapes;
  std::string menu_of;  // the control whose menu is open
  bool menu_wanted = false;
  bool has_menus = true;  // a right click on a name offers to hide or lock the control
};

class Controls {
 public:
  // Draws into ImGui's current window, width_px wide, while it lives.
  Controls(const Screen& screen, ControlState& state, float width_px);

  void section(std::string_view title);
  // Each returns true when it changed the value in this frame.
  bool integer(std::string_view name, core::Index& value, const IntegerRange& range, std::string_view help);
  bool real(std::string_view name, double& value, const RealRange& range, std::string_view help,
            std::span<const Notch> notches = {});
  bool toggle(std::string_view name, bool& value, bool reset, std::string_view help);
  template <class Enum>
  bool choice(std::string_view name, Enum& value, std::span<const std::string_view> names, Enum reset,
              std::string_view help) {
    int index = static_cast<int>(value);
    const bool changed = choose(name, index, names, static_cast<int>(reset), help);
    value = static_cast<Enum>(index);
    return changed;
  }
  // The same among names that are alike in every language; true when another was chosen.
  bool pick(std::string_view name, std::size_t& index, std::span<const std::string_view> names,
            std::string_view help);
  // One row or a grid of editable numbers in the colour of their role. Any finite number, NaN and infinity
  // may be typed.
  bool matrix(std::string_view name, core::Tensor<double>& values, Role role, std::string_view help);
  // A grid of cells that a click turns on (1) or off (0): which key (column) each query (row) may see.
  bool mask(std::string_view name, core::Tensor<std::uint8_t>& cells, std::string_view help);
  // Says beside the grid of this name what became of what was pasted there.
  void complain_of(std::string_view name, std::string words);
  bool button(std::string_view name, std::string_view help);
  // Buttons side by side; the index of the one pressed.
  std::optional<std::size_t> buttons(std::span<const std::string_view> names, std::string_view help);
  // One line, taken when it is left.
  bool text(std::string_view name, std::string& value, std::string_view help);
  // As many lines as it needs, broken between words and taken as it is typed; Enter leaves it.
  bool long_text(std::string_view name, std::string& value, std::string_view help);
  // A line of the whole width with no name beside it, taken as it is typed; true when Enter was pressed.
  bool answer(std::string_view name, std::string& value, std::string_view help);
  // The numbers 1 to `count` side by side, one of them chosen; the one pressed, from 0.
  std::optional<std::size_t> steps(std::string_view name, std::size_t count, std::size_t chosen,
                                   std::string_view help);
  // A row of a list: a title, and what is to be said of it at its right end; true when pressed.
  bool entry(std::string_view name, std::string_view title, std::string_view detail, std::string_view help,
             bool chosen = false);
  // A line that only tells: a size, a count.
  void fact(std::string_view name, std::string_view value, Role role = Role::kText);
  void note(std::string_view words, Role role = Role::kQuiet, float size = kQuietSize_px);
  // A fact with a bar below it: the value's share of a whole, 0 to 1.
  void share(std::string_view name, std::string_view value, double share);
  // A section that opens and closes with a click, closed at first; true while it is open.
  bool fold(std::string_view title, std::string_view help);

  // Problems of the whole edit (control, words): shown in the row of the control that they name.
  void show_problems(std::vector<std::pair<std::string, std::string>> problems) {
    problems_ = std::move(problems);
  }

  // An edit is under way (a drag, a text field): the changes of these frames are one edit to undo.
  bool editing() const;
  ControlState& state() { return state_; }
  std::string_view in_language(std::string_view words) const { return screen_.words.of(words); }
  // The names of all controls drawn so far and the words of all notes and complaints, for tests; a control
  // that has no help says "no help: NAME".
  const std::string& transcript() const { return transcript_; }

 private:
  // A control as somebody wants it while this lives: left out, fixed, or free.
  class Gate {
   public:
    Gate(const Controls& controls, std::string_view name);
    ~Gate();
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;
    bool shown() const { return shown_; }

   private:
    bool shown_, locked_;
  };
  void menu();  // of the control that was clicked with the right button

  static constexpr float kLabelWidth = 114, kResetWidth = 18, kRowGap = 6;
  static constexpr int kFewestLines = 2, kMostLines = 7;  // of a long text; beyond it scrolls
  struct NumberField {
    double low, high, step;
    bool whole;
    bool reset_on_right_click = false;
    bool or_infinity = false;
    bool holds(double value) const;
  };
  bool number(const std::string& id, double& value, const NumberField& field, const Rect& box_px, Role role);
  bool type_number(const std::string& id, double& value, const NumberField& field, const Rect& box_px);
  // What was pasted for this grid, into the values or, of another shape, to be reshaped.
  bool take_paste(std::string_view name, const Rect& grid_px, core::Tensor<double>& values);
  // Takes what was typed, or complains.
  bool enter_number(const std::string& id, double& value, const NumberField& field);
  bool slider(std::string_view name, double& value, const RealRange& range, std::span<const Notch> notches,
              float width_px);
  bool choose(std::string_view name, int& index, std::span<const std::string_view> names, int reset,
              std::string_view help, bool translated = true);
  // The name on the left, the help on hover; returns where the control itself goes.
  Rect begin_row(std::string_view name, std::string_view unit, std::string_view help, float height = 26,
                 float label_width = kLabelWidth);
  // True when the small arrow that goes back to the default was pressed; it is there only when `differs`.
  bool end_row(std::string_view name, const Rect& box_px, bool differs);
  void note_name(std::string_view name, std::string_view help);  // in the transcript
  void complaint(std::string_view name);
  void say(std::string_view words, const TextStyle& style);
  void complain(std::string_view words) {
    say(words, {.size = kQuietSize_px, .paint = Role::kTrouble, .translated = true});
  }
  void draw_lock(const Rect& box_px) const;
  static bool invisible(const std::string& id, const Rect& box_px);
  // The name on the left and the shape on the right, above a grid of cells; returns the grid's top left.
  Point begin_grid(std::string_view name, const core::Shape& shape, Role role, std::string_view help);
  ImGuiCanvas canvas() const;
  float px(float units) const { return units * screen_.scale; }

  const Screen& screen_;
  ControlState& state_;
  float width_px_;
  std::vector<std::pair<std::string, std::string>> problems_;
  std::string transcript_;
};

// What hovers beside the pointer: a thing's name in the user's language, if it has one, and what it does.
void show_help(const Screen& screen, std::string_view name, std::string_view help);

// Sets ImGui's colours and sizes from the theme, once a frame.
void apply_style(const Theme& theme, float scale);

}  // namespace vitrine::widgets
