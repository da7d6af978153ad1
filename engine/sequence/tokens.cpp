#include "engine/sequence/tokens.h"

#include <algorithm>
#include <cmath>

#include "engine/core/rng.h"

namespace vitrine::sequence {

using core::Shape;
using core::Tensor;

namespace {

constexpr char32_t kReplacement = 0xFFFD;

bool is_blank(char32_t c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

// The character that begins at `at`, and how many bytes it has; one replaced byte if there is none.
struct Decoded {
  char32_t character;
  std::size_t bytes;
};
Decoded decode(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t bytes = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() - at < bytes) return {kReplacement, 1};
  char32_t c = first & (0x7Fu >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0u) != 0x80) return {kReplacement, 1};
    c = c << 6 | (byte(i) & 0x3Fu);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (c < kLeast[bytes] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return {kReplacement, 1};
  return {c, bytes};
}

void append(std::string& out, char32_t c) {
  const auto put = [&](char32_t bits) { out.push_back(static_cast<char>(bits)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6), put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12), put(0x80 | (c >> 6 & 0x3F)), put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18), put(0x80 | (c >> 12 & 0x3F)), put(0x80 | (c >> 6 & 0x3F)), put(0x80 | (c & 0x3F));
  }
}

// Fowler, Noll, Vo: FNV-1a, 64 bits.
std::uint64_t hash_of(std::string_view word) {
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (const char c : word) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return hash;
}

}  // namespace

std::u32string code_points(std::string_view text) {
  std::u32string out;
  for (std::size_t at = 0; at < text.size();) {
    const Decoded d = decode(text, at);
    out.push_back(d.character);
    at += d.bytes;
  }
  return out;
}

std::string utf8(std::u32string_view text) {
  std::string out;
  for (const char32_t c : text) append(out, c);
  return out;
}

std::string_view cut_text(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

Words words_of(std::string_view text, Index most) {
  Words w;
  std::u32string word;
  const auto end_word = [&] {
    if (word.empty()) return;
    if (w.total++ < most) w.words.push_back(utf8(word));
    word.clear();
  };
  for (const char32_t c : code_points(text)) {
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
