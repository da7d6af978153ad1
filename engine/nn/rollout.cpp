#include "engine/nn/rollout.h"

#include <utility>

#include "engine/core/product.h"

namespace vitrine::nn {

using core::Index;
using core::Tensor;

namespace {

// (mean over heads + I) / 2, its rows brought to sum 1: the mean is rounded. attention [heads, tokens,
// tokens]
template <class T>
Tensor<T> with_residual_path(const T* attention, Index heads, Index tokens) {
  Tensor<T> mixed({tokens, tokens});
  for (Index head = 0; head < heads; ++head)
    for (Index i = 0; i < tokens * tokens; ++i) mixed[i] += attention[head * tokens * tokens + i];
  for (Index row = 0; row < tokens; ++row) {
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

}  // namespace

template <class T>
Tensor<T> attention_rollout(const Tensor<T>& attention) {
  const core::Shape& shape = attention.shape();
  if (shape.rank() != 4 || shape[1] < 1 || shape[2] < 1 || shape[2] != shape[3])
    throw core::ShapeError("attention " + to_string(shape) + " is not [depth, heads, tokens, tokens]");
  const Index depth = shape[0], heads = shape[1], tokens = shape[2];
  Tensor<T> rollout({tokens, tokens});
  for (Index i = 0; i < tokens; ++i) rollout(i, i) = 1;
  Tensor<T> next({tokens, tokens});
  for (Index layer = 0; layer < depth; ++layer) {
    const Tensor<T> step =
        with_residual_path(attention.data() + layer * heads * tokens * tokens, heads, tokens);
    core::product<T>(core::view(step), core::view(std::as_const(rollout)), {nullptr, tokens, tokens},
                     core::view(next));
    std::swap(rollout, next);
  }
  return rollout;
}

template Tensor<float> attention_rollout(const Tensor<float>&);
template Tensor<double> attention_rollout(const Tensor<double>&);

}  // namespace vitrine::nn
