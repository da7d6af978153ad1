#include "engine/train/filters.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/train/inside.h"
#include "engine/train/models.h"
#include "tests/engine/nn/numbers.h"

namespace vitrine::train {
namespace {

using core::Tensor;

constexpr nn::ImageSizes kImage{3, 12, 8};
constexpr Index kClasses = 5;

struct Subject {
  explicit Subject(const ModelConfig& config)
      : model(make_model<float>(config, kImage, kClasses)),
        weights(nn::wild_weights<float>(model->layout(), 7)),
        filters(first_filters(*model, weights)) {}

  Tensor<float> parameter(const std::string& name) const {
    const auto& infos = model->layout().infos();
    return nn::parameter<float>(*std::ranges::find(infos, name, &nn::ParameterInfo::name), weights.values);
  }
  std::unique_ptr<const nn::Model<float>> model;
  nn::Weights<float> weights;
  Filters filters;
};

ModelConfig small_vit() {
  ModelConfig config;
  config.patch_size = 4;
  config.embed_dim = 12;
  config.depth = 1;
  config.heads = 2;
  config.mlp_dim = 8;
  return config;
}

ModelConfig stack_of(std::vector<nn::LayerSpec> layers) {
  ModelConfig config = ModelConfig::of(ModelKind::kMlp);
  config.layers = std::move(layers);
  return config;
}

void expect_sorted_copies(const Subject& subject, const std::string& name, const core::Shape& shape) {
  const Filters& f = subject.filters;
  const Tensor<float> all = subject.parameter(name);
  EXPECT_EQ(f.name, name);
  ASSERT_EQ(f.pictures.shape(), shape);
  EXPECT_TRUE(std::ranges::is_sorted(f.norms, std::greater()));
  auto numbers = f.numbers;
  std::ranges::sort(numbers);
  const Index each = all.count() / all.size(0);
  for (Index i = 0; i < all.size(0); ++i) {
    EXPECT_EQ(numbers[static_cast<std::size_t>(i)], i) << "each once";
    double squares = 0;
    for (Index n = 0; n < each; ++n) {
      const float value = all[f.numbers[static_cast<std::size_t>(i)] * each + n];
      EXPECT_EQ(f.pictures[i * each + n], value);
      squares += std::pow(value, 2.0);
    }
    EXPECT_NEAR(f.norms[static_cast<std::size_t>(i)], std::sqrt(squares), 1e-9);
  }
}

TEST(Filters, AreTheFirstWeightsOfEachKindOfModel) {
  expect_sorted_copies(Subject(small_vit()), "patch_embed.proj.weight", {12, 3, 4, 4});
  expect_sorted_copies(Subject(ModelConfig::of(ModelKind::kCnn)), "layers.0.weight", {16, 3, 5, 5});
  expect_sorted_copies(Subject(ModelConfig::of(ModelKind::kMlp)), "layers.0.weight", {256, 3, 12, 8});
  expect_sorted_copies(Subject(stack_of({})), "head.weight", {kClasses, 3, 12, 8});
  const auto pool = nn::LayerSpec::pool(nn::LayerKind::kAveragePool, 2, 2, 0);
  expect_sorted_copies(Subject(stack_of({pool, nn::LayerSpec::dense(6)})), "layers.1.weight", {6, 3, 6, 4});
}

// Filters that are sums of two known pictures at right angles, of mean 0: a slope down the rows, 3 times as
// strong, and one along the columns.
TEST(Filters, ComponentsOfTwoKnownPictures) {
  constexpr Index kSide = 4;
  Filters filters{"", Tensor<float>({4, 1, kSide, kSide}), {0, 1, 2, 3}, {}};
  const double down[] = {3, -3, 3, -3}, along[] = {1, 1, -1, -1};
  for (Index f = 0; f < 4; ++f)
    for (Index r = 0; r < kSide; ++r)
      for (Index c = 0; c < kSide; ++c)
        filters.pictures(f, 0, r, c) = static_cast<float>(7 + down[f] * (static_cast<double>(r) - 1.5) +
                                                          along[f] * (static_cast<double>(c) - 1.5));
  const Components components = principal_components(filters, 10);
  ASSERT_EQ(components.shares.size(), 2u) << "the filters have no third direction";
  EXPECT_NEAR(components.shares[0], 0.9, 1e-12);
  EXPECT_NEAR(components.shares[1], 0.1, 1e-12);
  const double length = std::sqrt(4 * 5.0);  // of the slope 1.5, 0.5, -0.5, -1.5 four times
  for (Index r = 0; r < kSide; ++r)
    for (Index c = 0; c < kSide; ++c) {  // bright at the top left, whichever way the filters lean
      EXPECT_NEAR(components.pictures(0, 0, r, c), (1.5 - static_cast<double>(r)) / length, 1e-6);
      EXPECT_NEAR(components.pictures(1, 0, r, c), (1.5 - static_cast<double>(c)) / length, 1e-6);
    }
  for (float& value : filters.pictures.values()) value = -value;
  EXPECT_EQ(principal_components(filters, 10).pictures, components.pictures);
  EXPECT_EQ(principal_components(filters, 1).pictures.shape(), (core::Shape{1, 1, kSide, kSide}));
  filters.pictures.fill(2);
  EXPECT_TRUE(principal_components(filters, 10).shares.empty()) << "all alike";
}

// Along the components, and along no other direction, the filters' variance is the shares'.
TEST(Filters, ComponentsAreAtRightAnglesAndHoldTheVariance) {
  const Subject subject(small_vit());
  const Filters& f = subject.filters;
  const Components components = principal_components(f, 100);
  ASSERT_EQ(components.shares.size(), 11u) << "twelve filters about their mean";
  const Index numbers = 48, count = 12;
  double all = 0, together = 0;
  std::vector<double> mean(static_cast<std::size_t>(numbers));
  for (Index i = 0; i < count * numbers; ++i)
    mean[static_cast<std::size_t>(i % numbers)] += f.pictures[i] / 12.0;
  for (Index i = 0; i < count * numbers; ++i)
    all += std::pow(f.pictures[i] - mean[static_cast<std::size_t>(i % numbers)], 2);
  for (Index a = 0; a < 11; ++a) {
    double variance = 0;
    for (Index filter = 0; filter < count; ++filter) {
      double along = 0;
      for (Index n = 0; n < numbers; ++n)
        along += (f.pictures[filter * numbers + n] - mean[static_cast<std::size_t>(n)]) *
                 components.pictures[a * numbers + n];
      variance += along * along;
    }
    EXPECT_NEAR(components.shares[static_cast<std::size_t>(a)], variance / all, 1e-6) << a;
    together += components.shares[static_cast<std::size_t>(a)];
    for (Index b = 0; b <= a; ++b) {
      double product = 0;
      for (Index n = 0; n < numbers; ++n)
        product +=
            static_cast<double>(components.pictures[a * numbers + n]) * components.pictures[b * numbers + n];
      EXPECT_NEAR(product, a == b ? 1 : 0, 1e-6);
    }
  }
  EXPECT_NEAR(together, 1, 1e-9);
  EXPECT_TRUE(std::ranges::is_sorted(components.shares, std::greater()));
}

// With no positions the tokens are nothing but the answers.
TEST(Filters, AnswersAreTheTokensBeforePositions) {
  ModelConfig config = small_vit();
  config.positions = nn::Positions::kNone;
  const Subject subject(config);
  const Tensor<float> image({3, 12, 8}, nn::normal_numbers<float>(kImage.count(), 3));
  const Tensor<float> answers =
      patch_answers(subject.filters, subject.parameter("patch_embed.proj.bias"), image);
  ASSERT_EQ(answers.shape(), (core::Shape{12, 3, 2}));
  const Inside inside = look_inside(*subject.model, subject.weights, image);
  const Tensor<float>& tokens = inside.activations.front().values;
  for (Index f = 0; f < 12; ++f)
    for (Index patch = 0; patch < 6; ++patch)
      EXPECT_NEAR(answers(f, patch / 2, patch % 2),
                  tokens(1 + patch, subject.filters.numbers[static_cast<std::size_t>(f)]), 1e-4);
  EXPECT_THROW(patch_answers(subject.filters, Tensor<float>({12}), Tensor<float>({3, 12, 9})),
               core::ShapeError);
  EXPECT_THROW(patch_answers(subject.filters, Tensor<float>({12}), Tensor<float>({1, 12, 8})),
               core::ShapeError);
}

}  // namespace
}  // namespace vitrine::train
