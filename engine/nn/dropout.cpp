#include "engine/nn/dropout.h"

#include <algorithm>
#include <cmath>

#include "engine/core/rng.h"

namespace vitrine::nn {
namespace {

// A block of numbers shares 32-bit words: number i and number i + kHalf take one half of word i each.
constexpr Index kHalf = 16;

// One image's bits. Philox gives the key; within the image a word is a hash of its index, because ten rounds
// of Philox a word would cost more than the layer itself.
// The hash is "lowbias32" of C. Wellons, "Prospecting for hash functions" (2018), keyed at both ends.
class Bits {
 public:
  Bits(const DropoutDraw& draw, std::uint64_t layer, std::uint64_t image) {
    const auto words = core::Rng(draw.seed, core::RngStream::kDropout).bits(draw.step, layer << 32 | image);
    first_ = words[0];
    second_ = words[1];
  }
  std::uint32_t word(std::uint32_t index) const {
    std::uint32_t x = index * 0x9E3779B9u + first_;
    x = (x ^ (x >> 16)) * 0x7FEB352Du;
    x = (x ^ (x >> 15) ^ second_) * 0x846CA68Bu;
    return x ^ (x >> 16);
  }

 private:
  std::uint32_t first_, second_;
};

// put(i, kept) for i in [0, count); kept is 0 or 1/(1 - rate).
template <class T, class Put>
void draw(const Pass<T>& pass, std::uint64_t layer, Index image, Index count, const Put& put) {
  // The rate in steps of 2^-16; the scale is exact for the rate that results.
  const auto threshold = static_cast<std::uint32_t>(std::lround(pass.dropout.rate * 65536));
  const T scale = static_cast<T>(65536.0 / (65536.0 - threshold));
  const Bits bits(pass.dropout, layer, static_cast<std::uint64_t>(pass.first_image + image));
  for (Index block = 0; block < count; block += 2 * kHalf) {
    T kept[2 * kHalf];
    for (Index i = 0; i < kHalf; ++i) {
      const std::uint32_t word = bits.word(static_cast<std::uint32_t>(block + i));
      kept[i] = (word & 0xFFFF) >= threshold ? scale : T{0};
      kept[kHalf + i] = (word >> 16) >= threshold ? scale : T{0};
    }
    if (block + 2 * kHalf <= count)  // a constant length vectorises
      for (Index i = 0; i < 2 * kHalf; ++i) put(block + i, kept[i]);
    else
      for (Index i = 0; block + i < count; ++i) put(block + i, kept[i]);
  }
}

}  // namespace

template <class T>
void Dropout<T>::forward(const Pass<T>& pass, Index per_image, const T* x, T* y) const {
  if (pass.dropout.rate == 0) {
    if (x != y) std::copy_n(x, pass.images * per_image, y);
    return;
  }
  for (Index image = 0; image < pass.images; ++image, x += per_image, y += per_image)
    draw(pass, layer_, image, per_image, [&](Index i, T kept) { y[i] = kept * x[i]; });
}

template <class T>
void Dropout<T>::forward_add(const Pass<T>& pass, Index per_image, const T* x, const T* residual,
                             T* y) const {
  if (pass.dropout.rate == 0) {
    for (Index i = 0; i < pass.images * per_image; ++i) y[i] = residual[i] + x[i];
    return;
  }
  for (Index image = 0; image < pass.images; ++image, x += per_image, residual += per_image, y += per_image)
    draw(pass, layer_, image, per_image, [&](Index i, T kept) { y[i] = residual[i] + kept * x[i]; });
}

template class Dropout<float>;
template class Dropout<double>;

}  // namespace vitrine::nn
