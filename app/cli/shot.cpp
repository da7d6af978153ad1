#include "app/cli/shot.h"

#include <CLI/CLI.hpp>
#include <cmath>
#include <filesystem>
#include <ostream>
#include <sstream>
#include <utility>

#include "app/cli/stage_size.h"
#include "app/labs/labs.h"
#include "app/shell/picture.h"
#include "app/shell/state_file.h"
#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/io/image.h"

namespace vitrine::cli {
namespace {

void write_picture(const std::string& path, const shell::Picture& picture) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(picture.pixels.size() * 3);
  for (const gpu::Rgba8 p : picture.pixels) bytes.insert(bytes.end(), {p.r, p.g, p.b});
  io::write_png(path, picture.size.height, picture.size.width, 3, bytes);
}

// A state's file in place of a preset is opened as if it were dropped, and its lab is the picture's. Throws
// std::invalid_argument, io::FileError, io::FormatError.
void take_state(shell::PictureOptions& options) {
  if (std::filesystem::path(options.preset).extension() != shell::kStateEnding) return;
  if (!options.opened.empty())
    throw std::invalid_argument("--open cannot be used with the state " + options.preset);
  const std::string lab = shell::lab_of_state(io::read_file(options.preset, shell::kStateLimit_bytes));
  if (!options.lab.empty() && options.lab != lab)
    throw std::invalid_argument("\"" + options.preset + "\" is a state of the lab \"" + lab +
                                "\"; leave out --lab " + options.lab);
  options.lab = lab;
  options.opened = std::exchange(options.preset, "");
}

// All labs, or the presets of the one with this id. Throws std::invalid_argument.
void list_labs(std::string_view id, std::ostream& out) {
  bool known = id.empty();
  for (const auto& lab : labs::all_labs({})) {
    if (id.empty()) out << lab->info().id << "  " << lab->info().sentence << '\n';
    if (lab->info().id != id) continue;
    known = true;
    for (const std::string& preset : lab->presets()) out << preset << '\n';
  }
  if (!known)
    throw std::invalid_argument("there is no lab \"" + std::string(id) +
                                "\"; vitrine shot --list names them");
}

}  // namespace

int shot_command(std::span<const std::string> args, std::ostream& out, std::ostream& err) {
  CLI::App app("Draws a lab into a PNG file, with no display.", "vitrine shot");
  shell::PictureOptions options;
  std::string size = "1280x800", theme = "dark", path;
  bool list = false;
  app.add_flag("--list", list, "the labs, one a line: its id first; with --lab its presets");
  app.add_option("--lab", options.lab, "the lab's id");
  app.add_option("--preset", options.preset,
                 "one of the lab's presets by name, or a file with a state (.vitrine)");
  app.add_option("--open", options.opened, "a picture, a run's folder: as if it were dropped on the lab");
  app.add_option("--at", options.at,
                 "the playhead, in steps from the start; otherwise where the preset opens");
  app.add_option("--size", size, "WIDTHxHEIGHT in pixels")->capture_default_str();
  app.add_option("--scale", options.scale, "pixels a unit, as of a dense display")
      ->check(CLI::Range(0.5, 4.0));
  app.add_option("--theme", theme, "dark or light")
      ->check(CLI::IsMember({"dark", "light"}))
      ->capture_default_str();
  app.add_flag("--presenter", options.presenter, "as on a projector: stage, formula and transport only");
  app.add_option("--card", options.card, "an exercise that stands open beside its lab, by its id");
  app.add_option("--lesson", options.lesson, "a lesson that stands open beside its lab, by its id");
  app.add_option("--step", options.step, "of the lesson, from 1");
  app.add_option("--answer", options.answer, "to the exercise's first question or the lesson's prediction");
  app.add_option("--out", path, "the PNG file");
  try {
    app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
  } catch (const CLI::CallForHelp&) {
    out << app.help();
    return 0;
  } catch (const CLI::ParseError& error) {
    err << "vitrine: shot: " << core::printable(error.what()) << '\n';
    return 2;
  }
  try {
    if (list) {
      list_labs(options.lab, out);
      return 0;
    }
    take_state(options);
    const bool learns = !options.card.empty() || !options.lesson.empty();
    if ((options.lab.empty() && !learns) || path.empty())
      throw std::invalid_argument("--lab and --out are needed (vitrine shot --help)");
    if (options.at && !std::isfinite(*options.at))
      throw std::invalid_argument("--at must be a finite number of steps");
    const StageSize stage = parse_size(size);
    options.size = {stage.width, stage.height};
    options.light = theme == "light";
    write_picture(path, shell::take_picture(options));
    return 0;
  } catch (const shell::SurfaceError& error) {
    err << "vitrine: " << core::printable(error.what()) << '\n';
    return 4;
  } catch (const std::exception& error) {
    err << "vitrine: shot: " << core::printable(error.what()) << '\n';
    return 2;
  }
}

}  // namespace vitrine::cli
