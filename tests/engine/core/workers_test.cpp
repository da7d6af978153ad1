#include "engine/core/workers.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace vitrine::core {
namespace {

TEST(Workers, DoEveryPieceOnceForAnyNumberOfThreads) {
  for (const int threads : {1, 2, 3, 4, 8}) {
    Workers workers(threads);
    for (int round = 0; round < 200; ++round) {
      std::vector<int> done(17);  // each piece writes its own place only
      workers.run(17, [&](int piece) { ++done[static_cast<std::size_t>(piece)]; });
      ASSERT_EQ(done, std::vector<int>(17, 1));
    }
  }
}

TEST(Workers, ExceptionReachesTheCallerAndTheTeamGoesOn) {
  Workers workers(2);
  EXPECT_THROW(workers.run(4,
                           [](int piece) {
                             if (piece == 2) throw std::runtime_error("piece 2");
                           }),
               std::runtime_error);
  std::atomic<int> done{0};
  workers.run(4, [&](int) { ++done; });
  EXPECT_EQ(done, 4);
}

}  // namespace
}  // namespace vitrine::core
