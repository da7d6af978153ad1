// Sliding window: a 1-D convolution as a window that slides, and as the matrix K of y = K x whose rows it
// writes; turned round, the transposed convolution, where every input stamps the kernel into the output.
//   y[f,r] = b[f] + sum_{c,t} k[f,c,t] x[c, S r + d t - p],   K[(f,r), (c, S r + d t - p)] = k[f,c,t]
// Goodfellow, Bengio and Courville 2016, "Deep Learning", section 9.1; Dumoulin and Visin 2016, section 4.
#pragma once

#include "app/labs/compute_lab.h"
#include "app/widgets/large_matrix.h"
#include "engine/signal/conv_transpose.h"
#include "engine/signal/convolution.h"

namespace vitrine::labs {

struct SlidingWindow {
  static constexpr LabInfo kInfo{
      Wing::kConvolution,
      "sliding-window",
      "Sliding window",
      "A kernel slides over a signal; each place it stops at is one row of a matrix.",
      "y = K x + b,  K[r, S r + d t − p] = k[t]",
      "Goodfellow, Bengio, Courville 2016, Deep Learning, section 9.1"};

  enum class Operation { kCorrelation, kConvolution, kTransposed };

  struct Params {
    core::Tensor<double> input{{1, 9}, {1, 2, 3, 4, 5, 6, 7, 8, 9}};  // [C, n]
    core::Tensor<double> weight{{1, 1, 3}, {1, 2, 3}};                // [F, C, K]
    core::Tensor<double> bias{{1}, 0.0};                              // [F]
    bool use_bias = false;
    Operation operation = Operation::kCorrelation;
    signal::WindowSpec window;
    signal::Boundary boundary = signal::Boundary::kZeros;  // not of a transposed one
    core::Index output_padding = 0;                        // of a transposed one

    bool operator==(const Params&) const = default;
    void describe(core::Fields& f);
    // Keeps every number within its control's range and the shapes agreeing with each other.
    void fit();
    core::Index length() const { return input.size(1); }
    core::Index channels() const { return weight.size(1); }
    core::Index filters() const { return weight.size(0); }
    core::Index taps() const { return weight.size(2); }
    bool transposed() const { return operation == Operation::kTransposed; }
    signal::ConvSpec correlation() const;
    signal::TransposeSpec transposition() const { return {{}, window, 0, output_padding}; }
    // Of one filter. Throws core::ShapeError where validate() finds a problem.
    core::Index outputs() const;
  };

  struct View {
    widgets::Playhead playhead;
    core::Index filter = 0;  // the one that is shown
    // The step that the pointer lights, before the playhead's.
    std::optional<core::Index> hovered, pinned;
    std::optional<core::Index> hovered_cell;  // of the long row: a place of the signal that windows lie over
    void describe(core::Fields& f);
    void unpin() { pinned.reset(); }
  };

  // One product of a step: a weight over a cell of the signal, or stamped by an input into the output.
  struct Product {
    core::Index channel, tap;
    core::Index place;   // in the long row, padding included
    core::Index source;  // the cell of the long row (padding not included) that it reads or adds to, or -1
    core::Index weight_index;
    double input, weight, product;
  };

  // The window moves along one row of cells, the long one: the padded input, or of a transposed convolution
  // the output with what the padding cuts off. A step is a cell of the other one, the short row.
  struct Result {
    Params params;
    core::Index steps = 0;              // cells of the short row
    core::Tensor<double> padded;        // [C, p + n + p']: the input with what its boundary continues it by
    core::Tensor<double> output;        // [F, m]
    core::Tensor<double> partial;       // [n, F, m] after the inputs 0 .. i alone; only of a transposed one
    core::Tensor<double> drawn;         // [F, C, K]: the weight at each tap, so turned for a convolution
    core::Tensor<double> channel_sums;  // [F, C, m]: the output's share of each channel
    core::Tensor<double> matrix;        // [F m, C n]
    core::Tensor<float> pixels;         // the same, for the screen
    widgets::MatrixBlocks blocks;
    core::Tensor<std::int32_t> weight_index;     // of each cell of the matrix, -1 for none
    std::vector<std::vector<Product>> products;  // of (filter, step) at filter * steps + step
    std::vector<bool> touched;                   // [n]: inputs that some window covers
    std::string formula;                         // of the number of outputs, with its numbers
    signal::ConvCounts counts;

    core::Index outputs() const { return output.size(1); }
    const std::vector<Product>& of(core::Index filter, core::Index step) const {
      return products[static_cast<std::size_t>(filter * steps + step)];
    }
  };

  static std::vector<Preset<Params>> presets();
  static void controls(Params& params, widgets::Controls& controls);
  static std::vector<Problem> validate(const Params& params);
  static Result compute(const Params& params, std::stop_token stop);
  static int last_step(const Result& result);
  static void draw(const std::shared_ptr<const Result>& result, View& view, widgets::Canvas& canvas);
  static widgets::Equation explain(const Result& result, const View& view);
  // By the formulas' letters and the controls' words, for a lesson to check.
  static lessons::Symbols numbers(const Result& result, const View& view, core::Index most);
  // PyTorch code that prints the same.
  static std::string code(const Result& result, const View& view);
  static bool open(const std::filesystem::path&, Params&) { return false; }

  // What is lit: the filter that is shown, the step and how far it is.
  struct Focus {
    core::Index filter;
    widgets::Lit lit;
    const std::vector<Product>& products(const Result& r) const { return r.of(filter, lit.step); }
  };
  static Focus focus(const Result& result, const View& view, bool reduce_motion);
};

// "2 inputs at the end are never touched: a stride that does not divide is normal."; empty when all are.
std::string untouched_words(const std::vector<bool>& touched, core::Index stride);

}  // namespace vitrine::labs
