#include "engine/nn/rollout.h"

#include <algorithm>
#include <utility>

#include "engine/core/product.h"

namespace vitrine::nn {

using core::Index;
using core::Tensor;

namespace {

template <class T>
Tensor<T> identity(Index tokens) {
  Tensor<T> out({tokens, tokens});
  for (Index i = 0; i < tokens; ++i) out(i, i) = 1;
  return out;
}

void require_attention(const core::Shape& shape) {
  if (shape.rank() != 4 || shape[1] < 1 || shape[2] < 1 || shape[2] != shape[3])
    throw core::ShapeError("attention " + to_string(shape) + " is not [depth, heads, tokens, tokens]");
}

}  // namespace

template <class T>
Tensor<T> mixed_with_residual(const Tensor<T>& attention, Index layer) {
  require_attention(attention.shape());
  const Index heads = attention.size(1), tokens = attention.size(2);
  const T* of_layer = attention.data() + layer * heads * tokens * tokens;
  Tensor<T> mixed({tokens, tokens});
  for (Index head = 0; head < heads; ++head)
    for (Index i = 0; i < tokens * tokens; ++i) mixed[i] += of_layer[head * tokens * tokens + i];
  for (Index row = 0; row < tokens; ++row) {  // its sum is brought to 1: the mean is rounded
    T sum = 0;
    for (Index column = 0; column < tokens; ++column) {
      T& cell = mixed(row, column);
      cell = (cell / static_cast<T>(heads) + (row == column ? 1 : 0)) / 2;
      sum += cell;
    }
    for (Index column = 0; column < tokens; ++column) mixed(row, column) /= sum;
  }
  return mixed;
}

template <class T>
Tensor<T> attention_rollouts(const Tensor<T>& attention) {
  require_attention(attention.shape());
  const Index depth = attention.size(0), tokens = attention.size(2);
  Tensor<T> before = identity<T>(tokens), rollouts({depth, tokens, tokens});
  for (Index layer = 0; layer < depth; ++layer) {
    const Tensor<T> step = mixed_with_residual(attention, layer);
    const core::MatrixView<T> out(rollouts.data() + layer * tokens * tokens, tokens, tokens);
    core::product<T>(core::view(step), core::view(std::as_const(before)), {nullptr, tokens, tokens}, out);
    std::copy_n(out.data, tokens * tokens, before.data());
  }
  return rollouts;
}

template <class T>
Tensor<T> attention_rollout(const Tensor<T>& attention) {
  const Tensor<T> all = attention_rollouts(attention);
  const Index depth = all.size(0), tokens = all.size(1), count = tokens * tokens;
  if (depth == 0) return identity<T>(tokens);
  return {{tokens, tokens}, all.values().last(static_cast<std::size_t>(count))};
}

template Tensor<float> mixed_with_residual(const Tensor<float>&, Index);
template Tensor<double> mixed_with_residual(const Tensor<double>&, Index);
template Tensor<float> attention_rollouts(const Tensor<float>&);
template Tensor<double> attention_rollouts(const Tensor<double>&);
template Tensor<float> attention_rollout(const Tensor<float>&);
template Tensor<double> attention_rollout(const Tensor<double>&);

}  // namespace vitrine::nn
