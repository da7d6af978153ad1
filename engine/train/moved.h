// Moved: what an edit of a picture changes on the way through a model, layer by layer: the difference of two
// looks at the same weights.
//   places[p] = |x'[p] - x[p]| / r, over the features of a place p;  r^2 = mean over the places of |x[p]|^2
#pragma once

#include "engine/train/inside.h"

namespace vitrine::train {

struct Moved {
  struct Layer {
    std::string name;            // of the activation: "blocks.2 output"
    core::Tensor<float> places;  // [tokens] of [tokens, D]; [H, W] of [C, H, W]; [n] of [n]
    // |x' - x| / |x| of the whole layer. As in `places`, 0 / 0 is 0: nothing was and nothing is.
    double whole = 0;
  };
  std::vector<float> logits, probabilities;  // [classes], after - before
  std::vector<Layer> layers;                 // every activation that both have, in the order of computing
};

// Throws ShapeError when the two are of different models.
Moved moved(const Inside& before, const Inside& after);

}  // namespace vitrine::train
