// Reduced: a picture at fewer pixels, for where there is no room for all of them. Each pixel is the mean of a
// block: y[c, i, j] = (1 / |B|) sum_{(u, v) in B} x[c, b i + u, b j + v], B the part of the b x b block that
// lies inside.
#pragma once

#include "engine/core/tensor.h"
#include "engine/core/workers.h"

namespace vitrine::signal {

using core::Index;

// planes [C, H, W]; returns [C, ceil(H/b), ceil(W/b)] with the smallest b that leaves at most `most` pixels a
// side. The bits do not depend on the number of threads. Throws ShapeError if planes has other axes or one
// without pixels, std::invalid_argument if most < 1.
core::Tensor<float> reduced(const core::Tensor<float>& planes, Index most, core::Workers& workers);

}  // namespace vitrine::signal
