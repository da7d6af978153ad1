#include "engine/train/occlusion.h"

#include <gmock/gmock.h>

#include "engine/core/stop.h"
#include "engine/train/inside.h"
#include "engine/train/models.h"
#include "tests/engine/nn/numbers.h"

namespace vitrine::train::occlusion_test {
namespace {

constexpr nn::ImageSizes kImage{3, 12, 8};
constexpr Index kClasses = 5;

struct Subject {
  explicit Subject(ModelKind kind) {
    ModelConfig config = ModelConfig::of(kind);
    config.patch_size = 4;
    config.embed_dim = 12;
    config.depth = 2;
    config.heads = 2;
    config.head_dim = 5;
    config.mlp_dim = 20;
    if (kind == ModelKind::kCnn) config.layers.resize(2);
    model = make_model<float>(config, kImage, kClasses);
    weights = nn::wild_weights<float>(model->layout(), 7);
  }
  std::unique_ptr<const nn::Model<float>> model;
  nn::Weights<float> weights;
  core::Tensor<float> image{{kImage.channels, kImage.height, kImage.width},
                            nn::normal_numbers<float>(kImage.count(), 3)};
};

class OcclusionOf : public testing::TestWithParam<ModelKind> {};

// A window of 5 does not divide 12 x 8: the last ones are narrower.
TEST_P(OcclusionOf, IsWhatAModelSaysOfTheCoveredPicture) {
  const Subject s(GetParam());
  const Occlusion o = occlude(*s.model, s.weights, s.image, 5);
  const auto whole = look_inside(*s.model, s.weights, s.image).logits;
  EXPECT_THAT(o.whole.values(), testing::ElementsAreArray(whole));
  ASSERT_EQ(o.change.shape(), (core::Shape{3, 2, kClasses}));
  for (Index i = 0; i < 3; ++i)
    for (Index j = 0; j < 2; ++j) {
      core::Tensor<float> covered = s.image;
      for (Index c = 0; c < kImage.channels; ++c)
        for (Index y = 0; y < kImage.height; ++y)
          for (Index x = 0; x < kImage.width; ++x)
            if (y / 5 == i && x / 5 == j) covered(c, y, x) = 0;
      const auto logits = look_inside(*s.model, s.weights, covered).logits;
      for (Index v = 0; v < kClasses; ++v) {
        const auto at = static_cast<std::size_t>(v);
        EXPECT_EQ(o.change(i, j, v), logits[at] - whole[at]);
      }
      EXPECT_NE(o.change(i, j, 0), 0) << "every part matters to wild weights";
    }
}
INSTANTIATE_TEST_SUITE_P(Models, OcclusionOf,
                         testing::Values(ModelKind::kVit, ModelKind::kCnn, ModelKind::kMlp));

TEST(Occlusion, WhatIsCoveredAlreadyChangesNothing) {
  Subject s(ModelKind::kVit);
  for (Index c = 0; c < kImage.channels; ++c)
    for (Index y = 4; y < 8; ++y) std::fill_n(&s.image(c, y, 4), 4, 0.0f);
  const Occlusion o = occlude(*s.model, s.weights, s.image, 4);
  for (Index v = 0; v < kClasses; ++v) EXPECT_EQ(o.change(1, 1, v), 0);
  EXPECT_NE(o.change(1, 0, 0), 0);
}

TEST(Occlusion, RefusesAnotherShapeAndNoWindowAndStops) {
  const Subject s(ModelKind::kMlp);
  EXPECT_THROW(occlude(*s.model, s.weights, core::Tensor<float>({1, 12, 8}), 4), core::ShapeError);
  EXPECT_THROW(occlude(*s.model, s.weights, s.image, 0), std::invalid_argument);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(occlude(*s.model, s.weights, s.image, 4, stop.get_token()), core::Stopped);
}

}  // namespace
}  // namespace vitrine::train::occlusion_test
