#include "engine/train/health.h"

#include <algorithm>

#include "engine/train/inside.h"

namespace vitrine::train {
namespace {

std::vector<std::uint32_t> silent_units(const nn::ParameterInfo& info, std::span<const float> gradient) {
  const core::Tensor<float> rows = nn::parameter<float>(info, gradient);
  const Index units = info.shape[0], inputs = rows.count() / units;
  std::vector<std::uint32_t> silent;
  for (Index unit = 0; unit < units; ++unit) {
    const float* row = rows.data() + unit * inputs;
    if (std::all_of(row, row + inputs, [](float value) { return value == 0; }))
      silent.push_back(static_cast<std::uint32_t>(unit));
  }
  return silent;
}

}  // namespace

std::vector<TensorHealth> health_of(const nn::ParameterLayout& layout, std::span<const float> before,
                                    std::span<const float> after, std::span<const float> gradient) {
  for (const auto numbers : {before, after, gradient})
    if (static_cast<Index>(numbers.size()) != layout.size())
      throw core::ShapeError("the health of " + std::to_string(numbers.size()) + " numbers for a model of " +
                             std::to_string(layout.size()));
  std::vector<float> changes(after.size());
  std::ranges::transform(after, before, changes.begin(), std::minus<>());
  const auto weight_norms = tensor_norms(layout, before), gradient_norms = tensor_norms(layout, gradient),
             update_norms = tensor_norms(layout, changes);
  std::vector<TensorHealth> tensors;
  for (const nn::ParameterInfo& info : layout.infos()) {
    const std::size_t i = tensors.size();
    TensorHealth tensor{info.name, info.decays, weight_norms[i], gradient_norms[i], update_norms[i]};
    if (info.decays && info.trains) {
      tensor.units = info.shape[0];
      tensor.silent = silent_units(info, gradient);
    }
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

}  // namespace vitrine::train
