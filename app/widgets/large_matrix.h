// LargeMatrix: a matrix of any size up to 4,096 x 4,096. While its cells are small on the screen it is a
// texture, uploaded once; enlarged, it is single cells with their numbers, only those that are visible. So a
// frame costs what can be seen of the matrix and not what it holds.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "app/widgets/matrix.h"

namespace vitrine::widgets {

inline constexpr core::Index kLargestMatrix = 4096;  // rows or columns
inline constexpr float kSingleCell_px = 20;  // side on the screen from which cells are drawn one by one

// A matrix by blocks of side x side cells, each shown by its strongest cell: seen from afar a few weights
// among zeros would pale in a mean, and those of both signs cancel. Made once with the result that the matrix
// is in.
struct MatrixBlocks {
  core::Tensor<float> strongest;  // empty where the matrix is small
  core::Index side = 1;
};
// values [rows, columns]; a NaN is stronger than any number.
MatrixBlocks blocks_of(const core::Tensor<float>& values);

struct LargeMatrix {
  std::string_view id;                // of the touched shape and of the textures
  const core::Tensor<float>* values;  // [rows, columns]; belongs to `source`
  std::shared_ptr<const void> source;
  gpu::Colormap colormap = gpu::Colormap::kDiverging;
  gpu::Range range;
  Rect box;  // the cells are square and as large as fit, at most max_cell, at the box's top left
  float max_cell = 48;
  // Also of `source`; without them cells that share a pixel are shown by their mean.
  const MatrixBlocks* blocks = nullptr;
  // Of single cells; without it they have the colormap's colours.
  std::optional<Shade> shade{};
  // The number and the look of a single cell; without them the value itself, plain where it is 0.
  std::function<double(Cell)> number = {};
  std::function<CellLook(Cell)> look = {};
};

// What is lit: whole rows, whole columns.
struct MatrixLight {
  std::vector<core::Index> rows, columns;
};

// The cells of rows [row, row_end) and columns [column, column_end).
struct CellSpan {
  core::Index row, row_end, column, column_end;
  core::Index count() const { return (row_end - row) * (column_end - column); }
};

MatrixLayout layout(const LargeMatrix& matrix);
// The cells that are on the screen at least in part.
CellSpan visible_cells(const Canvas& canvas, const MatrixLayout& layout);
// Whether cells are large enough on the screen to be drawn one by one.
bool shows_cells(const Canvas& canvas, const MatrixLayout& layout);
CellTouch draw(Canvas& canvas, const LargeMatrix& matrix, const MatrixLight& light = {});
// A line every so many cells, for the blocks of a block matrix; none where they would veil it.
void draw_blocks(Canvas& canvas, const MatrixLayout& layout, core::Index rows, core::Index columns);

}  // namespace vitrine::widgets
