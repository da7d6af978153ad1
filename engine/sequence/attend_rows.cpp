#include "engine/sequence/attend_rows.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
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
  bool finite;  // the row holds no NaN or infinity, and greatest - least is in a double's range
};

RowRange range_of(const double* x, Index count) {
  Register least[kVectors], greatest[kVectors], sum[kVectors];
  core::unrolled<kVectors>([&](auto v) VITRINE_INLINE {
    least[v] = greatest[v] = core::broadcast(x[0]);
    sum[v] = Register{};
  });
  each_register(count, [&](auto v, Index at) VITRINE_INLINE {
    const Register here = core::load(x + at);
    least[v] = here < least[v] ? here : least[v];
    greatest[v] = here > greatest[v] ? here : greatest[v];
    sum[v] += here - here;  // 0, or NaN
  });
  RowRange r{x[0], x[0], true};
  double total = 0;
  for (Index v = 0; v < kVectors; ++v) {
    for (Index lane = 0; lane < kLanes; ++lane) {
      r.least = std::min(r.least, least[v][lane]);
      r.greatest = std::max(r.greatest, greatest[v][lane]);
    }
    total += core::lane_sum<double>(sum[v]);
  }
  r.finite = total == 0 && std::isfinite(r.greatest - r.least);
  return r;
}

double total_of(const Register (&sums)[kVectors]) {
  Register sum = sums[0];
  for (Index v = 1; v < kVectors; ++v) sum += sums[v];
  return core::lane_sum<double>(sum);
}

// x becomes exp(scale*(x - reference)), 0 where that is below e^-708; returns the sum of exp times its
// exponent.
double exponentials(double* x, Index count, double scale, double reference) {
  constexpr double kSmallest = core::ExpConstants<double>::kSmallest;
  Register products[kVectors] = {};
  each_register(count, [&](auto v, Index at) VITRINE_INLINE {
    Register exponent = scale * (core::load(x + at) - reference);
    const auto tiny = exponent < kSmallest;
    exponent = tiny ? core::broadcast(kSmallest) : exponent;
    const Register exp = tiny ? Register{} : core::exp_of_nonpositive<double>(exponent);
    products[v] += exp * exponent;
    core::store(x + at, exp);
  });
  return total_of(products);
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

// The row with every number looked at: where one is not finite or a difference passes a double's range.
template <class Weight>
void careful_row(const FastHead<Weight>& head, Index t, const Sight& sight, std::span<double> weights) {
  std::vector<std::uint8_t> seen(weights.size());
  for (Index s = 0; s < sight.end; ++s) {
    if (!sight.sees(s)) continue;
    double dot = 0;
    bool finite = true;
    for (Index i = 0; i < head.query.columns; ++i) {
      dot += head.query(t, i) * head.key(s, i);
      finite &= std::isfinite(head.query(t, i)) && std::isfinite(head.key(s, i));
    }
    if (finite && !std::isfinite(dot))
      throw std::invalid_argument("query " + std::to_string(t) + " times key " + std::to_string(s) +
                                  " passes a double's range");
    weights[static_cast<std::size_t>(s)] = dot;
    seen[static_cast<std::size_t>(s)] = 1;
  }
  softmax_row(weights, head.scale, seen, weights, weights);
  double entropy = 0;
  for (const double weight : weights)
    if (weight != 0) entropy -= weight * std::log(weight);
  head.entropy[t] = entropy;
}

// x [count] holds query t's products with the keys, and becomes its weights. count: of the block, a multiple
// of kPanel.
template <class Weight>
void softmax_in_place(const FastHead<Weight>& head, Index t, double* x, Index count) {
  const Sight sight = sight_of(head, t);
  const Index used = core::round_up(sight.end, kPanel);
  // What is hidden takes a visible number's place until the exponentials are there.
  Index first = 0;
  if (sight.mask) {
    while (first < sight.end && sight.mask[first] == 0) ++first;
    if (first == sight.end) throw_all_hidden(t);
    const double visible = x[first];
    for (Index s = 0; s < sight.end; ++s) x[s] = sight.mask[s] != 0 ? x[s] : visible;
  }
  std::fill(x + sight.end, x + used, x[first]);
  const RowRange range = range_of(x, used);
  std::fill(x + used, x + count, 0.0);
  if (!range.finite)
    return careful_row(head, t, sight, std::span(x, static_cast<std::size_t>(count)));
  const double reference = head.scale < 0 ? range.least : range.greatest;
  if (sight.mask || sight.end < used) {  // the hidden ones' exponent is 0: that takes nothing from the entropy
    for (Index s = 0; s < used; ++s) x[s] = sight.sees(s) ? x[s] : reference;
  }
  const double products = exponentials(x, used, head.scale, reference);
  if (sight.mask)
    for (Index s = 0; s < sight.end; ++s) x[s] = sight.mask[s] != 0 ? x[s] : 0;
  std::fill(x + sight.end, x + used, 0.0);
  const double sum = sum_of(x, used);
  multiply(x, used, 1 / sum);
  head.entropy[t] = std::log(sum) - products / sum;
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

}  // namespace

Index rows_of_block(Index keys) {
  constexpr Index kScores = 100'000, kMost = 8;  // 800 kB; tiles of rows
  return core::kTileRows * std::clamp<Index>(kScores / (keys * core::kTileRows), 1, kMost);
}

template <class Weight>
void attend_rows(const FastHead<Weight>& head, Index first, Index rows) {
  const Index keys = head.key.rows, seen = sight_of(head, first + rows - 1).end,
              padded = core::round_up(seen, kPanel);
  const Index stride = padded + kLanes;  // rows a power of two apart would share their cache lines' places
  auto scratch = core::Tensor<double>::uninitialized({rows, stride});
  const MatrixView<double> scores(scratch.data(), rows, padded, stride);
  head.packed_key.product({&head.query(first, 0), rows, head.query.columns, head.query.stride},
                          {nullptr, 0, 0}, scores);
  for (Index i = 0; i < rows; ++i) {
    double* const row = &scores(i, 0);
    softmax_in_place(head, first + i, row, padded);
    if (!head.weights) continue;
    Weight* const kept = head.weights + (first + i) * keys;
    std::transform(row, row + seen, kept, [](double weight) { return static_cast<Weight>(weight); });
    std::fill(kept + seen, kept + keys, Weight{0});
  }
  if (head.value_finite || (!head.visible.causal && !head.visible.mask))
    product_by_depth({scores.data, rows, seen, stride},
                     {head.value.data, seen, head.value.columns, head.value.stride},
                     {&head.output(first, 0), rows, head.output.columns, head.output.stride});
  else  // 0 times a hidden NaN would be one
    for (Index i = 0; i < rows; ++i) mix_visible(head, first + i, &scores(i, 0));
}

template void attend_rows(const FastHead<double>&, Index, Index);
template void attend_rows(const FastHead<float>&, Index, Index);

}  // namespace vitrine::sequence
