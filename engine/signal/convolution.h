// Cross-correlation as every deep-learning framework's "convolution" computes it, the matrix that it is, and
// its untied relative. y[f,i,j] = b[f] + sum_{c,u,v} w[f,c,u,v] x[c, i*S + u*d - p, j*S + v*d - p]. Source:
// Goodfellow, Bengio, Courville 2016, "Deep Learning", section 9.1; locally connected: section 9.5.
#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "engine/core/tensor.h"
#include "engine/signal/window.h"

namespace vitrine::signal {

// One dimension is H = Kh = 1.
struct ConvSpec {
  WindowSpec rows{}, columns{};
  Index groups = 1;  // filter f reads the channels of its group only
  Boundary boundary = Boundary::kZeros;
  bool flip = false;  // the kernel turned by 180 degrees: the textbook's convolution

  void describe(core::Fields& f);
  bool operator==(const ConvSpec&) const = default;
};

// y above. input [C, H, W], weight [F, C/groups, Kh, Kw], bias [F] or empty; returns [F, Ho, Wo]. A zero in
// the padding adds nothing, whatever its weight: not the NaN that 0 * Inf is. T is float or double; sums run
// over c, then u, then v. Throws ShapeError, also when the result passes core::kResultLimit, and
// core::Stopped soon after a stop is requested. Cost F*Ho*Wo*C/groups*Kh*Kw.
template <class T>
core::Tensor<T> correlate(const core::Tensor<T>& input, const core::Tensor<T>& weight,
                          const core::Tensor<T>& bias, const ConvSpec& spec, std::stop_token stop = {});

// Every window of the input as a column: X[(c*Kh + u)*Kw + v, i*Wo + j] = x[c, i*S + u*d - p, j*S + v*d - p],
// so that a layer is one matrix product. input [C, H, W]; returns [C*Kh*Kw, Ho*Wo]. Throws as correlate.
// Source: Chellapilla, Puri, Simard 2006, "High performance convolutional neural networks", section 2.
core::Tensor<double> im2col(const core::Tensor<double>& input, Index kernel_rows, Index kernel_columns,
                            const ConvSpec& spec);

// A layer without its bias as the matrix K of y = K x, x and y flattened.
struct Toeplitz {
  core::Tensor<double> matrix;              // [F*Ho*Wo, C*H*W]
  core::Tensor<std::int32_t> weight_index;  // same shape: flat index of a cell's (last) weight, -1 for none
  Index nonzeros = 0;                       // cells that carry a weight, whatever its value
  Index distinct_weights = 0;               // weights that occur in some cell
};
// Where a boundary brings several weights to one cell, they add up. input_shape [C, H, W], weight as for
// correlate. Throws ShapeError as correlate; core::Stopped.
Toeplitz toeplitz(const core::Shape& input_shape, const core::Tensor<double>& weight, const ConvSpec& spec,
                  std::stop_token stop = {});

// A kernel of its own at each output: y[i,j] = b[i,j] + sum_{u,v} w[i,j,u,v] x[i*S + u*d - p, j*S + v*d - p].
// input [H, W], weight [Ho, Wo, Kh, Kw], bias [Ho, Wo] or empty; returns [Ho, Wo]. Zeros in the padding.
// Throws ShapeError.
core::Tensor<double> locally_connected(const core::Tensor<double>& input, const core::Tensor<double>& weight,
                                       const core::Tensor<double>& bias, const WindowSpec& rows,
                                       const WindowSpec& columns);
// Its matrix without bias, [Ho*Wo, H*W]; input_shape [H, W]. Throws ShapeError.
core::Tensor<double> locally_connected_matrix(const core::Shape& input_shape,
                                              const core::Tensor<double>& weight, const WindowSpec& rows,
                                              const WindowSpec& columns);

// What a layer costs; nothing is allocated.
struct ConvCounts {
  core::Shape output;       // [F, Ho, Wo]
  Index weights = 0;        // F * C/groups * Kh * Kw
  Index parameters = 0;     // weights + F, with a bias
  Index macs = 0;           // numbers in the output times weights of one filter; padding counted
  Index dense_weights = 0;  // of the fully connected layer between the same flattened sizes
};
// weight_shape [F, C/groups, Kh, Kw]. Throws ShapeError, also when a count passes 2^63 (the message names
// it).
ConvCounts conv_counts(const core::Shape& input_shape, const core::Shape& weight_shape, bool bias,
                       const ConvSpec& spec);

// One product of the sum that makes an output cell.
struct Term {
  Index channel;  // of the input
  Tap tap;
  Index weight_index;             // into the flattened weight
  double input, weight, product;  // input and product 0 in the padding
};
// All of them in the order of the sum; y[filter, row, column] = b[filter] + sum of products. T is float or
// double, the products are in double. Throws ShapeError.
template <class T>
std::vector<Term> terms(const core::Tensor<T>& input, const core::Tensor<double>& weight,
                        const ConvSpec& spec, Index filter, Index output_row, Index output_column);

// The sum of an output cell, taken apart by input channel.
struct ChannelSums {
  std::vector<double> sums;  // of each channel that the filter reads, in order
  double total = 0;          // their sum, from the first to the last
};
ChannelSums channel_sums(std::span<const Term> terms);

}  // namespace vitrine::signal
