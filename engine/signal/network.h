// A network of layers that need no training to be looked at: convolution, ReLU, pooling, fully connected,
// each a function of the output before it. f(x) = f_n(... f_2(f_1(x))). Goodfellow, Bengio, Courville 2016,
// "Deep Learning", sections 6 and 9.
#pragma once

#include <cstdint>
#include <stop_token>
#include <utility>
#include <variant>
#include <vector>

#include "engine/signal/convolution.h"
#include "engine/signal/pooling.h"

namespace vitrine::signal {

struct ConvolutionLayer {
  core::Tensor<double> weight;  // [F, C/groups, Kh, Kw]
  ConvSpec spec;
};
struct ReluLayer {};
struct MaxPoolLayer {
  PoolSpec spec;
};
struct AveragePoolLayer {
  PoolSpec spec;
  CountPadding count = CountPadding::kYes;
};
// y[i] = sum_j weight[i, j] x[j] over all numbers of x; y has x's shape.
struct DenseLayer {
  core::Tensor<double> weight;  // [C*H*W, C*H*W]
};
using NetworkLayer = std::variant<ConvolutionLayer, ReluLayer, MaxPoolLayer, AveragePoolLayer, DenseLayer>;
using Network = std::vector<NetworkLayer>;

// The layers in order, moved: a braced list would copy their weights.
template <class... Layers>
Network network_of(Layers... layers) {
  Network network;
  (network.push_back(std::move(layers)), ...);
  return network;
}

// f(x) for x [C, H, W]; returns [C', H', W']. Throws ShapeError and core::Stopped as the layers do.
core::Tensor<double> output_of(const Network& network, core::Tensor<double> x, std::stop_token stop = {});

// How many cells of the input lie between two neighbours of the output: the product of the strides.
struct TotalStride {
  Index rows = 1, columns = 1;
};
// Throws ShapeError if it passes 2^63.
TotalStride total_stride(const Network& network);

// A circular boundary continues the input without a border where the input itself goes round in a circle.
enum class Circle { kOpen, kClosed };
// Which outputs depend on what lies beyond the input's border: 1 where a window of some layer on the way
// reaches into padding. Not so circular padding, of a closed circle and along an axis whose cells, times the
// strides before, still are all of the input's. A fully connected layer sees everything. input [C, H, W];
// returns [H', W']. Throws ShapeError. Cost: one kernel an output.
core::Tensor<std::uint8_t> meets_border(const Network& network, const core::Shape& input,
                                        Circle circle = Circle::kClosed);

}  // namespace vitrine::signal
