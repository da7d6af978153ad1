// Sliding window and Toeplitz: a 1-D convolution as a window that slides, and as the matrix K of y = K x
// whose rows it writes. Without shared weights the same pattern is a locally connected layer: every row has
// weights of its own.
//   y[r] = b + sum_k kernel[k] x[S r + d k - p],   K[r, S r + d k - p] = kernel[k]
// Goodfellow, Bengio and Courville 2016, "Deep Learning", section 9.1 and 9.5.
#pragma once

#include "app/labs/compute_lab.h"
#include "app/widgets/matrix.h"
#include "engine/signal/convolution.h"

namespace vitrine::labs {

struct Toeplitz {
  static constexpr LabInfo kInfo{
      "toeplitz", "Sliding window",
      "A kernel slides over a signal; each place it stops at is one row of a matrix.",
      "y = K x,  K[r, S r + d k − p] = k[k]",
      "Goodfellow, Bengio, Courville 2016, Deep Learning, section 9.1"};

  struct Params {
    core::Tensor<double> input{{9}, {1, 2, 3, 4, 5, 6, 7, 8, 9}};  // [n]
    core::Tensor<double> kernel{{3}, {1, 2, 3}};                   // [K]
    core::Tensor<double> unshared{{7, 3}, 0.0};  // [outputs, K], when weights are not shared
    core::Index stride = 1, dilation = 1, padding_before = 0, padding_after = 0;
    bool share_weights = true;

    bool operator==(const Params&) const = default;
    void describe(core::Fields& f);
    // Makes every size and number one that its control allows.
    void fit();
    signal::WindowSpec window() const { return {stride, dilation, padding_before, padding_after}; }
  };

  struct View {
    widgets::Playhead playhead;
    std::optional<core::Index> hovered, pinned;  // the output that the pointer lights, before the playhead's
    void describe(core::Fields& f) { f.group("playhead", playhead); }
    void unpin() { pinned.reset(); }
  };

  struct Result {
    Params params;
    core::Tensor<double> output;   // [m]
    core::Tensor<double> matrix;   // [m, n]
    core::Tensor<double> padded;   // [p + n + p']: the input with its padding
    core::Tensor<double> kernels;  // [m, K]: the weights of each output, all alike when they are shared
    std::vector<std::vector<signal::Term>> terms;  // of each output
    core::Index weights = 0;                       // free weights: K, or m K when they are not shared
    core::Index nonzeros = 0;                      // cells of the matrix that carry a weight
    core::Index dense_weights = 0;                 // of the fully connected layer between the same sizes
  };

  static std::vector<Preset<Params>> presets();
  static void controls(Params& params, widgets::Controls& controls);
  static std::vector<Problem> validate(const Params& params);
  static Result compute(const Params& params, std::stop_token stop);
  static int last_step(const Result& result);
  static void draw(const std::shared_ptr<const Result>& result, View& view, widgets::Canvas& canvas);
  static widgets::Equation explain(const Result& result, const View& view);
  static bool open(const std::filesystem::path&, Params&) { return false; }
};

}  // namespace vitrine::labs
