#include "engine/signal/fast_pooling.h"

#include <limits>

#include "engine/core/stop.h"
#include "engine/core/vector.h"
#include "engine/signal/pieces.h"
#include "engine/signal/pool_layer.h"
#include "engine/signal/sorted_row.h"

namespace vitrine::signal {
namespace {

using core::Tensor;

// How two numbers of a window become one, in a register or alone; kNothing changes no other number.
struct Maximum {
  static constexpr float kNothing = -std::numeric_limits<float>::infinity();
  template <class Value>
  static Value of(Value a, Value b) {
    return (b > a) | (b != b) ? b : a;  // a NaN wins, and then stays
  }
};
struct Sum {
  static constexpr float kNothing = 0;
  template <class Value>
  static Value of(Value a, Value b) {
    return a + b;
  }
};

// One call: windows folded along rows, then along columns; bands of output rows of a channel are the pieces.
template <class Fold>
class FastPool {
 public:
  FastPool(const PoolLayer& layer, const Tensor<float>& input, Tensor<float>& output)
      : layer_(layer),
        input_(input),
        output_(output),
        sorted_(layer.columns, Fold::kNothing),
        row_step_(layer.rows.kernel() > 1 ? layer.rows.position(0, 1) - layer.rows.position(0, 0) : 0),
        bands_(core::divide_up(layer.rows.outputs(), kBandRows)) {}

  Index pieces() const { return layer_.output[0] * bands_; }
  // A row of the input's width, and a sorted one.
  Index scratch_size() const { return layer_.columns.input() + sorted_.size(); }
  // finish(i, out): what is left to do to output row i.
  template <class Finish>
  void compute(Index piece, float* scratch, const std::stop_token& stop, const Finish& finish) const {
    const Index channel = piece / bands_, first = piece % bands_ * kBandRows;
    const Index last = std::min(first + kBandRows, layer_.rows.outputs());
    float* row = scratch;
    float* sorted = scratch + layer_.columns.input();
    for (Index i = first; i < last; ++i) {
      core::throw_if_stopped(stop);
      float* out = output_.data() + (channel * layer_.rows.outputs() + i) * layer_.columns.outputs();
      fold_rows(channel, i, row);
      sorted_.copy(row, sorted);
      fold_columns(sorted, out);
      finish(i, out);
    }
  }

 private:
  static constexpr Index kBandRows = 32;

  // row[k] = fold of x[channel, i*S + u*d - p, k] over the u inside the input
  void fold_rows(Index channel, Index i, float* row) const {
    const Index width = layer_.columns.input(), step = row_step_ * width;
    const auto [first, last] = layer_.rows.taps_inside(i);
    if (first == last) {
      std::fill_n(row, width, Fold::kNothing);
      return;
    }
    const float* from =
        input_.data() + (channel * layer_.rows.input() + layer_.rows.position(i, first)) * width;
    const Index rows = last - first;
    core::each_in_row<float>(width, [&](auto way, Index k) {
      auto folded = way.get(from + k);
      for (Index u = 1; u < rows; ++u) folded = Fold::of(folded, way.get(from + u * step + k));
      way.put(row + k, folded);
    });
  }
  // out[j] = fold of the sorted row's taps v at output j
  void fold_columns(const float* sorted, float* out) const {
    const Index kernel = layer_.columns.kernel();
    core::each_in_row<float>(layer_.columns.outputs(), [&](auto way, Index j) {
      auto folded = way.get(sorted + sorted_.tap_at(0) + j);
      for (Index v = 1; v < kernel; ++v) folded = Fold::of(folded, way.get(sorted + sorted_.tap_at(v) + j));
      way.put(out + j, folded);
    });
  }

  const PoolLayer& layer_;
  const Tensor<float>& input_;
  Tensor<float>& output_;
  SortedRow sorted_;
  Index row_step_;  // input rows from a tap to the next: the dilation
  Index bands_;
};

// How many of the taps at each output a mean counts.
std::vector<float> counted_taps(const WindowAxis& axis, CountPadding count) {
  std::vector<float> taps(static_cast<std::size_t>(axis.outputs()), static_cast<float>(axis.kernel()));
  if (count == CountPadding::kNo) {
    for (Index o = 0; o < axis.outputs(); ++o) {
      const auto [first, last] = axis.taps_inside(o);
      taps[static_cast<std::size_t>(o)] = static_cast<float>(last - first);
    }
  }
  return taps;
}

double operations(const PoolLayer& layer) {
  return static_cast<double>(layer.output.count()) * static_cast<double>(layer.rows.kernel()) *
         static_cast<double>(layer.columns.kernel());
}

}  // namespace

Tensor<float> max_pool_fast(const Tensor<float>& input, const PoolSpec& spec, core::Workers& workers,
                            std::stop_token stop, core::Progress* progress) {
  const PoolLayer layer(input.shape(), spec);
  if (mostly_padding(layer.rows, layer.columns))
    return in_one_step(progress, [&] { return max_pool(input, spec, stop).output; });
  layer.refuse_empty_windows();
  auto output = Tensor<float>::uninitialized(layer.output);
  const FastPool<Maximum> pool(layer, input, output);
  share_pieces(
      pool.pieces(), operations(layer), pool.scratch_size(), workers, progress,
      [&](Index piece, float* scratch) { pool.compute(piece, scratch, stop, [](Index, float*) {}); });
  return output;
}

Tensor<float> average_pool_fast(const Tensor<float>& input, const PoolSpec& spec, CountPadding count,
                                core::Workers& workers, std::stop_token stop, core::Progress* progress) {
  const PoolLayer layer(input.shape(), spec);
  if (mostly_padding(layer.rows, layer.columns))
    return in_one_step(progress, [&] { return average_pool(input, spec, count, stop); });
  if (count == CountPadding::kNo) layer.refuse_empty_windows();
  auto output = Tensor<float>::uninitialized(layer.output);
  const FastPool<Sum> pool(layer, input, output);
  const std::vector<float> rows = counted_taps(layer.rows, count);
  const std::vector<float> columns = counted_taps(layer.columns, count);
  const auto divide = [&](Index i, float* out) {
    const float row = rows[static_cast<std::size_t>(i)];
    core::each_in_row<float>(layer.columns.outputs(), [&](auto way, Index j) {
      way.put(out + j, way.get(out + j) / (row * way.get(columns.data() + j)));
    });
  };
  share_pieces(pool.pieces(), operations(layer), pool.scratch_size(), workers, progress,
               [&](Index piece, float* scratch) { pool.compute(piece, scratch, stop, divide); });
  return output;
}

}  // namespace vitrine::signal
