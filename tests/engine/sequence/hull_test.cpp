#include "engine/sequence/hull.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/core/rng.h"

namespace vitrine::sequence {
namespace {

using testing::ElementsAre;

using Points = std::vector<PlanePoint>;

TEST(Hull, CornersCounterClockwiseFromTheLeftmost) {
  const Points square{{1, 1}, {0, 0}, {0, 1}, {0.5, 0.5}, {1, 0}, {0.5, 0}, {1, 1}};
  EXPECT_THAT(convex_hull(square),
              ElementsAre(PlanePoint{0, 0}, PlanePoint{1, 0}, PlanePoint{1, 1}, PlanePoint{0, 1}));
  const Points by_hand{{5, 4}, {3, 5}, {1, 2}};
  EXPECT_THAT(convex_hull(by_hand), ElementsAre(PlanePoint{1, 2}, PlanePoint{5, 4}, PlanePoint{3, 5}));
}

TEST(Hull, FewOrEqualPoints) {
  EXPECT_TRUE(convex_hull(Points{}).empty());
  EXPECT_THAT(convex_hull(Points{{2, 3}, {2, 3}}), ElementsAre(PlanePoint{2, 3}));
  EXPECT_THAT(convex_hull(Points{{2, 2}, {0, 0}, {1, 1}, {3, 3}}),
              ElementsAre(PlanePoint{0, 0}, PlanePoint{3, 3}));
  EXPECT_THAT(convex_hull(Points{{1, 5}, {1, 2}, {1, 3}}), ElementsAre(PlanePoint{1, 2}, PlanePoint{1, 5}));
  const double nan = std::nan("");
  EXPECT_THAT(convex_hull(Points{{nan, 0}, {4, 5}}), ElementsAre(PlanePoint{4, 5}));
}

TEST(Hull, DistanceOutside) {
  const Points hull = convex_hull(Points{{0, 0}, {4, 0}, {4, 3}, {0, 3}});
  EXPECT_EQ(distance_outside(hull, {2, 1}), 0);
  EXPECT_EQ(distance_outside(hull, {4, 3}), 0);
  EXPECT_EQ(distance_outside(hull, {2, -2}), 2);
  EXPECT_EQ(distance_outside(hull, {7, 7}), 5);
  EXPECT_EQ(distance_outside(convex_hull(Points{{0, 0}, {2, 0}}), {1, 0}), 0);
  EXPECT_EQ(distance_outside(convex_hull(Points{{0, 0}, {2, 0}}), {3, 0}), 1);
  EXPECT_EQ(distance_outside(convex_hull(Points{{1, 1}}), {1, 3}), 2);
  EXPECT_EQ(distance_outside(Points{}, {0, 0}), std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(distance_outside(hull, {std::nan(""), 0})));
}

TEST(Hull, EveryMixOfPointsIsInside) {
  const core::Rng rng(7, core::RngStream::kLab);
  std::uint64_t drawn = 0;
  const auto draw = [&] { return rng.uniform(0, drawn++); };
  for (int round = 0; round < 200; ++round) {
    Points points(2 + static_cast<std::size_t>(draw() * 7));
    for (PlanePoint& p : points) p = {draw() * 10 - 5, draw() * 10 - 5};
    const Points hull = convex_hull(points);
    PlanePoint mix;
    double sum = 0;
    for (const PlanePoint p : points) {
      const double weight = draw();
      mix.x += weight * p.x;
      mix.y += weight * p.y;
      sum += weight;
    }
    EXPECT_LT(distance_outside(hull, {mix.x / sum, mix.y / sum}), 1e-12);
    EXPECT_GT(distance_outside(hull, {mix.x / sum + 20, mix.y / sum}), 1);
    for (const PlanePoint p : points) EXPECT_LT(distance_outside(hull, p), 1e-12);
  }
}

}  // namespace
}  // namespace vitrine::sequence
