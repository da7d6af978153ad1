#include "engine/signal/pooling.h"

#include <cmath>

#include "engine/core/stop.h"
#include "engine/signal/pool_layer.h"

namespace vitrine::signal {

namespace {

using core::Shape;
using core::Tensor;

// visit(output, input): flat indices of every output and of each input cell under its window; then
// end(output). Padding costs nothing, however wide.
template <class Visit, class End>
void each_window(const PoolLayer& layer, const std::stop_token& stop, Visit visit, End end) {
  const WindowAxis &rows = layer.rows, &columns = layer.columns;
  const Index height = rows.input(), width = columns.input();
  Index out = 0;
  for (Index c = 0; c < layer.output[0]; ++c) {
    for (Index i = 0; i < rows.outputs(); ++i) {
      core::throw_if_stopped(stop);
      const auto [first_row, last_row] = rows.taps_inside(i);
      for (Index j = 0; j < columns.outputs(); ++j, ++out) {
        const auto [first_column, last_column] = columns.taps_inside(j);
        for (Index u = first_row; u < last_row; ++u)
          for (Index v = first_column; v < last_column; ++v)
            visit(out, (c * height + rows.position(i, u)) * width + columns.position(j, v));
        end(out);
      }
    }
  }
}

}  // namespace

void PoolSpec::describe(core::Fields& f) {
  f.field("kernel_rows", kernel_rows);
  f.field("kernel_columns", kernel_columns);
  f.group("rows", rows);
  f.group("columns", columns);
}

template <class T>
MaxPooled<T> max_pool(const Tensor<T>& input, const PoolSpec& spec, std::stop_token stop) {
  const PoolLayer layer(input.shape(), spec);
  layer.refuse_empty_windows();
  const Index channel_cells = input.size(1) * input.size(2);
  MaxPooled<T> result{Tensor<T>(layer.output), Tensor<Index>(layer.output)};
  Index best = -1;
  each_window(
      layer, stop,
      [&](Index, Index at) {
        if (best < 0 || input[at] > input[best] || (std::isnan(input[at]) && !std::isnan(input[best])))
          best = at;
      },
      [&](Index out) {
        result.output[out] = input[best];
        result.argmax[out] = best % channel_cells;
        best = -1;
      });
  return result;
}

template <class T>
Tensor<T> average_pool(const Tensor<T>& input, const PoolSpec& spec, CountPadding count,
                       std::stop_token stop) {
  const PoolLayer layer(input.shape(), spec);
  const Index kernel_cells = Shape{spec.kernel_rows, spec.kernel_columns}.count();
  if (count == CountPadding::kNo) layer.refuse_empty_windows();
  Tensor<T> output(layer.output);
  Index inside = 0;
  each_window(
      layer, stop,
      [&](Index out, Index at) {
        output[out] += input[at];
        ++inside;
      },
      [&](Index out) {
        const Index cells = count == CountPadding::kYes ? kernel_cells : inside;
        output[out] /= static_cast<T>(cells);
        inside = 0;
      });
  return output;
}

template MaxPooled<float> max_pool(const Tensor<float>&, const PoolSpec&, std::stop_token);
template MaxPooled<double> max_pool(const Tensor<double>&, const PoolSpec&, std::stop_token);
template Tensor<float> average_pool(const Tensor<float>&, const PoolSpec&, CountPadding, std::stop_token);
template Tensor<double> average_pool(const Tensor<double>&, const PoolSpec&, CountPadding, std::stop_token);

}  // namespace vitrine::signal
