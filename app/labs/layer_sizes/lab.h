// Layer sizes: a stack of layers built by hand, and for each one its output's shape, what it costs, what one
// of its numbers sees of the input, and the dense layer that it replaces. Sizes only: nothing of that size
// exists.
//   H' = floor((H + p_top + p_bottom - (d(K-1)+1)) / S) + 1
// Dumoulin, Visin 2016, "A guide to convolution arithmetic for deep learning", section 2.
#pragma once

#include "app/labs/compute_lab.h"
#include "engine/signal/layer_stack.h"

namespace vitrine::labs {

struct LayerSizes {
  static constexpr LabInfo kInfo{
      Wing::kConvolution,
      "layer-sizes",
      "Layer sizes",
      "A stack of layers: what comes out of each, what it costs, and what it sees.",
      "H' = ⌊(H + p + p' − (d (K − 1) + 1)) / S⌋ + 1",
      "Dumoulin, Visin 2016, A guide to convolution arithmetic for deep learning, section 2"};

  enum class Dimensions { kOne, kTwo };

  struct Params {
    Dimensions dimensions = Dimensions::kTwo;
    core::Index channels = 3, height = 256, width = 256;
    std::vector<signal::StackLayer> layers{1};
    core::Index edited = 0;  // the layer that the inspector shows

    bool operator==(const Params&) const = default;
    void describe(core::Fields& f);
    // Keeps every number within its control's range.
    void fit();
    core::Shape input() const;  // [C, H, W]; a signal has H = 1
    // The layers as the engine takes them: on a signal the kernels have one row.
    std::vector<signal::StackLayer> stack() const;
  };

  struct View {
    widgets::Playhead playhead;
    std::optional<std::size_t> hovered, pinned;  // the layer that the pointer lights, before the playhead's
    std::optional<std::size_t> clicked;          // since edit_on_stage() looked: the inspector shows it
    void describe(core::Fields& f) { f.group("playhead", playhead); }
    void unpin() { pinned.reset(); }
  };

  struct Result {
    Params params;
    std::vector<signal::StackLayer> layers;  // params.stack()
    signal::StackFigures figures;
  };

  // A layer and how far it has come.
  struct Focus {
    std::size_t layer = 0;
    float progress = 1;
  };

  static std::vector<Preset<Params>> presets();
  static void controls(Params& params, widgets::Controls& controls);
  static std::vector<Problem> validate(const Params&) { return {}; }  // the result says what fails, and where
  static Result compute(const Params& params, std::stop_token stop);
  static int last_step(const Result& result);
  static Focus focus(const Result& result, const View& view, bool reduce_motion);
  static void draw(const std::shared_ptr<const Result>& result, View& view, widgets::Canvas& canvas);
  static StageEdit edit_on_stage(View& view, Params& params);
  static widgets::Equation explain(const Result& result, const View& view);
  // By the formulas' letters and the controls' words, for a lesson to check.
  static lessons::Symbols numbers(const Result& result, const View& view);
  // PyTorch code that prints the same.
  static std::string code(const Result& result, const View& view);
  static bool open(const std::filesystem::path&, Params&) { return false; }

  // "conv 5 × 5", "max pool 2", "dense 120".
  static std::string name_of(const signal::StackLayer& layer, Dimensions dimensions);
  // "16 × 124 × 124", of a signal "16 × 197".
  static std::string size_words(const core::Shape& shape, Dimensions dimensions);
  // 2.042 MB, in steps of a thousand.
  static std::string byte_words(const signal::Count& bytes);
  // In words, in numbers ("4 + 0 + 0 ≥ 5 fails"), and what would mend it.
  struct FaultWords {
    std::string what, inequality, mend;
  };
  static FaultWords words_of(const Result& result, const signal::StackFault& fault);
};

}  // namespace vitrine::labs
