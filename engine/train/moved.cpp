#include "engine/train/moved.h"

#include <algorithm>
#include <cmath>

namespace vitrine::train {
namespace {

// The places of an activation, and of a place p the features x[p * to_place + i * to_feature].
struct Places {
  core::Shape shape;
  Index features, to_place, to_feature;

  explicit Places(const core::Shape& activation) {
    const Index count = activation.count();
    if (activation.rank() == 3)
      shape = {activation[1], activation[2]}, features = activation[0], to_place = 1,
      to_feature = activation[1] * activation[2];
    else if (activation.rank() == 2)
      shape = {activation[0]}, features = activation[1], to_place = activation[1], to_feature = 1;
    else
      shape = {count}, features = 1, to_place = 1, to_feature = 1;
  }
};

double square(double x) { return x * x; }
double share(double part, double of) { return part > 0 ? part / of : 0; }

Moved::Layer moved(const std::string& name, const core::Tensor<float>& before,
                   const core::Tensor<float>& after) {
  const Places places(before.shape());
  const Index count = places.shape.count();
  Moved::Layer layer{name, core::Tensor<float>(places.shape), 0};
  std::vector<double> changes;
  double changed = 0, was = 0;  // sums of squares
  for (Index p = 0; p < count; ++p) {
    double change = 0;
    for (Index i = 0; i < places.features; ++i) {
      const Index at = p * places.to_place + i * places.to_feature;
      const auto x = static_cast<double>(before[at]);
      change += square(static_cast<double>(after[at]) - x);
      was += square(x);
    }
    changes.push_back(std::sqrt(change));
    changed += change;
  }
  layer.whole = share(std::sqrt(changed), std::sqrt(was));
  const double r = std::sqrt(was / static_cast<double>(count));
  for (Index p = 0; p < count; ++p)
    layer.places[p] = static_cast<float>(share(changes[static_cast<std::size_t>(p)], r));
  return layer;
}

std::vector<float> difference(const std::vector<float>& before, const std::vector<float>& after) {
  std::vector<float> out;
  for (std::size_t i = 0; i < before.size(); ++i) out.push_back(after[i] - before[i]);
  return out;
}

}  // namespace

Moved moved(const Inside& before, const Inside& after) {
  const bool alike =
      before.logits.size() == after.logits.size() &&
      std::ranges::equal(before.activations, after.activations, [](const auto& a, const auto& b) {
        return a.name == b.name && a.values.shape() == b.values.shape();
      });
  if (!alike)
    throw core::ShapeError("looks at two models: " + std::to_string(before.activations.size()) +
                           " activations with " + std::to_string(before.logits.size()) + " classes, and " +
                           std::to_string(after.activations.size()) + " with " +
                           std::to_string(after.logits.size()));
  Moved out{
      difference(before.logits, after.logits), difference(before.probabilities, after.probabilities), {}};
  for (std::size_t i = 0; i < before.activations.size(); ++i)
    out.layers.push_back(
        moved(before.activations[i].name, before.activations[i].values, after.activations[i].values));
  return out;
}

}  // namespace vitrine::train
