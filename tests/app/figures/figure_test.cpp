// Figures: drawings as SVG, PDF and pixels.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

#include "app/figures/drawing_canvas.h"
#include "app/figures/figure.h"
#include "app/figures/painter.h"
#include "app/figures/svg.h"
#include "app/labs/labs.h"
#include "engine/io/files.h"
#include "engine/io/image.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::figures {
namespace {

using testing::HasSubstr;
using testing::Not;
using widgets::Face;
using widgets::Role;

const Typefaces& typefaces() {
  static const Typefaces all;
  return all;
}

// What `draw` puts on a canvas of this size.
template <class Draw>
Drawing drawn(float width, float height, const Draw& draw) {
  Drawing drawing{width, height, widgets::dark_theme()[Role::kStage], "a <title>", {}};
  const widgets::Words english;
  DrawingCanvas canvas(drawing, {0, 0, width, height}, widgets::dark_theme(), typefaces(), english);
  draw(canvas);
  return drawing;
}

Color pixel(const Pixels& pixels, int x, int y) {
  const std::uint32_t argb = pixels.argb[static_cast<std::size_t>(y * pixels.width + x)];
  return {static_cast<std::uint8_t>(argb >> 16), static_cast<std::uint8_t>(argb >> 8),
          static_cast<std::uint8_t>(argb), static_cast<std::uint8_t>(argb >> 24)};
}

// How many pixels two pictures differ in by more than a shade of the smoothing of edges.
double share_that_differs(const core::Tensor<float>& a, const core::Tensor<float>& b) {
  EXPECT_EQ(a.shape(), b.shape());
  core::Index different = 0;
  for (core::Index i = 0; i < a.count(); ++i) different += std::fabs(a[i] - b[i]) > 0.25f;
  return static_cast<double>(different) / static_cast<double>(a.count());
}

bool has_program(const std::string& name) {
  return std::system(("command -v " + name + " > /dev/null 2>&1").c_str()) == 0;
}

TEST(Typefaces, DigitsAreEquallyWideAndWordsAddUp) {
  const Typefaces& all = typefaces();
  EXPECT_FLOAT_EQ(all.width("1111", Face::kWords, 15), all.width("8888", Face::kWords, 15));
  EXPECT_GT(all.width("Wide", Face::kWords, 15), all.width("Will", Face::kWords, 15));
  EXPECT_FLOAT_EQ(all.width("ab", Face::kStrong, 30),
                  2 * (all.width("a", Face::kStrong, 15) + all.width("b", Face::kStrong, 15)));
  const std::string words = "K ⊙ y";
  const auto line = all.lay_out(words, Face::kNumbers, 13);
  std::size_t bytes = 0;
  for (const auto& run : line.runs)
    for (const auto& glyph : run.glyphs) {
      EXPECT_NE(glyph.index, 0u) << "a character is missing";
      bytes += static_cast<std::size_t>(glyph.bytes);
    }
  EXPECT_EQ(bytes, words.size());
}

TEST(Typefaces, WithoutFontsSayWhichPackagesHoldThem) {
  const io::TemporaryFolder empty;
  try {
    const Typefaces none({empty.path()});
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("fonts-inter"));
  }
}

TEST(Painter, PutsShapesWhereTheyAre) {
  const Color red{255, 0, 0, 255}, half{0, 255, 0, 128};
  const Drawing drawing = drawn(40, 20, [&](widgets::Canvas& c) {
    c.fill({10, 5, 10, 10}, red);
    c.fill({30, 0, 10, 20}, half);
    c.push_clip({0, 0, 5, 5});
    c.fill({0, 0, 40, 20}, Color{0, 0, 255, 255});
    c.pop_clip();
  });
  const Pixels pixels = painted(drawing, typefaces(), 2);
  EXPECT_EQ(pixels.width, 80);
  EXPECT_EQ(pixels.height, 40);
  EXPECT_EQ(pixel(pixels, 20, 10), red);
  EXPECT_EQ(pixel(pixels, 39, 29), red);
  EXPECT_EQ(pixel(pixels, 40, 29), widgets::dark_theme()[Role::kStage]);
  EXPECT_EQ(pixel(pixels, 9, 9), (Color{0, 0, 255, 255}));
  EXPECT_EQ(pixel(pixels, 11, 9), widgets::dark_theme()[Role::kStage]);
  EXPECT_NEAR(pixel(pixels, 70, 20).g, (255 + widgets::dark_theme()[Role::kStage].g) / 2, 2);
}

TEST(Painter, WithoutGroundIsTransparent) {
  Drawing drawing = drawn(10, 10, [](widgets::Canvas& c) { c.fill({0, 0, 5, 10}, Color{9, 8, 7, 255}); });
  drawing.ground.reset();
  const io::TemporaryFolder folder;
  const Pixels pixels = painted(drawing, typefaces(), 1);
  EXPECT_EQ(pixel(pixels, 2, 2), (Color{9, 8, 7, 255}));
  EXPECT_EQ(pixel(pixels, 8, 2).a, 0);
}

TEST(Painter, StraightColoursAreThoseOfOpaquePixels) {
  Drawing drawing = drawn(4, 4, [](widgets::Canvas& c) {
    c.fill({0, 0, 2, 4}, Color{200, 100, 0, 128});
    c.fill({2, 0, 1, 4}, Color{9, 8, 7, 255});
  });
  drawing.ground.reset();
  const Pixels pixels = straight(painted(drawing, typefaces(), 1));
  EXPECT_NEAR(pixel(pixels, 0, 0).r, 200, 2);
  EXPECT_NEAR(pixel(pixels, 0, 0).g, 100, 2);
  EXPECT_EQ(pixel(pixels, 0, 0).b, 0);
  EXPECT_EQ(pixel(pixels, 0, 0).a, 128);
  EXPECT_EQ(pixel(pixels, 2, 0), (Color{9, 8, 7, 255}));
  EXPECT_EQ(pixel(pixels, 3, 0).a, 0);
}

TEST(Painter, ASizeThatCannotBeIsRefused) {
  const Drawing drawing = drawn(1000, 10, [](widgets::Canvas&) {}),
                large = drawn(4000, 4000, [](widgets::Canvas&) {});
  EXPECT_THROW(painted(large, typefaces(), 4), std::invalid_argument);
  EXPECT_THROW(painted(drawing, typefaces(), 17), std::invalid_argument);
  EXPECT_THROW(painted(drawing, typefaces(), 0.0001), std::invalid_argument);
}

TEST(Painter, PngReadsBackAsThePixels) {
  const Drawing drawing = drawn(30, 20, [](widgets::Canvas& c) {
    c.fill({3, 4, 5, 6}, Color{255, 128, 0, 255});
  });
  const io::Image image = io::decode_image(png(painted(drawing, typefaces(), 1)));
  EXPECT_EQ(image.pixels.shape(), (core::Shape{3, 20, 30}));
  EXPECT_FLOAT_EQ(image.pixels(0, 5, 4), 1);
  EXPECT_FLOAT_EQ(image.pixels(1, 5, 4), 128 / 255.0f);
  EXPECT_FLOAT_EQ(image.pixels(2, 5, 4), 0);
}

TEST(DrawingCanvas, CellsHaveTheHeatmapsColoursAndTroubleItsMarks) {
  auto values = std::make_shared<core::Tensor<float>>(core::Shape{2, 2}, 0.0f);
  (*values)[1] = 1;
  (*values)[2] = std::nanf("");
  (*values)[3] = std::numeric_limits<float>::infinity();
  const Drawing drawing = drawn(100, 100, [&](widgets::Canvas& c) {
    c.heatmap({"map", {0, 0, 100, 100}, values.get(), gpu::Colormap::kGrey, {0, 1}, values});
  });
  const Pixels pixels = painted(drawing, typefaces(), 1);
  const Color trouble = widgets::dark_theme()[Role::kTrouble];
  EXPECT_EQ(pixel(pixels, 25, 25), (Color{0, 0, 0, 255}));
  EXPECT_EQ(pixel(pixels, 75, 25), (Color{255, 255, 255, 255}));
  EXPECT_EQ(pixel(pixels, 75, 75), trouble) << "a triangle";
  EXPECT_EQ(pixel(pixels, 52, 52), widgets::dark_theme()[Role::kStage]) << "beside the triangle";
  int hatched = 0;
  for (int i = 0; i < 50; ++i) hatched += pixel(pixels, i, 75) == trouble;
  EXPECT_GT(hatched, 5);
  EXPECT_LT(hatched, 45);
}

TEST(Svg, HoldsWordsAsTextAndEscapesThem) {
  const Drawing drawing = drawn(200, 100, [](widgets::Canvas& c) {
    c.text({100, 50}, "a < b & \"c\" \xff", {.size = 15, .align = widgets::Align::kCenter});
    c.polyline(std::array<Point, 3>{{{0, 0}, {10, 10}, {20, 0.5f}}}, Role::kInput, 2);
  });
  const std::string text = svg(drawing);
  EXPECT_THAT(text, HasSubstr("a &lt; b &amp; &quot;c&quot; \xEF\xBF\xBD</text>"));
  EXPECT_THAT(text, HasSubstr("<title>a &lt;title&gt;</title>"));
  EXPECT_THAT(text, HasSubstr("points=\"0,0 10,10 20,0.5\""));
  EXPECT_THAT(text, HasSubstr("font-family=\"Inter"));
  EXPECT_THAT(text, testing::StartsWith("<?xml"));
  EXPECT_THAT(text, testing::EndsWith("</g>\n</svg>\n"));
}

TEST(Svg, SmallHeatmapsAreRectanglesAndLargeOnesAPicture) {
  const auto map = [](core::Index side) {
    auto values = std::make_shared<core::Tensor<float>>(core::Shape{side, side}, 0.5f);
    return svg(drawn(100, 100, [&](widgets::Canvas& c) {
      c.heatmap({"map", {0, 0, 100, 100}, values.get(), gpu::Colormap::kViridis, {0, 1}, values});
    }));
  };
  EXPECT_THAT(map(8), Not(HasSubstr("<image")));
  EXPECT_THAT(map(100), HasSubstr("data:image/png;base64,iVBOR"));
}

TEST(Pdf, HasAPageAndItsFonts) {
  const Drawing drawing = drawn(200, 100, [](widgets::Canvas& c) { c.text({20, 50}, "words", {}); });
  const std::string bytes = pdf(drawing, typefaces());
  EXPECT_THAT(bytes, testing::StartsWith("%PDF-1."));
  EXPECT_THAT(bytes, HasSubstr("/Font"));
  EXPECT_THAT(bytes, HasSubstr("%%EOF"));
}

// Another program's reading of the same figure is the same picture.
TEST(Figure, LooksTheSameToOtherPrograms) {
  if (!has_program("rsvg-convert") || !has_program("pdftoppm"))
    GTEST_SKIP() << "rsvg-convert or pdftoppm is missing";
  const io::TemporaryFolder folder;
  const auto labs = labs::all_labs({});
  const widgets::Words english;
  for (const std::string id : {"sliding-window", "attention", "pooling"}) {
    SCOPED_TRACE(id);
    labs::Lab& lab = **std::ranges::find_if(labs, [&](const auto& l) { return l->info().id == id; });
    lab.settle(2);
    const Drawing drawing = draw_figure(lab, {.frame = true}, typefaces(), english);
    const auto ours = io::decode_image(png(painted(drawing, typefaces(), 1))).pixels;
    const std::string base = (folder / "figure").string();
    io::write_file(base + ".svg", svg(drawing));
    io::write_file(base + ".pdf", pdf(drawing, typefaces()));
    ASSERT_EQ(std::system(("rsvg-convert -o " + base + ".svg.png " + base + ".svg").c_str()), 0);
    ASSERT_EQ(std::system(("pdftoppm -r 96 -png -singlefile " + base + ".pdf " + base + ".pdf").c_str()), 0);
    EXPECT_LT(share_that_differs(ours, io::read_image(base + ".svg.png").pixels), 0.02);
    EXPECT_LT(share_that_differs(ours, io::read_image(base + ".pdf.png").pixels), 0.02);
  }
}

TEST(FrameTimes, GoFromTheStartToTheEndAndStandThere) {
  const auto times = frame_times(6, 1, 3, 10);
  ASSERT_EQ(times.size(), 41u);
  EXPECT_EQ(times.front(), 0);
  EXPECT_EQ(times[15], 3);
  EXPECT_EQ(times[30], 6);
  EXPECT_EQ(times.back(), 6);
  EXPECT_EQ(frame_times(0, 1, 3, 10), std::vector<double>{0}) << "nothing moves";
  EXPECT_EQ(frame_times(10, 2, 0, 10).size(), 51u) << "10 steps of 0.8 s at twice the speed, and a second";
  EXPECT_THROW(frame_times(6, 1, 600, 60), std::invalid_argument);
}

}  // namespace
}  // namespace vitrine::figures
