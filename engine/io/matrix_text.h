// A matrix as people paste it: NumPy, PyTorch, nested lists, MATLAB, CSV and LaTeX as text, and back.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "engine/core/tensor.h"

namespace vitrine::io {

inline constexpr core::Index kMatrixTextLimit_bytes = core::Index{32} << 20;
inline constexpr core::Index kMatrixTextLimit_numbers = core::Index{1} << 20;
inline constexpr std::size_t kMatrixTextLimit_axes = 4;

// kNumPy: np.array([[1, 2],
//                   [3, 4]], dtype=float)
// kMatlab: [1 2; 3 4]    kCsv: a line a row, commas    kLatex: \begin{bmatrix}1 & 2 \\ 3 & 4\end{bmatrix}
enum class MatrixFormat { kNumPy, kMatlab, kCsv, kLatex };

// What is read, behind an optional "A =":
//   array([[1., 2.], [3., 4.]], dtype=float32), np.array(...), torch.tensor(..., device='cuda:0')
//   [[1, 2], [3, 4]] with commas, blanks or both, to four levels
//   [1 2; 3 4] and [1, 2\n 3, 4]; one pair of brackets without ; and without a second line is of rank 1
//   lines of numbers between tabs, semicolons, commas or blanks (the first of these that occurs); a comma is
//   a decimal comma where tabs or semicolons separate; one line without its end is of rank 1, one number of
//   rank 0
//   LaTeX's matrix environments and array, \frac{1}{2}, \infty
// nan, inf, Infinity and a Unicode minus are numbers. Throws FormatError naming row and column: no number at
// all, a word, ragged rows, more than the limits above.
core::Tensor<double> parse_matrix(std::string_view text);

// Every digit, so that the same numbers are read back; LaTeX has at most 4 significant digits. Rank 0 to 4:
// MATLAB writes cat(3, ...), CSV a blank line and LaTeX a line between matrices. Of parse_matrix: kNumPy
// reads back at any rank, kMatlab and kCsv up to rank 2 (CSV's [1] as rank 0), kLatex a vector as one row. An
// empty tensor is an empty text. Throws ShapeError above rank 4.
std::string matrix_text(const core::Tensor<double>& matrix, MatrixFormat format);

}  // namespace vitrine::io
