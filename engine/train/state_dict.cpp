#include "engine/train/state_dict.h"

#include <algorithm>

namespace vitrine::train {

std::vector<io::NamedTensor> state_dict(const nn::ParameterLayout& layout,
                                        const nn::Weights<float>& weights) {
  std::vector<io::NamedTensor> tensors;
  for (const auto& info : layout.infos())
    tensors.push_back({info.name, nn::parameter<float>(info, weights.values)});
  return tensors;
}

nn::Weights<float> weights_from(const nn::ParameterLayout& layout,
                                const std::vector<io::NamedTensor>& tensors) {
  nn::Weights<float> weights = nn::Weights<float>::initial(layout, 0);
  const auto& infos = layout.infos();
  for (const auto& [name, values] : tensors)
    if (std::none_of(infos.begin(), infos.end(),
                     [&, &key = name](const auto& info) { return info.name == key; }))
      throw std::invalid_argument(name + ": the model has no such parameter");
  for (const auto& info : infos) {
    const auto at =
        std::find_if(tensors.begin(), tensors.end(), [&](const auto& t) { return t.name == info.name; });
    if (at == tensors.end()) throw std::invalid_argument(info.name + ": missing");
    nn::set_parameter<float>(info, at->values, weights.values);
  }
  weights.refresh_all(layout);
  return weights;
}

}  // namespace vitrine::train
