#include "app/cli/shot.h"

#include <CLI/CLI.hpp>
#include <cmath>
#include <ostream>
#include <sstream>

#include "app/labs/labs.h"
#include "app/shell/picture.h"
#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/io/image.h"

namespace vitrine::cli {
namespace {

constexpr int kLargestSide_px = 8192;

// "1280x800". Throws std::invalid_argument.
shell::PixelSize parse_size(const std::string& text) {
  const auto wrong = [&] {
    return std::invalid_argument("--size: \"" + core::printable(text, 40) +
                                 "\" is not WIDTHxHEIGHT, each from 64 to " +
                                 std::to_string(kLargestSide_px));
  };
  const std::size_t x = text.find('x');
  if (x == std::string::npos) throw wrong();
  const auto side = [&](const std::string& part) {
    const auto value = core::parse_number(part);
    if (!value || *value != std::floor(*value) || *value < 64 || *value > kLargestSide_px) throw wrong();
    return static_cast<int>(*value);
  };
  return {side(text.substr(0, x)), side(text.substr(x + 1))};
}

void write_picture(const std::string& path, const shell::Picture& picture) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(picture.pixels.size() * 3);
  for (const gpu::Rgba8 p : picture.pixels) bytes.insert(bytes.end(), {p.r, p.g, p.b});
  io::write_png(path, picture.size.height, picture.size.width, 3, bytes);
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
  app.add_option("--preset", options.preset, "one of the lab's presets by name, or a file with its state");
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
    const bool learns = !options.card.empty() || !options.lesson.empty();
    if ((options.lab.empty() && !learns) || path.empty())
      throw std::invalid_argument("--lab and --out are needed (vitrine shot --help)");
    if (options.at && !std::isfinite(*options.at))
      throw std::invalid_argument("--at must be a finite number of steps");
    options.size = parse_size(size);
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
