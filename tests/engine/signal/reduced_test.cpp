#include "engine/signal/reduced.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace vitrine::signal {
namespace {

using core::Shape;
using core::Tensor;

Tensor<float> reduced_by(int threads, const Tensor<float>& planes, Index most) {
  core::Workers workers(threads);
  return reduced(planes, most, workers);
}

TEST(Reduced, MeansOfBlocksAndOfWhatIsLeftAtTheEdges) {
  const Tensor<float> plane(Shape{1, 3, 5}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15});
  EXPECT_EQ(reduced_by(1, plane, 3), Tensor<float>(Shape({1, 2, 3}), {4, 6, 7.5f, 11.5f, 13.5f, 15}));
  EXPECT_EQ(reduced_by(1, plane, 1), Tensor<float>(Shape({1, 1, 1}), {8}));
  EXPECT_EQ(reduced_by(1, plane, 5), plane);
}

TEST(Reduced, KeepsPlanesApartAndCarriesNaN) {
  Tensor<float> planes(Shape{2, 2, 2}, 1);
  planes(1, 0, 1) = std::numeric_limits<float>::quiet_NaN();
  const Tensor<float> out = reduced_by(1, planes, 1);
  EXPECT_EQ(out[0], 1);
  EXPECT_TRUE(std::isnan(out[1]));
}

TEST(Reduced, AnyNumberOfThreadsGivesTheSameBits) {
  Tensor<float> planes({3, 300, 401});
  for (Index i = 0; i < planes.count(); ++i) planes[i] = std::sin(0.7f * static_cast<float>(i));
  const Tensor<float> out = reduced_by(1, planes, 100);
  EXPECT_EQ(out.shape(), Shape({3, 60, 81}));
  EXPECT_EQ(reduced_by(3, planes, 100), out);
}

TEST(Reduced, RefusesWhatItCannotBe) {
  EXPECT_THROW(reduced_by(1, Tensor<float>(Shape{2, 2}), 1), core::ShapeError);
  EXPECT_THROW(reduced_by(1, Tensor<float>(Shape{1, 2, 2}), 0), std::invalid_argument);
}

}  // namespace
}  // namespace vitrine::signal
