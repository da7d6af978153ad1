#include "engine/signal/reduced.h"

#include <algorithm>
#include <stdexcept>

namespace vitrine::signal {

using core::Index;
using core::Tensor;

Tensor<float> reduced(const Tensor<float>& planes, Index most) {
  if (planes.rank() != 3)
    throw core::ShapeError("planes " + core::to_string(planes.shape()) + " does not have 3 axes");
  if (most < 1)
    throw std::invalid_argument("a picture cannot have " + std::to_string(most) + " pixels a side");
  const Index rows = planes.size(1), columns = planes.size(2);
  const Index block = (std::max({rows, columns, Index{1}}) - 1) / most + 1;
  if (block == 1) return planes;
  const auto blocks = [&](Index size) { return (size + block - 1) / block; };
  Tensor<float> out(core::Shape{planes.size(0), blocks(rows), blocks(columns)});
  std::vector<double> sums(static_cast<std::size_t>(out.size(2)));
  for (Index c = 0; c < out.size(0); ++c)
    for (Index i = 0; i < out.size(1); ++i) {
      const Index last_row = std::min(rows, (i + 1) * block);
      std::fill(sums.begin(), sums.end(), 0.0);
      for (Index row = i * block; row < last_row; ++row) {
        const float* in = &planes(c, row, 0);
        for (Index column = 0; column < columns; ++column)
          sums[static_cast<std::size_t>(column / block)] += in[column];
      }
      for (Index j = 0; j < out.size(2); ++j) {
        const Index cells = (last_row - i * block) * (std::min(columns, (j + 1) * block) - j * block);
        out(c, i, j) = static_cast<float>(sums[static_cast<std::size_t>(j)] / static_cast<double>(cells));
      }
    }
  return out;
}

}  // namespace vitrine::signal
