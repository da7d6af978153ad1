#include "engine/train/health.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/train/inside.h"
#include "tests/engine/train/straight_run.h"
#include "tests/engine/train/tiny.h"

namespace vitrine::train {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class HealthOf : public testing::Test {
 protected:
  Trainer trainer_of(const TrainConfig& config) {
    return {config, tiny_dataset(config, workers_), workers_, {7, false, true}};
  }
  // Of the update `step`.
  static Health at(Trainer& trainer, Index step) {
    while (trainer.step() < step) trainer.advance();
    if (!trainer.health()) throw std::runtime_error("no health of step " + std::to_string(step));
    return *trainer.health();
  }
  static const TensorHealth& named(const Health& health, std::string_view name) {
    return *std::ranges::find(health.tensors, name, &TensorHealth::name);
  }

  core::Workers workers_{2};
};

double norm(const core::Tensor<float>& values) {
  double squares = 0;
  for (const float value : values.values()) squares += double{value} * double{value};
  return std::sqrt(squares);
}

TEST_F(HealthOf, NormsAreThoseOfTheWeightsTheirDifferenceAndTheGradient) {
  for (const auto kind : {nn::OptimizerKind::kAdamW, nn::OptimizerKind::kSgd}) {
    TrainConfig config = tiny_config();
    config.optimizer.kind = kind;
    config.optimizer.weight_decay = 0.1;
    config.optimizer.momentum = 0.5;
    config.optimizer.clip_norm = 0.1;
    Trainer trainer = trainer_of(config);
    while (trainer.step() < 3) trainer.advance();
    const TrainerState before = trainer.state();
    const Batch batch = trainer.next_batch();
    const auto point = trainer.advance();
    ASSERT_NE(trainer.health(), nullptr);
    const Health health = *trainer.health();
    const TrainerState after = trainer.state();
    EXPECT_EQ(health.run_id, 7);
    EXPECT_EQ(health.step, 4);
    EXPECT_EQ(health.images, 32);
    const auto& infos = trainer.model().layout().infos();
    ASSERT_EQ(health.tensors.size(), infos.size());
    double squares = 0;
    for (std::size_t i = 0; i < infos.size(); ++i) {
      const TensorHealth& tensor = health.tensors[i];
      EXPECT_EQ(tensor.name, infos[i].name);
      core::Tensor<float> change = nn::parameter<float>(infos[i], after.values);
      const core::Tensor<float> old = nn::parameter<float>(infos[i], before.values);
      EXPECT_NEAR(tensor.weight_norm, norm(old), 1e-9 * (1 + norm(old))) << tensor.name;
      for (Index j = 0; j < change.count(); ++j) change[j] -= old[j];
      EXPECT_NEAR(tensor.update_norm, norm(change), 1e-9 * norm(change)) << tensor.name;
      EXPECT_EQ(tensor.gradient_norm, batch.gradient_norms[i]) << tensor.name;
      squares += tensor.gradient_norm * tensor.gradient_norm;
    }
    EXPECT_GT(named(health, "head.weight").update_norm, 0);
    EXPECT_NEAR(std::sqrt(squares), point->grad_norm, 1e-6 * point->grad_norm);
  }
}

TEST_F(HealthOf, IsOfTheStepsThatAreExaminedAndChangesNoBit) {
  const TrainConfig config = tiny_config();
  Trainer asked = trainer_of(config);
  Trainer other(config, tiny_dataset(config, workers_), workers_);
  std::vector<Index> steps;
  while (!asked.done()) {
    const Index before = asked.step();
    asked.advance();
    other.advance();
    EXPECT_EQ(other.health(), nullptr);
    if (asked.step() > before && asked.health()) steps.push_back(asked.health()->step);
  }
  EXPECT_THAT(steps, ElementsAre(1, 2, 4, 8, 16, 32, 50));
  EXPECT_EQ(timeless(asked.state()), timeless(other.state()));
}

TEST_F(HealthOf, AFrozenLayerHasNoUpdateAndNoUnitsToJudge) {
  TrainConfig config = tiny_config();
  config.model = ModelConfig::of(ModelKind::kCnn);
  config.model.layers[0].frozen = true;
  Trainer trainer = trainer_of(config);
  const Health health = at(trainer, 4);
  const TensorHealth &frozen = named(health, "layers.0.weight"), &next = named(health, "layers.3.weight");
  EXPECT_GT(frozen.weight_norm, 0);
  EXPECT_EQ(frozen.update_norm, 0);
  EXPECT_EQ(frozen.units, 0);
  EXPECT_GT(next.update_norm, 0);
  EXPECT_EQ(next.units, 32);
  EXPECT_EQ(named(health, "layers.3.bias").units, 0);
}

// A rate far too high drives most hidden units below zero on every picture: they are the silent ones.
TEST_F(HealthOf, SilentUnitsOfAnMlpAreThoseThatReluShutsOnTheWholeBatch) {
  TrainConfig config = tiny_config();
  config.model = ModelConfig::of(ModelKind::kMlp);
  config.optimizer.learning_rate = 0.02;
  Trainer trainer = trainer_of(config);
  while (trainer.step() < 7) trainer.advance();
  const Batch batch = trainer.next_batch();
  const nn::Weights<float> weights = trainer.weights();
  const Health health = at(trainer, 8);
  std::vector<bool> fires(256);
  const Index pixels = trainer.model().image().count();
  for (Index i = 0; i < health.images; ++i) {
    core::Tensor<float> image({1, 28, 28});
    for (Index p = 0; p < pixels; ++p)
      image[p] = static_cast<float>(batch.pixels.data()[i * pixels + p]) / 255;
    const Inside inside =
        look_inside(trainer.model(), weights, trainer.dataset().normalised(std::move(image)));
    const auto relu = std::ranges::find_if(inside.activations, [](const auto& activation) {
      return activation.values.count() == 256 && activation.name.starts_with("layers.1");
    });
    ASSERT_NE(relu, inside.activations.end());
    for (Index unit = 0; unit < 256; ++unit)
      if (relu->values[unit] > 0) fires[static_cast<std::size_t>(unit)] = true;
  }
  std::vector<std::uint32_t> shut;
  for (std::uint32_t unit = 0; unit < 256; ++unit)
    if (!fires[unit]) shut.push_back(unit);
  const TensorHealth& hidden = named(health, "layers.0.weight");
  EXPECT_EQ(hidden.units, 256);
  EXPECT_EQ(hidden.silent, shut);
  EXPECT_GT(shut.size(), 100U);
  EXPECT_LT(shut.size(), 256U);
}

TEST_F(HealthOf, ACnnThatARateFarTooHighBlewUpHasOnlySilentFilters) {
  TrainConfig config = tiny_config();
  config.model = ModelConfig::of(ModelKind::kCnn);
  config.optimizer.learning_rate = 0.3;
  Trainer trainer = trainer_of(config);
  EXPECT_LE(named(at(trainer, 1), "layers.0.weight").silent.size(), 1U);
  const Health health = at(trainer, 50);
  EXPECT_EQ(named(health, "layers.0.weight").silent.size(), 16U);
  EXPECT_EQ(named(health, "layers.3.weight").silent.size(), 32U);
}

// Where there is one token there is nothing to choose from: its weight is 1 whatever q and k say.
TEST_F(HealthOf, WithOneTokenQueriesAndKeysAreSilent) {
  TrainConfig config = tiny_config();
  config.model.patch_size = 28;
  config.model.pool = nn::Pool::kMean;
  Trainer trainer = trainer_of(config);
  const Health health = at(trainer, 2);
  std::vector<std::uint32_t> queries_and_keys(32);
  std::iota(queries_and_keys.begin(), queries_and_keys.end(), 0U);
  EXPECT_EQ(named(health, "blocks.0.attn.qkv.weight").units, 48);
  EXPECT_EQ(named(health, "blocks.0.attn.qkv.weight").silent, queries_and_keys);
  EXPECT_EQ(named(health, "blocks.1.attn.qkv.weight").silent, queries_and_keys);
  EXPECT_THAT(named(health, "blocks.1.attn.proj.weight").silent, IsEmpty());
}

TEST_F(HealthOf, ABlockThatNothingComesBackToHasNoGradient) {
  Trainer trainer = trainer_of(tiny_config());
  TrainerState state = trainer.state();
  const auto& infos = trainer.model().layout().infos();
  for (const auto& info : infos)
    if (info.name == "blocks.1.mlp.fc2.weight")
      nn::set_parameter<float>(info, core::Tensor<float>(info.shape), state.values);
  trainer.restore(state);
  const Health health = at(trainer, 1);
  EXPECT_EQ(named(health, "blocks.1.mlp.fc1.weight").gradient_norm, 0);
  EXPECT_EQ(named(health, "blocks.1.mlp.fc1.weight").silent.size(), 24U);
  EXPECT_GT(named(health, "blocks.1.mlp.fc2.weight").gradient_norm, 0);
  EXPECT_GT(named(health, "blocks.0.mlp.fc1.weight").gradient_norm, 0);
}

TEST_F(HealthOf, OfADivergenceIsThatOfTheUpdateThatWasNot) {
  TrainConfig config = tiny_config();
  config.optimizer.learning_rate = 1e30;
  Trainer trainer = trainer_of(config);
  try {
    while (true) trainer.advance();
  } catch (const Divergence& divergence) {
    ASSERT_NE(trainer.health(), nullptr);
    EXPECT_EQ(trainer.health()->step, divergence.step());
    bool finite = true;
    for (const TensorHealth& tensor : trainer.health()->tensors) {
      finite = finite && std::isfinite(tensor.gradient_norm);
      EXPECT_EQ(tensor.update_norm, 0) << tensor.name;
    }
    EXPECT_FALSE(finite);
    EXPECT_GT(named(*trainer.health(), "head.weight").weight_norm, 1e29);
  }
}

TEST_F(HealthOf, RefusesNumbersOfAnotherModel) {
  Trainer trainer = trainer_of(tiny_config());
  const auto& values = trainer.weights().values;
  const std::vector<float> other(values.size() - 1);
  EXPECT_THROW(health_of(trainer.model().layout(), values, values, other), core::ShapeError);
}

}  // namespace
}  // namespace vitrine::train
