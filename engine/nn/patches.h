// Patches: what a window sees of an image x [H + 2 P, W + 2 P, C], its padding filled in, as a matrix
// P[place, input] = x[begin of the place + begin of the input], place = (i, j), input = (u, v, c), that is
// never built. A convolution is a product with it; Chellapilla, Puri, Simard 2006, section 4, builds it.
#pragma once

#include "engine/core/matrix.h"
#include "engine/nn/window.h"

namespace vitrine::nn {

using core::MatrixView;

struct Patches {
  explicit Patches(const Window& window);

  Index height, width;                   // places
  Index rows, row_count, to_next_row;    // of a patch: the numbers of a row, and from one row to the next
  Index to_place_below, to_place_right;  // from a patch to the next

  Index places() const { return height * width; }
  Index inputs() const { return rows * row_count; }
  // Numbers that the products need for a while.
  template <class T>
  Index scratch_count() const;
};

// y[place,f] = start[f] + sum_input P[place,input] w[input,f]    w [inputs, F], y [places, F]
template <class T>
void patches_times(const Patches& patches, const T* x, MatrixView<const T> w, const T* start, T* scratch,
                   MatrixView<T> y);
// d_w[input,f] = sum_place P[place,input] dy[place,f]    dy [places, F], d_w [inputs, F]
template <class T>
void patches_transposed_times(const Patches& patches, const T* x, MatrixView<const T> dy, T* scratch,
                              MatrixView<T> d_w);

}  // namespace vitrine::nn
