// Inside the model: training time is scrubbed, and all that can be looked at in the model follows: attention,
// rollout, the output lens, filters, learned positions, mistakes and norms.
//   R = A~[L] ... A~[1] with A~ = (mean over heads of A + I) / 2;  p[l] = softmax(head(LayerNorm(z[l])))
// Abnar, Zuidema 2020, "Quantifying attention flow in transformers"; Dosovitskiy et al. 2020, "An image is
// worth 16x16 words", figures 6 and 7; nostalgebraist 2020, "interpreting GPT: the logit lens".
#pragma once

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "app/labs/inside/scene.h"
#include "app/labs/learning_lab.h"

namespace vitrine::labs {

class InsideModel final : public LearningLab {
 public:
  static constexpr LabInfo kInfo{
      Wing::kLearning,
      "inside",
      "Inside the model",
      "Drag training time back and forth: what the model looks at, and thinks, follows.",
      "R = Ã[L] … Ã[1],  p[l] = softmax(head(LayerNorm(z[l])))",
      "Abnar, Zuidema 2020; Dosovitskiy et al. 2020, figures 6 and 7"};

  InsideModel(std::shared_ptr<Workbench> bench, const std::function<void()>& wake);

  const LabInfo& info() const override { return kInfo; }
  void poll(std::chrono::microseconds patience) override;
  void draw(widgets::Canvas& canvas) override;
  widgets::Equation explain() const override;
  lessons::Symbols numbers(core::Index most) const override;
  double sleep_s() const override;
  void unpin() override { view_.unpin(); }
  // The Workbench's edit, and the View.
  void describe(core::Fields& fields) override;
  // The exhibits.
  // A model's weights (.safetensors); where one is open also its picture and its classes' names.
  bool open(const std::filesystem::path& path) override {
    return bench().opened().open(path) || LearningLab::open(path);
  }
  bool open_part(const std::filesystem::path& path) override { return bench().opened().open_part(path); }
  std::vector<std::string> presets() const override;
  bool load_preset(std::string_view name) override;
  void settle(double t) override;

  const inside::View& view() const { return view_; }
  // What is drawn; its `looked` is null before there is a model to look into.
  const inside::Scene& scene() const { return scene_; }

 protected:
  void edit_controls(widgets::Controls& controls, Workbench::Params& params) override;

 private:
  // What is computed beside the window, each with the look or the run that it is of.
  struct OfLook {
    std::shared_ptr<const Looked> looked;
    bool operator==(const OfLook&) const = default;
  };
  struct OfStep {
    std::shared_ptr<const Looked> looked;
    bool operator==(const OfStep& other) const;
  };
  struct OfRun {
    std::shared_ptr<const Looked> looked;  // any of the run: whose model it is
    std::vector<train::KeptStep> kept;
    bool operator==(const OfRun& other) const;
  };
  // Of each parameter tensor at a kept step; told apart by the step's values.
  using StepNorms =
      std::map<std::weak_ptr<const core::AlignedVector<float>>, std::vector<double>, std::owner_less<>>;

  void ask(const std::shared_ptr<const Looked>& looked);  // for what the exhibit needs
  void arrange();                                         // what follows from the look and what is lit
  void run_controls(widgets::Controls& controls, Workbench::Params& params);
  void shown_facts(widgets::Controls& controls);  // what the model says
  void head_controls(widgets::Controls& controls);
  std::string waiting_words() const;
  std::string step_words() const;  // "step 1,200 of 1,875, a kept one"
  inside::NormHistory history(const OfRun& question);

  inside::View view_;
  inside::Scene scene_;  // of the last frame that was drawn
  // What arrived; the next frame takes it over.
  std::shared_ptr<const inside::WeightPictures> weights_;
  std::shared_ptr<const inside::NormHistory> history_;
  std::shared_ptr<const inside::Judgement> newest_judged_;
  double progress_ = 0;    // of what the exhibit waits for
  bool lit_anew_ = false;  // what is lit changed while it was drawn: another frame shows it everywhere
  // What `scene_` was arranged for.
  struct Arranged {
    std::shared_ptr<const Looked> looked{};
    HeadPlace head{};
    std::optional<core::Index> token;
    core::Index label = -1;
    bool operator==(const Arranged&) const = default;
  } arranged_;
  std::pair<std::shared_ptr<const inside::Judgement>, std::optional<widgets::Cell>> hung_;  // the gallery's
  std::map<std::pair<std::int64_t, core::Index>, std::shared_ptr<const inside::Judgement>> judged_;
  StepNorms step_norms_;  // the job's alone
  core::Job<OfLook, inside::WeightPictures> weights_job_;
  core::Job<OfStep, inside::Judgement> judge_job_;
  core::Job<OfRun, inside::NormHistory> history_job_;
};

}  // namespace vitrine::labs
