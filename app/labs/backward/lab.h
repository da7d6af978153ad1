// Backward: a convolution's gradients, number by number. Given dL/dy, dL/dW is the input correlated with
// dL/dy spread by the stride, dL/dx the transposed matrix times dL/dy, dL/db their sum; and beside each
// number a finite difference that knows nothing of this.
//   dL/dW[f,c,k] = sum_r g[f,r] x[c, S r + d k - p],  dL/dx = K^T g,  dL/db[f] = sum_r g[f,r]      (g =
//   dL/dy)
// Dumoulin, Visin 2016, "A guide to convolution arithmetic for deep learning", section 4.
#pragma once

#include <span>

#include "app/labs/compute_lab.h"
#include "app/widgets/matrix.h"
#include "engine/signal/convolution_gradients.h"

namespace vitrine::labs {

struct Backward {
  static constexpr LabInfo kInfo{
      Wing::kConvolution,
      "backward",
      "Backward",
      "What each weight and each input owes to the gradient that comes from above.",
      "dL/dW[k] = Σ g[r] x[S r + d k − p],  dL/dx = Kᵀ g,  dL/db = Σ g[r]",
      "Dumoulin, Visin 2016, A guide to convolution arithmetic for deep learning, section 4"};

  enum class Dimensions { kOne, kTwo };

  struct Params {
    Dimensions dimensions = Dimensions::kOne;
    core::Tensor<double> input{{1, 1, 9}, {1, 2, 3, 4, 5, 6, 7, 8, 9}};  // [C, H, W]; a signal has H = 1
    core::Tensor<double> weight{{1, 1, 1, 3}, {1, 2, 3}};                // [F, C, Kh, Kw]
    core::Tensor<double> upstream{{1, 1, 7}, 1.0};                       // dL/dy, [F, Ho, Wo]
    signal::WindowSpec rows{}, columns{};                                // 1-D has columns only
    signal::Boundary boundary = signal::Boundary::kZeros;

    bool operator==(const Params&) const = default;
    void describe(core::Fields& f);
    // Keeps every number within its control's range and the shapes agreeing with each other.
    void fit();
    // Other sizes: a new channel, filter or row is like the last one, a new column is 0. dL/dy stays.
    void resize(core::Index channels, core::Index height, core::Index width, core::Index filters,
                core::Index kernel_rows, core::Index kernel_columns);
    bool one_dimensional() const { return dimensions == Dimensions::kOne; }
    core::Index channels() const { return weight.size(1); }
    core::Index filters() const { return weight.size(0); }
    core::Index numbers() const { return input.size(1) * input.size(2); }        // of a channel of x
    core::Index outputs() const { return upstream.size(1) * upstream.size(2); }  // of a filter
    signal::ConvSpec spec() const { return {.rows = rows, .columns = columns, .boundary = boundary}; }
    // The shape of one of the tensors as this lab shows it: a signal has no height.
    core::Shape shown_shape(const core::Tensor<double>& values) const;
    // The number of dL/dy, and so the column of K^T, that a term of a gradient has.
    core::Index output_of(const signal::GradientTerm& t) const {
      return (t.filter * upstream.size(1) + t.output_row) * upstream.size(2) + t.output_column;
    }
  };

  // The three gradients, in the order in which they are worked out.
  enum class Part { kWeight, kInput, kBias };
  // One number of one of them; cell is its flat index.
  struct Spot {
    Part part = Part::kWeight;
    core::Index cell = 0;
    bool operator==(const Spot&) const = default;
  };

  struct View {
    widgets::Playhead playhead;
    std::optional<Spot> hovered, pinned;  // what the pointer lights, before the playhead's
    void describe(core::Fields& f) { f.group("playhead", playhead); }
    void unpin() { pinned.reset(); }
  };

  struct Result {
    Params params;
    core::Tensor<double> output;              // y, of the shape of params.upstream
    core::Tensor<double> padded;              // [C, p + H + p', p + W + p'], by the boundary
    core::Tensor<double> spread;              // dL/dy with S-1 zeros between, [F, m, n]
    core::Tensor<double> matrix;              // K^T: [numbers of x, numbers of y]
    core::Tensor<std::int32_t> weight_index;  // same shape: the (last) weight of a cell, -1 for none
    signal::ConvGradients gradients;          // input as params.input, weight as params.weight, bias [F]
    signal::ConvGradients checks;             // by finite differences
    signal::ConvGradients errors;             // |gradient - check|
    double largest_error = 0;                 // of all; NaN where one is
    std::vector<std::vector<signal::GradientTerm>> weight_terms, input_terms;  // of each number

    core::Index steps() const { return params.weight.count() + params.input.count() + params.filters(); }
    Spot spot_at(core::Index step) const;
    core::Index step_of(const Spot& spot) const;
    bool has(const Spot& spot) const;
    // What is summed up; of dL/db nothing: its sum is that of the filter's dL/dy.
    std::span<const signal::GradientTerm> terms(const Spot& spot) const;
    double gradient(const Spot& spot) const { return of(gradients, spot); }
    double check(const Spot& spot) const { return of(checks, spot); }
    double error(const Spot& spot) const { return of(errors, spot); }

   private:
    static double of(const signal::ConvGradients& g, const Spot& spot);
  };

  // Whether a term's tap reads a number of x: in its place, or where the boundary continues it.
  static bool reads_input(const signal::GradientTerm& t) {
    return t.tap.source_row != signal::WindowAxis::kNone;
  }

  struct Focus {
    Spot spot;
    float progress = 1;
    core::Index reached = 0;  // steps that are done or on their way, by the playhead
  };

  static std::vector<Preset<Params>> presets();
  static void controls(Params& params, widgets::Controls& controls);
  static std::vector<Problem> validate(const Params& params);
  static Result compute(const Params& params, std::stop_token stop);
  static int last_step(const Result& result) { return static_cast<int>(result.steps()) - 1; }
  static Focus focus(const Result& result, const View& view, bool reduce_motion);
  static void draw(const std::shared_ptr<const Result>& result, View& view, widgets::Canvas& canvas);
  static widgets::Equation explain(const Result& result, const View& view);
  // By the formulas' letters and the controls' words, for a lesson to check.
  static lessons::Symbols numbers(const Result& result, const View& view);
  // PyTorch code that prints the same.
  static std::string code(const Result& result, const View& view);
  static bool open(const std::filesystem::path&, Params&) { return false; }
};

}  // namespace vitrine::labs
