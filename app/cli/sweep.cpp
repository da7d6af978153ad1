#include "app/cli/sweep.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <optional>

#include "app/cli/config_arguments.h"
#include "app/cli/interrupt.h"
#include "app/cli/range_report.h"
#include "app/cli/subcommand.h"
#include "app/cli/sweep_progress.h"
#include "app/cli/train_progress.h"
#include "engine/core/text.h"
#include "engine/train/range_test.h"
#include "engine/train/sweep_folder.h"
#include "engine/train/sweep_results.h"

namespace vitrine::cli {
namespace {

using namespace train;

constexpr const char* kUsage = R"(Trains many models that differ in a few settings, and says which is best.

  vitrine sweep sweep.json                     the trials, one after the other; a line each
  vitrine sweep sweep.json --out sweeps/a      into a folder: sweep.json, results.csv, results.json, and a
                                               run's folder for every trial in trials/0000, trials/0001, ...
  vitrine sweep --resume sweeps/a              goes on where it stopped, however it was stopped
  vitrine sweep sweep.json --json              prints the results as one JSON object, and nothing else

  --set trials=30      changes one field of the sweep; may be repeated; --set config.epochs=2
  --threads N          all that there are
  --force              replaces a sweep that the folder holds

  vitrine sweep --range-test --preset demo     learning-rate range test: the rate rises from step to step; of a
                                               preset or of a training configuration's file; --json
  --set low=1e-5 --set high=1 --set steps=200  its rates and length; --set config.batch_size=64
  --help

A sweep.json names what all trials have in common, a method (grid, random or halving), and the fields to vary:

  {"preset": "demo", "config": {"epochs": 2}, "method": "random", "trials": 12, "steps": 400,
   "axes": [{"field": "optimizer.learning_rate", "range": [1e-4, 1e-2], "scale": "log"},
            {"field": "model.depth", "values": [1, 2, 3]}]}

Trials are compared by their validation accuracy. Exit codes: 0 done; 2 what was given is wrong, or no trial can
run; 130 interrupted.
)";

struct Arguments {
  std::string file, preset, out, resume;
  std::vector<std::string> changes;  // "trials=30"
  int threads = 0;
  bool range_test = false, force = false, json = false, help = false;
};

Arguments parse(std::span<const std::string> args) {
  Arguments a;
  CLI::App app("", "vitrine sweep");
  app.set_help_flag();
  app.add_option("file", a.file);
  const auto out = app.add_option("--out", a.out);
  const auto resume = app.add_option("--resume", a.resume)->excludes(out);
  const auto set = app.add_option("--set", a.changes)->allow_extra_args(false);
  resume->excludes(set);
  app.add_option("--threads", a.threads)->check(CLI::Range(1, 1024));
  const auto force = app.add_flag("--force", a.force)->needs(out);
  const auto range_test = app.add_flag("--range-test", a.range_test)->excludes(out)->excludes(resume);
  app.add_option("--preset", a.preset)->needs(range_test);
  app.add_flag("--json", a.json);
  app.add_flag("--help,-h", a.help);
  resume->excludes(force);
  app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
  return a;
}

// Begins the first trial that can run, which loads its data.
void refuse_without_a_trial(Sweep& sweep) {
  while (!sweep.done() && sweep.place().trial < 0) sweep.advance();
  for (const Trial& trial : sweep.trials())
    if (trial.status != TrialStatus::kImpossible) return;
  throw std::invalid_argument("no trial can run; trial 0: " + sweep.trials().front().message);
}

// Works to the end or an interrupt; the folder, if there is one, then holds all that was done.
int run(Sweep& sweep, const SweepFolder* folder, const Arguments& a, std::ostream& out, std::ostream& err) {
  const Interrupt interrupt;
  const auto write = [&] {
    if (folder) folder->write_results(sweep);
  };
  {
    std::optional<SweepProgress> progress;
    if (!a.json) progress.emplace(out, sweep, terminal_columns(out));
    write();
    for (Index running = -1; !sweep.done() && !interrupt.requested();) {
      sweep.advance();
      if (progress) progress->show();
      if (std::exchange(running, sweep.place().trial) != running) write();
    }
    sweep.save();
    write();
  }
  out << (a.json ? results_json(sweep) : sweep_table(sweep));
  if (sweep.done()) return 0;
  err << "vitrine: interrupted";
  if (folder)
    err << "; vitrine sweep --resume " << core::printable(folder->path().string()) << " goes on\n";
  else
    err << "; with --out a sweep can go on\n";
  return 130;
}

int begin(const Arguments& a, core::Workers& workers, std::ostream& out, std::ostream& err) {
  if (a.file.empty()) throw std::invalid_argument("needs the file of a sweep");
  const SweepSpec spec = changed(read_sweep(a.file), a.changes);
  refuse(validate(spec));
  if (a.out.empty()) {
    Sweep sweep(spec, workers);
    refuse_without_a_trial(sweep);
    return run(sweep, nullptr, a, out, err);
  }
  SweepFolder folder(a.out, a.force ? Existing::kReplace : Existing::kRefuse);
  Sweep sweep(spec, workers, &folder);
  refuse_without_a_trial(sweep);
  folder.begin(spec);
  return run(sweep, &folder, a, out, err);
}

int resume(const Arguments& a, core::Workers& workers, std::ostream& out, std::ostream& err) {
  if (!a.file.empty()) throw std::invalid_argument("--resume takes the sweep from its folder");
  SweepFolder folder(a.resume, Existing::kResume);
  Sweep sweep(folder.spec(), workers, &folder);
  folder.restore(sweep);
  return run(sweep, &folder, a, out, err);
}

int test_range(const Arguments& a, core::Workers& workers, std::ostream& out, std::ostream& err) {
  RangeTestSpec spec;
  spec.config = requested_config(a.file, a.preset);
  spec = changed(spec, a.changes);
  refuse(validate(spec));
  const Interrupt interrupt;
  RangeTest test(spec, load_dataset(spec.config.dataset, spec.config.seed, workers), workers);
  while (!test.done() && !interrupt.requested()) test.advance();
  out << (a.json ? range_json(test.result()) : range_table(test.result()));
  if (test.done()) return 0;
  err << "vitrine: interrupted at step " << test.result().points.size() << "\n";
  return 130;
}

}  // namespace

int sweep_command(std::span<const std::string> args, std::ostream& out, std::ostream& err) {
  return subcommand("sweep", err, [&] {
    const Arguments a = parse(args);
    if (a.help) {
      out << kUsage;
      return 0;
    }
    core::Workers workers(a.threads ? a.threads : core::available_threads());
    const auto command = a.range_test ? test_range : a.resume.empty() ? begin : resume;
    return command(a, workers, out, err);
  });
}

}  // namespace vitrine::cli
