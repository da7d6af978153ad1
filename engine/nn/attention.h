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
    T *rows, *other_rows;    // of a group [images * tokens, group dims * heads]
    T* d_mixed;              // [images * tokens, heads * head_dim]
    T *d_mixed_piece, *out;  // [tokens][kPieceDims][lanes]
    T* d_weights;            // [blocks][tokens][tokens][lanes]
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
  // Which third of qkv's outputs.
  enum class Part { kQuery, kKey, kValue };
  // Dims [first, first + dims) of every head: what is projected at a time, so that its rows are used while
  // they are near.
  struct Group {
    Index first, dims;
  };
  // Dims that products of lanes take at a time: few enough to stay in the first-level cache.
  static constexpr Index kPieceDims = 8;
  struct Block;

  Index group_dims() const;
  template <class Body>
  void each_group(const Body& body) const;
  // body(dim, dims) for the pieces of a group; dim counts from the group's first.
  template <class Body>
  void each_piece(const Group& group, const Body& body) const;
  Linear<T> projection(Part part, const Group& group) const;
  MatrixView<T> group_rows(T* data, Index rows, const Group& group) const {
    return {data, rows, group.dims * sizes_.heads};
  }
  Index blocks(Index images) const;
  template <class Body>
  void each_block(const Activations& at, Index images, const Body& body) const;
  LaneMatrix<T> lanes(T* data, Index columns) const { return {data, sizes_.tokens, columns}; }
  // Of a query, key or value: dims [dim, dim + dims).
  LaneMatrix<T> piece(T* data, Index dim, Index dims) const {
    return lanes(data + dim * sizes_.tokens * kLanes<T>, dims);
  }
  // The same dims in rows.
  HeadRows<T> head_rows(MatrixView<T> rows, Index dim, Index dims) const {
    return {&rows(0, dim * sizes_.heads), rows.stride, sizes_.heads, sizes_.tokens, dims};
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
