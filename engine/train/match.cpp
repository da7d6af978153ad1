#include "engine/train/match.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <stdexcept>

#include "engine/core/text.h"
#include "engine/train/models.h"

namespace vitrine::train {
namespace {

using Widths = std::vector<std::int64_t*>;

// What may change, the last one last; of a ViT head_dim comes first, since embed_dim follows it.
Widths widths_of(ModelConfig& model) {
  if (model.kind == ModelKind::kVit) return {&model.head_dim, &model.embed_dim, &model.mlp_dim};
  Widths widths;
  for (nn::LayerSpec& layer : model.layers) {
    if (layer.kind == nn::LayerKind::kConv) widths.push_back(&layer.filters);
    if (layer.kind == nn::LayerKind::kDense) widths.push_back(&layer.units);
  }
  return widths;
}

// All widths in the proportion that makes the first one `first`.
ModelConfig scaled(ModelConfig model, Index first) {
  const Widths widths = widths_of(model);
  const double factor = static_cast<double>(first) / static_cast<double>(*widths.front());
  for (std::int64_t* width : widths)
    *width = std::max<Index>(1, std::llround(factor * static_cast<double>(*width)));
  return model;
}

ModelConfig with_last(ModelConfig model, Index last) {
  *widths_of(model).back() = last;
  return model;
}

// The largest n >= least that holds; it holds of `least`, and once it does not it never does again.
Index largest(Index least, const std::function<bool(Index)>& holds) {
  Index low = least, high = least;
  do {
    low = high;
    high = core::checked_mul(high, 2);
  } while (holds(high));
  while (high - low > 1) {
    const Index middle = low + (high - low) / 2;
    (holds(middle) ? low : high) = middle;
  }
  return low;
}

std::string words(Index size, Equal equal) {
  return core::grouped(size) + (equal == Equal::kParameters ? " parameters" : " multiply-adds an image");
}

}  // namespace

ModelSize size_of(const ModelConfig& config, const nn::ImageSizes& image, Index classes) {
  const auto model = make_model<float>(config, image, classes);
  ModelSize size{model->layout().count(), model->trained_multiply_adds()};
  Index learning = size.multiply_adds;
  if (config.kind != ModelKind::kVit) {
    const auto layers = model->layers();  // one for each in the list, and the head
    for (std::size_t i = 0; i < config.layers.size() && !config.layers[i].learns(); ++i)
      learning -= layers[i].multiply_adds;
  }
  size.multiply_adds = core::checked_add(size.multiply_adds, core::checked_mul(2, learning));
  return size;
}

Match match(const ModelConfig& shape, Index target, Equal equal, const nn::ImageSizes& image, Index classes) {
  const std::string kind(kModelKinds[static_cast<std::size_t>(shape.kind)]);
  ModelConfig explicit_shape = shape;
  if (shape.kind == ModelKind::kVit)
    explicit_shape.head_dim = shape.sizes(image.channels, image.height, image.width, classes).head_dim;
  if (widths_of(explicit_shape).empty())
    throw std::invalid_argument("a match: this " + kind + " has no width that could change");

  const auto size = [&](const ModelConfig& model) { return size_of(model, image, classes).of(equal); };
  const auto fits = [&](const ModelConfig& model) { return size(model) <= target; };
  const ModelConfig smallest = scaled(explicit_shape, 1);
  if (!fits(smallest))
    throw std::invalid_argument("a match: the smallest " + kind + " of this shape has " +
                                words(size(smallest), equal) + ", more than " + core::grouped(target) +
                                "; choose a larger reference");
  const Index below = largest(1, [&](Index n) { return fits(scaled(explicit_shape, n)); });
  std::optional<Match> nearest;
  for (Index first = std::max<Index>(1, below - 2); first <= below + 1; ++first) {
    const ModelConfig base = scaled(explicit_shape, first);
    if (!fits(with_last(base, 1))) continue;
    const Index last = largest(1, [&](Index n) { return fits(with_last(base, n)); });
    for (const Index each : {last, last + 1}) {
      const ModelConfig model = with_last(base, each);
      const double off = static_cast<double>(size(model)) / static_cast<double>(target) - 1;
      if (!nearest || std::abs(off) < std::abs(nearest->off)) nearest = Match{model, {}, off};
    }
  }
  Match found = nearest.value();
  found.size = size_of(found.model, image, classes);
  if (std::abs(found.off) > kMatchTolerance)
    throw std::invalid_argument("a match: the " + kind + " nearest to " + words(target, equal) + " has " +
                                core::grouped(found.size.of(equal)) + "; choose a larger reference");
  return found;
}

ModelConfig frozen(ModelConfig model) {
  if (model.kind == ModelKind::kVit) throw std::invalid_argument("a vit has no layers to freeze");
  for (nn::LayerSpec& layer : model.layers)
    layer.frozen = layer.kind == nn::LayerKind::kConv || layer.kind == nn::LayerKind::kDense;
  return model;
}

}  // namespace vitrine::train
