#include "engine/signal/window.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace vitrine::signal {
namespace {

using testing::ElementsAre;

std::string error_of(Index input, Index kernel, const WindowSpec& spec,
                     Boundary boundary = Boundary::kZeros) {
  try {
    WindowAxis(input, kernel, spec, boundary);
  } catch (const core::ShapeError& error) {
    return error.what();
  }
  return "";
}

WindowSpec padded(Index before, Index after) { return {.padding_before = before, .padding_after = after}; }

TEST(Window, OutputSizes) {
  EXPECT_EQ(output_size(9, 3, {}), 7);
  EXPECT_EQ(output_size(9, 3, {.stride = 2, .padding_before = 1, .padding_after = 1}), 5);
  EXPECT_EQ(output_size(9, 3, padded(2, 2)), 11);
  EXPECT_EQ(output_size(21, 4, {.stride = 4}), 5);
  EXPECT_EQ(output_size(12, 5, {.stride = 4}), 2);
  EXPECT_EQ(output_size(256, 5, {.stride = 2}), 126);
  EXPECT_EQ(output_size(200, 4, {.stride = 2}), 99);
  EXPECT_EQ(output_size(7, 3, {.stride = 2, .padding_before = 1, .padding_after = 1}), 4);
  EXPECT_EQ(output_size(7, 3, {.dilation = 3}), 1);
  EXPECT_EQ(output_size(1'000'000, 1, {}), 1'000'000);
  for (Index dilation = 1; dilation <= 3; ++dilation) EXPECT_EQ(kernel_extent(3, dilation), 2 * dilation + 1);
}

TEST(Window, PaddingsHaveNames) {
  const WindowSpec dilated{.stride = 2, .dilation = 3, .padding_before = 7};
  const auto named = [&](NamedPadding name, Index kernel) { return padded_by_name(name, kernel, dilated); };
  EXPECT_EQ(named(NamedPadding::kValid, 4), (WindowSpec{2, 3, 0, 0}));
  EXPECT_EQ(named(NamedPadding::kSame, 4), (WindowSpec{2, 3, 4, 5}));
  EXPECT_EQ(named(NamedPadding::kFull, 4), (WindowSpec{2, 3, 9, 9}));
  EXPECT_EQ(padding_name(4, {2, 3, 4, 5}), NamedPadding::kSame);
  EXPECT_EQ(padding_name(4, {2, 3, 5, 4}), std::nullopt);
  EXPECT_EQ(padding_name(1, {}), NamedPadding::kValid);
  for (Index kernel = 1; kernel <= 5; ++kernel)
    EXPECT_EQ(output_size(9, kernel, padded_by_name(NamedPadding::kSame, kernel, {.dilation = 2})), 9);
}

TEST(Window, RefusalsNameTheValues) {
  EXPECT_EQ(error_of(3, 5, {}), "kernel 5 does not fit input 3 with padding 0");
  EXPECT_EQ(error_of(3, 6, padded(0, 2)), "kernel 6 does not fit input 3 with padding 0 and 2");
  EXPECT_EQ(error_of(3, 3, {.dilation = 4, .padding_before = 1, .padding_after = 1}),
            "kernel 3 with dilation 4 does not fit input 3 with padding 1");
  EXPECT_EQ(error_of(0, 1, {}), "input 0 is smaller than 1");
  EXPECT_EQ(error_of(3, 0, {}), "kernel 0 is smaller than 1");
  EXPECT_EQ(error_of(3, 1, {.stride = 0}), "stride 0 is smaller than 1");
  EXPECT_EQ(error_of(3, 1, {.dilation = -2}), "dilation -2 is smaller than 1");
  EXPECT_EQ(error_of(3, 1, padded(0, -1)), "padding -1 is smaller than 0");
  EXPECT_EQ(error_of(3, 1, padded(3, 0), Boundary::kReflect),
            "reflect padding 3 and 0 is not smaller than input 3");
  EXPECT_EQ(error_of(3, 1, padded(0, 4), Boundary::kCircular),
            "circular padding 0 and 4 is larger than input 3");
  EXPECT_EQ(error_of(3, 1, padded(50, 50), Boundary::kReplicate), "");
  constexpr Index kMost = std::numeric_limits<Index>::max();
  EXPECT_EQ(error_of(3, 3, {.dilation = kMost}), "kernel 3 with dilation 9223372036854775807 passes 2^63");
  EXPECT_EQ(error_of(3, 3, padded(kMost, 0)), "input 3 with padding 9223372036854775807 and 0 passes 2^63");
  EXPECT_EQ(error_of(3, 3, {.stride = kMost}), "");
}

std::vector<Index> sources(Boundary boundary) {
  const WindowAxis axis(4, 1, padded(3, 3), boundary);
  std::vector<Index> found;
  for (Index output = 0; output < axis.outputs(); ++output) found.push_back(axis.source(output, 0));
  return found;
}

TEST(Window, BoundariesContinueTheInput) {
  EXPECT_THAT(sources(Boundary::kZeros), ElementsAre(-1, -1, -1, 0, 1, 2, 3, -1, -1, -1));
  EXPECT_THAT(sources(Boundary::kReflect), ElementsAre(3, 2, 1, 0, 1, 2, 3, 2, 1, 0));
  EXPECT_THAT(sources(Boundary::kReplicate), ElementsAre(0, 0, 0, 0, 1, 2, 3, 3, 3, 3));
  EXPECT_THAT(sources(Boundary::kCircular), ElementsAre(1, 2, 3, 0, 1, 2, 3, 0, 1, 2));
}

TEST(Window, InsideIsExactlyWhereNoTapIsInThePadding) {
  for (Index input = 1; input <= 5; ++input)
    for (Index kernel = 1; kernel <= 3; ++kernel)
      for (Index stride = 1; stride <= 4; ++stride)
        for (Index dilation = 1; dilation <= 3; ++dilation)
          for (Index before = 0; before <= 7; ++before) {
            const WindowSpec spec{stride, dilation, before, 7 - before};
            const WindowAxis axis(input, kernel, spec);
            for (Index tap = 0; tap < kernel; ++tap) {
              const auto [first, last] = axis.inside(tap);
              for (Index output = 0; output < axis.outputs(); ++output)
                ASSERT_EQ(output >= first && output < last, axis.source(output, tap) != WindowAxis::kNone);
            }
            for (Index output = 0; output < axis.outputs(); ++output) {
              const auto [first, last] = axis.taps_inside(output);
              for (Index tap = 0; tap < kernel; ++tap)
                ASSERT_EQ(tap >= first && tap < last, axis.source(output, tap) != WindowAxis::kNone);
            }
          }
}

TEST(Window, CountsTouchedCells) {
  EXPECT_EQ(WindowAxis(21, 4, {.stride = 4}).touched(), 20);  // the last row is never read
  EXPECT_EQ(WindowAxis(12, 5, {.stride = 4}).touched(), 9);   // the last three columns are never read
  EXPECT_EQ(WindowAxis(9, 2, {.stride = 3}).touched(), 6);
  EXPECT_EQ(WindowAxis(2, 3, padded(1, 1)).touched(), 2);
}

TEST(Window, TapsOfOneOutput) {
  const WindowAxis rows(2, 2, padded(1, 0), Boundary::kZeros), columns(3, 2, {.dilation = 2});
  const Tap expected[] = {{0, 0, -1, 0, -1, -1, false},
                          {0, 1, -1, 2, -1, -1, false},
                          {1, 0, 0, 0, 0, 0, true},
                          {1, 1, 0, 2, 0, 2, true}};
  EXPECT_THAT(taps(rows, columns, 0, 0), testing::ElementsAreArray(expected));
  EXPECT_THROW(taps(rows, columns, 2, 0), core::ShapeError);
  EXPECT_THROW(taps(rows, columns, 0, -1), core::ShapeError);
  const WindowAxis around(3, 1, padded(1, 1), Boundary::kCircular);
  EXPECT_THAT(taps(around, around, 0, 4), ElementsAre(Tap{0, 0, -1, 3, 2, 0, false}));
}

}  // namespace
}  // namespace vitrine::signal
