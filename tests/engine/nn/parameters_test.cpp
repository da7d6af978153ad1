#include "engine/nn/parameters.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/engine/nn/numbers.h"

namespace vitrine::nn {
namespace {

TEST(ParameterLayout, PacksOnCacheLinesAndCountsOnlyParameters) {
  ParameterLayout layout;
  EXPECT_EQ(layout.add({"a", {3, 5}, Initial::kZero}), 0);
  EXPECT_EQ(layout.add({"b", {2}, Initial::kOne}), 16);
  EXPECT_EQ(layout.count(), 17);
  EXPECT_EQ(layout.size(), 32);
}

TEST(Weights, StartFromTheSeedAlone) {
  ParameterLayout layout;
  layout.add({"w", {50, 40}, Initial::kNormal, 0.02});
  layout.add({"one", {3}, Initial::kOne});
  layout.add({"u", {100}, Initial::kUniform, 0.5});
  const auto weights = Weights<float>::initial(layout, 7);
  EXPECT_EQ(weights.values, Weights<float>::initial(layout, 7).values);
  EXPECT_NE(weights.values, Weights<float>::initial(layout, 8).values);
  double squares = 0;
  for (std::size_t i = 0; i < 2000; ++i) squares += weights.values[i] * weights.values[i];
  EXPECT_NEAR(std::sqrt(squares / 2000), 0.02, 0.001);
  EXPECT_EQ(weights.values[2000], 1);
  for (std::size_t i = 0; i < 100; ++i) EXPECT_LE(std::abs(weights.values[2016 + i]), 0.5f);
}

// What is written in the state dict's order comes back, whatever order the flat buffer has.
TEST(Parameter, HeadsInterleaveInsideOnly) {
  ParameterLayout layout;
  layout.add({"qkv", {12, 2}, Initial::kZero, 0, true, HeadOrder{0, 3, 2, 2}.of({12, 2})});
  layout.add({"proj", {2, 4}, Initial::kZero, 0, true, HeadOrder{1, 1, 2, 2}.of({2, 4})});
  std::vector<double> flat(static_cast<std::size_t>(layout.size()));
  for (const auto& info : layout.infos()) {
    const core::Tensor<double> value(info.shape, normal_numbers<double>(info.shape.count(), 1));
    set_parameter<double>(info, value, flat);
    EXPECT_EQ(parameter<double>(info, flat), value);
  }
  // Row (part 0, head 1, dim 0) of qkv, number 2, lies after (part 0, head 0, dim 0): as row 1.
  EXPECT_EQ(parameter<double>(layout.infos()[0], flat)(2, 0), flat[2]);
  EXPECT_EQ(parameter<double>(layout.infos()[1], flat)(0, 2),
            flat[static_cast<std::size_t>(layout.infos()[1].offset) + 1]);
  EXPECT_THROW(set_parameter<double>(layout.infos()[0], core::Tensor<double>({2, 12}), flat),
               core::ShapeError);
}

}  // namespace
}  // namespace vitrine::nn
