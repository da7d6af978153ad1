#include "engine/train/evaluation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/stop.h"
#include "engine/train/inside.h"
#include "tests/engine/train/tiny.h"

namespace vitrine::train::evaluation_test {
namespace {

// Four images of three classes; class 2 is never guessed.
Evaluation small() {
  return {1.5,
          0.5,
          core::Tensor<Index>({3, 3}, {1, 0, 0, 1, 1, 0, 1, 0, 0}),
          {{0.1, true, 0, 0.9}, {2.5, false, 0, 0.8}, {0.4, true, 1, 0.7}, {3.0, false, 0, 0.9}}};
}

TEST(Evaluation, PrecisionAndRecallOfAClass) {
  const auto scores = small().scores();
  ASSERT_EQ(scores.size(), 3u);
  EXPECT_EQ(scores[0].precision, 1.0 / 3);
  EXPECT_EQ(scores[0].recall, 1);
  EXPECT_EQ(scores[0].images, 1);
  EXPECT_EQ(scores[1].precision, 1);
  EXPECT_EQ(scores[1].recall, 0.5);
  EXPECT_EQ(scores[1].images, 2);
  EXPECT_TRUE(std::isnan(scores[2].precision));
  EXPECT_EQ(scores[2].recall, 0);
}

TEST(Evaluation, WorstAreTheMistakesOfTheLargestLoss) {
  Evaluation evaluation = small();
  EXPECT_EQ(evaluation.worst(10), (std::vector<Index>{3, 1}));
  EXPECT_EQ(evaluation.worst(1), (std::vector<Index>{3}));
  EXPECT_EQ(evaluation.worst(0), (std::vector<Index>{}));
  evaluation.images[1].loss = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(evaluation.worst(10), (std::vector<Index>{1, 3}));
}

TEST(Evaluation, ImagesOfACellOfTheConfusionMatrix) {
  const Evaluation evaluation = small();
  Split split;
  split.labels = core::Tensor<std::uint8_t>({4}, {0, 1, 1, 2});
  EXPECT_EQ(evaluation.taken_for(split, 0, 0), (std::vector<Index>{0}));
  EXPECT_EQ(evaluation.taken_for(split, 1, 0), (std::vector<Index>{1}));
  EXPECT_EQ(evaluation.taken_for(split, 2, 1), (std::vector<Index>{}));
  split.labels = core::Tensor<std::uint8_t>({4}, {2, 2, 1, 2});
  EXPECT_EQ(evaluation.taken_for(split, 2, 0), (std::vector<Index>{3, 1, 0})) << "the largest loss first";
}

TEST(Evaluation, SaysHowFarItIsAndStops) {
  const TrainConfig config = tiny_config();
  core::Workers workers(1);
  const auto dataset = tiny_dataset(config, workers);
  const Trainer trainer(config, dataset, workers);
  core::Progress progress;
  std::stop_source stop;
  evaluate(trainer.model(), trainer.weights(), *dataset, dataset->validation, workers, stop.get_token(),
           &progress);
  EXPECT_EQ(progress.fraction(), 1);
  stop.request_stop();
  EXPECT_THROW(
      evaluate(trainer.model(), trainer.weights(), *dataset, dataset->validation, workers, stop.get_token()),
      core::Stopped);
}

// Every image looked at alone, its loss from its probabilities.
TEST(Evaluation, AgreesWithLookingAtEveryImage) {
  const TrainConfig config = tiny_config();
  core::Workers workers(2);
  const auto dataset = tiny_dataset(config, workers);
  Trainer trainer(config, dataset, workers);
  while (trainer.step() < 30) trainer.advance();
  const Split& split = dataset->validation;
  const Evaluation found = evaluate(trainer.model(), trainer.weights(), *dataset, split, workers);
  ASSERT_EQ(static_cast<Index>(found.images.size()), 150);

  double loss = 0;
  core::Tensor<Index> confusion({10, 10});
  for (Index i = 0; i < 150; ++i) {
    core::Tensor<float> picture({1, 28, 28});
    for (Index p = 0; p < 784; ++p) picture[p] = static_cast<float>(split.images[i * 784 + p]) / 255;
    const auto& image = found.images[static_cast<std::size_t>(i)];
    const auto normalised = dataset->normalised(picture);
    const auto probabilities = look_inside(trainer.model(), trainer.weights(), normalised).probabilities;
    const double own = -std::log(probabilities[split.labels[i]]);
    const Index guess = std::ranges::max_element(probabilities) - probabilities.begin();
    EXPECT_NEAR(image.loss, own, 1e-5) << i;
    EXPECT_EQ(image.prediction, guess) << i;
    EXPECT_NEAR(image.probability, probabilities[static_cast<std::size_t>(guess)], 1e-5) << i;
    EXPECT_EQ(image.correct, guess == split.labels[i]) << i;
    loss += own / 150;
    ++confusion(split.labels[i], guess);
  }
  EXPECT_NEAR(found.loss, loss, 1e-6);
  EXPECT_EQ(found.confusion, confusion);
  Index correct = 0;
  for (Index i = 0; i < 10; ++i) correct += confusion(i, i);
  EXPECT_EQ(found.accuracy, static_cast<double>(correct) / 150);
}

// The point at an epoch's end is the evaluation of the weights that it leaves behind, bit for bit.
TEST(Evaluation, IsTheTrainersValidation) {
  const TrainConfig config = tiny_config();
  core::Workers one(1), two(2);
  const auto dataset = tiny_dataset(config, one);
  Trainer trainer(config, dataset, one);
  std::optional<MetricPoint> point;
  while (!point || point->split != MetricSplit::kValidation) point = trainer.advance();
  const auto found = evaluate(trainer.model(), trainer.weights(), *dataset, dataset->validation, two);
  EXPECT_EQ(found.loss, point->loss);
  EXPECT_EQ(found.accuracy, point->accuracy);
}

}  // namespace
}  // namespace vitrine::train::evaluation_test
