#include "app/labs/picture_source.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "app/widgets/file_browser.h"
#include "engine/core/text.h"
#include "engine/io/assets.h"
#include "engine/io/files.h"
#include "engine/io/idx.h"
#include "engine/io/image.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;

namespace {

constexpr widgets::IntegerRange kItem{0, 9'999, 0}, kSheet{1, PictureSource::kLargestDrawing, 16};
constexpr std::string_view kKinds[] = {"Still life", "Fashion-MNIST", "Drawing", "File"};
constexpr std::string_view kFashionFile = "/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz";
constexpr double kLargestBrush = 1'000;

Tensor<float> read_fashion(Index item) {
  std::error_code none;
  if (!std::filesystem::exists(kFashionFile, none))
    throw io::FileError(kFashionFile, "not there; apt-get install dataset-fashion-mnist brings it");
  const Tensor<std::uint8_t> images = io::read_idx_images(kFashionFile);
  if (item >= images.size(0))
    throw std::invalid_argument("there are only " + core::grouped(images.size(0)) + " images");
  const Index rows = images.size(1), columns = images.size(2);
  Tensor<float> out(core::Shape{1, rows, columns});
  std::transform(&images(item, 0, 0), &images(item, 0, 0) + rows * columns, out.data(),
                 [](std::uint8_t byte) { return static_cast<float>(byte) / 255; });
  return out;
}

Tensor<float> read_unpainted(const PictureSource& p) {
  switch (p.kind) {
    case PictureSource::Kind::kStillLife:
      return io::read_image(io::asset("assets/pictures/still-life.png")).pixels;
    case PictureSource::Kind::kFashion:
      return read_fashion(p.item);
    case PictureSource::Kind::kDrawing:
      return Tensor<float>(core::Shape{1, p.drawing_rows, p.drawing_columns});
    case PictureSource::Kind::kFile:
      return io::read_image(p.file).pixels;
  }
  return {};
}

// All pixels of the dab's disc, in every plane, take its value.
void put_dab(Tensor<float>& pixels, double row, double column, double radius, double value) {
  const auto first = [&](double at) {
    return std::max<Index>(static_cast<Index>(std::ceil(at - radius)), 0);
  };
  const auto last = [&](double at, Index size) {
    return std::min<Index>(static_cast<Index>(std::floor(at + radius)), size - 1);
  };
  for (Index c = 0; c < pixels.size(0); ++c)
    for (Index i = first(row); i <= last(row, pixels.size(1)); ++i)
      for (Index j = first(column); j <= last(column, pixels.size(2)); ++j)
        if (std::hypot(static_cast<double>(i) - row, static_cast<double>(j) - column) <= radius)
          pixels(c, i, j) = static_cast<float>(value);
}

PictureSource without_paint(PictureSource picture) {
  picture.dabs = {};
  return picture;
}

}  // namespace

void PictureSource::describe(core::Fields& f) {
  f.choice("source", kind, kKinds);
  f.field("item", item);
  f.field("drawing_rows", drawing_rows);
  f.field("drawing_columns", drawing_columns);
  f.file("file", file);
  f.field("dabs", dabs);
  fit();
}

void PictureSource::fit() {
  item = kItem.clamped(item);
  for (Index* side : {&drawing_rows, &drawing_columns}) *side = kSheet.clamped(*side);
  if (dabs.rank() != 2 || dabs.size(1) != 4 || dabs.size(0) > kMostDabs) dabs = {};
  const auto kept = [](double& number, double low, double high) {
    number = std::isfinite(number) ? std::clamp(number, low, high) : low;
  };
  for (Index i = 0; i < dabs.size(0); ++i) {
    for (Index at = 0; at < 2; ++at) kept(dabs(i, at), 0, 1e6);
    kept(dabs(i, 2), 0, kLargestBrush);
    kept(dabs(i, 3), 0, 1);
  }
}

void PictureSource::paint(Index row, Index column, double radius, double value) {
  const Index kept = std::min(dabs.size(0), kMostDabs - 1), dropped = dabs.size(0) - kept;
  Tensor<double> more(core::Shape{kept + 1, 4});
  std::copy_n(dabs.data() + dropped * 4, kept * 4, more.data());
  const double dab[] = {static_cast<double>(row), static_cast<double>(column), radius, value};
  std::copy_n(dab, 4, more.data() + kept * 4);
  dabs = std::move(more);
}

void picture_controls(widgets::Controls& c, PictureSource& p) {
  using Kind = PictureSource::Kind;
  const PictureSource before = without_paint(p);
  c.choice("Source", p.kind, kKinds, Kind::kStillLife,
           "A picture that comes with Vitrine, Fashion-MNIST's test images, an empty sheet to draw on, or a "
           "PNG or JPEG file of yours (drop it on the window)");
  if (p.kind == Kind::kFashion) c.integer("Image", p.item, kItem, "Which of the 10,000 test images");
  if (p.kind == Kind::kDrawing) {
    c.integer("Sheet rows", p.drawing_rows, kSheet, "The height of the sheet in pixels");
    c.integer("Sheet columns", p.drawing_columns, kSheet, "Its width in pixels");
  }
  if (p.kind == Kind::kFile)
    widgets::file_control(c, "File", p.file, kPictureEndings, "A PNG, JPEG or PNM file");
  const bool same_sheet = p.kind == Kind::kDrawing && before.kind == Kind::kDrawing;
  if (!same_sheet && !(without_paint(p) == before)) p.dabs = {};
  if (p.dabs.size(0) > 0 && c.button("Clear paint", "Takes off all that was painted on the picture"))
    p.dabs = {};
}

std::optional<Problem> picture_problem(const PictureSource& p) {
  if (p.kind == PictureSource::Kind::kFile && p.file.empty())
    return Problem{"File", "Choose a PNG, JPEG or PNM file, or drop one on the window."};
  return std::nullopt;
}

bool is_picture_file(const std::filesystem::path& path) {
  return std::ranges::find(kPictureEndings, io::ending_of(path)) != std::end(kPictureEndings);
}

bool open_picture(const std::filesystem::path& path, PictureSource& p) {
  if (!is_picture_file(path)) return false;
  p = {};
  p.kind = PictureSource::Kind::kFile;
  p.file = path.string();
  return true;
}

const Tensor<float>& PictureReader::read(const PictureSource& picture) {
  const PictureSource plain = without_paint(picture);
  if (unpainted_pixels_.empty() || !(plain == unpainted_)) {
    unpainted_pixels_ = read_unpainted(plain);
    unpainted_ = plain;
    painted_ = {};
  }
  if (picture.dabs.empty()) return unpainted_pixels_;
  if (painted_pixels_.empty() || !(picture == painted_)) {
    painted_pixels_ = unpainted_pixels_;
    for (Index i = 0; i < picture.dabs.size(0); ++i)
      put_dab(painted_pixels_, picture.dabs(i, 0), picture.dabs(i, 1), picture.dabs(i, 2),
              picture.dabs(i, 3));
    painted_ = picture;
  }
  return painted_pixels_;
}

Tensor<float> plane_of(const Tensor<float>& pixels, Plane plane) {
  if (plane == Plane::kGrey) return io::grey(pixels);
  const Index area = pixels.size(1) * pixels.size(2),
              from = pixels.size(0) == 1 ? 0 : static_cast<Index>(plane) - 1;
  Tensor<float> out(core::Shape{1, pixels.size(1), pixels.size(2)});
  std::copy_n(pixels.data() + from * area, area, out.data());
  return out;
}

}  // namespace vitrine::labs
