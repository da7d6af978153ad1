// Pasting: matrices from elsewhere into the grids of numbers of the open lab's controls: text from the
// clipboard into the grid that is pointed at or has the keyboard, files also into the first one.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "app/widgets/controls.h"

namespace vitrine::shell {

class App;

class Pasting {
 public:
  // Text with a matrix as NumPy, MATLAB, CSV or LaTeX write it. It is said when it is none.
  void paste(std::string_view text, widgets::Point at_px, App& app);
  // A .npy, .npz or a text file with a matrix; false: another kind of file. An archive's arrays go to the
  // grids of their names.
  bool open(const std::filesystem::path& file, widgets::Point at_px, App& app);
  // Once a frame, after the controls: goes on with what no grid has taken, and says when none can.
  void settle(App& app);

 private:
  void offer(std::vector<widgets::ControlState::Paste> pastes, widgets::Point at_px, App& app);

  bool to_first_ = false;  // where no grid is pointed at
};

}  // namespace vitrine::shell
