#include "engine/nn/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace vitrine::nn {

// The (image, head) pairs of one block and its part of each buffer.
template <class T>
struct MultiHeadAttention<T>::Block {
  Index number;
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

// Columns of whole tiles of a product, or all.
template <class T>
Index MultiHeadAttention<T>::group_dims() const {
  constexpr Index kColumns = 64;
  const Index pieces = kColumns / std::gcd(kColumns, kPieceDims * sizes_.heads);
  return std::min(sizes_.head_dim, pieces * kPieceDims);
}

template <class T>
template <class Body>
void MultiHeadAttention<T>::each_group(const Body& body) const {
  const Index most = group_dims();
  for (Index first = 0; first < sizes_.head_dim; first += most)
    body(Group{first, std::min(most, sizes_.head_dim - first)});
}

template <class T>
template <class Body>
void MultiHeadAttention<T>::each_piece(const Group& group, const Body& body) const {
  for (Index dim = 0; dim < group.dims; dim += kPieceDims) body(dim, std::min(kPieceDims, group.dims - dim));
}

template <class T>
Linear<T> MultiHeadAttention<T>::projection(Part part, const Group& group) const {
  const Index first = static_cast<Index>(part) * sizes_.head_dim + group.first;
  return qkv_.outputs(first * sizes_.heads, group.dims * sizes_.heads);
}

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
  for (T** part : {&at.rows, &at.other_rows}) *part = arena.take(images * tokens * heads * group_dims());
  at.d_mixed = arena.take(images * tokens * heads * head_dim);
  for (T** part : {&at.d_mixed_piece, &at.out}) *part = arena.take(tokens * kPieceDims * kLanes<T>);
  at.d_weights = arena.take(blocks(images) * tokens * tokens * kLanes<T>);
  return at;
}

template <class T>
template <class Body>
void MultiHeadAttention<T>::each_block(const Activations& at, Index images, const Body& body) const {
  const Index pairs = images * sizes_.heads;
  const Index projection = sizes_.tokens * sizes_.head_dim * kLanes<T>;
  const Index weights = sizes_.tokens * sizes_.tokens * kLanes<T>;
  for (Index i = 0, first = 0; first < pairs; ++i, first += kLanes<T>)
    body(Block{i, first, std::min<Index>(kLanes<T>, pairs - first), at.query + i * projection,
               at.key + i * projection, at.value + i * projection, at.weights + i * weights});
}

template <class T>
void MultiHeadAttention<T>::forward(const Pass<T>& pass, MatrixView<const T> x, const Activations& keep,
                                    const Scratch& scratch, MatrixView<T> y) const {
  const MatrixView<T> mixed(keep.mixed, x.rows, sizes_.heads * sizes_.head_dim);
  each_group([&](const Group& group) {
    const MatrixView<T> queries = group_rows(scratch.rows, x.rows, group);
    const MatrixView<T> keys = group_rows(scratch.other_rows, x.rows, group);
    projection(Part::kQuery, group).forward(pass, x, queries);
    projection(Part::kKey, group).forward(pass, x, keys);
    each_block(keep, pass.images, [&](const Block& b) {
      each_piece(group, [&](Index dim, Index dims) {
        const LaneMatrix<T> query = piece(b.query, group.first + dim, dims);
        const LaneMatrix<T> key = piece(b.key, group.first + dim, dims);
        rows_to_lanes(head_rows(queries, dim, dims), b.first, b.count, query.data);
        rows_to_lanes(head_rows(keys, dim, dims), b.first, b.count, key.data);
        lane_product(query, key.transposed(), lanes(b.weights, sizes_.tokens),
                     group.first + dim == 0 ? Sum::kNew : Sum::kMore);
      });
    });
  });
  each_block(keep, pass.images,
             [&](const Block& b) { lane_softmax(scale(), lanes(b.weights, sizes_.tokens)); });
  each_group([&](const Group& group) {
    const MatrixView<T> values = group_rows(scratch.rows, x.rows, group);
    projection(Part::kValue, group).forward(pass, x, values);
    each_block(keep, pass.images, [&](const Block& b) {
      each_piece(group, [&](Index dim, Index dims) {
        const LaneMatrix<T> value = piece(b.value, group.first + dim, dims);
        rows_to_lanes(head_rows(values, dim, dims), b.first, b.count, value.data);
        lane_product(lanes(b.weights, sizes_.tokens), value, lanes(scratch.out, dims));
        lanes_to_rows(scratch.out, b.first, b.count, head_rows(mixed, group.first + dim, dims));
      });
    });
  });
  proj_.forward(pass, mixed, y);
}

template <class T>
void MultiHeadAttention<T>::backward(const Pass<T>& pass, MatrixView<const T> x, const Activations& kept,
                                     const Scratch& scratch, MatrixView<const T> dy, MatrixView<T> dx) const {
  const Index tokens = sizes_.tokens, inner = sizes_.heads * sizes_.head_dim;
  const MatrixView<T> d_mixed(scratch.d_mixed, x.rows, inner);
  const auto d_weights_of = [&](const Block& b) {
    return lanes(scratch.d_weights + b.number * tokens * tokens * kLanes<T>, tokens);
  };
  // rows = left right, in the lanes of this block
  const auto write = [&](const Block& b, LaneMatrix<T> left, LaneMatrix<T> right, HeadRows<T> rows) {
    lane_product(left, right, lanes(scratch.out, right.columns));
    lanes_to_rows(scratch.out, b.first, b.count, rows);
  };
  proj_.backward(pass, MatrixView<T>(kept.mixed, x.rows, inner), dy, d_mixed);
  each_group([&](const Group& group) {
    const MatrixView<T> d_values = group_rows(scratch.rows, x.rows, group);
    each_block(kept, pass.images, [&](const Block& b) {
      each_piece(group, [&](Index dim, Index dims) {
        const LaneMatrix<T> value = piece(b.value, group.first + dim, dims);
        const LaneMatrix<T> d_out = lanes(scratch.d_mixed_piece, dims);
        rows_to_lanes(head_rows(d_mixed, group.first + dim, dims), b.first, b.count, d_out.data);
        lane_product(d_out, value.transposed(), d_weights_of(b),
                     group.first + dim == 0 ? Sum::kNew : Sum::kMore);
        write(b, lanes(b.weights, tokens).transposed(), d_out, head_rows(d_values, dim, dims));
      });
    });
    const Into into = group.first == 0 ? Into::kWrite : Into::kAdd;
    projection(Part::kValue, group).backward(pass, x, d_values, dx, into);
  });
  each_block(kept, pass.images, [&](const Block& b) {
    lane_softmax_backward(scale(), lanes(b.weights, tokens), d_weights_of(b));
  });
  each_group([&](const Group& group) {
    const MatrixView<T> d_queries = group_rows(scratch.rows, x.rows, group);
    const MatrixView<T> d_keys = group_rows(scratch.other_rows, x.rows, group);
    each_block(kept, pass.images, [&](const Block& b) {
      const LaneMatrix<T> d_weights = d_weights_of(b);
      each_piece(group, [&](Index dim, Index dims) {
        const Index at = group.first + dim;
        write(b, d_weights, piece(b.key, at, dims), head_rows(d_queries, dim, dims));
        write(b, d_weights.transposed(), piece(b.query, at, dims), head_rows(d_keys, dim, dims));
      });
    });
    projection(Part::kQuery, group).backward(pass, x, d_queries, dx, Into::kAdd);
    projection(Part::kKey, group).backward(pass, x, d_keys, dx, Into::kAdd);
  });
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
