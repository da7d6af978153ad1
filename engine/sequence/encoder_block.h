// A Transformer's encoder block, pre-norm, taken apart: every tensor between x and y, and the gradient of
// each.
//   x1 = x + drop(attention(norm1(x))),  y = x1 + drop(fc2(drop(act(fc1(norm2(x1))))))
// Dosovitskiy et al. 2020, "An image is worth 16x16 words", equations 2 and 3; Vaswani et al. 2017,
// section 3.
#pragma once

#include <array>
#include <optional>
#include <stop_token>
#include <string_view>

#include "engine/sequence/activation.h"
#include "engine/sequence/dropout.h"
#include "engine/sequence/layer_norm.h"

namespace vitrine::sequence {

// Tensors that are told apart by an enumeration's values.
template <class Name, std::size_t kCount>
struct TensorsBy {
  std::array<core::Tensor<double>, kCount> all;
  core::Tensor<double>& operator[](Name name) { return all[static_cast<std::size_t>(name)]; }
  const core::Tensor<double>& operator[](Name name) const { return all[static_cast<std::size_t>(name)]; }
  bool operator==(const TensorsBy&) const = default;
};

// The block's weights; timm's names are in kEncoderWeightNames. M = mlp_dim, inner = heads * head_dim. A bias
// or a weight of a norm may be empty: then there is none.
enum class EncoderWeight : std::uint8_t {
  kNorm1Weight,  // [D]
  kNorm1Bias,    // [D]
  kQkvWeight,    // [3 inner, D] rows of q, then k, then v; heads in order inside each
  kQkvBias,      // [3 inner]
  kProjWeight,   // [D, inner]
  kProjBias,     // [D]
  kNorm2Weight,  // [D]
  kNorm2Bias,    // [D]
  kFc1Weight,    // [M, D]
  kFc1Bias,      // [M]
  kFc2Weight,    // [D, M]
  kFc2Bias,      // [D]
};
inline constexpr std::size_t kEncoderWeights = 12;
inline constexpr std::array<std::string_view, kEncoderWeights> kEncoderWeightNames{
    "norm1.weight", "norm1.bias", "attn.qkv.weight", "attn.qkv.bias", "attn.proj.weight", "attn.proj.bias",
    "norm2.weight", "norm2.bias", "mlp.fc1.weight",  "mlp.fc1.bias",  "mlp.fc2.weight",   "mlp.fc2.bias"};
using EncoderWeights = TensorsBy<EncoderWeight, kEncoderWeights>;

// Every tensor of a pass, in the order in which it is computed; each is made of those before it.
enum class EncoderNode : std::uint8_t {
  kInput,        // x [T, D]
  kMean1,        // norm1, step by step as in LayerNorm: [T]
  kCentred1,     // [T, D]
  kVariance1,    // [T]
  kNormalised1,  // [T, D]
  kScaled1,      // [T, D]
  kNorm1,        // [T, D]
  kQuery,        // [T, inner] head h has columns h*Dh to (h+1)*Dh
  kKey,          // [T, inner]
  kValue,        // [T, inner]
  kScores,       // [h, T, T] q.k / sqrt(Dh)
  kWeights,      // [h, T, T] their softmax, row by row
  kMixed,        // [T, inner] the heads' outputs side by side
  kProjected,    // [T, D] attn.proj of that
  kDropped1,     // [T, D] after dropout
  kMiddle,       // x1 [T, D] x plus that
  kMean2,        // norm2 of x1: [T]
  kCentred2,     // [T, D]
  kVariance2,    // [T]
  kNormalised2,  // [T, D]
  kScaled2,      // [T, D]
  kNorm2,        // [T, D]
  kHidden,       // u = fc1 [T, M]
  kActivated,    // act(u) [T, M]
  kKept,         // [T, M] after dropout
  kMlp,          // fc2 of that [T, D]
  kDropped2,     // [T, D] after dropout
  kOutput,       // y [T, D] x1 plus that
};
inline constexpr std::size_t kEncoderNodes = 28;
using EncoderNodes = TensorsBy<EncoderNode, kEncoderNodes>;

// The three dropouts: after the attention, inside and after the MLP.
enum class DropoutPlace : std::uint8_t { kAfterAttention, kInsideMlp, kAfterMlp };
using DropoutFactors = TensorsBy<DropoutPlace, 3>;

struct EncoderSpec {
  Index heads = 1;
  Activation activation = Activation::kGelu;
  double eps = kLayerNormEpsilon;
  Dropout dropout{};
  bool operator==(const EncoderSpec&) const = default;
};

struct EncoderSizes {
  Index tokens = 1, embed_dim = 1, heads = 1, head_dim = 1, mlp_dim = 1;
  Index inner() const { return core::checked_mul(heads, head_dim); }
  bool operator==(const EncoderSizes&) const = default;
};

// The sizes that follow from an input [T, D] and the weights. Throws ShapeError naming the tensor that does
// not fit; std::invalid_argument where the heads do not divide the rows of attn.qkv.weight.
EncoderSizes encoder_sizes(const core::Tensor<double>& input, const EncoderWeights& weights, Index heads);
// The shape of a weight; its count() are its parameters. Throws ShapeError past 2^63.
core::Shape weight_shape(EncoderWeight weight, const EncoderSizes& sizes);
core::Shape node_shape(EncoderNode node, const EncoderSizes& sizes);

struct EncoderBlock {
  EncoderSizes sizes;
  EncoderNodes nodes;
  DropoutFactors factors;  // [T, D], [T, M], [T, D]: 0 or 1/(1 - rate)
};

// input [T, D]. Without dropout (rate 0) this is the block of evaluation. A NaN or an infinity is carried.
// Throws as encoder_sizes(), layer_norm() and dropout_factors(); std::invalid_argument naming the tensor if
// finite numbers lead beyond a double's range. Cost T*D*(4 inner + 2 M) + 2*T*T*inner.
EncoderBlock encoder_block(const core::Tensor<double>& input, const EncoderWeights& weights,
                           const EncoderSpec& spec);

// dL/d of everything. Of a node: along all paths from it to y.
struct EncoderGradients {
  EncoderNodes nodes;
  EncoderWeights weights;  // empty where the block has none
  // What comes back through the branch: dL/dx = dL/dx1 + input_branch, dL/dx1 = dL/dy + middle_branch; the
  // first term of each is what the residual path brings unchanged.
  core::Tensor<double> input_branch, middle_branch;  // [T, D]
};

// `block` as encoder_block() gave it for the same weights and spec; grad_output = dL/dy [T, D]. Dropout keeps
// what it kept. Throws ShapeError.
EncoderGradients encoder_block_backward(const EncoderBlock& block, const EncoderWeights& weights,
                                        const EncoderSpec& spec, const core::Tensor<double>& grad_output);

// The same by central_differences() of this relative step, which know nothing of the chain rule: each number
// in turn moved and all that follows computed anew; L = sum grad_output y. The branches: x moved for the norm
// only. Throws ShapeError, core::Stopped. Cost two passes a number.
EncoderGradients encoder_finite_differences(const EncoderBlock& block, const EncoderWeights& weights,
                                            const EncoderSpec& spec, const core::Tensor<double>& grad_output,
                                            double step, std::stop_token stop = {});

}  // namespace vitrine::sequence
