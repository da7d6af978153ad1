#include "engine/sequence/attend_rows.h"

#include <emmintrin.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "engine/core/vector_math.h"
#include "engine/sequence/softmax.h"

namespace vitrine::sequence {

using core::MatrixView;

namespace {

using Register = core::Vector<double>;
constexpr Index kLanes = core::kLanes<double>;
constexpr Index kVectors = core::kTileVectors;  // registers of a row at once, so that their sums overlap
static_assert(kVectors * kLanes == kPanel);

// body(v, at) for the registers of a row whose length is a multiple of kPanel; v is constant.
template <class Body>
inline void each_register(Index count, const Body& body) {
  for (Index at = 0; at < count; at += kPanel)
    core::unrolled<kVectors>([&](auto v) VITRINE_INLINE { body(v, at + v * kLanes); });
}

struct RowRange {
  double least, greatest;
};

// Of the numbers that compare: a NaN does not.
RowRange range_of(const double* x, Index count) {
  Register least[kVectors], greatest[kVectors];
  core::unrolled<kVectors>([&](auto v) VITRINE_INLINE { least[v] = greatest[v] = core::broadcast(x[0]); });
  each_register(count, [&](auto v, Index at) VITRINE_INLINE {
    const Register here = core::load(x + at);
    least[v] = here < least[v] ? here : least[v];
    greatest[v] = here > greatest[v] ? here : greatest[v];
  });
  RowRange r{x[0], x[0]};
  for (Index v = 0; v < kVectors; ++v)
    for (Index lane = 0; lane < kLanes; ++lane) {
      r.least = std::min(r.least, least[v][lane]);
      r.greatest = std::max(r.greatest, greatest[v][lane]);
    }
  return r;
}

double total_of(const Register (&sums)[kVectors]) {
  Register sum = sums[0];
  for (Index v = 1; v < kVectors; ++v) sum += sums[v];
  return core::lane_sum<double>(sum);
}

// Sums over a row of e^u, and of e^u times u.
struct ExpSums {
  double exps, products;
};

// x becomes e^u with u = scale*(x - reference) <= 0.
ExpSums exponentials(double* x, Index count, double scale, double reference) {
  Register exps[kVectors] = {}, products[kVectors] = {};
  for (Index at = 0; at < count; at += kPanel) {
    Register u[kVectors], exp[kVectors];
    core::unrolled<kVectors>([&](auto v) VITRINE_INLINE {
      exp[v] = u[v] = scale * (core::load(x + at + v * kLanes) - reference);
    });
    core::exp_of_nonpositive<double, kVectors>(exp);
    core::unrolled<kVectors>([&](auto v) VITRINE_INLINE {
      core::store(x + at + v * kLanes, exp[v]);
      exps[v] += exp[v];
      products[v] += exp[v] * u[v];
    });
  }
  return {total_of(exps), total_of(products)};
}

double sum_of(const double* x, Index count) {
  Register sums[kVectors] = {};
  each_register(count, [&](auto v, Index at) VITRINE_INLINE { sums[v] += core::load(x + at); });
  return total_of(sums);
}

void multiply(double* x, Index count, double factor) {
  each_register(count,
                [&](auto, Index at) VITRINE_INLINE { core::store(x + at, core::load(x + at) * factor); });
}

// How one query sees the keys.
struct Sight {
  Index end;                 // keys from here on are hidden
  const std::uint8_t* mask;  // of the keys before, or null
  bool sees(Index s) const { return s < end && (!mask || mask[s] != 0); }
};

template <class Weight>
Sight sight_of(const FastHead<Weight>& head, Index t) {
  const Index keys = head.key.rows;
  const Mask* mask = head.visible.mask;
  return {head.visible.causal ? std::min(t + 1, keys) : keys, mask ? mask->data() + t * keys : nullptr};
}

[[noreturn]] void throw_all_hidden(Index t) {
  throw std::invalid_argument("row " + std::to_string(t) + " of the mask hides every key");
}

// The row anew with every number looked at: where one, a difference or an exponent is not finite.
template <class Weight>
void careful_row(const FastHead<Weight>& head, Index t, const Sight& sight, std::span<double> weights) {
  std::vector<std::uint8_t> seen(weights.size());
  std::vector<double> dots(weights.size());
  for (Index s = 0; s < sight.end; ++s) {
    if (!sight.sees(s)) continue;
    const auto d = static_cast<std::size_t>(head.query.columns);
    dots[static_cast<std::size_t>(s)] = query_times_key({&head.query(t, 0), d}, {&head.key(s, 0), d}, t, s);
    seen[static_cast<std::size_t>(s)] = 1;
  }
  softmax_row(dots, head.scale, seen, weights, weights);
  head.entropy[t] = entropy_of(weights);
}

// x [count] holds query t's products with the keys, and becomes its weights. count: of the block, a multiple
// of kPanel.
template <class Weight>
void softmax_in_place(const FastHead<Weight>& head, Index t, double* x, Index count) {
  const Sight sight = sight_of(head, t);
  const Index used = core::round_up(sight.end, kPanel);
  const bool hides = sight.mask || sight.end < used;
  if (hides) {  // until the exponentials are there, what is hidden is like a number that is not
    Index first = 0;
    while (first < sight.end && !sight.sees(first)) ++first;
    if (first == sight.end) throw_all_hidden(t);
    const double visible = x[first];
    for (Index s = 0; s < used; ++s) x[s] = sight.sees(s) ? x[s] : visible;
  }
  std::fill(x + used, x + count, 0.0);
  const RowRange range = range_of(x, used);
  const double reference = head.scale < 0 ? range.least : range.greatest;
  if (hides)  // with the exponent 0, which takes nothing from the entropy
    for (Index s = 0; s < used; ++s) x[s] = sight.sees(s) ? x[s] : reference;
  ExpSums sums = exponentials(x, used, head.scale, reference);
  if (hides) {
    for (Index s = 0; s < used; ++s) x[s] = sight.sees(s) ? x[s] : 0;
    sums.exps = sum_of(x, used);
  }
  if (!std::isfinite(sums.exps) || !std::isfinite(sums.products))
    return careful_row(head, t, sight, std::span(x, static_cast<std::size_t>(count)));
  multiply(x, used, 1 / sums.exps);
  head.entropy[t] = std::log(sums.exps) - sums.products / sums.exps;
}

// Weights that no cache would hold go past it: memory is not read first, and keys and values stay near.
constexpr Index kLarge = Index{1} << 19;  // weights of a head: 4 MB

template <class Weight>
void keep_row(const double* row, Index count, Weight* kept, bool large) {
  Index s = 0;
  if constexpr (std::is_same_v<Weight, double>) {
    const bool aligned = reinterpret_cast<std::uintptr_t>(kept) % 16 == 0;
    for (; large && aligned && s + 2 <= count; s += 2) _mm_stream_pd(kept + s, _mm_loadu_pd(row + s));
    _mm_sfence();
  }
  std::transform(row + s, row + count, kept + s, [](double weight) { return static_cast<Weight>(weight); });
}

template <class Weight>
void mix_visible(const FastHead<Weight>& head, Index t, const double* weights) {
  const Sight sight = sight_of(head, t);
  for (Index i = 0; i < head.value.columns; ++i) {
    double sum = 0;
    for (Index s = 0; s < sight.end; ++s)
      if (sight.sees(s)) sum += weights[s] * head.value(s, i);
    head.output(t, i) = sum;
  }
}

// Rows a power of two apart would share their cache lines' places.
Index stride_of_block(Index keys) { return core::round_up(keys, kPanel) + kLanes; }

}  // namespace

Index rows_of_block(Index keys) {
  constexpr Index kScores = 100'000, kMost = 8;  // 800 kB; tiles of rows
  return core::kTileRows * std::clamp<Index>(kScores / (keys * core::kTileRows), 1, kMost);
}

Index scores_of_block(Index keys) { return rows_of_block(keys) * stride_of_block(keys); }

template <class Weight>
void attend_rows(const FastHead<Weight>& head, Index first, Index rows, double* scratch) {
  const Index keys = head.key.rows, seen = sight_of(head, first + rows - 1).end,
              padded = core::round_up(seen, kPanel), stride = stride_of_block(keys);
  const MatrixView<double> scores(scratch, rows, padded, stride);
  head.packed_key.product({&head.query(first, 0), rows, head.query.columns, head.query.stride},
                          {nullptr, 0, 0}, scores);
  for (Index i = 0; i < rows; ++i) {
    double* const row = &scores(i, 0);
    softmax_in_place(head, first + i, row, padded);
    if (!head.weights) continue;
    Weight* const kept = head.weights + (first + i) * keys;
    keep_row(row, seen, kept, head.query.rows * keys >= kLarge);
    std::fill(kept + seen, kept + keys, Weight{0});
  }
  if (head.value_finite || (!head.visible.causal && !head.visible.mask))
    product_by_depth({scores.data, rows, seen, stride},
                     {head.value.data, seen, head.value.columns, head.value.stride},
                     {&head.output(first, 0), rows, head.output.columns, head.output.stride});
  else  // 0 times a hidden NaN would be one
    for (Index i = 0; i < rows; ++i) mix_visible(head, first + i, &scores(i, 0));
}

template void attend_rows(const FastHead<double>&, Index, Index, double*);
template void attend_rows(const FastHead<float>&, Index, Index, double*);

}  // namespace vitrine::sequence
