#include "engine/train/inside.h"

#include <cmath>

#include "engine/nn/batch_pass.h"
#include "engine/nn/cross_entropy.h"
#include "engine/nn/rollout.h"
#include "engine/nn/vit.h"

namespace vitrine::train {
namespace {

// lens [depth + 1, tokens, classes] -> [depth + 1, classes]. The mean over the tokens may be taken behind the
// head, since the head is linear.
core::Tensor<float> pooled(const core::Tensor<float>& lens, nn::Pool pool) {
  const Index layers = lens.size(0), tokens = lens.size(1), classes = lens.size(2);
  const Index count = pool == nn::Pool::kMean ? tokens : 1;
  core::Tensor<float> mean({layers, classes});
  for (Index layer = 0; layer < layers; ++layer)
    for (Index token = 0; token < count; ++token)
      for (Index v = 0; v < classes; ++v) mean(layer, v) += lens(layer, token, v) / static_cast<float>(count);
  return mean;
}

}  // namespace

Inside look_inside(const nn::Model<float>& model, const nn::Weights<float>& weights,
                   const core::Tensor<float>& image, std::optional<Index> label) {
  model.require_image(image.shape());
  if (label && (*label < 0 || *label >= model.classes()))
    throw std::invalid_argument("label " + std::to_string(*label) + " outside the " +
                                std::to_string(model.classes()) + " classes");
  core::Workers alone(1);
  nn::BatchPass<float> batch(model, alone);
  const Index classes = model.classes();
  Inside inside;
  batch.look(weights, image.data(), [&](const auto& at) {
    inside.logits.assign(at.logits, at.logits + classes);
    inside.probabilities.resize(inside.logits.size());
    nn::softmax(at.logits, classes, inside.probabilities.data());
    inside.activations = model.activations_of(at, 0);
    if (const auto* vit = dynamic_cast<const nn::Vit<float>*>(&model)) {
      const auto& sizes = vit->sizes();
      inside.attention = core::Tensor<float>({sizes.depth, sizes.heads, vit->tokens(), vit->tokens()});
      vit->attention_of(at, 0, inside.attention.data());
      inside.rollout = nn::attention_rollout(inside.attention);
      inside.lens = vit->lens_of(weights, at, 0);
      inside.lens_pooled = pooled(inside.lens, sizes.pool);
    }
  });
  inside.weight_norms = tensor_norms(model.layout(), weights.values);
  if (label) {
    const auto labels = {static_cast<std::uint8_t>(*label)};
    inside.loss = batch.loss_and_gradient(weights, image.data(), labels, {}).loss;
    inside.gradient_norms = tensor_norms(model.layout(), batch.gradient());
  }
  return inside;
}

std::vector<double> tensor_norms(const nn::ParameterLayout& layout, std::span<const float> flat) {
  std::vector<double> norms;
  for (const nn::ParameterInfo& info : layout.infos()) {
    double squares = 0;
    for (const float value :
         flat.subspan(static_cast<std::size_t>(info.offset), static_cast<std::size_t>(info.shape.count())))
      squares += static_cast<double>(value) * static_cast<double>(value);
    norms.push_back(std::sqrt(squares));
  }
  return norms;
}

}  // namespace vitrine::train
