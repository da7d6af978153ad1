#include "engine/sequence/head_jobs.h"

#include <algorithm>
#include <cmath>

#include "engine/sequence/positions.h"
#include "engine/sequence/tokens.h"

namespace vitrine::sequence {

using core::Tensor;

namespace {

constexpr double kPositionGain = 5;  // of a score per unit of the sum of cosines
constexpr double kSameScore = 6;     // of a token with itself, where its content has variance 1

// Rows [row, row + 2 pairs) of the query turn each pair of the position's components back by `distance`.
void look_beside(MultiHeadWeights& w, Index row, Index head_dim, double distance) {
  const Index dim = w.query.size(1), content = content_dim(dim),
              pairs = std::min(head_dim, dim - content) / 2;
  if (pairs == 0) return;
  const Tensor<double> divisor = divisors(dim - content);
  const double gain = kPositionGain * std::sqrt(static_cast<double>(head_dim));
  for (Index i = 0; i < pairs; ++i) {
    const double angle = distance / divisor[i];
    const Index sine = row + 2 * i, cosine = sine + 1, from_sine = content + 2 * i,
                from_cosine = from_sine + 1;
    w.query(sine, from_sine) = w.query(cosine, from_cosine) = gain * std::cos(angle);
    w.query(sine, from_cosine) = -gain * std::sin(angle);
    w.query(cosine, from_sine) = gain * std::sin(angle);
    w.key(sine, from_sine) = w.key(cosine, from_cosine) = 1;
  }
}

void look_at_same(MultiHeadWeights& w, Index row, Index head_dim) {
  const Index read = std::min(head_dim, content_dim(w.query.size(1)));
  const double gain = kSameScore * std::sqrt(static_cast<double>(head_dim)) / static_cast<double>(read);
  for (Index i = 0; i < read; ++i) {
    w.query(row + i, i) = gain;
    w.key(row + i, i) = 1;
  }
}

}  // namespace

HeadJob head_job(Index head) {
  constexpr Index kJobs = 4;
  return {static_cast<HeadJob::Kind>(head % kJobs), 1 + head / kJobs};
}

Index position_dim(Index dim) { return dim / 4 * 2; }

Tensor<double> with_position_beside(const Tensor<double>& content, Index dim, bool positions) {
  const Index width = content_dim(dim), beside = dim - width;
  if (content.rank() != 2 || content.empty() || content.size(1) != width)
    throw core::ShapeError("content " + to_string(content.shape()) + " has not " + std::to_string(width) +
                           " columns, as tokens of " + std::to_string(dim) + " components need");
  const Index count = content.size(0);
  Tensor<double> x(core::within_limit({count, dim}));
  const Tensor<double> encoding =
      positions && beside > 0 ? sinusoidal_encoding(count, beside) : Tensor<double>({count, beside});
  for (Index t = 0; t < count; ++t) {
    for (Index i = 0; i < width; ++i) x(t, i) = content(t, i);
    for (Index i = 0; i < beside; ++i) x(t, width + i) = encoding(t, i);
  }
  return x;
}

MultiHeadWeights head_job_weights(Index dim, Index heads, Index head_dim) {
  const core::Shape rows = core::within_limit({core::checked_mul(heads, head_dim), dim});
  MultiHeadWeights w{
      .query = Tensor<double>(rows), .key = Tensor<double>(rows), .value = Tensor<double>(rows)};
  w.out = components(dim, rows[0]);
  for (Index h = 0; h < heads; ++h) {
    const HeadJob job = head_job(h);
    const double distance = static_cast<double>(job.distance);
    const Index row = h * head_dim;
    if (job.kind == HeadJob::Kind::kBefore) look_beside(w, row, head_dim, distance);
    if (job.kind == HeadJob::Kind::kAfter) look_beside(w, row, head_dim, -distance);
    if (job.kind == HeadJob::Kind::kSame) look_at_same(w, row, head_dim);
    for (Index i = 0; i < head_dim; ++i) w.value(row + i, (row + i) % content_dim(dim)) = 1;
  }
  return w;
}

}  // namespace vitrine::sequence
