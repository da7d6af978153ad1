// EncoderBlock, pre-norm: x1 = x + drop(attention(norm1(x))), y = x1 + drop(fc2(drop(gelu(fc1(norm2(x1)))))).
// Dosovitskiy et al. 2020, equations 2 and 3; dropout after the attention, inside and after the MLP.
#pragma once

#include <string>
#include <vector>

#include "engine/nn/attention.h"
#include "engine/nn/dropout.h"
#include "engine/nn/gelu.h"
#include "engine/nn/layer_norm.h"
#include "engine/nn/linear.h"

namespace vitrine::nn {

struct EncoderSizes {
  Index tokens, embed_dim, heads, head_dim, mlp_dim;
  Bias qkv_bias;
  double norm_epsilon = LayerNorm<float>::kEpsilon;
};

template <class T>
class EncoderBlock {
 public:
  // What backward reads again; rows = images * tokens, outputs = rows or images.
  struct Activations {
    typename LayerNorm<T>::Statistics *statistics1, *statistics2;  // [rows]
    T* normed1;                                                    // [rows, embed_dim]
    typename MultiHeadAttention<T>::Activations attention;
    T* middle;   // x1 [outputs, embed_dim]
    T* normed2;  // [outputs, embed_dim]
    T* slope;    // of GELU and dropout [outputs, mlp_dim]
    T* hidden;   // after GELU and dropout [outputs, mlp_dim]
  };
  struct Scratch {
    typename MultiHeadAttention<T>::Scratch attention;
    T *branch, *d_normed;  // [rows, embed_dim]
    T* d_hidden;           // [rows, mlp_dim]
  };
  // `number` counts the model's blocks; parameters blocks.<number>.{norm1, attn.qkv, attn.proj, norm2,
  // mlp.fc1, mlp.fc2}.
  EncoderBlock(ParameterLayout& layout, Index number, const EncoderSizes& sizes);

  Activations take_activations(Arena<T>& arena, Index images) const;
  Scratch take_scratch(Arena<T>& arena, Index images) const;

  // x [rows, embed_dim]; y the same, or only every image's first row where nothing reads the others:
  // [images, embed_dim] with a stride of tokens * embed_dim.
  void forward(const Pass<T>& pass, MatrixView<const T> x, const Activations& keep, const Scratch& scratch,
               MatrixView<T> y) const;
  // `stream` [rows, embed_dim] holds the gradient with respect to y and then the one with respect to x;
  // `outputs` is y's number of rows: the gradient of those it lacks is zero.
  void backward(const Pass<T>& pass, MatrixView<const T> x, const Activations& kept, const Scratch& scratch,
                MatrixView<T> stream, Index outputs) const;

  const MultiHeadAttention<T>& attention() const { return attention_; }

 private:
  EncoderSizes sizes_;
  LayerNorm<T> norm1_;
  MultiHeadAttention<T> attention_;
  Dropout<T> after_attention_;
  LayerNorm<T> norm2_;
  Linear<T> fc1_;
  Dropout<T> inside_mlp_;
  Linear<T> fc2_;
  Dropout<T> after_mlp_;
};

}  // namespace vitrine::nn
