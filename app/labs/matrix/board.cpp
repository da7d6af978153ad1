#include "app/labs/matrix/board.h"

#include <algorithm>
#include <cmath>

namespace vitrine::labs {

using core::Index;
using widgets::MatrixLayout;
using widgets::Rect;

namespace {

constexpr float kMargin_px = 22, kCard_px = 46, kTitle_px = widgets::kTitleHeight_px + 2, kWords_px = 26;
constexpr float kCompactBelow_px = 320;
constexpr float kLargestCell = 76, kLargestOfSide = 48, kSmallestSingle = 14, kStrip_px = 12, kLegend_px = 30;
constexpr Index kMostSingle = 2048;  // cells that are drawn one by one

// A grid of cells as large as fit the box, at its top left.
MatrixLayout grid_in(const Rect& box, Index rows, Index columns, float largest) {
  MatrixLayout m{rows, columns, 0, {}};
  m.cell = std::min({largest, box.w / static_cast<float>(columns), box.h / static_cast<float>(rows)});
  if (m.cell >= 8) m.cell = std::floor(m.cell);
  m.cells = {std::floor(box.x), std::floor(box.y), m.cell * static_cast<float>(columns),
             m.cell * static_cast<float>(rows)};
  return m;
}

}  // namespace

MatrixBoard::MatrixBoard(const Rect& area, const OneMatrix::Result& r) {
  const bool picture = r.params.picture;
  const Index m = r.outputs(), n = r.inputs();
  compact = area.h < kCompactBelow_px;
  const float top_gap = compact ? 6 : 12, card_h = compact ? kTitle_px : kCard_px;
  const Rect inner{area.x + kMargin_px, area.y + top_gap, area.w - 2 * kMargin_px,
                   area.h - top_gap - (compact ? 6 : kWords_px)};
  words_y = inner.bottom() + 10;
  const float gap = 22, each = (inner.w - gap * (OneMatrix::kLayers - 1)) / OneMatrix::kLayers;
  for (std::size_t i = 0; i < cards.size(); ++i)
    cards[i] = {inner.x + (each + gap) * static_cast<float>(i), inner.y, each, card_h};

  const float side_w =
      picture ? std::clamp(0.27f * inner.w, 130.0f, 250.0f) : std::clamp(0.2f * inner.w, 110.0f, 170.0f);
  const float top = inner.y + card_h + 4 + kTitle_px;  // of x
  const Rect main{inner.x, top, inner.w - side_w - 36, inner.bottom() - top};
  const float fixed_h = kTitle_px + 6;  // between x and the matrix
  const auto rows = static_cast<float>(m), columns = static_cast<float>(n);
  const float single =
      std::floor(std::min({kLargestCell, (main.w - 14) / (columns + 1.3f), (main.h - fixed_h) / (rows + 1)}));
  cells = single >= kSmallestSingle && m * n <= kMostSingle;
  const float strip = cells ? single : kStrip_px;
  const Rect box{main.x, main.y + strip + fixed_h, main.w - strip - 14,
                 main.h - strip - fixed_h - (cells ? 0 : kLegend_px)};
  matrix = grid_in(box, m, n, cells ? single : kLargestCell);
  // In the middle of what is left.
  const float width = matrix.cells.w + 14 + 0.3f * strip + strip;
  matrix.cells.x += std::floor(std::max(0.0f, (main.w - width) / 2));
  const float lower = std::floor(0.5f * std::max(0.0f, box.h - matrix.cells.h));
  matrix.cells.y += lower;
  x = {matrix.cells.x, main.y + lower, matrix.cells.w, strip};
  y = {matrix.cells.right() + 14, matrix.cells.y, strip, matrix.cells.h};

  side = {inner.right() - side_w, top - kTitle_px + 6, side_w, inner.bottom() - top + kTitle_px - 6};
  const float words_h = compact ? 0 : std::min(150.0f, 0.42f * side.h);
  const float kernel_y = side.y + words_h + kTitle_px;
  const float kernel_h = picture ? 0.2f * side.h : side.h - words_h - kTitle_px;
  kernel = grid_in({side.x, kernel_y, side.w, kernel_h}, r.params.kernel.size(0), r.params.kernel.size(1),
                   kLargestOfSide);
  if (!picture) return;
  const float pictures_y = kernel_y + kernel_h + kTitle_px;
  const float half = (side.w - 14) / 2, pictures_h = side.bottom() - pictures_y;
  input_picture =
      grid_in({side.x, pictures_y, half, pictures_h}, r.params.rows, r.params.columns, kLargestOfSide);
  output_picture = grid_in({side.x + half + 14, pictures_y, half, pictures_h}, r.rows.outputs(),
                           r.columns.outputs(), kLargestOfSide);
}

Rect MatrixBoard::x_cell(Index input) const {
  return {x.x + matrix.cell * static_cast<float>(input), x.y, matrix.cell, x.h};
}

Rect MatrixBoard::y_cell(Index output) const {
  return {y.x, y.y + matrix.cell * static_cast<float>(output), y.w, matrix.cell};
}

}  // namespace vitrine::labs
