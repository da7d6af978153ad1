#include "engine/train/config.h"

#include <gmock/gmock.h>

#include "engine/io/json_fields.h"
#include "engine/train/models.h"

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

// A configuration file with this model.
TrainConfig with_model(const std::string& model) {
  TrainConfig config;
  io::from_json("{\"model\": " + model + "}", config, io::Unknown::kRefuse);
  return config;
}

std::string refusal(const std::string& model) {
  try {
    refuse(validate(with_model(model)));
    return "";
  } catch (const std::exception& error) {
    return error.what();
  }
}

TEST(Config, EveryPresetReadsBackFromItsOwnJson) {
  for (const auto name : preset_names()) {
    TrainConfig back;
    io::from_json(io::to_json(*preset(name)), back, io::Unknown::kRefuse);
    EXPECT_EQ(back, *preset(name)) << name;
  }
}

TEST(Config, AKindBringsItsDefaults) {
  EXPECT_EQ(with_model(R"({"kind": "cnn"})").model, preset("cnn")->model);
  EXPECT_EQ(with_model(R"({"kind": "mlp"})").model, preset("mlp")->model);
  EXPECT_EQ(with_model(R"({"kind": "vit"})").model, TrainConfig().model);
  const auto model = make_model<float>(preset("cnn")->model, {1, 28, 28}, 10);
  EXPECT_EQ(model->layout().count(), 28'938);
  EXPECT_EQ(make_model<float>(preset("mlp")->model, {1, 28, 28}, 10)->layout().count(), 203'530);
}

TEST(Config, LayersAreListed) {
  const auto config = with_model(R"({"kind": "cnn", "dropout": 0.25, "layers": [
    {"kind": "conv", "filters": 4, "kernel": 3, "stride": 2, "frozen": true}, {"kind": "gelu"},
    {"kind": "average_pool"}, {"kind": "dropout"}, {"kind": "dense", "units": 7}]})");
  using nn::LayerKind;
  using nn::LayerSpec;
  LayerSpec conv = LayerSpec::conv(4, 3, 2, 0);
  conv.frozen = true;
  EXPECT_THAT(config.model.layers,
              ElementsAre(conv, LayerSpec::of(LayerKind::kGelu), LayerSpec::of(LayerKind::kAveragePool),
                          LayerSpec::of(LayerKind::kDropout), LayerSpec::dense(7)));
  EXPECT_EQ(config.model.dropout, 0.25);
  TrainConfig back;
  io::from_json(io::to_json(config), back, io::Unknown::kRefuse);
  EXPECT_EQ(back, config);
  TrainConfig set = *preset("mlp");
  io::set_field(set, "model.layers", R"([{"kind": "dense", "units": 3}])");
  EXPECT_THAT(set.model.layers, ElementsAre(LayerSpec::dense(3)));
}

TEST(Config, AFieldOfAnotherKindIsAnError) {
  EXPECT_EQ(refusal(R"({"kind": "mlp", "heads": 4})"),
            "model.heads: unknown field (there are: kind, dropout, layers)");
  EXPECT_THAT(refusal(R"({"layers": []})"),
              testing::StartsWith("model.layers: unknown field (there are: kind, "));
  EXPECT_EQ(refusal(R"({"kind": "cnn", "layers": [{"kind": "relu"}, {"kind": "dense", "filters": 3}]})"),
            "model.layers[1].filters: unknown field (there are: kind, units, frozen)");
  EXPECT_EQ(
      refusal(R"({"kind": "cnn", "layers": [{"kind": "softmax"}]})"),
      "model.layers[0].kind: \"softmax\" is not one of conv, relu, gelu, max_pool, average_pool, dense, "
      "dropout");
}

TEST(Config, AnImpossibleLayerIsNamed) {
  EXPECT_EQ(refusal(R"({"kind": "mlp", "layers": [{"kind": "relu"}, {"kind": "conv"}]})"),
            "model.layers[1].kind conv: an mlp has dense, relu, gelu and dropout");
  EXPECT_EQ(refusal(R"({"kind": "cnn", "layers": [{"kind": "conv", "kernel": 29}]})"),
            "model.layers[0] conv: kernel 29 is larger than its input of 28 x 28");
  EXPECT_EQ(refusal(R"({"kind": "cnn", "layers": [{"kind": "conv", "filters": 0}]})"),
            "model.layers[0] conv: filters 0 must lie between 1 and 16384");
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
  const HyperParams hyper{0.5, 0.1, 2, 0.3, 7, {nn::ScheduleKind::kLinear, 9, 1e-4}};
  config.set(hyper);
  EXPECT_EQ(config.hyper(), hyper);
  EXPECT_EQ(config.batch_size, 7);
}

}  // namespace
}  // namespace vitrine::train
