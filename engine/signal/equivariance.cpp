#include "engine/signal/equivariance.h"

#include <algorithm>
#include <vector>

namespace vitrine::signal {

using core::Shape;
using core::Tensor;

namespace {

// The whole shifts of the output that a shift of the input may stand for along one axis: one where the stride
// divides it, else the two around the quotient, the nearer to zero first.
std::vector<Index> neighbours(Index shift, Index stride) {
  const Index toward_zero = shift / stride;
  if (shift % stride == 0) return {toward_zero};
  return {toward_zero, toward_zero + (shift < 0 ? -1 : 1)};
}

// Outputs whose circle the shift closes: along this axis the output cells stand for all input cells.
bool closes(Index input, Index output, Index stride) { return output * stride == input; }

// What the shift brings in at this place of an axis of `size` cells, and not from another cell of f(x).
bool brought_in(Index place, Index shift, Index size, bool around) {
  return !around && (place - shift < 0 || place - shift >= size);
}

Tensor<std::uint8_t> border_of_both(const Network& network, const Shape& input, Shift shift, ShiftFill fill) {
  const bool wraps = fill == ShiftFill::kWrap;
  const Tensor<std::uint8_t> before = meets_border(network, input, wraps ? Circle::kClosed : Circle::kOpen);
  const Index rows = before.size(0), columns = before.size(1);
  const Tensor<std::uint8_t> after =
      shifted(before.reshaped({1, rows, columns}), shift.rows, shift.columns, ShiftFill::kWrap);
  const TotalStride stride = total_stride(network);
  const bool around_rows = wraps && closes(input[1], rows, stride.rows),
             around_columns = wraps && closes(input[2], columns, stride.columns);
  Tensor<std::uint8_t> mask = before;
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < columns; ++j)
      if (after(0, i, j) != 0 || brought_in(i, shift.rows, rows, around_rows) ||
          brought_in(j, shift.columns, columns, around_columns))
        mask(i, j) = 1;
  return mask;
}

bool has_dense(const Network& network) {
  return std::any_of(network.begin(), network.end(),
                     [](const NetworkLayer& layer) { return std::holds_alternative<DenseLayer>(layer); });
}

}  // namespace

Equivariance equivariance(const Network& network, const Tensor<double>& x, const Tensor<double>& output,
                          Shift shift, ShiftFill fill, std::stop_token stop) {
  Equivariance e;
  e.of_shifted = output_of(network, shifted(x, shift.rows, shift.columns, fill), stop);
  const TotalStride stride = total_stride(network);
  e.whole = shift.rows % stride.rows == 0 && shift.columns % stride.columns == 0;
  bool first = true;
  for (const Index rows : neighbours(shift.rows, stride.rows))
    for (const Index columns : neighbours(shift.columns, stride.columns)) {
      Tensor<double> candidate = shifted(output, rows, columns, fill);
      Difference d = difference(e.of_shifted, candidate);
      if (!first && !(d.relative < e.difference.relative)) continue;
      e.output_shift = {rows, columns};
      e.shifted_output = std::move(candidate);
      e.difference = std::move(d);
      first = false;
    }
  e.border = border_of_both(network, x.shape(), e.output_shift, fill);
  e.cause = e.difference.changed == 0 ? Departure::kNone
            : has_dense(network)      ? Departure::kDense
            : !e.whole                ? Departure::kStride
                                      : Departure::kBorder;
  return e;
}

}  // namespace vitrine::signal
