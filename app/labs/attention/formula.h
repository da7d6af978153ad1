// What the formulas of "Attention by hand" are put together from: its letters, and rows and matrices of
// numbers.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "app/labs/attention/lab.h"
#include "app/labs/formula.h"

namespace vitrine::labs {

// How a token becomes a query, a key or a value; how a weight answers to a score.
widgets::Equation explain_making(const Attention::Result& result, const Attention::Focus& focus);
widgets::Equation explain_slope(const Attention::Result& result, const Attention::Focus& focus);

namespace formula {

using Line = PlainLine;

inline constexpr core::Index kLargestMatrix = 4;  // that is written out with all its numbers

inline std::string name(core::Index i) { return std::to_string(i + 1); }
inline std::string name(core::Index i, core::Index j) { return name(i) + name(j); }
inline widgets::Math say(std::string_view words) { return widgets::word(std::string(words)); }
inline widgets::Math q(std::string index) {
  return widgets::symbol("q", std::move(index), widgets::Role::kInput);
}
inline widgets::Math k(std::string index) {
  return widgets::symbol("k", std::move(index), widgets::Role::kKernel);
}
inline widgets::Math v(std::string index) {
  return widgets::symbol("v", std::move(index), widgets::Role::kOutput);
}
inline widgets::Math y(std::string index) {
  return widgets::symbol("y", std::move(index), widgets::Role::kOutput);
}
inline widgets::Math plain(const char* letter, std::string index) {
  return widgets::symbol(letter, std::move(index), widgets::Role::kText);
}

inline widgets::Math row_of(const core::Tensor<double>& m, core::Index row,
                            widgets::Role role = widgets::Role::kText) {
  std::vector<widgets::Math> cells;
  for (core::Index j = 0; j < m.size(1); ++j) cells.push_back(widgets::number(m(row, j), role));
  return widgets::matrix(static_cast<int>(m.size(1)), std::move(cells));
}

inline widgets::Math all_of(const core::Tensor<double>& m, widgets::Role role = widgets::Role::kText,
                            bool transposed = false) {
  std::vector<widgets::Math> cells;
  const core::Index rows = m.size(transposed ? 1 : 0), columns = m.size(transposed ? 0 : 1);
  for (core::Index i = 0; i < rows; ++i)
    for (core::Index j = 0; j < columns; ++j)
      cells.push_back(widgets::number(transposed ? m(j, i) : m(i, j), role));
  return widgets::matrix(static_cast<int>(columns), std::move(cells));
}

inline bool short_enough(const core::Tensor<double>& m) {
  return m.size(0) <= kLargestMatrix && m.size(1) <= kLargestMatrix;
}

}  // namespace formula

}  // namespace vitrine::labs
