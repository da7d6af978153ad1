#include "app/widgets/tiles.h"

#include <gtest/gtest.h>

#include "tests/app/recording_canvas.h"

namespace vitrine::widgets {
namespace {

// 2 x 3 maps of 4 x 2 cells.
struct Six {
  core::Tensor<float> values{core::Shape{8, 6}};
  Tiles tiles{.id = "maps",
              .values = &values,
              .source = nullptr,
              .rows = 4,
              .columns = 2,
              .range = {},
              .box = {10, 20, 126, 500}};
};

TEST(Tiles, AreAsLargeAsFitAndTheirCellsSquare) {
  Six six;
  const TilesLayout l = layout(six.tiles);
  EXPECT_EQ(l.down, 2);
  EXPECT_EQ(l.across, 3);
  EXPECT_EQ(l.cell, 21);
  EXPECT_EQ(l.tile(1, 2).x, 10 + 2 * 42);
  EXPECT_EQ(l.tile(5).y, 20 + 84);
  EXPECT_EQ(l.tile(5).right(), l.all.right());
  EXPECT_EQ(l.cell_in(l.tile(5), {3, 1}).bottom(), l.all.bottom());
  six.tiles.box.h = 80;  // now the height decides: 40 px a tile
  EXPECT_EQ(layout(six.tiles).cell, 10);
  six.tiles.largest_tile = 16;
  EXPECT_EQ(layout(six.tiles).cell, 8);
}

TEST(Tiles, OnePictureAnswersWithTheTileAndItsCell) {
  const Six six;
  RecordingCanvas canvas;
  canvas.hands["maps"] = {.hovered = true, .clicked = true, .at = {10 + 42 + 25, 20 + 84 + 3 * 21 + 1}};
  const TilesTouch touch = draw(canvas, six.tiles);
  EXPECT_EQ(canvas.heatmaps.size(), 1u);
  EXPECT_EQ(touch.tile, (Cell{1, 1}));
  EXPECT_EQ(touch.cell, (Cell{3, 1}));
  EXPECT_TRUE(touch.clicked);
  canvas.hands.clear();
  EXPECT_FALSE(draw(canvas, six.tiles).tile);
}

TEST(Tiles, BehindTheLastThereIsNone) {
  Six six;
  six.tiles.count = 4;
  RecordingCanvas canvas;
  canvas.hands["maps"] = {.hovered = true, .clicked = true, .at = {10 + 42 + 5, 20 + 84 + 5}};
  EXPECT_FALSE(draw(canvas, six.tiles).tile);
  canvas.hands["maps"].at.x = 15;
  EXPECT_EQ(draw(canvas, six.tiles).tile, (Cell{1, 0}));
}

}  // namespace
}  // namespace vitrine::widgets
