// Training: a Vision Transformer learns on a thread of its own while its curves, its attention over a probe
// image and its guesses follow. Time here is the optimizer's: play runs, a step is one update.
//   loss = -ln p[label];  attention weights = softmax(q k^T / sqrt(Dh)) of every layer and head
// Dosovitskiy et al. 2020, "An image is worth 16x16 words", section 3.1.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/labs/history.h"
#include "app/labs/lab.h"
#include "app/widgets/plot.h"
#include "engine/train/trainer_thread.h"

namespace vitrine::labs {

class Training final : public Lab {
 public:
  static constexpr LabInfo kInfo{
      Wing::kLearning,
      "training",
      "Training",
      "A Vision Transformer learns to read pictures; change its mind while it does.",
      "loss = −ln p[label],  α = softmax(q kᵀ / √Dh)",
      "Dosovitskiy et al. 2020, An Image is Worth 16x16 Words, section 3.1"};

  // What to compute: a configuration, and the picture that is looked at.
  struct Params {
    train::TrainConfig config;
    core::Index probe = 0;  // number of a validation image
    bool operator==(const Params&) const = default;
    void describe(core::Fields& f);
  };
  // Where we look.
  struct View {
    core::Index layer = 0, head = 0;
    bool logarithmic = false;  // the loss
    bool fit_colors = false;   // attention from 0 to the largest weight, not to 1
    std::optional<core::Index> hovered_token,
        pinned_token;  // whose attention is shown; else the first token's
    void describe(core::Fields& f);
  };
  // What arrived from the trainer: its newest snapshot, and every point of the run.
  struct Curves {
    std::vector<widgets::Sample> loss, accuracy;                // of each step's batch
    std::vector<widgets::Sample> smooth_loss, smooth_accuracy;  // their running means
    std::vector<widgets::Sample> quick_loss, quick_accuracy;    // over a few validation images
    std::vector<widgets::Sample> epoch_loss, epoch_accuracy;    // over all of them
    std::vector<widgets::Mark> marks;                           // changes made while it ran
    void add(const train::MetricPoint& point);
  };

  explicit Training(std::function<void()> wake) : wake_(std::move(wake)) {}

  const LabInfo& info() const override { return kInfo; }
  void controls(widgets::Controls& controls) override;
  void poll(std::chrono::microseconds patience) override;
  void draw(widgets::Canvas& canvas) override;
  widgets::Equation explain() const override;
  double sleep_s() const override;
  widgets::Playhead& playhead() override { return playhead_; }
  int last_step() const override { return 0; }
  bool playing() const override;
  void toggle_play() override;
  void step(int direction) override;
  std::string time_words() const override;
  void unpin() override { view_.pinned_token.reset(); }
  bool can_undo() const override { return history_.can_undo(); }
  bool can_redo() const override { return history_.can_redo(); }
  void undo() override;
  void redo() override;
  void describe(core::Fields& fields) override;
  bool open(const std::filesystem::path& path) override;
  std::vector<std::string> presets() const override;
  bool load_preset(std::string_view name) override;
  // t updates of a new run, waited for.
  void settle(double t) override;

  // Takes over whole params as one edit: what a run is built of begins a new run.
  void adopt(Params params);

  const Params& params() const { return params_; }
  const View& view() const { return view_; }
  const Curves& curves() const { return curves_; }
  // The newest snapshot there is, for another lab that looks on; null while nothing has been begun here.
  // Takes what has arrived and waits for nothing.
  std::shared_ptr<const train::TrainSnapshot> newest();
  // The newest snapshot; null until the trainer has made one.
  const train::TrainSnapshot* snapshot() const { return shown_ ? shown_->snapshot.get() : nullptr; }

 private:
  // A snapshot and the same attention laid out as one picture, heads side by side, layers below each other.
  struct Shown {
    std::shared_ptr<const train::TrainSnapshot> snapshot;
    core::Tensor<float> pixels;  // [H, W] of the probe
    core::Tensor<float> mosaic;  // [depth*T, heads*T]
  };

  void set(Params params);
  void keep_view_inside();     // layer and head are the newest snapshot's
  void begin();                // the trainer, when the lab is first looked at
  void restart();              // a new run with params_.config
  bool needs_restart() const;  // the params differ from the run in what is built into it
  void restart_if_over();      // a run that is done or has diverged does not go on
  void model_controls(widgets::Controls& controls);
  void draw_curves(widgets::Canvas& canvas, const widgets::Rect& box) const;
  void draw_probe(widgets::Canvas& canvas, const widgets::Rect& box);
  void draw_probabilities(widgets::Canvas& canvas, const widgets::Rect& box) const;
  void draw_heads(widgets::Canvas& canvas, const widgets::Rect& box);
  core::Index token() const;

  const std::function<void()> wake_;
  Params params_;
  View view_;
  History<Params> history_;
  bool gesture_ = false;
  widgets::Playhead playhead_;  // unused: the trainer's step is the time
  Curves curves_;
  train::TrainConfig begun_;  // what the newest run was begun with
  std::int64_t runs_ = 0;     // begun so far: the newest one's id
  std::int64_t run_id_ = 0;   // of the curves
  std::shared_ptr<const Shown> shown_;
  std::unique_ptr<train::TrainerThread> trainer_;
};

}  // namespace vitrine::labs
