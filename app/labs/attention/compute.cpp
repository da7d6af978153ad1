// What "Attention by hand" computes: the attention itself, its mistake, and what each exhibit shows.
#include <algorithm>
#include <cmath>

#include "app/labs/attention/lab.h"
#include "engine/core/stop.h"
#include "engine/sequence/differences.h"
#include "engine/sequence/linear.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;

namespace {

constexpr Index kCurvePoints = 121;  // from the smallest temperature to the largest
constexpr Index kCountPoints = 25;   // from one token to the most
constexpr double kStep = 1e-5;       // of the finite differences

using Params = Attention::Params;

std::span<const double> values_of_row(const Tensor<double>& m, Index row) {
  return m.values().subspan(static_cast<std::size_t>(row * m.size(1)), static_cast<std::size_t>(m.size(1)));
}

using Result = Attention::Result;

Attention::Plane plane_of(const Tensor<double>& value, const Tensor<double>& output, Index across, Index up) {
  Attention::Plane plane;
  const auto points = [&](const Tensor<double>& m) {
    std::vector<sequence::PlanePoint> out;
    for (Index i = 0; i < m.size(0); ++i) out.push_back({m(i, across), m.size(1) == 1 ? 0 : m(i, up)});
    return out;
  };
  plane.values = points(value);
  plane.outputs = points(output);
  plane.hull = sequence::convex_hull(plane.values);
  for (const sequence::PlanePoint& p : plane.outputs)
    plane.outside.push_back(sequence::distance_outside(plane.hull, p));
  return plane;
}

// The keys that the softmax of this query sees; empty: all.
std::span<const std::uint8_t> allowed_keys(const Result& r, Index query) {
  if (r.params.masks_late()) return {};
  return r.mask.values().subspan(static_cast<std::size_t>(query * r.keys()),
                                 static_cast<std::size_t>(r.keys()));
}

void differentiate(Result& r, Index query) {
  r.jacobians.push_back(sequence::softmax_jacobian(values_of_row(r.softmaxed, query), r.beta));
  if (std::isinf(r.beta)) return;
  r.checks.push_back(sequence::softmax_differences(values_of_row(r.attention.dots, query),
                                                   allowed_keys(r, query), r.beta, kStep));
  r.check_errors.push_back(sequence::largest_difference(r.jacobians.back(), r.checks.back()));
}

Attention::NudgeStudy nudge_study(const Result& r, Index query) {
  const Params& p = r.params;
  const auto dots = values_of_row(r.attention.dots, query);
  const auto allowed = allowed_keys(r, query);
  const double step = p.nudge * r.query(query, p.nudged_component);
  const auto at = [&](double beta) { return sequence::nudge(dots, allowed, p.nudged_key, step, beta); };
  const auto key = static_cast<std::size_t>(p.nudged_key);
  Attention::NudgeStudy study;
  study.here = at(r.beta);
  for (const double beta : Attention::kNudgeBetas) study.table.push_back(at(beta));
  for (const double beta :
       sequence::log_spaced(Attention::kSmallestBeta, Attention::kLargestBeta, kCurvePoints)) {
    const sequence::Nudge n = at(beta);
    study.change.push_back({beta, n.change[key]});
    study.predicted.push_back({beta, n.predicted[key]});
  }
  return study;
}

void count_cost(Result& r) {
  r.cost = sequence::attention_cost(r.params.cost_tokens, r.params.cost_dim);
  for (const double tokens : sequence::log_spaced(1, Attention::kLargestCount, kCountPoints)) {
    const auto n = static_cast<Index>(std::llround(tokens));
    const sequence::AttentionCost cost = sequence::attention_cost(n, r.params.cost_dim);
    r.projections.push_back({static_cast<double>(n), static_cast<double>(cost.projections)});
    r.mixing.push_back({static_cast<double>(n), static_cast<double>(cost.mixing)});
  }
}

}  // namespace

Attention::Result Attention::compute(const Params& p, std::stop_token stop) {
  Result r;
  r.params = p;
  r.beta = p.scale_factor();
  r.mask = p.mask();
  r.query = p.made() ? sequence::linear(p.hidden, p.w_query) : p.query;
  r.key = p.made() ? sequence::linear(r.memory(), p.w_key) : p.key;
  r.value = p.made() ? sequence::linear(r.memory(), p.w_value) : p.value;
  r.right = sequence::attention(r.query, r.key, r.value, r.beta, r.mask, stop);
  r.late = sequence::mask_after_softmax(r.query, r.key, r.value, r.beta, r.mask, stop);
  r.attention = p.masks_late() ? r.late.unmasked : r.right;
  r.softmaxed = r.attention.weights;
  if (p.masks_late()) {
    r.attention.weights = r.late.weights;
    r.attention.output = r.late.output;
  }
  r.right_sums = sequence::row_sums(r.right.weights);
  r.entropy_limits = sequence::entropy_limits(r.mask);
  for (Index across = 0; across < r.width(); ++across)
    for (Index up = 0; up < r.width(); ++up)
      r.planes.push_back(plane_of(r.value, r.attention.output, across, up));
  for (Index t = 0; t < r.queries(); ++t) {
    core::throw_if_stopped(stop);
    differentiate(r, t);
    r.nudges.push_back(nudge_study(r, t));
  }
  count_cost(r);
  return r;
}

int Attention::last_step(const Result& r) { return Timeline(r.params).count() - 1; }

const Tensor<double>& Attention::Result::values_of(Panel panel) const {
  switch (panel) {
    case Panel::kHidden:
      return params.hidden;
    case Panel::kQueryWeights:
      return params.w_query;
    case Panel::kMemory:
      return memory();
    case Panel::kKeyWeights:
      return params.w_key;
    case Panel::kValueWeights:
      return params.w_value;
    case Panel::kQuery:
      return query;
    case Panel::kKey:
      return key;
    case Panel::kDots:
      return attention.dots;
    case Panel::kScores:
      return attention.scores;
    case Panel::kExps:
      return attention.exps;
    case Panel::kWeights:
      return attention.weights;
    case Panel::kValue:
      return value;
    case Panel::kOutput:
      return attention.output;
    case Panel::kJacobian:
      break;
  }
  return jacobians.front();
}

namespace {

// Drawn with its rows as columns.
bool upright(Attention::Panel p) {
  using Panel = Attention::Panel;
  return p == Panel::kKey || p == Panel::kQueryWeights || p == Panel::kKeyWeights ||
         p == Panel::kValueWeights;
}

}  // namespace

double Attention::Result::at(Panel p, Index row, Index column) const {
  return upright(p) ? values_of(p)(column, row) : values_of(p)(row, column);
}
Index Attention::Result::rows(Panel p) const { return values_of(p).size(upright(p) ? 1 : 0); }
Index Attention::Result::columns(Panel p) const { return values_of(p).size(upright(p) ? 0 : 1); }

const Attention::Plane& Attention::Result::plane(const View& view) const {
  const Index across = std::min(view.across, width() - 1), up = std::min(view.up, width() - 1);
  return planes[static_cast<std::size_t>(across * width() + up)];
}

}  // namespace vitrine::labs
