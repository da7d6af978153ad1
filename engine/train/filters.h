// Filters: the first weights that look at the picture, themselves as pictures: a ViT's patch embedding, a
// CNN's first kernels, an MLP's first rows.
#pragma once

#include <vector>

#include "engine/core/tensor.h"
#include "engine/nn/model.h"

namespace vitrine::train {

using core::Index;

struct Filters {
  std::string name;              // of the parameter: "patch_embed.proj.weight"
  core::Tensor<float> pictures;  // [F, C, K, K'], the longest first
  std::vector<Index> numbers;    // [F] which of the parameter's it is
  std::vector<double> norms;     // [F] sqrt(sum of squares), falling
};

// The weights of the first layer that has some: [F, C, K, K] as they are, rows [F, inputs] laid out as the
// pictures that they are multiplied with.
Filters first_filters(const nn::Model<float>& model, const nn::Weights<float>& weights);

struct Components {
  core::Tensor<float> pictures;  // [count, C, K, K'], each of length 1, the greatest share first
  std::vector<double> shares;    // [count] of the filters' variance, 0 to 1; together at most 1
};

// The principal components of F filters about their mean, at most `most` of those whose share is not 0. Each
// is signed so that the sum of its numbers v(r, c) exp(-2 (r / K + c / K')), in which the top left counts
// most, is not negative: pictures of one step and the next look alike. Dosovitskiy et al. 2020, "An image is
// worth 16x16 words", figure 7 left. Cost about 10 F^2 times a filter's numbers.
Components principal_components(const Filters& filters, Index most);

// What each filter of a patch embedding answers to each patch: out[f, i, j] = b[f] + sum_{c,y,x} w[f,c,y,x]
// image[c, iP+y, jP+x], [F, rows, columns], in the filters' order; the tokens before positions are added.
// image [C, H, W] as the model takes it. Throws ShapeError where the filters' tiles do not cover it exactly.
core::Tensor<float> patch_answers(const Filters& filters, const core::Tensor<float>& bias,
                                  const core::Tensor<float>& image);

}  // namespace vitrine::train
