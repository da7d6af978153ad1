// Shift: does the output move along when the input moves? One input and its shifted copy through the same
// layers, f(T x) against T' f(x), and why the two part: the border, the stride, or no structure at all.
//   departure = ||f(T x) − T' f(x)|| / ||T' f(x)||
// Cohen, Welling 2016, "Group equivariant convolutional networks", section 2.
#pragma once

#include "app/labs/compute_lab.h"
#include "app/labs/picture_source.h"
#include "app/widgets/matrix.h"
#include "engine/core/workers.h"
#include "engine/signal/equivariance.h"

namespace vitrine::labs {

struct ShiftLab {
  static constexpr LabInfo kInfo{Wing::kConvolution,
                                 "shift",
                                 "Shift",
                                 "Move the input: does the output move along?",
                                 "f(T x) = T′ f(x)?  departure = ‖f(T x) − T′ f(x)‖ / ‖T′ f(x)‖",
                                 "Cohen, Welling 2016, Group equivariant convolutional networks, section 2"};

  enum class Input : std::uint8_t { kSignal, kPicture };
  enum class Layers : std::uint8_t { kConvolution, kMaxPool, kAveragePool, kDense, kStack };

  // Blocks of untrained convolution, ReLU and pooling.
  struct Stack {
    core::Index blocks = 2, filters = 4, kernel = 3, pool = 2;  // pool: window and stride; 1 is none
    bool average = false;                                       // pools means instead of largest numbers
    bool operator==(const Stack&) const = default;
    void describe(core::Fields& f);
  };

  struct Params {
    Input input = Input::kSignal;
    core::Tensor<double> signal{{8}, {0, 0, 1, 2, 1, 0, 0, 0}};  // [n]
    PictureSource picture;
    core::Index largest_side = 64;  // pictures are reduced to it
    Layers layers = Layers::kConvolution;
    core::Tensor<double> taps{{3}, {1, 2, 3}};             // of a signal, [K]
    core::Tensor<double> kernel{{3, 3}, 0.0};              // of a picture, [Kh, Kw]
    signal::WindowSpec rows, columns;                      // of the convolution
    signal::Boundary boundary = signal::Boundary::kZeros;  // of every convolution
    core::Index pool = 2, pool_stride = 2;
    Stack stack;
    core::Index seed = 1;                         // of all weights that are drawn
    core::Index step_rows = 0, step_columns = 1;  // cells of one step of the playhead
    core::Index steps = 4;
    signal::ShiftFill fill = signal::ShiftFill::kZeros;

    bool operator==(const Params&) const = default;
    void describe(core::Fields& f);
    void fit();
    signal::Shift shift(core::Index step) const;
  };

  // A channel and a cell of the output.
  struct Spot {
    core::Index map = 0;
    widgets::Cell cell;
    bool operator==(const Spot&) const = default;
  };
  struct View {
    widgets::Playhead playhead;
    std::optional<Spot> hovered, pinned;
    core::Index map = 0;  // the channel that is shown large
    void describe(core::Fields& f) {
      f.group("playhead", playhead);
      f.field("map", map);
    }
    void unpin() { pinned.reset(); }
  };

  using Maps = std::vector<core::Tensor<float>>;  // [rows, columns] of each channel, as shown
  // The input shifted by one more step, and what comes of it.
  struct Step {
    signal::Shift shift;
    core::Tensor<double> input;  // [1, H, W]
    signal::Equivariance answer;
    core::Tensor<float> input_pixels;             // of a picture
    Maps of_shifted, shifted_output, difference;  // of a picture
  };
  struct Result {
    Params params;
    std::vector<Step> steps;      // steps[0] is not shifted
    core::Tensor<double> output;  // f(x) [F, H', W']
    Maps output_maps;             // of a picture
    signal::TotalStride stride;
    std::vector<gpu::Range> output_ranges, difference_ranges;  // of each channel, over all steps
    double largest_departure = 0;                              // of all that are finite
    core::Index maps() const { return output.size(0); }
    const core::Tensor<double>& input() const { return steps.front().input; }
    bool is_picture() const { return params.input == Input::kPicture; }
  };

  static std::vector<Preset<Params>> presets();
  static void controls(Params& params, widgets::Controls& controls);
  static std::vector<Problem> validate(const Params& params);
  Result compute(const Params& params, std::stop_token stop);
  static int last_step(const Result& result) { return static_cast<int>(result.steps.size()) - 1; }
  static void draw(const std::shared_ptr<const Result>& result, View& view, widgets::Canvas& canvas);
  static widgets::Equation explain(const Result& result, const View& view);
  // By the formulas' letters and the controls' words, for a lesson to check.
  static lessons::Symbols numbers(const Result& result, const View& view, core::Index most);
  // PyTorch code that prints the same.
  static std::string code(const Result& result, const View& view);
  static bool open(const std::filesystem::path& path, Params& params);

  // The step that is lit, how far it has come, and the channel that is shown.
  struct Focus {
    std::size_t step = 0;
    float progress = 1;
    core::Index map = 0;
    std::optional<widgets::Cell> cell;  // of the output, pointed at
  };
  static Focus focus(const Result& result, const View& view, bool reduce_motion);
  // Why the outputs part at this step, or why they do not.
  static std::string why(const Result& result, const Step& step);
  // "3 cells right, 1 down"
  static std::string words_of(const signal::Shift& shift);
  // What f is: "convolution of 3, stride 2".
  static std::string words_of(const Params& params);

 private:
  // Of the job's thread.
  PictureReader reader_;
  core::Workers workers_{core::available_threads()};
};

}  // namespace vitrine::labs
