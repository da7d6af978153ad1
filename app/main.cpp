// vitrine: the window, and the engine from a shell. One subcommand, one file in app/cli.
#include <CLI/CLI.hpp>
#include <Eigen/Core>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "app/cli/compute.h"
#include "app/cli/shot.h"
#include "app/cli/train.h"
#include "app/shell/surface.h"
#include "app/shell/window.h"
#include "engine/core/text.h"

namespace {

constexpr const char* kUsage = R"(Vitrine: a glass case for convolution, attention and Vision Transformers.

  vitrine [FILE...]        opens the window; a picture given here is shown in it
  vitrine compute ...      the engine from a shell: one JSON request in, one result out
  vitrine train ...        trains a model as the window does, into a folder
  vitrine shot ...         draws a lab into a PNG file, with no display

Each of the three has its own --help. Options of the window:

  --lab ID                 opens with this lab (vitrine shot --list names them)
  --fresh                  neither restores nor saves the session
  --quit-after SECONDS     closes by itself and prints what drawing cost
  --version, --help

Exit codes: 0 done; 2 what was given is wrong; 3 training diverged; 4 no display or OpenGL; 130 interrupted.
)";

int window_command(std::span<const std::string> args) {
  CLI::App app("", "vitrine");
  app.set_help_flag();
  vitrine::shell::WindowOptions options;
  std::vector<std::string> files;
  app.add_option("files", files);
  app.add_option("--lab", options.lab);
  app.add_flag("--fresh", options.fresh);
  app.add_option("--quit-after", options.quit_after_s);
  try {
    app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
    options.files.assign(files.begin(), files.end());
    vitrine::shell::run_window(options);
    return 0;
  } catch (const CLI::ParseError& error) {
    std::cerr << "vitrine: " << vitrine::core::printable(error.what()) << " (vitrine --help)\n";
    return 2;
  } catch (const vitrine::shell::SurfaceError& error) {
    std::cerr << "vitrine: " << vitrine::core::printable(error.what()) << '\n';
    return 4;
  } catch (const std::exception& error) {
    std::cerr << "vitrine: " << vitrine::core::printable(error.what()) << '\n';
    return 2;
  }
}

}  // namespace

int main(int argc, char** argv) {
  Eigen::setCpuCacheSizes(32 << 10, 256 << 10,
                          8 << 20);  // blocking, and so the bits, must not depend on the machine
  const std::vector<std::string> args(argv + 1, argv + argc);
  const std::string first = args.empty() ? "" : args.front();
  const std::span<const std::string> rest = args.empty() ? std::span(args) : std::span(args).subspan(1);
  if (first == "--help" || first == "-h" || first == "help") {
    std::cout << kUsage;
    return 0;
  }
  if (first == "--version") {
    std::cout << "vitrine " VITRINE_VERSION "\n";
    return 0;
  }
  if (first == "compute") return vitrine::cli::compute_command(rest, std::cin, std::cout, std::cerr);
  if (first == "train") return vitrine::cli::train_command(rest, std::cout, std::cerr);
  if (first == "shot") return vitrine::cli::shot_command(rest, std::cout, std::cerr);
  return window_command(args);
}
