// TypedNumbers: a number, a shape, a vector or a matrix as a hand types it, and how exactly it was typed.
//   508,032   508 032   -1.5   8/9   9.988e10   9.988 x 10^10   32*126*126   ln 4   25 %     numbers
//   32 x 126 x 126   (3, 5, 5)   R^{3 x 5}                                                    shapes
//   1 2 3   (1, 2, 3)   [1; 2; 3]                                                             vectors
//   1 2; 3 4   [[1, 2], [3, 4]]   one row a line                                              matrices
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/lessons/expression.h"

namespace vitrine::lessons {

struct TypedNumber {
  double value = 0;
  double slack = 0;  // half a unit of the last place that was typed; 0: it is meant exactly
  int digits = 0;    // significant ones that were typed; of an exact one kExact

  static constexpr int kExact = 99;
};

// They throw ExpressionError, one line that says what cannot be read.
TypedNumber typed_number(std::string_view text);
std::vector<Index> typed_shape(std::string_view text);
std::vector<TypedNumber> typed_vector(std::string_view text);
std::vector<std::vector<TypedNumber>> typed_matrix(std::string_view text);

// Is `typed` the right value, rounded at most to the last place typed, and to at least `digits` significant
// digits? A value that is met so closely needs no more of them. 1 + 1e-12 of the value is still exact.
enum class Closeness { kRight, kTooFewDigits, kWrong };
Closeness compare(const TypedNumber& typed, double right, int digits);

}  // namespace vitrine::lessons
