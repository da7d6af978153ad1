// Why scores are divided by sqrt(d): what the dot product of two random vectors is expected to be, drawn ones
// to compare with, and what a softmax makes of them. Components are independent, normal, with mean mu and
// standard deviation sigma:
//   E[q.k] = d mu^2,  Var[q.k] = d sigma^4 + 2 d sigma^2 mu^2
// Source: Vaswani et al. 2017, "Attention is all you need", section 3.2.1, footnote 4 (there mu = 0, sigma =
// 1).
#pragma once

#include <stop_token>
#include <vector>

#include "engine/core/progress.h"
#include "engine/core/rng.h"
#include "engine/core/tensor.h"
#include "engine/sequence/statistics.h"

namespace vitrine::sequence {

// Of each component of q and k.
struct Component {
  double mean = 0, std = 1;
  bool operator==(const Component&) const = default;
};

// Of q.k with dim = d. Throws ShapeError (dim below 1) and std::invalid_argument (a mean or std that is not
// finite, a negative std, a result beyond a double's range).
Moments expected_dot_product(const Component& component, Index dim);

// What is drawn before mu and sigma are known: q = mu + sigma a, k = mu + sigma b with standard normal a and
// b, so that q.k = d mu^2 + mu sigma (sum a + sum b) + sigma^2 sum ab. For several d at once: the first d
// components of the same draws. A change of mu or sigma draws nothing again.
struct DrawnPairs {
  std::vector<Index> dims;           // ascending
  core::Tensor<double> sum_query;    // [dims, trials] sum a, of the one query of a trial
  core::Tensor<double> sum_key;      // [dims, trials, keys] sum b
  core::Tensor<double> sum_product;  // [dims, trials, keys] sum ab
  Index trials() const { return sum_key.size(1); }
  Index keys() const { return sum_key.size(2); }
};

// The most components of keys that one call draws, some twenty seconds' work.
inline constexpr Index kDrawLimit = Index{1} << 30;

// A number drawn depends on rng, its trial, key and component only: more trials, or a larger d behind the
// others, change none. `dims` ascending, all >= 1. Throws ShapeError for sizes below 1 and for more than
// kDrawLimit components, and core::Stopped. Cost trials * (keys + 1) * the largest of dims.
DrawnPairs draw_pairs(std::vector<Index> dims, Index trials, Index keys, const core::Rng& rng,
                      std::stop_token stop = {});
DrawnPairs draw_pairs(std::vector<Index> dims, Index trials, Index keys, const core::Rng& rng,
                      std::stop_token stop, core::Progress& progress);

// The same draws for one dim after another, as a hand that drags d asks for them: what has been summed is
// kept every few components, so that the next dim costs at most those, and what a stop interrupts is not
// lost.
class GrowingPairs {
 public:
  // Nothing is drawn yet. Throws ShapeError for sizes below 1.
  GrowingPairs(Index trials, Index keys, const core::Rng& rng);
  // What draw_pairs({dim}, trials, keys, rng) is, to the bit. Throws as it does.
  DrawnPairs of(Index dim, std::stop_token stop, core::Progress& progress);

  static constexpr Index kApart = 16;  // components between two sums that are kept

 private:
  // Sums a pair's components from those that it has to `dim`.
  void grow(DrawnPairs& pairs, Index dim, const std::stop_token& stop) const;

  Index trials_, keys_;
  core::Rng rng_;
  std::vector<DrawnPairs> kept_;  // of dim 0, kApart, 2 kApart, ...
};

// [trials, keys] q.k of the dim at place `at` among the dims.
core::Tensor<double> dot_products(const DrawnPairs& pairs, std::size_t at, const Component& component);

// A mean over trials and by how much it would differ from trial to trial set: s / sqrt(trials).
struct Estimate {
  double mean = 0, error = 0;
};
// Of the softmax over each row of scores.
struct LargestWeight {
  Estimate weight;  // the largest weight a
  Estimate slope;   // a (1 - a): its derivative by its own score, what comes back through the softmax
};
// scores [trials, keys], at least two trials, times scale. Throws std::invalid_argument if one is not finite.
LargestWeight largest_weight(const core::Tensor<double>& scores, double scale);

}  // namespace vitrine::sequence
