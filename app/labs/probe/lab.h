// Probe: one picture under the model that is training now: drawn, edited, taken apart into patches; what each
// attends to, what the picture is taken for and what an edit of it moves.
//   p = softmax(z),  loss = -ln p[label];  alpha = softmax(q k^T / sqrt(Dh)) of every layer and head
// Dosovitskiy et al. 2020, "An image is worth 16x16 words", section 3.1; Zeiler, Fergus 2014, section 4.2.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/labs/learning_lab.h"
#include "app/labs/probe/aside.h"
#include "app/labs/probe/edited_picture.h"
#include "app/widgets/paint.h"
#include "engine/core/job.h"
#include "engine/train/fitted_picture.h"

namespace vitrine::labs {

class ProbeLab final : public LearningLab {
 public:
  static constexpr LabInfo kInfo{
      Wing::kLearning,
      "probe",
      "Probe",
      "Draw a picture and see what the model in training makes of it, patch by patch.",
      "p = softmax(z),  α = softmax(q kᵀ / √Dh)",
      "Dosovitskiy et al. 2020, An Image is Worth 16x16 Words, section 3.1; Zeiler, Fergus 2014, section "
      "4.2"};

  // What is thrown on the picture's patches.
  enum class Light { kTo, kFrom, kRollout, kOcclusion, kNone };
  // Where we look, and the brush.
  struct View {
    Light light = Light::kTo;
    HeadPlace head;
    bool fit_colors = false;                                 // to the largest weight, not to 1
    std::optional<core::Index> hovered_token, pinned_token;  // whose attention is shown; else the first one's
    core::Index window = 4;          // px, of the occlusion where there are no patches
    std::optional<std::size_t> pen;  // the ink; nothing: a drag paints nothing
    double radius = 1.4, hardness = 0.4;
    train::Fit fit = train::Fit::kMnist;
    void describe(core::Fields& f);
  };

  // `wake` is called from other threads when there is news.
  ProbeLab(std::shared_ptr<Workbench> bench, const std::function<void()>& wake);

  const LabInfo& info() const override { return kInfo; }
  void poll(std::chrono::microseconds patience) override;
  void draw(widgets::Canvas& canvas) override;
  widgets::Equation explain() const override;
  lessons::Symbols numbers(core::Index most) const override;
  void unpin() override { view_.pinned_token.reset(), view_.pen.reset(); }
  void describe(core::Fields& fields) override;
  // A PNG or JPEG becomes the probe as soon as the model's sizes are known; a .safetensors file the model.
  bool open(const std::filesystem::path& path) override;
  bool open_part(const std::filesystem::path& path) override { return bench().opened().open_part(path); }
  std::vector<std::string> presets() const override;
  bool load_preset(std::string_view name) override;
  void settle(double t) override;

  const View& view() const { return view_; }
  // What is shown; null until there was something to look at.
  const Aside* aside() const { return aside_.get(); }
  // Why the last file is not the probe; mostly empty.
  const std::string& file_error() const { return file_error_; }

 protected:
  void edit_controls(widgets::Controls& controls, Workbench::Params& params) override;

 private:
  struct FileQuestion {
    std::string path;
    train::Fit fit;
    nn::ImageSizes sizes;
    std::int64_t number;  // of the request: the same file may have changed
    bool operator==(const FileQuestion&) const = default;
  };
  struct MistakeQuestion {
    std::shared_ptr<const Looked> looked;
    core::Index from;
    std::int64_t number;
    bool operator==(const MistakeQuestion&) const = default;
  };
  struct Mistake {
    std::optional<core::Index> image;
  };
  // One token's attention in every head, as tiles of patches.
  struct HeadMaps {
    std::shared_ptr<const Aside> aside;
    core::Index token = 0;
    Light light = Light::kTo;
    std::shared_ptr<const core::Tensor<float>> tiles;  // [depth * rows, heads * columns]
    float most = 0;
  };

  void follow_probe();
  void ask_for_file();
  void take_answers();
  bool busy() const;
  void keep_view_inside();
  // Pixels of someone's own take the probe's place.
  static Probe drawn(const Probe& probe, const core::Tensor<float>& pixels, core::Index label);
  void source_controls(widgets::Controls& controls, Probe& probe);
  void edit_buttons(widgets::Controls& controls, Probe& probe);
  void light_controls(widgets::Controls& controls);

  // A model without tokens has only the occlusion.
  Light light_on(const Looked& looked) const;
  core::Index token() const;          // whose attention is shown
  std::vector<float> shares() const;  // [tokens], of the light
  const HeadMaps& head_maps();

  void draw_picture(widgets::Canvas& canvas, const widgets::Rect& box, float below);
  // What the light is between; none where there is none.
  std::optional<LightScale> draw_light(widgets::Canvas& canvas, const widgets::Rect& picture) const;
  std::string picture_words() const;
  std::string light_words() const;
  std::string token_words() const;  // "the class token", "patch 3": whose attention is shown
  void paint(widgets::Canvas& canvas, const widgets::Rect& picture);
  float draw_pens(widgets::Canvas& canvas, widgets::Point at);  // returns where they end
  void draw_moved(widgets::Canvas& canvas, const widgets::Rect& box) const;
  void draw_guess(widgets::Canvas& canvas, const widgets::Rect& box) const;
  void draw_heads(widgets::Canvas& canvas, const widgets::Rect& box);
  void draw_tokens(widgets::Canvas& canvas, const widgets::Rect& box);

  View view_;
  widgets::PaintingHand hand_;
  EditedPicture picture_;
  std::shared_ptr<const Looked> followed_;  // the opened model's look whose picture that is
  std::string file_, file_error_;
  bool file_wanted_ = false;  // and not asked for yet: the sizes that it is to have are not known
  std::string mistake_words_;
  std::int64_t files_ = 0, mistakes_ = 0;  // asked for so far
  core::Index randoms_ = 0;                // drawn so far
  std::shared_ptr<const Aside> aside_;
  std::string aside_error_;
  HeadMaps head_maps_;
  core::Job<AsideQuestion, Aside> aside_job_;
  core::Job<FileQuestion, core::Tensor<float>> file_job_;
  core::Job<MistakeQuestion, Mistake> mistake_job_;
};

}  // namespace vitrine::labs
