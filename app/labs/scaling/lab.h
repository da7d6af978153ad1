// Why divide by √d: dot products of random vectors pile up into their histogram, and what a softmax makes of
// them as the vectors grow, with and without 1/√d.
//   E[q.k] = d mu^2,  Var[q.k] = d sigma^4 + 2 d sigma^2 mu^2,  a = softmax(q.k / sqrt(d))
// Vaswani et al. 2017, "Attention is all you need", section 3.2.1.
#pragma once

#include "app/labs/compute_lab.h"
#include "app/widgets/plot.h"
#include "engine/lessons/expression.h"
#include "engine/sequence/dot_products.h"

namespace vitrine::labs {

class Scaling {
 public:
  static constexpr LabInfo kInfo{
      Wing::kAttention,
      "scaling",
      "Why divide by √d",
      "Long vectors have large products, and large scores leave a softmax no gradient.",
      "Var[q·k] = d σ⁴ + 2 d σ² μ²",
      "Vaswani et al. 2017, Attention is all you need, section 3.2.1"};

  enum class Shown : std::uint8_t { kRaw, kScaled, kBoth };  // histograms: of q.k, of q.k / sqrt(d)

  static constexpr core::Index kLongest = 4096;  // d
  static constexpr core::Index kMostKeys = 64;
  static constexpr core::Index kMostProducts = 1 << 24;  // samples times d: a second's work
  static constexpr core::Index kSteps = 20;              // of the playhead; each adds as many samples
  static constexpr core::Index kBins = 41;
  static constexpr core::Index kTrials = 300;          // of each point of the curves over d
  static constexpr core::Index kLargestCurved = 1024;  // d of their last point

  struct Params {
    double mean = 0, std = 1;  // of every component
    core::Index dim = 64;      // d
    core::Index keys = 16;     // n
    core::Index samples = 4000;
    core::Index seed = 1;
    Shown shown = Shown::kBoth;

    bool operator==(const Params&) const = default;
    void describe(core::Fields& f);
    sequence::Component component() const { return {mean, std}; }
  };

  enum class Panel : std::uint8_t { kHistogram, kWeights, kCurves };
  // A bar of the histogram, a key of the row of weights, or a point of the curves.
  struct Spot {
    Panel panel = Panel::kWeights;
    core::Index at = 0;
    bool operator==(const Spot&) const = default;
  };
  struct View {
    widgets::Playhead playhead;
    std::optional<Spot> hovered, pinned;
    void describe(core::Fields& f) { f.group("playhead", playhead); }
    void unpin() { pinned.reset(); }
  };

  // The products as they are, or times a scale.
  struct Side {
    double scale = 1;
    sequence::Moments expected;
    double low = 0, high = 1;                       // of the histogram
    std::vector<core::Tensor<core::Index>> counts;  // [kSteps][kBins] samples so far in each bar
    std::vector<std::vector<double>> shares;        // the same as a part of all samples so far
    std::vector<double> expected_shares;  // [kBins] a normal distribution's; empty where nothing varies
    std::vector<widgets::Sample> normal;  // the curve over such bars; empty where nothing varies
    // Where a bar begins.
    double bar_low(core::Index bar) const {
      return low + (high - low) * static_cast<double>(bar) / static_cast<double>(kBins);
    }
    std::vector<sequence::Moments> moments;        // [kSteps] of the samples so far
    core::Tensor<double> scores, weights;          // [kSteps, keys]: a row of each step, and its softmax
    std::vector<core::Index> heaviest;             // [kSteps] the key with the largest weight
    std::vector<sequence::LargestWeight> largest;  // [dims]
    std::vector<widgets::Sample> weight, slope;    // [dims] their means, over d
  };
  struct Result {
    Params params;
    core::Tensor<double> products;  // [samples] q.k
    Side raw, scaled;
    std::vector<std::vector<core::Index>>
        score_bars;                 // [kSteps][keys] each score's bar; -1 where it has none
    double most = 0;                // the largest share of any bar at any step
    std::vector<core::Index> dims;  // 1, 2, 4, ..., kLargestCurved
    // So many samples are there at a step.
    core::Index count(core::Index step) const { return params.samples * (step + 1) / kSteps; }
  };

  static std::vector<Preset<Params>> presets();
  static void controls(Params& params, widgets::Controls& controls);
  static std::vector<Problem> validate(const Params& params);
  Result compute(const Params& params, std::stop_token stop, core::Progress& progress);
  static int last_step(const Result&) { return static_cast<int>(kSteps) - 1; }
  static void draw(const std::shared_ptr<const Result>& result, View& view, widgets::Canvas& canvas);
  static widgets::Equation explain(const Result& result, const View& view);
  // What is shown, by its letters in the formulas.
  static lessons::Symbols numbers(const Result& result, const View& view);
  // PyTorch code that computes the same and prints it under those letters.
  static std::string code(const Result& result, const View& view);
  static bool open(const std::filesystem::path&, Params&) { return false; }

  struct Focus {
    core::Index step = 0;
    float progress = 1;
    std::optional<core::Index> bar, key, point;  // pointed at: of the histogram, the weights, the curves
  };
  static Focus focus(const Result& result, const View& view, bool reduce_motion);

 private:
  // The job's thread keeps what does not depend on mu and sigma, so that dragging them draws nothing again,
  // and of the products what a hand that drags d will ask for next.
  struct Draws {
    core::Index samples = 0, keys = 0, row_seed = 0, product_seed = 0;
    std::optional<sequence::GrowingPairs> products;  // of the histogram: one key
    std::optional<sequence::GrowingPairs> rows;      // of the weights: kSteps trials
    core::Index curve_keys = 0, curve_seed = 0;
    sequence::DrawnPairs curves;  // of every d
  };
  void refresh_draws(const Params& params, std::stop_token stop, core::Progress& progress);

  Draws draws_;
};

}  // namespace vitrine::labs
