// A convolution's backward where the gradient of its output is mostly zeros, as ReLU and max pooling leave
// it: only what is not zero is looked at, and it adds a multiple of a whole patch, or of a filter.
#pragma once

#include "engine/nn/window.h"

namespace vitrine::nn {

// The patches that a window sees of an image [H + 2 P, W + 2 P, C], its padding filled in.
struct Patches {
  explicit Patches(const Window& window);

  Index height, width;                   // places
  Index rows, row_count, to_next_row;    // of a patch: the numbers of a row, and from one row to the next
  Index to_place_below, to_place_right;  // from a patch to the next
};

// Whether the two below are the faster way. dy [places, filters]
template <class T>
bool is_sparse(const Patches& patches, Index filters, const T* dy);

// d_weight[f,(u,v,c)] += sum_places dy[place,f] x[patch of the place, (u,v,c)]
template <class T>
void add_sparse_weight_gradient(const Patches& patches, Index filters, const T* dy, const T* x, T* d_weight);
// dx[patch of a place, (u,v,c)] += sum_f dy[place,f] weight[f,(u,v,c)]
template <class T>
void add_sparse_input_gradient(const Patches& patches, Index filters, const T* dy, const T* weight, T* dx);

}  // namespace vitrine::nn
