// Writing of matrix_text.h; matrix_parser.cpp reads.
#include "engine/io/matrix_text.h"

#include <cmath>
#include <string>

#include "engine/core/text.h"

namespace vitrine::io {

namespace {

using core::Index;
using core::Tensor;

constexpr int kLatexDigits = 4;

// How one format spells a number.
using Spelling = std::string (*)(double value);

std::string numpy_number(double value) {
  if (std::isnan(value)) return "np.nan";
  if (std::isinf(value)) return value > 0 ? "np.inf" : "-np.inf";
  return value == 0 && std::signbit(value) ? "-0.0" : core::exact(value);  // Python's -0 is 0
}
std::string matlab_number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Inf" : "-Inf";
  return core::exact(value);
}
std::string csv_number(double value) { return std::isnan(value) ? "nan" : core::exact(value); }
std::string latex_number(double value) {
  if (std::isnan(value)) return "\\mathrm{NaN}";
  if (std::isinf(value)) return value > 0 ? "\\infty" : "-\\infty";
  std::string text = core::shown(value, kLatexDigits);
  constexpr std::string_view kMinus = "−";
  for (std::size_t at = 0; (at = text.find(kMinus, at)) != text.npos;) text.replace(at, kMinus.size(), "-");
  return text;
}

// The last two axes of a tensor, slice by slice; a vector is one row, a number one of one.
struct Slices {
  explicit Slices(const Tensor<double>& tensor)
      : columns(tensor.rank() > 0 ? tensor.size(tensor.rank() - 1) : 1),
        rows(tensor.rank() > 1 ? tensor.size(tensor.rank() - 2) : 1),
        count(tensor.count() / (rows * columns)) {}
  Index columns, rows, count;
};

// One slice: numbers of a row between `column` marks, rows between `row` marks.
std::string slice_text(const Tensor<double>& tensor, Index slice, Spelling spelling, std::string_view column,
                       std::string_view row) {
  const Slices slices(tensor);
  std::string text;
  for (Index r = 0; r < slices.rows; ++r) {
    if (r > 0) text += row;
    for (Index c = 0; c < slices.columns; ++c) {
      if (c > 0) text += column;
      text += spelling(tensor[(slice * slices.rows + r) * slices.columns + c]);
    }
  }
  return text;
}

// The list of `axis` that begins at number `first`; each line is indented below its bracket.
std::string nested_list(const Tensor<double>& tensor, std::size_t axis, Index first, std::size_t indent) {
  if (axis == tensor.rank()) return numpy_number(tensor[first]);
  Index stride = 1;
  for (std::size_t inner = axis + 1; inner < tensor.rank(); ++inner) stride *= tensor.size(inner);
  const bool numbers = axis + 1 == tensor.rank();
  const std::string separator = numbers ? ", " : ",\n" + std::string(indent + 1, ' ');
  std::string text = "[";
  for (Index i = 0; i < tensor.size(axis); ++i) {
    if (i > 0) text += separator;
    text += nested_list(tensor, axis + 1, first + i * stride, indent + 1);
  }
  return text + "]";
}

std::string numpy_text(const Tensor<double>& tensor) {
  constexpr std::string_view kOpen = "np.array(";
  return std::string(kOpen) + nested_list(tensor, 0, 0, kOpen.size()) + ", dtype=float)";
}

// The slices of the axes before the last two, from `axis` on, as cat(3, ...) of cat(4, ...).
std::string matlab_slices(const Tensor<double>& tensor, std::size_t axis, Index& slice) {
  if (axis + 2 >= tensor.rank()) {
    const bool vector = tensor.rank() == 1, one_row = Slices(tensor).rows == 1;
    const std::string numbers = slice_text(tensor, slice++, matlab_number, " ", "; ");
    return "[" + numbers + (one_row && !vector ? ";]" : "]");  // the ; keeps a matrix of one row one
  }
  // MATLAB's axes: rows, columns, then the others from the last one out
  std::string text = "cat(" + std::to_string(tensor.rank() - axis);
  for (Index i = 0; i < tensor.size(axis); ++i) text += ", " + matlab_slices(tensor, axis + 1, slice);
  return text + ")";
}
std::string matlab_text(const Tensor<double>& tensor) {
  Index slice = 0;
  return tensor.rank() == 0 ? matlab_number(tensor[0]) : matlab_slices(tensor, 0, slice);
}

std::string csv_text(const Tensor<double>& tensor) {
  std::string text;
  for (Index slice = 0; slice < Slices(tensor).count; ++slice) {
    if (slice > 0) text += "\n";
    text += slice_text(tensor, slice, csv_number, ",", "\n");
    if (tensor.rank() > 1) text += "\n";  // a vector's line has no end
  }
  return text;
}

std::string latex_text(const Tensor<double>& tensor) {
  constexpr Index kMostOfBmatrix = 10;  // amsmath's MaxMatrixCols
  if (tensor.rank() == 0) return latex_number(tensor[0]);
  const Index columns = tensor.size(tensor.rank() - 1);
  std::string text;
  for (Index slice = 0; slice < Slices(tensor).count; ++slice) {
    if (slice > 0) text += "\n";
    const std::string rows = slice_text(tensor, slice, latex_number, " & ", " \\\\ ");
    if (columns <= kMostOfBmatrix)
      text += "\\begin{bmatrix}" + rows + "\\end{bmatrix}";
    else
      text += "\\left[\\begin{array}{" + std::string(static_cast<std::size_t>(columns), 'c') + "}" + rows +
              "\\end{array}\\right]";
  }
  return text;
}

}  // namespace

std::string matrix_text(const Tensor<double>& matrix, MatrixFormat format) {
  if (matrix.rank() > kMatrixTextLimit_axes)
    throw core::ShapeError("a tensor " + core::to_string(matrix.shape()) + " has more than 4 axes");
  if (matrix.empty()) return "";
  switch (format) {
    case MatrixFormat::kNumPy:
      return numpy_text(matrix);
    case MatrixFormat::kMatlab:
      return matlab_text(matrix);
    case MatrixFormat::kCsv:
      return csv_text(matrix);
    case MatrixFormat::kLatex:
      return latex_text(matrix);
  }
  throw std::invalid_argument("no such format of a matrix");
}

}  // namespace vitrine::io
