// TakeAlong: what of the open lab leaves the window by hand: figures, animations, numbers, its formula, its
// code. A section of the inspector says as what, a right click on the stage offers the shortest ways. Files
// are written on a thread of their own; an animation is filmed a few frames at a time, so the window goes on.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/figures/parcel.h"
#include "app/widgets/controls.h"
#include "app/widgets/file_browser.h"
#include "engine/core/job.h"
#include "engine/io/matrix_text.h"

namespace vitrine::shell {

class App;

class TakeAlong {
 public:
  TakeAlong();

  // The inspector's section.
  void controls(widgets::Controls& controls, App& app);
  // A right click on the stage, or a key: opens the menu of what the pointer is on, whose numbers these are.
  using Under = widgets::ImGuiCanvas::Taken;
  void open_menu(std::optional<Under> under);
  // Begins the file, as the section says and its extension; what is wrong is said.
  void begin(const std::filesystem::path& file, App& app);
  // Once a frame, inside the window: the menu, where to save, what is on its way. `stage` is its size in
  // units, which a figure gets.
  void draw(const widgets::Screen& screen, App& app, const widgets::Rect& stage);
  // At the very end: what is being written may still become a file, if it does so soon; else the words that
  // name it.
  std::string end(std::chrono::milliseconds patience = std::chrono::seconds(2));
  // How long the window may sleep: not at all while it films.
  double sleep_s() const;
  // Something is on its way to a file.
  bool busy() const { return filming_.has_value() || state_ != State::kIdle; }

 private:
  struct Order {
    int number = 0;  // 0: nothing, which ends what is being written and frees it
    std::filesystem::path file{};
    std::shared_ptr<const figures::Parcel> parcel{};
    bool operator==(const Order&) const = default;
  };
  struct Written {};

  void ask_where(const figures::Format& format, App& app);
  void begin_settled(App& app);
  void film_on(App& app);
  void leave(labs::Lab& lab);
  void stop_filming(App& app);
  void write(figures::Parcel parcel);
  void take_answer(App& app);
  void cancel(App& app);
  void copy(const std::string& text, std::string_view words, App& app) const;
  void copy_numbers(const core::Tensor<double>& values, io::MatrixFormat format, App& app) const;
  void copy_text(const figures::Format& format, App& app) const;
  void draw_menu(const widgets::Screen& screen, App& app);
  double fraction() const;
  const figures::Typefaces& typefaces();
  const std::vector<std::string>& names_of_numbers(App& app);

  enum class Colours { kWindow, kDark, kLight };

  std::size_t chosen_ = 0;  // of figures::formats()
  Colours colours_ = Colours::kWindow;
  figures::PackOptions options_;
  std::unique_ptr<figures::Typefaces> typefaces_;  // when they are first needed
  std::optional<Under> under_;
  bool menu_wanted_ = false;
  struct {
    std::string lab;
    std::uint64_t digest = 0;
    std::size_t small = 0;  // how many numbers every frame may see
    std::vector<std::string> names;
  } named_;
  widgets::FileDialog dialog_;
  std::filesystem::path folder_, file_;  // where the last one went; what is on its way
  std::string lab_;                      // whose it is
  std::optional<figures::Filming> filming_;
  std::uint64_t filmed_digest_ = 0;  // of the lab's Params
  bool plays_on_ = false;            // once it is filmed
  enum class State { kIdle, kSettling, kWriting, kCancelling } state_ = State::kIdle;
  int orders_ = 0;                             // so far
  std::shared_ptr<std::atomic<int>> written_;  // the number of the last order that became a file
  core::Job<Order, Written> job_;
};

}  // namespace vitrine::shell
