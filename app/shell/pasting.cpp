#include "app/shell/pasting.h"

#include <algorithm>
#include <array>
#include <utility>

#include "app/shell/app.h"
#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/io/matrix_text.h"
#include "engine/io/npy.h"

namespace vitrine::shell {
namespace {

using Paste = widgets::ControlState::Paste;

constexpr std::array<std::string_view, 5> kText = {".csv", ".tsv", ".txt", ".m", ".tex"};

std::vector<Paste> arrays_of(const std::filesystem::path& file) {
  std::vector<Paste> all;
  if (io::ending_of(file) == ".npy") {
    all.push_back({"", io::read_npy(file)});
  } else if (io::ending_of(file) == ".npz") {
    for (io::NamedArray& array : io::read_npz(file)) all.push_back({array.name, std::move(array.values)});
  } else {
    try {
      all.push_back({"", io::parse_matrix(io::read_file(file, io::kMatrixTextLimit_bytes))});
    } catch (const io::FormatError& error) {
      throw io::FileError(file, error.what());
    }
  }
  if (all.size() == 1) all.front().name.clear();
  return all;
}

}  // namespace

void Pasting::offer(std::vector<Paste> pastes, widgets::Point at_px, App& app) {
  widgets::ControlState& controls = *app.controls_of(app.lab().info().id);
  controls.pastes = std::move(pastes);
  controls.pasted_at = at_px;
}

void Pasting::paste(std::string_view text, widgets::Point at_px, App& app) {
  try {
    offer({{"", io::parse_matrix(text)}}, at_px, app);
    to_first_ = false;
  } catch (const io::FormatError& error) {
    app.say(std::string(app.words().of("What is on the clipboard is neither a state nor a matrix")) + ": " +
            core::printable(error.what(), 200));
  }
}

bool Pasting::open(const std::filesystem::path& file, widgets::Point at_px, App& app) {
  const std::string ending = io::ending_of(file);
  if (ending != ".npy" && ending != ".npz" && std::ranges::find(kText, ending) == kText.end()) return false;
  try {
    offer(arrays_of(file), at_px, app);
    to_first_ = true;
  } catch (const io::FileError& error) {
    app.say(core::printable(error.what(), 300));
  }
  return true;
}

void Pasting::settle(App& app) {
  widgets::ControlState& controls = *app.controls_of(app.lab().info().id);
  if (controls.pastes.empty()) return;
  if (std::exchange(to_first_, false) && controls.pastes.front().name.empty() &&
      !controls.first_grid.empty()) {
    controls.pastes.front().name = controls.first_grid;  // in the next frame
    return;
  }
  std::string names;
  for (const Paste& paste : controls.pastes) names += (names.empty() ? "" : ", ") + paste.name;
  controls.pastes.clear();
  app.say(names.empty() ? std::string(app.words().of("Point at a grid of numbers to paste a matrix into it"))
                        : std::string(app.words().of("There is no grid of this name here")) + ": " +
                              core::printable(names, 200));
}

}  // namespace vitrine::shell
