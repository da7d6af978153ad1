#include "engine/signal/layer_stack.h"

#include <gtest/gtest.h>

#include "engine/signal/convolution.h"
#include "engine/signal/pooling.h"

namespace vitrine::signal {
namespace {

using core::Shape;
using core::ShapeError;

StackLayer conv(Index filters, Index rows, Index columns, const WindowSpec& window = {}, bool bias = true) {
  return {.filters = filters,
          .kernel_rows = rows,
          .kernel_columns = columns,
          .rows = rows == 1 ? WindowSpec{} : window,
          .columns = window,
          .bias = bias};
}
StackLayer pool(LayerKind kind, Index size, const WindowSpec& window) {
  return {.kind = kind, .kernel_rows = size, .kernel_columns = size, .rows = window, .columns = window};
}
StackLayer dense(Index units) { return {.kind = LayerKind::kDense, .filters = units}; }

StackFigures stack(const Shape& input, const std::vector<StackLayer>& layers) {
  return stack_figures(input, layers);
}

TEST(LayerStack, ThirtyTwoFiltersOnAColourPicture) {
  const StackFigures s = stack({3, 256, 256}, {conv(32, 5, 5, {.stride = 2})});
  ASSERT_EQ(s.layers.size(), 1u);
  const LayerFigures& f = s.layers[0];
  EXPECT_EQ(f.output, (Shape{32, 126, 126}));
  EXPECT_EQ(f.output.count(), 508'032);
  EXPECT_EQ(f.weights, 2'400);
  EXPECT_EQ(f.parameters, 2'432);
  EXPECT_EQ(f.macs, 38'102'400);
  EXPECT_EQ(f.dense_weights, 99'883'155'456);
  EXPECT_EQ(f.dense_bytes, 399'532'621'824);
  EXPECT_EQ(f.output_bytes, 4 * 508'032);
  EXPECT_EQ(f.bytes, 4 * (508'032 + 2'432));
  EXPECT_EQ(f.rows, (ReceptiveField{5, 2}));
  EXPECT_EQ(s.bytes, 4 * (3 * 256 * 256 + 508'032 + 2'432));
}

TEST(LayerStack, AgreesWithConvCounts) {
  const WindowSpec rows{2, 3, 1, 0}, columns{3, 1, 2, 4};
  const StackLayer layer{
      .filters = 6, .kernel_rows = 3, .kernel_columns = 4, .rows = rows, .columns = columns, .groups = 2};
  const LayerFigures f = stack({4, 20, 30}, {layer}).layers[0];
  const ConvCounts counts = conv_counts({4, 20, 30}, {6, 2, 3, 4}, true, {rows, columns, 2});
  EXPECT_EQ(f.output, counts.output);
  EXPECT_EQ(f.weights, counts.weights);
  EXPECT_EQ(f.parameters, counts.parameters);
  EXPECT_EQ(f.macs, counts.macs);
  EXPECT_EQ(f.dense_weights, counts.dense_weights);
}

TEST(LayerStack, SignalsHaveOneRow) {
  const StackFigures s = stack({1, 1, 200}, {conv(8, 1, 4, {.stride = 2})});
  EXPECT_EQ(s.layers[0].output, (Shape{8, 1, 99}));
  EXPECT_EQ(s.layers[0].parameters, 40);
  EXPECT_EQ(s.layers[0].rows, (ReceptiveField{1, 1}));
  EXPECT_EQ(s.layers[0].columns, (ReceptiveField{4, 2}));
}

// LeCun et al. 1998 with today's weights: 61,706 parameters.
TEST(LayerStack, LeNet) {
  const WindowSpec half{.stride = 2};
  const StackFigures s =
      stack({1, 32, 32}, {conv(6, 5, 5), pool(LayerKind::kAveragePool, 2, half), conv(16, 5, 5),
                          pool(LayerKind::kMaxPool, 2, half), dense(120), dense(84), dense(10)});
  ASSERT_EQ(s.layers.size(), 7u);
  EXPECT_EQ(s.layers[3].output, (Shape{16, 5, 5}));
  EXPECT_EQ(s.layers[3].parameters, 0);
  EXPECT_EQ(s.layers[3].macs, 0);
  EXPECT_EQ(s.layers[4].output, (Shape{120, 1, 1}));
  EXPECT_EQ(s.layers[4].parameters, 48'120);
  EXPECT_EQ(s.layers[4].dense_weights, 48'000);
  EXPECT_EQ(s.layers[3].rows, (ReceptiveField{16, 4}));
  EXPECT_EQ(s.layers[4].rows.size, 32);
  EXPECT_EQ(s.parameters, 61'706);
  EXPECT_FALSE(s.fault);
}

TEST(LayerStack, AFaultKeepsTheLayersBefore) {
  const WindowSpec half{.stride = 2};
  const StackFigures s =
      stack({1, 28, 28}, {conv(8, 5, 5, half), conv(8, 5, 5, half), conv(8, 5, 5, half), dense(10)});
  ASSERT_EQ(s.layers.size(), 2u);
  ASSERT_TRUE(s.fault);
  EXPECT_EQ(s.fault->layer, 2u);
  EXPECT_EQ(s.fault->kind, StackFault::Kind::kRows);
  EXPECT_EQ(s.fault->have, 4);
  EXPECT_EQ(s.fault->need, 5);
  EXPECT_EQ(s.parameters, 208 + 1'608);
}

StackFault fault(const Shape& input, const StackLayer& layer) {
  const StackFigures s = stack(input, {layer});
  EXPECT_TRUE(s.fault);
  return s.fault.value_or(StackFault{});
}

TEST(LayerStack, EachInequality) {
  using Kind = StackFault::Kind;
  const StackFault wide = fault({1, 9, 4}, conv(1, 3, 3, {.dilation = 2}));
  EXPECT_EQ(wide.kind, Kind::kColumns);
  EXPECT_EQ(wide.have, 4);
  EXPECT_EQ(wide.need, 5);
  StackLayer grouped = conv(6, 1, 1);
  grouped.groups = 4;
  EXPECT_EQ(fault({6, 5, 5}, grouped).kind, Kind::kChannelGroups);
  EXPECT_EQ(fault({8, 5, 5}, grouped).kind, Kind::kFilterGroups);
}

// Refused exactly where pooling itself refuses.
TEST(LayerStack, PoolingWindowsInThePaddingAreRefusedAsByPooling) {
  int refused = 0;
  for (Index input = 1; input <= 4; ++input)
    for (Index kernel = 1; kernel <= 3; ++kernel)
      for (Index stride = 1; stride <= 3; ++stride)
        for (Index dilation = 1; dilation <= 3; ++dilation)
          for (Index before = 0; before <= 4; ++before)
            for (Index after = 0; after <= 4; ++after) {
              const WindowSpec window{stride, dilation, before, after};
              StackLayer layer = pool(LayerKind::kMaxPool, 1, {});
              layer.kernel_columns = kernel;
              layer.columns = window;
              bool fits = true;
              try {
                max_pool(core::Tensor<double>({1, 1, input}), {1, kernel, {}, window});
              } catch (const ShapeError&) {
                fits = false;
                ++refused;
              }
              EXPECT_EQ(!stack({1, 1, input}, {layer}).fault, fits)
                  << input << " " << kernel << " " << stride << " " << dilation << " " << before << " "
                  << after;
            }
  EXPECT_GT(refused, 100);
}

TEST(LayerStack, NothingIsAllocatedAndWhatPassesTheRangeIsNoCount) {
  const StackFigures s = stack({3, 1'000'000, 1'000'000}, {conv(64, 3, 3), dense(10)});
  EXPECT_EQ(s.layers[0].output, (Shape{64, 999'998, 999'998}));
  EXPECT_EQ(s.layers[0].macs, Index{27} * 64 * 999'998 * 999'998);
  EXPECT_FALSE(s.layers[0].dense_weights);
  EXPECT_EQ(s.layers[0].weights, 27 * 64);
  EXPECT_EQ(s.layers[1].weights, Index{640} * 999'998 * 999'998);
  const StackFigures wide = stack({4'096, 1'000'000, 1'000'000}, {conv(4'096, 64, 64)});
  EXPECT_FALSE(wide.layers[0].macs);
  EXPECT_FALSE(wide.macs);
  EXPECT_EQ(wide.parameters, Index{4'096} * 4'096 * 64 * 64 + 4'096);
}

TEST(LayerStack, RefusesSizesThatAreNone) {
  EXPECT_THROW(stack({3, 4}, {}), ShapeError);
  EXPECT_THROW(stack({1, 0, 4}, {}), ShapeError);
  EXPECT_THROW(stack({1, 4, 4}, {dense(0)}), ShapeError);
  EXPECT_THROW(stack({1, 4, 4}, {conv(1, 3, 3, {.stride = 0})}), ShapeError);
  EXPECT_TRUE(stack({1, 4, 4}, {}).layers.empty());
}

}  // namespace
}  // namespace vitrine::signal
