#include "engine/train/contact_sheet.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace vitrine::train {
namespace {

// Three coloured pictures of 1 x 2 pixels, each number its own.
core::Tensor<std::uint8_t> pictures() {
  core::Tensor<std::uint8_t> images({3, 3, 1, 2});
  for (Index i = 0; i < images.count(); ++i) images[i] = static_cast<std::uint8_t>(i);
  return images;
}

TEST(ContactSheet, PutsEveryPixelOfEveryPictureInItsPlace) {
  const std::vector<Index> numbers{2, 0, 1};  // two in the first row, one in the second
  const Sheet sheet = contact_sheet(pictures(), numbers);
  const Index scale = kSheetPicture_px / 2;
  EXPECT_EQ(sheet.height, 2 * scale + 3 * 4);
  EXPECT_EQ(sheet.width, 2 * 2 * scale + 3 * 4);
  EXPECT_EQ(sheet.channels, 3);
  const auto images = pictures();
  Index outside = 0;
  for (Index y = 0; y < sheet.height; ++y)
    for (Index x = 0; x < sheet.width; ++x) {
      const Index row = y / (scale + 4), column = x / (2 * scale + 4);
      const Index inside_y = y % (scale + 4) - 4, inside_x = x % (2 * scale + 4) - 4;
      const auto i = static_cast<std::size_t>(row * 2 + column);
      const bool gap = inside_y < 0 || inside_x < 0 || i >= numbers.size();
      outside += gap;
      for (Index c = 0; c < 3; ++c)
        ASSERT_EQ(sheet.bytes[static_cast<std::size_t>((y * sheet.width + x) * 3 + c)],
                  gap ? 96 : images(numbers[i], c, inside_y / scale, inside_x / scale))
            << y << ", " << x;
    }
  EXPECT_EQ(sheet.height * sheet.width - outside, 3 * scale * 2 * scale);
}

TEST(ContactSheet, LargePicturesKeepTheirSize) {
  const Sheet sheet = contact_sheet(core::Tensor<std::uint8_t>({1, 1, 100, 70}), std::vector<Index>{0});
  EXPECT_EQ(sheet.height, 108);
  EXPECT_EQ(sheet.width, 78);
}

TEST(ContactSheet, RefusesWhatIsNotThere) {
  EXPECT_THROW(contact_sheet(pictures(), {}), std::invalid_argument);
  EXPECT_THROW(contact_sheet(pictures(), std::vector<Index>{3}), std::invalid_argument);
  EXPECT_THROW(contact_sheet(pictures(), std::vector<Index>{-1}), std::invalid_argument);
}

}  // namespace
}  // namespace vitrine::train
