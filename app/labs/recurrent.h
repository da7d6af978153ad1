// What the labs of recurrent nets share besides their picture: gradients that stay at the end, how far a
// check is away, numbers that are not finite.
#pragma once

#include <algorithm>
#include <cmath>
#include <initializer_list>

#include "app/widgets/controls.h"

namespace vitrine::labs {

// [steps, width] whose last rows are the last ones of `rows`: a loss at the end stays at the end. What is new
// is 0.
inline core::Tensor<double> with_last_rows(const core::Tensor<double>& rows, core::Index steps,
                                           core::Index width) {
  core::Tensor<double> out({steps, width});
  if (rows.rank() != 2 || rows.empty()) return out;
  for (core::Index back = 1; back <= std::min(steps, rows.size(0)); ++back)
    for (core::Index j = 0; j < std::min(width, rows.size(1)); ++j)
      out(steps - back, j) = rows(rows.size(0) - back, j);
  return out;
}

// |found - check| of each number; the largest one, relative to numbers above 1, goes into `largest`, where a
// NaN stays.
inline core::Tensor<double> distances(const core::Tensor<double>& found, const core::Tensor<double>& check,
                                      double& largest) {
  core::Tensor<double> errors(found.shape());
  for (core::Index i = 0; i < found.count(); ++i) {
    errors[i] = std::abs(found[i] - check[i]);
    const double relative = errors[i] / std::max(1.0, std::abs(found[i]));
    if (std::isnan(relative) || relative > largest) largest = relative;
  }
  return errors;
}

inline bool all_finite(std::initializer_list<const core::Tensor<double>*> tensors) {
  return std::all_of(tensors.begin(), tensors.end(), [](const core::Tensor<double>* t) {
    return std::all_of(t->values().begin(), t->values().end(), [](double v) { return std::isfinite(v); });
  });
}

inline void note_not_finite(widgets::Controls& c,
                            std::initializer_list<const core::Tensor<double>*> tensors) {
  if (!all_finite(tensors))
    c.note("A number above is not finite: whatever depends on it becomes ∞ or NaN and is hatched.",
           widgets::Role::kTrouble);
}

}  // namespace vitrine::labs
