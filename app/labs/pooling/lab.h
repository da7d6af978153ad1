// Pooling: the largest number and the mean of every window side by side, and which of the two notices when
// pixels are lost, stray, noisy or moved.
//   max[i, j] = max_{u,v} x[S i + d u − p, S j + d v − p],   average[i, j] = (1/n) Σ_{u,v} of the same
// Goodfellow, Bengio and Courville 2016, "Deep Learning", section 9.3.
#pragma once

#include "app/labs/compute_lab.h"
#include "app/labs/picture_source.h"
#include "app/widgets/matrix.h"
#include "engine/core/workers.h"
#include "engine/signal/perturb.h"
#include "engine/signal/pool_window.h"

namespace vitrine::labs {

struct Pooling {
  static constexpr LabInfo kInfo{
      Wing::kConvolution,
      "pooling",
      "Pooling",
      "A window keeps its largest number or its mean. Harm the input and see which of the two notices.",
      "max: y = max x[S r + d k − p],  average: y = (1/n) Σ x[S r + d k − p]",
      "Goodfellow, Bengio, Courville 2016, Deep Learning, section 9.3"};

  enum class Input : std::uint8_t { kMatrix, kPicture };

  // What is done to the copy, in this order.
  struct Harm {
    core::Index shift_rows = 0, shift_columns = 0;  // cells, down and to the right
    signal::ShiftFill fill = signal::ShiftFill::kZeros;
    core::Tensor<std::uint8_t> lost, stray;         // [rows, columns] of the matrix: as clicked
    core::Index random_lost = 0, random_stray = 0;  // pixels drawn from the seed
    double stray_value = 1;
    double noise = 0;  // standard deviation
    core::Index seed = 1;

    bool operator==(const Harm&) const = default;
    void describe(core::Fields& f);
    // The masks as large as the matrix, every number within its control's range.
    void fit(core::Index rows, core::Index columns);
  };

  struct Params {
    Input input = Input::kMatrix;
    core::Tensor<double> matrix{{5, 5}, 0.0};  // [rows, columns]
    PictureSource picture;
    Plane plane = Plane::kGrey;
    signal::PoolSpec pool{3, 3, {.stride = 2}, {.stride = 2}};
    bool count_padding = true;  // the mean divides by every cell of the window
    bool sums = false;          // of a matrix: the sums are shown instead of the means
    bool compare = false;       // with a harmed copy
    Harm harm;

    bool operator==(const Params&) const = default;
    void describe(core::Fields& f);
    void fit();
    bool shows_sums() const { return sums && input == Input::kMatrix; }
    signal::CountPadding count() const {
      return count_padding ? signal::CountPadding::kYes : signal::CountPadding::kNo;
    }
  };

  // A click on the matrix or on its copy that edit_on_stage() has not taken.
  struct Click {
    bool on_copy = false;
    widgets::Cell cell;
  };
  struct View {
    widgets::Playhead playhead;
    std::optional<widgets::Cell> hovered, pinned;  // the output that the pointer lights
    std::optional<Click> click;
    void describe(core::Fields& f) { f.group("playhead", playhead); }
    void unpin() { pinned.reset(); }
  };

  // One input and what both poolings make of it.
  struct Side {
    core::Tensor<double> input;        // [1, H, W]
    core::Tensor<double> largest;      // [Ho, Wo]
    core::Tensor<double> mean;         // [Ho, Wo]
    core::Tensor<double> sums;         // [Ho, Wo], of a matrix
    core::Tensor<core::Index> counts;  // [Ho, Wo], of a matrix: what each mean divides by
    core::Tensor<float> input_pixels, largest_pixels, mean_pixels;  // of a picture: as shown
  };
  // The copy's outputs less the original's.
  struct Change {
    signal::Difference difference;
    core::Tensor<float> pixels;  // of a picture: the difference as shown
  };
  struct Result {
    Params params;
    Side original;
    std::optional<Side> copy;
    Change largest, mean;               // when there is a copy; `mean` of the sums where they are shown
    core::Tensor<std::uint8_t> harmed;  // [H, W], of a matrix: where the copy's input is another
    signal::PoolWindow window(const Side& side, widgets::Cell output) const;
    core::Index rows() const { return original.largest.size(0); }
    core::Index columns() const { return original.largest.size(1); }
  };

  static std::vector<Preset<Params>> presets();
  static void controls(Params& params, widgets::Controls& controls);
  static std::vector<Problem> validate(const Params& params);
  Result compute(const Params& params, std::stop_token stop);
  static int last_step(const Result& result);
  static void draw(const std::shared_ptr<const Result>& result, View& view, widgets::Canvas& canvas);
  static widgets::Equation explain(const Result& result, const View& view);
  // By the formulas' letters and the controls' words, for a lesson to check.
  static lessons::Symbols numbers(const Result& result, const View& view, core::Index most);
  // PyTorch code that prints the same.
  static std::string code(const Result& result, const View& view);
  static bool open(const std::filesystem::path& path, Params& params);
  static StageEdit edit_on_stage(View& view, Params& params);

  // The output that is lit, where the window comes from, and how far it has come.
  struct Focus {
    widgets::Cell cell, from;
    float progress = 1;
    int reached = 0;  // outputs up to this one are there
  };
  static Focus focus(const Result& result, const View& view, bool reduce_motion);

 private:
  PictureReader reader_;  // these two: of the job's thread
  core::Workers workers_{core::available_threads()};
};

}  // namespace vitrine::labs
