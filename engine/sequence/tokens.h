// Tokens: the rows that attention works on, made of the words of a text or of the patches of a picture, and
// weights that nobody has trained. Patches: Dosovitskiy et al. 2020, "An image is worth 16x16 words", 3.1.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/tensor.h"

namespace vitrine::sequence {

using core::Index;

struct Words {
  std::vector<std::string> words;  // UTF-8; what is not, is U+FFFD
  Index total = 0;                 // in the text; `words` are the first of them
};
// What stands between the blanks of a text, at most the first `most`.
Words words_of(std::string_view text, Index most);

// [T, dim] standard normal numbers that are a function of the word and the seed only: the same word has the
// same row wherever it stands.
core::Tensor<double> word_embeddings(const std::vector<std::string>& words, Index dim, std::uint64_t seed);

// picture [C, H, W] in patches of patch x patch pixels, left to right, then down; a rest at the right or
// bottom that fills none is left out. A row holds a patch as [C, patch, patch]. Returns [T, C*patch*patch].
// Throws ShapeError unless a patch fits.
core::Tensor<double> patches_of(const core::Tensor<float>& picture, Index patch);

// [out, in] normal numbers of variance 1/in: they keep the size of what they are applied to. `which` tells
// the matrices of one seed apart.
core::Tensor<double> untrained_matrix(Index out, Index in, std::uint64_t seed, std::uint64_t which);
// [out, in]: row r is component r of the input, beginning again behind the last.
core::Tensor<double> components(Index out, Index in);

}  // namespace vitrine::sequence
