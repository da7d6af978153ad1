#include "engine/train/inside.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/nn/rollout.h"
#include "engine/train/models.h"
#include "tests/engine/nn/numbers.h"
#include "tests/engine/train/tiny.h"

namespace vitrine::train::inside_test {
namespace {

constexpr nn::ImageSizes kImage{3, 12, 8};
constexpr Index kClasses = 5;

core::Tensor<float> picture() {
  return core::Tensor<float>({kImage.channels, kImage.height, kImage.width},
                             nn::normal_numbers<float>(kImage.count(), 3));
}

// A model, and weights far from where training starts, so that every part of it matters.
struct Subject {
  explicit Subject(const ModelConfig& config)
      : model(make_model<float>(config, kImage, kClasses)),
        weights(nn::wild_weights<float>(model->layout(), 7)) {}

  Inside look(std::optional<Index> label = std::nullopt) const {
    return look_inside(*model, weights, picture(), label);
  }
  core::Tensor<float> parameter(const std::string& name) const {
    const auto& infos = model->layout().infos();
    return nn::parameter<float>(*std::ranges::find(infos, name, &nn::ParameterInfo::name), weights.values);
  }

  std::unique_ptr<const nn::Model<float>> model;
  nn::Weights<float> weights;
};

ModelConfig small_vit(nn::Pool pool) {
  ModelConfig config;
  config.patch_size = 4;
  config.embed_dim = 12;
  config.depth = 3;
  config.heads = 2;
  config.head_dim = 5;
  config.mlp_dim = 20;
  config.pool = pool;
  return config;
}

std::vector<std::string> names_of(const Inside& inside) {
  std::vector<std::string> names;
  for (const auto& activation : inside.activations) names.push_back(activation.name);
  return names;
}

const core::Tensor<float>& named(const Inside& inside, const std::string& name) {
  return std::ranges::find(inside.activations, name, &nn::NamedActivation<float>::name)->values;
}

// The layers by their definition, row by row; x [rows, in].
core::Tensor<float> linear(const Subject& subject, const std::string& name, const core::Tensor<float>& x) {
  const auto weight = subject.parameter(name + ".weight"), bias = subject.parameter(name + ".bias");
  core::Tensor<float> y({x.size(0), bias.count()});
  for (Index r = 0; r < y.size(0); ++r)
    for (Index o = 0; o < y.size(1); ++o) {
      double sum = bias[o];
      for (Index i = 0; i < x.size(1); ++i) sum += static_cast<double>(weight[o * x.size(1) + i]) * x(r, i);
      y(r, o) = static_cast<float>(sum);
    }
  return y;
}

core::Tensor<float> layer_norm(const Subject& subject, const std::string& name,
                               const core::Tensor<float>& x) {
  const auto weight = subject.parameter(name + ".weight"), bias = subject.parameter(name + ".bias");
  const auto dim = static_cast<double>(x.size(1));
  core::Tensor<float> y(x.shape());
  for (Index r = 0; r < x.size(0); ++r) {
    double mean = 0, variance = 0;
    for (Index c = 0; c < x.size(1); ++c) mean += x(r, c) / dim;
    for (Index c = 0; c < x.size(1); ++c) variance += std::pow(x(r, c) - mean, 2) / dim;
    for (Index c = 0; c < x.size(1); ++c)
      y(r, c) = static_cast<float>((x(r, c) - mean) / std::sqrt(variance + 1e-5) * weight[c] + bias[c]);
  }
  return y;
}

void expect_close(const core::Tensor<float>& a, const core::Tensor<float>& b, const std::string& what) {
  ASSERT_EQ(a.count(), b.count()) << what;
  for (Index i = 0; i < a.count(); ++i)
    EXPECT_NEAR(a[i], b[i], 2e-4 * std::max(1.0f, std::abs(b[i]))) << what << " " << i;
}

TEST(Inside, EveryActivationOfAVitFollowsFromTheOneBefore) {
  const Subject subject(small_vit(nn::Pool::kClassToken));
  const Inside inside = subject.look();
  EXPECT_EQ(names_of(inside).size(), 1u + 3 * 5 + 2);
  core::Tensor<float> stream = named(inside, "tokens");
  EXPECT_EQ(stream.shape(), (core::Shape{7, 12}));
  for (const std::string number : {"0", "1", "2"}) {
    const std::string seen = "blocks." + number + " ", name = "blocks." + number + ".";
    expect_close(named(inside, seen + "norm1"), layer_norm(subject, name + "norm1", stream), seen + "norm1");
    const auto& middle = named(inside, seen + "attention added");
    expect_close(named(inside, seen + "norm2"), layer_norm(subject, name + "norm2", middle), seen + "norm2");
    core::Tensor<float> hidden = linear(subject, name + "mlp.fc1", named(inside, seen + "norm2"));
    for (float& value : hidden.values())
      value = static_cast<float>(value * 0.5 * (1 + std::erf(value / std::numbers::sqrt2)));
    expect_close(named(inside, seen + "mlp hidden"), hidden, seen + "mlp hidden");
    stream = linear(subject, name + "mlp.fc2", hidden);
    for (Index i = 0; i < stream.count(); ++i) stream[i] += middle[i];
    expect_close(named(inside, seen + "output"), stream, seen + "output");
  }
  const core::Tensor<float> first({1, 12}, stream.values().first(12));
  expect_close(named(inside, "norm"), layer_norm(subject, "norm", first), "norm");
  EXPECT_THAT(inside.logits, testing::ElementsAreArray(named(inside, "logits").values()));
}

TEST(Inside, AttentionOfEveryLayerAndHeadAndItsRolloutAreDistributions) {
  const Inside inside = Subject(small_vit(nn::Pool::kClassToken)).look();
  EXPECT_EQ(inside.attention.shape(), (core::Shape{3, 2, 7, 7}));
  EXPECT_EQ(inside.rollout.shape(), (core::Shape{7, 7}));
  for (const auto* rows : {&inside.attention, &inside.rollout})
    for (Index row = 0; row < rows->count() / 7; ++row) {
      float sum = 0;
      for (Index j = 0; j < 7; ++j) {
        EXPECT_GE((*rows)[row * 7 + j], 0);
        sum += (*rows)[row * 7 + j];
      }
      EXPECT_NEAR(sum, 1, 1e-5) << row;
    }
}

TEST(Inside, RolloutsAndDistancesAreThoseOfItsAttention) {
  for (const nn::Pool pool : {nn::Pool::kClassToken, nn::Pool::kMean}) {
    const Inside inside = Subject(small_vit(pool)).look();
    EXPECT_EQ(inside.grid, (PatchGrid{3, 2, 4, pool == nn::Pool::kMean ? 0 : 1}));
    EXPECT_EQ(inside.rollouts, nn::attention_rollouts(inside.attention));
    EXPECT_EQ(inside.attention_distance, attention_distances(inside.attention, inside.grid));
    EXPECT_EQ(inside.attention_distance.shape(), (core::Shape{3, 2}));
  }
}

TEST(Inside, AttentionIsTheSoftmaxOfItsScores) {
  for (const bool bias : {false, true}) {
    ModelConfig config = small_vit(nn::Pool::kClassToken);
    config.qkv_bias = bias;
    const Subject subject(config);
    const auto& vit = dynamic_cast<const nn::Vit<float>&>(*subject.model);
    const Inside inside = subject.look();
    for (Index layer = 0; layer < 3; ++layer)
      for (Index head = 0; head < 2; ++head)
        for (Index query = 0; query < 7; ++query) {
          const auto scores = attention_scores(vit, subject.weights, inside, layer, head, query);
          ASSERT_EQ(scores.size(), 7u);
          const double greatest = *std::ranges::max_element(scores);
          double sum = 0;
          for (const double score : scores) sum += std::exp(score - greatest);
          for (Index key = 0; key < 7; ++key)
            EXPECT_NEAR(inside.attention(layer, head, query, key),
                        std::exp(scores[static_cast<std::size_t>(key)] - greatest) / sum, 2e-4);
        }
    EXPECT_THROW(attention_scores(vit, subject.weights, inside, 3, 0, 0), std::invalid_argument);
    EXPECT_THROW(attention_scores(vit, subject.weights, inside, 0, 2, 0), std::invalid_argument);
    EXPECT_THROW(attention_scores(vit, subject.weights, inside, 0, 0, 7), std::invalid_argument);
  }
}

TEST(Inside, NormsOfLayersAreTheirTensorsTogether) {
  const Subject subject(small_vit(nn::Pool::kClassToken));
  const Inside inside = subject.look();
  const auto layers = layer_norms(*subject.model, inside.weight_norms);
  std::vector<std::string> names;
  double all = 0;
  for (const NormOfLayer& layer : layers) {
    names.push_back(layer.layer);
    all += layer.norm * layer.norm;
  }
  EXPECT_EQ(
      std::vector<std::string>(names.begin(), names.begin() + 5),
      (std::vector<std::string>{"cls_token", "pos_embed", "patch_embed", "blocks.0.norm1", "blocks.0.attn"}));
  EXPECT_EQ(names.size(), 3u + 3 * 4 + 2);
  EXPECT_EQ(names.back(), "head");
  double expected = 0, head = 0;
  for (const double norm : inside.weight_norms) expected += norm * norm;
  EXPECT_NEAR(all, expected, 1e-9 * expected);
  for (const std::string name : {"head.weight", "head.bias"}) {
    const core::Tensor<float> tensor = subject.parameter(name);
    for (const float value : tensor.values()) head += std::pow(value, 2.0);
  }
  EXPECT_NEAR(layers.back().norm, std::sqrt(head), 1e-9);
}

TEST(Inside, LensProbabilitiesAreTheSoftmaxOfItsLogits) {
  for (const nn::Pool pool : {nn::Pool::kClassToken, nn::Pool::kMean}) {
    const Inside inside = Subject(small_vit(pool)).look();
    const auto expect_softmax = [](const core::Tensor<float>& p, const core::Tensor<float>& logits) {
      ASSERT_EQ(p.shape(), logits.shape());
      for (Index row = 0; row < p.count(); row += kClasses) {
        double sum = 0;
        for (Index v = 0; v < kClasses; ++v) sum += std::exp(static_cast<double>(logits[row + v]));
        for (Index v = 0; v < kClasses; ++v)
          EXPECT_NEAR(p[row + v], std::exp(static_cast<double>(logits[row + v])) / sum, 1e-5);
      }
    };
    expect_softmax(inside.lens_probabilities, inside.lens);
    expect_softmax(inside.lens_pooled_probabilities, inside.lens_pooled);
    for (Index v = 0; v < kClasses; ++v)
      EXPECT_NEAR(inside.lens_pooled_probabilities(3, v), inside.probabilities[static_cast<std::size_t>(v)],
                  1e-5);
  }
}

TEST(Inside, TheLensIsTheLastNormAndTheHeadOverEveryLayersTokens) {
  for (const nn::Pool pool : {nn::Pool::kClassToken, nn::Pool::kMean}) {
    const Subject subject(small_vit(pool));
    const Inside inside = subject.look();
    const Index tokens = pool == nn::Pool::kMean ? 6 : 7;
    EXPECT_EQ(inside.lens.shape(), (core::Shape{4, tokens, kClasses}));
    EXPECT_EQ(inside.lens_pooled.shape(), (core::Shape{4, kClasses}));
    const std::string streams[] = {"tokens", "blocks.0 output", "blocks.1 output", "blocks.2 output"};
    for (Index layer = 0; layer < 4; ++layer) {
      const auto expected =
          linear(subject, "head", layer_norm(subject, "norm", named(inside, streams[layer])));
      const auto count = static_cast<std::size_t>(tokens * kClasses);
      expect_close(
          {{tokens, kClasses}, inside.lens.values().subspan(static_cast<std::size_t>(layer) * count, count)},
          expected, streams[layer]);
    }
    for (Index v = 0; v < kClasses; ++v)
      EXPECT_NEAR(inside.lens_pooled(3, v), inside.logits[static_cast<std::size_t>(v)], 1e-5);
  }
}

TEST(Inside, ActivationsOfACnnAreInTheOrderOfTheStateDict) {
  const Subject subject(ModelConfig::of(ModelKind::kCnn));
  const Inside inside = subject.look();
  // The ReLU takes the place of the convolution's output.
  EXPECT_EQ(names_of(inside), (std::vector<std::string>{"layers.1 output", "layers.2 output",
                                                        "layers.4 output", "layers.5 output", "logits"}));
  EXPECT_EQ(inside.attention.count(), 0);
  EXPECT_EQ(inside.grid, PatchGrid{});
  const auto& rectified = named(inside, "layers.1 output");
  EXPECT_EQ(rectified.shape(), (core::Shape{16, 12, 8}));
  const auto image = picture(), weight = subject.parameter("layers.0.weight"),
             bias = subject.parameter("layers.0.bias");
  for (Index f = 0; f < 16; ++f) {  // one cell in the middle: filter f over the rows 3 to 7, columns 2 to 6
    double sum = bias[f];
    for (Index c = 0; c < 3; ++c)
      for (Index y = 0; y < 5; ++y)
        for (Index x = 0; x < 5; ++x) sum += static_cast<double>(weight(f, c, y, x)) * image(c, 3 + y, 2 + x);
    EXPECT_NEAR(rectified(f, 5, 4), std::max(sum, 0.0), 1e-4) << f;
  }
  const auto& last = named(inside, "layers.5 output");
  const auto logits = linear(subject, "head", core::Tensor<float>({1, last.count()}, last.values()));
  expect_close(named(inside, "logits"), logits, "logits");
}

TEST(Inside, ActivationsOfAnMlp) {
  const Subject subject(ModelConfig::of(ModelKind::kMlp));
  const Inside inside = subject.look();
  EXPECT_EQ(names_of(inside), (std::vector<std::string>{"layers.1 output", "logits"}));
  auto hidden = linear(subject, "layers.0", core::Tensor<float>({1, kImage.count()}, picture().values()));
  for (float& value : hidden.values()) value = std::max(value, 0.0f);
  expect_close(named(inside, "layers.1 output"), hidden, "hidden");
}

TEST(Inside, NormsAreThoseOfEveryTensorAndItsGradient) {
  for (const ModelKind kind : {ModelKind::kVit, ModelKind::kCnn, ModelKind::kMlp}) {
    ModelConfig config = ModelConfig::of(kind);
    if (kind == ModelKind::kVit) config.patch_size = 4;
    const Subject subject(config);
    const Inside inside = subject.look(2);
    const auto& infos = subject.model->layout().infos();
    ASSERT_EQ(inside.weight_norms.size(), infos.size());
    ASSERT_EQ(inside.gradient_norms.size(), infos.size());
    double total = 0;
    for (const float logit : inside.logits) total += std::exp(static_cast<double>(logit) - inside.logits[2]);
    EXPECT_NEAR(inside.loss, std::log(total), 1e-4);

    core::Workers workers(2);
    nn::BatchPass<float> batch(*subject.model, workers);
    const std::vector<std::uint8_t> label{2};
    const auto whole = batch.loss_and_gradient(subject.weights, picture().data(), label, {});
    double squares = 0;
    for (std::size_t i = 0; i < infos.size(); ++i) {
      const auto naive = [&](std::span<const float> flat) {
        double sum = 0;
        const auto tensor = nn::parameter<float>(infos[i], flat);
        for (const float value : tensor.values()) sum += std::pow(value, 2.0);
        return std::sqrt(sum);
      };
      EXPECT_NEAR(inside.weight_norms[i], naive(subject.weights.values), 1e-9) << infos[i].name;
      EXPECT_NEAR(inside.gradient_norms[i], naive(batch.gradient()), 1e-9) << infos[i].name;
      EXPECT_GT(inside.weight_norms[i], 0) << infos[i].name;
      squares += std::pow(inside.gradient_norms[i], 2);
    }
    EXPECT_NEAR(std::sqrt(squares), whole.grad_norm, 1e-9 * whole.grad_norm);
    EXPECT_TRUE(subject.look().gradient_norms.empty());
  }
}

TEST(Inside, RefusesOtherPicturesLabelsAndStates) {
  const Subject subject(small_vit(nn::Pool::kClassToken));
  EXPECT_THROW(look_inside(*subject.model, subject.weights, core::Tensor<float>({3, 12, 9})),
               core::ShapeError);
  EXPECT_THROW(subject.look(5), std::invalid_argument);
  EXPECT_THROW(subject.look(-1), std::invalid_argument);
  TrainerState state;
  state.values.resize(3);
  EXPECT_THROW(weights_of(*subject.model, state.values), core::ShapeError);
}

// A trainer that is looked into at every step, and one that is not.
TEST(Inside, LookingChangesNoBitOfTraining) {
  const TrainConfig config = tiny_config();
  core::Workers workers(2);
  const auto dataset = tiny_dataset(config, workers);
  Trainer watched(config, dataset, workers), alone(config, dataset, workers);
  const core::Tensor<float> pixels({1, 28, 28}, std::vector<float>(784, 0.25f));
  while (watched.step() < 25) {
    watched.advance();
    const auto weights = weights_of(watched.model(), watched.state().values);
    const Inside inside = look_inside(watched.model(), weights, dataset->normalised(pixels), 1);
    EXPECT_GT(inside.loss, 0);
    if (watched.done()) break;
    const Batch next = watched.next_batch();
    ASSERT_EQ(next.gradient_norms.size(), watched.model().layout().infos().size());
    double squares = 0;
    for (const double norm : next.gradient_norms) squares += norm * norm;
    const TrainerState before = watched.state();
    if (!before.validating) {
      const auto point = watched.advance();
      EXPECT_NEAR(point->grad_norm, std::sqrt(squares), 1e-9);
    }
  }
  while (alone.step() < watched.step()) alone.advance();
  EXPECT_EQ(watched.weights().values, alone.weights().values);
}

}  // namespace
}  // namespace vitrine::train::inside_test
