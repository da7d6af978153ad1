#include "engine/nn/batch_pass.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/nn/optimizer.h"
#include "engine/nn/vit.h"
#include "tests/engine/nn/numbers.h"

namespace vitrine::nn {
namespace {

constexpr VitSizes kSizes{1, 12, 12, 4, 32, 2, 4, 8, 48, 5};

std::vector<std::uint8_t> labels_of(Index batch) {
  std::vector<std::uint8_t> labels;
  for (Index i = 0; i < batch; ++i) labels.push_back(static_cast<std::uint8_t>(i % kSizes.classes));
  return labels;
}

template <class T>
core::AlignedVector<T> trained(int threads, Index batch_size, int steps) {
  const Vit<T> model(kSizes);
  core::Workers workers(threads);
  BatchPass<T> batch(model, workers);
  auto weights = Weights<T>::initial(model.layout(), 1);
  Optimizer<T> optimizer(model.layout());
  const auto images = normal_numbers<T>(batch_size * kSizes.embedding().image(), 1);
  for (int step = 0; step < steps; ++step) {
    batch.loss_and_gradient(weights, images.data(), labels_of(batch_size),
                            {0.1, 1, static_cast<std::uint64_t>(step)});
    optimizer.update({}, batch.gradient().data(), 1, workers, weights);
  }
  return weights.values;
}

TEST(BatchPass, SameBitsForAnyNumberOfThreads) {
  for (const Index batch : {1, 5, 32, 100}) {
    const auto one = trained<float>(1, batch, 5);
    for (const int threads : {2, 3, 4})
      EXPECT_EQ(trained<float>(threads, batch, 5), one) << threads << " " << batch;
  }
}

TEST(BatchPass, FloatGradientIsTheDoubleOne) {
  const Vit<float> model(kSizes);
  const Vit<double> exact(kSizes);
  core::Workers workers(1);
  BatchPass<float> batch(model, workers);
  BatchPass<double> exact_batch(exact, workers);
  const auto exact_weights = wild_weights<double>(exact.layout(), 1);
  Weights<float> weights = Weights<float>::initial(model.layout(), 0);
  std::copy(exact_weights.values.begin(), exact_weights.values.end(), weights.values.begin());
  weights.refresh_all(model.layout());
  const auto images = normal_numbers<double>(6 * kSizes.embedding().image(), 2);
  const std::vector<float> images_float(images.begin(), images.end());
  const DropoutDraw draw{0.2, 3, 4};
  const auto loss = batch.loss_and_gradient(weights, images_float.data(), labels_of(6), draw);
  const auto exact_loss = exact_batch.loss_and_gradient(exact_weights, images.data(), labels_of(6), draw);
  EXPECT_NEAR(loss.loss, exact_loss.loss, 1e-4);
  EXPECT_NEAR(loss.grad_norm / exact_loss.grad_norm, 1, 1e-4);
  double difference = 0;
  for (std::size_t i = 0; i < weights.values.size(); ++i)
    difference += std::pow(batch.gradient()[i] - exact_batch.gradient()[i], 2);
  EXPECT_LT(std::sqrt(difference) / exact_loss.grad_norm, 1e-4);
}

// A hundred images are several chunks a shard: the first writes gradients, the next ones add to them.
TEST(BatchPass, GradientIsTheMeanOfTheImagesWhateverWasThereBefore) {
  constexpr Index kBatch = 100;
  const Vit<double> model(kSizes);
  core::Workers workers(2);
  const auto weights = wild_weights<double>(model.layout(), 1);
  const Index image = kSizes.embedding().image();
  const auto images = normal_numbers<double>(kBatch * image, 2),
             others = normal_numbers<double>(kBatch * image, 3);
  const auto labels = labels_of(kBatch);
  BatchPass<double> batch(model, workers), single(model, workers);
  batch.loss_and_gradient(weights, others.data(), labels, {});
  batch.loss_and_gradient(weights, images.data(), labels, {});
  std::vector<double> mean(batch.gradient().size());
  for (Index i = 0; i < kBatch; ++i) {
    single.loss_and_gradient(weights, images.data() + i * image,
                             std::span(labels).subspan(static_cast<std::size_t>(i), 1), {});
    for (std::size_t p = 0; p < mean.size(); ++p) mean[p] += single.gradient()[p] / kBatch;
  }
  for (std::size_t p = 0; p < mean.size(); ++p) ASSERT_NEAR(batch.gradient()[p], mean[p], 1e-12) << p;
}

TEST(BatchPass, LossWithoutGradientIsTheSameWithoutDropout) {
  const Vit<double> model(kSizes);
  core::Workers workers(2);
  BatchPass<double> batch(model, workers);
  const auto weights = wild_weights<double>(model.layout(), 1);
  const auto images = normal_numbers<double>(7 * kSizes.embedding().image(), 2);
  const auto with = batch.loss_and_gradient(weights, images.data(), labels_of(7), {});
  const auto without = batch.loss(weights, images.data(), labels_of(7));
  EXPECT_NEAR(with.loss, without.loss, 1e-12);
  EXPECT_EQ(with.correct, without.correct);
}

}  // namespace
}  // namespace vitrine::nn
