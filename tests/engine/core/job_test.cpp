#include "engine/core/job.h"

#include <gtest/gtest.h>

#include <atomic>

namespace vitrine::core {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 10min;  // of a test on a busy machine

TEST(Job, AnswersWithTheParamsItAnswers) {
  Job<int, int> job([](const int& n, std::stop_token, Progress&) { return n * n; });
  job.request(12);
  const auto answer = job.poll(kPatience);
  ASSERT_NE(answer, nullptr);
  EXPECT_EQ(answer->params, 12);
  EXPECT_EQ(*answer->result, 144);
}

TEST(Job, EqualRequestsAreComputedOnce) {
  std::atomic<int> runs{0};
  Job<int, int> job([&](const int& n, std::stop_token, Progress&) { return ++runs, n; });
  job.request(1);
  ASSERT_NE(job.poll(kPatience), nullptr);
  job.request(1);
  EXPECT_EQ(job.poll(0us), nullptr);
  EXPECT_FALSE(job.busy());
  EXPECT_EQ(runs, 1);
}

TEST(Job, IsBusyUntilItsAnswerIsTaken) {
  Job<int, int> job([](const int& n, std::stop_token, Progress&) { return n; });
  job.request(1);
  while (job.under_way()) std::this_thread::yield();
  EXPECT_TRUE(job.busy()) << "who waits until it is idle has the answer then";
  ASSERT_NE(job.poll(0us), nullptr);
  EXPECT_FALSE(job.busy());
}

TEST(Job, AShortRunIsLetFinishSoThatAnswersKeepUpWithADrag) {
  std::atomic<int> started = 0, allowed = 0;
  Job<int, int> job(
      [&](const int& n, std::stop_token, Progress&) {
        started = n;
        while (allowed < n) std::this_thread::yield();
        return n;
      },
      {}, std::chrono::hours(1));
  job.request(1);
  while (started != 1) std::this_thread::yield();
  job.request(2);
  job.request(3);
  allowed = 1;
  const auto first = job.poll(kPatience);
  allowed = 3;
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->params, 1);
  const auto second = job.poll(kPatience);
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(second->params, 3) << "of those that wait only the newest";
}

TEST(Job, SaysHowFarItIsAndHowLongItIsWaitedFor) {
  std::atomic<bool> halfway = false, go = false;
  Job<int, int> job([&](const int& n, std::stop_token, Progress& progress) {
    progress.begin(4);
    progress.advance(2);
    halfway = true;
    while (!go) std::this_thread::yield();
    return n;
  });
  EXPECT_FALSE(job.under_way());
  job.request(1);
  while (!halfway) std::this_thread::yield();
  const auto way = job.under_way();
  ASSERT_TRUE(way);
  EXPECT_EQ(way->fraction, 0.5);
  EXPECT_GT(way->waited_s, 0);
  go = true;
  ASSERT_NE(job.poll(kPatience), nullptr);
  EXPECT_FALSE(job.under_way());
}

TEST(Job, ARunThatHasNotBegunIsAtZero) {
  std::atomic<bool> answered = false, go = false;
  Job<int, int> job(
      [](const int& n, std::stop_token, Progress& progress) {
        progress.begin(1);
        progress.advance();
        return n;
      },
      [&] {
        answered = true;
        while (!go) std::this_thread::yield();  // the job's thread takes up nothing meanwhile
      });
  job.request(1);
  while (!answered) std::this_thread::yield();
  job.request(2);
  const auto way = job.under_way();
  go = true;
  ASSERT_TRUE(way);
  EXPECT_EQ(way->fraction, 0) << "not the last run's";
}

TEST(Job, NewerRequestStopsTheOlderThatHasBecomeLong) {
  Job<int, int> job([](const int& n, std::stop_token stop, Progress&) {
    if (n == 0) {
      while (!stop.stop_requested()) std::this_thread::yield();  // runs until it is cancelled
    }
    return n;
  });
  job.request(0);
  EXPECT_EQ(job.poll(1ms), nullptr);
  job.request(5);
  const auto answer = job.poll(kPatience);
  ASSERT_NE(answer, nullptr);
  EXPECT_EQ(answer->params, 5);
}

TEST(Job, ExceptionBecomesTheAnswersError) {
  Job<int, int> job([](const int&, std::stop_token, Progress&) -> int {
    throw std::invalid_argument("kernel 5, input 3");
  });
  job.request(1);
  const auto answer = job.poll(kPatience);
  ASSERT_NE(answer, nullptr);
  EXPECT_EQ(answer->result, nullptr);
  EXPECT_EQ(answer->error, "kernel 5, input 3");
}

TEST(Job, DestructionCancelsWhatRuns) {
  auto job = std::make_unique<Job<int, int>>([](const int& n, std::stop_token stop, Progress&) {
    while (!stop.stop_requested()) std::this_thread::yield();
    return n;
  });
  job->request(1);
  job.reset();  // would hang if the running computation were not asked to stop
}

}  // namespace
}  // namespace vitrine::core
