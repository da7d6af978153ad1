#include "engine/train/digits.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/nn/cross_entropy.h"
#include "engine/nn/linear.h"
#include "engine/nn/optimizer.h"

namespace vitrine::train {
namespace {

using core::Index;

TEST(Digits, DependOnSeedAndNumberOnly) {
  core::Workers one(1), three(3);
  const auto digits = draw_digits(5, 0, 200, one);
  const auto parts = draw_digits(5, 0, 200, three);
  EXPECT_EQ(digits.images, parts.images);
  EXPECT_EQ(digits.labels, parts.labels);
  const auto late = draw_digits(5, 130, 10, three);
  EXPECT_TRUE(
      std::equal(late.images.values().begin(), late.images.values().end(), &digits.images(130, 0, 0, 0)));
  EXPECT_FALSE(draw_digits(6, 0, 200, one).images == digits.images);
}

TEST(Digits, EveryPictureHasInkAndEveryClassAsMany) {
  core::Workers workers(1);
  const auto digits = draw_digits(1, 0, 500, workers);
  for (int label = 0; label < 10; ++label)
    EXPECT_EQ(std::count(digits.labels.values().begin(), digits.labels.values().end(), label), 50);
  for (Index i = 0; i < 500; ++i) {
    const auto* first = &digits.images(i, 0, 0, 0);
    EXPECT_GT(std::count_if(first, first + 784, [](std::uint8_t pixel) { return pixel > 100; }), 9) << i;
  }
}

// Softmax regression on the pixels, trained with Adam: the share of fresh digits that it gets right.
double linear_model_accuracy() {
  constexpr Index kTrain = 10'000, kTest = 2'000, kPixels = 784, kClasses = 10, kBatch = 50, kEpochs = 12;
  core::Workers workers(2);
  const auto digits = draw_digits(3, 0, kTrain + kTest, workers);
  std::vector<float> pixels(static_cast<std::size_t>(digits.images.count()));
  std::transform(digits.images.values().begin(), digits.images.values().end(), pixels.begin(),
                 [](std::uint8_t pixel) { return static_cast<float>(pixel) / 255; });
  nn::ParameterLayout layout;
  const nn::Linear<float> linear(layout, "linear", kPixels, kClasses, nn::Bias::kYes);
  auto weights = nn::Weights<float>::initial(layout, 0);
  nn::Optimizer<float> optimizer(layout);
  std::vector<float> logits(kBatch * kClasses), d_logits(kBatch * kClasses);
  core::AlignedVector<float> gradient(static_cast<std::size_t>(layout.size()));
  Index correct = 0;
  for (Index first = 0; first < kEpochs * kTrain + kTest; first += kBatch) {
    const bool testing = first >= kEpochs * kTrain;
    const Index at = testing ? kTrain + first - kEpochs * kTrain : first % kTrain;
    std::fill(gradient.begin(), gradient.end(), 0.0f);
    const nn::Pass<float> pass{
        weights.values.data(), weights.transposed.data(), gradient.data(), kBatch, 0, kBatch, {}};
    const core::MatrixView<const float> x(pixels.data() + at * kPixels, kBatch, kPixels);
    linear.forward(pass, x, {logits.data(), kBatch, kClasses});
    for (Index i = 0; i < kBatch; ++i)
      correct +=
          nn::cross_entropy(&logits[static_cast<std::size_t>(i * kClasses)], kClasses, digits.labels[at + i],
                            1.0f / kBatch, &d_logits[static_cast<std::size_t>(i * kClasses)])
              .correct &&
          testing;
    if (testing) continue;
    linear.backward(pass, x, core::MatrixView<const float>(d_logits.data(), kBatch, kClasses),
                    {nullptr, 0, 0});
    optimizer.update({}, gradient.data(), 1, workers, weights);
  }
  return static_cast<double>(correct) / kTest;
}

// Hard enough that pixels alone do not tell, and no noise either. That a transformer learns them is in
// trainer_test.
TEST(Digits, AreHardForALinearModel) {
  const double accuracy = linear_model_accuracy();
  EXPECT_LT(accuracy, 0.92);
  EXPECT_GT(accuracy, 0.25);
}

}  // namespace
}  // namespace vitrine::train
