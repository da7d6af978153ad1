#include "engine/train/shift_test.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/core/stop.h"
#include "tests/engine/train/tiny.h"

namespace vitrine::train {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes shifted(const Bytes& image, const nn::ImageSizes& sizes, PixelShift shift) {
  Bytes out(image.size(), 99);
  shift_image(image.data(), sizes, shift, out.data());
  return out;
}

TEST(ShiftTest, AnImageMovesAndBackgroundComesIn) {
  const Bytes image{1, 2, 3, 4, 5, 6};
  const nn::ImageSizes sizes{1, 2, 3};
  EXPECT_EQ(shifted(image, sizes, {0, 0}), image);
  EXPECT_EQ(shifted(image, sizes, {0, 1}), (Bytes{0, 1, 2, 0, 4, 5}));
  EXPECT_EQ(shifted(image, sizes, {-1, 0}), (Bytes{4, 5, 6, 0, 0, 0}));
  EXPECT_EQ(shifted(image, sizes, {1, -2}), (Bytes{0, 0, 0, 3, 0, 0}));
  EXPECT_EQ(shifted(image, sizes, {2, 0}), Bytes(6, 0));
  EXPECT_EQ(shifted(image, sizes, {0, -3}), Bytes(6, 0));
  EXPECT_EQ(shifted(image, {3, 1, 2}, {0, 1}), (Bytes{0, 1, 0, 3, 0, 5})) << "each channel by itself";
}

TEST(ShiftTest, ByDistanceIsTheMeanOfARing) {
  const ShiftMap map{1, 10, core::Tensor<double>({3, 3}, {.1, .2, .3, .4, .9, .5, .6, .7, .8})};
  EXPECT_EQ(map.at({-1, 1}), 0.3);
  const auto rings = map.by_distance();
  ASSERT_EQ(rings.size(), 2u);
  EXPECT_EQ(rings[0], 0.9);
  EXPECT_DOUBLE_EQ(rings[1], (.1 + .2 + .3 + .4 + .5 + .6 + .7 + .8) / 8);
}

struct Trained {
  TrainConfig config = tiny_config();
  core::Workers workers{2};
  std::shared_ptr<const Dataset> dataset = tiny_dataset(config, workers);
  Trainer trainer{config, dataset, workers};

  Trained() {
    while (trainer.step() < 50) trainer.advance();
  }
  ShiftMap map(Index count, Index reach, core::Workers& with) {
    return shift_test(trainer.model(), trainer.weights(), *dataset, dataset->validation, count, reach, with);
  }
};

// Every image moved by hand and looked at alone.
TEST(ShiftTest, AgreesWithLookingAtEveryImage) {
  Trained t;
  const Index count = 140;  // more than one piece
  const ShiftMap map = t.map(count, 2, t.workers);
  nn::BatchPass<float> batch(t.trainer.model(), t.workers);
  EXPECT_EQ(map.images, count);
  ASSERT_EQ(map.accuracy.shape(), (core::Shape{5, 5}));
  for (const PixelShift shift : {PixelShift{0, 0}, {-2, 1}, {2, 2}, {0, -1}}) {
    Index correct = 0;
    for (Index i = 0; i < count; ++i) {
      core::Tensor<float> picture({1, 28, 28});
      for (Index y = 0; y < 28; ++y)
        for (Index x = 0; x < 28; ++x) {
          const Index from_y = y - shift.rows, from_x = x - shift.columns;
          if (from_y >= 0 && from_y < 28 && from_x >= 0 && from_x < 28)
            picture(0, y, x) = static_cast<float>(t.dataset->validation.images(i, 0, from_y, from_x)) / 255;
        }
      const auto pixels = t.dataset->normalised(picture);
      batch.look(t.trainer.weights(), pixels.data(), [&](const auto& at) {
        correct += std::max_element(at.logits, at.logits + 10) - at.logits == t.dataset->validation.labels[i];
      });
    }
    EXPECT_EQ(map.at(shift), static_cast<double>(correct) / static_cast<double>(count))
        << shift.rows << ", " << shift.columns;
  }
}

TEST(ShiftTest, TheMiddleIsTheEvaluationAndThreadsChangeNothing) {
  Trained t;
  core::Workers one(1);
  const ShiftMap map = t.map(10'000, 1, t.workers);
  EXPECT_EQ(map.images, 150) << "all there are";
  const auto plain = evaluate(t.trainer.model(), t.trainer.weights(), *t.dataset, t.dataset->validation, one);
  EXPECT_EQ(map.at({0, 0}), plain.accuracy);
  EXPECT_EQ(t.map(10'000, 1, one).accuracy, map.accuracy);
}

TEST(ShiftTest, TellsItsProgressAndStops) {
  Trained t;
  core::Progress progress;
  shift_test(t.trainer.model(), t.trainer.weights(), *t.dataset, t.dataset->validation, 20, 1, t.workers, {},
             &progress);
  EXPECT_DOUBLE_EQ(progress.fraction(), 1);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(shift_test(t.trainer.model(), t.trainer.weights(), *t.dataset, t.dataset->validation, 20, 1,
                          t.workers, stop.get_token()),
               core::Stopped);
  EXPECT_THROW(t.map(20, 28, t.workers), std::invalid_argument);
  EXPECT_THROW(t.map(20, -1, t.workers), std::invalid_argument);
  EXPECT_THROW(t.map(0, 1, t.workers), std::invalid_argument);
}

}  // namespace
}  // namespace vitrine::train
