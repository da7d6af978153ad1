#include "engine/train/race_thread.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/engine/train/thread_driver.h"
#include "tests/engine/train/tiny.h"

namespace vitrine::train {
namespace {

RaceConfig two(Turns turns = Turns::kEqualImages) {
  TrainConfig vit = tiny_config(), mlp = vit;
  vit.threads = mlp.threads = 1;
  mlp.model = ModelConfig::of(ModelKind::kMlp);
  return {{vit, mlp}, turns};
}

std::shared_ptr<const RaceSnapshot> wait_for(RaceThread& race,
                                             const std::function<bool(const RaceSnapshot&)>& wanted) {
  const auto found = wait_until([&]() -> std::shared_ptr<const RaceSnapshot> {
    const auto taken = race.take_snapshot();
    return taken && wanted(*taken) ? taken : nullptr;
  });
  return found ? found : std::make_shared<RaceSnapshot>();
}

std::shared_ptr<const RaceSnapshot> wait_for(RaceThread& race, TrainStatus status) {
  return wait_for(race, [=](const RaceSnapshot& s) { return s.status == status; });
}

TEST(RaceThread, LoadsWaitsRunsAndHasTheBitsOfARace) {
  RaceThread thread(two(), {});
  const auto begun = wait_for(thread, TrainStatus::kPaused);
  ASSERT_EQ(begun->runners.size(), 2u);
  EXPECT_EQ(begun->race_id, 1);
  EXPECT_EQ(begun->runners[0].step, 0);
  ASSERT_TRUE(begun->dataset);
  EXPECT_EQ(begun->dataset->train.count(), 600);
  thread.send(Start{});
  const auto done = wait_for(thread, TrainStatus::kDone);
  ASSERT_EQ(done->runners.size(), 2u);
  EXPECT_FALSE(done->next);

  core::Workers workers(1);
  Race race(two().runners, Turns::kEqualImages, begun->dataset, workers);
  std::vector<RacePoint> points;
  while (!race.done())
    if (const auto point = race.advance()) points.push_back(*point);
  const auto got = thread.drain_points();
  ASSERT_EQ(got.size(), points.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i].race_id, 1);
    EXPECT_EQ(got[i].runner, points[i].runner) << i;
    EXPECT_EQ(got[i].point.loss, points[i].point.loss) << i;
  }
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_TRUE(done->runners[i].done);
    EXPECT_EQ(done->runners[i].images, 1'800);
    EXPECT_EQ(done->runners[i].weights->values, race.trainer(i).weights().values);
  }
}

TEST(RaceThread, AStepIsOneUpdateOfEachOrInTurnOfOne) {
  RaceThread thread(two(), {});
  wait_for(thread, TrainStatus::kPaused);
  thread.send(Step{2});
  auto s = wait_for(thread, [](const RaceSnapshot& each) {
    return each.status == TrainStatus::kPaused && !each.runners.empty() && each.runners[1].step == 2;
  });
  ASSERT_EQ(s->runners.size(), 2u);
  EXPECT_EQ(s->runners[0].step, 2);
  thread.send(SetTurns{Turns::kInTurn});
  thread.send(Step{});
  s = wait_for(thread, [](const RaceSnapshot& each) {
    return each.status == TrainStatus::kPaused && !each.runners.empty() && each.runners[0].step == 3;
  });
  ASSERT_EQ(s->runners.size(), 2u);
  EXPECT_EQ(s->runners[1].step, 2);
  EXPECT_EQ(s->config.turns, Turns::kInTurn);
}

TEST(RaceThread, PausesAndGoesOnAndAResetBeginsAnother) {
  RaceConfig endless = two();  // else it may be done before the pause
  for (TrainConfig& runner : endless.runners) runner.epochs = 100'000;
  RaceThread thread(endless, {});
  thread.send(Start{});  // waits for the data
  wait_for(thread, [](const RaceSnapshot& s) { return !s.runners.empty() && s.runners[1].step > 5; });
  thread.send(Pause{});
  const auto paused = wait_for(thread, TrainStatus::kPaused);
  thread.send(Start{});
  wait_for(thread, [&](const RaceSnapshot& s) {
    return !s.runners.empty() && s.runners[1].step > paused->runners[1].step;
  });
  thread.send(ResetRace{two(Turns::kInTurn)});
  const auto again = wait_for(
      thread, [](const RaceSnapshot& s) { return s.race_id == 2 && s.status == TrainStatus::kPaused; });
  ASSERT_EQ(again->runners.size(), 2u);
  EXPECT_EQ(again->runners[0].step, 0);
  EXPECT_EQ(again->dataset, paused->dataset) << "loaded once";
}

TEST(RaceThread, AFailureParksItAndAResetHelps) {
  RaceConfig wrong = two();
  wrong.runners[1].model.layers[0].units = 0;
  RaceThread thread(wrong, {});
  const auto failed = wait_for(thread, TrainStatus::kFailed);
  EXPECT_NE(failed->message.find("units 0"), std::string::npos) << failed->message;
  thread.send(Start{});
  thread.send(ResetRace{two()});
  EXPECT_EQ(wait_for(thread, TrainStatus::kPaused)->runners.size(), 2u);
  thread.send(ResetRace{});
  EXPECT_EQ(wait_for(thread, TrainStatus::kFailed)->message, "a race without runners");
}

TEST(RaceThread, MissingFilesAreReplacedAndSaid) {
  RaceConfig config = two();
  for (TrainConfig& runner : config.runners) runner.dataset = {DatasetKind::kMnist, "/nowhere", 64, 32};
  RaceThread thread(config, {});
  const auto s = wait_for(thread, TrainStatus::kPaused);
  ASSERT_TRUE(s->dataset);
  EXPECT_EQ(s->dataset->name, "digits");
  EXPECT_NE(s->dataset->note.find("/nowhere"), std::string::npos);
}

TEST(RaceThread, WeightsAreCopiedOnlyWhereTheyMoved) {
  RaceThread thread(two(Turns::kInTurn), {});
  const auto first = wait_for(thread, TrainStatus::kPaused);
  thread.send(Step{});
  const auto second = wait_for(thread, [](const RaceSnapshot& s) {
    return s.status == TrainStatus::kPaused && s.runners[0].step == 1;
  });
  EXPECT_NE(first->runners[0].weights, second->runners[0].weights);
  EXPECT_EQ(first->runners[1].weights, second->runners[1].weights);
}

}  // namespace
}  // namespace vitrine::train
