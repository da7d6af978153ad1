// Small harms to a picture or a signal, exact and repeatable: pixels that are lost or stray, noise, and a
// shift; and what an answer has changed by when its question was harmed.
// Zhang 2019, "Making convolutional networks shift-invariant again", section 4.
#pragma once

#include <cstdint>

#include "engine/core/rng.h"
#include "engine/core/tensor.h"

namespace vitrine::signal {

using core::Index;

// What comes in at the edge that a shift leaves empty: zeros, or what went out at the other end.
enum class ShiftFill { kZeros, kWrap };

// y[c, i, j] = x[c, i - rows, j - columns]: down and to the right where positive, by any number of cells.
// x [C, H, W]; T is float, double or std::uint8_t. Throws ShapeError.
template <class T>
core::Tensor<T> shifted(const core::Tensor<T>& x, Index rows, Index columns, ShiftFill fill);

// x [C, H, W] with `value` in every channel where the mask [H, W] is not 0. Throws ShapeError.
core::Tensor<double> with_value_at(core::Tensor<double> x, const core::Tensor<std::uint8_t>& mask,
                                   double value);

// A mask of the shape [H, W] with `count` different cells set, all cells if there are no more, each set of
// cells as likely as any other. Another `step` of the same rng draws anew. Throws std::invalid_argument if
// count < 0. Cost H*W + count log count. Source: Floyd 1987, "A sample of brilliance", algorithm F2.
core::Tensor<std::uint8_t> random_cells(const core::Shape& shape, Index count, const core::Rng& rng,
                                        std::uint64_t step);

// x + amplitude * n, n standard normal and drawn for each number of x from (rng, step).
core::Tensor<double> with_noise(core::Tensor<double> x, double amplitude, const core::Rng& rng,
                                std::uint64_t step);

// How two tensors of one shape differ.
struct Difference {
  core::Tensor<double> values;  // a - b
  Index changed = 0;            // numbers that are not equal; two NaN are
  double largest = 0;           // max |a - b|
  double relative = 0;          // ||a - b||_2 / ||b||_2; 0 where both are equal, infinite where only b is 0
};
// A NaN in one of the two makes `largest` and `relative` NaN. Throws ShapeError if the shapes differ.
Difference difference(const core::Tensor<double>& a, const core::Tensor<double>& b);

}  // namespace vitrine::signal
