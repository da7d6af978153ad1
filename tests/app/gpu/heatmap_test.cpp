// What a heatmap shows, read back from the GPU pixel by pixel.
#include "app/gpu/heatmap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <ostream>
#include <set>

#include "app/shell/surface.h"
#include "engine/io/assets.h"

namespace vitrine::gpu {

void PrintTo(const Rgba8& c, std::ostream* out) {
  *out << "rgba(" << int{c.r} << ", " << int{c.g} << ", " << int{c.b} << ", " << int{c.a} << ")";
}

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr Rgba8 kTransparent{0, 0, 0, 0};

struct Picture {
  int width_px = 0;
  std::vector<Rgba8> pixels;
  Rgba8 at(int x, int y) const { return pixels[static_cast<std::size_t>(y * width_px + x)]; }
  // The distinct colours of a part of it.
  auto colors(int x0, int y0, int x1, int y1) const {
    const auto order = [](Rgba8 a, Rgba8 b) {
      return std::tie(a.r, a.g, a.b, a.a) < std::tie(b.r, b.g, b.b, b.a);
    };
    std::set<Rgba8, decltype(order)> found(order);
    for (int y = y0; y < y1; ++y)
      for (int x = x0; x < x1; ++x) found.insert(at(x, y));
    return found;
  }
};

class Heatmap : public testing::Test {
 protected:
  Picture draw(const std::vector<float>& cells, int rows, int columns, const HeatmapStyle& style,
               int width_px, int height_px) {
    Texture2D texture;
    texture.upload(cells, rows, columns);
    Framebuffer target(width_px, height_px);
    renderer_.draw(texture, style, target);
    EXPECT_EQ(glGetError(), static_cast<GLenum>(GL_NO_ERROR));
    return {width_px, target.read_pixels()};
  }

  std::unique_ptr<shell::Surface> surface_ = shell::open_off_screen({16, 16}, 1);
  HeatmapRenderer renderer_{io::asset("shaders")};
};

TEST_F(Heatmap, ViridisHasTheColorsOfItsAuthorsAtItsKnots) {
  std::vector<float> cells(18);
  std::iota(cells.begin(), cells.end(), 0.0f);
  const Picture picture = draw(cells, 1, 18, {.range = {0, 17}}, 18 * 4, 4);
  EXPECT_EQ(picture.at(1, 1), (Rgba8{0x44, 0x01, 0x54}));
  EXPECT_EQ(picture.at(5 * 4 + 1, 1), (Rgba8{0x35, 0x5E, 0x8D}));
  EXPECT_EQ(picture.at(12 * 4 + 1, 1), (Rgba8{0x46, 0xC0, 0x6F}));
  EXPECT_EQ(picture.at(17 * 4 + 3, 3), (Rgba8{0xFD, 0xE7, 0x25}));
}

TEST_F(Heatmap, FirstRowIsAtTheTopAndCellsHaveSharpEdges) {
  const Picture picture = draw({0, 1, 1, 1, 1, 1}, 2, 3, {.colormap = Colormap::kGrey}, 30, 20);
  EXPECT_EQ(picture.colors(0, 0, 10, 10).size(), 1u);
  EXPECT_EQ(picture.at(9, 9), (Rgba8{0, 0, 0}));
  EXPECT_EQ(picture.at(10, 9), (Rgba8{255, 255, 255}));
  EXPECT_EQ(picture.at(9, 10), (Rgba8{255, 255, 255}));
}

TEST_F(Heatmap, DivergingIsNeutralAtZeroWhateverTheRange) {
  const HeatmapStyle style{.colormap = Colormap::kDiverging, .range = {-1, 4}};
  const Picture picture = draw({-4, -1, 0, 1, 4}, 1, 5, style, 5, 1);
  EXPECT_EQ(picture.at(2, 0), style.diverging.neutral);
  EXPECT_EQ(picture.at(0, 0), style.diverging.negative);
  EXPECT_EQ(picture.at(4, 0), style.diverging.positive);
  EXPECT_NE(picture.at(1, 0), picture.at(0, 0));  // symmetric: -1 is as pale as +1
  const auto distance = [&](Rgba8 c) { return std::abs(c.b - style.diverging.neutral.b); };
  EXPECT_NEAR(distance(picture.at(1, 0)), 0.25 * distance(picture.at(0, 0)), 1);
}

TEST_F(Heatmap, AgreesWithTheTableOnTheProcessor) {
  const std::vector<float> cells = {-1e30f, -3, -0.1f, 0, 0.77f, 2.5f, 1e30f};
  for (const Colormap map : {Colormap::kViridis, Colormap::kMagma, Colormap::kCividis, Colormap::kGrey}) {
    const HeatmapStyle style{.colormap = map, .range = {-3, 2.5f}};
    const Picture picture = draw(cells, 1, 7, style, 7, 1);
    const ColorTable table = color_table(map);
    for (int i = 0; i < 7; ++i)
      EXPECT_EQ(picture.at(i, 0), color_of(table, cells[static_cast<std::size_t>(i)], style.range));
  }
}

TEST_F(Heatmap, RangesThatOverflowOrAreEmptyStillHaveAPlace) {
  const float most = std::numeric_limits<float>::max();
  EXPECT_EQ(position(0, {-most, most}), 0.5f);
  EXPECT_EQ(position(most, {-most, most}), 1.0f);
  EXPECT_EQ(position(3, {3, 3}), 0.5f);
  const Picture picture =
      draw({-most, 0, most}, 1, 3, {.colormap = Colormap::kGrey, .range = {-most, most}}, 3, 1);
  EXPECT_EQ(picture.at(0, 0), (Rgba8{0, 0, 0}));
  EXPECT_EQ(picture.at(1, 0), (Rgba8{128, 128, 128}));
  EXPECT_EQ(picture.at(2, 0), (Rgba8{255, 255, 255}));
}

TEST_F(Heatmap, NanIsHatchedAndInfinityIsATriangleNeverAColourOfTheMap) {
  const HeatmapStyle style;
  const Picture picture = draw({kNan, kInfinity, -kInfinity, -kNan}, 1, 4, style, 160, 40);
  for (int cell = 0; cell < 4; ++cell) {
    const auto colours = picture.colors(cell * 40, 0, cell * 40 + 40, 40);
    EXPECT_EQ(colours.size(), 2u);
    EXPECT_TRUE(colours.contains(style.trouble) && colours.contains(style.background)) << cell;
  }
  for (int x = 0; x < 34; ++x)
    EXPECT_EQ(picture.at(x, 5), picture.at(x + 6, 5));  // stripes every six pixels,
  for (int x = 0; x < 39; ++x) EXPECT_EQ(picture.at(x + 1, 5), picture.at(x, 6));  // along the diagonal
  const auto tips = [&](int cell, int y) {  // pixels of trouble in a row of the cell
    int count = 0;
    for (int x = cell * 40; x < cell * 40 + 40; ++x) count += picture.at(x, y) == style.trouble;
    return count;
  };
  EXPECT_LT(tips(1, 10), tips(1, 30));  // plus infinity points up
  EXPECT_GT(tips(2, 10), tips(2, 30));  // minus infinity points down
}

TEST_F(Heatmap, ManyCellsToAPixelShowTheirMeanAndHideNoTrouble) {
  std::vector<float> cells(64 * 64, 0.0f);
  for (std::size_t i = 0; i < cells.size(); ++i)
    cells[i] = static_cast<float>(i % 2);  // black, white, black, ...
  cells[64 * 37 + 21] = kNan;
  const HeatmapStyle style{.colormap = Colormap::kGrey};
  const Picture picture = draw(cells, 64, 64, style, 16, 16);
  EXPECT_EQ(picture.at(0, 0), (Rgba8{128, 128, 128}));
  EXPECT_EQ(picture.at(15, 15), (Rgba8{128, 128, 128}));
  const Rgba8 marked = picture.at(21 / 4, 37 / 4);
  EXPECT_TRUE(marked == style.trouble || marked == style.background);
}

TEST_F(Heatmap, SmoothPassesThroughTheCellsAndNeverBlendsTrouble) {
  const HeatmapStyle style{.colormap = Colormap::kGrey, .smooth = true};
  const Picture ramp = draw({0, 1}, 1, 2, style, 40, 1);
  EXPECT_EQ(ramp.at(0, 0), (Rgba8{0, 0, 0}));
  EXPECT_NEAR(ramp.at(20, 0).r, 131, 4);
  EXPECT_EQ(ramp.at(39, 0), (Rgba8{255, 255, 255}));
  const Picture beside = draw({0.25f, kNan}, 1, 2, style, 40, 1);
  EXPECT_EQ(beside.colors(0, 0, 20, 1).size(), 1u);
  EXPECT_EQ(beside.at(19, 0), color_of(color_table(Colormap::kGrey), 0.25f, style.range));
}

TEST_F(Heatmap, VisiblePartIsCutOutAndOutsideIsTransparent) {
  const Picture picture =
      draw({0, 1, 2, 3}, 2, 2,
           {.colormap = Colormap::kGrey, .range = {0, 3}, .visible = CellRect{1, 1, 2, 2}}, 20, 20);
  EXPECT_EQ(picture.at(9, 9), (Rgba8{255, 255, 255}));
  EXPECT_EQ(picture.at(10, 5), kTransparent);
  EXPECT_EQ(picture.at(5, 10), kTransparent);
}

TEST_F(Heatmap, PicturesShowTheirThreePlanes) {
  const std::vector<float> planes = {1, 0,          /*green*/ 0.5f,
                                     0, /*blue*/ 0, kNan};  // (channel, 1 row, 2 columns)
  Texture2D texture;
  texture.upload(planes, 3, 2);
  Framebuffer target(24, 12);
  const HeatmapStyle style;
  renderer_.draw_image(texture, style, target);
  const Picture picture{24, target.read_pixels()};
  EXPECT_EQ(picture.at(3, 6), (Rgba8{255, 128, 0}));
  EXPECT_TRUE(picture.colors(12, 0, 24, 12).contains(style.trouble));
  texture.upload(planes, 2, 3);
  EXPECT_THROW(renderer_.draw_image(texture, style, target), std::invalid_argument);
}

TEST_F(Heatmap, NothingToDrawOrNothingToDrawOnIsNoError) {
  Framebuffer none(0, 0), one(1, 1);
  Texture2D empty, cell;
  cell.upload(std::vector<float>{1.0f}, 1, 1);
  renderer_.draw(cell, {}, none);
  EXPECT_TRUE(none.read_pixels().empty());
  renderer_.draw(empty, {}, one);
  EXPECT_EQ(one.read_pixels(), std::vector<Rgba8>{kTransparent});
  EXPECT_EQ(glGetError(), static_cast<GLenum>(GL_NO_ERROR));
}

TEST_F(Heatmap, LeavesTheStateOfWhoeverIsDrawing) {
  Framebuffer target(8, 8), other(4, 4);
  Texture2D cell;
  cell.upload(std::vector<float>{1.0f}, 1, 1);
  other.bind();
  glEnable(GL_BLEND);
  glEnable(GL_SCISSOR_TEST);
  glScissor(0, 0, 1, 1);
  GLint before = 0, after = 0, viewport[4] = {};
  glGetIntegerv(GL_DRAW_FRAMEBUFFER_BINDING, &before);
  renderer_.draw(cell, {}, target);
  glGetIntegerv(GL_DRAW_FRAMEBUFFER_BINDING, &after);
  glGetIntegerv(GL_VIEWPORT, viewport);
  EXPECT_EQ(before, after);
  EXPECT_EQ(viewport[2], 4);
  EXPECT_TRUE(glIsEnabled(GL_BLEND) && glIsEnabled(GL_SCISSOR_TEST));
  EXPECT_EQ(target.read_pixels().back(), (Rgba8{0xFD, 0xE7, 0x25}));  // and the scissor did not cut it
}

TEST_F(Heatmap, WrongSizesAreRefusedWithTheirNumbers) {
  Texture2D texture;
  try {
    texture.upload(std::vector<float>(5), 2, 3);
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "a texture of 2 rows x 3 columns does not hold 5 values");
  }
  EXPECT_THROW(texture.upload(std::vector<float>(1 << 20), 1, 1 << 20), GlError);
  EXPECT_THROW(Framebuffer(-1, 4), std::invalid_argument);
  EXPECT_THROW(Framebuffer(1 << 20, 1), GlError);
}

TEST(ColorTable, KnotsAndMiddleAreEntries) {
  const DivergingColors theme{{1, 2, 3}, {250, 250, 250}, {9, 8, 7}};
  const ColorTable table = color_table(Colormap::kDiverging, theme);
  EXPECT_EQ(table.front(), theme.negative);
  EXPECT_EQ(table[255], theme.neutral);
  EXPECT_EQ(table.back(), theme.positive);
  EXPECT_EQ(color_table(Colormap::kMagma)[30 * 16], (Rgba8{0xFD, 0xE2, 0xA3}));
  EXPECT_EQ(color_table(Colormap::kCividis)[30 * 8], (Rgba8{0x76, 0x76, 0x76}));
}

}  // namespace
}  // namespace vitrine::gpu
