// Pieces of mathematics that several labs' formulas are put together from.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/widgets/equation.h"
#include "engine/core/tensor.h"
#include "engine/core/text.h"

namespace vitrine::labs {

// A whole number with its thousands apart, any other with so many significant digits.
inline widgets::Math grouped_number(double n, widgets::Role role, int digits = 4) {
  return n == std::round(n) ? widgets::word(core::labelled(n, digits), role)
                            : widgets::number(n, role, digits);
}

// A line that is put together term by term.
class Line {
 public:
  Line& operator<<(widgets::Math m) {
    parts_.push_back(std::move(m));
    return *this;
  }
  // Each word by itself, so that operators have their room.
  Line& operator<<(std::string_view words) {
    while (!words.empty()) {
      const std::size_t end = std::min(words.find(' '), words.size());
      if (end > 0) *this << widgets::word(std::string(words.substr(0, end)));
      words.remove_prefix(std::min(end + 1, words.size()));
    }
    return *this;
  }
  widgets::Math done() { return widgets::row(std::move(parts_)); }

 private:
  std::vector<widgets::Math> parts_;
};

// The same with words as they are given, blanks and all.
class PlainLine {
 public:
  PlainLine& operator<<(widgets::Math m) {
    parts_.push_back(std::move(m));
    return *this;
  }
  PlainLine& operator<<(std::string_view words) { return *this << widgets::word(std::string(words)); }
  PlainLine& operator<<(const widgets::Sum& sum) {
    for (widgets::Math& m : sum.parts()) parts_.push_back(std::move(m));
    return *this;
  }
  widgets::Math done() { return widgets::row(std::move(parts_)); }

 private:
  std::vector<widgets::Math> parts_;
};

// Row i of [rows, columns] as an upright vector, and index i of [N, rows, columns] as a matrix.
inline widgets::Math upright(const core::Tensor<double>& rows, core::Index i, widgets::Role role) {
  std::vector<widgets::Math> cells;
  for (core::Index j = 0; j < rows.size(1); ++j) cells.push_back(widgets::number(rows(i, j), role));
  return widgets::matrix(1, std::move(cells));
}
inline widgets::Math matrix_of(const core::Tensor<double>& m, widgets::Role role) {
  std::vector<widgets::Math> cells;
  for (const double v : m.values()) cells.push_back(widgets::number(v, role));
  return widgets::matrix(static_cast<int>(m.size(1)), std::move(cells));
}
// The matrix's transpose.
inline widgets::Math transposed_matrix_of(const core::Tensor<double>& m, widgets::Role role) {
  std::vector<widgets::Math> cells;
  for (core::Index j = 0; j < m.size(1); ++j)
    for (core::Index i = 0; i < m.size(0); ++i) cells.push_back(widgets::number(m(i, j), role));
  return widgets::matrix(static_cast<int>(m.size(0)), std::move(cells));
}

// "h[3]"; with the index of one of its numbers, "h[3]" and a subscript.
inline widgets::Math at_step(const std::string& letter, core::Index step, widgets::Role role,
                             const std::string& index = "") {
  return widgets::symbol(letter + "[" + std::to_string(step) + "]", index, role);
}

}  // namespace vitrine::labs
