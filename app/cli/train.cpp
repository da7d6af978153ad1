#include "app/cli/train.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <iostream>
#include <optional>

#include "app/cli/describe.h"
#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/io/json_fields.h"
#include "engine/train/run_folder.h"
#include "engine/train/trainer.h"

namespace vitrine::cli {
namespace {

using namespace train;

constexpr const char* kUsage = R"(Trains a model into a folder: config.json, metrics.csv, weights.safetensors.

  vitrine train config.json --out runs/a          a configuration file
  vitrine train --preset homework --out runs/a    homework, homework-wide or demo
  vitrine train --print-config homework           a full configuration, every default written out
  vitrine train --describe --preset homework      layers, parameters, multiply-adds and memory; --json

  --set optimizer.learning_rate=3e-4   changes one field; may be repeated
  --force                              replaces a run that the folder holds
  --help

Ctrl-C writes the weights. Exit codes: 0 done; 2 what was given is wrong; 3 diverged; 130 interrupted.
)";

struct Arguments {
  std::string config_file, preset, out, print_config;
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
  app.add_option("--print-config", a.print_config);
  app.add_option("--set", a.changes)->allow_extra_args(false);
  app.add_flag("--force", a.force);
  const auto describe = app.add_flag("--describe", a.describe);
  app.add_flag("--json", a.json)->needs(describe);
  app.add_flag("--help,-h", a.help);
  app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
  return a;
}

TrainConfig named_preset(const std::string& name) {
  if (const auto config = preset(name)) return *config;
  std::string known;
  for (const auto each : preset_names()) known += (known.empty() ? "" : ", ") + std::string(each);
  throw std::invalid_argument("no preset " + name + "; there are " + known);
}

TrainConfig config_from_file(const std::string& path) {
  constexpr core::Index kLimit_bytes = 1 << 20;
  RunRecord record;
  try {
    io::from_json(io::read_file(path, kLimit_bytes), record, io::Unknown::kRefuse);
  } catch (const io::FormatError& error) {
    throw io::FileError(path, error.what());
  }
  return record.config;
}

TrainConfig requested(const Arguments& a) {
  if (!a.print_config.empty()) return named_preset(a.print_config);
  if (a.config_file.empty() == a.preset.empty())
    throw std::invalid_argument("needs either a configuration file or --preset");
  return a.preset.empty() ? config_from_file(a.config_file) : named_preset(a.preset);
}

TrainConfig changed(TrainConfig config, const std::vector<std::string>& changes) {
  for (const auto& change : changes) {
    const auto equals = change.find('=');
    if (equals == std::string::npos) throw std::invalid_argument("--set " + change + ": needs field=value");
    try {
      io::set_field(config, std::string_view(change).substr(0, equals),
                    std::string_view(change).substr(equals + 1));
    } catch (const io::FormatError& error) {
      throw std::invalid_argument("--set " + change + ": " + error.what());
    }
  }
  return config;
}

// While it lives, Ctrl-C and a polite kill are noted instead of ending the program.
class Interrupt {
 public:
  Interrupt() {
    requested_ = false;
    struct sigaction note {};
    note.sa_handler = [](int) { requested_ = true; };
    for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &note, &before_[i]);
  }
  ~Interrupt() {
    for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &before_[i], nullptr);
  }
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  bool requested() const { return requested_; }

 private:
  static constexpr std::array kSignals{SIGINT, SIGTERM};
  static inline std::atomic<bool> requested_ = false;
  std::array<struct sigaction, kSignals.size()> before_{};
};

std::string percent(double share) { return core::shown(100 * share, 3) + " %"; }

// What a person sees of the run: a bar on a terminal, else a line an epoch.
class Progress {
 public:
  Progress(std::ostream& out, const Trainer& trainer)
      : out_(out), trainer_(trainer), terminal_(&out == &std::cout && isatty(STDOUT_FILENO)) {
    const Dataset& data = trainer.dataset();
    out_ << data.name << ": " << core::grouped(data.train.count()) << " images to train on, "
         << core::grouped(data.validation.count()) << " to validate with; "
         << core::grouped(trainer.model().layout().count()) << " parameters\n"
         << std::flush;
  }
  void show(const MetricPoint& point) {
    if (point.split == MetricSplit::kTrain) {
      loss_ += point.loss;
      ++steps_;
      if (terminal_) bar(point);
    } else {
      epoch(point);
    }
  }
  // Leaves the bar's line.
  void end() {
    if (terminal_) out_ << '\n' << std::flush;
  }

 private:
  void bar(const MetricPoint& point) {
    const auto now = std::chrono::steady_clock::now();
    if (now - drawn_ < std::chrono::milliseconds(100)) return;
    drawn_ = now;
    constexpr int kWidth = 24;
    const Index batch = trainer_.config().batch_size;
    const Index steps = (trainer_.dataset().train.count() + batch - 1) / batch;
    const double share = std::min(1.0, static_cast<double>(steps_) / static_cast<double>(steps));
    const auto filled = static_cast<std::size_t>(kWidth * share);
    out_ << "\r\x1b[Kepoch " << point.epoch << "/" << trainer_.config().epochs << " ["
         << std::string(filled, '#') << std::string(kWidth - filled, '.') << "] loss "
         << core::shown(mean_loss(), 4) << "  " << core::grouped(std::llround(point.images_per_second))
         << " images/s" << std::flush;
  }
  void epoch(const MetricPoint& point) {
    out_ << (terminal_ ? "\r\x1b[K" : "") << "epoch " << point.epoch << "/" << trainer_.config().epochs
         << "  step " << core::grouped(point.step) << "  train loss " << core::shown(mean_loss(), 4)
         << "  validation loss " << core::shown(point.loss, 4) << "  accuracy " << percent(point.accuracy)
         << "  " << core::grouped(std::llround(point.images_per_second)) << " images/s  "
         << core::shown(point.seconds, 4) << " s\n"
         << std::flush;
    loss_ = 0;
    steps_ = 0;
  }
  double mean_loss() const { return loss_ / static_cast<double>(std::max<Index>(1, steps_)); }

  std::ostream& out_;
  const Trainer& trainer_;
  const bool terminal_;
  double loss_ = 0;  // sum over the epoch's steps
  Index steps_ = 0;
  std::chrono::steady_clock::time_point drawn_{};
};

// Trains to the end; the folder is brought up to date after every epoch and whatever ends the run.
int run(Trainer& trainer, RunFolder& folder, std::ostream& out, std::ostream& err) {
  const Interrupt interrupt;
  Progress progress(out, trainer);
  const auto save = [&] {
    folder.write_metrics();
    folder.write_weights(trainer);
  };
  try {
    while (!trainer.done() && !interrupt.requested()) {
      const auto point = trainer.advance();
      if (!point) continue;
      folder.add(*point);
      progress.show(*point);
      if (point->split == MetricSplit::kValidation) save();
    }
  } catch (const Divergence& divergence) {
    progress.end();
    save();
    err << "vitrine: " << core::printable(divergence.what()) << "\n";
    return 3;
  }
  if (trainer.done()) return 0;
  progress.end();
  save();
  err << "vitrine: interrupted at step " << trainer.step() << "; the weights are in "
      << core::printable(folder.path().string()) << "\n";
  return 130;
}

}  // namespace

int train_command(std::span<const std::string> args, std::ostream& out, std::ostream& err) {
  constexpr std::size_t kLineLimit = 1000;
  try {
    const Arguments a = parse(args);
    if (a.help) {
      out << kUsage;
      return 0;
    }
    const TrainConfig config = changed(requested(a), a.changes);
    if (!a.print_config.empty()) {
      out << io::to_json(config);
      return 0;
    }
    if (a.describe) {
      out << description(config, a.json ? Format::kJson : Format::kTable);
      return 0;
    }
    if (a.out.empty()) throw std::invalid_argument("--out says which folder to write, and is missing");
    refuse(validate(config));
    RunFolder folder(a.out, a.force);
    core::Workers workers(threads_for(config, 0));
    Trainer trainer(config, load_dataset(config.dataset, static_cast<std::uint64_t>(config.seed), workers),
                    workers);
    folder.begin(trainer, VITRINE_VERSION);
    return run(trainer, folder, out, err);
  } catch (const CLI::ParseError& error) {
    err << "vitrine: train: " << core::printable(error.what()) << " (vitrine train --help)\n";
  } catch (const std::exception& error) {
    err << "vitrine: train: " << core::printable(error.what(), kLineLimit) << "\n";
  }
  return 2;
}

}  // namespace vitrine::cli
