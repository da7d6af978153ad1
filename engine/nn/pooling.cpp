#include "engine/nn/pooling.h"

#include <algorithm>

#include "engine/nn/vector.h"

namespace vitrine::nn {
namespace {

// One place of the window: the rows and columns of the image in it.
class Cells {
 public:
  Cells(const Window& w, Index i, Index j)
      : top_(std::max<Index>(i * w.stride - w.padding, 0)),
        bottom_(std::min(i * w.stride - w.padding + w.kernel, w.in.height)),
        left_(std::max<Index>(j * w.stride - w.padding, 0)),
        right_(std::min(j * w.stride - w.padding + w.kernel, w.in.width)),
        width_(w.in.width),
        channels_(w.in.channels) {}
  Index first() const { return (top_ * width_ + left_) * channels_; }
  // body(offset of a cell's first channel), row by row. Two by two, the usual size, is written out: its loops
  // would cost more than what they do.
  template <class Body>
  void each(const Body& body) const {
    if (bottom_ - top_ == 2 && right_ - left_ == 2) {
      const Index cell = first(), below = cell + width_ * channels_;
      body(cell), body(cell + channels_), body(below), body(below + channels_);
      return;
    }
    for (Index row = top_; row < bottom_; ++row)
      for (Index column = left_; column < right_; ++column) body((row * width_ + column) * channels_);
  }

 private:
  Index top_, bottom_, left_, right_, width_, channels_;
};

// Whether every number of the image is in exactly one window: then dx is written, otherwise added to.
bool tiles(const Window& w) {
  return w.stride == w.kernel && w.padding == 0 && w.in.height % w.kernel == 0 && w.in.width % w.kernel == 0;
}

// body(cells, x, y): every window of every image, x the offset of its image, y of its output's first channel.
template <class Body>
void each_window(const Window& window, Index images, const Body& body) {
  const Index height = window.out_height(), width = window.out_width(), count = window.in.count();
  Index y = 0;
  for (Index image = 0; image < images; ++image)
    for (Index i = 0; i < height; ++i)
      for (Index j = 0; j < width; ++j, y += window.in.channels) body(Cells(window, i, j), image * count, y);
}

}  // namespace

template <class T>
void MaxPool<T>::forward(Index images, const T* x, T* y) const {
  each_window(window_, images, [&](const Cells& cells, Index in, Index out) {
    each_in_row<T>(window_.in.channels, [&](auto way, Index c) {
      auto most = way.get(x + in + cells.first() + c);
      cells.each([&](Index cell) {
        const auto value = way.get(x + in + cell + c);
        most = value > most ? value : most;
        most = value != value ? value : most;  // a NaN
      });
      way.put(y + out + c, most);
    });
  });
}

template <class T>
void MaxPool<T>::backward(Index images, const T* x, const T* y, const T* dy, T* dx) const {
  const bool once = tiles(window_);
  if (!once) std::fill_n(dx, images * window_.in.count(), T{0});
  each_window(window_, images, [&](const Cells& cells, Index in, Index out) {
    each_in_row<T>(window_.in.channels, [&](auto way, Index c) {
      const auto most = way.get(y + out + c);
      auto left = way.get(dy + out + c);  // not given to a cell yet
      const auto none = left - left;
      cells.each([&](Index cell) {
        const auto wins = way.get(x + in + cell + c) == most;
        T* to = dx + in + cell + c;
        way.put(to, (once ? none : way.get(to)) + (wins ? left : none));
        left = wins ? none : left;
      });
    });
  });
}

template <class T>
void AveragePool<T>::forward(Index images, const T* x, T* y) const {
  const T share = 1 / static_cast<T>(window_.kernel * window_.kernel);
  each_window(window_, images, [&](const Cells& cells, Index in, Index out) {
    each_in_row<T>(window_.in.channels, [&](auto way, Index c) {
      typename decltype(way)::Value sum{};
      cells.each([&](Index cell) { sum += way.get(x + in + cell + c); });
      way.put(y + out + c, sum * share);
    });
  });
}

template <class T>
void AveragePool<T>::backward(Index images, const T* dy, T* dx) const {
  const T share = 1 / static_cast<T>(window_.kernel * window_.kernel);
  std::fill_n(dx, images * window_.in.count(), T{0});
  each_window(window_, images, [&](const Cells& cells, Index in, Index out) {
    each_in_row<T>(window_.in.channels, [&](auto way, Index c) {
      const auto part = way.get(dy + out + c) * share;
      cells.each([&](Index cell) {
        T* to = dx + in + cell + c;
        way.put(to, way.get(to) + part);
      });
    });
  });
}

template class MaxPool<float>;
template class MaxPool<double>;
template class AveragePool<float>;
template class AveragePool<double>;

}  // namespace vitrine::nn
