#include "engine/train/price.h"

#include <gmock/gmock.h>

#include "engine/core/stop.h"
#include "engine/train/models.h"
#include "tests/engine/io/temporary_folder.h"
#include "tests/engine/train/tiny.h"

namespace vitrine::train {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

PriceQuestion ask(const TrainConfig& config, int threads = 1) {
  return question_of(config, threads, known_pictures(config.dataset).value());
}

TEST(Price, TheHomeworkByPart) {
  const Price price = price_of(ask(*preset("homework")));
  EXPECT_EQ(price.parameters, 204'810);
  EXPECT_EQ(price.tokens, 17);
  EXPECT_EQ(price.multiply_adds, 3'615'104);
  EXPECT_EQ(price.steps_of_epoch, 1875);
  constexpr Index kAttention = 17 * 64 * 64 * 4 + 17 * 17 * 64 * 2, kMlp = 17 * 64 * 128 * 2;
  EXPECT_THAT(price.parts,
              ElementsAre(Part{"patch embedding", 1, 64 * 50, 16 * 49 * 64},
                          Part{"class token and positions", 1, 64 + 17 * 64, 0},
                          Part{"norms", 13, 13 * 128, 0}, Part{"attention", 6, 6 * 16'448, 6 * kAttention},
                          Part{"mlp", 6, 6 * 16'576, 6 * kMlp}, Part{"head", 1, 650, 640}));
  // The loss reads the class token alone: of the last block the other 16 tokens need only keys and values.
  EXPECT_LT(price.trained_multiply_adds, 3 * price.multiply_adds);
  EXPECT_GT(price.trained_multiply_adds, 5 * price.multiply_adds / 2);
}

TEST(Price, PartsAddUpForEveryModel) {
  for (const std::string_view name : preset_names()) {
    for (const bool plain : {false, true}) {
      TrainConfig config = *preset(name);
      if (plain) config.model.positions = nn::Positions::kNone;
      if (plain) config.model.pool = nn::Pool::kMean;
      const PriceQuestion question = ask(config);
      const Price price = price_of(question);
      const auto model = make_model<float>(config.model, question.pictures.image, question.pictures.classes);
      Index parameters = 0, multiply_adds = 0;
      for (const Part& part : price.parts) {
        parameters += part.parameters;
        multiply_adds += part.multiply_adds;
        EXPECT_GT(part.parameters + part.multiply_adds, 0) << part.name;
      }
      EXPECT_EQ(parameters, model->layout().count()) << name;
      EXPECT_EQ(price.parameters, parameters);
      EXPECT_EQ(multiply_adds, model->multiply_adds()) << name;
      EXPECT_EQ(price.memory.total(), memory_needs(*model, 1, config.batch_size).total());
    }
  }
}

TEST(Price, ACnnsPartsAreItsLayersThatCompute) {
  const Price price = price_of(ask(*preset("cnn")));
  ASSERT_EQ(price.parts.size(), 3u);
  EXPECT_EQ(price.parts[0].name, "layers.0 (conv 5 x 5, stride 1, padding 2)");
  EXPECT_EQ(price.parts[1].parameters, 32 * 16 * 25 + 32);
  EXPECT_EQ(price.parts[2].name, "head");
  EXPECT_EQ(price.tokens, 0);
  EXPECT_EQ(price.trained_multiply_adds, 3 * price.multiply_adds);
}

TEST(Price, WhatIsKnownOfADataSetIsWhatIsLoaded) {
  core::Workers workers(2);
  for (const DatasetKind kind : {DatasetKind::kDigits, DatasetKind::kShapes}) {
    const DatasetConfig some{kind, "", 300, 40};
    EXPECT_EQ(known_pictures(some), pictures_of(*load_dataset(some, 0, workers)));
  }
  EXPECT_EQ(known_pictures({DatasetKind::kMnist, "", 0, 100}), (Pictures{{1, 28, 28}, 10, 60'000, 100}));
  EXPECT_EQ(known_pictures({DatasetKind::kDigits, "", 0, 0})->train_count, kDrawnToTrain);
  EXPECT_EQ(known_pictures({DatasetKind::kDigits, "", 1 << 30, 0})->train_count, kDrawnToTrain);
  EXPECT_FALSE(known_pictures({DatasetKind::kIdx, "/x", 0, 0}));
  EXPECT_FALSE(known_pictures({DatasetKind::kFolder, "/x", 0, 0}));
}

TEST(Price, AnImpossibleModelSaysWhichRuleFails) {
  TrainConfig config = *preset("demo");
  config.model.patch_size = 5;
  EXPECT_EQ(io::error_of<std::invalid_argument>([&] { price_of(ask(config)); }),
            "model.patch_size 5: does not divide an image of 28 x 28");
  EXPECT_THROW(measure_speed(ask(config), {}), std::invalid_argument);
}

// Real updates are timed; how long they take is not a test's to say, only what follows from it.
TEST(Price, SpeedIsMeasuredAndSaysHow) {
  for (const ModelKind kind : {ModelKind::kVit, ModelKind::kCnn, ModelKind::kMlp}) {
    TrainConfig config = tiny_config();
    if (kind != ModelKind::kVit) config.model = ModelConfig::of(kind);
    const PriceQuestion question = ask(config, 2);
    const Speed speed = measure_speed(question, {});
    EXPECT_GE(speed.updates, 3);
    EXPECT_GE(speed.images, 1);
    EXPECT_LE(speed.images, config.batch_size);
    EXPECT_EQ(speed.threads, 2);
    EXPECT_GT(speed.validated_image_s, 0);
    EXPECT_GT(speed.trained_image_s, 0);
    EXPECT_DOUBLE_EQ(epoch_s(question.pictures, speed),
                     600 * speed.trained_image_s + 150 * speed.validated_image_s);
  }
  EXPECT_EQ(words_of({12, 32, 1, 1e-4, 1e-5}), "12 updates of 32 images on 1 thread");
  EXPECT_EQ(words_of({3, 1, 8, 1e-4, 1e-5}), "3 updates of 1 image on 8 threads");
}

TEST(Price, AStopEndsTheMeasuring) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(measure_speed(ask(tiny_config()), stop.get_token()), core::Stopped);
}

// A measuring beside a run changes no bit of it.
TEST(Price, LeavesARunAlone) {
  const TrainConfig config = tiny_config();
  core::Workers workers(1);
  const auto dataset = tiny_dataset(config, workers);
  Trainer alone(config, dataset, workers), beside(config, dataset, workers);
  for (int i = 0; i < 6; ++i) {
    alone.advance();
    if (i % 2 == 0) measure_speed(ask(config), {});
    beside.advance();
  }
  EXPECT_EQ(beside.weights().values, alone.weights().values);
}

}  // namespace
}  // namespace vitrine::train
