// The register tiles of fast_convolution.cpp: y[f,i,j] = b[f] + sum_t w[t,f] x[offset[t] + i*row + j] for a
// few filters, rows and registers of columns at once. A tile of sums stays in registers while the taps t run.
#pragma once

#include <algorithm>

#include "engine/core/vector.h"

namespace vitrine::signal {

using core::Index;

// What the tiles of one call share. Taps are in the order of the sum: channel, kernel row, kernel column.
struct TileSums {
  Index channels, kernel_rows, kernel_columns;
  const Index* offset;   // [taps]: from an output's first input number to tap t's
  Index input_row;       // numbers from an output row's inputs to the next row's
  Index output_columns;  // numbers in an output row
  Index output_plane;    // numbers from one filter's outputs to the next filter's

  Index taps() const { return channels * kernel_rows * kernel_columns; }
};

// Where some output rows of neighbouring filters are computed.
struct TilePlace {
  const float* input;   // under the first output's tap of offset 0
  const float* weight;  // packed for the tile: see tile and sliding_tile
  const float* bias;    // [filters] or null
  float* output;

  TilePlace at_column(Index j) const { return {input + j, weight, bias, output + j}; }
};

// The shape of a tile of so many filters: its sums fill three quarters of the registers.
inline constexpr bool kManyRegisters = core::kRegisters == 32;
inline constexpr int kTileSums = kManyRegisters ? 24 : 12;
inline constexpr int kMostFilters = kManyRegisters ? 8 : 4;
template <int kFilters>
inline constexpr int kTileVectors = kManyRegisters ? (kFilters > 2 ? 3 : 4) : (kFilters > 1 ? 3 : 2);
template <int kFilters>
inline constexpr int kTileRows = kTileSums / (kFilters * kTileVectors<kFilters>);
inline constexpr int kMostTileRows = kTileRows<1>;

namespace tile_details {

using core::broadcast;
using core::load;
using core::unrolled;
using Register = core::Vector<float>;
inline constexpr int kWidth = core::kLanes<float>;

// The first `columns` of a row of registers. Only outputs narrower than their tile have fewer than all.
template <int kVectors>
inline void store_row(const Register (&row)[kVectors], float* to, Index columns) {
  constexpr int kAll = kVectors * kWidth;
  if (columns == kAll) [[likely]] {
    unrolled<kVectors>([&](auto v) VITRINE_INLINE { core::store(to + v * kWidth, row[v]); });
  } else {
    float all[kAll];
    unrolled<kVectors>([&](auto v) VITRINE_INLINE { core::store(all + v * kWidth, row[v]); });
    std::copy_n(all, columns, to);
  }
}

// body(a constant equal to count), 1 <= count <= kMost.
template <int kMost, class Body>
inline void with_constant(Index count, const Body& body) {
  if constexpr (kMost > 1) {
    if (count < kMost) return with_constant<kMost - 1>(count, body);
  }
  body(std::integral_constant<int, kMost>{});
}

}  // namespace tile_details

// kRows output rows of kFilters filters, `columns` of at most kVectors registers. weight [taps, kFilters].
template <int kFilters, int kRows, int kVectors>
void tile(const TileSums& s, const TilePlace& at, Index columns) {
  using namespace tile_details;
  Register sum[kFilters][kRows][kVectors];
  const auto each_input = [](const auto& body) VITRINE_INLINE {
    unrolled<kRows>([&](auto i)
                        VITRINE_INLINE { unrolled<kVectors>([&](auto v) VITRINE_INLINE { body(i, v); }); });
  };
  unrolled<kFilters>([&](auto f) VITRINE_INLINE {
    const float bias = at.bias ? at.bias[f] : 0;
    each_input([&](auto i, auto v) VITRINE_INLINE { sum[f][i][v] = broadcast(bias); });
  });
  const Index taps = s.taps(), input_row = s.input_row;
  const Index* offset = s.offset;
  const float* w = at.weight;
  for (Index t = 0; t < taps; ++t, w += kFilters) {
    const float* x = at.input + offset[t];
    if constexpr (kFilters > kRows * kVectors) {  // what is used most is loaded once
      Register seen[kRows][kVectors];
      each_input([&](auto i, auto v) VITRINE_INLINE { seen[i][v] = load(x + i * input_row + v * kWidth); });
      unrolled<kFilters>([&](auto f) VITRINE_INLINE {
        const Register factor = broadcast(w[f]);
        each_input([&](auto i, auto v) VITRINE_INLINE { sum[f][i][v] += factor * seen[i][v]; });
      });
    } else {
      Register factor[kFilters];
      unrolled<kFilters>([&](auto f) VITRINE_INLINE { factor[f] = broadcast(w[f]); });
      each_input([&](auto i, auto v) VITRINE_INLINE {
        const Register seen = load(x + i * input_row + v * kWidth);
        unrolled<kFilters>([&](auto f) VITRINE_INLINE { sum[f][i][v] += factor[f] * seen; });
      });
    }
  }
  unrolled<kFilters>([&](auto f) VITRINE_INLINE {
    unrolled<kRows>([&](auto i) VITRINE_INLINE {
      store_row(sum[f][i], at.output + f * s.output_plane + i * s.output_columns, columns);
    });
  });
}

// The same for one filter whose window moves down by single input rows, so that each input row that is loaded
// serves all output rows of the tile. weight [channels, kernel columns, kernel rows]; kernel rows >= kRows.
template <int kRows, int kVectors>
void sliding_tile(const TileSums& s, const TilePlace& at, Index columns) {
  using namespace tile_details;
  const float bias = at.bias ? *at.bias : 0;
  Register sum[kRows][kVectors];
  unrolled<kRows>([&](auto i) VITRINE_INLINE {
    unrolled<kVectors>([&](auto v) VITRINE_INLINE { sum[i][v] = broadcast(bias); });
  });
  const Index kernel_rows = s.kernel_rows, kernel_columns = s.kernel_columns;
  const Index* offset = s.offset;
  const float* weight = at.weight;
  // Input row r of the channel meets output rows [kFirst, kLast], row i under kernel row r - i.
  const auto meet = [&]<int kFirst, int kLast>(Index r) VITRINE_INLINE {
    const float* x = at.input + r * s.input_row;
    const float* w = weight + r;
    for (Index v = 0; v < kernel_columns; ++v, w += kernel_rows) {
      Register seen[kVectors];
      unrolled<kVectors>([&](auto k) VITRINE_INLINE { seen[k] = load(x + offset[v] + k * kWidth); });
      unrolled<kLast - kFirst + 1>([&](auto n) VITRINE_INLINE {
        constexpr int i = kFirst + n;
        const Register factor = broadcast(w[-i]);
        unrolled<kVectors>([&](auto k) VITRINE_INLINE { sum[i][k] += factor * seen[k]; });
      });
    }
  };
  for (Index c = 0; c < s.channels; ++c) {
    unrolled<kRows - 1>([&](auto r) VITRINE_INLINE { meet.template operator()<0, r>(r); });
    for (Index r = kRows - 1; r < kernel_rows; ++r) meet.template operator()<0, kRows - 1>(r);
    unrolled<kRows - 1>([&](auto r)
                            VITRINE_INLINE { meet.template operator()<r + 1, kRows - 1>(kernel_rows + r); });
    offset += kernel_rows * kernel_columns;
    weight += kernel_rows * kernel_columns;
  }
  unrolled<kRows>([&](auto i)
                      VITRINE_INLINE { store_row(sum[i], at.output + i * s.output_columns, columns); });
}

// All columns of some output rows, tile by tile: compute(a constant number of registers, place, columns). The
// last tile overlaps the one before it, so that only a row narrower than a tile is a partial one.
template <int kVectors, class Compute>
void tiles_along_row(Index columns, const TilePlace& at, const Compute& compute) {
  using tile_details::kWidth;
  for (Index j = 0; j < columns; j += kVectors * kWidth) {
    const Index vectors = std::min<Index>(kVectors, core::divide_up(columns - j, kWidth));
    const Index first = std::clamp<Index>(columns - vectors * kWidth, 0, j);
    tile_details::with_constant<kVectors>(vectors, [&](auto count) {
      compute(count, at.at_column(first), std::min<Index>(columns, count * kWidth));
    });
  }
}

}  // namespace vitrine::signal
