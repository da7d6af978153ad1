#include "engine/sequence/tokens.h"

#include <algorithm>
#include <cmath>

#include "engine/core/rng.h"
#include "engine/core/utf8.h"

namespace vitrine::sequence {

using core::Shape;
using core::Tensor;

namespace {

bool is_blank(char32_t c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

// Fowler, Noll, Vo: FNV-1a, 64 bits.
std::uint64_t hash_of(std::string_view word) {
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (const char c : word) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return hash;
}

}  // namespace

Words words_of(std::string_view text, Index most) {
  Words w;
  std::u32string word;
  const auto end_word = [&] {
    if (word.empty()) return;
    if (w.total++ < most) w.words.push_back(core::utf8(word));
    word.clear();
  };
  for (const char32_t c : core::code_points(text)) {
    if (is_blank(c))
      end_word();
    else
      word.push_back(c);
  }
  end_word();
  return w;
}

Tensor<double> word_embeddings(const std::vector<std::string>& words, Index dim, std::uint64_t seed) {
  Tensor<double> x(core::within_limit({static_cast<Index>(words.size()), dim}));
  for (Index t = 0; t < x.size(0); ++t) {
    const core::Rng rng(hash_of(words[static_cast<std::size_t>(t)]), core::RngStream::kLab);
    for (Index i = 0; i < dim; ++i) x(t, i) = rng.normal(seed, static_cast<std::uint64_t>(i));
  }
  return x;
}

Tensor<double> patches_of(const Tensor<float>& picture, Index patch) {
  if (picture.rank() != 3 || picture.empty() || patch < 1 ||
      patch > std::min(picture.size(1), picture.size(2)))
    throw core::ShapeError("a patch of " + std::to_string(patch) +
                           " pixels a side does not fit into picture " + to_string(picture.shape()));
  const Index channels = picture.size(0), rows = picture.size(1) / patch, columns = picture.size(2) / patch;
  Tensor<double> x(core::within_limit({rows * columns, channels * patch * patch}));
  Index at = 0;
  for (Index row = 0; row < rows; ++row)
    for (Index column = 0; column < columns; ++column)
      for (Index c = 0; c < channels; ++c)
        for (Index i = 0; i < patch; ++i)
          for (Index j = 0; j < patch; ++j)
            x[at++] = static_cast<double>(picture(c, row * patch + i, column * patch + j));
  return x;
}

Tensor<double> untrained_matrix(Index out, Index in, std::uint64_t seed, std::uint64_t which) {
  Tensor<double> w(core::within_limit({out, in}));
  const core::Rng rng(seed, core::RngStream::kLab);
  const double deviation = 1 / std::sqrt(static_cast<double>(in));
  for (Index i = 0; i < w.count(); ++i) w[i] = deviation * rng.normal(which, static_cast<std::uint64_t>(i));
  return w;
}

Tensor<double> components(Index out, Index in) {
  Tensor<double> w(core::within_limit({out, in}));
  for (Index r = 0; r < out; ++r) w(r, r % in) = 1;
  return w;
}

}  // namespace vitrine::sequence
