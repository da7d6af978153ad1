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
  Draw(const DropoutDraw& draw, std::uint64_t layer, Index image) {
    // The rate in steps of 2^-16; the scale is exact for the rate that results.
    const auto rate = static_cast<std::uint32_t>(std::min(std::lround(draw.rate * 65536), 65535L));
    threshold_ = rate << 16;
    scale_ = static_cast<T>(65536.0 / (65536.0 - rate));
    const auto words = core::Rng(draw.seed, core::RngStream::kDropout)
                           .bits(draw.step, layer << 32 | static_cast<std::uint64_t>(image));
    first_ = words[0];
    second_ = words[1];
  }
  // Of numbers [first, first + kBlock), `first` a multiple of kBlock.
  void block(Index first, T* factors) const {
    const std::uint32_t begin = static_cast<std::uint32_t>(first) * kStep + first_;
    for (std::uint32_t i = 0; i < kHalf; ++i) {
      const std::uint32_t bits = mixed(begin + i * kStep);
      factors[i] = (bits << 16) >= threshold_ ? scale_ : T{0};
      factors[kHalf + i] = bits >= threshold_ ? scale_ : T{0};
    }
  }

 private:
  std::uint32_t mixed(std::uint32_t x) const {
    x = (x ^ (x >> 16)) * 0x7FEB352Du;
    x = (x ^ (x >> 15) ^ second_) * 0x846CA68Bu;
    return x ^ (x >> 16);
  }

  static constexpr std::uint32_t kStep = 0x9E3779B9u;  // between the words of neighbouring indices

  std::uint32_t threshold_;  // of a half word in its upper place
  std::uint32_t first_, second_;
  T scale_;
};

template <class T>
template <class BodyOf>
void Dropout<T>::each(const Pass<T>& pass, Index per_image, const BodyOf& body_of) const {
  alignas(kVector_bytes) T factors[kBlock];
  std::fill_n(factors, kBlock, T{1});
  const bool draws = pass.dropout.rate > 0;
  for (Index image = 0; image < pass.images; ++image) {
    const auto body = body_of(image);
    const Draw draw(pass.dropout, layer_, pass.first_image + image);
    Index first = 0;
    for (; first + kBlock <= per_image; first += kBlock) {
      if (draws) draw.block(first, factors);
      unrolled<kBlock / kLanes<T>>([&](auto v) VITRINE_INLINE {
        body(core::Register<T>(), first + v * kLanes<T>, load(factors + v * kLanes<T>));
      });
    }
    if (draws) draw.block(first, factors);
    each_in_row<T>(per_image - first, [&](auto way, Index i) { body(way, first + i, way.get(factors + i)); });
  }
}

}  // namespace vitrine::nn
