// Contact sheet: pictures side by side on one, as a photographer looks through a film.
#pragma once

#include <span>

#include "engine/train/dataset.h"

namespace vitrine::train {

// A picture's bytes, row by row from the top, as io::write_png takes them.
struct Sheet {
  Index height = 0, width = 0, channels = 0;
  std::vector<std::uint8_t> bytes;
};

// images [N, C, H, W]; those of the given numbers from the left to the right and then down, each enlarged by
// a whole number to about kSheetPicture_px, in as square a sheet as they make. Throws
// std::invalid_argument for no numbers or one outside the images, ShapeError when the sheet's size overflows.
inline constexpr Index kSheetPicture_px = 84;
Sheet contact_sheet(const core::Tensor<std::uint8_t>& images, std::span<const Index> numbers);

}  // namespace vitrine::train
