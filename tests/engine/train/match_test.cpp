#include "engine/train/match.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/train/models.h"

namespace vitrine::train {
namespace {

constexpr nn::ImageSizes kGrey{1, 28, 28}, kColour{3, 28, 28};

std::string refusal(const ModelConfig& shape, Index target) {
  try {
    match(shape, target, Equal::kParameters, kGrey, 10);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

TEST(Match, SizesAreThoseByHand) {
  // 5 x 5 convolutions with padding 2 of 16 and 32 filters, each halved by pooling, and 10 classes.
  const Index conv1 = 16 * (1 * 25 + 1), conv2 = 32 * (16 * 25 + 1), head = 10 * (32 * 49 + 1);
  const Index work1 = 784 * 16 * 25, work2 = 196 * 32 * 16 * 25, work_head = 10 * 32 * 49;
  const ModelConfig cnn = ModelConfig::of(ModelKind::kCnn);
  EXPECT_EQ(size_of(cnn, kGrey, 10), (ModelSize{conv1 + conv2 + head, 3 * (work1 + work2 + work_head)}));
  EXPECT_EQ(size_of(frozen(cnn), kGrey, 10), (ModelSize{conv1 + conv2 + head, work1 + work2 + 3 * work_head}))
      << "backward goes no further than the head";
  EXPECT_EQ(size_of(ModelConfig::of(ModelKind::kMlp), kGrey, 10),
            (ModelSize{256 * 785 + 10 * 257, 3 * (784 * 256 + 2560)}));
  EXPECT_EQ(size_of(ModelConfig{}, kGrey, 10).parameters, 204'810) << "the exercise's ViT";
}

TEST(Match, EveryKindMeetsEveryOtherWithinTwoPercent) {
  for (const char* name : {"homework", "homework-wide", "demo", "cnn", "mlp"}) {
    const ModelConfig reference = preset(name)->model;
    for (const Equal equal : {Equal::kParameters, Equal::kCompute})
      for (const nn::ImageSizes& image : {kGrey, kColour}) {
        // An MLP's unit has 2,362 parameters then, more than 4 % of this CNN's.
        if (name == std::string("cnn") && image == kColour) continue;
        for (const ModelKind kind : {ModelKind::kVit, ModelKind::kCnn, ModelKind::kMlp}) {
          const Index target = size_of(reference, image, 10).of(equal);
          const Match found = match(ModelConfig::of(kind), target, equal, image, 10);
          EXPECT_EQ(found.model.kind, kind);
          EXPECT_EQ(found.size, size_of(found.model, image, 10));
          EXPECT_LE(std::abs(found.off), 0.02) << name << " " << static_cast<int>(equal) << " "
                                               << image.channels << " " << static_cast<int>(kind);
          EXPECT_DOUBLE_EQ(found.off,
                           static_cast<double>(found.size.of(equal)) / static_cast<double>(target) - 1);
          TrainConfig config;
          config.model = found.model;
          EXPECT_TRUE(validate(config).empty()) << validate(config).front();
        }
      }
  }
}

TEST(Match, NoOtherLastWidthIsNearer) {
  const ModelConfig mlp =
      match(ModelConfig::of(ModelKind::kMlp), 204'810, Equal::kParameters, kGrey, 10).model;
  EXPECT_EQ(mlp.layers[0].units, 258) << "795 a unit, and 10";
  const Match cnn = match(ModelConfig::of(ModelKind::kCnn), 204'810, Equal::kParameters, kGrey, 10);
  for (const Index more : {-1, 1}) {
    ModelConfig other = cnn.model;
    other.layers[3].filters += more;
    EXPECT_LT(std::abs(cnn.size.parameters - 204'810),
              std::abs(size_of(other, kGrey, 10).parameters - 204'810));
  }
}

TEST(Match, AMatchOfItselfIsItself) {
  const ModelConfig cnn = ModelConfig::of(ModelKind::kCnn);
  for (const Equal equal : {Equal::kParameters, Equal::kCompute}) {
    const Match found = match(cnn, size_of(cnn, kGrey, 10).of(equal), equal, kGrey, 10);
    EXPECT_EQ(found.model, cnn);
    EXPECT_EQ(found.off, 0);
  }
}

TEST(Match, RefusesWhatCannotBeMet) {
  EXPECT_EQ(refusal(ModelConfig::of(ModelKind::kMlp), 700),
            "a match: the smallest mlp of this shape has 805 parameters, more than 700; choose a larger "
            "reference");
  EXPECT_EQ(refusal(ModelConfig::of(ModelKind::kMlp), 2'000),
            "a match: the mlp nearest to 2,000 parameters has 2,395; choose a larger reference");
  ModelConfig linear = ModelConfig::of(ModelKind::kMlp);
  linear.layers.clear();
  EXPECT_EQ(refusal(linear, 7'850), "a match: this mlp has no width that could change");
  EXPECT_THROW(frozen(ModelConfig{}), std::invalid_argument);
}

}  // namespace
}  // namespace vitrine::train
