// Expression: a formula as a hand writes it, "k_1 x_1 + k_2 x_2" or "softmax(Q K^T / sqrt(d)) V", read once
// and evaluated on any values of its symbols. Two formulas that agree on random values are the same formula
// (Schwartz 1980, Zippel 1979), whatever way each is written.
//
//   1.5  2e-3  [1, 2, 3]  [[1, 2], [3, 4]]  [1..9]     numbers, vectors, matrices, a vector of 1 to 9
//   a + b   a - b   a b   a * b   a / b   a^b   a^T    a vector is a column; a b is the matrix product
//   a · b   a .* b                                     of two vectors the dot product; element by element
//   x[3]  W[1, c, k]   sum(k = 1..3, x[k])             indices begin at 1
//   f(a, b)                                            functions.h says which
//   a == b   a < b   a <= b   a and b                  1 or 0
// Subscripts may be written x_1, x_{1}, x1 or x₁; × ÷ − ⊙ ᵀ ² √ and Greek letters as in print.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

#include "engine/core/tensor.h"

namespace vitrine::lessons {

using core::Index;
using Value = core::Tensor<double>;  // of rank 0 to 3; a single number has the shape {}
using Symbols = std::map<std::string, Value, std::less<>>;

// One line that says what is wrong and where.
struct ExpressionError : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

Value number(double value);

class Expression {
 public:
  // `symbols`: all that it may name besides functions. Throws ExpressionError.
  Expression(std::string_view text, const std::set<std::string>& symbols);
  Expression(Expression&&) noexcept;
  Expression& operator=(Expression&&) noexcept;
  ~Expression();

  // Throws ExpressionError: shapes do not suit, an index is out of range, a number is too large.
  Value evaluate(const Symbols& values) const;

  struct Node;

 private:
  std::unique_ptr<const Node> root_;
};

// The value of an expression without symbols.
Value evaluated(std::string_view text);

}  // namespace vitrine::lessons
