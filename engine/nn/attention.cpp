#include "engine/nn/attention.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "engine/core/product.h"
#include "engine/core/vector_math.h"

namespace vitrine::nn {

using core::product;
using core::product_transposed;
using core::transpose;

namespace {

// Every column of s: softmax(scale s[:,j]).
template <class T>
void softmax_columns(T scale, MatrixView<T> s) {
  each_in_row<T>(s.columns, [&](auto way, Index j) {
    constexpr bool kIsSingle = std::is_same_v<decltype(way), core::Single<T>>;
    const auto power = [&](auto value) VITRINE_INLINE {
      const Vector<T> powers = core::exp_of_nonpositive<T>(Vector<T>{} + scale * value);
      if constexpr (kIsSingle)
        return powers[0];
      else
        return powers;
    };
    auto largest = way.get(&s(0, j)), sum = decltype(way.get(&s(0, j))){};
    for (Index i = 1; i < s.rows; ++i) {
      const auto value = way.get(&s(i, j));
      largest = value > largest ? value : largest;
    }
    for (Index i = 0; i < s.rows; ++i) {
      const auto each = power(way.get(&s(i, j)) - largest);
      way.put(&s(i, j), each);
      sum += each;
    }
    const auto inverse = 1 / sum;
    for (Index i = 0; i < s.rows; ++i) way.put(&s(i, j), way.get(&s(i, j)) * inverse);
  });
}

}  // namespace

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
  at.is_turned = arena.take(1);
  at.mixed = arena.take(images * tokens * heads * head_dim);
  return at;
}

template <class T>
auto MultiHeadAttention<T>::take_scratch(Arena<T>& arena, Index images) const -> Scratch {
  const auto [dim, tokens, heads, head_dim] = sizes_;
  const Index rows = images * tokens;
  Scratch at;
  at.rows = arena.take(rows * heads * group_dims());
  at.d_mixed = arena.take(rows * heads * head_dim);
  at.d_projected = arena.take(rows * 3 * heads * head_dim);
  for (T** part : {&at.out, &at.d_out, &at.d_key, &at.d_value})
    *part = arena.take(tokens * head_dim * kLanes<T>);
  at.d_weights = arena.take(kStripTokens * tokens * kLanes<T>);
  at.turned = leaves_lanes_empty() ? arena.take((dim + 4 * heads * head_dim) * turned_columns()) : nullptr;
  return at;
}

template <class T>
template <class Body>
void MultiHeadAttention<T>::each_block(const Activations& at, Index images, const Body& body) const {
  const Index pairs = images * sizes_.heads;
  const Index projection = sizes_.tokens * sizes_.head_dim * kLanes<T>;
  const Index weights = sizes_.tokens * sizes_.tokens * kLanes<T>;
  for (Index i = 0, first = 0; first < pairs; ++i, first += kLanes<T>)
    body(Block{first, std::min<Index>(kLanes<T>, pairs - first), at.query + i * projection,
               at.key + i * projection, at.value + i * projection, at.weights + i * weights});
}

template <class T>
template <class Body>
void MultiHeadAttention<T>::each_strip(Index asked, const Body& body) const {
  for (Index first = 0; first < asked; first += kStripTokens)
    body(first, std::min(kStripTokens, asked - first));
}

template <class T>
template <class Body>
void MultiHeadAttention<T>::each_piece(const Body& body) const {
  for (Index dim = 0; dim < sizes_.head_dim; dim += kPieceDims) body(dim);
}

// Dims that are projected at a time, so that their rows are turned into lanes while they are near: of all
// heads together whole tiles of a product, or all dims.
template <class T>
Index MultiHeadAttention<T>::group_dims() const {
  constexpr Index kColumns = 64;
  const Index pieces = kColumns / std::gcd(kColumns, kPieceDims * sizes_.heads);
  return std::min(sizes_.head_dim, pieces * kPieceDims);
}

template <class T>
void MultiHeadAttention<T>::project(const Pass<T>& pass, MatrixView<const T> x, const Activations& keep,
                                    T* rows) const {
  const Index heads = sizes_.heads, most = group_dims();
  const std::array parts{&Block::query, &Block::key, &Block::value};
  for (std::size_t part = 0; part < parts.size(); ++part) {
    for (Index first = 0; first < sizes_.head_dim; first += most) {
      const Index end = std::min(first + most, sizes_.head_dim);
      const MatrixView<T> group(rows, x.rows, (end - first) * heads);
      qkv_.forward_part(pass, x, (static_cast<Index>(part) * sizes_.head_dim + first) * heads, group);
      each_block(keep, pass.images, [&](const Block& b) {
        for (Index dim = first; dim < end; dim += kPieceDims) {
          HeadRows<T> from = head_rows(group, dim);
          from.data -= first * heads;
          rows_to_lanes(from, b.first, b.count, piece(b.*parts[part], dim).data);
        }
      });
    }
  }
}

template <class T>
void MultiHeadAttention<T>::forward(const Pass<T>& pass, MatrixView<const T> x, const Activations& keep,
                                    const Scratch& scratch, MatrixView<T> y) const {
  const MatrixView<T> mixed(keep.mixed, x.rows, sizes_.heads * sizes_.head_dim);
  const bool turned = pass.images == 1 && leaves_lanes_empty() && !pass.gradient;
  *keep.is_turned = turned ? 1 : 0;
  if (turned)
    mix_by_heads(pass, x, y.rows / pass.images, keep, scratch, mixed);
  else
    mix_by_lanes(pass, x, y.rows / pass.images, keep, scratch, mixed);
  proj_.forward(pass, each_nth(mixed, y.rows), y);
}

template <class T>
void MultiHeadAttention<T>::mix_by_lanes(const Pass<T>& pass, MatrixView<const T> x, Index asked,
                                         const Activations& keep, const Scratch& scratch,
                                         MatrixView<T> mixed) const {
  project(pass, x, keep, scratch.rows);
  each_block(keep, pass.images, [&](const Block& b) {
    each_strip(asked, [&](Index first, Index count) {
      const LaneMatrix<T> weights = lanes(b.weights, sizes_.tokens).row_part(first, count);
      each_piece([&](Index dim) {
        lane_product(piece(b.query, dim).row_part(first, count), piece(b.key, dim).transposed(), weights,
                     dim == 0 ? Sum::kNew : Sum::kMore);
      });
      lane_softmax(scale(), weights);
      each_piece([&](Index dim) {
        lane_product(weights, piece(b.value, dim), piece(scratch.out, dim).row_part(first, count));
      });
    });
    each_piece([&](Index dim) {
      lanes_to_rows(piece(scratch.out, dim).data, b.first, b.count, head_rows(mixed, dim));
    });
  });
}

template <class T>
void MultiHeadAttention<T>::mix_by_heads(const Pass<T>& pass, MatrixView<const T> x, Index asked,
                                         const Activations& keep, const Scratch& scratch,
                                         MatrixView<T> mixed) const {
  constexpr Index kTile = 2 * kLanes<T>, kStrip = 2 * kTile;  // columns
  const auto [dim, tokens, heads, head_dim] = sizes_;
  const Index inner = heads * head_dim, wide = turned_columns();
  const Index queries = std::min((asked + kTile - 1) / kTile * kTile, wide);
  T* const columns = scratch.turned;
  T *const query = columns + dim * wide, *const key = query + inner * wide, *const value = key + inner * wide,
           *const out = value + inner * wide;
  for (Index d = 0; d < dim; ++d) std::fill_n(columns + d * wide + tokens, wide - tokens, T{0});
  transpose<T>(x, {columns, dim, tokens, wide});
  qkv_.forward_turned(pass, {columns, dim, queries, wide}, 0, {query, inner, queries, wide});
  qkv_.forward_turned(pass, {columns, dim, wide}, inner, {key, inner, wide});
  qkv_.forward_turned(pass, {columns, dim, wide}, 2 * inner, {value, inner, wide});

  // The rows of a head lie `heads` apart.
  const auto of_head = [&, all = heads, rows = head_dim](T* from, Index head, Index first, Index count) {
    return MatrixView<T>(from + head * wide + first, rows, count, all * wide);
  };
  for (Index first = 0; first < queries; first += kStrip) {
    const Index count = std::min(kStrip, queries - first);
    for (Index head = 0; head < heads; ++head) {
      const MatrixView<T> weights(keep.weights + head * tokens * wide + first, tokens, count, wide);
      product_transposed<T>(of_head(key, head, 0, tokens), of_head(query, head, first, count),
                            {nullptr, 0, count}, weights);
      softmax_columns(scale(), weights);
      product<T>(of_head(value, head, 0, tokens), weights, {nullptr, 0, count},
                 of_head(out, head, first, count));
    }
  }
  transpose<T>({out, inner, asked, wide}, {mixed.data, asked, inner, mixed.stride});
}

template <class T>
void MultiHeadAttention<T>::backward(const Pass<T>& pass, MatrixView<const T> x, const Activations& kept,
                                     const Scratch& scratch, MatrixView<const T> dy, MatrixView<T> dx) const {
  const Index tokens = sizes_.tokens, asked = dy.rows / pass.images, inner = sizes_.heads * sizes_.head_dim;
  const MatrixView<T> d_mixed(scratch.d_mixed, x.rows, inner);
  const MatrixView<T> d_projected(scratch.d_projected, x.rows, 3 * inner);
  proj_.backward(pass, each_nth(MatrixView<T>(kept.mixed, x.rows, inner), dy.rows), dy,
                 each_nth(d_mixed, dy.rows));
  if (asked < tokens)  // no gradient comes through the other queries
    std::fill_n(scratch.out, tokens * sizes_.head_dim * kLanes<T>, T{0});
  each_block(kept, pass.images, [&](const Block& b) {
    each_piece([&](Index dim) {
      rows_to_lanes(head_rows(d_mixed, dim), b.first, b.count, piece(scratch.d_out, dim).data);
    });
    each_strip(asked, [&](Index first, Index count) {
      const LaneMatrix<T> weights = lanes(b.weights, tokens).row_part(first, count);
      const LaneMatrix<T> d_weights(scratch.d_weights, count, tokens);
      const Sum over_strips = first == 0 ? Sum::kNew : Sum::kMore;
      each_piece([&](Index dim) {
        const LaneMatrix<T> d_out = piece(scratch.d_out, dim).row_part(first, count);
        lane_product(d_out, piece(b.value, dim).transposed(), d_weights, dim == 0 ? Sum::kNew : Sum::kMore);
        lane_product(weights.transposed(), d_out, piece(scratch.d_value, dim), over_strips);
      });
      lane_softmax_backward(scale(), weights, d_weights);
      each_piece([&](Index dim) {
        const LaneMatrix<T> query = piece(b.query, dim).row_part(first, count);
        lane_product(d_weights, piece(b.key, dim), piece(scratch.out, dim).row_part(first, count));
        lane_product(d_weights.transposed(), query, piece(scratch.d_key, dim), over_strips);
      });
    });
    each_piece([&](Index dim) {
      HeadRows<T> to = head_rows(d_projected, dim);
      for (T* d : {scratch.out, scratch.d_key, scratch.d_value}) {
        lanes_to_rows(piece(d, dim).data, b.first, b.count, to);
        to.data += inner;
      }
    });
  });
  qkv_.backward(pass, x, d_projected, dx);
}

template <class T>
void MultiHeadAttention<T>::weights_of(const Activations& kept, Index image, T* out) const {
  const Index cells = sizes_.tokens * sizes_.tokens;
  if (*kept.is_turned != 0) {
    const MatrixView<const T> turned(kept.weights, sizes_.heads * sizes_.tokens, sizes_.tokens,
                                     turned_columns());
    for (Index head = 0; head < sizes_.heads; ++head)
      transpose<T>({&turned(head * sizes_.tokens, 0), sizes_.tokens, sizes_.tokens, turned.stride},
                   {out + head * cells, sizes_.tokens, sizes_.tokens});
    return;
  }
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
