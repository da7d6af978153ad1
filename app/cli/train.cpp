#include "app/cli/train.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <optional>

#include "app/cli/config_arguments.h"
#include "app/cli/describe.h"
#include "app/cli/interrupt.h"
#include "app/cli/subcommand.h"
#include "app/cli/train_progress.h"
#include "engine/core/text.h"
#include "engine/train/resume.h"
#include "engine/train/run_folder.h"
#include "engine/train/trainer.h"

namespace vitrine::cli {
namespace {

using namespace train;

constexpr const char* kUsage =
    R"(Trains a model into a folder: config.json, metrics.csv, events.jsonl, weights.safetensors, checkpoint.bin.

  vitrine train config.json --out runs/a          a configuration file
  vitrine train --preset homework --out runs/a    or one of the presets below
  vitrine train --resume runs/a                   goes on where it stopped, however it was stopped
  vitrine train --print-config homework           a full configuration, every default written out
  vitrine train --describe --preset homework      layers, parameters, multiply-adds and memory; --json

  --set optimizer.learning_rate=3e-4   changes one field; may be repeated
  --force                              replaces a run that the folder holds
  --help

Presets: homework, a small ViT on MNIST; homework-wide, with eight heads of 64; homework-fine, with patches of
4 x 4, slower and more accurate; demo, on generated digits, worth watching within seconds; cnn and mlp, on
Fashion-MNIST.

A checkpoint is written at each epoch's end, every 30 seconds, and at Ctrl-C. Exit codes: 0 done; 2 what was
given is wrong; 3 diverged; 130 interrupted.
)";

struct Arguments {
  std::string config_file, preset, out, resume, print_config;
  std::vector<std::string> changes;  // "optimizer.learning_rate=3e-4"
  bool force = false, describe = false, json = false, help = false;
};

Arguments parse(std::span<const std::string> args) {
  Arguments a;
  CLI::App app("", "vitrine train");
  app.set_help_flag();
  app.add_option("config", a.config_file);
  app.add_option("--preset", a.preset);
  app.add_option("--out", a.out);
  app.add_option("--resume", a.resume);
  app.add_option("--print-config", a.print_config);
  app.add_option("--set", a.changes)->allow_extra_args(false);
  app.add_flag("--force", a.force);
  const auto describe = app.add_flag("--describe", a.describe);
  app.add_flag("--json", a.json)->needs(describe);
  app.add_flag("--help,-h", a.help);
  app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
  return a;
}

TrainConfig requested(const Arguments& a) {
  if (!a.print_config.empty()) return named_preset(a.print_config);
  return requested_config(a.config_file, a.preset);
}

// The configuration under which a run goes on.
TrainConfig changed_on_the_way(const TrainConfig& before, const std::vector<std::string>& changes) {
  for (const auto& change : changes)
    if (!may_go_on_as(before, changed(before, {change})))
      throw std::invalid_argument("--set " + change + ": a run that goes on may change only " +
                                  fields_that_may_change());
  return changed(before, changes);
}

// Trains to the end; whatever ends it, the folder holds a checkpoint from which it goes on.
int run(Trainer& trainer, RunFolder& folder, const Interrupt& interrupt, std::ostream& out,
        std::ostream& err) {
  TrainProgress progress(out, trainer, terminal_columns(out));
  const std::string place = core::printable(folder.path().string());
  try {
    while (!trainer.done() && !interrupt.requested()) {
      const auto point = trainer.advance();
      if (point) folder.add(*point);
      const bool epoch_ends = point && point->split == MetricSplit::kValidation;
      if (epoch_ends || folder.due()) folder.save(trainer);
      if (point) progress.show(*point);
    }
  } catch (const Divergence& divergence) {
    progress.end();
    folder.add(event_of(divergence, trainer.step()));
    folder.save(trainer);
    err << "vitrine: " << core::printable(divergence.what()) << "; step " << trainer.step()
        << ", the last good one, is kept in " << place << "; vitrine train --resume " << place
        << " --set optimizer.learning_rate=" << core::shown(trainer.config().optimizer.learning_rate / 10, 2)
        << " goes on more slowly\n";
    return 3;
  }
  if (trainer.done()) return 0;
  progress.end();
  folder.add(Event{trainer.step(), EventKind::kInterrupt});
  folder.save(trainer);
  err << "vitrine: interrupted at step " << trainer.step() << "; vitrine train --resume " << place
      << " goes on\n";
  return 130;
}

int begin(const Arguments& a, const TrainConfig& config, std::ostream& out, std::ostream& err) {
  if (a.out.empty()) throw std::invalid_argument("--out says which folder to write, and is missing");
  refuse(validate(config));
  RunFolder folder(a.out, a.force ? Existing::kReplace : Existing::kRefuse);
  core::Workers workers(threads_for(config, 0));
  Trainer trainer(config, load_dataset(config.dataset, config.seed, workers), workers);
  const Interrupt interrupt;
  folder.begin(trainer);
  folder.add(Event{0, EventKind::kStart});
  return run(trainer, folder, interrupt, out, err);
}

int resume(const Arguments& a, std::ostream& out, std::ostream& err) {
  if (!a.config_file.empty() || !a.preset.empty() || !a.out.empty() || !a.print_config.empty() || a.force ||
      a.describe)
    throw std::invalid_argument(
        "--resume takes configuration and folder from the run; only --set goes with it");
  RunFolder folder(a.resume, Existing::kResume);
  Checkpoint checkpoint = folder.checkpoint();
  const RunRecord before = checkpoint.record;
  const TrainConfig config = changed_on_the_way(before.config, a.changes);
  refuse(validate(config));
  core::Workers workers(threads_for(config, 0));
  Trainer trainer(config, load_dataset(config.dataset, config.seed, workers), workers);
  train::resume(trainer, std::move(checkpoint));
  if (trainer.done()) {
    out << "the run is done: epochs " << config.epochs << "; --set epochs=" << config.epochs + 1
        << " goes on with it\n";
    return 0;
  }
  if (const std::string warning = rounding_warning(before.run); !warning.empty())
    err << "vitrine: train: " << core::printable(warning) << "\n";
  const Interrupt interrupt;
  folder.resume(before, trainer);
  return run(trainer, folder, interrupt, out, err);
}

}  // namespace

int train_command(std::span<const std::string> args, std::ostream& out, std::ostream& err) {
  return subcommand("train", err, [&] {
    const Arguments a = parse(args);
    if (a.help) {
      out << kUsage;
      return 0;
    }
    if (!a.resume.empty()) return resume(a, out, err);
    const TrainConfig config = changed(requested(a), a.changes);
    if (!a.print_config.empty()) {
      out << io::to_json(config);
      return 0;
    }
    if (a.describe) {
      out << description(config, a.json ? Format::kJson : Format::kTable);
      return 0;
    }
    return begin(a, config, out, err);
  });
}

}  // namespace vitrine::cli
