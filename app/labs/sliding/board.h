// Where the pictures of the sliding window lie on the stage. The window moves over the long row (the padded
// input, or a transposed convolution's output); each of its places is a cell of the short row, centred on it.
#pragma once

#include "app/labs/sliding/lab.h"

namespace vitrine::labs {

class SlidingBoard {
 public:
  SlidingBoard(const widgets::Rect& area, const SlidingWindow::Result& result);

  float cell() const { return cell_; }  // side, px
  // One signal and one filter: the columns of K stand under the cells of x and its rows beside those of y.
  bool aligned() const { return aligned_; }
  const widgets::Rect& x() const { return x_; }  // with its padding
  const widgets::Rect& y() const { return y_; }
  const widgets::Rect& matrix() const { return matrix_; }  // aligned: its cells; else the box for it
  float words_y() const { return words_y_; }               // of the lines under the pictures

  widgets::Rect x_cell(core::Index channel, core::Index at) const {
    return transposed_ ? short_cell(x_, channel, at) : long_cell(x_, channel, at);
  }
  widgets::Rect y_cell(core::Index filter, core::Index at) const {
    if (aligned_) return {y_.x, y_.y + cell_ * static_cast<float>(at), cell_, cell_};
    return transposed_ ? long_cell(y_, filter, at) : short_cell(y_, filter, at);
  }
  widgets::Rect matrix_cell(core::Index row, core::Index column) const {
    return {matrix_.x + cell_ * static_cast<float>(column), matrix_.y + cell_ * static_cast<float>(row),
            cell_, cell_};
  }
  // The kernel's cell over tap k when the window is at this step, and its product below it.
  widgets::Rect tap(core::Index step, core::Index channel, core::Index k) const;
  widgets::Rect product(core::Index step, core::Index channel, core::Index k) const;
  // Behind the products of a channel: their sum.
  widgets::Rect channel_sum(core::Index step, core::Index channel) const;
  // What the window covers at a step: of the long row, the kernel and the products.
  widgets::Rect window(core::Index step) const;

  // The cell of the long or of the short row at a point.
  core::Index long_at(float x) const;
  core::Index short_at(float x) const;

 private:
  void stack(const widgets::Rect& area, core::Index matrix_rows, core::Index matrix_columns);
  widgets::Rect long_cell(const widgets::Rect& rows, core::Index row, core::Index at) const;
  widgets::Rect short_cell(const widgets::Rect& rows, core::Index row, core::Index at) const;
  float step_px(core::Index step) const { return cell_ * static_cast<float>(step * stride_); }

  core::Index channels_, filters_, long_cells_, steps_, stride_, dilation_, extent_;
  bool transposed_, aligned_ = false;
  float cell_ = 0, words_y_ = 0;
  widgets::Rect x_{}, y_{}, matrix_{};
  float kernel_y_ = 0, products_y_ = 0, left_ = 0;
};

}  // namespace vitrine::labs
