// One matrix, four layers: y = W x for a fully connected, a locally connected, a convolution and an attention
// layer between the same sizes, on one grid. They differ in which cells may be non-zero, which must be equal,
// and so in how many weights are free.
//   W dense: all free;  local: W[o,i] = w[o,t];  convolution: W[o,i] = k[t];  attention: W[o,·] = softmax
// with t the tap of output o's window that lies over input i. Goodfellow, Bengio and Courville 2016, "Deep
// Learning", section 9.2 to 9.5; Cordonnier, Loukas and Jaggi 2020 on attention as convolution.
#pragma once

#include <array>

#include "app/labs/compute_lab.h"
#include "app/widgets/large_matrix.h"
#include "engine/signal/convolution.h"

namespace vitrine::labs {

struct OneMatrix {
  static constexpr LabInfo kInfo{
      Wing::kConvolution,
      "one-matrix",
      "One matrix",
      "Four layers between the same sizes: which cells may be non-zero, and which must be equal?",
      "y = W x",
      "Goodfellow, Bengio, Courville 2016, Deep Learning, sections 9.2 to 9.5"};

  enum class Layer { kFullyConnected, kLocallyConnected, kConvolution, kAttention };
  static constexpr int kLayers = 4;
  static constexpr std::string_view kLayerNames[] = {"Fully connected", "Locally connected", "Convolution",
                                                     "Attention"};

  enum class Numbers { kCounted, kRandom, kTyped };  // of the weights that are free
  enum class Pattern { kWindow, kEverywhere };       // what an output may attend to

  struct Params {
    bool picture = false;                                             // else a signal: one row
    core::Index rows = 1, columns = 9;                                // of the input
    core::Tensor<double> input{{1, 9}, {1, 2, 3, 4, 5, 6, 7, 8, 9}};  // [H, W] while it is small
    core::Tensor<double> kernel{{1, 3}, {1, 2, 3}};                   // [Kh, Kw]
    signal::WindowSpec row_window, column_window;
    Numbers numbers = Numbers::kCounted;
    core::Index seed = 1;
    core::Tensor<double> dense{{1, 1}, 0.0}, local{{1, 1}, 0.0};  // [m, n], [m, K], when they are typed
    Pattern pattern = Pattern::kWindow;
    double sharpness = 0.5;  // of the attention: its scores are -sharpness times the squared distance

    bool operator==(const Params&) const = default;
    void describe(core::Fields& f);
    // Keeps every number within its control's range and the shapes agreeing with each other.
    void fit();
    core::Index inputs() const { return rows * columns; }
    // So small that its numbers are typed and not made.
    bool small_input() const;
    signal::ConvSpec spec() const { return {row_window, column_window}; }
  };

  // An output, and perhaps one of the inputs that it reads: a row of the matrix and a column.
  struct Spot {
    core::Index row = 0;
    std::optional<core::Index> column;
    bool operator==(const Spot&) const = default;
  };

  struct View {
    widgets::Playhead playhead;  // over the layers: 0 .. 3, on the way one morphs into the next
    std::optional<Spot> hovered, pinned;
    void describe(core::Fields& f) { f.group("playhead", playhead); }
    void unpin() { pinned.reset(); }
  };

  struct Matrix {
    core::Tensor<double> exact;         // [m, n], only of a small matrix
    core::Tensor<float> pixels;         // [m, n]
    widgets::MatrixBlocks blocks;       // of those
    core::Tensor<double> output;        // [m]
    core::Tensor<double> row_sums;      // [m], only of attention
    core::Tensor<float> output_pixels;  // [m, 1]
    core::Index free_weights = 0;
    core::Index cells = 0;  // that may be non-zero
    gpu::Range range;
    double number(widgets::Cell at) const;
  };

  struct Result {
    Params params;
    signal::WindowAxis rows, columns;           // of the window
    core::Tensor<double> input{};               // [H, W]
    core::Tensor<float> input_pixels{};         // [H, W]
    core::Tensor<float> input_strip{};          // [1, n], the same
    gpu::Range input_range{};                   // of those
    core::Tensor<std::int32_t> weight_index{};  // [m, n]: the tap over each cell, -1 for none
    std::array<Matrix, kLayers> layers{};
    std::array<core::Tensor<float>, kLayers> output_pictures{};  // [Ho, Wo] each

    core::Index outputs() const { return rows.outputs() * columns.outputs(); }
    core::Index inputs() const { return input.count(); }
    core::Index taps() const { return params.kernel.count(); }
    const Matrix& layer(int step) const { return layers[static_cast<std::size_t>(step)]; }
    std::int32_t tap_at(widgets::Cell at) const { return weight_index[at.row * inputs() + at.column]; }
    // Whether the cell may be non-zero in this layer.
    bool carries(int step, widgets::Cell at) const;
    // The input under the tap at an output, if there is one.
    std::optional<core::Index> input_under(core::Index output, core::Index tap) const;
  };

  static std::vector<Preset<Params>> presets();
  static void controls(Params& params, widgets::Controls& controls);
  static std::vector<Problem> validate(const Params& params);
  static Result compute(const Params& params, std::stop_token stop, core::Progress& progress);
  static int last_step(const Result&) { return kLayers - 1; }
  static void draw(const std::shared_ptr<const Result>& result, View& view, widgets::Canvas& canvas);
  static widgets::Equation explain(const Result& result, const View& view);
  // By the formulas' letters and the controls' words, for a lesson to check.
  static lessons::Symbols numbers(const Result& result, const View& view);
  // PyTorch code that prints the same.
  static std::string code(const Result& result, const View& view);
  static bool open(const std::filesystem::path&, Params&) { return false; }

  // What is lit: the pointer's spot, or the row in the middle.
  static Spot focus(const Result& result, const View& view);
};

// "7 × 9 = 63 cells", "67 MB": what the four matrices of these sizes are and take.
std::string matrix_size_words(core::Index outputs, core::Index inputs);
std::string memory_words(core::Index outputs, core::Index inputs);

}  // namespace vitrine::labs
