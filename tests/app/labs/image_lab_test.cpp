#include "app/labs/image_lab.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "engine/io/image.h"
#include "tests/app/app_driver.h"

namespace vitrine::labs {
namespace {

using Driver = LabDriver<ImageConvolution>;

// The exercise's 3 x 3 picture, its numbers times 16 so that a PNG holds them exactly.
std::filesystem::path nine_pixels() {
  const auto path = std::filesystem::path(testing::TempDir()) / "nine.png";
  const std::vector<std::uint8_t> bytes{16, 32, 48, 64, 80, 96, 112, 128, 144};
  io::write_png(path, 3, 3, 1, bytes);
  return path;
}

TEST(ImageLab, OpensWithARealPicture) {
  Driver d;
  d.settle();
  EXPECT_EQ(d.result().picture.shape(), (core::Shape{180, 240}));
  EXPECT_EQ(d.result().output.shape(), (core::Shape{178, 238}));
  EXPECT_TRUE(d.result().signed_response);
}

TEST(ImageLab, BoxOfTheExerciseOnAFileThatWasDropped) {
  Driver d;
  d.app().open(nine_pixels());
  d.settle();
  d.click("Box");
  d.type("Rows", "2");
  d.type("Columns", "2");
  for (const char* cell : {"k[1,1]", "k[1,2]", "k[2,1]", "k[2,2]"}) d.type(cell, "0.25");
  const auto& y = d.result().output;
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
  const auto path = std::filesystem::path(testing::TempDir()) / "not_a_picture.png";
  std::ofstream(path) << "this is text";
  d.app().open(path);
  d.settle();
  EXPECT_NE(d.topic().result(), nullptr);
  EXPECT_EQ(d.result().picture.shape(), (core::Shape{180, 240}));
  EXPECT_NE(d.topic().error().find("not_a_picture.png"), std::string::npos) << d.topic().error();
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.topic().error(), "");
}

TEST(ImageLab, KernelLargerThanThePictureNamesBothSizes) {
  Driver d;
  d.app().open(nine_pixels());
  d.settle();
  d.type("Rows", "5");
  EXPECT_NE(d.topic().error().find("kernel 5 does not fit input 3"), std::string::npos) << d.topic().error();
}

TEST(ImageLab, NamedKernelsSetTheCells) {
  Driver d;
  d.click("Laplacian");
  EXPECT_EQ(d.params().kernel(1, 1), -4);
  d.click("Identity");
  EXPECT_EQ(d.result().output(0, 0), d.result().input(0, 1, 1));
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

TEST(ImageLab, AFileOfNoKnownKindIsSaidToBeOne) {
  Driver d;
  d.app().open("/nowhere/table.xlsx");
  EXPECT_NE(d.app().message().find("table.xlsx"), std::string::npos);
}

}  // namespace
}  // namespace vitrine::labs
