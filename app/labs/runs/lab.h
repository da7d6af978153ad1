// Runs and sweeps: runs side by side, the learning rate that a model bears, and sweeps over its settings in
// the background.
//   learning rate of update i of N: low (high / low)^(i / (N - 1))
// Smith 2017, "Cyclical learning rates for training neural networks", section 3.3; Bergstra, Bengio 2012,
// "Random search for hyper-parameter optimization"; Jamieson, Talwalkar 2016, "Non-stochastic best arm
// identification and hyperparameter optimization".
#pragma once

#include <memory>

#include "app/labs/learning_lab.h"
#include "app/labs/runs/overlay.h"
#include "app/labs/runs/sweep_setup.h"
#include "app/widgets/parallel_coordinates.h"
#include "engine/core/job.h"
#include "engine/train/range_test.h"

namespace vitrine::labs {

class RunsLab final : public LearningLab {
 public:
  static constexpr LabInfo kInfo{
      Wing::kLearning,
      "runs",
      "Runs and sweeps",
      "Which settings learn best: runs side by side, and many more tried while you look.",
      "η[i] = low · (high / low)^(i / (N − 1))",
      "Smith 2017, section 3.3; Bergstra, Bengio 2012; Jamieson, Talwalkar 2016"};

  enum class Exhibit { kRuns, kRangeTest, kSweep };

  // Where we look, and what a test and a sweep are to be; their base is the Workbench's edit.
  struct View {
    Exhibit exhibit = Exhibit::kRuns;
    runs::Quantity quantity = runs::Quantity::kLoss;
    bool logarithmic = false;
    runs::TableView table;
    std::string elsewhere;        // where another program's runs are; empty: none are shown
    double low = 1e-5, high = 1;  // of the range test
    core::Index steps = 200;
    train::SweepSpec sweep = runs::first_sweep();
    core::Index threads = 1;
    widgets::Brushes brushes;
    std::optional<core::Index> hovered, pinned;  // a trial
    widgets::PlotView runs_plot, trials_plot;

    void describe(core::Fields& f);
    void fit();  // to what the controls allow
  };

  RunsLab(std::shared_ptr<Workbench> bench, const std::function<void()>& wake);

  const LabInfo& info() const override { return kInfo; }
  void poll(std::chrono::microseconds patience) override;
  void draw(widgets::Canvas& canvas) override;
  widgets::Equation explain() const override;
  lessons::Symbols numbers(core::Index most) const override;
  double sleep_s() const override;
  void unpin() override;
  // Runs from elsewhere: a folder of them, or the table of one.
  bool open(const std::filesystem::path& path) override;
  // The View only: the edit is the lab Training's.
  void describe(core::Fields& fields) override { fields.group("view", view_); }
  // The exhibits; a test and a sweep of the small model on generated digits, begun.
  std::vector<std::string> presets() const override;
  bool load_preset(std::string_view name) override;
  // Also for the sweep and the test that were begun, and for what is read.
  void settle(double t) override;

  const View& view() const { return view_; }
  const runs::Trials& trials() const { return trials_; }
  const runs::Elsewhere& elsewhere() const { return elsewhere_; }
  const train::RangeTestResult* range_result() const;

 protected:
  void edit_controls(widgets::Controls& controls, Workbench::Params& params) override;

 private:
  // A test that was asked for; the same one again is another question.
  struct Question {
    train::RangeTestSpec spec;
    int number = 0;
    bool operator==(const Question&) const = default;
  };
  using RangeJob = core::Job<Question, train::RangeTestResult>;

  train::RangeTestSpec range_spec(const train::TrainConfig& base) const;
  train::SweepSpec sweep_spec(const train::TrainConfig& base) const;
  void begin_test();
  void begin_sweep();
  std::optional<core::Index> chosen_trial() const;  // pinned, or the best so far

  void curve_controls(widgets::Controls& c);
  void runs_controls(widgets::Controls& c);
  void range_controls(widgets::Controls& c, Workbench::Params& params);
  void sweep_actions(widgets::Controls& c, Workbench::Params& params);

  void draw_runs(widgets::Canvas& c, const widgets::Rect& box);
  void draw_range_test(widgets::Canvas& c, const widgets::Rect& box);
  void draw_sweep(widgets::Canvas& c, const widgets::Rect& box);
  std::string place_words() const;

  View view_;
  runs::Trials trials_;
  runs::Elsewhere elsewhere_;
  runs::RowWords words_;
  int tests_ = 0;                                  // begun
  std::shared_ptr<const RangeJob::Answer> range_;  // the newest; null: none yet
  RangeJob range_job_;
};

}  // namespace vitrine::labs
