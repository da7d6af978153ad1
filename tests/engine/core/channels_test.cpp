#include "engine/core/channels.h"

#include <gtest/gtest.h>

#include <thread>

namespace vitrine::core {
namespace {

TEST(Stream, KeepsOrderAndLosesNothingAcrossThreads) {
  Stream<int> stream;
  std::jthread writer([&] {
    for (int i = 0; i < 20'000; ++i) stream.push(i);
  });
  int expected = 0;
  while (expected < 20'000) {
    for (const int value : stream.drain()) ASSERT_EQ(value, expected++);
  }
  EXPECT_FALSE(stream.try_pop());
}

TEST(Stream, PopWaitsForAMessage) {
  Stream<int> stream;
  std::jthread writer([&] { stream.push(7); });
  EXPECT_EQ(stream.pop(), 7);
}

TEST(Latest, NewestWinsAndIsTakenOnce) {
  Latest<int> latest;
  EXPECT_TRUE(latest.wanted());
  latest.publish(std::make_shared<int>(1));
  latest.publish(std::make_shared<int>(2));
  EXPECT_FALSE(latest.wanted());
  EXPECT_EQ(*latest.take(), 2);
  EXPECT_EQ(latest.take(), nullptr);
  EXPECT_TRUE(latest.wanted());
}

TEST(Latest, ReaderNeverSeesAnOlderValueThanBefore) {
  Latest<int> latest;
  std::jthread writer([&] {
    for (int i = 1; i <= 5'000; ++i) latest.publish(std::make_shared<int>(i));
  });
  int newest = 0;
  while (newest < 5'000) {
    if (const auto value = latest.take()) {
      ASSERT_GT(*value, newest);
      newest = *value;
    }
  }
}

}  // namespace
}  // namespace vitrine::core
