// Gated RNN: a recurrent net unrolled in time, and its gradients flowing back through it.
//   c[t] = sigmoid(Wc x[t] + Wh h[t-1]),  h[t] = c[t]*h[t-1] + (1 - c[t])*(Wx x[t])
//   dh[t]/dh[t-1] = diag(c) + diag((h[t-1] - Wx x[t])*c*(1 - c)) Wh
// Werbos 1990, "Backpropagation through time"; Bengio et al. 1994, "Learning long-term dependencies with
// gradient descent is difficult".
#pragma once

#include "app/labs/stage_drag.h"
#include "app/widgets/matrix.h"
#include "app/widgets/plot.h"
#include "engine/lessons/expression.h"
#include "engine/sequence/gated_rnn.h"

namespace vitrine::labs {

struct GatedRnn {
  static constexpr LabInfo kInfo{
      Wing::kAttention,
      "gated-rnn",
      "Gated RNN",
      "A gate decides how much of the past stays; gradients must come back through it.",
      "h[t] = c ⊙ h[t−1] + (1 − c) ⊙ Wx x[t],  c = σ(Wc x[t] + Wh h[t−1])",
      "Werbos 1990, Backpropagation through time; Bengio et al. 1994, Learning long-term dependencies"};

  enum class Pass : std::uint8_t { kForward, kBackward };
  enum class Weight : std::uint8_t { kInput, kGate, kState };  // Wx, Wc, Wh

  static constexpr core::Index kMostSteps = 20, kLargestSize = 3;
  static constexpr double kSmallestScale = 0.05, kLargestScale = 20;  // of Wh, and 0

  struct Params {
    core::Tensor<double> input{{6, 2}, {1, 0, 0.5, -1, -1, 0.5, 0, 1, 1, -0.5, -0.5, 1}};  // [T, n]
    core::Tensor<double> h0{core::Shape{2}, {0.5, -0.5}};                                  // [m]
    core::Tensor<double> w_c{{2, 2}, {0.6, -0.4, 0.3, 0.8}};                               // [m, n]
    core::Tensor<double> w_h{{2, 2}, {0.5, -0.8, 0.9, 0.4}};                               // [m, m]
    core::Tensor<double> w_x{{2, 2}, {1, -0.5, 0.4, 0.9}};                                 // [m, n]
    double h_scale = 1;  // Wh is this many times w_h; 0 .. kLargestScale
    core::Tensor<double> local{{6, 2}, {0, 0, 1, 0, 0, 0, 0, -1, 0, 0, 1, 1}};  // dL/dh[t] directly, [T, m]
    Pass pass = Pass::kForward;
    Weight weight = Weight::kInput;  // whose gradient is shown

    bool operator==(const Params&) const = default;
    void describe(core::Fields& f);
    // Gives every tensor the sizes that fit input [T, n] and h0 [m], within the controls' ranges.
    void fit();
    void resize(core::Index steps, core::Index m, core::Index n);
    core::Index steps() const { return input.size(0); }
    sequence::GatedWeights weights() const;  // with Wh scaled
  };

  // What a step has, from top to bottom; what is shown of it depends on the pass.
  enum class Part : std::uint8_t {
    kInput,      // x[t]
    kGate,       // c[t]
    kCandidate,  // u[t] = Wx x[t]
    kState,      // h[t]; step 0 is h[0]
    kJacobian,   // dh[t]/dh[t-1]
    kLocal,      // the loss's own gradient on h[t]
    kCarried,    // J[t+1]^T delta[t+1]
    kTotal,      // delta[t]
    kTerm,       // of the weight's gradient
    kSum,        // all terms; step 0
    kWeightX,    // the weights themselves; step 0
    kWeightC,
    kWeightH,
    kScale,  // of Wh; step 0
  };
  struct Spot {
    Part part = Part::kState;
    core::Index step = 1, row = 0, column = 0;  // steps count from 1
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
    sequence::GatedWeights weights;
    sequence::GatedStates states;
    sequence::GatedGradients gradients;
    sequence::GatedDifferences checks;    // of the gradients, by finite differences
    sequence::GatedDifferences errors;    // |gradient - check|
    core::Tensor<double> all_states;      // h[0] .. h[T], [T+1, m]
    std::vector<double> from_start;       // |dh[t]/dh[0]|, t = 0 .. T
    std::vector<double> to_end;           // |dh[T]/dh[T-d]|, d = 0 .. T
    std::vector<widgets::Sample> gains;   // scales of Wh, 0 and up, and |dh[T]/dh[0]| with each
    core::Tensor<double> partial;         // the shown weight's terms from step T down to t summed, [T, ., .]
    double largest_error = 0;             // of all gradients against their checks; NaN where one is
    std::optional<core::Index> overflow;  // the first step whose state is not finite
    bool given_not_finite = false;        // because a number that was typed is not

    core::Index steps() const { return params.steps(); }
    core::Index m() const { return params.h0.count(); }
    core::Index n() const { return params.input.size(1); }
    // Of the weight whose gradient is shown.
    const core::Tensor<double>& terms() const;
    const core::Tensor<double>& gradient() const;
    const core::Tensor<double>& check() const { return of_weight(checks); }
    const core::Tensor<double>& error() const { return of_weight(errors); }
    // What the term's rows and columns are made of: [T, m], and x[t] or h[t-1].
    const core::Tensor<double>& left() const;
    double right(core::Index step, core::Index column) const;
    // The numbers of a part as [rows, columns] of one step.
    core::Shape shape_of(Part part) const;
    double value(const Spot& spot) const;
    bool has(const Spot& spot) const;

   private:
    const core::Tensor<double>& of_weight(const sequence::GatedDifferences& numbers) const;
  };

  // What happens in one step of the playhead.
  enum class Phase : std::uint8_t { kGate, kCandidate, kBlend, kJacobian, kCarry, kTerm, kSum };
  struct Focus {
    Phase phase = Phase::kGate;
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
