// Multi-head self-attention: q, k, v = projections of x; w = softmax(q k^T / sqrt(head_dim)); y = concat(w v)
// W_o^T + b_o. Vaswani et al. 2017, "Attention is all you need", section 3.2. head_dim is free of embed_dim.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/nn/lanes.h"
#include "engine/nn/linear.h"

namespace vitrine::nn {

template <class T>
class MultiHeadAttention {
 public:
  // What backward reads again. A block holds as many (image, head) pairs as a register has lanes,
  // image-major.
  struct Activations {
    T *query, *key, *value;  // [blocks][pieces][tokens][kPieceDims, fewer in the last piece][lanes]
    T* weights;              // [blocks][tokens][tokens][lanes]
    T* mixed;                // [images * tokens, heads * head_dim], columns (dim, head)
  };
  // Used within one call only; layers of one pass share it.
  struct Scratch {
    T* projected;            // [images * tokens, 3 * heads * head_dim]
    T* d_mixed;              // [images * tokens, heads * head_dim]
    T *d_mixed_piece, *out;  // [tokens][kPieceDims][lanes]
    T* d_weights;            // [tokens][tokens][lanes]
  };
  struct Sizes {
    Index embed_dim, tokens, heads, head_dim;
  };

  // Parameters name.qkv.weight [3 inner, embed_dim] (.bias with qkv_bias), name.proj.{weight [embed_dim,
  // inner], bias}; inner = heads * head_dim.
  MultiHeadAttention(ParameterLayout& layout, const std::string& name, const Sizes& sizes, Bias qkv_bias);

  Activations take_activations(Arena<T>& arena, Index images) const;
  Scratch take_scratch(Arena<T>& arena, Index images) const;

  // x, y [images * tokens, embed_dim]
  void forward(const Pass<T>& pass, MatrixView<const T> x, const Activations& keep, const Scratch& scratch,
               MatrixView<T> y) const;
  // dx[.,.] = the gradient with respect to x, written (not added).
  void backward(const Pass<T>& pass, MatrixView<const T> x, const Activations& kept, const Scratch& scratch,
                MatrixView<const T> dy, MatrixView<T> dx) const;

  // w[i,j], how much token i of `image` takes from token j, for every head: written to out
  // [heads][tokens][tokens].
  void weights_of(const Activations& kept, Index image, T* out) const;

 private:
  // Dims that products take at a time: few enough for their factors to stay in the first-level cache.
  static constexpr Index kPieceDims = 8;
  struct Block;
  Index blocks(Index images) const;
  Block block(const Activations& at, Index index, Index images) const;
  LaneMatrix<T> lanes(T* data, Index columns) const { return {data, sizes_.tokens, columns}; }
  // The piece of a query, key or value from `dim` on.
  LaneMatrix<T> piece(T* data, Index dim) const {
    return lanes(data + dim * sizes_.tokens * kLanes<T>, piece_dims(dim));
  }
  Index piece_dims(Index dim) const { return std::min(kPieceDims, sizes_.head_dim - dim); }
  // The same piece in rows whose heads begin at `column`.
  HeadRows<T> head_rows(MatrixView<T> rows, Index column, Index dim) const {
    return {&rows(0, column + dim * sizes_.heads), rows.stride, sizes_.heads, sizes_.tokens, piece_dims(dim)};
  }
  T scale() const { return 1 / std::sqrt(static_cast<T>(sizes_.head_dim)); }

  Sizes sizes_;
  Linear<T> qkv_, proj_;
};

// One head by its definition: the truth that tests compare with. q, k, v [tokens, head_dim].
// scores[i,j] = q[i,:] k[j,:] / sqrt(head_dim); weights = softmax of each row; output = weights v.
template <class T>
void naive_attention(MatrixView<const T> q, MatrixView<const T> k, MatrixView<const T> v,
                     MatrixView<T> weights, MatrixView<T> output);

}  // namespace vitrine::nn
