#include "engine/train/occlusion.h"

#include <algorithm>

#include "engine/core/stop.h"
#include "engine/nn/batch_pass.h"

namespace vitrine::train {

Occlusion occlude(const nn::Model<float>& model, const nn::Weights<float>& weights,
                  const core::Tensor<float>& image, Index window, std::stop_token stop) {
  model.require_image(image.shape());
  if (window < 1) throw std::invalid_argument("a window of " + std::to_string(window) + " pixels");
  const auto [channels, height, width] = model.image();
  const Index classes = model.classes(), down = (height + window - 1) / window,
              across = (width + window - 1) / window;
  core::Workers alone(1);
  nn::BatchPass<float> batch(model, alone);
  const auto logits_of = [&](const core::Tensor<float>& picture, float* logits) {
    core::throw_if_stopped(stop);
    batch.look(weights, picture.data(), [&](const auto& at) { std::copy_n(at.logits, classes, logits); });
  };
  Occlusion out{window, core::Tensor<float>({classes}), core::Tensor<float>({down, across, classes})};
  logits_of(image, out.whole.data());
  for (Index i = 0; i < down; ++i)
    for (Index j = 0; j < across; ++j) {
      core::Tensor<float> covered = image;
      const Index left = j * window, wide = std::min(window, width - left);
      for (Index c = 0; c < channels; ++c)
        for (Index y = i * window; y < std::min(height, (i + 1) * window); ++y)
          std::fill_n(&covered(c, y, left), wide, 0.0f);
      float* change = &out.change(i, j, 0);
      logits_of(covered, change);
      for (Index v = 0; v < classes; ++v) change[v] -= out.whole[v];
    }
  return out;
}

}  // namespace vitrine::train
