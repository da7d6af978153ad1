// What the readers of matrix_text.h share: the numbers found so far and the place of the next.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/core/tensor.h"

namespace vitrine::io {

class MatrixNumbers {
 public:
  // The next number of the row. Throws FormatError: a text that is none, or more than the limit.
  void add(std::string_view text);
  void add(double value);
  // Throws FormatError if the row has not as many numbers as the first one, or none.
  void end_row();
  core::Index rows() const { return row_; }
  bool row_is_empty() const { return column_ == 0; }

  // With every row ended, the numbers under a shape of as many: [R, C] where none is given.
  core::Tensor<double> take(const core::Shape& shape);
  core::Tensor<double> take() { return take({row_, columns_}); }

  // Throws FormatError "row 2, column 3: reason", of the number that comes next.
  [[noreturn]] void fail(std::string_view reason) const { fail_at(column_, reason); }

 private:
  [[noreturn]] void fail_at(core::Index column, std::string_view reason) const;

  std::vector<double> values_;
  core::Index row_ = 0, column_ = 0;  // rows ended, numbers in the row begun
  core::Index columns_ = 0;           // of the first row
};

// What `text` begins with, in quotes and on one line, for a message.
std::string quoted_start(std::string_view text);

// LaTeX, for parse_matrix.
core::Tensor<double> parse_latex_matrix(std::string_view text);

}  // namespace vitrine::io
