#include "engine/train/sweep_thread.h"

#include <gmock/gmock.h>

#include "tests/engine/train/thread_driver.h"
#include "tests/engine/train/tiny.h"

namespace vitrine::train::sweep_thread_test {
namespace {

using testing::HasSubstr;

SweepSpec tiny_sweep() {
  SweepSpec spec;
  spec.config = tiny_config();
  spec.config.model.depth = 1;
  spec.method = SweepMethod::kHalving;
  spec.axes.push_back({"optimizer.learning_rate", {"1e-6", "1e-3", "5e-3"}});
  spec.trials = 6;
  spec.halving = {10, 2, 2};
  return spec;
}

// One that is not done before a command arrives.
SweepSpec long_sweep() {
  SweepSpec spec = tiny_sweep();
  spec.config.epochs = 1000;
  spec.halving = {10'000, 2, 2};
  return spec;
}

std::shared_ptr<const SweepSnapshot> wait_for(SweepThread& thread,
                                              const std::function<bool(const SweepSnapshot&)>& wanted) {
  const auto found = wait_until([&]() -> std::shared_ptr<const SweepSnapshot> {
    auto taken = thread.take_snapshot();
    return taken && wanted(*taken) ? taken : nullptr;
  });
  return found ? found : std::make_shared<SweepSnapshot>();
}

std::shared_ptr<const SweepSnapshot> wait_for(SweepThread& thread, SweepStatus status) {
  return wait_for(thread, [=](const SweepSnapshot& s) { return s.status == status; });
}

TEST(SweepThread, GivesTheSweepsBitsWhateverComesBetween) {
  core::Workers workers(1);
  Sweep plain(tiny_sweep(), workers);
  std::vector<std::pair<Index, double>> expected, found;
  while (!plain.done())
    if (const auto point = plain.advance()) expected.emplace_back(point->run_id, point->loss);
  SweepThread thread({2, {}});
  thread.send(BeginSweep{tiny_sweep()});
  const auto rests = [](const SweepSnapshot& s) { return s.status != SweepStatus::kRunning; };
  auto paused = wait_for(thread, [&](const auto& s) { return s.place.trial >= 2 || rests(s); });
  thread.send(PauseSweep{});
  if (!rests(*paused)) paused = wait_for(thread, rests);  // on a busy machine it may be done before
  EXPECT_EQ(paused->trials.size(), 6u);
  EXPECT_EQ(paused->spec, tiny_sweep());
  thread.send(ResumeSweep{});
  const auto done = wait_for(thread, SweepStatus::kDone);
  for (const auto& [sweep_id, point] : thread.drain_points()) {
    EXPECT_EQ(sweep_id, 1);
    found.emplace_back(point.run_id, point.loss);
  }
  EXPECT_EQ(found, expected);
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(done->trials[i].status, plain.trials()[i].status);
}

TEST(SweepThread, PausedItDoesNothingAndEndedItForgets) {
  SweepThread thread({1, {}});
  thread.send(ResumeSweep{});
  EXPECT_EQ(wait_for(thread, SweepStatus::kNone)->sweep_id, 0);
  thread.send(BeginSweep{long_sweep()});
  thread.send(PauseSweep{});
  wait_for(thread, SweepStatus::kPaused);
  thread.drain_points();
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  EXPECT_TRUE(thread.drain_points().empty());
  EXPECT_EQ(thread.take_snapshot(), nullptr) << "nothing changed";
  thread.send(EndSweep{});
  wait_for(thread, SweepStatus::kNone);
  thread.send(BeginSweep{tiny_sweep()});
  EXPECT_EQ(wait_for(thread, SweepStatus::kDone)->sweep_id, 2);
}

TEST(SweepThread, AnImpossibleSweepFailsWithItsProblemsAndTheNextOneRuns) {
  SweepThread thread({1, {}});
  SweepSpec spec = tiny_sweep();
  spec.axes.clear();
  thread.send(BeginSweep{spec});
  EXPECT_THAT(wait_for(thread, SweepStatus::kFailed)->message, HasSubstr("at least one field"));
  thread.send(ResumeSweep{});
  thread.send(BeginSweep{tiny_sweep()});
  EXPECT_EQ(wait_for(thread, SweepStatus::kDone)->message, "");
}

TEST(SweepThread, EndsAtOnceWhileItWorks) {
  SweepSpec spec = long_sweep();
  {
    SweepThread thread({1, {}});
    thread.send(BeginSweep{spec});
    wait_for(thread, [](const auto& s) { return s.place.step > 3; });
  }
  SweepThread loading({1, {}});
  spec.config.dataset.train_limit = 0;  // 20,000 digits to draw
  loading.send(BeginSweep{spec});
}

}  // namespace
}  // namespace vitrine::train::sweep_thread_test
