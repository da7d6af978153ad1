// A convolution's backward where the gradient of its output is mostly zeros, as ReLU and max pooling leave
// it: only what is not zero is looked at, and it adds a multiple of a whole patch, or of a filter.
#pragma once

#include "engine/nn/patches.h"

namespace vitrine::nn {

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
