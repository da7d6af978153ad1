// The checked geometry of one convolution layer, forward and backward: which weight of which filter meets
// which input cell at which output. Inside engine/signal only; convolution.h says the equation.
#pragma once

#include <string>
#include <vector>

#include "engine/signal/convolution.h"

namespace vitrine::signal {

// Sizes, and the window along both axes.
struct ConvLayer {
  // input [C, H, W], weight [F, C/groups, Kh, Kw]. Throws ShapeError.
  ConvLayer(const core::Shape& input, const core::Shape& weight, const ConvSpec& spec)
      : channels(axis_of(input, 3, 0, "input")),
        filters(axis_of(weight, 4, 0, "weight")),
        groups(spec.groups),
        group_channels(weight[1]),
        rows(input[1], weight[2], spec.rows, spec.boundary),
        columns(input[2], weight[3], spec.columns, spec.boundary),
        flip(spec.flip) {
    if (groups < 1 || filters < 1 || filters % groups != 0)
      throw core::ShapeError("groups " + std::to_string(groups) + " does not divide the " +
                             std::to_string(filters) + " filters of weight");
    if (channels < 1 || group_channels < 1 || group_channels != channels / groups || channels % groups != 0)
      throw core::ShapeError("weight reads " + std::to_string(group_channels) +
                             " channels in each of groups " + std::to_string(groups) + ", input has " +
                             std::to_string(channels) + " channels");
  }
  // The first input channel that a filter reads.
  Index first_channel(Index filter) const { return filter / (filters / groups) * group_channels; }
  // The flat index of the weight over tap (u, v).
  Index weight_index(Index filter, Index c, Index u, Index v) const {
    if (flip) {
      u = rows.kernel() - 1 - u;
      v = columns.kernel() - 1 - v;
    }
    return ((filter * group_channels + c) * rows.kernel() + u) * columns.kernel() + v;
  }
  // The flat index of the input cell under a tap, or WindowAxis::kNone for a zero in the padding.
  Index input_index(Index channel, const Tap& tap) const {
    if (tap.source_row == WindowAxis::kNone) return WindowAxis::kNone;
    return (channel * rows.input() + tap.source_row) * columns.input() + tap.source_column;
  }
  core::Shape output() const { return {filters, rows.outputs(), columns.outputs()}; }

  // visit(channel, tap, weight index) for each product of the sum that makes output (filter, i, j), in its
  // order.
  template <class Visit>
  void each_product(Index filter, Index i, Index j, Visit visit) const {
    const std::vector<Tap> window = taps(rows, columns, i, j);
    for (Index c = 0; c < group_channels; ++c)
      for (const Tap& tap : window)
        visit(first_channel(filter) + c, tap, weight_index(filter, c, tap.kernel_row, tap.kernel_column));
  }

  Index channels, filters, groups, group_channels;
  WindowAxis rows, columns;
  bool flip;

 private:
  static Index axis_of(const core::Shape& shape, std::size_t rank, std::size_t axis, const char* name) {
    if (shape.rank() != rank)
      throw core::ShapeError(std::string(name) + " " + to_string(shape) + " does not have " +
                             std::to_string(rank) + " axes");
    return shape[axis];
  }
};

// A bias is empty or of this shape. Throws ShapeError.
template <class T>
void check_bias(const core::Tensor<T>& bias, const core::Shape& expected) {
  if (!bias.empty() && bias.shape() != expected)
    throw core::ShapeError("bias " + to_string(bias.shape()) + " is not of shape " + to_string(expected));
}

}  // namespace vitrine::signal
