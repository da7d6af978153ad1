#include "engine/sequence/head_jobs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/sequence/tokens.h"

namespace vitrine::sequence::head_jobs_test {
namespace {

using core::Tensor;
using Kind = HeadJob::Kind;

constexpr Index kDim = 32, kHeads = 8, kHeadDim = 8;

MultiHead attended(bool positions) {
  const std::vector<std::string> words =
      words_of("the cat sat on the mat and the dog sat on the cat", 20).words;
  const auto count = static_cast<Index>(words.size());
  const Tensor<double> x =
      with_position_beside(word_embeddings(words, content_dim(kDim), 1), kDim, positions);
  return multi_head_attention(x, x, head_job_weights(kDim, kHeads, kHeadDim), kHeads,
                              1 / std::sqrt(static_cast<double>(kHeadDim)), no_mask(count, count));
}

Index strongest(const Attention& head, Index t) {
  const double* row = &head.weights(t, 0);
  return std::max_element(row, row + head.weights.size(1)) - row;
}

TEST(HeadJobs, TakeTurnsAndGoFurther) {
  EXPECT_EQ(head_job(0), (HeadJob{Kind::kBefore, 1}));
  EXPECT_EQ(head_job(1).kind, Kind::kSame);
  EXPECT_EQ(head_job(2), (HeadJob{Kind::kAfter, 1}));
  EXPECT_EQ(head_job(3).kind, Kind::kEven);
  EXPECT_EQ(head_job(4), (HeadJob{Kind::kBefore, 2}));
}

TEST(HeadJobs, EachHeadDoesItsJob) {
  const MultiHead m = attended(true);
  for (Index t = 2; t < 11; ++t) {
    EXPECT_EQ(strongest(m.heads[0], t), t - 1);
    EXPECT_EQ(strongest(m.heads[2], t), t + 1);
    EXPECT_EQ(strongest(m.heads[4], t), t - 2);
    EXPECT_EQ(strongest(m.heads[6], t), t + 2);
    EXPECT_NEAR(m.heads[3].weights(t, 5), 1.0 / 13, 1e-15);
    EXPECT_GT(m.heads[0].weights(t, t - 1), 0.7);
  }
  EXPECT_EQ(m.heads[1].weights(1, 1), m.heads[1].weights(1, 12)) << "cat, cat";
  EXPECT_GT(m.heads[1].weights(1, 1) + m.heads[1].weights(1, 12), 0.7);
}

TEST(HeadJobs, TheScoreIsTheSumOfCosines) {
  const MultiHead m = attended(true);
  for (const Index s : {0, 4, 9}) {
    double sum = 0;
    for (const double divisor : {1.0, std::sqrt(10.0), 10.0, std::sqrt(1000.0)})
      sum += std::cos(static_cast<double>(7 - 1 - s) / divisor);
    EXPECT_NEAR(m.heads[0].scores(7, s), 5 * sum, 1e-12);
  }
}

TEST(HeadJobs, WithoutPositionsNoHeadKnowsTheOrder) {
  const MultiHead m = attended(false);
  for (Index s = 0; s < 13; ++s) EXPECT_NEAR(m.heads[0].weights(7, s), 1.0 / 13, 1e-15);
  EXPECT_EQ(m.heads[1].weights(1, 1), m.heads[1].weights(1, 12));
}

TEST(HeadJobs, SmallSizesHaveNoRoomForAPosition) {
  for (const Index dim : {1, 2, 3, 4, 5, 7})
    for (const Index head_dim : {1, 2, 5}) {
      const Tensor<double> x =
          with_position_beside(word_embeddings({"a", "b", "a"}, content_dim(dim), 1), dim, true);
      const MultiHead m = multi_head_attention(x, x, head_job_weights(dim, 5, head_dim), 5, 1, no_mask(3, 3));
      EXPECT_EQ(m.output.shape(), (core::Shape{3, dim}));
      for (const double y : m.output.values()) EXPECT_TRUE(std::isfinite(y));
    }
  EXPECT_EQ(position_dim(3), 0);
  EXPECT_EQ(position_dim(7), 2);
  EXPECT_EQ(position_dim(32), 16);
  EXPECT_THROW(with_position_beside(Tensor<double>({3, 5}), 8, true), core::ShapeError);
}

}  // namespace
}  // namespace vitrine::sequence::head_jobs_test
