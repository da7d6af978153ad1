#include "engine/nn/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace vitrine::nn {
namespace {

// Copies between rows (columns in (dim, head) order) and lanes. A run is a stretch of heads of one image that
// lie side by side in one block.
struct Run {
  Index image, head, lane, length;
};

enum class Way { kRowsToLanes, kLanesToRows };

// kLength 0: known at run time only.
template <class T, Way kWay, int kLength>
void copy_run(T* row, Index to_next_row, T* lane, Index tokens, Index dims, Index heads, Index run_length,
              T factor) {
  const Index length = kLength ? kLength : run_length;
  for (Index t = 0; t < tokens; ++t, row += to_next_row) {
    for (Index d = 0; d < dims; ++d, lane += kLanes<T>) {
      T* in_row = row + d * heads;
      for (Index i = 0; i < length; ++i) {
        if constexpr (kWay == Way::kRowsToLanes)
          lane[i] = factor * in_row[i];
        else
          in_row[i] = factor * lane[i];
      }
    }
  }
}

}  // namespace

// The (image, head) pairs of one block and its part of each buffer.
template <class T>
struct MultiHeadAttention<T>::Block {
  Index first, count;  // pairs [first, first + count), pair = image * heads + head
  Sizes sizes;
  T *query, *key, *value, *weights;

  // Between `lanes` and columns [column, column + inner) of `rows`, times `factor`.
  template <Way kWay>
  void copy(MatrixView<T> rows, Index column, T* lanes, T factor) const {
    for (Index pair = first; pair < first + count;) {
      const Index image = pair / sizes.heads, head = pair % sizes.heads;
      const Index length = std::min(sizes.heads - head, first + count - pair);
      T* row = &rows(image * sizes.tokens, column + head);
      T* lane = lanes + (pair - first);
      const auto run = [&]<int kLength>() {
        copy_run<T, kWay, kLength>(row, rows.stride, lane, sizes.tokens, sizes.head_dim, sizes.heads, length,
                                   factor);
      };
      if (length == 16)
        run.template operator()<16>();
      else if (length == 8)
        run.template operator()<8>();
      else if (length == 4)
        run.template operator()<4>();
      else
        run.template operator()<0>();
      pair += length;
    }
  }
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
          sizes_,
          at.query + projection,
          at.key + projection,
          at.value + projection,
          at.weights + index * sizes_.tokens * sizes_.tokens * kLanes<T>};
}

template <class T>
void MultiHeadAttention<T>::forward(const Pass<T>& pass, MatrixView<const T> x, const Activations& keep,
                                    const Scratch& scratch, MatrixView<T> y) const {
  const Index tokens = sizes_.tokens, dims = sizes_.head_dim, inner = sizes_.heads * dims;
  const T scale = 1 / std::sqrt(static_cast<T>(dims));
  const MatrixView<T> projected(scratch.projected, x.rows, 3 * inner);
  const MatrixView<T> mixed(keep.mixed, x.rows, inner);
  qkv_.forward(pass, x, projected);
  for (Index i = 0; i < blocks(pass.images); ++i) {
    const Block b = block(keep, i, pass.images);
    b.template copy<Way::kRowsToLanes>(projected, 0, b.query, scale);
    b.template copy<Way::kRowsToLanes>(projected, inner, b.key, 1);
    b.template copy<Way::kRowsToLanes>(projected, 2 * inner, b.value, 1);
    const LaneMatrix<T> weights = lanes(b.weights, tokens);
    lane_product(lanes(b.query, dims), lanes(b.key, dims).transposed(), weights);
    lane_softmax(weights);
    lane_product(weights, lanes(b.value, dims), lanes(scratch.mixed, dims));
    b.template copy<Way::kLanesToRows>(mixed, 0, scratch.mixed, 1);
  }
  proj_.forward(pass, mixed, y);
}

template <class T>
void MultiHeadAttention<T>::backward(const Pass<T>& pass, MatrixView<const T> x, const Activations& kept,
                                     const Scratch& scratch, MatrixView<const T> dy, MatrixView<T> dx) const {
  const Index tokens = sizes_.tokens, dims = sizes_.head_dim, inner = sizes_.heads * dims;
  const T scale = 1 / std::sqrt(static_cast<T>(dims));
  const MatrixView<T> d_projected(scratch.projected, x.rows, 3 * inner);
  const MatrixView<T> d_mixed(scratch.d_mixed, x.rows, inner);
  proj_.backward(pass, MatrixView<T>(kept.mixed, x.rows, inner), dy, d_mixed);
  for (Index i = 0; i < blocks(pass.images); ++i) {
    const Block b = block(kept, i, pass.images);
    const LaneMatrix<T> d_out = lanes(scratch.mixed, dims), d_weights = lanes(scratch.d_weights, tokens);
    const LaneMatrix<T> weights = lanes(b.weights, tokens);
    b.template copy<Way::kRowsToLanes>(d_mixed, 0, scratch.mixed, 1);
    lane_product(weights.transposed(), d_out, lanes(scratch.d_value, dims));
    lane_product(d_out, lanes(b.value, dims).transposed(), d_weights);
    lane_softmax_backward(weights, d_weights);
    lane_product(d_weights, lanes(b.key, dims), lanes(scratch.d_query, dims));
    lane_product(d_weights.transposed(), lanes(b.query, dims), lanes(scratch.d_key, dims));
    b.template copy<Way::kLanesToRows>(d_projected, 0, scratch.d_query, scale);
    b.template copy<Way::kLanesToRows>(d_projected, inner, scratch.d_key, 1);
    b.template copy<Way::kLanesToRows>(d_projected, 2 * inner, scratch.d_value, 1);
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
