#include "engine/train/inside.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "engine/nn/batch_pass.h"
#include "engine/nn/cross_entropy.h"
#include "engine/nn/rollout.h"

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

// Softmax over the last axis.
core::Tensor<float> probabilities(const core::Tensor<float>& logits) {
  core::Tensor<float> p(logits.shape());
  const Index classes = logits.size(logits.rank() - 1);
  for (Index row = 0; row < logits.count(); row += classes)
    nn::softmax(logits.data() + row, classes, p.data() + row);
  return p;
}

void look_at_tokens(const nn::Vit<float>& vit, const nn::Weights<float>& weights,
                    const nn::Model<float>::Activations& at, Inside& inside) {
  const auto& sizes = vit.sizes();
  inside.grid = patch_grid(sizes);
  inside.attention = core::Tensor<float>({sizes.depth, sizes.heads, vit.tokens(), vit.tokens()});
  vit.attention_of(at, 0, inside.attention.data());
  inside.attention_distance = attention_distances(inside.attention, inside.grid);
  inside.rollouts = nn::attention_rollouts(inside.attention);
  inside.rollout = nn::attention_rollout(inside.attention);
  inside.lens = vit.lens_of(weights, at, 0);
  inside.lens_pooled = pooled(inside.lens, sizes.pool);
  inside.lens_probabilities = probabilities(inside.lens);
  inside.lens_pooled_probabilities = probabilities(inside.lens_pooled);
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
    if (const auto* vit = dynamic_cast<const nn::Vit<float>*>(&model))
      look_at_tokens(*vit, weights, at, inside);
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

std::vector<NormOfLayer> layer_norms(const nn::Model<float>& model, std::span<const double> norms) {
  const std::vector<nn::LayerFacts> layers = model.layers();
  const auto layer_of = [&](const std::string& tensor) {
    const auto own = std::ranges::find_if(
        layers, [&](const nn::LayerFacts& layer) { return tensor.starts_with(layer.name + "."); });
    return own == layers.end() ? tensor : own->name;
  };
  std::vector<NormOfLayer> of_layers;
  for (std::size_t i = 0; i < norms.size(); ++i) {
    const std::string layer = layer_of(model.layout().infos()[i].name);
    if (of_layers.empty() || of_layers.back().layer != layer) of_layers.push_back({layer, 0});
    of_layers.back().norm = std::hypot(of_layers.back().norm, norms[i]);
  }
  return of_layers;
}

std::vector<double> attention_scores(const nn::Vit<float>& vit, const nn::Weights<float>& weights,
                                     const Inside& inside, Index layer, Index head, Index query) {
  const auto& sizes = vit.sizes();
  if (layer < 0 || layer >= sizes.depth || head < 0 || head >= sizes.heads || query < 0 ||
      query >= vit.tokens())
    throw std::invalid_argument("no attention of query " + std::to_string(query) + " in head " +
                                std::to_string(head) + " of layer " + std::to_string(layer));
  const auto parameter = [&](const std::string& name) {
    const auto& infos = vit.layout().infos();
    const auto at = std::ranges::find(infos, name, &nn::ParameterInfo::name);
    return at == infos.end() ? core::Tensor<float>() : nn::parameter<float>(*at, weights.values);
  };
  const std::string block = "blocks." + std::to_string(layer);
  const core::Tensor<float> weight = parameter(block + ".attn.qkv.weight"),  // [3 heads Dh, D]
      bias = parameter(block + ".attn.qkv.bias");
  const core::Tensor<float>& normed =
      std::ranges::find(inside.activations, block + " norm1", &nn::NamedActivation<float>::name)->values;
  const Index dim = sizes.embed_dim, head_dim = sizes.head_dim;
  enum Part { kQuery, kKey };
  const auto row_of = [&](Part part, Index i) { return (part * sizes.heads + head) * head_dim + i; };
  const auto projected_query = [&] {
    std::vector<double> out;
    for (Index i = 0; i < head_dim; ++i) {
      const Index row = row_of(kQuery, i);
      double sum = bias.empty() ? 0 : static_cast<double>(bias[row]);
      for (Index d = 0; d < dim; ++d)
        sum += static_cast<double>(weight(row, d)) * static_cast<double>(normed(query, d));
      out.push_back(sum);
    }
    return out;
  };
  const std::vector<double> q = projected_query();
  // q . (W x + b) = (W^T q) . x + q . b: the keys need not be made.
  std::vector<double> seen(static_cast<std::size_t>(dim));
  double shift = 0;
  for (Index i = 0; i < head_dim; ++i) {
    const Index row = row_of(kKey, i);
    const double scale = q[static_cast<std::size_t>(i)];
    if (!bias.empty()) shift += scale * static_cast<double>(bias[row]);
    for (Index d = 0; d < dim; ++d)
      seen[static_cast<std::size_t>(d)] += scale * static_cast<double>(weight(row, d));
  }
  std::vector<double> scores;
  for (Index token = 0; token < vit.tokens(); ++token) {
    double sum = shift;
    for (Index d = 0; d < dim; ++d)
      sum += seen[static_cast<std::size_t>(d)] * static_cast<double>(normed(token, d));
    scores.push_back(sum / std::sqrt(static_cast<double>(head_dim)));
  }
  return scores;
}

}  // namespace vitrine::train
