#include "engine/sequence/dot_products.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "engine/core/stop.h"
#include "engine/core/text.h"
#include "engine/sequence/softmax.h"

namespace vitrine::sequence {

namespace {

using core::ShapeError;
using core::Tensor;

void check(const Component& c) {
  if (!std::isfinite(c.mean)) throw std::invalid_argument("mean " + core::exact(c.mean) + " is not finite");
  if (!std::isfinite(c.std)) throw std::invalid_argument("std " + core::exact(c.std) + " is not finite");
  if (c.std < 0) throw std::invalid_argument("std " + core::exact(c.std) + " is smaller than 0");
}

void check_finite(const char* name, double value, const Component& c, Index dim) {
  if (std::isfinite(value)) return;
  throw std::invalid_argument(std::string(name) + " of mean " + core::exact(c.mean) + ", std " +
                              core::exact(c.std) + " and dim " + std::to_string(dim) +
                              " passes a double's range");
}

void check_draws(Index dim, Index trials, Index keys) {
  core::require_at_least(1, "dim", dim);
  core::require_at_least(1, "samples", trials);
  core::require_at_least(1, "keys", keys);
  const Index components = core::checked_mul(core::checked_mul(trials, keys), dim);
  if (components > kDrawLimit)
    throw ShapeError("samples " + std::to_string(trials) + " of dim " + std::to_string(dim) + " are " +
                     std::to_string(components) + " components, more than 2^30");
}

// Component i of a trial's query is draw i (keys + 1) of it, that of key j is j + 1 behind it.
double draw(const core::Rng& rng, Index trial, Index keys, Index i, Index behind) {
  return rng.normal(static_cast<std::uint64_t>(trial), static_cast<std::uint64_t>(i * (keys + 1) + behind));
}

Estimate estimate(std::span<const double> sample) {
  const Moments m = moments(sample);
  return {m.mean, std::sqrt(m.variance / static_cast<double>(sample.size()))};
}

}  // namespace

Moments expected_dot_product(const Component& c, Index dim) {
  core::require_at_least(1, "dim", dim);
  check(c);
  const auto d = static_cast<double>(dim);
  const double mean_squared = c.mean * c.mean, std_squared = c.std * c.std;
  const Moments m{d * mean_squared, d * std_squared * std_squared + 2 * d * std_squared * mean_squared};
  check_finite("the expected mean", m.mean, c, dim);
  check_finite("the expected variance", m.variance, c, dim);
  return m;
}

DrawnPairs draw_pairs(std::vector<Index> dims, Index trials, Index keys, const core::Rng& rng,
                      std::stop_token stop) {
  core::Progress unseen;
  return draw_pairs(std::move(dims), trials, keys, rng, std::move(stop), unseen);
}

DrawnPairs draw_pairs(std::vector<Index> dims, Index trials, Index keys, const core::Rng& rng,
                      std::stop_token stop, core::Progress& progress) {
  if (dims.empty()) throw ShapeError("no dim is given");
  for (const Index dim : dims) core::require_at_least(1, "dim", dim);
  const Index largest = dims.back();
  check_draws(largest, trials, keys);
  const auto count = static_cast<Index>(dims.size());
  const core::Shape products = core::within_limit({count, trials, keys});
  DrawnPairs pairs{dims, Tensor<double>({count, trials}), Tensor<double>(products), Tensor<double>(products)};
  progress.begin(trials);
  std::vector<double> query(static_cast<std::size_t>(core::within_limit({largest}).count()));
  for (Index trial = 0; trial < trials; ++trial) {
    core::throw_if_stopped(stop);
    double sum_query = 0;
    for (Index i = 0, at = 0; i < largest; ++i) {
      sum_query += query[static_cast<std::size_t>(i)] = draw(rng, trial, keys, i, 0);
      while (at < count && dims[static_cast<std::size_t>(at)] == i + 1)
        pairs.sum_query(at++, trial) = sum_query;
    }
    for (Index key = 0; key < keys; ++key) {
      double sum_key = 0, sum_product = 0;
      for (Index i = 0, at = 0; i < largest; ++i) {
        const double b = draw(rng, trial, keys, i, key + 1);
        sum_key += b;
        sum_product += query[static_cast<std::size_t>(i)] * b;
        for (; at < count && dims[static_cast<std::size_t>(at)] == i + 1; ++at) {
          pairs.sum_key(at, trial, key) = sum_key;
          pairs.sum_product(at, trial, key) = sum_product;
        }
      }
    }
    progress.advance();
  }
  return pairs;
}

GrowingPairs::GrowingPairs(Index trials, Index keys, const core::Rng& rng)
    : trials_(trials), keys_(keys), rng_(rng) {
  check_draws(1, trials, keys);
  kept_.push_back({{0},
                   Tensor<double>({1, trials}),
                   Tensor<double>(core::within_limit({1, trials, keys})),
                   Tensor<double>(core::within_limit({1, trials, keys}))});
}

DrawnPairs GrowingPairs::of(Index dim, std::stop_token stop, core::Progress& progress) {
  check_draws(dim, trials_, keys_);
  const auto last = static_cast<std::size_t>(dim / kApart);
  progress.begin(std::max<Index>(static_cast<Index>(last) - std::ssize(kept_) + 1, 0) + 1);
  while (kept_.size() <= last) {
    DrawnPairs next = kept_.back();
    grow(next, next.dims[0] + kApart, stop);
    kept_.push_back(std::move(next));
    progress.advance();
  }
  DrawnPairs pairs = kept_[last];
  grow(pairs, dim, stop);
  progress.advance();
  return pairs;
}

void GrowingPairs::grow(DrawnPairs& pairs, Index dim, const std::stop_token& stop) const {
  for (Index trial = 0; trial < trials_; ++trial) {
    core::throw_if_stopped(stop);
    for (Index i = pairs.dims[0]; i < dim; ++i) {
      const double a = draw(rng_, trial, keys_, i, 0);
      pairs.sum_query(0, trial) += a;
      for (Index key = 0; key < keys_; ++key) {
        const double b = draw(rng_, trial, keys_, i, key + 1);
        pairs.sum_key(0, trial, key) += b;
        pairs.sum_product(0, trial, key) += a * b;
      }
    }
  }
  pairs.dims[0] = dim;
}

Tensor<double> dot_products(const DrawnPairs& pairs, std::size_t at, const Component& c) {
  check(c);
  const auto place = static_cast<Index>(at);
  const auto d = static_cast<double>(pairs.dims[at]);
  Tensor<double> products(core::Shape{pairs.trials(), pairs.keys()});
  for (Index trial = 0; trial < pairs.trials(); ++trial)
    for (Index key = 0; key < pairs.keys(); ++key)
      products(trial, key) =
          d * c.mean * c.mean +
          c.mean * c.std * (pairs.sum_query(place, trial) + pairs.sum_key(place, trial, key)) +
          c.std * c.std * pairs.sum_product(place, trial, key);
  return products;
}

LargestWeight largest_weight(const Tensor<double>& scores, double scale) {
  const Tensor<double> weights = softmax(scores, scale);
  const Index trials = scores.size(0), keys = scores.size(1);
  std::vector<double> largest, slopes;
  for (Index trial = 0; trial < trials; ++trial) {
    const double* const row = &weights(trial, 0);
    largest.push_back(*std::max_element(row, row + keys));
    slopes.push_back(largest.back() * (1 - largest.back()));
  }
  return {estimate(largest), estimate(slopes)};
}

}  // namespace vitrine::sequence
