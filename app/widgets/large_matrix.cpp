#include "app/widgets/large_matrix.h"

#include <algorithm>
#include <cmath>

namespace vitrine::widgets {

using core::Index;

namespace {

constexpr float kNarrowestBlock_px = 8;  // nearer lines would veil the matrix

constexpr float kBlocksBelow_px = 0.9f;  // side of a cell on the screen
constexpr Index kMostBlocks = 512;       // in a row or a column

float band(Index cells, float side) { return static_cast<float>(cells) * side; }

}  // namespace

MatrixBlocks blocks_of(const core::Tensor<float>& values) {
  const Index rows = values.size(0), columns = values.size(1);
  MatrixBlocks b{{}, (std::max(rows, columns) + kMostBlocks - 1) / kMostBlocks};
  if (b.side <= 1) return b;
  b.strongest =
      core::Tensor<float>(core::Shape{(rows + b.side - 1) / b.side, (columns + b.side - 1) / b.side});
  for (Index row = 0; row < rows; ++row)
    for (Index column = 0; column < columns; ++column) {
      const float value = values(row, column);
      float& strongest = b.strongest(row / b.side, column / b.side);
      if (std::isnan(value) || std::abs(value) > std::abs(strongest)) strongest = value;
    }
  return b;
}

namespace {

// The whole matrix as a texture: of its blocks while a cell is smaller than a pixel.
void draw_texture(Canvas& canvas, const LargeMatrix& matrix, const MatrixLayout& m) {
  const bool by_blocks = matrix.blocks && matrix.blocks->side > 1 && m.cell * canvas.zoom() < kBlocksBelow_px;
  const core::Tensor<float>& texture = by_blocks ? matrix.blocks->strongest : *matrix.values;
  const float side = by_blocks ? band(matrix.blocks->side, m.cell) : m.cell;
  const Rect box{m.cells.x, m.cells.y, band(texture.size(1), side), band(texture.size(0), side)};
  const std::string id = std::string(matrix.id) + (by_blocks ? " blocks" : "");
  canvas.push_clip(m.cells);  // the last blocks may reach beyond the matrix
  canvas.heatmap({id, box, &texture, matrix.colormap, matrix.range, matrix.source});
  canvas.pop_clip();
  canvas.stroke(m.cells, Role::kHairline);
}

}  // namespace

MatrixLayout layout(const LargeMatrix& matrix) {
  MatrixLayout m;
  m.rows = matrix.values->size(0);
  m.columns = matrix.values->size(1);
  m.cell = std::min({matrix.max_cell, matrix.box.w / static_cast<float>(m.columns),
                     matrix.box.h / static_cast<float>(m.rows)});
  if (m.cell >= 8) m.cell = std::floor(m.cell + 1e-3f);  // a whole number that a division spoilt is one
  m.cells = {matrix.box.x, matrix.box.y, band(m.columns, m.cell), band(m.rows, m.cell)};
  return m;
}

CellSpan visible_cells(const Canvas& canvas, const MatrixLayout& m) {
  const Rect seen = canvas.visible();
  const auto first = [&](float offset, Index n) {
    return std::clamp<Index>(static_cast<Index>(std::floor(offset / m.cell)), 0, n);
  };
  const auto end = [&](float offset, Index n) {
    return std::clamp<Index>(static_cast<Index>(std::ceil(offset / m.cell)), 0, n);
  };
  return {first(seen.y - m.cells.y, m.rows), end(seen.bottom() - m.cells.y, m.rows),
          first(seen.x - m.cells.x, m.columns), end(seen.right() - m.cells.x, m.columns)};
}

bool shows_cells(const Canvas& canvas, const MatrixLayout& m) {
  return m.cell * std::max(canvas.zoom(), 1.0f) >= kSingleCell_px;
}

CellTouch draw(Canvas& canvas, const LargeMatrix& matrix, const MatrixLight& light) {
  const MatrixLayout m = layout(matrix);
  canvas.numbers({std::string(matrix.id), m.cells, matrix.values});
  const auto value = [&](Cell at) -> double { return (*matrix.values)[at.row * m.columns + at.column]; };
  if (shows_cells(canvas, m)) {
    const Shade shade = matrix.shade.value_or(mapped(matrix.colormap, matrix.range));
    const CellSpan seen = visible_cells(canvas, m);
    for (Index row = seen.row; row < seen.row_end; ++row)
      for (Index column = seen.column; column < seen.column_end; ++column) {
        const Cell at{row, column};
        const CellLook look = matrix.look ? matrix.look(at) : CellLook{.plain = value(at) == 0};
        draw_cell(canvas, m.at(at), matrix.number ? matrix.number(at) : value(at), look, shade);
      }
  } else {
    draw_texture(canvas, matrix, m);
  }
  const float hair = hairline(canvas);
  for (const Index column : light.columns) {
    const Rect cell = m.at({0, column});
    canvas.stroke(Rect{cell.x, m.cells.y, m.cell, m.cells.h}.inset(-hair), Role::kFocus, 2);
  }
  for (const Index row : light.rows) {
    const Rect cell = m.at({row, 0});
    canvas.stroke(Rect{m.cells.x, cell.y, m.cells.w, m.cell}.inset(-hair), Role::kFocus, 2);
  }
  CellTouch touch;
  if (const Touch pointer = canvas.touch(matrix.id, m.cells); pointer.hovered)
    touch = {cell_under(m, pointer.at), pointer.clicked};
  return touch;
}

void draw_blocks(Canvas& canvas, const MatrixLayout& m, Index rows, Index columns) {
  const float hair = hairline(canvas);
  if (band(std::min(rows, columns), m.cell) < kNarrowestBlock_px * hair) return;
  const CellSpan seen = visible_cells(canvas, m);
  for (Index row = (seen.row / rows + 1) * rows; row < std::min(seen.row_end, m.rows); row += rows) {
    const float y = m.at({row, 0}).y;
    canvas.line({m.cells.x, y}, {m.cells.right(), y}, Role::kQuiet);
  }
  for (Index column = (seen.column / columns + 1) * columns; column < std::min(seen.column_end, m.columns);
       column += columns) {
    const float x = m.at({0, column}).x;
    canvas.line({x, m.cells.y}, {x, m.cells.bottom()}, Role::kQuiet);
  }
}

}  // namespace vitrine::widgets
