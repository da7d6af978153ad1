#include "engine/nn/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace vitrine::nn {

// The (image, head) pairs of one block and its part of each buffer.
template <class T>
struct MultiHeadAttention<T>::Block {
  Index first, count;  // pairs [first, first + count)
  T *query, *key, *value, *weights;
};

template <class T>
MultiHeadAttention<T>::MultiHeadAttention(ParameterLayout& layout, const std::string& name,
                                          const Sizes& sizes, Bias qkv_bias)
    : sizes_(sizes),
      qkv_(layout, name + ".qkv", sizes.embed_dim, 3 * sizes.heads * sizes.head_dim, qkv_bias,
           {0, 3, sizes.heads, sizes.head_dim}),
      proj_(layout, name + ".proj", sizes.heads * sizes.head_dim, sizes.embed_dim, Bias::kYes,
            {1, 1, sizes.heads, sizes.head_dim}) {}

template <class T>
Index MultiHeadAttention<T>::blocks(Index images) const {
  return (images * sizes_.heads + kLanes<T> - 1) / kLanes<T>;
}

template <class T>
auto MultiHeadAttention<T>::take_activations(Arena<T>& arena, Index images) const -> Activations {
  const auto [dim, tokens, heads, head_dim] = sizes_;
  const Index projections = blocks(images) * tokens * head_dim * kLanes<T>;
  Activations at;
  at.query = arena.take(projections);
  at.key = arena.take(projections);
  at.value = arena.take(projections);
  at.weights = arena.take(blocks(images) * tokens * tokens * kLanes<T>);
  at.mixed = arena.take(images * tokens * heads * head_dim);
  return at;
}

template <class T>
auto MultiHeadAttention<T>::take_scratch(Arena<T>& arena, Index images) const -> Scratch {
  const auto [dim, tokens, heads, head_dim] = sizes_;
  Scratch at;
  at.projected = arena.take(images * tokens * 3 * heads * head_dim);
  at.d_mixed = arena.take(images * tokens * heads * head_dim);
  for (T** part : {&at.d_mixed_piece, &at.out}) *part = arena.take(tokens * kPieceDims * kLanes<T>);
  at.d_weights = arena.take(tokens * tokens * kLanes<T>);
  return at;
}

template <class T>
auto MultiHeadAttention<T>::block(const Activations& at, Index index, Index images) const -> Block {
  const Index first = index * kLanes<T>;
  const Index projection = index * sizes_.tokens * sizes_.head_dim * kLanes<T>;
  return {first,
          std::min<Index>(kLanes<T>, images * sizes_.heads - first),
          at.query + projection,
          at.key + projection,
          at.value + projection,
          at.weights + index * sizes_.tokens * sizes_.tokens * kLanes<T>};
}

template <class T>
void MultiHeadAttention<T>::forward(const Pass<T>& pass, MatrixView<const T> x, const Activations& keep,
                                    const Scratch& scratch, MatrixView<T> y) const {
  const Index tokens = sizes_.tokens, dims = sizes_.head_dim, inner = sizes_.heads * dims;
  const MatrixView<T> projected(scratch.projected, x.rows, 3 * inner);
  const MatrixView<T> mixed(keep.mixed, x.rows, inner);
  qkv_.forward(pass, x, projected);
  for (Index i = 0; i < blocks(pass.images); ++i) {
    const Block b = block(keep, i, pass.images);
    const LaneMatrix<T> weights = lanes(b.weights, tokens);
    for (Index dim = 0; dim < dims; dim += kPieceDims) {
      const LaneMatrix<T> query = piece(b.query, dim), key = piece(b.key, dim);
      rows_to_lanes(head_rows(projected, 0, dim), b.first, b.count, query.data);
      rows_to_lanes(head_rows(projected, inner, dim), b.first, b.count, key.data);
      lane_product(query, key.transposed(), weights, dim == 0 ? Sum::kNew : Sum::kMore);
    }
    lane_softmax(scale(), weights);
    for (Index dim = 0; dim < dims; dim += kPieceDims) {
      const LaneMatrix<T> value = piece(b.value, dim);
      rows_to_lanes(head_rows(projected, 2 * inner, dim), b.first, b.count, value.data);
      lane_product(weights, value, lanes(scratch.out, value.columns));
      lanes_to_rows(scratch.out, b.first, b.count, head_rows(mixed, 0, dim));
    }
  }
  proj_.forward(pass, mixed, y);
}

template <class T>
void MultiHeadAttention<T>::backward(const Pass<T>& pass, MatrixView<const T> x, const Activations& kept,
                                     const Scratch& scratch, MatrixView<const T> dy, MatrixView<T> dx) const {
  const Index tokens = sizes_.tokens, dims = sizes_.head_dim, inner = sizes_.heads * dims;
  const MatrixView<T> d_projected(scratch.projected, x.rows, 3 * inner);
  const MatrixView<T> d_mixed(scratch.d_mixed, x.rows, inner);
  proj_.backward(pass, MatrixView<T>(kept.mixed, x.rows, inner), dy, d_mixed);
  for (Index i = 0; i < blocks(pass.images); ++i) {
    const Block b = block(kept, i, pass.images);
    const LaneMatrix<T> weights = lanes(b.weights, tokens), d_weights = lanes(scratch.d_weights, tokens);
    const auto write = [&](LaneMatrix<T> left, LaneMatrix<T> right, Index column, Index dim) {
      lane_product(left, right, lanes(scratch.out, right.columns));
      lanes_to_rows(scratch.out, b.first, b.count, head_rows(d_projected, column, dim));
    };
    for (Index dim = 0; dim < dims; dim += kPieceDims) {
      const LaneMatrix<T> value = piece(b.value, dim), d_out = lanes(scratch.d_mixed_piece, value.columns);
      rows_to_lanes(head_rows(d_mixed, 0, dim), b.first, b.count, d_out.data);
      lane_product(d_out, value.transposed(), d_weights, dim == 0 ? Sum::kNew : Sum::kMore);
      write(weights.transposed(), d_out, 2 * inner, dim);  // d_value
    }
    lane_softmax_backward(scale(), weights, d_weights);
    for (Index dim = 0; dim < dims; dim += kPieceDims) {
      write(d_weights, piece(b.key, dim), 0, dim);                     // d_query
      write(d_weights.transposed(), piece(b.query, dim), inner, dim);  // d_key
    }
  }
  qkv_.backward(pass, x, d_projected, dx);
}

template <class T>
void MultiHeadAttention<T>::weights_of(const Activations& kept, Index image, T* out) const {
  const Index cells = sizes_.tokens * sizes_.tokens;
  for (Index head = 0; head < sizes_.heads; ++head) {
    const Index pair = image * sizes_.heads + head;
    const T* from = kept.weights + pair / kLanes<T> * cells * kLanes<T> + pair % kLanes<T>;
    for (Index i = 0; i < cells; ++i) *out++ = from[i * kLanes<T>];
  }
}

template <class T>
void naive_attention(MatrixView<const T> q, MatrixView<const T> k, MatrixView<const T> v,
                     MatrixView<T> weights, MatrixView<T> output) {
  for (Index i = 0; i < q.rows; ++i) {
    T largest = -std::numeric_limits<T>::infinity(), sum = 0;
    for (Index j = 0; j < k.rows; ++j) {
      T score = 0;
      for (Index d = 0; d < q.columns; ++d) score += q(i, d) * k(j, d);
      weights(i, j) = score / std::sqrt(static_cast<T>(q.columns));
      largest = std::max(largest, weights(i, j));
    }
    for (Index j = 0; j < k.rows; ++j) sum += weights(i, j) = std::exp(weights(i, j) - largest);
    for (Index j = 0; j < k.rows; ++j) weights(i, j) /= sum;
    for (Index d = 0; d < v.columns; ++d) {
      output(i, d) = 0;
      for (Index j = 0; j < k.rows; ++j) output(i, d) += weights(i, j) * v(j, d);
    }
  }
}

#define VITRINE_INSTANTIATE(T)                                                                 \
  template class MultiHeadAttention<T>;                                                        \
  template void naive_attention(MatrixView<const T>, MatrixView<const T>, MatrixView<const T>, \
                                MatrixView<T>, MatrixView<T>);
VITRINE_INSTANTIATE(float)
VITRINE_INSTANTIATE(double)
#undef VITRINE_INSTANTIATE

}  // namespace vitrine::nn
