// Vision Transformer: tokens of an image, `depth` encoder blocks, a norm, the class token (or the tokens'
// mean) to the classes. Dosovitskiy et al. 2020, "An image is worth 16x16 words", section 3.1.
#pragma once

#include <string>
#include <vector>

#include "engine/nn/embedding.h"
#include "engine/nn/encoder_block.h"
#include "engine/nn/layer_norm.h"
#include "engine/nn/linear.h"
#include "engine/nn/model.h"

namespace vitrine::nn {

enum class Pool { kClassToken, kMean };  // kMean: no class token, the mean over all patch tokens

struct VitSizes {
  Index channels, height, width;  // of an image
  Index patch_size, embed_dim, depth, heads, head_dim, mlp_dim, classes;
  Bias qkv_bias = Bias::kNo;
  Pool pool = Pool::kClassToken;
  Positions positions = Positions::kLearned;
  double norm_epsilon = LayerNorm<float>::kEpsilon;  // of every norm; timm's models have 1e-6

  EmbeddingSizes embedding() const;
  EncoderSizes encoder() const;
};

template <class T>
class Vit final : public Model<T> {
 public:
  using Base = typename Model<T>::Activations;
  struct Activations : Base {
    typename Embedding<T>::Activations embedding;
    std::vector<T*>
        stream;  // [depth + 1]: what goes into each block, and what the last gives; [rows, embed_dim]
    std::vector<typename EncoderBlock<T>::Activations> blocks;  // [depth]
    typename EncoderBlock<T>::Scratch scratch;
    typename LayerNorm<T>::Statistics* statistics;  // [normed rows]
    T* normed;                                      // [images or rows, embed_dim]: what is pooled
    T* pooled;                                      // [images, embed_dim]
    T *d_pooled, *d_normed, *d_stream;  // gradients of the same shapes; d_stream [rows, embed_dim]
  };
  // Throws std::invalid_argument when patch_size does not divide the image or makes 2^14 tokens of it or
  // more, ShapeError when sizes overflow.
  explicit Vit(const VitSizes& sizes);

  const VitSizes& sizes() const { return sizes_; }
  Index tokens() const { return sizes_.embedding().tokens(); }

  std::vector<LayerFacts> layers() const override;
  // The last block's other tokens are keys and values only.
  Index trained_multiply_adds() const override;
  Index chunk_images() const override;
  std::unique_ptr<Base> take_activations(Arena<T>& arena, Index images) const override;
  void forward(const Pass<T>& pass, const T* images, Base& at) const override;
  void backward(const Pass<T>& pass, Base& at) const override;
  // "tokens", "blocks.2.attn weights", "blocks.2 output", "logits"
  std::string first_bad(const Base& at, Index images) const override;
  // "tokens"; of every block "norm1", "attention added", "norm2", "mlp hidden" (after the GELU) and "output",
  // each [tokens, embed_dim] (hidden: mlp_dim); "norm" [tokens that are pooled, embed_dim]; "logits".
  std::vector<NamedActivation<T>> activations_of(const Base& at, Index image) const override;
  // The attention weights of one image of the last forward pass: out [depth][heads][tokens][tokens].
  void attention_of(const Base& at, Index image, T* out) const;
  // What the last norm and the head make of every token of the stream as if it were the last layer's: logits
  // [depth + 1, tokens, classes], before the first block and after each. The weights are the pass's.
  // nostalgebraist 2020, "interpreting GPT: the logit lens".
  core::Tensor<T> lens_of(const Weights<T>& weights, const Base& at, Index image) const;

 private:
  // The rows of the stream that the last norm reads.
  MatrixView<T> pooled_rows(T* stream, Index images) const;

  static Activations& own(Base& at) { return static_cast<Activations&>(at); }
  static const Activations& own(const Base& at) { return static_cast<const Activations&>(at); }

  VitSizes sizes_;
  Embedding<T> embedding_;
  std::vector<EncoderBlock<T>> blocks_;
  LayerNorm<T> norm_;
  Linear<T> head_;
};

}  // namespace vitrine::nn
