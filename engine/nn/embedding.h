// Embedding: an image becomes tokens. Patches P x P are projected, a class token stands in front, positions
// are added. Dosovitskiy et al. 2020, "An image is worth 16x16 words", section 3.1, equation 1.
#pragma once

#include <vector>

#include "engine/nn/linear.h"

namespace vitrine::nn {

enum class Positions { kLearned, kSinusoidal, kNone };
enum class ClassToken { kNo, kYes };

struct EmbeddingSizes {
  Index channels, height, width;  // of the image; height and width are multiples of patch_size
  Index patch_size, embed_dim;
  ClassToken class_token;
  Positions positions;

  Index image() const { return channels * height * width; }
  Index patches() const { return (height / patch_size) * (width / patch_size); }
  Index patch() const { return channels * patch_size * patch_size; }
  Index first_patch() const { return class_token == ClassToken::kYes ? 1 : 0; }  // its token's number
  Index tokens() const { return first_patch() + patches(); }
};

template <class T>
class Embedding {
 public:
  struct Activations {
    T* patches;  // [images * tokens, channels * patch_size * patch_size], 0 for the class token
    T* sums;     // of a chunk's gradients over its images [tokens, D]
  };
  // Parameters cls_token [1, 1, D], pos_embed [1, tokens, D], patch_embed.proj.{weight [D, C, P, P], bias
  // [D]}.
  Embedding(ParameterLayout& layout, const EmbeddingSizes& sizes);

  Activations take_activations(Arena<T>& arena, Index images) const;
  // tokens[b,t,:] = positions[t,:] + (W patch[b,t] + bias, or the class token); patches row by row.
  // images [images, channels * height * width], tokens [images * tokens, D]
  void forward(const Pass<T>& pass, const T* images, const Activations& keep, MatrixView<T> tokens) const;
  void backward(const Pass<T>& pass, const Activations& kept, MatrixView<const T> d_tokens) const;

 private:
  MatrixView<T> patches(const Activations& at, Index images) const {
    return {at.patches, images * sizes_.tokens(), sizes_.patch()};
  }

  EmbeddingSizes sizes_;
  Index class_token_ = -1, learned_ = -1;  // offsets; -1: none
  std::vector<T> sinusoids_;               // [tokens, D], or empty
  Linear<T> projection_;
  Index bias_;
};

}  // namespace vitrine::nn
