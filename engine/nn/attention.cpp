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
  for (T** part : {&at.mixed, &at.d_query, &at.d_key, &at.d_value})
    *part = arena.take(tokens * head_dim * kLanes<T>);
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
    rows_to_lanes(head_rows(projected, 0), b.first, b.count, b.query);
    rows_to_lanes(head_rows(projected, inner), b.first, b.count, b.key);
    rows_to_lanes(head_rows(projected, 2 * inner), b.first, b.count, b.value);
    const LaneMatrix<T> weights = lanes(b.weights, tokens);
    lane_product(lanes(b.query, dims), lanes(b.key, dims).transposed(), weights);
    lane_softmax(scale(), weights);
    lane_product(weights, lanes(b.value, dims), lanes(scratch.mixed, dims));
    lanes_to_rows(scratch.mixed, b.first, b.count, head_rows(mixed, 0));
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
    const LaneMatrix<T> d_out = lanes(scratch.mixed, dims), d_weights = lanes(scratch.d_weights, tokens);
    const LaneMatrix<T> weights = lanes(b.weights, tokens);
    rows_to_lanes(head_rows(d_mixed, 0), b.first, b.count, scratch.mixed);
    lane_product(weights.transposed(), d_out, lanes(scratch.d_value, dims));
    lane_product(d_out, lanes(b.value, dims).transposed(), d_weights);
    lane_softmax_backward(scale(), weights, d_weights);
    lane_product(d_weights, lanes(b.key, dims), lanes(scratch.d_query, dims));
    lane_product(d_weights.transposed(), lanes(b.query, dims), lanes(scratch.d_key, dims));
    lanes_to_rows(scratch.d_query, b.first, b.count, head_rows(d_projected, 0));
    lanes_to_rows(scratch.d_key, b.first, b.count, head_rows(d_projected, inner));
    lanes_to_rows(scratch.d_value, b.first, b.count, head_rows(d_projected, 2 * inner));
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
