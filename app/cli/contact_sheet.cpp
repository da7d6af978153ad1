#include "app/cli/contact_sheet.h"

#include <stb/stb_easy_font.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "engine/core/rng.h"
#include "engine/core/text.h"
#include "engine/core/utf8.h"
#include "engine/io/image.h"

namespace vitrine::cli {
namespace {

using core::Index;
using train::Dataset;
using train::Split;

constexpr Index kMargin_px = 12, kGap_px = 4;
constexpr Index kSmallest_px = 56, kLargest_px = 128;  // of a picture's longer side
constexpr Index kTextScale = 2, kLine_px = 12 * kTextScale;
constexpr std::uint8_t kPaper = 255, kInk = 20, kFaint = 120;

// Letters as rectangles, each a horizontal or vertical stroke one unit thick.
struct Letters {
  struct Corner {
    float x, y, z;
    std::uint8_t color[4];
  };
  std::vector<Corner> corners;  // four a rectangle, clockwise from its top left
  Index width_px = 0;
};

Letters letters(const std::string& text) {
  std::string ascii;
  for (const char32_t c : core::code_points(text))
    ascii += c >= 0x20 && c < 0x7F ? static_cast<char>(c) : '?';
  constexpr std::size_t kMostCorners_a_letter = 64;
  Letters out{std::vector<Letters::Corner>(kMostCorners_a_letter * (ascii.size() + 1)), 0};
  const int rectangles = stb_easy_font_print(0, 0, ascii.data(), nullptr, out.corners.data(),
                                             static_cast<int>(out.corners.size() * sizeof(Letters::Corner)));
  out.corners.resize(4 * static_cast<std::size_t>(rectangles));
  out.width_px = kTextScale * stb_easy_font_width(ascii.data());
  return out;
}

// What stands beside a class's row.
struct Label {
  Letters name, counts;
};

Index count_of(const Split& split, Index label) {
  return std::count(split.labels.values().begin(), split.labels.values().end(), label);
}

std::string name_of(const Dataset& dataset, Index label) {
  return core::printable(dataset.class_names[static_cast<std::size_t>(label)], 24);
}

std::vector<Label> labels_of(const Dataset& dataset) {
  std::vector<Label> labels;
  for (Index label = 0; label < dataset.classes; ++label)
    labels.push_back(
        {letters(name_of(dataset, label)), letters(core::grouped(count_of(dataset.train, label)) + " + " +
                                                   core::grouped(count_of(dataset.validation, label)))});
  return labels;
}

// How a picture's pixels become the sheet's: each `magnify` times as large, or blocks of `reduce` averaged.
struct Zoom {
  Index magnify = 1, reduce = 1;
  Index size_px(Index pixels) const { return pixels / reduce * magnify; }
};

Zoom zoom_of(const Dataset& dataset) {
  const Index shorter = std::min(dataset.height(), dataset.width());
  const Index longer = std::max(dataset.height(), dataset.width());
  return {std::max<Index>(1, kSmallest_px / longer),
          std::clamp<Index>(core::divide_up(longer, kLargest_px), 1, shorter)};
}

// The numbers of the pictures shown of one class.
std::vector<Index> chosen(const Split& split, Index label, Index columns, const core::Rng& rng) {
  std::vector<Index> all, out;
  for (Index i = 0; i < split.count(); ++i)
    if (split.labels[i] == label) all.push_back(i);
  if (all.empty()) return all;
  for (const auto at :
       rng.permutation(static_cast<std::uint32_t>(all.size()), static_cast<std::uint64_t>(label)))
    if (std::ssize(out) < columns) out.push_back(all[at]);
  return out;
}

class Page {
 public:
  Page(Index height, Index width)
      : sheet_{height, width, std::vector<std::uint8_t>(bytes_of(height, width), kPaper)} {}

  void write(const Letters& text, Index top, Index left, std::uint8_t ink) {
    for (std::size_t i = 0; i + 3 < text.corners.size(); i += 4)
      for (auto y = static_cast<Index>(text.corners[i].y) * kTextScale;
           y < static_cast<Index>(text.corners[i + 2].y) * kTextScale; ++y)
        for (auto x = static_cast<Index>(text.corners[i].x) * kTextScale;
             x < static_cast<Index>(text.corners[i + 2].x) * kTextScale; ++x)
          for (Index c = 0; c < 3; ++c) at(top + y, left + x, c) = ink;
  }
  void draw(const core::Tensor<std::uint8_t>& images, Index image, Index top, Index left, Zoom zoom) {
    const Index rows = images.size(2) / zoom.reduce, columns = images.size(3) / zoom.reduce;
    for (Index row = 0; row < rows * zoom.magnify; ++row)
      for (Index column = 0; column < columns * zoom.magnify; ++column)
        for (Index c = 0; c < 3; ++c)
          at(top + row, left + column, c) =
              mean(images, image, images.size(1) == 3 ? c : 0, row / zoom.magnify * zoom.reduce,
                   column / zoom.magnify * zoom.reduce, zoom.reduce);
  }
  Sheet take() { return std::move(sheet_); }

 private:
  static std::size_t bytes_of(Index height, Index width) {
    if (core::checked_mul(height, width) > io::kImageLimit_pixels)
      throw std::invalid_argument("the sheet would have " + core::grouped(height) + " x " +
                                  core::grouped(width) + " pixels, too many; it must hold fewer pictures");
    return static_cast<std::size_t>(3 * height * width);
  }
  std::uint8_t& at(Index row, Index column, Index channel) {
    return sheet_.rgb[static_cast<std::size_t>((row * sheet_.width + column) * 3 + channel)];
  }
  static std::uint8_t mean(const core::Tensor<std::uint8_t>& images, Index image, Index channel, Index top,
                           Index left, Index side) {
    Index sum = 0;
    for (Index i = 0; i < side * side; ++i) sum += images(image, channel, top + i / side, left + i % side);
    return static_cast<std::uint8_t>((sum + side * side / 2) / (side * side));
  }

  Sheet sheet_;
};

}  // namespace

Sheet contact_sheet(const Dataset& dataset, Index columns, std::uint64_t seed) {
  if (columns < 1 || columns > kMostSheetColumns)
    throw std::invalid_argument("a row holds from 1 to " + std::to_string(kMostSheetColumns) + " pictures");
  const std::vector<Label> labels = labels_of(dataset);
  Index text_px = 0;
  for (const Label& label : labels) text_px = std::max({text_px, label.name.width_px, label.counts.width_px});
  const Zoom zoom = zoom_of(dataset);
  const Index picture_px = zoom.size_px(dataset.width()) + kGap_px;
  const Index row_px = std::max(zoom.size_px(dataset.height()), 2 * kLine_px) + kGap_px;
  const Index left = kMargin_px + text_px + kMargin_px;
  const Index height = 2 * kMargin_px + dataset.classes * row_px - kGap_px;
  const Index width = left + columns * picture_px - kGap_px + kMargin_px;
  Page page(height, width);
  const core::Rng rng(seed, core::RngStream::kSheet);
  for (Index label = 0; label < dataset.classes; ++label) {
    const Index top = kMargin_px + label * row_px;
    page.write(labels[static_cast<std::size_t>(label)].name, top, kMargin_px, kInk);
    page.write(labels[static_cast<std::size_t>(label)].counts, top + kLine_px, kMargin_px, kFaint);
    Index at = left;
    for (const Index image : chosen(dataset.train, label, columns, rng)) {
      page.draw(dataset.train.images, image, top, at, zoom);
      at += picture_px;
    }
  }
  return page.take();
}

Sheet mistakes_sheet(const Dataset& dataset, const train::Evaluation& evaluation,
                     std::span<const Index> mistakes) {
  if (mistakes.empty()) throw std::invalid_argument("no mistakes to show");
  const Split& split = dataset.validation;
  const Zoom zoom = zoom_of(dataset);
  std::vector<Letters> words;
  Index wide_px = zoom.size_px(dataset.width());
  for (const Index image : mistakes) {
    const Index taken_for = evaluation.images[static_cast<std::size_t>(image)].prediction;
    words.push_back(letters(name_of(dataset, split.labels[image]) + " > " + name_of(dataset, taken_for)));
    wide_px = std::max(wide_px, words.back().width_px);
  }
  const Index count = std::ssize(mistakes);
  const auto columns = static_cast<Index>(std::ceil(std::sqrt(static_cast<double>(count))));
  const Index rows = core::divide_up(count, columns);
  const Index row_px = zoom.size_px(dataset.height()) + kGap_px + kLine_px, column_px = wide_px + kMargin_px;
  Page page(core::checked_add(core::checked_mul(rows, row_px), 2 * kMargin_px),
            core::checked_add(core::checked_mul(columns, column_px), kMargin_px));
  for (Index i = 0; i < count; ++i) {
    const Index top = kMargin_px + i / columns * row_px, left = kMargin_px + i % columns * column_px;
    page.draw(split.images, mistakes[static_cast<std::size_t>(i)], top, left, zoom);
    page.write(words[static_cast<std::size_t>(i)], top + row_px - kLine_px, left, kInk);
  }
  return page.take();
}

}  // namespace vitrine::cli
