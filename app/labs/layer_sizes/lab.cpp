#include "app/labs/layer_sizes/lab.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "app/labs/stack_controls.h"
#include "app/labs/window_controls.h"
#include "app/widgets/matrix.h"
#include "engine/core/text.h"
#include "engine/lessons/expression.h"

namespace vitrine::labs {

using core::grouped;
using core::Index;
using signal::LayerKind;
using signal::StackFault;
using signal::StackLayer;
using signal::WindowSpec;

namespace {

constexpr std::string_view kDimensionIds[] = {"1-D", "2-D"};
constexpr Index kLargestSide = 1'000'000, kMostFilters = 65'536, kLargestKernel = 1'024, kMostLayers = 12;
constexpr WindowLimits kLimits{.stride = 64, .dilation = 64, .padding = 512};

StackLayer conv(Index filters, Index rows, Index columns, const WindowSpec& window = {}) {
  return {
      .filters = filters, .kernel_rows = rows, .kernel_columns = columns, .rows = window, .columns = window};
}
StackLayer conv(Index filters, Index size, const WindowSpec& window = {}) {
  return conv(filters, size, size, window);
}
StackLayer pool(LayerKind kind, Index size) {
  const WindowSpec window{.stride = size};
  return {.kind = kind, .kernel_rows = size, .kernel_columns = size, .rows = window, .columns = window};
}
StackLayer dense(Index units) { return {.kind = LayerKind::kDense, .filters = units}; }
StackLayer without_bias(StackLayer layer) {
  layer.bias = false;
  return layer;
}

LayerSizes::Params picture(Index channels, Index height, Index width, std::vector<StackLayer> layers) {
  return {.channels = channels, .height = height, .width = width, .layers = std::move(layers)};
}
LayerSizes::Params signal_of(Index channels, Index length, std::vector<StackLayer> layers) {
  LayerSizes::Params p = picture(channels, 1, length, std::move(layers));
  p.dimensions = LayerSizes::Dimensions::kOne;
  return p;
}

void fit_layer(StackLayer& layer) {
  layer.filters = std::clamp<Index>(layer.filters, 1, kMostFilters);
  layer.kernel_rows = std::clamp<Index>(layer.kernel_rows, 1, kLargestKernel);
  layer.kernel_columns = std::clamp<Index>(layer.kernel_columns, 1, kLargestKernel);
  layer.groups = std::clamp<Index>(layer.groups, 1, kMostFilters);
  layer.rows = within(layer.rows, kLimits);
  layer.columns = within(layer.columns, kLimits);
}

}  // namespace

void LayerSizes::Params::describe(core::Fields& f) {
  f.choice("dimensions", dimensions, kDimensionIds);
  f.field("channels", channels);
  f.field("height", height);
  f.field("width", width);
  Index count = std::ssize(layers);
  f.field("layer_count", count);
  layers.resize(static_cast<std::size_t>(std::clamp<Index>(count, 1, kMostLayers)));
  for (std::size_t i = 0; i < layers.size(); ++i) f.group("layer_" + std::to_string(i + 1), layers[i]);
  f.field("edited", edited);
  fit();
}

void LayerSizes::Params::fit() {
  for (Index* size : {&channels, &height, &width}) *size = std::clamp<Index>(*size, 1, kLargestSide);
  for (StackLayer& layer : layers) fit_layer(layer);
  edited = std::clamp<Index>(edited, 0, std::ssize(layers) - 1);
}

core::Shape LayerSizes::Params::input() const {
  return {channels, dimensions == Dimensions::kTwo ? height : 1, width};
}

std::vector<StackLayer> LayerSizes::Params::stack() const {
  std::vector<StackLayer> stack = layers;
  if (dimensions == Dimensions::kOne)
    for (StackLayer& layer : stack) {
      layer.kernel_rows = 1;
      layer.rows = {};
    }
  return stack;
}

std::vector<Preset<LayerSizes::Params>> LayerSizes::presets() {
  const WindowSpec half{.stride = 2};
  const StackLayer three = conv(8, 3), strided = conv(8, 3, half);
  return {
      {"RGB 256", picture(3, 256, 256, {conv(32, 5, half)})},
      {"Picture 28", picture(3, 28, 28, {conv(8, 4, half)})},
      {"Signal 200", signal_of(1, 200, {conv(8, 4, half)})},
      {"9 and 3", signal_of(1, 9, {without_bias(conv(1, 3))})},
      {"9, padded",
       signal_of(1, 9, {without_bias(conv(1, 3, {.stride = 2, .padding_before = 1, .padding_after = 1}))})},
      {"21 × 12", picture(1, 21, 12, {without_bias(conv(1, 4, 5, {.stride = 4}))})},
      {"Dilated", signal_of(1, 32, {conv(1, 3), conv(1, 3, {.dilation = 2}), conv(1, 3, {.dilation = 3})})},
      {"Sees 5", picture(1, 32, 32, {three, three})},
      {"Sees 7", picture(1, 32, 32, {strided, strided})},
      {"Sees 11", picture(1, 32, 32, {three, three, three, three, three})},
      {"Sees 19", picture(3, 64, 64, {conv(8, 7, half), conv(16, 3, half), conv(16, 3)})},
      {"LeNet-5", picture(1, 32, 32,
                          {conv(6, 5), pool(LayerKind::kAveragePool, 2), conv(16, 5),
                           pool(LayerKind::kAveragePool, 2), dense(120), dense(84), dense(10)})},
      {"Impossible", picture(1, 28, 28, {conv(8, 5, half), conv(16, 5, half), conv(32, 5, half), dense(10)})},
  };
}

namespace {

// Adds, removes and moves layers, and chooses the one to edit.
void order_controls(LayerSizes::Params& p, widgets::Controls& c) {
  std::vector<std::string> names;
  for (const StackLayer& layer : p.layers) names.push_back(LayerSizes::name_of(layer, p.dimensions));
  stack_controls(c, names, p.layers, p.edited, StackLayer(), {.least = 1, .most = kMostLayers});
}

void layer_controls(StackLayer& layer, bool two_dimensional, widgets::Controls& c) {
  c.choice("Kind", layer.kind, signal::kLayerKindNames, LayerKind::kConvolution,
           "A convolution, the largest or the mean of each window, or a layer that connects everything");
  if (layer.kind == LayerKind::kConvolution)
    c.integer("Filters", layer.filters, {1, kMostFilters, 8}, "F: how many channels come out, a kernel each");
  if (layer.kind == LayerKind::kDense)
    c.integer("Units", layer.filters, {1, kMostFilters, 10},
              "How many numbers come out, each of all that go in");
  if (layer.has_window()) {
    if (two_dimensional) {
      c.integer("Kernel rows", layer.kernel_rows, {1, kLargestKernel, 3}, "The window's height in cells");
      c.integer("Kernel columns", layer.kernel_columns, {1, kLargestKernel, 3},
                "The window's width in cells");
      window_controls(c, layer.rows, layer.columns, layer.kernel_rows, layer.kernel_columns, kLimits);
    } else {
      c.integer("Kernel size", layer.kernel_columns, {1, kLargestKernel, 3}, "The window's length in cells");
      window_controls(c, layer.columns, layer.kernel_columns, kLimits);
    }
  }
  if (layer.kind == LayerKind::kConvolution)
    c.integer("Groups", layer.groups, {1, kMostFilters, 1},
              "The channels are dealt out to so many groups, and a filter reads those of its own only");
  if (layer.has_weights()) c.toggle("Bias", layer.bias, true, "One more parameter for each filter or unit");
}

}  // namespace

void LayerSizes::controls(Params& p, widgets::Controls& c) {
  const bool two_dimensional = p.dimensions == Dimensions::kTwo;
  c.section("Input");
  c.choice("Dimensions", p.dimensions, kDimensionIds, Dimensions::kTwo, "1-D: a signal. 2-D: a picture");
  c.integer("Channels", p.channels, {1, kLargestSide, 3},
            "C: numbers at each position, 3 in a colour picture");
  if (two_dimensional) c.integer("Height", p.height, {1, kLargestSide, 256, "px"}, "H: rows");
  c.integer(two_dimensional ? "Width" : "Length", p.width,
            {1, kLargestSide, 256, two_dimensional ? "px" : ""},
            two_dimensional ? "W: columns" : "L: positions");
  c.section("Stack");
  order_controls(p, c);
  c.section("Layer " + std::to_string(p.edited + 1));
  layer_controls(p.layers[static_cast<std::size_t>(p.edited)], two_dimensional, c);
  const Result r = compute(p, {});
  if (r.figures.fault) {
    const FaultWords words = words_of(r, *r.figures.fault);
    c.note("Layer " + std::to_string(r.figures.fault->layer + 1) + ": " + words.what + ": " +
               words.inequality + ". " + words.mend,
           widgets::Role::kTrouble);
  }
}

LayerSizes::Result LayerSizes::compute(const Params& p, std::stop_token) {
  Result r{p, p.stack(), {}};
  r.figures = signal::stack_figures(p.input(), r.layers);
  return r;
}

int LayerSizes::last_step(const Result& r) {
  return static_cast<int>(r.figures.layers.size()) - (r.figures.fault ? 0 : 1);
}

LayerSizes::Focus LayerSizes::focus(const Result& r, const View& v, bool reduce_motion) {
  const auto last = static_cast<std::size_t>(last_step(r));
  for (const auto& pointed : {v.pinned, v.hovered})
    if (pointed && *pointed <= last) return {*pointed, 1};
  const widgets::Lit lit = widgets::lit_at(v.playhead, reduce_motion);
  return {std::min(static_cast<std::size_t>(lit.step), last), lit.progress};
}

StageEdit LayerSizes::edit_on_stage(View& view, Params& p) {
  const auto clicked = std::exchange(view.clicked, std::nullopt);
  if (!clicked || *clicked >= p.layers.size() || static_cast<Index>(*clicked) == p.edited)
    return StageEdit::kNone;
  p.edited = static_cast<Index>(*clicked);
  return StageEdit::kNew;
}

std::string LayerSizes::name_of(const StackLayer& layer, Dimensions dimensions) {
  const std::string kind(signal::kLayerKindNames[static_cast<std::size_t>(layer.kind)]);
  if (!layer.has_window()) return kind + " " + grouped(layer.filters);
  const std::string columns = grouped(layer.kernel_columns);
  return kind + " " +
         (dimensions == Dimensions::kOne ? columns : grouped(layer.kernel_rows) + " × " + columns);
}

std::string LayerSizes::size_words(const core::Shape& shape, Dimensions dimensions) {
  return dimensions == Dimensions::kTwo ? widgets::shape_words(shape)
                                        : widgets::shape_words({shape[0], shape[2]});
}

std::string LayerSizes::byte_words(const signal::Count& bytes) {
  if (!bytes) return "> 2^63 B";
  constexpr std::string_view kUnits[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  double amount = static_cast<double>(*bytes);
  std::size_t unit = 0;
  for (; amount >= 999.95 && unit + 1 < std::size(kUnits); ++unit) amount /= 1000;
  return core::shown(amount, 4) + " " + std::string(kUnits[unit]);
}

LayerSizes::FaultWords LayerSizes::words_of(const Result& r, const StackFault& fault) {
  using Kind = StackFault::Kind;
  const StackLayer& layer = r.layers[fault.layer];
  const bool rows =
      fault.kind == Kind::kRows || fault.kind == Kind::kRowPadding || fault.kind == Kind::kRowHoles;
  const WindowSpec& window = rows ? layer.rows : layer.columns;
  const std::string have = grouped(fault.have), need = grouped(fault.need),
                    cells = rows                                      ? "rows"
                            : r.params.dimensions == Dimensions::kTwo ? "columns"
                                                                      : "positions";
  switch (fault.kind) {
    case Kind::kRows:
    case Kind::kColumns: {
      const Index padding = window.padding_before + window.padding_after;
      return {"the kernel covers more " + cells + " than the padded input has",
              grouped(fault.have - padding) + " + " + grouped(window.padding_before) + " + " +
                  grouped(window.padding_after) + " ≥ " + need + " fails",
              "Make the kernel or its dilation smaller, add " + grouped(fault.need - fault.have) +
                  " of padding, or let a layer before take smaller steps."};
    }
    case Kind::kChannelGroups:
      return {"the groups do not divide the channels that go in", have + " mod " + need + " = 0 fails",
              "Choose groups that do, or other filters in the layer before."};
    case Kind::kFilterGroups:
      return {"the groups do not divide the filters", have + " mod " + need + " = 0 fails",
              "Choose groups or filters that do."};
    case Kind::kRowPadding:
    case Kind::kColumnPadding:
      return {"a window covers " + cells + " of the padding only",
              grouped(fault.need - 1) + " < " + have + " fails", "Make the padding smaller than the window."};
    case Kind::kRowHoles:
    case Kind::kColumnHoles:
      return {"a window steps over all " + cells + " of the input", need + " ≤ " + have + " fails",
              "Make the dilation or the padding smaller."};
  }
  return {};
}

namespace {

using widgets::Math;
using widgets::Role;
using widgets::word;

Math size_word(Index n, Role role = Role::kText) { return word(grouped(n), role); }

// H' = floor((H + p + p' − (d(K−1)+1)) / S) + 1 = ..., one axis.
std::vector<Math> size_parts(const std::string& name, Index input, Index output, Index kernel,
                             const WindowSpec& w) {
  std::vector<Math> above{size_word(input, Role::kInput),
                          word("+"),
                          size_word(w.padding_before),
                          word("+"),
                          size_word(w.padding_after),
                          word("−"),
                          word("(")};
  above.insert(above.end(), {size_word(w.dilation), word("·"), word("("), size_word(kernel, Role::kKernel),
                             word("−"), word("1"), word(")"), word("+"), word("1"), word(")")});
  return {widgets::row({word(name, Role::kOutput), word("="), word("⌊")}),
          widgets::fraction(widgets::row(std::move(above)), size_word(w.stride)),
          word("⌋"),
          word("+"),
          word("1"),
          word("="),
          size_word(output, Role::kOutput)};
}

// Both axes on one line, once where they are alike.
Math size_line(const StackLayer& layer, const signal::LayerFigures& f, bool two_dimensional) {
  std::vector<Math> columns =
      size_parts(two_dimensional ? "W'" : "L'", f.input[2], f.output[2], layer.kernel_columns, layer.columns);
  if (!two_dimensional) return widgets::row(std::move(columns));
  std::vector<Math> line = size_parts("H'", f.input[1], f.output[1], layer.kernel_rows, layer.rows);
  if (f.input[1] == f.input[2] && layer.kernel_rows == layer.kernel_columns && layer.rows == layer.columns)
    line = {word("H'", Role::kOutput), word("=")};
  else
    line.insert(line.end(), {word(","), word("   ")});
  line.insert(line.end(), columns.begin(), columns.end());
  return widgets::row(std::move(line));
}

Math counted(const signal::Count& count, Role role) {
  return count ? size_word(*count, role) : word("more than 2^63", Role::kTrouble);
}

// parameters = F · C/groups · Kh · Kw + F
Math parameters_line(const StackLayer& layer, const signal::LayerFigures& f, bool two_dimensional) {
  std::vector<Math> parts{word("parameters", Role::kKernel), word("=")};
  const auto factor = [&](Index n, Role role) {
    if (parts.size() > 2) parts.push_back(word("·"));
    parts.push_back(size_word(n, role));
  };
  factor(f.output[0], Role::kOutput);
  if (layer.has_window()) {
    factor(f.input[0] / layer.groups, Role::kInput);
    if (two_dimensional) factor(layer.kernel_rows, Role::kKernel);
    factor(layer.kernel_columns, Role::kKernel);
  } else {
    factor(f.input.count(), Role::kInput);
  }
  if (layer.bias) {
    parts.push_back(word("+"));
    parts.push_back(size_word(f.output[0], Role::kOutput));
  }
  parts.push_back(word("="));
  parts.push_back(counted(f.parameters, Role::kKernel));
  return widgets::row(std::move(parts));
}

}  // namespace

widgets::Equation LayerSizes::explain(const Result& r, const View& view) {
  const std::size_t lit = focus(r, view, true).layer;
  const std::string title =
      "Layer " + std::to_string(lit + 1) + ", " + name_of(r.layers[lit], r.params.dimensions);
  if (lit >= r.figures.layers.size()) {
    const FaultWords words = words_of(r, *r.figures.fault);
    return {{word(words.inequality, Role::kTrouble), word(words.mend, Role::kQuiet)},
            title + ": " + words.what};
  }
  const StackLayer& layer = r.layers[lit];
  const signal::LayerFigures& f = r.figures.layers[lit];
  const bool two_dimensional = r.params.dimensions == Dimensions::kTwo;
  widgets::Equation e;
  if (layer.has_window()) e.lines.push_back(size_line(layer, f, two_dimensional));
  if (layer.has_weights()) e.lines.push_back(parameters_line(layer, f, two_dimensional));
  e.words = title + ": " + grouped(f.input.count()) + " → " + grouped(f.output.count()) + " numbers";
  if (!layer.has_weights())
    e.words += "; pooling has no weights";
  else if (layer.has_window() && f.dense_weights)
    e.words += "; as a dense layer " + grouped(*f.dense_weights) + " weights, " + byte_words(f.dense_bytes);
  return e;
}

lessons::Symbols LayerSizes::numbers(const Result& r, const View& view) {
  using core::Tensor;
  using lessons::number;
  const auto counted_number = [](const signal::Count& count) {
    return count ? static_cast<double>(*count) : std::numeric_limits<double>::infinity();
  };
  const auto shape_numbers = [](const core::Shape& s) {
    return Tensor<double>({3},
                          {static_cast<double>(s[0]), static_cast<double>(s[1]), static_cast<double>(s[2])});
  };
  const auto& figures = r.figures.layers;
  const Index n = std::ssize(figures);
  Tensor<double> outputs({n, 3}), parameters({n}), macs({n}), dense({n}), sees({n, 2}), strides({n});
  for (Index i = 0; i < n; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const signal::LayerFigures& f = figures[at];
    std::ranges::copy(shape_numbers(f.output).values(), &outputs(i, 0));
    parameters[i] = counted_number(f.parameters);
    macs[i] = counted_number(f.macs);
    dense[i] = counted_number(f.dense_weights);
    sees(i, 0) = static_cast<double>(f.rows.size);
    sees(i, 1) = static_cast<double>(f.columns.size);
    strides[i] = static_cast<double>(r.layers[at].columns.stride);
  }
  const core::Shape input = r.params.input();
  return {{"input", shape_numbers(input)},
          {"output", shape_numbers(n > 0 ? figures.back().output : input)},
          {"outputs", outputs},
          {"parameters", parameters},
          {"macs", macs},
          {"dense_weights", dense},
          {"sees", sees},
          {"strides", strides},
          {"total_parameters", number(counted_number(r.figures.parameters))},
          {"total_macs", number(counted_number(r.figures.macs))},
          {"layers", number(static_cast<double>(r.layers.size()))},
          {"fault", number(r.figures.fault ? static_cast<double>(r.figures.fault->layer + 1) : 0)},
          {"edited", number(r.params.edited + 1)},
          {"layer", number(static_cast<double>(focus(r, view, true).layer + 1))}};
}

}  // namespace vitrine::labs
