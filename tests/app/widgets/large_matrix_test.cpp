#include "app/widgets/large_matrix.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/app/recording_canvas.h"

namespace vitrine::widgets {
namespace {

// 4,096 x 4,096 with the numbers 0, 1, 2, ... on its diagonal, in a box of 512 x 512.
struct Diagonal {
  Diagonal() {
    for (core::Index i = 0; i < kLargestMatrix; ++i) values(i, i) = static_cast<float>(i);
    blocks = blocks_of(values);
    matrix.id = "diagonal";
    matrix.values = &values;
    matrix.blocks = &blocks;
    matrix.range = {-4096, 4096};
    matrix.box = {0, 0, 512, 512};
  }
  core::Tensor<float> values{core::Shape{kLargestMatrix, kLargestMatrix}};
  MatrixBlocks blocks;
  LargeMatrix matrix{};
};

TEST(LargeMatrix, IsItsStrongestCellsFromAfar) {
  const Diagonal d;
  EXPECT_EQ(d.blocks.side, 8);
  EXPECT_EQ(d.blocks.strongest.shape(), (core::Shape{512, 512}));
  EXPECT_EQ(d.blocks.strongest(511, 511), 4095);
  EXPECT_EQ(d.blocks.strongest(3, 4), 0);
  RecordingCanvas far(1, {0, 0, 800, 600});
  draw(far, d.matrix);
  EXPECT_EQ(far.heatmaps, (std::vector<const core::Tensor<float>*>{&d.blocks.strongest}));
  EXPECT_TRUE(far.texts.empty());
  RecordingCanvas nearer(40, {100, 100, 20, 15});  // 5 px a cell
  draw(nearer, d.matrix);
  EXPECT_EQ(nearer.heatmaps, (std::vector<const core::Tensor<float>*>{&d.values}));
  EXPECT_TRUE(nearer.texts.empty());
}

TEST(LargeMatrix, EnlargedShowsTheNumbersOfWhatIsVisibleOnly) {
  const Diagonal d;
  // 200 times: 25 px a cell; 2 x 1.5 units are 16 x 12 cells, from cell (1600, 1600) on.
  RecordingCanvas canvas(200, {200, 200, 2, 1.5f});
  draw(canvas, d.matrix, {{1605}, {1605}});
  EXPECT_TRUE(canvas.heatmaps.empty());
  EXPECT_EQ(canvas.texts.size(), 16u * 12u);
  EXPECT_EQ(std::ranges::count(canvas.texts, "0", &RecordingCanvas::Text::words), 16 * 12 - 12);
  EXPECT_LE(canvas.widest_px, 2.01f) << "lines stay thin however much the stage is enlarged";
}

TEST(LargeMatrix, WhatIsDrawnFollowsWhatIsVisible) {
  const Diagonal d;
  int most = 0;
  for (float zoom = 1; zoom <= 400; zoom *= 1.25f) {
    RecordingCanvas canvas(zoom, {150, 150, 800 / zoom, 600 / zoom});
    draw(canvas, d.matrix);
    most = std::max(most, canvas.shapes + static_cast<int>(canvas.texts.size()));
  }
  EXPECT_LT(most, 3 * 41 * 31 + 10) << "at 20 px a cell 800 x 600 pixels hold 40 x 30 cells";
}

TEST(LargeMatrix, ANotANumberIsSeenFromAfar) {
  core::Tensor<float> values(core::Shape{1024, 1024}, 3.0f);
  values(700, 5) = std::nanf("");
  const MatrixBlocks blocks = blocks_of(values);
  EXPECT_TRUE(std::isnan(blocks.strongest(350, 2)));
  EXPECT_EQ(blocks.strongest(350, 3), 3);
  EXPECT_TRUE(blocks_of(core::Tensor<float>(core::Shape{512, 7})).strongest.empty())
      << "small enough as it is";
}

TEST(LargeMatrix, VisibleCellsAreCutToTheMatrix) {
  const MatrixLayout m{10, 20, 5, {0, 0, 100, 50}};
  const CellSpan all = visible_cells(RecordingCanvas(1, {-10, -10, 500, 500}), m);
  EXPECT_EQ(all.count(), 200);
  const CellSpan some = visible_cells(RecordingCanvas(1, {12, 7, 11, 10}), m);
  EXPECT_EQ(some.row, 1);
  EXPECT_EQ(some.row_end, 4);
  EXPECT_EQ(some.column, 2);
  EXPECT_EQ(some.column_end, 5);
  EXPECT_EQ(visible_cells(RecordingCanvas(1, {200, 200, 50, 50}), m).count(), 0);
}

}  // namespace
}  // namespace vitrine::widgets
