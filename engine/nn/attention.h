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
    T* weights;              // [blocks][tokens][tokens][lanes], or turned: [heads][keys][turned_columns()]
    T* is_turned;            // 1 where the weights are
    T* mixed;                // [images * tokens, heads * head_dim], columns (dim, head)
  };
  // Used within one call only; layers of one pass share it.
  struct Scratch {
    T* rows;                           // of a group [images * tokens, group dims * heads]
    T *d_mixed, *d_projected;          // [images * tokens, heads * head_dim], three times as wide
    T *out, *d_out, *d_key, *d_value;  // of a block, as Activations::query
    T* d_weights;                      // of a strip [kStripTokens][tokens][lanes]
    T* turned;  // of one image, a column a token: [embed_dim + 4 inner][turned_columns()]; null: never
  };
  struct Sizes {
    Index embed_dim, tokens, heads, head_dim;
  };

  // Parameters name.qkv.weight [3 inner, embed_dim] (.bias with qkv_bias), name.proj.{weight [embed_dim,
  // inner], bias}; inner = heads * head_dim.
  MultiHeadAttention(ParameterLayout& layout, const std::string& name, const Sizes& sizes, Bias qkv_bias);

  Activations take_activations(Arena<T>& arena, Index images) const;
  Scratch take_scratch(Arena<T>& arena, Index images) const;

  // x [images * tokens, embed_dim]; y the same, or [images, embed_dim]: of every image's first token only.
  void forward(const Pass<T>& pass, MatrixView<const T> x, const Activations& keep, const Scratch& scratch,
               MatrixView<T> y) const;
  // dx[.,.] = the gradient with respect to x, written (not added). dy has y's rows.
  void backward(const Pass<T>& pass, MatrixView<const T> x, const Activations& kept, const Scratch& scratch,
                MatrixView<const T> dy, MatrixView<T> dx) const;

  // w[i,j], how much token i of `image` takes from token j, for every head: written to out
  // [heads][tokens][tokens].
  void weights_of(const Activations& kept, Index image, T* out) const;

 private:
  // Dims that products of lanes take at a time: few enough to stay in the first-level cache.
  static constexpr Index kPieceDims = 8;
  // Tokens whose rows of weights are computed and used at a time, so that they stay near.
  static constexpr Index kStripTokens = 24;
  struct Block;

  Index blocks(Index images) const;
  Index group_dims() const;
  // Queries, keys and values of all images, from rows to lanes.
  void project(const Pass<T>& pass, MatrixView<const T> x, const Activations& keep, T* rows) const;
  // mixed = concat(w v) of the first `asked` tokens, a lane a head of an image.
  void mix_by_lanes(const Pass<T>& pass, MatrixView<const T> x, Index asked, const Activations& keep,
                    const Scratch& scratch, MatrixView<T> mixed) const;
  // The same of one image whose heads leave half of the lanes empty or more: head by head as products of
  // matrices, in which a column is a token. It keeps no queries, keys and values, which only a backward pass
  // reads.
  bool leaves_lanes_empty() const { return 2 * sizes_.heads <= kLanes<T>; }
  // The tokens, and columns of zeros up to whole tiles, where they fit.
  Index turned_columns() const {
    constexpr Index kTile = 2 * kLanes<T>;
    return sizes_.tokens < kTile ? sizes_.tokens : (sizes_.tokens + kTile - 1) / kTile * kTile;
  }
  void mix_by_heads(const Pass<T>& pass, MatrixView<const T> x, Index asked, const Activations& keep,
                    const Scratch& scratch, MatrixView<T> mixed) const;
  template <class Body>
  void each_block(const Activations& at, Index images, const Body& body) const;
  // body(first, count) for strips of the first `asked` tokens; body(dim) for pieces.
  template <class Body>
  void each_strip(Index asked, const Body& body) const;
  template <class Body>
  void each_piece(const Body& body) const;
  Index piece_dims(Index dim) const { return std::min(kPieceDims, sizes_.head_dim - dim); }
  LaneMatrix<T> lanes(T* data, Index columns) const { return {data, sizes_.tokens, columns}; }
  // Of one block's queries, keys or values: the piece from `dim` on.
  LaneMatrix<T> piece(T* data, Index dim) const {
    return lanes(data + dim * sizes_.tokens * kLanes<T>, piece_dims(dim));
  }
  // The same piece in rows that begin with dim 0.
  HeadRows<T> head_rows(MatrixView<T> rows, Index dim) const {
    return {&rows(0, dim * sizes_.heads), rows.stride, sizes_.heads, sizes_.tokens, piece_dims(dim)};
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
