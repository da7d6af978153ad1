// LearningLab: what the labs over one Workbench share: its time, its edit, its undo. A lab says what it shows
// and which controls it has.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/labs/lab.h"
#include "app/labs/workbench/workbench.h"

namespace vitrine::labs {

class LearningLab : public Lab {
 public:
  explicit LearningLab(std::shared_ptr<Workbench> bench) : bench_(std::move(bench)) {}

  // edit_controls(), as one edit of the Workbench.
  void controls(widgets::Controls& controls) final;
  void poll(std::chrono::microseconds patience) override { bench_->poll(patience); }
  double sleep_s() const override { return bench_->sleep_s(); }
  widgets::Playhead& playhead() override { return bench_->playhead(); }
  int last_step() const override { return static_cast<int>(bench_->last_step()); }
  int end_step() const override { return static_cast<int>(bench_->end_step()); }
  bool playing() const override { return bench_->playing(); }
  void toggle_play() override { bench_->toggle_play(); }
  void step(int direction) override { bench_->step(direction); }
  std::string time_words() const override { return bench_->time_words(); }
  std::string take_words() override { return bench_->take_words(); }
  bool can_undo() const override { return bench_->can_undo(); }
  bool can_redo() const override { return bench_->can_redo(); }
  void undo() override { bench_->undo(); }
  void redo() override { bench_->redo(); }
  // A kept run: it goes on, and is looked at in place of an opened model.
  bool open(const std::filesystem::path& path) override;
  std::vector<std::string> presets() const override { return {}; }
  bool load_preset(std::string_view) override { return false; }
  void settle(double t) override { bench_->settle(t); }
  std::string code() const override;
  std::string model_file(std::string_view extension) const override;
  bool has_model() const override { return bench_->looked() != nullptr && !bench_->shows_opened(); }

  Workbench& bench() { return *bench_; }
  const Workbench& bench() const { return *bench_; }

 protected:
  virtual void edit_controls(widgets::Controls& controls, Workbench::Params& params) = 0;
  // Why there is nothing to look at yet.
  std::string nothing_words() const;

 private:
  const std::shared_ptr<Workbench> bench_;
  bool gesture_ = false;  // the last edit goes on
};

}  // namespace vitrine::labs
