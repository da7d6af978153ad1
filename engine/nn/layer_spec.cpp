#include "engine/nn/layer_spec.h"

#include <stdexcept>

#include "engine/nn/window.h"

namespace vitrine::nn {
namespace {

constexpr Index kMostLayers = 256, kMostFilters = 1 << 14, kMostUnits = 1 << 20, kMostKernel = 1 << 12;

std::string sides(Index height, Index width) {
  return std::to_string(height) + " x " + std::to_string(width);
}

[[noreturn]] void refuse(std::size_t number, const LayerSpec& spec, const std::string& why) {
  throw std::invalid_argument("layers[" + std::to_string(number) + "] " +
                              std::string(kLayerKinds[static_cast<std::size_t>(spec.kind)]) + ": " + why);
}

void require_between(std::size_t number, const LayerSpec& spec, const char* field, Index value, Index least,
                     Index most) {
  if (value < least || value > most)
    refuse(number, spec,
           std::string(field) + " " + std::to_string(value) + " must lie between " + std::to_string(least) +
               " and " + std::to_string(most));
}

ImageSizes windowed_output(std::size_t number, const LayerSpec& spec, const ImageSizes& in) {
  const bool conv = spec.kind == LayerKind::kConv;
  if (conv) require_between(number, spec, "filters", spec.filters, 1, kMostFilters);
  require_between(number, spec, "kernel", spec.kernel, 1, kMostKernel);
  require_between(number, spec, "stride", spec.stride, 1, kMostKernel);
  require_between(number, spec, "padding", spec.padding, 0, conv ? kMostKernel : spec.kernel / 2);
  const Window window{in, spec.kernel, spec.stride, spec.padding};
  if (spec.kernel > in.height + 2 * spec.padding || spec.kernel > in.width + 2 * spec.padding)
    refuse(number, spec,
           "kernel " + std::to_string(spec.kernel) + " is larger than its input of " +
               sides(in.height, in.width) +
               (spec.padding > 0 ? " with padding " + std::to_string(spec.padding) : ""));
  return {conv ? spec.filters : in.channels, window.out_height(), window.out_width()};
}

}  // namespace

LayerSpec LayerSpec::conv(Index filters, Index kernel, Index stride, Index padding) {
  return {LayerKind::kConv, filters, kernel, stride, padding, 0};
}

LayerSpec LayerSpec::pool(LayerKind kind, Index kernel, Index stride, Index padding) {
  return {kind, 0, kernel, stride, padding, 0};
}

LayerSpec LayerSpec::dense(Index units) { return {LayerKind::kDense, 0, 0, 0, 0, units}; }

LayerSpec LayerSpec::of(LayerKind kind) {
  switch (kind) {
    case LayerKind::kConv:
      return {};
    case LayerKind::kMaxPool:
    case LayerKind::kAveragePool:
      return pool(kind, 2, 2, 0);
    case LayerKind::kDense:
      return dense(64);
    default:
      return {kind, 0, 0, 0, 0, 0};
  }
}

bool LayerSpec::windowed() const {
  return kind == LayerKind::kConv || kind == LayerKind::kMaxPool || kind == LayerKind::kAveragePool;
}

bool LayerSpec::learns() const { return (kind == LayerKind::kConv || kind == LayerKind::kDense) && !frozen; }

void LayerSpec::describe(core::Fields& f) {
  const LayerKind before = kind;
  f.choice("kind", kind, kLayerKinds);
  if (kind != before) *this = of(kind);
  if (kind == LayerKind::kConv) f.field("filters", filters);
  if (windowed()) {
    f.field("kernel", kernel);
    f.field("stride", stride);
    f.field("padding", padding);
  }
  if (kind == LayerKind::kDense) f.field("units", units);
  if (kind == LayerKind::kConv || kind == LayerKind::kDense) f.field("frozen", frozen);
}

std::vector<ImageSizes> outputs_of(std::span<const LayerSpec> layers, const ImageSizes& image) {
  if (std::ssize(layers) > kMostLayers)
    throw std::invalid_argument("layers: " + std::to_string(layers.size()) + " of them, the limit is " +
                                std::to_string(kMostLayers));
  std::vector<ImageSizes> outputs;
  ImageSizes in = image;
  bool flat = false;
  for (std::size_t number = 0; number < layers.size(); ++number) {
    const LayerSpec& spec = layers[number];
    if (spec.windowed() && flat) refuse(number, spec, "a dense layer before it leaves no rows and columns");
    if (spec.windowed()) in = windowed_output(number, spec, in);
    if (spec.kind == LayerKind::kDense) {
      require_between(number, spec, "units", spec.units, 1, kMostUnits);
      in = {spec.units, 1, 1};
      flat = true;
    }
    in.count();  // throws when it overflows
    outputs.push_back(in);
  }
  return outputs;
}

}  // namespace vitrine::nn
