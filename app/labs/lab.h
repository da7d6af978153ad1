// Lab: one exhibit as the shell sees it. The shell knows no topic and a lab knows no window: it is given
// controls to fill, a canvas to draw on and the time, and it says what to put into the explain strip.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/widgets/canvas.h"
#include "app/widgets/controls.h"
#include "app/widgets/equation.h"
#include "app/widgets/playhead.h"
#include "engine/lessons/expression.h"

namespace vitrine::labs {

// The part of the house that a lab hangs in.
enum class Wing : std::uint8_t { kConvolution, kAttention, kLearning };
constexpr std::string_view name_of(Wing wing) {
  switch (wing) {
    case Wing::kConvolution:
      return "Convolution";
    case Wing::kAttention:
      return "Attention and sequences";
    case Wing::kLearning:
      return "Learning";
  }
  return "";
}

// What every lab says of itself. There are no defaults: a lab without its sentence, equation and source does
// not compile.
struct LabInfo {
  consteval LabInfo(Wing wing_, std::string_view id_, std::string_view title_, std::string_view sentence_,
                    std::string_view equation_, std::string_view source_)
      : wing(wing_), id(id_), title(title_), sentence(sentence_), equation(equation_), source(source_) {}
  Wing wing;
  std::string_view id;        // in file names and on the command line: "sliding-window"
  std::string_view title;     // in the rail
  std::string_view sentence;  // what is to be seen, under the title
  std::string_view equation;  // of the whole lab
  std::string_view source;    // who wrote of it first or best
};

// Why an edit cannot be computed, and beside which control to say so.
struct Problem {
  std::string control;
  std::string words;
};

inline constexpr double kForever = std::numeric_limits<double>::infinity();

inline constexpr core::Index kMostOfAFrame = 100'000;  // numbers of a tensor that every frame may copy
inline constexpr core::Index kAllNumbers = std::numeric_limits<core::Index>::max();

class Lab {
 public:
  virtual ~Lab() = default;
  virtual const LabInfo& info() const = 0;

  // A frame, in this order.
  virtual void controls(widgets::Controls& controls) = 0;
  // Takes what has been computed, waiting at most `patience` for it.
  virtual void poll(std::chrono::microseconds patience) = 0;
  virtual void draw(widgets::Canvas& canvas) = 0;
  virtual widgets::Equation explain() const = 0;
  // What is shown, by the letters of the lab's formulas: the numbers that a lesson looks at to know what was
  // done, and the playhead's step as t. Without tensors of more than `most` numbers. Empty before the first
  // result.
  virtual lessons::Symbols numbers(core::Index most = kMostOfAFrame) const = 0;
  // PyTorch code that computes what is shown and prints it under the names of numbers() (script.h). Empty
  // before the first result.
  virtual std::string code() const = 0;
  // The bytes of the trained model that is looked at, for other programs: ".onnx", or its weights as
  // ".safetensors"; empty: there is none.
  virtual std::string model_file(std::string_view) const { return ""; }
  virtual bool has_model() const { return false; }

  // How long the window may sleep before it draws this lab again: 0 while something moves, kForever until the
  // user does something. What arrives from another thread wakes it by itself.
  virtual double sleep_s() const = 0;
  virtual widgets::Playhead& playhead() = 0;
  // The playhead runs over steps 0 .. last_step(); 0 when there is nothing to play.
  virtual int last_step() const = 0;
  // Where time ends: after last_step() as long as that is still to come.
  virtual int end_step() const { return last_step(); }
  // Space and the play button, Left and Right and the step buttons; a lab whose time is not the playhead's
  // replaces them.
  virtual bool playing() const = 0;
  virtual void toggle_play() = 0;
  virtual void step(int direction) = 0;
  // What the transport says instead of "step 3 / 7"; empty for that.
  virtual std::string time_words() const { return ""; }
  // One line to be said over whatever is shown, once: what was refused, what went wrong; mostly empty.
  virtual std::string take_words() { return ""; }
  // Why the settings cannot be computed, so that what is shown is older than they are; empty: it is not.
  virtual std::string trouble() const { return ""; }
  // What is shown is of the settings: nothing that was asked for is still computed.
  virtual bool settled() const { return true; }
  // Esc: nothing is pinned any more.
  virtual void unpin() = 0;

  virtual bool can_undo() const = 0;
  virtual bool can_redo() const = 0;
  virtual void undo() = 0;
  virtual void redo() = 0;
  // Params and View as fields: sessions, presets and shared files.
  virtual void describe(core::Fields& fields) = 0;
  // A file that was dropped or given as an argument; false when the lab has no use for it.
  virtual bool open(const std::filesystem::path& path) = 0;
  // The same of what only the lab in front takes, before all else: a part of what it shows.
  virtual bool open_part(const std::filesystem::path&) { return false; }
  // The names of the built-in presets, and one of them by its name; false when there is none of this name.
  virtual std::vector<std::string> presets() const = 0;
  virtual bool load_preset(std::string_view name) = 0;
  // Waits until everything is computed and puts the playhead at t, for pictures without a window.
  virtual void settle(double t) = 0;
};

}  // namespace vitrine::labs
