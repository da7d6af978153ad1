// Pooling: a window that keeps its largest number or its mean, each channel on its own.
// max: y[c,i,j] = max_{u,v} x[c, i*S + u*d - p, j*S + v*d - p]; average: (1/n) sum_{u,v} of the same.
// Source: Goodfellow, Bengio, Courville 2016, "Deep Learning", section 9.3.
#pragma once

#include <stop_token>

#include "engine/core/tensor.h"
#include "engine/signal/window.h"

namespace vitrine::signal {

struct PoolSpec {
  Index kernel_rows = 2, kernel_columns = 2;
  WindowSpec rows{.stride = 2}, columns{.stride = 2};

  void describe(core::Fields& f);
  bool operator==(const PoolSpec&) const = default;
};

template <class T>
struct MaxPooled {
  core::Tensor<T> output;      // [C, Ho, Wo]
  core::Tensor<Index> argmax;  // [C, Ho, Wo]: flat index row*W + column into the channel, the first of equals
};

// input [C, H, W]. Padding never wins; a NaN does. T is float or double. Throws ShapeError, also when a
// window covers nothing but padding or the result passes core::kResultLimit, and core::Stopped.
template <class T>
MaxPooled<T> max_pool(const core::Tensor<T>& input, const PoolSpec& spec, std::stop_token stop = {});

// What a mean divides by: every kernel cell, with zeros in the padding, or only the cells inside the input.
enum class CountPadding { kYes, kNo };

// input [C, H, W]; returns [C, Ho, Wo]. Throws as max_pool (a window of padding only: with
// CountPadding::kNo).
template <class T>
core::Tensor<T> average_pool(const core::Tensor<T>& input, const PoolSpec& spec, CountPadding count,
                             std::stop_token stop = {});

}  // namespace vitrine::signal
