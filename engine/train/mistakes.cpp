#include "engine/train/mistakes.h"

#include <algorithm>

#include "engine/core/stop.h"
#include "engine/train/evaluation.h"

namespace vitrine::train {

std::optional<Index> next_mistake(const nn::Model<float>& model, const nn::Weights<float>& weights,
                                  const Dataset& dataset, const Split& split, Index from,
                                  std::stop_token stop) {
  core::Workers alone(1);
  nn::BatchPass<float> batch(model, alone);
  const Index count = split.count(), pixels = split.images.count() / std::max<Index>(1, count);
  std::vector<float> images(static_cast<std::size_t>(kEvaluationPiece * pixels));
  for (Index done = 0; done < count;) {
    core::throw_if_stopped(stop);
    const Index first = (from + 1 + done) % count;
    const Index some = std::min({kEvaluationPiece, count - done, count - first});
    dataset.normalise(split.images.data() + first * pixels, some * pixels, images.data());
    batch.loss(
        weights, images.data(),
        split.labels.values().subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(some)));
    const auto losses = batch.losses();
    const auto wrong =
        std::find_if(losses.begin(), losses.end(), [](const auto& image) { return !image.correct; });
    if (wrong != losses.end()) return first + (wrong - losses.begin());
    done += some;
  }
  return std::nullopt;
}

}  // namespace vitrine::train
