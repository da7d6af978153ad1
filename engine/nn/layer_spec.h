// LayerSpec: one entry of a CNN's or an MLP's list of layers, a plain value with the configuration file's
// names.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/fields.h"
#include "engine/nn/model.h"

namespace vitrine::nn {

enum class LayerKind { kConv, kRelu, kGelu, kMaxPool, kAveragePool, kDense, kDropout };
inline constexpr std::array<std::string_view, 7> kLayerKinds{"conv",         "relu",  "gelu",   "max_pool",
                                                             "average_pool", "dense", "dropout"};

// Fields that a kind does not have are 0.
struct LayerSpec {
  LayerKind kind = LayerKind::kConv;
  std::int64_t filters = 16;                         // conv
  std::int64_t kernel = 3, stride = 1, padding = 0;  // conv, pooling
  std::int64_t units = 0;                            // dense
  bool frozen = false;                               // conv, dense: the weights stay as they were drawn

  // With the kind's defaults.
  static LayerSpec of(LayerKind kind);
  static LayerSpec conv(Index filters, Index kernel, Index stride, Index padding);
  static LayerSpec pool(LayerKind kind, Index kernel, Index stride, Index padding);
  static LayerSpec dense(Index units);

  // Only the fields that the kind has; a change of the kind brings its defaults.
  void describe(core::Fields& f);
  bool operator==(const LayerSpec&) const = default;

  bool windowed() const;  // moves a kernel over an image
  bool learns() const;    // has parameters, and they train
};

// What every layer makes of an image, in order; a dense layer flattens first and makes {units, 1, 1}. Throws
// std::invalid_argument that names the first impossible layer ("layers[2] max_pool: kernel 5 is larger than
// its input of 4 x 4"), ShapeError when sizes overflow.
std::vector<ImageSizes> outputs_of(std::span<const LayerSpec> layers, const ImageSizes& image);

}  // namespace vitrine::nn
