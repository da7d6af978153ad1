#include "engine/train/fitted_picture.h"

#include <algorithm>
#include <cmath>

#include "engine/io/image.h"

namespace vitrine::train {

using core::Shape;
using core::ShapeError;
using core::Tensor;

namespace {

constexpr double kDigitShare = 20.0 / 28;  // of the picture's side
constexpr float kInk = 0.25f;              // of the strongest: more is part of what is drawn

// How much of each input pixel lies in each part of one axis of the window; `total` is the part's length.
struct Cover {
  struct Piece {
    Index at;
    double share;  // of the part
  };
  std::vector<std::vector<Piece>> parts;
  std::vector<double> inside;  // the share of a part that lies on the picture

  Cover(double start, double length, Index count, Index size) {
    const double step = length / static_cast<double>(count);
    for (Index i = 0; i < count; ++i) {
      const double from = start + step * static_cast<double>(i), to = from + step;
      const auto first = std::max<Index>(0, static_cast<Index>(std::floor(std::max(from, 0.0))));
      std::vector<Piece> pieces;
      double sum = 0;
      for (Index at = first; at < size && static_cast<double>(at) < to; ++at) {
        const double share =
            (std::min(to, static_cast<double>(at + 1)) - std::max(from, static_cast<double>(at))) / step;
        if (share <= 0) continue;
        pieces.push_back({at, share});
        sum += share;
      }
      parts.push_back(std::move(pieces));
      inside.push_back(sum);
    }
  }
};

// The mean of plane c along the picture's border.
float border_mean(const Tensor<float>& pixels, Index c) {
  const Index rows = pixels.size(1), columns = pixels.size(2);
  double sum = 0;
  Index count = 0;
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < columns; ++j)
      if (i == 0 || j == 0 || i == rows - 1 || j == columns - 1) {
        sum += static_cast<double>(pixels(c, i, j));
        ++count;
      }
  return static_cast<float>(sum / static_cast<double>(count));
}

Tensor<float> with_channels(const Tensor<float>& pixels, Index channels) {
  if (pixels.size(0) == channels) return pixels;
  if (channels == 1) return io::grey(pixels);
  Tensor<float> out(Shape{3, pixels.size(1), pixels.size(2)});
  for (Index c = 0; c < 3; ++c) std::copy_n(pixels.data(), pixels.count(), &out(c, 0, 0));
  return out;
}

Tensor<float> fitted_whole(const Tensor<float>& pixels, const nn::ImageSizes& sizes) {
  const auto rows = static_cast<double>(pixels.size(1)), columns = static_cast<double>(pixels.size(2));
  const auto height = static_cast<double>(sizes.height), width = static_cast<double>(sizes.width);
  const double scale = std::max(rows / height, columns / width);  // picture's pixels in one of the result
  std::vector<float> border;
  for (Index c = 0; c < pixels.size(0); ++c) border.push_back(border_mean(pixels, c));
  return averaged(pixels,
                  {(rows - scale * height) / 2, (columns - scale * width) / 2, scale * height, scale * width},
                  sizes.height, sizes.width, border);
}

// Ink from 0 (the paper: the border's mean) to 1 (what differs most from it), [1, H, W]; light on dark
// already.
Tensor<float> ink_of(const Tensor<float>& grey) {
  const float paper = border_mean(grey, 0);
  const float sign = paper > 0.5f ? -1.0f : 1.0f;
  float most = 0;
  for (const float value : grey.values()) most = std::max(most, sign * (value - paper));
  Tensor<float> ink(grey.shape());
  constexpr float kLeast = 1e-3f;  // of contrast
  if (most < kLeast) return ink;
  std::transform(grey.values().begin(), grey.values().end(), ink.data(),
                 [&](float value) { return std::max(0.0f, sign * (value - paper) / most); });
  return ink;
}

Tensor<float> fitted_as_mnist(const Tensor<float>& grey, const nn::ImageSizes& sizes) {
  const Tensor<float> ink = ink_of(grey);
  Index top = ink.size(1), bottom = 0, left = ink.size(2),
        right = 0;  // of the drawn part; bottom, right: past it
  double mass = 0, row_moment = 0, column_moment = 0;
  for (Index i = 0; i < ink.size(1); ++i)
    for (Index j = 0; j < ink.size(2); ++j) {
      if (ink(0, i, j) < kInk) continue;
      top = std::min(top, i), bottom = std::max(bottom, i + 1);
      left = std::min(left, j), right = std::max(right, j + 1);
      const auto weight = static_cast<double>(ink(0, i, j));
      mass += weight;
      row_moment += weight * (static_cast<double>(i) + 0.5);
      column_moment += weight * (static_cast<double>(j) + 0.5);
    }
  if (mass == 0) return Tensor<float>({1, sizes.height, sizes.width});
  const auto drawn = static_cast<double>(std::max(bottom - top, right - left));
  const double scale = drawn / (kDigitShare * static_cast<double>(std::min(sizes.height, sizes.width)));
  // The centre of mass, as near to it as keeps all that is drawn in the window.
  const auto start = [](double centre, double length, Index first, Index past) {
    return std::clamp(centre - length / 2, static_cast<double>(past) - length, static_cast<double>(first));
  };
  const double height = scale * static_cast<double>(sizes.height),
               width = scale * static_cast<double>(sizes.width);
  const float nothing[] = {0};
  return averaged(ink,
                  {start(row_moment / mass, height, top, bottom),
                   start(column_moment / mass, width, left, right), height, width},
                  sizes.height, sizes.width, nothing);
}

}  // namespace

Tensor<float> averaged(const Tensor<float>& pixels, const PictureWindow& window, Index height, Index width,
                       std::span<const float> beyond) {
  if (std::ssize(beyond) < pixels.size(0))
    throw ShapeError(std::to_string(beyond.size()) + " values beyond a picture of shape " +
                     to_string(pixels.shape()));
  const Cover rows(window.top, window.height, height, pixels.size(1)),
      columns(window.left, window.width, width, pixels.size(2));
  Tensor<float> out(Shape{pixels.size(0), height, width});
  for (Index c = 0; c < pixels.size(0); ++c)
    for (Index i = 0; i < height; ++i)
      for (Index j = 0; j < width; ++j) {
        const auto y = static_cast<std::size_t>(i), x = static_cast<std::size_t>(j);
        double sum = (1 - rows.inside[y] * columns.inside[x]) *
                     static_cast<double>(beyond[static_cast<std::size_t>(c)]);
        for (const auto& row : rows.parts[y])
          for (const auto& column : columns.parts[x])
            sum += row.share * column.share * static_cast<double>(pixels(c, row.at, column.at));
        out(c, i, j) = static_cast<float>(std::clamp(sum, 0.0, 1.0));
      }
  return out;
}

Tensor<float> fitted(const Tensor<float>& pixels, const nn::ImageSizes& sizes, Fit fit) {
  const auto one_or_three = [](Index channels) { return channels == 1 || channels == 3; };
  if (pixels.rank() != 3 || pixels.empty() || !one_or_three(pixels.size(0)) ||
      !one_or_three(sizes.channels) || sizes.count() == 0)
    throw ShapeError("a picture of shape " + to_string(pixels.shape()) + " cannot become one of shape " +
                     to_string(Shape{sizes.channels, sizes.height, sizes.width}) +
                     ": both need 1 or 3 channels and a pixel");
  return fit == Fit::kWhole ? with_channels(fitted_whole(pixels, sizes), sizes.channels)
                            : with_channels(fitted_as_mnist(io::grey(pixels), sizes), sizes.channels);
}

}  // namespace vitrine::train
