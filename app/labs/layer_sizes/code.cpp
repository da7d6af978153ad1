// "Layer sizes" in PyTorch: the layers on the device "meta", which has shapes and no numbers.
#include <algorithm>

#include "app/labs/layer_sizes/lab.h"
#include "app/labs/script_words.h"

namespace vitrine::labs {

namespace {

using core::Index;
using signal::LayerKind;
using signal::StackLayer;
using Result = LayerSizes::Result;

bool one_dimensional(const Result& r) { return r.params.dimensions == LayerSizes::Dimensions::kOne; }

// Whether PyTorch can count the layer's numbers and their bytes.
bool countable(const signal::LayerFigures& f) {
  constexpr Index kMost = Index{1} << 58;
  return f.macs && f.dense_weights && f.parameters && *f.macs < kMost && *f.dense_weights < kMost &&
         f.input.count() < kMost && f.output.count() < kMost;
}

// nn.Conv2d(3, 8, 3), with what pads in front of it where it cannot.
std::string convolution(const StackLayer& layer, const signal::LayerFigures& f, bool one) {
  const signal::PoolSpec window{layer.kernel_rows, layer.kernel_columns, layer.rows, layer.columns};
  const WindowWords words = one ? convolution_words({layer.columns}, signal::Boundary::kZeros)
                                : convolution_words({layer.rows, layer.columns}, signal::Boundary::kZeros);
  const std::string dimensions = one ? "1d(" : "2d(";
  const std::string convolution = "nn.Conv" + dimensions + python(f.input[0]) + ", " + python(f.output[0]) +
                                  ", " + kernel_words(window, one) + words.arguments +
                                  (layer.groups > 1 ? ", groups=" + python(layer.groups) : "") +
                                  (layer.bias ? "" : ", bias=False") + ", device=\"meta\")";
  if (words.padding.empty()) return convolution;
  return "nn.Sequential(nn.ConstantPad" + dimensions + words.padding + ", 0.0), " + convolution + ")";
}

std::string pooling(const StackLayer& layer, bool one) {
  const signal::PoolSpec pool{layer.kernel_rows, layer.kernel_columns, layer.rows, layer.columns};
  const std::string dimensions = one ? "1d(" : "2d(", kernel = kernel_words(pool, one);
  const std::vector<signal::WindowSpec> axes =
      one ? std::vector{layer.columns} : std::vector{layer.rows, layer.columns};
  if (layer.kind == LayerKind::kAveragePool && has_average_pool(pool))
    return "nn.AvgPool" + dimensions + kernel +
           average_pool_words(pool, signal::CountPadding::kYes, one).arguments + ")";
  const WindowWords words = max_pool_words(pool, one);
  const std::string largest = "nn.MaxPool" + dimensions + kernel + words.arguments + ")";
  const std::string padded = words.padding.empty()
                                 ? largest
                                 : "nn.Sequential(nn.ConstantPad" + dimensions + pad_numbers(axes) +
                                       ", float(\"-inf\")), " + largest + ")";
  // AvgPool has no dilation and one padding for both sides.
  return padded +
         (layer.kind == LayerKind::kAveragePool ? ",  # of the sizes of the mean, which AvgPool lacks" : "");
}

// Its units as the channels of one cell: a layer with a window may come next.
std::string dense(const StackLayer& layer, const signal::LayerFigures& f, bool one) {
  const std::string units = python(layer.filters);
  return "nn.Sequential(nn.Flatten(), nn.Linear(" + python(f.input.count()) + ", " + units +
         (layer.bias ? "" : ", bias=False") + ", device=\"meta\"), nn.Unflatten(1, (" + units +
         (one ? ", 1)))" : ", 1, 1)))");
}

std::string words_of(const Result& r, std::size_t i) {
  const StackLayer& layer = r.layers[i];
  const signal::LayerFigures& f = r.figures.layers[i];
  const bool one = one_dimensional(r);
  switch (layer.kind) {
    case LayerKind::kConvolution:
      return convolution(layer, f, one);
    case LayerKind::kMaxPool:
    case LayerKind::kAveragePool:
      return pooling(layer, one);
    case LayerKind::kDense:
      break;
  }
  return dense(layer, f, one);
}

void add_layers(Script& s, const Result& r) {
  s.code("layers = [");
  for (std::size_t i = 0; i < r.figures.layers.size(); ++i) {
    const std::string words = words_of(r, i);
    s.code("    " + words + (words.find('#') == std::string::npos ? "," : ""));
  }
  const core::Shape input = r.params.input();
  s.code("]").comment("the device \"meta\" has shapes and no numbers");
  s.code("x = torch.empty(1, " + python(input[0]) + ", " +
         (one_dimensional(r) ? "" : python(input[1]) + ", ") + python(input[2]) + ", device=\"meta\")");
  s.code(
      "outputs, parameters, macs, dense_weights = [], [], [], []\n"
      "for layer in layers:\n"
      "    y = layer(x)\n"
      "    channels, *sizes = y.shape[1:]\n"
      "    outputs.append([channels] + [1] * (2 - len(sizes)) + sizes)\n"
      "    parameters.append(sum(p.numel() for p in layer.parameters()))\n"
      "    # multiply-adds: the weights that make one number, times the numbers\n"
      "    macs.append(y.numel() * sum(p[0].numel() for p in layer.parameters() if p.dim() > 1))\n"
      "    dense_weights.append(x.numel() * y.numel())\n"
      "    x = y");
  s.show("outputs").show("output", "outputs[-1]").show("parameters").show("macs").show("dense_weights");
  s.show("total_parameters", "sum(parameters)").show("total_macs", "sum(macs)");
}

// What one number of each output sees, along rows and columns.
void add_sees(Script& s, const Result& r) {
  s.comment("r' = r + d (K - 1) j, j' = S j: what one number sees; (K, S, d) of rows and of columns");
  s.code("windows = [");
  for (std::size_t i = 0; i < r.figures.layers.size(); ++i) {
    const StackLayer& layer = r.layers[i];
    const core::Shape& x = r.figures.layers[i].input;
    const auto window = [&](Index kernel, Index all, const signal::WindowSpec& w) {
      return layer.has_window() ? python(std::vector<Index>{kernel, w.stride, w.dilation})
                                : python(std::vector<Index>{all, 1, 1});
    };
    s.code("    (" + window(layer.kernel_rows, x[1], layer.rows) + ", " +
           window(layer.kernel_columns, x[2], layer.columns) + "),");
  }
  s.code(
      "]\n"
      "sees, r, j = [], [1, 1], [1, 1]\n"
      "for window in windows:\n"
      "    for axis, (K, S, d) in enumerate(window):\n"
      "        r[axis] += d * (K - 1) * j[axis]\n"
      "        j[axis] *= S\n"
      "    sees.append(list(r))");
  s.show("sees");
}

}  // namespace

std::string LayerSizes::code(const Result& r, const View&) {
  Script s;
  s.code("import torch.nn as nn\n");
  if (r.figures.fault) {
    const FaultWords words = words_of(r, *r.figures.fault);
    s.comment("layer " + python(static_cast<Index>(r.figures.fault->layer + 1)) + ": " + words.what);
  }
  if (r.figures.layers.empty()) {
    const core::Shape input = r.params.input();
    return s.comment("no layer fits").show("output", "list(" + python(input.sizes()) + ")").text();
  }
  if (std::all_of(r.figures.layers.begin(), r.figures.layers.end(), countable))
    add_layers(s, r);
  else
    s.comment("the layers have more numbers than PyTorch can count");
  add_sees(s, r);
  return s.text();
}

}  // namespace vitrine::labs
