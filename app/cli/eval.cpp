#include "app/cli/eval.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ostream>

#include "app/cli/contact_sheet.h"
#include "app/cli/eval_report.h"
#include "app/cli/subcommand.h"
#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/io/image.h"
#include "engine/train/saved_run.h"

namespace vitrine::cli {
namespace {

namespace fs = std::filesystem;
using namespace train;

constexpr const char* kUsage = R"(Says how well a run's newest weights do on its validation images.

  vitrine eval runs/a                       accuracy, loss, scores of every class, confusions, worst mistakes
  vitrine eval runs/a --json                the same as one JSON object
  vitrine eval runs/a --out FOLDER          writes evaluation.json there, and worst.png: the worst mistakes,
                                            from the left to the right and then down
  vitrine eval runs/a --data mnist          on the validation images of other data
  vitrine eval runs/a --data folder:PATH    digits, shapes, fashion-mnist, mnist, idx or folder

  --worst N      lists that many mistakes (20)
  --threads N    all that there are
  --help

Exit codes: 0 done; 2 what was given is wrong.
)";

struct Arguments {
  std::string run, data, out;
  Index worst = 20;
  int threads = 0;
  bool json = false, help = false;
};

Arguments parse(std::span<const std::string> args) {
  Arguments a;
  CLI::App app("", "vitrine eval");
  app.set_help_flag();
  app.add_option("run", a.run);
  app.add_option("--data", a.data);
  app.add_option("--out", a.out);
  app.add_option("--worst", a.worst)->check(CLI::Range(Index{0}, Index{10'000}));
  app.add_option("--threads", a.threads)->check(CLI::Range(1, 1024));
  app.add_flag("--json", a.json);
  app.add_flag("--help,-h", a.help);
  app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
  return a;
}

// "mnist", "folder:PATH"
DatasetConfig data_named(const std::string& text) {
  const auto colon = text.find(':');
  const auto kind = std::ranges::find(kDatasetKinds, std::string_view(text).substr(0, colon));
  if (kind == kDatasetKinds.end()) {
    std::string known;
    for (const auto each : kDatasetKinds) known += (known.empty() ? "" : ", ") + std::string(each);
    throw std::invalid_argument("--data " + text + ": no such data; there are " + known);
  }
  DatasetConfig config;
  config.kind = static_cast<DatasetKind>(kind - kDatasetKinds.begin());
  if (colon != std::string::npos) config.path = text.substr(colon + 1);
  if (config.path.empty() && needs_path(config.kind))
    throw std::invalid_argument("--data " + text + ": says not where; --data " + std::string(*kind) +
                                ":FOLDER");
  return config;
}

// The pictures to evaluate on, normalised as the run's were.
Dataset data_for(const SavedRun& run, const std::string& other, core::Workers& workers) {
  TrainConfig config = run.record.config;
  if (!other.empty()) config.dataset = data_named(other);
  refuse(validate(config));
  Dataset data = *load_dataset(config.dataset, config.seed, workers);
  data.mean = run.record.run.mean;
  data.deviation = run.record.run.deviation;
  return data;
}

void write_files(const fs::path& folder, const EvalReport& report) {
  io::make_folder(folder);
  const fs::path picture = folder / "worst.png";
  const auto worst = report.evaluation.worst(report.worst);
  if (worst.empty()) {
    std::error_code none;
    fs::remove(picture, none);  // of an earlier evaluation
  } else {
    const Sheet sheet = mistakes_sheet(report.dataset, report.evaluation, worst);
    io::write_png(picture, sheet.height, sheet.width, 3, sheet.rgb);
  }
  io::write_file(folder / "evaluation.json", json_of(report));
}

}  // namespace

int eval_command(std::span<const std::string> args, std::ostream& out, std::ostream& err) {
  return subcommand("eval", err, [&] {
    const Arguments a = parse(args);
    if (a.help) {
      out << kUsage;
      return 0;
    }
    if (a.run.empty()) throw std::invalid_argument("needs the folder of a run");
    core::Workers workers(a.threads ? a.threads : core::available_threads());
    const SavedRun run = open_run(a.run);
    const Dataset data = data_for(run, a.data, workers);
    const auto [model, weights] =
        load_model(run, {data.channels(), data.height(), data.width()}, data.classes, workers.threads());
    const Evaluation evaluation = evaluate(*model, weights, data, data.validation, workers);
    const EvalReport report{a.run, data.checksum == run.record.run.dataset_checksum, a.worst, data,
                            evaluation};
    if (!a.out.empty()) write_files(a.out, report);
    out << (a.json ? json_of(report) : table_of(report));
    return 0;
  });
}

}  // namespace vitrine::cli
