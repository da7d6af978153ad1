#include "engine/train/contest.h"

#include <gtest/gtest.h>

#include <cmath>

namespace vitrine::train {
namespace {

TEST(Contest, FourOfTheSameSizeAndTheSameTraining) {
  ContestConfig config;
  config.reference = preset("demo").value();
  const auto all = contestants(config, {1, 28, 28}, 10);
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[0].name, "ViT");
  EXPECT_EQ(all[0].model, config.reference.model);
  EXPECT_EQ(all[0].off, 0);
  for (const Contestant& each : all) {
    EXPECT_EQ(each.size, size_of(each.model, {1, 28, 28}, 10)) << each.name;
    EXPECT_LE(std::abs(each.off), 0.02) << each.name;
    EXPECT_EQ(each.layers.back().name, "head");
  }
  EXPECT_EQ(all[3].name, "Frozen CNN");
  EXPECT_EQ(all[3].model, frozen(all[1].model));
  const RaceConfig race = race_of(config, all);
  ASSERT_EQ(race.runners.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(race.runners[i].model, all[i].model);
    EXPECT_EQ(race.runners[i].optimizer, config.reference.optimizer);
    EXPECT_TRUE(validate(race.runners[i]).empty());
  }
  config.frozen = false;
  EXPECT_EQ(contestants(config, {1, 28, 28}, 10).size(), 3u);
}

TEST(Contest, WithEqualComputeTheFrozenOneTakesLess) {
  ContestConfig config;
  config.equal = Equal::kCompute;
  const auto all = contestants(config, {1, 28, 28}, 10);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_LE(std::abs(all[i].off), 0.02) << all[i].name;
  EXPECT_LT(all[3].off, -0.5) << "nothing goes backward through its filters";
  EXPECT_EQ(all[3].size.parameters, all[1].size.parameters);
  EXPECT_GT(all[2].size.parameters, 10 * all[1].size.parameters) << "a dense layer uses each weight once";
}

TEST(Contest, RefusesAReferenceThatNothingMatches) {
  ContestConfig config;
  config.reference.model.embed_dim = config.reference.model.heads = config.reference.model.depth = 1;
  config.reference.model.head_dim = config.reference.model.mlp_dim = 1;
  EXPECT_THROW(contestants(config, {1, 28, 28}, 10), std::invalid_argument);
  config.reference.model = ModelConfig::of(ModelKind::kCnn);
  EXPECT_THROW(contestants(config, {1, 28, 28}, 10), std::invalid_argument);
}

}  // namespace
}  // namespace vitrine::train
