// One head of fast_attention.h, a block of queries at a time.
//   a[t,s] = exp(beta q[t].k[s]) / sum_j exp(beta q[t].k[j]),   y[t] = sum_s a[t,s] v[s]
#pragma once

#include "engine/sequence/fast_attention.h"
#include "engine/sequence/panels.h"

namespace vitrine::sequence {

template <class Weight>
struct FastHead {
  core::MatrixView<const double> query, key, value;  // [T, d], [S, d], [S, dv]
  const Panels& packed_key;
  bool value_finite;
  double scale;
  VisibleKeys visible;
  core::MatrixView<double> output;  // [T, dv]
  double* entropy;                  // [T]
  Weight* weights;                  // [T, S] or null
};

// Queries in a block: their scores of all keys fit into the second-level cache beside keys and values.
Index rows_of_block(Index keys);
// The numbers of scratch memory that a block needs.
Index scores_of_block(Index keys);

// Weights, outputs and entropies of `rows` queries, at most a block, from `first` on.
template <class Weight>
void attend_rows(const FastHead<Weight>& head, Index first, Index rows, double* scratch);

}  // namespace vitrine::sequence
