// The checked geometry of one pooling layer. Inside engine/signal only; pooling.h says the equation.
#pragma once

#include <string>

#include "engine/signal/pooling.h"

namespace vitrine::signal {

// The windows along both axes and the output's shape.
struct PoolLayer {
  // input [C, H, W]. Throws ShapeError, also when the result passes core::kResultLimit.
  PoolLayer(const core::Shape& input, const PoolSpec& spec)
      : rows(height_of(input), spec.kernel_rows, spec.rows),
        columns(input[2], spec.kernel_columns, spec.columns),
        output(core::within_limit({input[0], rows.outputs(), columns.outputs()})) {}

  // Throws ShapeError, which names the first of them, if a window covers nothing but padding.
  void refuse_empty_windows() const {
    const auto first_empty = [](const WindowAxis& axis) {
      Index at = 0;
      while (at < axis.outputs() && axis.taps_inside(at).first < axis.taps_inside(at).last) ++at;
      return at;
    };
    const Index row = first_empty(rows), column = first_empty(columns);
    if (row == rows.outputs() && column == columns.outputs()) return;
    // A row or a column of windows that are all empty; windows count row by row.
    const bool in_first_row = row == 0 || column < columns.outputs();
    throw core::ShapeError("the window of output (" + std::to_string(in_first_row ? 0 : row) + ", " +
                           std::to_string(in_first_row && row > 0 ? column : 0) +
                           ") covers nothing but padding");
  }

  WindowAxis rows, columns;
  core::Shape output;  // [C, Ho, Wo]

 private:
  static Index height_of(const core::Shape& input) {
    if (input.rank() != 3) throw core::ShapeError("input " + to_string(input) + " does not have 3 axes");
    return input[1];
  }
};

}  // namespace vitrine::signal
