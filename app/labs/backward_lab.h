// Backward: a convolution's gradients, number by number. Given dL/dy, dL/dW is the input correlated with
// dL/dy spread by the stride, dL/dx the transposed matrix times dL/dy, dL/db their sum; and beside each
// number a finite difference that knows nothing of this.
//   dL/dW[c,k] = sum_r g[r] x[c, S r + d k - p],  dL/dx = K^T g,  dL/db = sum_r g[r]      (g = dL/dy)
// Dumoulin, Visin 2016, "A guide to convolution arithmetic for deep learning", section 4.
#pragma once

#include "app/labs/compute_lab.h"
#include "app/widgets/matrix.h"
#include "engine/signal/convolution_gradients.h"

namespace vitrine::labs {

struct Backward {
  static constexpr LabInfo kInfo{
      "backward", "Backward", "What each weight and each input owes to the gradient that comes from above.",
      "dL/dW[k] = Σ g[r] x[S r + d k − p],  dL/dx = Kᵀ g,  dL/db = Σ g[r]",
      "Dumoulin, Visin 2016, A guide to convolution arithmetic for deep learning, section 4"};

  enum class Dimensions { kOne, kTwo };

  struct Params {
    Dimensions dimensions = Dimensions::kOne;
    core::Tensor<double> input{{1, 9}, {1, 2, 3, 4, 5, 6, 7, 8, 9}};  // 1-D: [C, L]; 2-D: [H, W], one channel
    core::Tensor<double> weight{{1, 3}, {1, 2, 3}};                   // 1-D: [C, K]; 2-D: [Kh, Kw]
    core::Tensor<double> upstream{{1, 7}, 1.0};                       // dL/dy; 1-D: [1, Lo]; 2-D: [Ho, Wo]
    signal::WindowSpec rows{}, columns{};                             // 1-D has columns only

    bool operator==(const Params&) const = default;
    void describe(core::Fields& f);
    // Keeps every number within its control's range, and the weights and dL/dy of the sizes that they must
    // have.
    void fit();
    bool one_dimensional() const { return dimensions == Dimensions::kOne; }
    // As the engine takes them: [C, H, W], [1, C, Kh, Kw], [1, Ho, Wo]; the numbers are in the same order.
    core::Tensor<double> engine_input() const;
    core::Tensor<double> engine_weight() const;
    core::Tensor<double> engine_upstream() const;
    signal::ConvSpec spec() const;
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

  // Of the tensors, the engine's index order; the shapes are the Params' own.
  struct Result {
    Params params;
    core::Tensor<double> output;              // y, of the shape of params.upstream
    core::Tensor<double> padded;              // 1-D: [C, p + L + p']; 2-D: [p + H + p', p + W + p']
    core::Tensor<double> spread;              // dL/dy with S-1 zeros between; 1-D: [1, n]; 2-D: [m, n]
    core::Tensor<double> matrix;              // K^T: [numbers of x, numbers of y]
    core::Tensor<std::int32_t> weight_index;  // same shape: the weight of a cell, -1 for none
    signal::ConvGradients gradients;          // input as params.input, weight as params.weight, bias [1]
    signal::ConvGradients checks;             // by finite differences
    signal::ConvGradients errors;             // |gradient - check|
    double largest_error = 0;                 // of all; NaN where one is
    std::vector<std::vector<signal::GradientTerm>> weight_terms, input_terms;  // of each number

    core::Index steps() const { return params.weight.count() + params.input.count() + 1; }
    Spot spot_at(core::Index step) const;
    core::Index step_of(const Spot& spot) const;
    bool has(const Spot& spot) const;
    double gradient(const Spot& spot) const { return of(gradients, spot); }
    double check(const Spot& spot) const { return of(checks, spot); }
    double error(const Spot& spot) const { return of(errors, spot); }

   private:
    static double of(const signal::ConvGradients& g, const Spot& spot);
  };

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
  static bool open(const std::filesystem::path&, Params&) { return false; }
};

}  // namespace vitrine::labs
