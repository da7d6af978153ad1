// Attention RNN: a recurrent net whose every state weighs its input and its past states, and mixes them;
// beside it a gated net on the same input, to see which of the two lets a gradient reach far back.
//   q_i = Q_i z_i, k_i = K_i z_i, v_i = V_i z_i;  z_0 = x[t], z_i = h[t-i]
//   a = softmax(q_0.k_0, q_1.k_1, ...),  h[t] = sum_i a_i v_i
// Cheng et al. 2016, "Long short-term memory-networks for machine reading".
#pragma once

#include "app/labs/stage_drag.h"
#include "app/widgets/matrix.h"
#include "engine/lessons/expression.h"
#include "engine/sequence/attention_rnn.h"
#include "engine/sequence/gated_rnn.h"

namespace vitrine::labs {

struct AttentionRnn {
  static constexpr LabInfo kInfo{
      Wing::kAttention,
      "attention-rnn",
      "Attention RNN",
      "Every state looks back at earlier ones; gradients return the same ways.",
      "h[t] = Σ a_i V_i z_i,  a = softmax(Q_i z_i · K_i z_i),  z = x[t], h[t−1], h[t−2], …",
      "Cheng et al. 2016, Long short-term memory-networks for machine reading"};

  enum class Memory : std::uint8_t { kNumber, kAll };      // k states, or all of the past
  enum class Pass : std::uint8_t { kForward, kBackward };  // what is played
  enum class Columns : std::uint8_t {
    kAge,
    kTime
  };  // of the heatmap: h[t-1], h[t-2], ...; or h[1], h[2], ...

  static constexpr core::Index kMostSteps = 12, kLargestSize = 3, kLargestMemory = 4;

  struct Params {
    Memory memory = Memory::kNumber;
    core::Index k = 2;                       // when memory says so; 1 .. kLargestMemory
    core::Tensor<double> query, key, value;  // [k+1, n, n], or of all the past [2, n, n]
    core::Tensor<double> input;              // [T, n]
    core::Tensor<double> local;              // dL/dh[t] directly, [T, n]
    Pass pass = Pass::kForward;
    Columns columns = Columns::kTime;
    core::Tensor<double> gated_c, gated_h, gated_x;  // of the gated net beside, [n, n]

    Params();
    bool operator==(const Params&) const = default;
    void describe(core::Fields& f);
    // Gives every tensor the sizes that fit input [T, n] and the memory, within the controls' ranges.
    void fit();
    void resize(core::Index steps, core::Index n);
    core::Index steps() const { return input.size(0); }
    core::Index n() const { return input.size(1); }
    core::Index matrices() const { return memory == Memory::kAll ? 2 : k + 1; }
    sequence::AttentionRnnWeights weights() const;
  };

  enum class Part : std::uint8_t {
    kInput,          // x[t]
    kState,          // h[t]
    kJacobian,       // dh[t]/dh[t-1]
    kWeight,         // a_i of step t
    kScore,          // w_i of step t
    kValue,          // v_i of step t
    kLocal,          // the loss's own gradient on h[t]
    kTerm,           // what comes back from h[t+i]
    kCarried,        // their sum
    kTotal,          // dL/dh[t]
    kGatedState,     // h[t] of the gated net beside
    kGatedJacobian,  // its dh[t]/dh[t-1]
  };
  struct Spot {
    Part part = Part::kState;
    core::Index step = 1;    // from 1
    core::Index source = 0;  // i, of a weight, a score, a value, a term
    core::Index row = 0, column = 0;
    bool operator==(const Spot&) const = default;
  };

  struct View {
    widgets::Playhead playhead;
    std::optional<Spot> hovered, pinned;  // what the pointer lights, before the playhead's
    StageDrag<Spot> drag;                 // the number that the pointer holds
    void describe(core::Fields& f) { f.group("playhead", playhead); }
    void unpin() { pinned.reset(); }
  };

  struct Result {
    Params params;
    sequence::AttentionRnnWeights weights;
    sequence::AttentionRnnStates states;
    sequence::AttentionRnnGradients gradients;
    sequence::GatedStates gated;                  // of the gated net beside
    core::Tensor<double> check, error;            // of the total gradient, by finite differences, [T, n]
    double largest_error = 0;                     // relative to numbers above 1; NaN where one is
    std::vector<core::Tensor<double>> jacobians;  // dh[t]/dz_i, [n, n]: t major, sources(T) of each step
    core::Tensor<double> shares;                  // of a term's length among those of its state, [T, most i]
    std::vector<double> reach, gated_reach;       // |dh[T]/dh[T-d]|, d = 0 .. T-1, here and in the gated net
    std::optional<core::Index> overflow;          // the first step whose state is not finite
    bool given_not_finite = false;                // because a number that was typed is not

    core::Index steps() const { return params.steps(); }
    core::Index n() const { return params.n(); }
    bool forward() const { return params.pass == Pass::kForward; }
    // How many things step t (from 1) weighs, and how many later states may read one.
    core::Index sources(core::Index step) const { return weights.sources(step - 1); }
    core::Index readers(core::Index step) const;
    // dh[t]/dz_i.
    const core::Tensor<double>& jacobian(core::Index step, core::Index source) const;
    double value(const Spot& spot) const;
    bool has(const Spot& spot) const;
  };

  // What happens in one step of the playhead.
  enum class Phase : std::uint8_t { kScores, kWeights, kMix, kJacobian, kTerms, kSum };
  struct Focus {
    Phase phase = Phase::kScores;
    core::Index step = 1;      // of the net
    int reached = 0;           // of the playhead: everything up to it is there ...
    float progress = 1;        // ... and this much of it
    std::optional<Spot> spot;  // what the pointer lights instead
  };
  static constexpr int kForwardPhases = 4, kBackwardPhases = 2;

  static std::vector<Preset<Params>> presets();
  static void controls(Params& params, widgets::Controls& controls);
  static std::vector<Problem> validate(const Params&) { return {}; }
  static Result compute(const Params& params, std::stop_token stop);
  static int last_step(const Result& result);
  static Focus focus(const Result& result, const View& view, bool reduce_motion);
  // The step of the playhead in which this number appears.
  static int arrival(const Result& result, const Spot& spot);
  static void draw(const std::shared_ptr<const Result>& result, View& view, widgets::Canvas& canvas);
  static StageEdit edit_on_stage(View& view, Params& params);
  static widgets::Equation explain(const Result& result, const View& view);
  // What is shown, by its letters in the formulas.
  static lessons::Symbols numbers(const Result& result, const View& view);
  // PyTorch code that computes the same and prints it under those letters.
  static std::string code(const Result& result, const View& view);
  static bool open(const std::filesystem::path&, Params&) { return false; }
};

}  // namespace vitrine::labs
