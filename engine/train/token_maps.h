// Token maps: what belongs to a ViT's tokens, laid out over the picture that their patches are cut from.
#pragma once

#include "engine/core/tensor.h"
#include "engine/nn/vit.h"

namespace vitrine::train {

using core::Index;

// Where tokens stand in the picture: patches row by row, behind the class token if there is one.
struct PatchGrid {
  Index rows = 0, columns = 0;  // 0: no tokens
  Index patch_size = 0;         // px
  Index first_patch = 0;        // its token's number

  Index patches() const { return rows * columns; }
  Index tokens() const { return first_patch + patches(); }
  bool is_patch(Index token) const { return token >= first_patch && token < tokens(); }
  bool operator==(const PatchGrid&) const = default;
};
PatchGrid patch_grid(const nn::VitSizes& sizes);

// Maps side by side and below each other as one matrix: values [down, across, tokens] -> [down * rows, across
// * columns] without what is not a patch. Throws ShapeError for another number of tokens.
core::Tensor<float> token_maps(const core::Tensor<float>& values, const PatchGrid& grid);

// How a query looks at the patches in every layer (downwards) and head (across), as token_maps: of the class
// token the class-token attention. attention [depth, heads, tokens, tokens]. Throws ShapeError, and
// std::invalid_argument for a query outside the tokens.
core::Tensor<float> attention_maps(const core::Tensor<float>& attention, const PatchGrid& grid, Index query);

// How far a head looks: [depth, heads] px, the mean over the patches i of sum_j a[i,j] |c[i] - c[j]| / sum_j
// a[i,j] over the patches j, with c a patch's centre. 0: only at themselves; NaN where no patch looks at
// patches. Dosovitskiy et al. 2020, "An image is worth 16x16 words", figure 7 right and appendix D.7. Throws
// ShapeError.
core::Tensor<double> attention_distances(const core::Tensor<float>& attention, const PatchGrid& grid);

}  // namespace vitrine::train
