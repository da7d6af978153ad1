#include "engine/train/race.h"

#include <gtest/gtest.h>

#include "engine/train/match.h"
#include "tests/engine/train/tiny.h"

namespace vitrine::train {
namespace {

// A ViT, a CNN and an MLP, each of a few thousand parameters.
std::vector<TrainConfig> three() {
  TrainConfig vit = tiny_config();
  vit.epochs = 2;
  const Index target = size_of(vit.model, {1, 28, 28}, 10).parameters;
  std::vector<TrainConfig> runners{vit};
  for (const ModelKind kind : {ModelKind::kCnn, ModelKind::kMlp}) {
    TrainConfig config = vit;
    config.model = match(ModelConfig::of(kind), target, Equal::kParameters, {1, 28, 28}, 10).model;
    runners.push_back(config);
  }
  return runners;
}

struct Setting {
  core::Workers workers{2};
  std::shared_ptr<const Dataset> dataset = tiny_dataset(tiny_config(), workers);
  Race race(Turns turns, const std::vector<TrainConfig>& runners = three()) {
    return Race(runners, turns, dataset, workers);
  }
};

TEST(Race, EachHasTheBitsItWouldHaveAlone) {
  Setting s;
  std::vector<core::AlignedVector<float>> alone;
  std::vector<double> accuracy;
  for (const TrainConfig& config : three()) {
    core::Workers one(1);
    Trainer trainer(config, s.dataset, one);
    while (!trainer.done())
      if (const auto point = trainer.advance();
          point && point->split == MetricSplit::kValidation && trainer.done())
        accuracy.push_back(point->accuracy);
    alone.push_back(trainer.weights().values);
  }
  for (const Turns turns : {Turns::kInTurn, Turns::kEqualImages, Turns::kEqualTime}) {
    Race race = s.race(turns);
    std::vector<double> found(3);
    while (!race.done())
      if (const auto at = race.advance(); at && at->point.split == MetricSplit::kValidation)
        found[at->runner] = at->point.accuracy;
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(race.trainer(i).weights().values, alone[i]) << i;
    EXPECT_EQ(found, accuracy);
  }
}

TEST(Race, EqualImagesStaySideBySide) {
  Setting s;
  Race race = s.race(Turns::kEqualImages);
  EXPECT_EQ(race.updates_a_round(), 3);
  while (!race.done()) {
    race.advance();
    for (std::size_t i = 1; i < 3; ++i) {
      const Index ahead = race.trainer(0).images() - race.trainer(i).images();
      EXPECT_TRUE(ahead >= 0 && ahead <= 32) << ahead;
    }
  }
  EXPECT_EQ(race.trainer(2).images(), 1'200);
}

TEST(Race, EqualTimeGivesTheTurnToTheShortestWork) {
  Setting s;
  Race race = s.race(Turns::kEqualTime);
  std::array<double, 3> seconds{};
  while (!race.done()) {
    const std::size_t next = race.next().value();
    for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(race.over(i) || seconds[next] <= seconds[i]);
    race.advance();
    EXPECT_GT(race.trainer(next).seconds(), seconds[next]);
    seconds[next] = race.trainer(next).seconds();
  }
}

TEST(Race, InTurnTheNextBeginsWhenOneIsDone) {
  Setting s;
  Race race = s.race(Turns::kInTurn);
  EXPECT_EQ(race.updates_a_round(), 1);
  while (!race.done()) {
    race.advance();
    for (std::size_t i = 1; i < 3; ++i)
      EXPECT_TRUE(race.trainer(i).step() == 0 || race.trainer(i - 1).done());
  }
}

TEST(Race, OneThatDivergesIsOutAndTheOthersGoOn) {
  Setting s;
  auto runners = three();
  runners[1].optimizer.kind = nn::OptimizerKind::kSgd;
  runners[1].optimizer.learning_rate = 1e30;
  Race race = s.race(Turns::kEqualImages, runners);
  while (!race.done()) race.advance();
  EXPECT_NE(race.trouble(1).find("diverged at step"), std::string::npos) << race.trouble(1);
  EXPECT_TRUE(race.trouble(0).empty());
  EXPECT_EQ(race.trainer(0).images(), 1'200);
  EXPECT_EQ(race.trainer(2).images(), 1'200);
  EXPECT_LT(race.trainer(1).images(), 1'200);
}

TEST(Race, ARunnerThatIsImpossibleIsNamed) {
  Setting s;
  auto runners = three();
  runners[2].batch_size = 0;
  try {
    s.race(Turns::kInTurn, runners);
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("runners[2]: batch_size 0")) << error.what();
  }
}

// The notebook's experiment: random filters that stay as they were drawn, and a head that learns, against an
// MLP of as many parameters.
TEST(Race, FrozenFiltersStayAndTheHeadAloneBeatsTheMlp) {
  core::Workers workers(2);
  TrainConfig config = tiny_config();
  config.dataset = {DatasetKind::kDigits, "", 2'000, 500};
  config.epochs = 4;
  config.optimizer.learning_rate = 5e-3;
  config.model = frozen(ModelConfig::of(ModelKind::kCnn));
  TrainConfig mlp = config;
  mlp.model = match(ModelConfig::of(ModelKind::kMlp), size_of(config.model, {1, 28, 28}, 10).parameters,
                    Equal::kParameters, {1, 28, 28}, 10)
                  .model;
  Race race({config, mlp}, Turns::kEqualImages, tiny_dataset(config, workers), workers);
  const nn::ParameterLayout& layout = race.trainer(0).model().layout();
  const auto values = [&] { return race.trainer(0).weights().values; };
  const auto before = values();
  std::array<double, 2> accuracy{};
  while (!race.done())
    if (const auto at = race.advance(); at && at->point.split == MetricSplit::kValidation)
      accuracy[at->runner] = at->point.accuracy;
  for (const nn::ParameterInfo& info : layout.infos()) {
    const bool head = info.name.starts_with("head");
    EXPECT_EQ(nn::parameter<float>(info, before) == nn::parameter<float>(info, values()), !head) << info.name;
  }
  EXPECT_GT(accuracy[0], accuracy[1] + 0.01) << accuracy[0] << " against " << accuracy[1];
}

}  // namespace
}  // namespace vitrine::train
