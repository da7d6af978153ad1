#include "app/labs/attention_rnn/scene.h"

namespace vitrine::labs {

using core::Index;
using widgets::Role;

namespace {

using Part = AttentionRnn::Part;
using Phase = AttentionRnn::Phase;

// The part whose numbers become in this phase.
Part part_of(Phase phase) {
  switch (phase) {
    case Phase::kScores:
      return Part::kScore;
    case Phase::kWeights:
      return Part::kWeight;
    case Phase::kMix:
      return Part::kState;
    case Phase::kJacobian:
      return Part::kJacobian;
    case Phase::kTerms:
      return Part::kCarried;
    case Phase::kSum:
      break;
  }
  return Part::kTotal;
}

}  // namespace

widgets::Shade AttentionScene::shade_of(Part part) const {
  switch (part) {
    case Part::kInput:
      return widgets::tinted(Role::kInput, r.params.input);
    case Part::kState:
      return widgets::tinted(Role::kOutput, r.states.h);
    case Part::kValue:
      return widgets::tinted(Role::kOutput, r.states.values);
    case Part::kJacobian:
      return widgets::tinted(Role::kGradient, r.states.jacobian_previous);
    case Part::kGatedState:
      return widgets::tinted(Role::kKernel, r.gated.h);
    case Part::kGatedJacobian:
      return widgets::tinted(Role::kKernel, r.gated.jacobian);
    case Part::kScore:
      return widgets::tinted(Role::kText, r.states.scores);
    case Part::kWeight:
      return widgets::mapped(gpu::Colormap::kMagma, {0, 1});
    default:
      break;
  }
  return widgets::tinted(Role::kGradient, r.gradients.total);
}

float AttentionScene::presence(const AttentionRnn::Spot& spot) const {
  const int there = AttentionRnn::arrival(r, spot);
  return there < f.reached ? 1 : there > f.reached ? 0 : f.progress >= 1 ? 1 : f.progress * f.progress;
}

bool AttentionScene::is_target(const AttentionRnn::Spot& spot) const {
  if (f.spot) return *f.spot == spot;
  return spot.step == f.step && spot.part == part_of(f.phase);
}

std::optional<Index> AttentionScene::lit_source() const {
  if (!f.spot) return std::nullopt;
  switch (f.spot->part) {
    case Part::kWeight:
    case Part::kScore:
    case Part::kValue:
    case Part::kTerm:
      return f.spot->source;
    case Part::kJacobian:
      return 1;
    default:
      return std::nullopt;
  }
}

}  // namespace vitrine::labs
