#include "app/cli/export.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <ostream>
#include <stop_token>
#include <thread>

#include "app/cli/export_run.h"
#include "app/cli/interrupt.h"
#include "app/cli/stage_size.h"
#include "app/cli/subcommand.h"
#include "app/figures/parcel.h"
#include "app/labs/labs.h"
#include "app/shell/app.h"
#include "app/shell/state_file.h"
#include "engine/io/files.h"

namespace vitrine::cli {
namespace {

struct Request {
  std::string lab, preset;
  std::filesystem::path state, opened, run, out;
  std::optional<double> at;
  figures::PackOptions pack;
};

void list_formats(std::ostream& out) {
  for (const figures::Format& format : figures::formats())
    out << format.extension << "  " << format.words << '\n';
  out << shell::kStateEnding << "  State, to be opened again (JSON)\n";
}

// The lab, with everything that was asked for computed. Throws std::invalid_argument and what reading throws.
void prepare(shell::App& app, const Request& request, std::ostream& err) {
  if (!request.state.empty())
    if (const std::string words = shell::open_state(request.state, app); !words.empty())
      err << "vitrine: export: " << request.state.string() << ": " << words << '\n';
  if (!request.lab.empty() && !app.select(request.lab))
    throw std::invalid_argument("there is no lab \"" + request.lab + "\"; vitrine shot --list names them");
  labs::Lab& lab = app.lab();
  if (!request.preset.empty() && !lab.load_preset(request.preset))
    throw std::invalid_argument("\"" + request.preset + "\" is no preset of " + std::string(lab.info().id) +
                                "; vitrine shot --lab " + std::string(lab.info().id) + " --list names them");
  if (!request.opened.empty() && !lab.open(request.opened))
    throw std::invalid_argument("--open: " + std::string(lab.info().id) + " has no use for this file");
  lab.settle(request.at.value_or(lab.playhead().t));
  if (const std::string words = lab.take_words(); !words.empty()) throw std::invalid_argument(words);
}

// Ctrl-C and the like leave nothing half-written; false: there was one.
bool write(const std::filesystem::path& out, const figures::Parcel& parcel,
           const figures::Typefaces& typefaces) {
  constexpr std::chrono::milliseconds kLook(50);
  const Interrupt interrupt;
  std::stop_source stop;
  const std::jthread watch([&](std::stop_token written) {
    std::mutex alone;
    std::unique_lock lock(alone);
    std::condition_variable_any end;  // of what is watched: nobody waits for the next look
    const auto asked = [&] { return interrupt.requested(); };
    while (!written.stop_requested() && !end.wait_for(lock, written, kLook, asked)) {
    }
    if (asked()) stop.request_stop();
  });
  core::Progress progress;
  return figures::write(out, parcel, typefaces, stop.get_token(), progress);
}

// The exit code. What is to be said of the state that was opened goes to `err`.
int export_lab(const Request& request, std::ostream& err) {
  const widgets::Fonts no_window;
  shell::App app(labs::all_labs({}), no_window, nullptr);
  if (io::ending_of(request.out) == shell::kStateEnding) {
    prepare(app, request, err);
    io::write_file(request.out, shell::state_text(app));
    return 0;
  }
  const figures::Format& format = figures::format_of(request.out);
  const figures::Typefaces typefaces;
  prepare(app, request, err);
  const figures::Parcel parcel = figures::pack(app.lab(), format, request.pack, typefaces, app.words());
  if (write(request.out, parcel, typefaces)) return 0;
  err << "vitrine: export: interrupted; nothing was written\n";
  return 130;
}

}  // namespace

int export_command(std::span<const std::string> args, std::ostream& out, std::ostream& err) {
  CLI::App app(
      "Takes out of a lab what it shows: the extension of the file says what it is to be (--list).\n"
      "With --run: a run's folder for other programs, as .onnx, .safetensors, .py, .csv or TensorBoard's "
      "event file.",
      "vitrine export");
  Request request;
  std::string size = "960x600", theme = "dark";
  bool list = false;
  app.add_flag("--list", list, "the kinds of files, one a line: the extension first");
  CLI::Option* lab = app.add_option("--lab", request.lab, "the lab's id (vitrine shot --list names them)");
  CLI::Option* state =
      app.add_option("--state", request.state, "a .vitrine file; it names its lab")->excludes(lab);
  app.add_option("--preset", request.preset, "one of the lab's presets by name");
  app.add_option("--open", request.opened, "a picture, a run's folder, a model: as if dropped on the lab");
  app.add_option("--at", request.at,
                 "the playhead, in steps from the start; otherwise where the state opens");
  app.add_option("--size", size, "WIDTHxHEIGHT of the stage in units")->capture_default_str();
  app.add_option("--scale", request.pack.scale, "pixels a unit, of PNG and animations")
      ->check(CLI::Range(0.1, 16.0))
      ->capture_default_str();
  app.add_option("--theme", theme, "dark or light")
      ->check(CLI::IsMember({"dark", "light"}))
      ->capture_default_str();
  app.add_flag("--frame", request.pack.figure.frame, "with the title above and the formula below");
  app.add_flag("--transparent", request.pack.figure.transparent, "without a ground");
  app.add_option("--numbers", request.pack.numbers, "of .csv and .npy: which of the lab's numbers; else all");
  app.add_option("--seconds", request.pack.film.seconds,
                 "that an animation moves; otherwise as the play button does")
      ->check(CLI::Range(0.1, 600.0));
  app.add_option("--fps", request.pack.film.frames_a_second, "frames a second of an animation")
      ->check(CLI::Range(1.0, 60.0))
      ->capture_default_str();
  app.add_option("--run", request.run, "a run's folder in a lab's stead")->excludes(lab)->excludes(state);
  app.add_option("--out", request.out, "the file");
  return subcommand("export", err, [&] {
    try {
      app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
    } catch (const CLI::CallForHelp&) {
      out << app.help();
      return 0;
    }
    if (list) {
      list_formats(out);
      return 0;
    }
    if (request.out.empty() || (request.lab.empty() && request.state.empty() && request.run.empty()))
      throw std::invalid_argument(
          "--out and one of --lab, --state, --run are needed (vitrine export --help)");
    if (request.at && !std::isfinite(*request.at))
      throw std::invalid_argument("--at must be a finite number of steps");
    if (!request.run.empty()) {
      export_run(request.run, request.out);
      return 0;
    }
    const StageSize stage = parse_size(size);
    request.pack.figure.width = static_cast<float>(stage.width);
    request.pack.figure.height = static_cast<float>(stage.height);
    request.pack.film.scale = request.pack.scale;
    request.pack.figure.light = theme == "light";
    return export_lab(request, err);
  });
}

}  // namespace vitrine::cli
