// Softmax regression on pixels: what can be told of pictures without looking at how their parts lie.
//   p = softmax(W x + b), trained with Adam on the mean cross-entropy
#pragma once

#include <algorithm>
#include <vector>

#include "engine/nn/cross_entropy.h"
#include "engine/nn/linear.h"
#include "engine/nn/optimizer.h"
#include "engine/train/dataset.h"

namespace vitrine::train {

// The share of the pictures from number `to_train` on that it gets right after `epochs` over those before.
inline double linear_model_accuracy(const Split& data, Index to_train, Index epochs) {
  constexpr Index kBatch = 50;  // divides both parts
  const Index pixels = data.images.count() / data.count(), to_test = data.count() - to_train;
  const Index classes = 1 + *std::max_element(data.labels.values().begin(), data.labels.values().end());
  core::Workers workers(2);
  std::vector<float> images(static_cast<std::size_t>(data.images.count()));
  std::transform(data.images.values().begin(), data.images.values().end(), images.begin(),
                 [](std::uint8_t pixel) { return static_cast<float>(pixel) / 255; });
  nn::ParameterLayout layout;
  const nn::Linear<float> linear(layout, "linear", pixels, classes, nn::Bias::kYes);
  auto weights = nn::Weights<float>::initial(layout, 0);
  nn::Optimizer<float> optimizer(layout);
  std::vector<float> logits(static_cast<std::size_t>(kBatch * classes)), d_logits(logits.size());
  core::AlignedVector<float> gradient(static_cast<std::size_t>(layout.size()));
  Index correct = 0;
  for (Index first = 0; first < epochs * to_train + to_test; first += kBatch) {
    const bool testing = first >= epochs * to_train;
    const Index at = testing ? to_train + first - epochs * to_train : first % to_train;
    std::fill(gradient.begin(), gradient.end(), 0.0f);
    const nn::Pass<float> pass{
        weights.values.data(), weights.transposed.data(), gradient.data(), kBatch, 0, kBatch, {}};
    const core::MatrixView<const float> x(images.data() + at * pixels, kBatch, pixels);
    linear.forward(pass, x, {logits.data(), kBatch, classes});
    for (Index i = 0; i < kBatch; ++i)
      correct +=
          nn::cross_entropy(&logits[static_cast<std::size_t>(i * classes)], classes, data.labels[at + i],
                            1.0f / kBatch, &d_logits[static_cast<std::size_t>(i * classes)])
              .correct &&
          testing;
    if (testing) continue;
    linear.backward(pass, x, core::MatrixView<const float>(d_logits.data(), kBatch, classes),
                    {nullptr, 0, 0});
    optimizer.update({}, gradient.data(), 1, workers, weights);
  }
  return static_cast<double>(correct) / static_cast<double>(to_test);
}

}  // namespace vitrine::train
