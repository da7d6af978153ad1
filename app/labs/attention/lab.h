// Attention by hand: small queries, keys and values, and every number between them and the output.
//   y[t] = sum_s a[t,s] v[s],   a[t,s] = exp(beta q[t].k[s]) / sum_j exp(beta q[t].k[j])
// over the keys j that query t may see; q = W_q h, k = W_k m, v = W_v m where they are made and not typed.
// Vaswani et al. 2017, "Attention is all you need", section 3.2.1.
#pragma once

#include <array>

#include "app/labs/compute_lab.h"
#include "app/widgets/matrix.h"
#include "app/widgets/plot.h"
#include "engine/lessons/expression.h"
#include "engine/sequence/attention.h"
#include "engine/sequence/cost.h"
#include "engine/sequence/hull.h"
#include "engine/sequence/late_mask.h"
#include "engine/sequence/sensitivity.h"

namespace vitrine::labs {

struct Attention {
  static constexpr LabInfo kInfo{Wing::kAttention,
                                 "attention",
                                 "Attention by hand",
                                 "Every query weighs all keys and mixes their values.",
                                 "Y = softmax(β Q Kᵀ + mask) V",
                                 "Vaswani et al. 2017, Attention is all you need, section 3.2.1"};

  enum class Source : std::uint8_t {
    kTyped,
    kSelf,
    kCross
  };                                                         // Q, K, V: typed; from H; Q from H, K, V from M
  enum class Scale : std::uint8_t { kRsqrt, kBeta, kNone };  // 1/sqrt(d), whatever d is; beta; 1
  enum class Masking : std::uint8_t { kNone, kCausal, kCustom };          // who may see whom
  enum class MaskPlace : std::uint8_t { kBeforeSoftmax, kAfterSoftmax };  // right, wrong
  enum class Order : std::uint8_t { kRows, kAll };                        // of the steps that are played
  // What is shown beside the steps.
  enum class Exhibit : std::uint8_t { kSteps, kMix, kNudge, kJacobian, kMask, kCost };

  static constexpr core::Index kLargestSize = 7;
  static constexpr double kSmallestBeta = 0.01, kLargestBeta = 1000;  // on the slider, between 0 and infinity
  static constexpr core::Index kLargestCount = 1'000'000;

  struct Params {
    Source source = Source::kTyped;
    core::Tensor<double> query{{3, 3}, {1, 0, 4, 2, -1, 3, 4, 6, 1}};  // [T, d] when typed, as K and V
    core::Tensor<double> key{{3, 3}, {2, 0, 0, 3, -1, 0, 1, 0, 2}};    // [S, d]
    core::Tensor<double> value{{3, 3}, {5, 4, 5, 3, 5, 5, 1, 2, 4}};   // [S, dv]
    core::Tensor<double> hidden{{3, 3}, {1, 0, 1, 0, 1, 1, 0, 0, 1}};  // H [T, D] when they are made
    core::Tensor<double> memory{{4, 3}, {1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 0}};  // M [S, D], cross-attention
    core::Tensor<double> w_query{{3, 3}, {-3, -2, 4, -6, -7, 6, 3, 2, 1}};      // [d, D]
    core::Tensor<double> w_key{{3, 3}, {1, 2, 1, 0, -1, 0, -2, -2, 2}};         // [d, D]
    core::Tensor<double> w_value{{3, 3}, {4, 2, 1, 2, 3, 2, 1, 1, 4}};          // [dv, D]
    Scale scale = Scale::kBeta;
    double beta = 1;  // 0 .. kLargestBeta, or infinity
    Masking masking = Masking::kNone;
    MaskPlace mask_place = MaskPlace::kBeforeSoftmax;
    sequence::Mask custom{{3, 3}, 1};  // [T, S], when masking says so
    Order order = Order::kRows;
    core::Index nudged_key = 0, nudged_component = 0;
    double nudge = 0.01;  // added to that component of that key
    core::Index cost_tokens = 197, cost_dim = 768;

    bool operator==(const Params&) const = default;
    void describe(core::Fields& f);
    // Gives every tensor the sizes that fit the first of its group, 1 .. kLargestSize each, and every number
    // its control's range.
    void fit();
    bool made() const { return source != Source::kTyped; }
    bool masks() const { return masking != Masking::kNone; }
    bool masks_late() const { return masks() && mask_place == MaskPlace::kAfterSoftmax; }
    core::Index queries() const { return made() ? hidden.size(0) : query.size(0); }  // T
    core::Index keys() const;                                                        // S
    core::Index depth() const { return made() ? w_query.size(0) : query.size(1); }   // d
    core::Index width() const { return made() ? w_value.size(0) : value.size(1); }   // dv
    double scale_factor() const;
    sequence::Mask mask() const;  // [T, S]

   private:
    void fit_typed();
    void fit_made();
  };

  // The matrices of the picture, in reading order; the Jacobian is that of the lit row.
  enum class Panel : std::uint8_t {
    kHidden,
    kQueryWeights,
    kMemory,
    kKeyWeights,
    kValueWeights,
    kQuery,
    kKey,
    kDots,
    kScores,
    kExps,
    kWeights,
    kValue,
    kOutput,
    kJacobian
  };
  static constexpr std::size_t kPanels = 14;

  struct Spot {
    Panel panel = Panel::kQuery;
    widgets::Cell cell;  // as drawn: keys are columns (component, key), and so are the rows of weights
    bool operator==(const Spot&) const = default;
  };

  struct View {
    widgets::Playhead playhead;
    Exhibit exhibit = Exhibit::kSteps;
    core::Index across = 0, up = 1;             // the components of v and y that the plane of "Mix" shows
    std::optional<Spot> hovered, pinned;        // what the pointer lights, before the playhead's
    std::optional<widgets::Cell> toggled_mask;  // a click on the picture that edit_on_stage() has not taken
    void describe(core::Fields& f);
    void unpin() { pinned.reset(); }
  };

  // Values and outputs by two of their components.
  struct Plane {
    std::vector<sequence::PlanePoint> values, outputs, hull;  // [S], [T], corners of the values' hull
    std::vector<double> outside;                              // [T] how far an output is outside the hull
  };

  // One key nudged, as one query sees it.
  struct NudgeStudy {
    sequence::Nudge here;                            // at this beta
    std::vector<sequence::Nudge> table;              // at kNudgeBetas
    std::vector<widgets::Sample> change, predicted;  // of the nudged key's weight against beta
  };
  static constexpr double kNudgeBetas[] = {0.1, 1, 10, 100, 1000};

  struct Result {
    Params params;
    double beta = 1;
    sequence::Mask mask;                     // [T, S]
    core::Tensor<double> query, key, value;  // typed or made
    sequence::Attention attention;  // what the steps show; with a late mask its weights and output are late's
    sequence::Attention right;      // with the mask before the softmax
    sequence::LateMask late;        // with the mask after it
    core::Tensor<double> right_sums;              // [T] of right's weights
    core::Tensor<double> entropy_limits;          // [T]
    core::Tensor<double> softmaxed;               // [T, S] what the softmax gives, before a late mask
    std::vector<core::Tensor<double>> jacobians;  // [T] of [S, S]
    std::vector<core::Tensor<double>> checks;     // [T] of them by finite differences; none at infinity
    std::vector<double> check_errors;             // [T] the largest difference between the two
    std::vector<Plane> planes;                    // [dv * dv] by the components across and up
    std::vector<NudgeStudy> nudges;               // [T]
    sequence::AttentionCost cost;
    std::vector<widgets::Sample> projections,
        mixing;  // MACs against the number of tokens, at params.cost_dim
    core::Index queries() const { return query.size(0); }
    core::Index keys() const { return key.size(0); }
    core::Index depth() const { return key.size(1); }    // d
    core::Index width() const { return value.size(1); }  // dv
    bool may_see(core::Index query_, core::Index key_) const { return mask(query_, key_) != 0; }
    // The sequence that keys and values are made from.
    const core::Tensor<double>& memory() const {
      return params.source == Source::kCross ? params.memory : params.hidden;
    }
    // The panel's numbers, and one of them at its place on the picture.
    const core::Tensor<double>& values_of(Panel panel) const;
    double at(Panel panel, core::Index row, core::Index column) const;
    core::Index rows(Panel panel) const;
    core::Index columns(Panel panel) const;
    // The plane for what View asks, whatever the width of the values is.
    const Plane& plane(const View& view) const;
  };

  static std::vector<Preset<Params>> presets();
  static void controls(Params& params, widgets::Controls& controls);
  static std::vector<Problem> validate(const Params& params);
  static Result compute(const Params& params, std::stop_token stop);
  static int last_step(const Result& result);
  static void draw(const std::shared_ptr<const Result>& result, View& view, widgets::Canvas& canvas);
  static widgets::Equation explain(const Result& result, const View& view);
  // What is shown, by its letters in the formulas.
  static lessons::Symbols numbers(const Result& result, const View& view);
  // PyTorch code that computes the same and prints it under those letters.
  static std::string code(const Result& result, const View& view);
  static bool open(const std::filesystem::path&, Params&) { return false; }
  static StageEdit edit_on_stage(View& view, Params& params);

  // What this temperature makes of the softmax.
  static std::string beta_words(double beta, core::Index depth);

  // What happens in one step of the playhead.
  enum class Phase : std::uint8_t {
    kMakeQuery,
    kMakeKey,
    kMakeValue,
    kScore,
    kScale,
    kMask,
    kExp,
    kNormalise,
    kMix
  };

  // What is lit: a phase, and of which query, key and component (of q and k, or of v and y); all where
  // empty.
  struct Focus {
    Phase phase = Phase::kScore;
    std::optional<core::Index> query, key, component;
    std::optional<widgets::Cell> slope;  // a cell of the Jacobian
    int step = 0;                        // everything up to this step of the timeline is there ...
    float progress = 1;                  // ... and this much of it
    bool pointed = false;                // by the pointer, not by the playhead
    core::Index row = 0;                 // the query that the exhibits show, lit or not
  };
  static Focus focus(const Result& result, const View& view, bool reduce_motion);

  // The order in which the numbers appear: what is made first, then row by row (each score a step, then the
  // row as a whole), or each phase for all rows at once. A phase that hides nothing is left out.
  class Timeline {
   public:
    explicit Timeline(const Params& params);
    int count() const;
    Focus at(int step) const;
    // The step in which this number appears; `query` and `key` matter where the phase has a step for each.
    int arrival(Phase phase, core::Index query, core::Index key) const;

   private:
    int prelude() const;  // steps that make Q, K and V
    core::Index queries_, keys_;
    bool made_, all_at_once_;
    std::vector<Phase> row_phases_;  // after the scores
  };
};

}  // namespace vitrine::labs
