#include "engine/train/config.h"

#include <gmock/gmock.h>

#include "engine/io/json_fields.h"

namespace vitrine::train {
namespace {

using testing::ElementsAre;

TEST(Config, EveryPresetCanRun) {
  for (const auto name : preset_names()) {
    const auto config = preset(name);
    ASSERT_TRUE(config) << name;
    EXPECT_THAT(validate(*config), ElementsAre()) << name;
  }
  EXPECT_FALSE(preset("nonsense"));
}

TEST(Config, HomeworkIsTheExercises) {
  const auto config = *preset("homework");
  EXPECT_EQ(config.dataset.kind, DatasetKind::kMnist);
  EXPECT_EQ(config.batch_size, 32);
  EXPECT_EQ(config.epochs, 10);
  EXPECT_EQ(nn::Vit<float>(config.model.sizes(1, 28, 28, 10)).layout().count(), 204'810);
  const auto wide = *preset("homework-wide");
  EXPECT_EQ(nn::Vit<float>(wide.model.sizes(1, 28, 28, 10)).layout().count(), 892'938);
}

TEST(Config, ReadsBackFromItsOwnJson) {
  TrainConfig config = *preset("demo");
  config.optimizer.betas = {core::Shape{2}, {0.8, 0.99}};
  config.model.pool = nn::Pool::kMean;
  config.model.positions = nn::Positions::kSinusoidal;
  config.schedule.kind = nn::ScheduleKind::kCosine;
  config.dataset.path = "some/where";
  TrainConfig back;
  io::from_json(io::to_json(config), back, io::Unknown::kRefuse);
  EXPECT_EQ(back, config);
}

TEST(Config, FieldsHaveTheSpecifiedNames) {
  TrainConfig config;
  io::set_field(config, "optimizer.learning_rate", "3e-4");
  io::set_field(config, "model.pool", "mean");
  io::set_field(config, "dataset.kind", "fashion-mnist");
  io::set_field(config, "schedule.min_learning_rate", "1e-5");
  EXPECT_EQ(config.optimizer.learning_rate, 3e-4);
  EXPECT_EQ(config.model.pool, nn::Pool::kMean);
  EXPECT_EQ(config.schedule.min_learning_rate, 1e-5);
  EXPECT_THROW(io::set_field(config, "model.kind", "perceptron"), io::FormatError);
  EXPECT_THROW(io::set_field(config, "model.filters", "3"), io::FormatError);
}

TEST(Config, ProblemsNameFieldAndValues) {
  TrainConfig config;
  config.model.patch_size = 5;
  config.model.head_dim = 0;
  config.model.heads = 6;
  config.model.dropout = 1;
  config.optimizer.betas = {core::Shape{3}, {0.9, 0.9, 0.9}};
  config.epochs = 0;
  EXPECT_THAT(
      validate(config),
      ElementsAre(
          "model.heads 6: does not divide model.embed_dim 64; choose model.head_dim or change one of them",
          "model.patch_size 5: does not divide an image of 28 x 28",
          "model.dropout 1: must be at least 0 and below 1", "optimizer.betas [3]: must be two numbers",
          "epochs 0: must lie between 1 and 1000000"));
}

TEST(Config, NotANumberIsAProblem) {
  HyperParams hyper;
  hyper.learning_rate = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(validate(hyper), ElementsAre("optimizer.learning_rate nan: must be at least 0 and finite"));
}

TEST(Config, HyperParamsGoOutAndIn) {
  TrainConfig config;
  const HyperParams hyper{0.5, 0.1, 2, 0.3, 7};
  config.set(hyper);
  EXPECT_EQ(config.hyper(), hyper);
  EXPECT_EQ(config.batch_size, 7);
}

}  // namespace
}  // namespace vitrine::train
