// Dropout: every number is set to zero with probability `rate`, the others grow by 1/(1 - rate).
// Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov 2014. Nothing is kept for backward: a bit is a
// function of (seed, step, layer, image, index) and is drawn again.
#pragma once

#include <cmath>

#include "engine/core/rng.h"
#include "engine/nn/pass.h"
#include "engine/nn/vector.h"

namespace vitrine::nn {

template <class T>
class Dropout {
 public:
  // `layer`: a number of its own within the model.
  explicit Dropout(std::uint64_t layer) : layer_(layer) {}

  // y[b,i] = keep[b,i] x[b,i] / (1 - rate), a row for each image of the pass; y may be x. The same function
  // is its own backward: dx[b,i] = keep[b,i] dy[b,i] / (1 - rate).
  void forward(const Pass<T>& pass, MatrixView<const T> x, MatrixView<T> y) const;
  void backward(const Pass<T>& pass, MatrixView<const T> dy, MatrixView<T> dx) const {
    forward(pass, dy, dx);
  }
  // y[b,i] = residual[b,i] + keep[b,i] x[b,i] / (1 - rate); y may be x or residual.
  void forward_add(const Pass<T>& pass, MatrixView<const T> x, MatrixView<const T> residual,
                   MatrixView<T> y) const;

  // body(way, b, i, factor) for `per_image` numbers of every image b, in registers where they are whole
  // (each_in_row); factor = keep[b,i] / (1 - rate), so that a layer beside this one can do its own work in
  // the same loop.
  template <class Body>
  void each(const Pass<T>& pass, Index per_image, const Body& body) const;

 private:
  // A block of numbers shares 32-bit words: numbers i and i + kHalf take one half of word i each.
  static constexpr Index kHalf = 16, kBlock = 2 * kHalf;
  class Draw;

  std::uint64_t layer_;
};

// One image's factors. Philox gives the key; within the image a word is a hash of its index, because ten
// rounds of Philox a word would cost more than the layer itself.
// The hash is "lowbias32" of C. Wellons, "Prospecting for hash functions" (2018), keyed at both ends.
template <class T>
class Dropout<T>::Draw {
 public:
  Draw(const DropoutDraw& draw, std::uint64_t layer, Index image)
      // The rate in steps of 2^-16; the scale is exact for the rate that results.
      : threshold_(static_cast<std::uint32_t>(std::lround(draw.rate * 65536))),
        scale_(static_cast<T>(65536.0 / (65536.0 - threshold_))) {
    const auto words = core::Rng(draw.seed, core::RngStream::kDropout)
                           .bits(draw.step, layer << 32 | static_cast<std::uint64_t>(image));
    first_ = words[0];
    second_ = words[1];
  }
  // Of numbers [first, first + kBlock), `first` a multiple of kBlock.
  void block(Index first, T* factors) const {
    for (Index i = 0; i < kHalf; ++i) {
      const std::uint32_t bits = word(static_cast<std::uint32_t>(first + i));
      factors[i] = (bits & 0xFFFF) >= threshold_ ? scale_ : T{0};
      factors[kHalf + i] = (bits >> 16) >= threshold_ ? scale_ : T{0};
    }
  }

 private:
  std::uint32_t word(std::uint32_t index) const {
    std::uint32_t x = index * 0x9E3779B9u + first_;
    x = (x ^ (x >> 16)) * 0x7FEB352Du;
    x = (x ^ (x >> 15) ^ second_) * 0x846CA68Bu;
    return x ^ (x >> 16);
  }

  std::uint32_t threshold_, first_, second_;
  T scale_;
};

template <class T>
template <class Body>
void Dropout<T>::each(const Pass<T>& pass, Index per_image, const Body& body) const {
  alignas(kVector_bytes) T factors[kBlock];
  std::fill_n(factors, kBlock, T{1});
  for (Index image = 0; image < pass.images; ++image) {
    const Draw draw(pass.dropout, layer_, pass.first_image + image);
    for (Index first = 0; first < per_image; first += kBlock) {
      if (pass.dropout.rate > 0) draw.block(first, factors);
      const Index count = std::min(kBlock, per_image - first);
      each_in_row<T>(count, [&](auto way, Index c) { body(way, image, first + c, way.get(factors + c)); });
    }
  }
}

}  // namespace vitrine::nn
