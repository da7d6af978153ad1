#include "app/labs/tensor_controls.h"

#include <algorithm>

namespace vitrine::labs {

using core::Index;
using core::Tensor;

namespace {

constexpr Index kWidestGrid = 12;  // columns that the inspector shows without folding

// "k of filter 2, channel 1": the grid's place among the leading axes.
std::string grid_name(const std::string& name, const core::Shape& shape,
                      std::initializer_list<std::string_view> axes, std::size_t leading, Index grid) {
  std::string place;
  for (std::size_t axis = leading; axis-- > 0; grid /= shape[axis])
    if (shape[axis] > 1)
      place = std::string(axes.begin()[axis]) + " " + std::to_string(grid % shape[axis] + 1) +
              (place.empty() ? "" : ", " + place);
  return place.empty() ? name : name + " of " + place;
}

}  // namespace

bool tensor_controls(widgets::Controls& c, const std::string& name, Tensor<double>& values,
                     std::initializer_list<std::string_view> axes, widgets::Role role,
                     std::string_view help) {
  const core::Shape& shape = values.shape();
  const std::size_t rank = shape.rank();
  const Index columns = shape[rank - 1], rows = columns <= kWidestGrid ? shape[rank - 2] : 1;
  const std::size_t leading = rows == shape[rank - 2] ? rank - 2 : rank - 1;
  bool changed = false;
  for (Index grid = 0; grid < values.count() / (rows * columns); ++grid) {
    double* const first = values.data() + grid * rows * columns;
    Tensor<double> numbers(rows == 1 ? core::Shape{columns} : core::Shape{rows, columns},
                           std::span<const double>(first, static_cast<std::size_t>(rows * columns)));
    const bool edited = c.matrix(grid_name(name, shape, axes, leading, grid), numbers, role, help);
    // A grid that shows all of the tensor stands for it: what is pasted may be larger or smaller.
    for (auto& pasted : c.state().reshapes)
      if (pasted.place == &numbers && numbers.count() == values.count()) pasted.place = &values;
    if (!edited) continue;
    std::copy_n(numbers.data(), numbers.count(), first);
    changed = true;
  }
  return changed;
}

}  // namespace vitrine::labs
