// Attention by hand: small queries, keys and values, and every number between them and the output.
//   y[t] = sum_s a[t,s] v[s],   a[t,s] = exp(beta q[t].k[s]) / sum_j exp(beta q[t].k[j])
// over the keys j that query t may see. Vaswani et al. 2017, "Attention is all you need", section 3.2.1.
#pragma once

#include <array>

#include "app/labs/compute_lab.h"
#include "app/widgets/matrix.h"
#include "engine/sequence/attention.h"

namespace vitrine::labs {

struct Attention {
  static constexpr LabInfo kInfo{Wing::kAttention,
                                 "attention",
                                 "Attention by hand",
                                 "Every query weighs all keys and mixes their values.",
                                 "Y = softmax(β Q Kᵀ + mask) V",
                                 "Vaswani et al. 2017, Attention is all you need, section 3.2.1"};

  enum class Scale : std::uint8_t { kRsqrt, kBeta, kNone };       // 1/sqrt(d), beta, 1
  enum class Masking : std::uint8_t { kNone, kCausal, kCustom };  // who may see whom
  enum class Order : std::uint8_t { kRows, kAll };                // of the steps that are played

  static constexpr core::Index kLargestSize = 6;
  static constexpr double kLargestBeta = 1000;

  struct Params {
    core::Tensor<double> query{{3, 3}, {1, 0, 4, 2, -1, 3, 4, 6, 1}};  // [T, d]
    core::Tensor<double> key{{3, 3}, {2, 0, 0, 3, -1, 0, 1, 0, 2}};    // [S, d]
    core::Tensor<double> value{{3, 3}, {5, 4, 5, 3, 5, 5, 1, 2, 4}};   // [S, dv]
    Scale scale = Scale::kNone;
    double beta = 1;  // when scale says so; 0 .. kLargestBeta
    Masking masking = Masking::kNone;
    sequence::Mask custom{{3, 3}, 1};  // [T, S], when masking says so
    Order order = Order::kRows;

    bool operator==(const Params&) const = default;
    void describe(core::Fields& f);
    // Gives every tensor the sizes that fit query [T, d] and value's rows and columns, 1 .. kLargestSize
    // each.
    void fit();
    double scale_factor() const;
    sequence::Mask mask() const;  // [T, S]
  };

  // The matrices of the picture, in reading order.
  enum class Panel : std::uint8_t { kQuery, kKey, kDots, kScores, kExps, kWeights, kValue, kOutput };
  static constexpr std::size_t kPanels = 8;

  struct Spot {
    Panel panel = Panel::kQuery;
    widgets::Cell cell;  // keys are drawn as columns: (component, key)
    bool operator==(const Spot&) const = default;
  };

  struct View {
    widgets::Playhead playhead;
    std::optional<Spot> hovered, pinned;        // what the pointer lights, before the playhead's
    std::optional<widgets::Cell> toggled_mask;  // a click on the picture that edit_on_stage() has not taken
    void describe(core::Fields& f) { f.group("playhead", playhead); }
    void unpin() { pinned.reset(); }
  };

  struct Result {
    Params params;
    double beta = 1;
    sequence::Mask mask;  // [T, S]
    sequence::Attention attention;
    core::Index queries() const { return params.query.size(0); }
    core::Index keys() const { return params.key.size(0); }
    core::Index depth() const { return params.key.size(1); }  // d
    bool may_see(core::Index query, core::Index key) const { return mask(query, key) != 0; }
  };

  static std::vector<Preset<Params>> presets();
  static void controls(Params& params, widgets::Controls& controls);
  static std::vector<Problem> validate(const Params& params);
  static Result compute(const Params& params, std::stop_token stop);
  static int last_step(const Result& result);
  static void draw(const std::shared_ptr<const Result>& result, View& view, widgets::Canvas& canvas);
  static widgets::Equation explain(const Result& result, const View& view);
  static bool open(const std::filesystem::path&, Params&) { return false; }
  static StageEdit edit_on_stage(View& view, Params& params);

  // What happens in one step of the playhead.
  enum class Phase : std::uint8_t { kScore, kScale, kMask, kExp, kNormalise, kMix };

  // What is lit: a phase, and of which query, key and component (of q and k, or of v and y); all where
  // empty.
  struct Focus {
    Phase phase = Phase::kScore;
    std::optional<core::Index> query, key, component;
    int step = 0;          // everything up to this step of the timeline is there ...
    float progress = 1;    // ... and this much of it
    bool pointed = false;  // by the pointer, not by the playhead
  };
  static Focus focus(const Result& result, const View& view, bool reduce_motion);

  // The order in which the numbers appear: row by row (each score a step, then the row as a whole), or each
  // phase for all rows at once. A phase that hides nothing is left out.
  class Timeline {
   public:
    explicit Timeline(const Result& result);
    int count() const;
    Focus at(int step) const;
    // The step in which this number appears; `key` matters to the scores only.
    int arrival(Phase phase, core::Index query, core::Index key) const;

   private:
    core::Index queries_, keys_;
    bool all_at_once_;
    std::vector<Phase> row_phases_;  // after the scores
  };
};

}  // namespace vitrine::labs
