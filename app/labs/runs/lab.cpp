#include "app/labs/runs/lab.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <thread>
#include <tuple>

#include "app/labs/compute_lab.h"
#include "app/labs/training/run_numbers.h"
#include "app/widgets/tabs.h"
#include "engine/core/text.h"
#include "engine/train/foreign_runs.h"

namespace vitrine::labs {

using core::Index;
using train::SweepStatus;
using widgets::Controls;
using widgets::Rect;
using widgets::Role;

namespace {

constexpr double kRefresh_s = 0.1;  // of the pictures while a sweep works
constexpr std::array<std::string_view, 3> kExhibits{"Runs", "Learning-rate test", "Sweep"};
constexpr double kLowestRate = 1e-9, kHighestRate = 1e3;  // of a range test
constexpr widgets::IntegerRange kUpdates{10, 100'000, 200};
constexpr std::string_view kDemoTest = "Test of the demo", kDemoSweep = "Sweep of the demo";

std::string rate_words(double rate) { return core::shown(rate, 2); }

// As it is written into the edit: two digits say all that the test can tell.
double rounded_rate(double rate) { return *core::parse_number(rate_words(rate)); }

// Of training; NaN where there is only validation.
lessons::Value last_losses(const std::vector<runs::ElsewhereRun>& runs) {
  lessons::Value losses({std::ssize(runs)}, std::numeric_limits<double>::quiet_NaN());
  for (Index i = 0; i < std::ssize(runs); ++i)
    if (const Curves& curves = runs[static_cast<std::size_t>(i)].curves; !curves.empty())
      losses(i) = curves.loss.raw().back().y;
  return losses;
}

}  // namespace

void RunsLab::View::describe(core::Fields& f) {
  f.choice("exhibit", exhibit, kExhibits);
  f.choice("quantity", quantity, runs::kQuantities);
  f.field("logarithmic", logarithmic);
  f.file("elsewhere", elsewhere);
  f.field("low", low);
  f.field("high", high);
  f.field("steps", steps);
  f.field("threads", threads);
  f.group("sweep", sweep);
  fit();
}

void RunsLab::View::fit() {
  const auto rate = [](double value, double otherwise) {
    return std::isfinite(value) ? std::clamp(value, kLowestRate, kHighestRate) : otherwise;
  };
  low = rate(low, View().low);
  high = rate(high, View().high);
  steps = kUpdates.clamped(steps);
  threads = std::clamp<Index>(threads, 1, core::available_threads());
  runs::fit(sweep);
}

RunsLab::RunsLab(std::shared_ptr<Workbench> bench, const std::function<void()>& wake)
    : LearningLab(std::move(bench)),
      trials_(wake),
      elsewhere_(wake),
      range_job_(
          [](const Question& question, std::stop_token stop, core::Progress& progress) {
            core::Workers workers(std::max(1, core::available_threads() - 1));
            return train::range_test(question.spec, workers, stop, &progress);
          },
          wake) {}

void RunsLab::poll(std::chrono::microseconds patience) {
  LearningLab::poll(patience);
  trials_.poll();
  if (elsewhere_.place() != view_.elsewhere) {
    elsewhere_.show(view_.elsewhere);
    std::erase_if(view_.table.hidden,
                  [](const runs::RowKey& key) { return key.kind == runs::RowKind::kElsewhere; });
  }
  elsewhere_.poll();
  if (auto answer = range_job_.poll({})) range_ = std::move(answer);
}

double RunsLab::sleep_s() const {
  const bool busy = trials_.working() || range_job_.busy();
  return std::min(LearningLab::sleep_s(), busy ? kRefresh_s : kForever);
}

void RunsLab::unpin() {
  view_.pinned.reset();
  view_.brushes = {};
}

bool RunsLab::open(const std::filesystem::path& path) {
  if (!train::seem_foreign(path)) return false;
  view_.exhibit = Exhibit::kRuns;
  view_.elsewhere = path.string();
  elsewhere_.show("");  // the same place is read anew
  return true;
}

std::vector<std::string> RunsLab::presets() const {
  std::vector<std::string> names(kExhibits.begin(), kExhibits.end());
  names.emplace_back(kDemoTest);
  names.emplace_back(kDemoSweep);
  return names;
}

bool RunsLab::load_preset(std::string_view name) {
  const auto exhibit = std::ranges::find(kExhibits, name);
  if (exhibit != kExhibits.end()) {
    view_.exhibit = static_cast<Exhibit>(exhibit - kExhibits.begin());
    return true;
  }
  if (name != kDemoTest && name != kDemoSweep) return false;
  bench().adopt(train::preset("demo").value());
  const View fresh;  // whatever was set up before
  if (name == kDemoTest) {
    view_.exhibit = Exhibit::kRangeTest;
    std::tie(view_.low, view_.high, view_.steps) = std::tuple(fresh.low, fresh.high, fresh.steps);
    begin_test();
  } else {
    view_.exhibit = Exhibit::kSweep;
    view_.sweep = fresh.sweep;
    begin_sweep();
  }
  return true;
}

void RunsLab::settle(double t) {
  LearningLab::settle(t);
  poll({});
  while (trials_.working() || range_job_.busy() || elsewhere_.reading()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    poll({});
  }
  poll({});
}

const train::RangeTestResult* RunsLab::range_result() const {
  return range_ && range_->result ? range_->result.get() : nullptr;
}

train::RangeTestSpec RunsLab::range_spec(const train::TrainConfig& base) const {
  return {base, view_.low, view_.high, view_.steps};
}

train::SweepSpec RunsLab::sweep_spec(const train::TrainConfig& base) const {
  train::SweepSpec spec = view_.sweep;
  spec.preset = "";
  spec.config = base;
  return spec;
}

void RunsLab::begin_test() { range_job_.request({range_spec(bench().params().config), ++tests_}); }

void RunsLab::begin_sweep() {
  view_.brushes = {};
  view_.pinned.reset();
  std::erase_if(view_.table.hidden,
                [](const runs::RowKey& key) { return key.kind == runs::RowKind::kTrial; });
  trials_.begin(sweep_spec(bench().params().config), static_cast<int>(view_.threads));
}

std::optional<Index> RunsLab::chosen_trial() const {
  if (!trials_.snapshot()) return std::nullopt;
  const auto& trials = trials_.snapshot()->trials;
  if (view_.pinned && *view_.pinned < std::ssize(trials)) return view_.pinned;
  return train::best_trial(trials);
}

void RunsLab::edit_controls(Controls& c, Workbench::Params& params) {
  constexpr std::array kBegun{kDemoTest, kDemoSweep};  // the tabs are the other presets
  if (const auto pressed = preset_buttons(c, {kBegun.begin(), kBegun.end()})) {
    load_preset(kBegun[*pressed]);
    params = bench().params();
  }
  switch (view_.exhibit) {
    case Exhibit::kRuns:
      return runs_controls(c);
    case Exhibit::kRangeTest:
      return range_controls(c, params);
    case Exhibit::kSweep:
      sweep_actions(c, params);
      runs::sweep_controls(c, view_.sweep, params.config);
      return curve_controls(c);
  }
}

void RunsLab::curve_controls(Controls& c) {
  c.section("Curves");
  c.choice("Quantity", view_.quantity, runs::kQuantities, runs::Quantity::kLoss,
           "What the curves show; a training curve is a running mean over about 20 steps");
  c.toggle("Log scale", view_.logarithmic, false, "Of a loss");
}

void RunsLab::runs_controls(Controls& c) {
  curve_controls(c);
  c.section("Table");
  const std::string_view actions[] = {"Show all", "Hide all"};
  if (const auto pressed = c.buttons(actions, "Which rows have their curves in the plot")) {
    view_.table.hidden.clear();
    if (*pressed == 1)
      for (const runs::Row& row : runs::rows_of(bench().runs(), trials_, elsewhere_.runs(), words_))
        view_.table.hidden.insert(row.key);
  }
  c.note("A click on a row hides or shows its curve; a click on a column's head sorts by it.");
  c.note("A run begins in the lab Training: Reset begins another one, and a fork is one too.");
  runs::elsewhere_controls(c, elsewhere_, view_.elsewhere);
}

void RunsLab::range_controls(Controls& c, Workbench::Params& params) {
  c.section("Test");
  c.real("From rate", view_.low, {kLowestRate, kHighestRate, 1e-5, 1e-5, true},
         "The learning rate of the first update");
  c.real("To rate", view_.high, {kLowestRate, kHighestRate, 1, 0.1, true},
         "That of the last, if the loss lives so long");
  c.integer("Updates", view_.steps, kUpdates, "As many; the rate rises by one factor each time");
  const auto problems = train::validate(range_spec(params.config));
  if (problems.empty()) {
    if (c.button(range_job_.busy() ? "Run it anew" : "Run the test",
                 "Trains a fresh model of the shared edit while its rate rises"))
      begin_test();
  }
  for (const auto& problem : problems) c.note(problem, Role::kTrouble);
  if (const auto under_way = range_job_.under_way())
    c.note("Testing: " + core::shown(std::floor(100 * under_way->fraction), 3) + " %", Role::kFocus);
  if (bench().playing()) c.note("The trainer runs too: both share the cores and take longer.", Role::kFocus);
  if (range_ && !range_->error.empty()) c.note(range_->error, Role::kTrouble);
  const auto* result = range_result();
  if (!result) return;
  c.section("Result");
  const auto fact = [&](std::string_view name, const std::optional<double>& rate, const char* none) {
    c.fact(name, rate ? rate_words(*rate) : none);
  };
  fact("Steepest fall", result->suggested, "none");
  fact("Lowest loss", result->lowest, "none");
  fact("Explodes at", result->exploded, "not in this range");
  if (result->suggested && c.button("Use " + rate_words(*result->suggested) + " as learning rate",
                                    "Sets the shared edit; a run that goes on follows from its next step"))
    params.config.optimizer.learning_rate = rounded_rate(*result->suggested);
}

void RunsLab::sweep_actions(Controls& c, Workbench::Params& params) {
  c.section("Sweep");
  const auto problems = train::validate(sweep_spec(params.config));
  const bool working = trials_.working(), paused = trials_.status() == SweepStatus::kPaused;
  std::vector<std::string_view> actions;
  if (problems.empty()) actions.push_back(working || paused ? "Begin anew" : "Begin the sweep");
  if (working) actions.push_back("Pause the sweep");
  if (paused) actions.push_back("Go on");
  if (working || paused) actions.push_back("Stop the sweep");
  if (!actions.empty())
    if (const auto pressed =
            c.buttons(actions, "It works in the background, with the shared edit as its base")) {
      const std::string_view action = actions[*pressed];
      if (action == "Pause the sweep") trials_.pause();
      if (action == "Go on") trials_.resume();
      if (action == "Stop the sweep") trials_.end();
      if (action.starts_with("Begin")) begin_sweep();
    }
  for (const auto& problem : problems) c.note(problem, Role::kTrouble);
  if (trials_.status() == SweepStatus::kFailed) c.note(trials_.snapshot()->message, Role::kTrouble);
  if (working && bench().playing())
    c.note("The trainer runs too: both share the cores, and the sweep steps back.", Role::kFocus);
  c.integer("Threads", view_.threads, {1, core::available_threads(), 1}, "Of the next sweep that begins");
  const auto chosen = chosen_trial();
  if (!chosen) return;
  const train::Trial& trial = trials_.snapshot()->trials[static_cast<std::size_t>(*chosen)];
  const std::string name = "Use trial " + std::to_string(*chosen) + (view_.pinned ? "" : ", the best");
  if (c.button(name, "Puts its settings into the shared edit; what is built in waits for a Reset"))
    params.config = trial.config;
}

void RunsLab::draw(widgets::Canvas& c) {
  const Rect area = c.area().inset(18);
  constexpr float kTabs = 40;
  if (const auto clicked = widgets::draw_tabs(c, {area.x, area.y + 12}, "runs", kExhibits,
                                              static_cast<std::size_t>(view_.exhibit)))
    view_.exhibit = static_cast<Exhibit>(*clicked);
  const Rect box{area.x, area.y + kTabs, area.w, area.h - kTabs};
  switch (view_.exhibit) {
    case Exhibit::kRuns:
      return draw_runs(c, box);
    case Exhibit::kRangeTest:
      return draw_range_test(c, box);
    case Exhibit::kSweep:
      return draw_sweep(c, box);
  }
}

lessons::Symbols RunsLab::numbers(core::Index) const {
  using lessons::number;
  lessons::Symbols all = run_numbers(bench());
  if (all.empty()) return all;
  all.insert({{"exhibit", number(static_cast<double>(view_.exhibit))},
              {"runs", number(static_cast<double>(bench().runs().size()))},
              {"testing", number(range_job_.busy())},
              {"sweeping", number(trials_.working())},
              {"elsewhere", number(static_cast<double>(elsewhere_.runs().size()))}});
  if (!elsewhere_.runs().empty()) all.emplace("elsewhere_loss", last_losses(elsewhere_.runs()));
  if (const train::RangeTestResult* test = range_result()) {
    all.emplace("tested", number(static_cast<double>(test->points.size())));
    if (test->suggested) all.emplace("suggested", number(*test->suggested));
  }
  if (const auto& sweep = trials_.snapshot()) {
    all.emplace("trials", number(static_cast<double>(sweep->trials.size())));
    if (const auto best = train::best_trial(sweep->trials)) {
      all.emplace("best_trial", number(static_cast<double>(*best)));
      all.emplace("best_accuracy", number(sweep->trials[static_cast<std::size_t>(*best)].best()->accuracy));
    }
  }
  return all;
}

}  // namespace vitrine::labs
