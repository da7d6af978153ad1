#include "engine/core/job.h"

#include <gtest/gtest.h>

#include <atomic>

namespace vitrine::core {
namespace {

using namespace std::chrono_literals;

TEST(Job, AnswersWithTheParamsItAnswers) {
  Job<int, int> job([](const int& n, std::stop_token) { return n * n; });
  job.request(12);
  const auto answer = job.poll(5s);
  ASSERT_NE(answer, nullptr);
  EXPECT_EQ(answer->params, 12);
  EXPECT_EQ(*answer->result, 144);
}

TEST(Job, EqualRequestsAreComputedOnce) {
  std::atomic<int> runs{0};
  Job<int, int> job([&](const int& n, std::stop_token) { return ++runs, n; });
  job.request(1);
  ASSERT_NE(job.poll(5s), nullptr);
  job.request(1);
  EXPECT_EQ(job.poll(0us), nullptr);
  EXPECT_FALSE(job.busy());
  EXPECT_EQ(runs, 1);
}

TEST(Job, NewerRequestStopsTheOlderAndOnlyTheNewestIsShown) {
  Job<int, int> job([](const int& n, std::stop_token stop) {
    if (n == 0) {
      while (!stop.stop_requested()) std::this_thread::yield();  // runs until it is cancelled
    }
    return n;
  });
  job.request(0);
  EXPECT_EQ(job.poll(1ms), nullptr);
  job.request(5);
  const auto answer = job.poll(5s);
  ASSERT_NE(answer, nullptr);
  EXPECT_EQ(answer->params, 5);
}

TEST(Job, ExceptionBecomesTheAnswersError) {
  Job<int, int> job(
      [](const int&, std::stop_token) -> int { throw std::invalid_argument("kernel 5, input 3"); });
  job.request(1);
  const auto answer = job.poll(5s);
  ASSERT_NE(answer, nullptr);
  EXPECT_EQ(answer->result, nullptr);
  EXPECT_EQ(answer->error, "kernel 5, input 3");
}

TEST(Job, DestructionCancelsWhatRuns) {
  auto job = std::make_unique<Job<int, int>>([](const int& n, std::stop_token stop) {
    while (!stop.stop_requested()) std::this_thread::yield();
    return n;
  });
  job->request(1);
  job.reset();  // would hang if the running computation were not asked to stop
}

}  // namespace
}  // namespace vitrine::core
