#include "engine/nn/embedding.h"

#include <algorithm>
#include <cmath>

namespace vitrine::nn {
namespace {

constexpr double kClassTokenDeviation = 1e-6, kPositionDeviation = 0.02;

// PE(t, 2i) = sin(t / 10000^(2i/D)), PE(t, 2i+1) = cos of the same; Vaswani et al. 2017, section 3.5.
template <class T>
std::vector<T> sinusoids(Index tokens, Index dim) {
  std::vector<T> out;
  for (Index t = 0; t < tokens; ++t) {
    for (Index d = 0; d < dim; ++d) {
      const double angle = static_cast<double>(t) /
                           std::pow(10000.0, static_cast<double>(d / 2 * 2) / static_cast<double>(dim));
      out.push_back(static_cast<T>(d % 2 == 0 ? std::sin(angle) : std::cos(angle)));
    }
  }
  return out;
}

template <class T>
void add(const T* from, Index count, T* to) {
  for (Index i = 0; i < count; ++i) to[i] += from[i];
}

}  // namespace

template <class T>
Embedding<T>::Embedding(ParameterLayout& layout, const EmbeddingSizes& s)
    : sizes_(s),
      class_token_(
          s.class_token == ClassToken::kYes
              ? layout.add({"cls_token", {1, 1, s.embed_dim}, Initial::kNormal, kClassTokenDeviation})
              : -1),
      learned_(
          s.positions == Positions::kLearned
              ? layout.add({"pos_embed", {1, s.tokens(), s.embed_dim}, Initial::kNormal, kPositionDeviation})
              : -1),
      projection_(layout,
                  {"patch_embed.proj.weight",
                   {s.embed_dim, s.channels, s.patch_size, s.patch_size},
                   Initial::kUniform,
                   1 / std::sqrt(static_cast<double>(s.patch())),
                   true},
                  std::nullopt),
      bias_(layout.add({"patch_embed.proj.bias",
                        {s.embed_dim},
                        Initial::kUniform,
                        1 / std::sqrt(static_cast<double>(s.patch()))})) {
  if (s.positions == Positions::kSinusoidal) sinusoids_ = sinusoids<T>(s.tokens(), s.embed_dim);
}

template <class T>
auto Embedding<T>::take_activations(Arena<T>& arena, Index images) const -> Activations {
  return {arena.take(images * sizes_.tokens() * sizes_.patch()),
          arena.take(sizes_.tokens() * sizes_.embed_dim)};
}

template <class T>
void Embedding<T>::forward(const Pass<T>& pass, const T* images, const Activations& keep,
                           MatrixView<T> tokens) const {
  const auto [channels, height, width, patch_size, dim, class_token, positions] = sizes_;
  const T* position = learned_ >= 0        ? pass.values + learned_
                      : sinusoids_.empty() ? nullptr
                                           : sinusoids_.data();
  T* to = keep.patches;
  for (Index b = 0; b < pass.images; ++b, images += sizes_.image()) {
    to += sizes_.first_patch() * sizes_.patch();
    for (Index top = 0; top < height; top += patch_size)
      for (Index left = 0; left < width; left += patch_size)
        for (Index c = 0; c < channels; ++c)
          for (Index y = top; y < top + patch_size; ++y)
            to = std::copy_n(images + (c * height + y) * width + left, patch_size, to);
  }
  projection_.forward(pass, patches(keep, pass.images), tokens);
  for (Index b = 0; b < pass.images; ++b) {
    T* first = &tokens(b * sizes_.tokens(), 0);
    if (class_token_ >= 0) std::copy_n(pass.values + class_token_, dim, first);
    for (Index t = sizes_.first_patch(); t < sizes_.tokens(); ++t)
      add(pass.values + bias_, dim, first + t * dim);
    if (position) add(position, sizes_.tokens() * dim, first);
  }
}

template <class T>
void Embedding<T>::backward(const Pass<T>& pass, const Activations& kept,
                            MatrixView<const T> d_tokens) const {
  const Index dim = sizes_.embed_dim, per_image = sizes_.tokens() * dim;
  std::fill_n(kept.sums, per_image, T{0});
  for (Index b = 0; b < pass.images; ++b) add(&d_tokens(b * sizes_.tokens(), 0), per_image, kept.sums);
  if (class_token_ >= 0) add(kept.sums, dim, pass.gradient + class_token_);
  if (learned_ >= 0) add(kept.sums, per_image, pass.gradient + learned_);
  for (Index t = sizes_.first_patch(); t < sizes_.tokens(); ++t)
    add(kept.sums + t * dim, dim, pass.gradient + bias_);
  projection_.backward(pass, patches(kept, pass.images), d_tokens, {nullptr, 0, 0});
}

template class Embedding<float>;
template class Embedding<double>;

}  // namespace vitrine::nn
