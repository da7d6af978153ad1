#include "engine/signal/fast_convolution.h"

#include <algorithm>
#include <cmath>

#include "engine/core/stop.h"
#include "engine/signal/conv_layer.h"
#include "engine/signal/conv_tile.h"
#include "engine/signal/pieces.h"
#include "engine/signal/sorted_row.h"

namespace vitrine::signal {
namespace {

using core::divide_up;
using core::round_up;
using core::Tensor;

// One call: its geometry, its packed weights, and how it is cut into pieces.
class FastLayer {
 public:
  FastLayer(const ConvLayer& layer, const ConvSpec& spec, const Tensor<float>& input,
            const Tensor<float>& weight, const Tensor<float>& bias, Tensor<float>& output)
      : layer_(layer),
        input_(input),
        bias_(bias),
        output_(output),
        row_(layer.columns, 0),
        extent_(kernel_extent(layer.rows.kernel(), spec.rows.dilation)),
        sliding_(layer.rows.stride() == 1 && spec.rows.dilation == 1) {
    choose_band();
    list_taps(spec.rows.dilation);
    pack(weight);
  }

  Index pieces() const { return layer_.groups * bands_; }
  // Numbers of a piece's copied rows.
  Index copy_size() const { return layer_.group_channels * band_inputs_ * row_.size(); }
  // A band of output rows of all filters of a group. copy: copy_size() numbers.
  void compute(Index piece, float* copy, const std::stop_token& stop) const {
    const Index group = piece / bands_, first = piece % bands_ * band_rows_;
    const Index rows = std::min(band_rows_, layer_.rows.outputs() - first);
    copy_inputs(group, first, rows, copy, stop);
    for (Index i = 0; i < rows; i += kMostTileRows)
      correlate_rows(group, first + i, std::min<Index>(kMostTileRows, rows - i), copy + i * sums_.input_row,
                     stop);
  }

 private:
  // Rows of a band: their inputs fit beside everything else into the second-level cache, few of them are
  // copied for two bands, and there are pieces enough for every thread.
  void choose_band() {
    constexpr Index kCopy = 192 * 1024, kPieces = 16;
    const Index outputs = layer_.rows.outputs(), stride = layer_.rows.stride();
    const Index fitting = (kCopy / (row_.size() * layer_.group_channels) - extent_) / stride + 1;
    const Index even = divide_up(outputs, divide_up(kPieces, layer_.groups));
    const Index wished = std::max(std::min(fitting, even), divide_up(extent_, stride));
    band_rows_ = std::min(round_up(wished, tallest_tile()), outputs);
    bands_ = divide_up(outputs, band_rows_);
    band_inputs_ = inputs_of(band_rows_);
  }
  // Input rows under so many output rows.
  Index inputs_of(Index rows) const { return (rows - 1) * layer_.rows.stride() + extent_; }

  void list_taps(Index dilation) {
    const Index kernel_rows = layer_.rows.kernel(), kernel_columns = layer_.columns.kernel();
    offset_.reserve(static_cast<std::size_t>(layer_.group_channels * kernel_rows * kernel_columns));
    for (Index c = 0; c < layer_.group_channels; ++c)
      for (Index u = 0; u < kernel_rows; ++u)
        for (Index v = 0; v < kernel_columns; ++v)
          offset_.push_back((c * band_inputs_ + u * dilation) * row_.size() + row_.tap_at(v));
    sums_ = {layer_.group_channels,
             kernel_rows,
             kernel_columns,
             offset_.data(),
             layer_.rows.stride() * row_.size(),
             layer_.columns.outputs(),
             layer_.rows.outputs() * layer_.columns.outputs()};
  }

  // How many of a group's filters, from `filter` on, the next tile takes: 8, 4, 2 or 1.
  static Index tile_filters(Index left) {
    Index count = kMostFilters;
    while (count > left) count /= 2;
    return count;
  }
  // The rows of the tile that takes the last, fewest, of a group's filters.
  Index tallest_tile() const {
    const Index group_filters = layer_.filters / layer_.groups;
    if (group_filters % kMostFilters == 0) return kTileRows<kMostFilters>;
    if (group_filters % 4 == 0) return kTileRows<4>;
    return group_filters % 2 == 0 ? kTileRows<2> : kTileRows<1>;
  }
  void pack(const Tensor<float>& weight) {
    packed_.reserve(static_cast<std::size_t>(weight.count()));
    const Index group_filters = layer_.filters / layer_.groups;
    for (Index filter = 0; filter < layer_.filters;) {
      const Index count = tile_filters(group_filters - filter % group_filters);
      pack_tile(weight, filter, count);
      filter += count;
    }
  }
  void pack_tile(const Tensor<float>& weight, Index filter, Index count) {
    const Index rows = layer_.rows.kernel(), columns = layer_.columns.kernel();
    const auto put = [&](Index f, Index c, Index u, Index v) {
      packed_.push_back(weight[layer_.weight_index(f, c, u, v)]);
    };
    for (Index c = 0; c < layer_.group_channels; ++c) {
      if (count == 1 && sliding_) {
        for (Index v = 0; v < columns; ++v)
          for (Index u = 0; u < rows; ++u) put(filter, c, u, v);
      } else {
        for (Index u = 0; u < rows; ++u)
          for (Index v = 0; v < columns; ++v)
            for (Index f = 0; f < count; ++f) put(filter + f, c, u, v);
      }
    }
  }

  void copy_inputs(Index group, Index first, Index rows, float* copy, const std::stop_token& stop) const {
    const Index height = layer_.rows.input(), width = layer_.columns.input();
    for (Index c = 0; c < layer_.group_channels; ++c) {
      core::throw_if_stopped(stop);
      const float* channel = input_.data() + (group * layer_.group_channels + c) * height * width;
      float* to = copy + c * band_inputs_ * row_.size();
      for (Index r = 0; r < inputs_of(rows); ++r, to += row_.size()) {
        const Index source = layer_.rows.source_at(layer_.rows.position(first, 0) + r);
        if (source == WindowAxis::kNone)
          std::fill_n(to, row_.size(), 0.0f);
        else
          row_.copy(channel + source * width, to);
      }
    }
  }

  // At most kMostTileRows output rows of all filters of a group. copied: of the first row.
  void correlate_rows(Index group, Index row, Index rows, const float* copied,
                      const std::stop_token& stop) const {
    const Index group_filters = layer_.filters / layer_.groups;
    for (Index f = 0; f < group_filters;) {
      const Index filter = group * group_filters + f, count = tile_filters(group_filters - f);
      const TilePlace at{copied, packed_.data() + filter * sums_.taps(),
                         bias_.empty() ? nullptr : bias_.data() + filter,
                         output_.data() + filter * sums_.output_plane + row * sums_.output_columns};
      switch (count) {
        case 1:
          sliding_ ? slide_rows<kMostTileRows>(at, rows, stop) : tile_rows<1>(at, rows, stop);
          break;
        case 2:
          tile_rows<2>(at, rows, stop);
          break;
        case 4:
          tile_rows<4>(at, rows, stop);
          break;
        default:
          tile_rows<kMostFilters>(at, rows, stop);
      }
      f += count;
    }
  }
  TilePlace below(const TilePlace& at, Index rows) const {
    return {at.input + rows * sums_.input_row, at.weight, at.bias, at.output + rows * sums_.output_columns};
  }
  // Rows from `at` down in tiles of kRows rows, the rest in single ones.
  template <int kFilters, int kRows = kTileRows<kFilters>>
  void tile_rows(const TilePlace& at, Index rows, const std::stop_token& stop) const {
    Index i = 0;
    for (; i + kRows <= rows; i += kRows) {
      core::throw_if_stopped(stop);
      tiles_along_row<kTileVectors<kFilters>>(sums_.output_columns, below(at, i),
                                              [&](auto vectors, const TilePlace& place, Index columns) {
                                                tile<kFilters, kRows, vectors>(sums_, place, columns);
                                              });
    }
    if constexpr (kRows > 1) {
      if (i < rows) tile_rows<kFilters, 1>(below(at, i), rows - i, stop);
    }
  }
  // The same with sliding tiles, of half as many rows where the kernel or the band has fewer.
  template <int kRows>
  void slide_rows(const TilePlace& at, Index rows, const std::stop_token& stop) const {
    Index i = 0;
    for (; kRows <= sums_.kernel_rows && i + kRows <= rows; i += kRows) {
      core::throw_if_stopped(stop);
      tiles_along_row<kTileVectors<1>>(sums_.output_columns, below(at, i),
                                       [&](auto vectors, const TilePlace& place, Index columns) {
                                         sliding_tile<kRows, vectors>(sums_, place, columns);
                                       });
    }
    if constexpr (kRows > 1) {
      if (i < rows) slide_rows<kRows / 2>(below(at, i), rows - i, stop);
    }
  }

  const ConvLayer& layer_;
  const Tensor<float>& input_;
  const Tensor<float>& bias_;
  Tensor<float>& output_;
  SortedRow row_;
  Index extent_;  // input rows under one output row
  bool sliding_;  // the window moves down by single input rows
  Index band_rows_ = 0, bands_ = 0, band_inputs_ = 0;
  std::vector<Index> offset_;  // [C/groups, Kh, Kw]
  std::vector<float> packed_;  // of each tile of filters: see conv_tile.h
  TileSums sums_{};
};

// A zero in the padding adds nothing to a sum, but 0 * Inf and 0 * NaN do.
bool padding_matters(const ConvSpec& spec, const Tensor<float>& weight) {
  const bool zeros = spec.boundary == Boundary::kZeros &&
                     (spec.rows.padding_before > 0 || spec.rows.padding_after > 0 ||
                      spec.columns.padding_before > 0 || spec.columns.padding_after > 0);
  return zeros && !std::all_of(weight.values().begin(), weight.values().end(),
                               [](float w) { return std::isfinite(w); });
}

}  // namespace

Tensor<float> correlate_fast(const Tensor<float>& input, const Tensor<float>& weight,
                             const Tensor<float>& bias, const ConvSpec& spec, core::Workers& workers,
                             std::stop_token stop, core::Progress* progress) {
  const ConvLayer layer(input.shape(), weight.shape(), spec);
  check_bias(bias, {layer.filters});
  if (mostly_padding(layer.rows, layer.columns) || padding_matters(spec, weight))
    return in_one_step(progress, [&] { return correlate(input, weight, bias, spec, stop); });
  auto output = Tensor<float>::uninitialized(core::within_limit(layer.output()));
  const FastLayer fast(layer, spec, input, weight, bias, output);
  const double products = static_cast<double>(output.count()) * static_cast<double>(weight.count()) /
                          static_cast<double>(layer.filters);
  share_pieces(fast.pieces(), products, fast.copy_size(), workers, progress,
               [&](Index piece, float* copy) { fast.compute(piece, copy, stop); });
  return output;
}

}  // namespace vitrine::signal
