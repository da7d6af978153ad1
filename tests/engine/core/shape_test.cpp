#include "engine/core/shape.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/tensor.h"

namespace vitrine::core {
namespace {

TEST(Shape, CountsAndPrints) {
  const Shape shape{3, 4, 5};
  EXPECT_EQ(shape.count(), 60);
  EXPECT_EQ(to_string(shape), "[3, 4, 5]");
  EXPECT_EQ(Shape().count(), 1);
}

TEST(Shape, RefusesNegativeSizesAndProductsPast63Bits) {
  EXPECT_THROW(Shape({2, -1}), ShapeError);
  EXPECT_THROW(Shape({Index{1} << 32, Index{1} << 32}), ShapeError);
  EXPECT_THROW(checked_add(INT64_MAX, 1), ShapeError);
}

TEST(Shape, DivisionUpwards) {
  static_assert(divide_up(0, 3) == 0 && divide_up(1, 3) == 1 && divide_up(3, 3) == 1 && divide_up(4, 3) == 2);
  EXPECT_EQ(divide_up(INT64_MAX, 2), INT64_MAX / 2 + 1);
  EXPECT_EQ(round_up(13, 4), 16);
  EXPECT_EQ(round_up(16, 4), 16);
}

TEST(Tensor, IsRowMajorAndAligned) {
  const Tensor<double> t({2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(t(0, 2), 3);
  EXPECT_EQ(t(1, 0), 4);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(t.data()) % kAlignment_bytes, 0u);
  EXPECT_THROW(t.reshaped({4}), ShapeError);
}

TEST(Shape, RequirementsSayWhichShapesDoNotFit) {
  const auto message = [](const auto& require) {
    try {
      require();
    } catch (const ShapeError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(message([] { require_shape("mask", {2}, "scores", {2}); }), "");
  EXPECT_EQ(message([] {
              require_shape("mask", {1, 2}, "scores", {2, 2});
            }),
            "mask [1, 2] does not fit scores [2, 2]");
  EXPECT_EQ(message([] { require_fit(true, "key", {4, 2}, "query", {3, 2}); }), "");
  EXPECT_EQ(message([] {
              require_fit(false, "key", {4, 3}, "query", {3, 2});
            }),
            "key [4, 3] does not fit query [3, 2]");
  EXPECT_EQ(message([] { require_matrix("key", {4, 3}); }), "");
  EXPECT_EQ(message([] { require_matrix("key", {4}); }), "key [4] is not a matrix with rows and columns");
  EXPECT_EQ(message([] {
              require_matrix("key", {0, 3});
            }),
            "key [0, 3] is not a matrix with rows and columns");
}

TEST(Tensor, AsksForItsNumbersBeforeFillingThem) {
  const auto small = Tensor<float>::uninitialized({2, 3});
  EXPECT_EQ(small.shape(), Shape({2, 3}));
  EXPECT_EQ(small.values().size(), 6u);
  Tensor<float> large = Tensor<float>::uninitialized({3, 1 << 20});  // in large pages
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(large.data()) % kAlignment_bytes, 0u);
  large.fill(2);
  EXPECT_EQ(large, Tensor<float>({3, 1 << 20}, 2.0f));
  EXPECT_EQ(Tensor<float>({1 << 22})[(1 << 22) - 1], 0);
}

TEST(Tensor, EqualityIsOfBits) {
  const Tensor<double> nan({1}, {std::nan("")});
  EXPECT_EQ(nan, Tensor<double>(nan));
  EXPECT_FALSE(Tensor<double>({2}, {1, 2}) == Tensor<double>({1, 2}, {1, 2}));
}

}  // namespace
}  // namespace vitrine::core
