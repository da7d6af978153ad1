#include "app/cli/contact_sheet.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

namespace vitrine::cli {
namespace {

using core::Index;

constexpr Index kRow_px = 60, kMargin_px = 12;

// 6 pictures of one colour each in two classes: picture i is 30 i bright, of class i % 2.
train::Dataset colours(Index channels, Index side) {
  train::Dataset dataset;
  dataset.train.images = core::Tensor<std::uint8_t>({6, channels, side, side});
  dataset.train.labels = core::Tensor<std::uint8_t>({6});
  for (Index i = 0; i < 6; ++i) {
    dataset.train.labels[i] = static_cast<std::uint8_t>(i % 2);
    for (Index k = 0; k < channels * side * side; ++k)
      dataset.train.images[i * channels * side * side + k] =
          static_cast<std::uint8_t>(30 * i + k / (side * side));
  }
  dataset.validation = dataset.train;
  dataset.classes = 2;
  dataset.class_names = {"even", "odd"};
  return dataset;
}

std::vector<int> pixel(const Sheet& sheet, Index row, Index column) {
  const auto* first = &sheet.rgb[static_cast<std::size_t>((row * sheet.width + column) * 3)];
  return {first[0], first[1], first[2]};
}

// The brightness in the middle of each picture of a row.
std::vector<int> shown(const Sheet& sheet, Index row, Index columns, Index step_px) {
  std::vector<int> out;
  for (Index i = columns; i > 0; --i)
    out.push_back(
        pixel(sheet, kMargin_px + row * kRow_px + 20, sheet.width - kMargin_px + 4 - i * step_px + 20)[0]);
  return out;
}

TEST(ContactSheet, HoldsARowAClassInAnOrderOfTheSeed) {
  const Sheet sheet = contact_sheet(colours(1, 28), 3, 0);
  EXPECT_EQ(sheet.height, 2 * kMargin_px + 2 * kRow_px - 4);
  EXPECT_EQ(std::ssize(sheet.rgb), sheet.height * sheet.width * 3);
  EXPECT_THAT(shown(sheet, 0, 3, 60), testing::UnorderedElementsAre(0, 60, 120));
  EXPECT_THAT(shown(sheet, 1, 3, 60), testing::UnorderedElementsAre(30, 90, 150));
  EXPECT_EQ(contact_sheet(colours(1, 28), 3, 0).rgb, sheet.rgb);
  std::set<std::vector<int>> orders;
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    orders.insert(shown(contact_sheet(colours(1, 28), 3, seed), 0, 3, 60));
  EXPECT_GT(orders.size(), 3u);
}

TEST(ContactSheet, LeavesPlacesEmptyWhereAClassHasFewer) {
  const Sheet sheet = contact_sheet(colours(1, 28), 4, 0);
  EXPECT_THAT(shown(sheet, 0, 4, 60), testing::Contains(255));
  EXPECT_EQ(shown(sheet, 0, 4, 60).back(), 255);
}

TEST(ContactSheet, KeepsColours) {
  const Sheet sheet = contact_sheet(colours(3, 28), 3, 0);
  const auto rgb = pixel(sheet, kMargin_px + 20, sheet.width - kMargin_px - 20);
  EXPECT_EQ(rgb[1], rgb[0] + 1);
  EXPECT_EQ(rgb[2], rgb[0] + 2);
}

TEST(ContactSheet, ReducesLargePicturesAndMagnifiesSmallOnes) {
  // 300 / 3 = 100 pixels; 20 * 2 = 40 pixels in rows of the text's height.
  EXPECT_EQ(contact_sheet(colours(1, 300), 3, 0).height, 2 * kMargin_px + 2 * 104 - 4);
  const Sheet small = contact_sheet(colours(1, 20), 3, 0);
  EXPECT_EQ(small.height, 2 * kMargin_px + 2 * 52 - 4);
  EXPECT_EQ(pixel(small, kMargin_px + 39, small.width - kMargin_px - 1),
            pixel(small, kMargin_px, small.width - kMargin_px - 40));
  EXPECT_EQ(pixel(small, kMargin_px + 40, small.width - kMargin_px - 1)[0], 255);
}

TEST(ContactSheet, WritesTheNames) {
  const auto ink = [](const train::Dataset& dataset) {
    const Sheet sheet = contact_sheet(dataset, 1, 0);
    return std::count(sheet.rgb.begin(), sheet.rgb.end(), 20);
  };
  train::Dataset named = colours(1, 28), nameless = named;
  nameless.class_names = {"", ""};
  EXPECT_EQ(ink(nameless), 0);
  EXPECT_GT(ink(named), 100);
  named.class_names = {"Ankle boot \xC3\xA9\n\x01", std::string(1000, 'x')};
  EXPECT_GT(ink(named), 100);
  EXPECT_LT(contact_sheet(named, 1, 0).width, 800);
}

TEST(ContactSheet, RefusesWhatIsTooLarge) {
  EXPECT_THROW(contact_sheet(colours(1, 28), 0, 0), std::invalid_argument);
  EXPECT_THROW(contact_sheet(colours(1, 28), 101, 0), std::invalid_argument);
  train::Dataset many = colours(1, 127);
  many.classes = 256;
  many.class_names.assign(256, "x");
  EXPECT_THROW(contact_sheet(many, 100, 0), std::invalid_argument);
}

TEST(MistakesSheet, HoldsThePicturesInTheirOrderAndWhatTheyAreTakenFor) {
  const train::Dataset dataset = colours(1, 28);
  train::Evaluation evaluation;
  for (Index i = 0; i < 6; ++i) evaluation.images.push_back({1, false, 1 - i % 2, 0.9});
  const std::vector<Index> mistakes{5, 0, 2};  // two in the first row, one in the second
  const Sheet sheet = mistakes_sheet(dataset, evaluation, mistakes);
  constexpr Index kPicture_px = 56, kWords_px = 4 + 24;
  const Index column_px = (sheet.width - kMargin_px) / 2;
  EXPECT_EQ(sheet.height, 2 * kMargin_px + 2 * (kPicture_px + kWords_px));
  EXPECT_GT(column_px, kPicture_px + kMargin_px);  // "even > odd" is wider
  const auto middle = [&](Index row, Index column) {
    return pixel(sheet, kMargin_px + row * (kPicture_px + kWords_px) + kPicture_px / 2,
                 kMargin_px + column * column_px + kPicture_px / 2);
  };
  EXPECT_EQ(middle(0, 0), (std::vector<int>{150, 150, 150}));
  EXPECT_EQ(middle(0, 1), (std::vector<int>{0, 0, 0}));
  EXPECT_EQ(middle(1, 0), (std::vector<int>{60, 60, 60}));
  EXPECT_EQ(middle(1, 1), (std::vector<int>{255, 255, 255}));
  EXPECT_GT(std::count(sheet.rgb.begin(), sheet.rgb.end(), 20), 300);
  EXPECT_THROW(mistakes_sheet(dataset, evaluation, {}), std::invalid_argument);
}

}  // namespace
}  // namespace vitrine::cli
