// vitrine: the window, and the engine from a shell. One subcommand, one file in app/cli.
#include <Eigen/Core>
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include "app/cli/compute.h"
#include "app/cli/data.h"
#include "app/cli/eval.h"
#include "app/cli/export.h"
#include "app/cli/lesson.h"
#include "app/cli/shot.h"
#include "app/cli/sweep.h"
#include "app/cli/train.h"
#include "app/cli/version.h"
#include "app/cli/window.h"

namespace {

constexpr const char* kUsage = R"(Vitrine: a glass case for convolution, attention and Vision Transformers.

  vitrine [FILE...]        opens the window, and in it states (.vitrine), pictures, matrices, models
                           (.safetensors), a run's folder to go on with, a card's or a lesson's file
  vitrine compute ...      the engine from a shell: one JSON request in, one result out
  vitrine train ...        trains a model as the window does, into a folder
  vitrine sweep ...        trains many that differ in a few settings, and compares them; learning-rate test
  vitrine data ...         the data sets: what is there, fetching, showing
  vitrine eval ...         how well a trained model does: accuracy, confusions, worst mistakes
  vitrine lesson ...       exercises from a shell: checking their files, grading answers
  vitrine shot ...         draws a lab into a PNG file, with no display
  vitrine export ...       figures, animations, numbers, formulas and code of a lab; a run for other programs

Each of them has its own --help. Options of the window:

  --lab ID                 opens with this lab (vitrine shot --list names them)
  --fresh                  neither restores nor saves the session
  --quit-after SECONDS     closes by itself and prints what drawing cost
  --version, --help

Exit codes: 0 done; 1 an exercise's answer is not right; 2 what was given is wrong; 3 training diverged; 4 no display or OpenGL; 130 interrupted.
)";

int run(std::span<const std::string> args) {
  const std::string first = args.empty() ? "" : args.front();
  const std::span<const std::string> rest = args.subspan(args.empty() ? 0 : 1);
  if (first == "--help" || first == "-h" || first == "help") {
    std::cout << kUsage;
    return 0;
  }
  if (first == "--version") {
    std::cout << vitrine::cli::version_text();
    return 0;
  }
  if (first == "compute") return vitrine::cli::compute_command(rest, std::cin, std::cout, std::cerr);
  if (first == "train") return vitrine::cli::train_command(rest, std::cout, std::cerr);
  if (first == "sweep") return vitrine::cli::sweep_command(rest, std::cout, std::cerr);
  if (first == "data") return vitrine::cli::data_command(rest, std::cout, std::cerr);
  if (first == "eval") return vitrine::cli::eval_command(rest, std::cout, std::cerr);
  if (first == "lesson") return vitrine::cli::lesson_command(rest, std::cout, std::cerr);
#ifdef VITRINE_WINDOW
  if (first == "export") return vitrine::cli::export_command(rest, std::cout, std::cerr);
  if (first == "shot") return vitrine::cli::shot_command(rest, std::cout, std::cerr);
  return vitrine::cli::window_command(args, std::cerr);
#else
  std::cerr << "vitrine: built without a window: only compute, train, sweep, data, eval and lesson are "
               "there (vitrine --help)\n";
  return 4;
#endif
}

}  // namespace

int main(int argc, char** argv) {
  // Blocking, and so the bits, must not depend on the machine.
  Eigen::setCpuCacheSizes(32 << 10, 256 << 10, 8 << 20);
  const int code = run(std::vector<std::string>(argv + 1, argv + argc));
  if (code == 0 && !std::cout.flush()) {
    std::cerr << "vitrine: standard output cannot be written\n";
    return 2;
  }
  return code;
}
