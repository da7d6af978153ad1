// The transposed convolution, the adjoint of correlate: every input cell paints the kernel, scaled by its
// value. y[f, i*S + u*d - p, j*S + v*d - p] += x[c,i,j] w[c,f,u,v], summed over c, i, j, u, v. Source: Zeiler
// et al. 2010, "Deconvolutional networks"; Dumoulin, Visin 2016, section 4.
#pragma once

#include <stop_token>
#include <vector>

#include "engine/signal/window.h"

namespace vitrine::signal {

// Stride, dilation and padding are those of the correlation that it transposes, as in PyTorch's
// conv_transpose: the padding is cut off the output. output_padding adds positions at the end, so that an
// output can have any of the sizes that the correlation rounds down to the same one.
struct TransposeSpec {
  WindowSpec rows{}, columns{};
  Index output_padding_rows = 0, output_padding_columns = 0;

  void describe(core::Fields& f);
  bool operator==(const TransposeSpec&) const = default;
};

// (L-1)*S - p_before - p_after + d(K-1) + output_padding + 1. Throws ShapeError when that is smaller than 1
// or passes 2^63, when a size is out of range, and unless output_padding is smaller than the stride or the
// dilation.
Index transposed_size(Index input, Index kernel, const WindowSpec& spec, Index output_padding);

// The y above plus bias[f]. input [C, H, W], weight [C, F, Kh, Kw], bias [F] or empty; returns [F, Ho, Wo].
// Sums run over c, then i, then j. Throws ShapeError as transposed_size, also when the result passes
// core::kResultLimit; core::Stopped. Cost C*H*W*F*Kh*Kw.
core::Tensor<double> correlate_transposed(const core::Tensor<double>& input,
                                          const core::Tensor<double>& weight,
                                          const core::Tensor<double>& bias, const TransposeSpec& spec,
                                          std::stop_token stop = {});

// One product of the sum that makes an output cell.
struct TransposedTerm {
  Index channel, row, column;  // the input cell
  Index kernel_row, kernel_column;
  Index weight_index;  // into the flattened weight
  double input, weight, product;
  bool operator==(const TransposedTerm&) const = default;
};
// All products of y[filter, output_row, output_column], in the order of the sum; none where only
// output_padding reaches. Throws ShapeError as correlate_transposed and where there is no such cell.
std::vector<TransposedTerm> transposed_terms(const core::Tensor<double>& input,
                                             const core::Tensor<double>& weight, const TransposeSpec& spec,
                                             Index filter, Index output_row, Index output_column);

}  // namespace vitrine::signal
