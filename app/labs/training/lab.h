// Training: a Vision Transformer learns on a thread of its own while its curves, its attention over a probe
// image and its guesses follow. Time here is the optimizer's: play runs, a step is one update.
//   loss = -ln p[label];  attention weights = softmax(q k^T / sqrt(Dh)) of every layer and head
// Dosovitskiy et al. 2020, "An image is worth 16x16 words", section 3.1.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "app/labs/learning_lab.h"
#include "app/labs/probe_picture.h"
#include "app/labs/training/curves_panel.h"
#include "app/labs/training/kept_run_controls.h"
#include "app/labs/training/presets.h"
#include "app/labs/training/remarks.h"
#include "app/labs/training/setup.h"

namespace vitrine::labs {

class Training final : public LearningLab {
 public:
  static constexpr LabInfo kInfo{
      Wing::kLearning,
      "training",
      "Training",
      "A Vision Transformer learns to read pictures; change its mind while it does.",
      "loss = −ln p[label],  α = softmax(q kᵀ / √Dh)",
      "Dosovitskiy et al. 2020, An Image is Worth 16x16 Words, section 3.1"};

  // Where we look.
  struct View {
    SetupView setup;
    KeptRunView kept_run;
    HeadPlace head;  // of what is drawn over the probe
    CurvesView curves;
    RemarksView remarks;
    std::optional<core::Index> batch;  // the update whose pictures are shown in the heads' place
    bool earlier_runs = false;         // are drawn beside the run and its forks
    bool fit_colors = false;           // attention from 0 to the largest weight, not to 1
    core::Index train_to = 0;          // a wish: the run is to go on to this update; 0: none
    std::optional<core::Index> hovered_token,
        pinned_token;  // whose attention is shown; else the first token's
    void describe(core::Fields& f);
  };

  // `wake` is called from other threads when the edit's price is known; it may be empty.
  explicit Training(std::shared_ptr<Workbench> bench, const std::function<void()>& wake = {})
      : LearningLab(std::move(bench)), price_(wake) {}

  const LabInfo& info() const override { return kInfo; }
  void poll(std::chrono::microseconds patience) override;
  void draw(widgets::Canvas& canvas) override;
  widgets::Equation explain() const override;
  lessons::Symbols numbers(core::Index most) const override;
  // The token, and the pictures of an update.
  void unpin() override;
  // The Workbench's edit, and the View.
  void describe(core::Fields& fields) override;
  bool open(const std::filesystem::path& path) override;
  std::vector<std::string> presets() const override;
  bool load_preset(std::string_view name) override;

  const View& view() const { return view_; }

 protected:
  void edit_controls(widgets::Controls& controls, Workbench::Params& params) override;

 private:
  void run_controls(widgets::Controls& controls);
  void past_controls(widgets::Controls& controls, Workbench::Params& params) const;
  void keep_view_inside();  // the head is one that the model has
  // `lit`: marks beside the run's own.
  void draw_curves(widgets::Canvas& canvas, const widgets::Rect& box, std::span<const widgets::Mark> lit);
  // What the doctor says of the run; returns what is lit on the curves.
  std::vector<widgets::Mark> draw_remarks(widgets::Canvas& canvas, const widgets::Rect& box);
  std::vector<DrawnRun> drawn_runs() const;
  std::string learnt_words(core::Index step) const;  // up to there
  void draw_seen(widgets::Canvas& canvas, const widgets::Rect& box);
  // `caption`: so wide are the words below it.
  void draw_probe(widgets::Canvas& canvas, const widgets::Rect& box, float caption);
  void draw_guess(widgets::Canvas& canvas, const widgets::Rect& box) const;
  void draw_heads(widgets::Canvas& canvas, const widgets::Rect& box);
  bool has_attention() const { return looked() && !looked()->mosaic.empty(); }
  const std::shared_ptr<const Looked>& looked() const { return bench().looked(); }
  const train::TrainSnapshot* snapshot() const { return bench().snapshot().get(); }
  core::Index token() const;                 // whose attention is shown
  std::span<const float> attention() const;  // [tokens], of token() in the head that is looked at

  View view_;
  const TrainingPreset* begun_with_ = nullptr;  // the preset that was there last
  PriceFinder price_;
  std::shared_ptr<const train::Recalled> recalled_;  // that batch_ is made of
  std::shared_ptr<const ShownBatch> batch_;
};

}  // namespace vitrine::labs
