#include "app/labs/sliding/board.h"

#include <algorithm>
#include <cmath>

namespace vitrine::labs {

using core::Index;
using widgets::Rect;

namespace {

constexpr float kMargin_px = 22, kTitle_px = widgets::kTitleHeight_px + 4, kWords_px = 46;
constexpr float kGap = 0.2f;            // cells between x, the kernel and the products
constexpr float kSmallestAligned = 18;  // px; below it K moves away from x, so that x can be larger
constexpr float kReadable = 14;         // px; smaller cells have no numbers
constexpr float kLargestCell = 60, kSmallestCell = 3;

}  // namespace

SlidingBoard::SlidingBoard(const Rect& area, const SlidingWindow::Result& r)
    : channels_(r.params.channels()),
      filters_(r.params.filters()),
      steps_(r.steps),
      stride_(r.params.window.stride),
      dilation_(r.params.window.dilation),
      extent_(signal::kernel_extent(r.params.taps(), r.params.window.dilation)),
      transposed_(r.params.transposed()) {
  const signal::WindowSpec& window = r.params.window;
  long_cells_ =
      (transposed_ ? r.outputs() : r.params.length()) + window.padding_before + window.padding_after;
  const Rect inner{area.x + kMargin_px, area.y + 6, area.w - 2 * kMargin_px, area.h - 6 - kWords_px};
  words_y_ = inner.bottom() + 12;
  const auto cells = static_cast<float>(long_cells_), outputs = static_cast<float>(r.outputs());
  // x, kernel, products and K under each other; y and a little air beside K.
  const float rows = 3 + 2 * kGap + outputs, columns = cells + 2.2f;
  const float aligned_cell =
      std::floor(std::min({kLargestCell, (inner.w - 30) / columns, (inner.h - 2 * kTitle_px - 8) / rows}));
  aligned_ = channels_ == 1 && filters_ == 1 && !transposed_ && aligned_cell >= kSmallestAligned;
  if (!aligned_) {
    stack(inner, filters_ * r.outputs(), channels_ * r.params.length());
    return;
  }

  cell_ = aligned_cell;
  left_ = std::floor(inner.x + (inner.w - cell_ * columns) / 2 + 8);
  const float height = 2 * kTitle_px + 8 + cell_ * rows;
  const float top = std::floor(inner.y + (inner.h - height) / 2 + kTitle_px);
  x_ = {left_, top, cell_ * cells, cell_};
  kernel_y_ = x_.bottom() + std::floor(kGap * cell_);
  products_y_ = kernel_y_ + cell_ + std::floor(kGap * cell_);
  matrix_ = {left_ + cell_ * static_cast<float>(window.padding_before), products_y_ + cell_ + kTitle_px + 8,
             cell_ * static_cast<float>(r.params.length()), cell_ * outputs};
  y_ = {x_.right() + std::floor(cell_ * 1.2f), matrix_.y, cell_, cell_ * outputs};
}

// x, kernel, products and y under each other; K below them or beside them, wherever more can be read.
void SlidingBoard::stack(const Rect& area, Index matrix_rows, Index matrix_columns) {
  const auto channels = static_cast<float>(channels_), filters = static_cast<float>(filters_);
  const auto cells = static_cast<float>(long_cells_);
  const float label = filters_ > 1 || channels_ > 1 ? 20 : 0;
  const float rows = 3 * channels + 2 * kGap + filters, columns = cells + (channels_ > 1 ? 3.4f : 1.6f);
  const float aspect = static_cast<float>(matrix_columns) / static_cast<float>(matrix_rows);
  const auto cell_in = [&](float w, float h) {
    return std::min({kLargestCell, (w - label) / columns, (h - 2 * kTitle_px - 10) / rows});
  };
  const float gap = 30;
  const float below_h = std::min(0.42f * area.h, area.w / aspect + kTitle_px + 22);
  const float beside_w = std::min(0.42f * area.w, (area.h - kTitle_px) * aspect);
  const float below = cell_in(area.w, area.h - below_h - 10),
              beside = cell_in(area.w - beside_w - gap, area.h);
  const auto worth = [&](float cell, float matrix_w) {
    const float matrix_cell = matrix_w / static_cast<float>(matrix_columns);
    return std::min(cell, 20.0f) + (cell >= kReadable ? 10.0f : 0.0f) + 0.5f * std::min(matrix_cell, 22.0f);
  };
  const bool is_below =
      worth(below, std::min(area.w, (below_h - kTitle_px) * aspect)) > worth(beside, beside_w);
  cell_ = std::max(is_below ? below : beside, kSmallestCell);
  if (cell_ >= 8) cell_ = std::floor(cell_);
  const float width = label + cell_ * columns, height = 2 * kTitle_px + 10 + cell_ * rows;
  const float whole_w = is_below ? width : width + gap + beside_w,
              whole_h = is_below ? height + below_h + 10 : height;
  left_ = std::floor(area.x + std::max(0.0f, (area.w - whole_w) / 2) + label);
  const float top = std::floor(area.y + std::max(0.0f, (area.h - whole_h) / 2) + kTitle_px);
  x_ = {left_, top, cell_ * cells, cell_ * channels};
  kernel_y_ = x_.bottom() + std::floor(kGap * cell_);
  products_y_ = kernel_y_ + cell_ * channels + std::floor(kGap * cell_);
  y_ = {left_, products_y_ + cell_ * channels + kTitle_px + 10, cell_ * cells, cell_ * filters};
  const float matrix_w = std::min(area.w, (below_h - kTitle_px) * aspect);
  if (is_below)
    matrix_ = {std::floor(std::min(left_, area.x + (area.w - matrix_w) / 2)), y_.bottom() + 10 + kTitle_px,
               matrix_w, below_h - kTitle_px};
  else
    matrix_ = {left_ + cell_ * columns + gap, top, beside_w, area.bottom() - top};
}

Rect SlidingBoard::long_cell(const Rect& rows, Index row, Index at) const {
  return {left_ + cell_ * static_cast<float>(at), rows.y + cell_ * static_cast<float>(row), cell_, cell_};
}

Rect SlidingBoard::short_cell(const Rect& rows, Index row, Index at) const {
  return {left_ + step_px(at) + cell_ * static_cast<float>(extent_ - 1) / 2,
          rows.y + cell_ * static_cast<float>(row), cell_, cell_};
}

Rect SlidingBoard::tap(Index step, Index channel, Index k) const {
  return {left_ + step_px(step) + cell_ * static_cast<float>(k * dilation_),
          kernel_y_ + cell_ * static_cast<float>(channel), cell_, cell_};
}

Rect SlidingBoard::product(Index step, Index channel, Index k) const {
  Rect at = tap(step, channel, k);
  at.y += products_y_ - kernel_y_;
  return at;
}

Rect SlidingBoard::channel_sum(Index step, Index channel) const {
  Rect at = product(step, channel, 0);
  at.x += cell_ * (static_cast<float>(extent_) + 0.9f);
  return at;
}

Rect SlidingBoard::window(Index step) const {
  const float top = transposed_ ? kernel_y_ : x_.y,
              bottom = transposed_ ? y_.bottom() : products_y_ + cell_ * static_cast<float>(channels_);
  return {left_ + step_px(step), top, cell_ * static_cast<float>(extent_), bottom - top};
}

Index SlidingBoard::long_at(float x) const {
  return std::clamp<Index>(static_cast<Index>(std::floor((x - left_) / cell_)), 0, long_cells_ - 1);
}

Index SlidingBoard::short_at(float x) const {
  const float first = left_ + cell_ * static_cast<float>(extent_ - 1) / 2;
  const float step = cell_ * static_cast<float>(stride_);
  return std::clamp<Index>(static_cast<Index>(std::round((x - first - cell_ / 2) / step)), 0, steps_ - 1);
}

}  // namespace vitrine::labs
