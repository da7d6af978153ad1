// The receptive field of one cell behind a stack of layers with windows: how many input positions it can see.
// r = 1 + sum_l d_l (K_l - 1) J_{l-1}, J_l = S_1 S_2 ... S_l. Source: Araujo, Norris, Sim 2019, "Computing
// receptive fields of convolutional neural networks", section 2.
#pragma once

#include <span>

#include "engine/core/tensor.h"

namespace vitrine::signal {

struct ReceptiveLayer {
  core::Index kernel = 1, stride = 1, dilation = 1;
  bool operator==(const ReceptiveLayer&) const = default;
};

struct ReceptiveField {
  core::Index size = 1;  // input positions along the axis, from the first seen to the last
  core::Index jump = 1;  // how far the field moves from one cell to the next
  bool operator==(const ReceptiveField&) const = default;
};

// Along one axis, layers in forward order; none of them is the identity. Throws ShapeError (with the layer's
// number, from 1) if a value is smaller than 1 or a size passes 2^63.
ReceptiveField receptive_field(std::span<const ReceptiveLayer> layers);
// The field behind one more layer. Throws ShapeError.
ReceptiveField widened(const ReceptiveField& field, const ReceptiveLayer& layer);

}  // namespace vitrine::signal
