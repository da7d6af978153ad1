#include "engine/train/sweep_spec.h"

#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "engine/core/text.h"
#include "engine/io/json_fields.h"

namespace vitrine::train {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

SweepAxis over(const std::string& field, std::vector<std::string> values) {
  return {field, std::move(values), core::Tensor<double>{core::Shape{0}}, AxisScale::kLinear};
}

SweepAxis between(const std::string& field, double low, double high, AxisScale scale) {
  return {field, {}, {{2}, {low, high}}, scale};
}

SweepSpec spec_of(SweepMethod method, std::vector<SweepAxis> axes) {
  SweepSpec spec;
  spec.config = *preset("demo");
  spec.method = method;
  spec.axes = std::move(axes);
  return spec;
}

TEST(SweepSpec, ReadsAFileAndWritesItAgain) {
  SweepSpec spec;
  io::from_json(R"({"preset": "demo", "config": {"epochs": 2}, "method": "halving",
                    "axes": [{"field": "optimizer.learning_rate", "range": [1e-4, 1e-2], "scale": "log"},
                             {"field": "schedule.kind", "values": ["constant", "cosine"]},
                             {"field": "model.depth", "values": [1, 2]}],
                    "trials": 9, "halving": {"steps": 50}, "seed": 3})",
                spec, io::Unknown::kRefuse);
  EXPECT_THAT(validate(spec), IsEmpty());
  TrainConfig demo = *preset("demo");
  demo.epochs = 2;
  EXPECT_EQ(spec.config, demo);
  EXPECT_EQ(spec.method, SweepMethod::kHalving);
  EXPECT_EQ(spec.axes[0], between("optimizer.learning_rate", 1e-4, 1e-2, AxisScale::kLog));
  EXPECT_EQ(spec.axes[2], over("model.depth", {"1", "2"}));
  EXPECT_EQ(spec.halving, (HalvingConfig{50, 3, 3}));
  SweepSpec again;
  io::from_json(io::to_json(spec), again, io::Unknown::kRefuse);
  EXPECT_EQ(again, spec);
  EXPECT_THROW(io::from_json(R"({"method": "grid", "trials": 3})", again, io::Unknown::kRefuse),
               io::FormatError)
      << "a grid's number of trials is its values'";
}

TEST(SweepSpec, AGridIsEveryCombinationTheLastAxisFastest) {
  const SweepSpec spec =
      spec_of(SweepMethod::kGrid, {over("model.depth", {"1", "2"}), over("seed", {"7", "8", "9"})});
  ASSERT_THAT(validate(spec), IsEmpty());
  ASSERT_EQ(trial_count(spec), 6);
  EXPECT_THAT(plan_of(spec, 0).settings, ElementsAre(Setting{"model.depth", "1"}, Setting{"seed", "7"}));
  EXPECT_THAT(plan_of(spec, 1).settings, ElementsAre(Setting{"model.depth", "1"}, Setting{"seed", "8"}));
  EXPECT_THAT(plan_of(spec, 5).settings, ElementsAre(Setting{"model.depth", "2"}, Setting{"seed", "9"}));
  TrainConfig config = spec.config;
  config.model.depth = 2;
  config.seed = 7;
  EXPECT_EQ(plan_of(spec, 3).config, config);
}

TEST(SweepSpec, DrawsWithinTheRangesAndOnlyByTheNumber) {
  SweepSpec spec =
      spec_of(SweepMethod::kRandom, {between("optimizer.learning_rate", 1e-4, 1e-1, AxisScale::kLog),
                                     between("model.depth", 1, 3, AxisScale::kLinear),
                                     between("model.mlp_dim", 8, 512, AxisScale::kLog),
                                     between("model.dropout", 0, 0.5, AxisScale::kLinear),
                                     over("optimizer.kind", {"sgd", "adam", "adamw"})});
  ASSERT_THAT(validate(spec), IsEmpty());
  constexpr Index kTrials = 600;
  Index below_the_middle = 0, narrow = 0;
  std::map<std::int64_t, Index> depths;
  std::map<nn::OptimizerKind, Index> kinds;
  for (Index trial = 0; trial < kTrials; ++trial) {
    const TrialPlan plan = plan_of(spec, trial);
    ASSERT_EQ(plan.impossible, "");
    const auto& [rate, depth] = std::pair(plan.config.optimizer.learning_rate, plan.config.model.depth);
    EXPECT_TRUE(rate >= 1e-4 && rate <= 1e-1) << rate;
    EXPECT_EQ(core::exact(rate), core::exact(*core::parse_number(core::shown(rate, 4)))) << "four digits";
    EXPECT_TRUE(plan.config.model.mlp_dim >= 8 && plan.config.model.mlp_dim <= 512);
    below_the_middle += rate < std::sqrt(1e-4 * 1e-1);
    narrow += plan.config.model.mlp_dim < 64;
    ++depths[depth];
    ++kinds[plan.config.optimizer.kind];
  }
  // Binomial: six deviations wide.
  EXPECT_NEAR(static_cast<double>(below_the_middle), 300, 74) << "evenly over the logarithm";
  EXPECT_NEAR(static_cast<double>(narrow), 300, 74);
  ASSERT_EQ(depths.size(), 3u);
  for (const auto& [depth, count] : depths) EXPECT_NEAR(static_cast<double>(count), 200, 70) << depth;
  ASSERT_EQ(kinds.size(), 3u);
  const auto sixth = plan_of(spec, 6).settings;
  spec.trials = 1000;
  EXPECT_EQ(plan_of(spec, 6).settings, sixth);
  spec.seed = 1;
  EXPECT_NE(plan_of(spec, 6).settings, sixth);
}

// More rungs, each of eta times the steps and one of eta trials.
TEST(SweepSpec, HalvingGoesOnWithFewerForLonger) {
  SweepSpec spec = spec_of(SweepMethod::kHalving, {over("seed", {"1"})});
  spec.halving = {50, 3, 4};
  EXPECT_EQ(rung_count(spec), 4);
  EXPECT_EQ(steps_of_rung(spec, 0), 50);
  EXPECT_EQ(steps_of_rung(spec, 3), 1350);
  EXPECT_EQ(promoted(spec, 20), 6);
  EXPECT_EQ(promoted(spec, 2), 1);
}

TEST(SweepSpec, SaysWhatIsWrong) {
  const auto wrong = [](SweepMethod method, SweepAxis axis) {
    const auto problems = validate(spec_of(method, {std::move(axis)}));
    return problems.empty() ? std::string() : problems.front();
  };
  constexpr auto kGrid = SweepMethod::kGrid, kRandom = SweepMethod::kRandom;
  constexpr auto kLinear = AxisScale::kLinear, kLog = AxisScale::kLog;
  const std::string rate = "optimizer.learning_rate";
  EXPECT_EQ(validate(spec_of(kGrid, {})).front(), "axes: needs at least one field to vary");
  EXPECT_EQ(wrong(kGrid, over("", {"1"})), "axes[0] : names no field");
  EXPECT_EQ(wrong(kGrid, over("model.filters", {"1"})),
            "axes[0] model.filters: there is no such field: model.filters: unknown field (there are: kind, "
            "patch_size, embed_dim, depth, heads, head_dim, mlp_dim, dropout, qkv_bias, pool, positions)");
  EXPECT_EQ(wrong(kGrid, over("threads", {"1", "2"})), "axes[0] threads: does not change a result");
  EXPECT_EQ(wrong(kGrid, over("epochs", {})), "axes[0] epochs: needs either values or a range");
  EXPECT_THAT(wrong(kGrid, over("model.depth", {"1", "many"})), HasSubstr("a whole number is expected"));
  EXPECT_THAT(wrong(kGrid, over("schedule.kind", {"cosin"})), HasSubstr("constant, cosine, linear"));
  EXPECT_EQ(wrong(kGrid, between(rate, 1e-4, 1e-2, kLog)),
            "axes[0] optimizer.learning_rate: a grid needs values; a range is for random and halving");
  EXPECT_THAT(wrong(kRandom, between(rate, 0, 1, kLog)), HasSubstr("begins above 0 (0 to 1)"));
  EXPECT_THAT(wrong(kRandom, between(rate, 1, 1, kLinear)), HasSubstr("to a higher one (1 to 1)"));
  EXPECT_THAT(wrong(kRandom, between(rate, 1, std::nan(""), kLinear)), HasSubstr("to a higher one"));
  EXPECT_THAT(wrong(kRandom, between("model.depth", 1.5, 3, kLinear)), HasSubstr("whole ends"));
  EXPECT_THAT(wrong(kRandom, between("schedule.kind", 0, 1, kLinear)), HasSubstr("needs a number"));
  SweepAxis three = between(rate, 0, 1, kLinear);
  three.range = {{3}, {1, 2, 3}};
  EXPECT_THAT(wrong(kRandom, three), HasSubstr("two numbers, low and high"));
  SweepSpec spec = spec_of(kRandom, {over("seed", {"1"}), over("seed", {"2"})});
  spec.preset = "dem";
  spec.trials = 0;
  EXPECT_THAT(validate(spec),
              ElementsAre("preset dem: there is none of that name", "axes[1] seed: has an axis already"));
  spec.preset = "";
  spec.axes.pop_back();
  EXPECT_THAT(validate(spec), ElementsAre("trials 0: must lie between 1 and 10000"));
  spec.method = SweepMethod::kHalving;
  spec.halving = {0, 1, 0};
  EXPECT_EQ(validate(spec).size(), 3u);
  spec.halving = {1 << 30, 1000, 20};
  EXPECT_THAT(validate(spec).front(), HasSubstr("the last rung's pass 2^63"));
  const std::vector<std::string> many(200, "1");
  spec = spec_of(kGrid, {over("seed", many), over("epochs", many)});
  EXPECT_THAT(validate(spec), ElementsAre("axes: combinations 40000: must lie between 1 and 10000"));
}

// An impossible combination is one trial's, with the rule that fails; the others can run.
TEST(SweepSpec, TellsWhichTrialIsImpossible) {
  const SweepSpec heads = spec_of(
      SweepMethod::kGrid,
      {over("model.heads", {"4", "5"}), over("model.head_dim", {"0"}), over("model.patch_size", {"7"})});
  ASSERT_THAT(validate(heads), IsEmpty());
  EXPECT_EQ(plan_of(heads, 0).impossible, "");
  EXPECT_THAT(plan_of(heads, 1).impossible, HasSubstr("model.heads 5: does not divide model.embed_dim 48"));
  // The kind first, whatever the order: it decides which fields there are.
  const SweepSpec kinds =
      spec_of(SweepMethod::kGrid, {over("model.depth", {"2", "5"}), over("model.kind", {"vit", "cnn"})});
  ASSERT_THAT(validate(kinds), IsEmpty());
  EXPECT_EQ(plan_of(kinds, 2).impossible, "");
  EXPECT_EQ(plan_of(kinds, 2).config.model.depth, 5);
  EXPECT_THAT(plan_of(kinds, 1).impossible,
              HasSubstr("model.depth: unknown field (there are: kind, dropout, layers)"));
}

}  // namespace
}  // namespace vitrine::train
