// A convolution layer backward: what each number of y = correlate(x, w, b) owes to x, w and b.
//   dL/dw[f,c,u,v] = sum_{i,j} g[f,i,j] x[c, i*S + u*d - p, j*S + v*d - p]      (g = dL/dy)
//   dL/dx[c,r,q]   = sum of g[f,i,j] w[f,c,u,v] over every tap that reads (c, r, q);  dL/db[f] = sum_{i,j}
//   g[f,i,j]
// Source: Dumoulin, Visin 2016, "A guide to convolution arithmetic for deep learning", section 4.
#pragma once

#include <stop_token>
#include <vector>

#include "engine/signal/convolution.h"

namespace vitrine::signal {

struct ConvGradients {
  core::Tensor<double> input;   // [C, H, W], dL/dx
  core::Tensor<double> weight;  // [F, C/groups, Kh, Kw], dL/dw
  core::Tensor<double> bias;    // [F], dL/db
};

// The equations above. input [C, H, W], weight [F, C/groups, Kh, Kw], grad_output [F, Ho, Wo]. A boundary
// other than zeros sends what reaches the padding back to the cell that was continued. Sums run over f, then
// i, then j, then u, then v. Throws ShapeError as correlate and when grad_output is not of the output's
// shape; core::Stopped. Cost F*Ho*Wo*C/groups*Kh*Kw.
ConvGradients correlate_backward(const core::Tensor<double>& input, const core::Tensor<double>& weight,
                                 const core::Tensor<double>& grad_output, const ConvSpec& spec,
                                 std::stop_token stop = {});

// The same three by central finite differences of L = sum g y, (L(v + h) - L(v - h)) / 2h for each number v:
// a check that knows nothing of the equations above. y is linear in each number, so it is exact up to
// rounding. bias [F] or empty. Throws as correlate_backward, and std::invalid_argument unless step > 0. Cost
// two forward passes a number.
ConvGradients finite_differences(const core::Tensor<double>& input, const core::Tensor<double>& weight,
                                 const core::Tensor<double>& bias, const core::Tensor<double>& grad_output,
                                 const ConvSpec& spec, double step, std::stop_token stop = {});

// One product of the sum that makes a gradient cell: an upstream cell times what stood beside the other
// factor in the forward sum.
struct GradientTerm {
  Index filter, output_row, output_column;  // the upstream cell
  Index channel;                            // of the input
  Tap tap;                                  // over the input, in the forward pass
  Index weight_index;                       // into the flattened weight
  double upstream, factor, product;         // factor: x for dL/dw (0 in the padding), w for dL/dx
};
// All products of dL/dw[filter, c, u, v], in correlate_backward's order; the indices are the weight's, flip
// or not. Throws ShapeError as correlate_backward and where there is no such weight.
std::vector<GradientTerm> weight_gradient_terms(const core::Tensor<double>& input,
                                                const core::Shape& weight_shape,
                                                const core::Tensor<double>& grad_output, const ConvSpec& spec,
                                                Index filter, Index c, Index u, Index v);
// All products of dL/dx[channel, row, column], in correlate_backward's order. Throws ShapeError as
// correlate_backward and where there is no such input cell.
std::vector<GradientTerm> input_gradient_terms(const core::Shape& input_shape,
                                               const core::Tensor<double>& weight,
                                               const core::Tensor<double>& grad_output, const ConvSpec& spec,
                                               Index channel, Index row, Index column);

// The picture with S-1 zeros between its numbers: z[c, i*S, j*S'] = g[c,i,j]. For zeros in the padding, no
// flip and one group, dL/dw is the input correlated with this one, a step of the forward dilation at a time:
// stride and dilation change places. picture [C, H, W]; returns [C, (H-1)S + 1, (W-1)S' + 1]. Throws
// ShapeError.
core::Tensor<double> spread(const core::Tensor<double>& picture, Index row_stride, Index column_stride);

}  // namespace vitrine::signal
