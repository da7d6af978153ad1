#include "engine/signal/reduced.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "engine/signal/fast_pooling.h"

namespace vitrine::signal {

using core::Tensor;

Tensor<float> reduced(const Tensor<float>& planes, Index most, core::Workers& workers) {
  if (planes.rank() != 3)
    throw core::ShapeError("planes " + core::to_string(planes.shape()) + " does not have 3 axes");
  if (most < 1)
    throw std::invalid_argument("a picture cannot have " + std::to_string(most) + " pixels a side");
  const Index block = core::divide_up(std::max(planes.size(1), planes.size(2)), most);
  if (block <= 1) return planes;
  const auto blocks = [&](Index size) {
    return WindowSpec{.stride = block, .padding_after = core::round_up(size, block) - size};
  };
  return average_pool_fast(planes, {block, block, blocks(planes.size(1)), blocks(planes.size(2))},
                           CountPadding::kNo, workers);
}

}  // namespace vitrine::signal
