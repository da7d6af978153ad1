#include "app/labs/image/lab.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "engine/io/image.h"
#include "tests/app/app_driver.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::labs::image_lab_test {
namespace {

using Driver = LabDriver<ImageConvolution>;

// The exercise's 3 x 3 picture, its numbers times 16 so that a PNG holds them exactly.
std::filesystem::path nine_pixels(const io::TemporaryFolder& folder) {
  const auto path = folder / "nine.png";
  const std::vector<std::uint8_t> bytes{16, 32, 48, 64, 80, 96, 112, 128, 144};
  io::write_png(path, 3, 3, 1, bytes);
  return path;
}

TEST(ImageLab, OpensWithARealPicture) {
  Driver d;
  d.settle();
  EXPECT_EQ(d.result().input->planes.shape(), (core::Shape{1, 180, 240}));
  EXPECT_EQ(d.result().response.shape(), (core::Shape{178, 238}));
  EXPECT_LT(d.result().range.lo, 0) << "edges have a sign";
}

TEST(ImageLab, BoxOfTheExerciseOnAFileThatWasDropped) {
  const io::TemporaryFolder folder;
  Driver d;
  d.app().open(nine_pixels(folder));
  d.settle();
  d.click("Box");
  d.type("Kernel rows", "2");
  d.type("Kernel columns", "2");
  for (const char* cell : {"k[1,1]", "k[1,2]", "k[2,1]", "k[2,2]"}) d.type(cell, "0.25");
  const auto& y = d.result().response;
  ASSERT_EQ(y.shape(), (core::Shape{2, 2}));
  const double unit = 16.0 / 255;
  EXPECT_NEAR(y(0, 0) / unit, 3, 1e-6);
  EXPECT_NEAR(y(0, 1) / unit, 4, 1e-6);
  EXPECT_NEAR(y(1, 0) / unit, 6, 1e-6);
  EXPECT_NEAR(y(1, 1) / unit, 7, 1e-6);
}

TEST(ImageLab, WhatIsNoPictureSaysSoAndTheLastResultStays) {
  Driver d;
  d.settle();
  const io::TemporaryFolder folder;
  const auto path = folder / "not_a_picture.png";
  std::ofstream(path) << "this is text";
  d.app().open(path);
  d.settle();
  EXPECT_NE(d.topic().result(), nullptr);
  EXPECT_EQ(d.result().input->planes.shape(), (core::Shape{1, 180, 240}));
  EXPECT_NE(d.topic().error().find("not_a_picture.png"), std::string::npos) << d.topic().error();
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.topic().error(), "");
}

TEST(ImageLab, KernelLargerThanThePictureNamesBothSizes) {
  const io::TemporaryFolder folder;
  Driver d;
  d.app().open(nine_pixels(folder));
  d.settle();
  d.type("Kernel rows", "5");
  EXPECT_NE(d.topic().error().find("covers 5 cells but the padded height has only 3"), std::string::npos)
      << d.topic().error();
}

TEST(ImageLab, NamedKernelsSetTheCells) {
  Driver d;
  d.click("Laplacian");
  EXPECT_EQ(d.params().kernel(0)(1, 1), -4);
  d.click("Identity");
  EXPECT_EQ(d.result().response(0, 0), d.result().input->planes(0, 1, 1));
}

TEST(ImageLab, HoverOnThePictureChoosesTheWindowUnderThePointer) {
  Driver d;
  d.click("Boot, edges");
  const auto y = d.find("image y"), x = d.find("image x");
  d.click(widgets::Point{y.x + y.w * 10.5f / 28, y.y + y.h * 5.5f / 28});
  EXPECT_EQ(d.topic().view().pinned, (widgets::Cell{5, 10}));
  d.click(widgets::Point{x.x + x.w * 21.5f / 30, x.y + x.h * 8.5f / 30});
  EXPECT_EQ(d.topic().view().pinned, (widgets::Cell{7, 20})) << "the window whose middle is nearest";
}

TEST(ImageLab, TheExercisesMovingAverageInTenths) {
  Driver d;
  d.click("Moving average");
  const float expected[] = {0.3f, 0.4f, 0.6f, 0.7f};
  ASSERT_EQ(d.result().response.shape(), (core::Shape{2, 2}));
  for (core::Index i = 0; i < 4; ++i) EXPECT_NEAR(d.result().response[i], expected[i], 1e-6f);
  d.app().lab().playhead().t = 2;
  d.settle();
  EXPECT_NE(d.lab().explain().words.find("⌊(3 + 0 − 2) / 1⌋ + 1 = 2"), std::string::npos);
  EXPECT_EQ(widgets::plain_text(d.lab().explain().lines.front()).substr(0, 6), "y_2,1 ");
}

TEST(ImageLab, ThirtyTwoFiltersOnThreePlanes) {
  Driver d;
  d.click("Colour, 32 filters");
  const auto& r = d.result();
  EXPECT_EQ(r.counts.weights, 2'400);
  EXPECT_EQ(r.counts.output, (core::Shape{32, 88, 118}));
  ASSERT_EQ(r.maps.maps.size(), 32u);
  ASSERT_EQ(r.parts.maps.size(), 3u) << "the sum over channels taken apart";
  const core::Index at = 17 * 118 + 40;
  const float sum = r.parts.maps[0][at] + r.parts.maps[1][at] + r.parts.maps[2][at];
  EXPECT_NEAR(sum, r.response[at], 1e-5f);
  EXPECT_EQ(r.maps.maps[0], r.response) << "small maps are the maps themselves";
}

TEST(ImageLab, AClickOnAMapShowsItLargeAndUndoGoesBack) {
  Driver d;
  d.click("Eight kernels");
  EXPECT_EQ(d.params().filter, 3);
  d.click("image map 6");
  EXPECT_EQ(d.params().filter, 5);
  EXPECT_EQ(d.result().params.filter, 5);
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.params().filter, 3);
}

TEST(ImageLab, AStrokeOfPaintIsOneEdit) {
  Driver d;
  d.click("Moving average");
  d.click("paint 1");
  d.drag("image x", 200);  // from the middle pixel to the one on its right
  const auto& x = d.result().input->planes;
  EXPECT_EQ(x(0, 1, 1), 1);
  EXPECT_NEAR(x(0, 0, 0), 0.1, 1e-6);
  EXPECT_NEAR(d.result().response(0, 0), (0.1 + 0.2 + 0.4 + 1) / 4, 1e-6);
  const auto painted = d.params().picture.dabs.size(0);
  EXPECT_GE(painted, 9 + 2) << "at least where it began and where it ended";
  EXPECT_EQ(x(0, 1, 2), 1);
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.params().picture.dabs.size(0), 9) << "the whole stroke";
  EXPECT_NEAR(d.result().input->planes(0, 1, 1), 0.5, 1e-6);
}

TEST(ImageLab, ADragMovesTheEnlargedStageUnlessItPaints) {
  Driver d;
  d.click("Moving average");
  d.scroll("image x", 4);
  const float before = d.find("image x").x;
  d.drag("image x", 40);
  EXPECT_NEAR(d.find("image x").x, before + 40, 1);
  d.key(shell::Key::kHome);
  d.scroll("image x", -20);
  d.click("paint 1");
  d.scroll("image x", 4);
  const float enlarged = d.find("image x").x;
  d.drag("image x", 40);
  EXPECT_EQ(d.find("image x").x, enlarged);
}

TEST(ImageLab, AKernelCellIsPainted) {
  Driver d;
  d.click("Moving average");
  d.click("paint k −1");
  const auto k = d.find("image kernel pen");
  d.click(widgets::Point{k.x + k.w * 0.75f, k.y + k.h * 0.25f});
  EXPECT_EQ(d.params().kernel(0), core::Tensor<double>({2, 2}, {0.25, -1, 0.25, 0.25}));
  d.key(shell::Key::kEscape);
  EXPECT_FALSE(d.topic().view().kernel_pen) << "Esc puts the pen away";
}

TEST(ImageLab, ThreePlanesAnswerAsTheirMeanDid) {
  Driver d;
  d.click("Moving average");
  const core::Tensor<float> before = d.result().response;
  auto params = d.params();
  params.planes = ImageConvolution::Planes::kRgb;
  params.fit();
  EXPECT_EQ(params.kernels.shape(), (core::Shape{1, 3, 2, 2}));
  ImageConvolution topic;
  core::Progress progress;
  const auto three = topic.compute(params, {}, progress);
  for (core::Index i = 0; i < 4; ++i) EXPECT_NEAR(three.response[i], before[i], 1e-6f);
  params.planes = ImageConvolution::Planes::kGreen;
  params.fit();
  EXPECT_NEAR(params.kernels[0], 0.25, 1e-12);
}

TEST(ImageLab, KernelsAreScaledTurnedAndNormalised) {
  Driver d;
  d.click("× 2");
  EXPECT_EQ(d.params().kernel(0), core::Tensor<double>({3, 3}, {-2, 0, 2, -4, 0, 4, -2, 0, 2}));
  d.click("Turn 180°");
  EXPECT_EQ(d.params().kernel(0)(1, 0), 4);
  d.click("Normalise");
  EXPECT_EQ(d.params().kernel(0)(1, 0), 0.25);
}

TEST(ImageLab, NaNInTheKernelIsCarriedAndShown) {
  Driver d;
  d.click("Moving average");
  d.type("k[1,1]", "nan");
  for (const float y : d.result().response.values()) EXPECT_TRUE(std::isnan(y));
  EXPECT_NE(widgets::plain_text(d.lab().explain()).find("NaN"), std::string::npos);
  d.key(shell::Key::kZ, true);
  EXPECT_NEAR(d.result().response[0], 0.3f, 1e-6f);
}

TEST(ImageLab, ABoundaryThatContinuesThePictureIsSeen) {
  Driver d;
  d.click("Moving average");
  auto params = d.params();
  params.boundary = signal::Boundary::kCircular;
  params.rows.padding_before = params.columns.padding_after = 1;
  ImageConvolution topic;
  core::Progress progress;
  const auto r = topic.compute(params, {}, progress);
  ASSERT_EQ(r.input->shown.shape(), (core::Shape{4, 4}));
  EXPECT_NEAR(r.input->shown(0, 0), 0.7, 1e-6) << "the last row comes round to the top";
  EXPECT_NEAR(r.input->shown(1, 3), 0.1, 1e-6) << "and the first column to the right";
  EXPECT_EQ(r.input->planes.shape(), (core::Shape{1, 3, 3}));
  EXPECT_NEAR(r.response(0, 2), (0.9 + 0.7 + 0.3 + 0.1) / 4, 1e-6);
}

TEST(ImageLab, ReflectionWiderThanThePictureNamesBoth) {
  Driver d;
  d.click("Moving average");
  d.type("Padding left", "3");
  auto params = d.params();
  params.boundary = signal::Boundary::kReflect;
  ImageConvolution topic;
  core::Progress progress;
  try {
    (void)topic.compute(params, {}, progress);
    FAIL() << "it must be refused";
  } catch (const std::invalid_argument& error) {
    EXPECT_NE(std::string(error.what()).find("width of 3 continues for at most 2 cells"), std::string::npos)
        << error.what();
  }
}

TEST(ImageLab, AFileOfNoKnownKindIsSaidToBeOne) {
  Driver d;
  d.app().open("/nowhere/table.xlsx");
  EXPECT_NE(d.app().message().find("table.xlsx"), std::string::npos);
}

}  // namespace
}  // namespace vitrine::labs::image_lab_test
