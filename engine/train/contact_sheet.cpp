#include "engine/train/contact_sheet.h"

#include <algorithm>
#include <cmath>

namespace vitrine::train {
namespace {

constexpr Index kGap_px = 4;
constexpr std::uint8_t kGap = 96;  // told from black and from white

}  // namespace

Sheet contact_sheet(const core::Tensor<std::uint8_t>& images, std::span<const Index> numbers) {
  if (numbers.empty()) throw std::invalid_argument("a contact sheet of no pictures");
  const Index channels = images.size(1), height = images.size(2), width = images.size(3);
  const Index count = std::ssize(numbers);
  const auto columns = static_cast<Index>(std::ceil(std::sqrt(static_cast<double>(count))));
  const Index rows = (count + columns - 1) / columns;
  const Index scale = std::max<Index>(1, kSheetPicture_px / std::max(height, width));
  const auto along = [&](Index pictures, Index pixels) {
    return core::checked_add(core::checked_mul(pictures, core::checked_add(pixels * scale, kGap_px)),
                             kGap_px);
  };
  Sheet sheet{along(rows, height), along(columns, width), channels, {}};
  sheet.bytes.resize(static_cast<std::size_t>(core::Shape{sheet.height, sheet.width, channels}.count()),
                     kGap);
  for (Index i = 0; i < count; ++i) {
    const Index number = numbers[static_cast<std::size_t>(i)];
    if (number < 0 || number >= images.size(0))
      throw std::invalid_argument("picture " + std::to_string(number) + " of " +
                                  std::to_string(images.size(0)));
    const Index top = along(i / columns, height), left = along(i % columns, width);
    for (Index row = 0; row < height * scale; ++row)
      for (Index column = 0; column < width * scale; ++column)
        for (Index c = 0; c < channels; ++c)
          sheet.bytes[static_cast<std::size_t>(((top + row) * sheet.width + left + column) * channels + c)] =
              images(number, c, row / scale, column / scale);
  }
  return sheet;
}

}  // namespace vitrine::train
