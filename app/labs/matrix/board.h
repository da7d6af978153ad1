// Where the pictures of one matrix and its four layers lie on the stage.
#pragma once

#include "app/labs/matrix/lab.h"

namespace vitrine::labs {

struct MatrixBoard {
  MatrixBoard(const widgets::Rect& area, const OneMatrix::Result& result);

  // Cells are large enough to be drawn, and to move, one by one; else the matrix is a texture until the stage
  // is enlarged.
  bool cells = false;
  // A low stage has no room for words: the formula strip says the same.
  bool compact = false;
  std::array<widgets::Rect, OneMatrix::kLayers> cards{};  // the layers, on top
  widgets::MatrixLayout matrix;
  widgets::Rect x{}, y{};                                       // strips along the matrix's columns and rows
  widgets::Rect side{};                                         // beside them: words, kernel, pictures
  widgets::MatrixLayout kernel, input_picture, output_picture;  // in it; pictures only of a picture
  float words_y = 0;

  widgets::Rect x_cell(core::Index input) const;
  widgets::Rect y_cell(core::Index output) const;
};

}  // namespace vitrine::labs
