// Convolution's operations: requests speak in one or two dimensions, with or without channels; the engine in
// [C, H, W] always, one dimension being H = Kh = 1.
#include "app/cli/compute_ops.h"
#include "engine/io/files.h"
#include "engine/signal/conv_transpose.h"
#include "engine/signal/convolution.h"
#include "engine/signal/convolution_gradients.h"
#include "engine/signal/pooling.h"
#include "engine/signal/receptive_field.h"

namespace vitrine::cli {

namespace {

using core::Shape;
using core::Tensor;
using io::FormatError;
using signal::ConvSpec;
using signal::NamedPadding;
using signal::WindowAxis;
using signal::WindowSpec;

// Which axes a request spells out.
struct Form {
  bool two_dimensional, channels;

  // [L], [C, L], [H, W] or [C, H, W] as [C, H, W].
  Shape input_shape(const Shape& given) const {
    const Index rows = two_dimensional ? given[given.rank() - 2] : 1;
    return {channels ? given[0] : 1, rows, given[given.rank() - 1]};
  }
  // [K], [F, C, K], [Kh, Kw] or [F, C, Kh, Kw] as [F, C, Kh, Kw].
  Shape weight_shape(const Shape& given) const {
    const Index rows = two_dimensional ? given[given.rank() - 2] : 1;
    return {channels ? given[0] : 1, channels ? given[1] : 1, rows, given[given.rank() - 1]};
  }
  // The request's form of an engine's [F, H, W].
  Shape spoken(const Shape& engine) const {
    std::vector<Index> sizes;
    if (channels) sizes.push_back(engine[0]);
    if (two_dimensional) sizes.push_back(engine[1]);
    sizes.push_back(engine[2]);
    return Shape(std::move(sizes));
  }
};

// `channels` says how a weight with channels is spelled: "[F, C/groups".
Form conv_form(const char* input_name, const Shape& input, const Shape& weight, const std::string& channels) {
  const auto ranks = std::pair(input.rank(), weight.rank());
  if (ranks == std::pair<std::size_t, std::size_t>(1, 1))
    return {.two_dimensional = false, .channels = false};
  if (ranks == std::pair<std::size_t, std::size_t>(2, 3)) return {.two_dimensional = false, .channels = true};
  if (ranks == std::pair<std::size_t, std::size_t>(2, 2)) return {.two_dimensional = true, .channels = false};
  if (ranks == std::pair<std::size_t, std::size_t>(3, 4)) return {.two_dimensional = true, .channels = true};
  throw FormatError(std::string(input_name) + " " + to_string(input) + " and weight " + to_string(weight) +
                    " do not go together: [L] and [K], [C, L] and " + channels +
                    ", K], [H, W] and [Kh, Kw], or " + "[C, H, W] and " + channels + ", Kh, Kw]");
}

// [F], or empty; without channels also one number.
Tensor<double> bias_from(const Request& request, const Form& form) {
  if (request.has("bias") && !form.channels && !request.is_list("bias"))
    return Tensor<double>({1}, request.number("bias"));
  return request.numbers("bias", {});
}

void expect_fitting_bias(const Request& request, const Tensor<double>& bias, Index filters) {
  if (!bias.empty() && bias.shape() != Shape{filters})
    request.refuse("bias", "shape " + to_string(bias.shape()) + " does not fit the " +
                               std::to_string(filters) + " filters of weight");
}

struct Windows {
  WindowSpec rows{}, columns{};
};

// Only in two dimensions a field may be [rows, columns].
void expect_one_number(const Request& request, const char* name, bool two_dimensional) {
  if (!two_dimensional && request.is_list(name))
    request.refuse(name, "one number is expected in one dimension");
}

void expect_positive(const Request& request, const char* name, Index value) {
  if (value < 1) request.refuse(name, std::to_string(value) + " is smaller than 1");
}

// stride, dilation and padding; a kernel's size decides what "same" and "full" mean. In one dimension the
// axis is the columns.
Windows windows_from(const Request& request, bool two_dimensional, Index kernel_rows, Index kernel_columns,
                     std::array<Index, 2> default_stride = {1, 1}) {
  for (const char* name : {"stride", "dilation", "padding"})
    expect_one_number(request, name, two_dimensional);
  const auto stride = request.rows_and_columns("stride", default_stride);
  const auto dilation = request.rows_and_columns("dilation", {1, 1});
  for (const Index value : stride) expect_positive(request, "stride", value);
  for (const Index value : dilation) expect_positive(request, "dilation", value);
  Windows windows{{.stride = stride[0], .dilation = dilation[0]},
                  {.stride = stride[1], .dilation = dilation[1]}};
  if (!two_dimensional) windows.rows = {};
  if (request.is_text("padding")) {
    const auto name = static_cast<NamedPadding>(request.choice("padding", signal::kPaddingNames));
    for (const Index value : stride)
      if (name == NamedPadding::kSame && value != 1)
        request.refuse("padding", "\"same\" needs stride 1, not " + std::to_string(value));
    if (two_dimensional) windows.rows = padded_by_name(name, kernel_rows, windows.rows);
    windows.columns = padded_by_name(name, kernel_columns, windows.columns);
  } else if (request.is_object("padding")) {
    const Request sides = request.object("padding");
    if (two_dimensional) {
      constexpr std::string_view kSides[] = {"top", "bottom", "left", "right"};
      sides.expect_only(kSides);
      windows.rows.padding_before = sides.whole("top", 0);
      windows.rows.padding_after = sides.whole("bottom", 0);
    } else {
      constexpr std::string_view kSides[] = {"left", "right"};
      sides.expect_only(kSides);
    }
    windows.columns.padding_before = sides.whole("left", 0);
    windows.columns.padding_after = sides.whole("right", 0);
  } else {
    const auto padding = request.rows_and_columns("padding", {0, 0});
    if (two_dimensional) windows.rows.padding_before = windows.rows.padding_after = padding[0];
    windows.columns.padding_before = windows.columns.padding_after = padding[1];
  }
  return windows;
}

// The fields that conv and toeplitz share, in the engine's form.
struct Layer {
  // `input_shape` is the request's.
  Layer(const Request& request, const char* input_name, const Shape& given_input)
      : given_weight(request.numbers("weight")),
        form(conv_form(input_name, given_input, given_weight.shape(), "[F, C/groups")),
        input_shape(form.input_shape(given_input)),
        weight(given_weight.reshaped(form.weight_shape(given_weight.shape()))) {
    const Windows windows = windows_from(request, form.two_dimensional, weight.size(2), weight.size(3));
    spec = {.rows = windows.rows,
            .columns = windows.columns,
            .groups = request.whole("groups", 1),
            .boundary = static_cast<signal::Boundary>(request.choice("boundary", signal::kBoundaryNames)),
            .flip = request.flag("flip", false)};
    bias = bias_from(request, form);
    counts = signal::conv_counts(input_shape, weight.shape(), request.has("bias"), spec);
    expect_fitting_bias(request, bias, weight.size(0));
  }

  Tensor<double> given_weight;
  Form form;
  Shape input_shape;      // [C, H, W]
  Tensor<double> weight;  // [F, C/groups, Kh, Kw]
  Tensor<double> bias;    // [F] or empty
  ConvSpec spec;
  signal::ConvCounts counts;
};

// Input positions of one channel that no window touches.
Index unused_input(const Layer& layer) {
  const WindowAxis rows(layer.input_shape[1], layer.weight.size(2), layer.spec.rows, layer.spec.boundary);
  const WindowAxis columns(layer.input_shape[2], layer.weight.size(3), layer.spec.columns,
                           layer.spec.boundary);
  return rows.input() * columns.input() - rows.touched() * columns.touched();
}

}  // namespace

void compute_conv(const Request& request, Result& result) {
  const Tensor<double> input = request.numbers("input");
  const Layer layer(request, "input", input.shape());
  const Tensor<double> output =
      signal::correlate(input.reshaped(layer.input_shape), layer.weight, layer.bias, layer.spec);
  const Shape shape = layer.form.spoken(output.shape());
  result.set("output", output.reshaped(shape));
  result.set("output_shape", shape);
  result.set("parameters", layer.counts.parameters);
  result.set("macs", layer.counts.macs);
  result.set("unused_input", unused_input(layer));
}

void compute_conv_backward(const Request& request, Result& result) {
  const Tensor<double> input = request.numbers("input"), grad_output = request.numbers("grad_output");
  const Layer layer(request, "input", input.shape());
  const Shape output = layer.form.spoken(layer.counts.output);
  if (grad_output.shape() != output)
    request.refuse("grad_output",
                   "shape " + to_string(grad_output.shape()) + " is not the output's " + to_string(output));
  const signal::ConvGradients gradients = signal::correlate_backward(
      input.reshaped(layer.input_shape), layer.weight, grad_output.reshaped(layer.counts.output), layer.spec);
  result.set("grad_input", gradients.input.reshaped(input.shape()));
  result.set("grad_weight", gradients.weight.reshaped(layer.given_weight.shape()));
  if (request.is_list("bias")) result.set("grad_bias", gradients.bias);
  if (request.has("bias") && !request.is_list("bias")) result.set("grad_bias", gradients.bias[0]);
}

void compute_conv_transpose(const Request& request, Result& result) {
  const Tensor<double> input = request.numbers("input"), weight = request.numbers("weight");
  const Form form = conv_form("input", input.shape(), weight.shape(), "[C, F");
  const Shape kernel = form.weight_shape(weight.shape());
  if (request.is_text("padding"))
    request.refuse("padding", "a transposed convolution's has no name; numbers are expected");
  expect_one_number(request, "output_padding", form.two_dimensional);
  const Windows windows = windows_from(request, form.two_dimensional, kernel[2], kernel[3]);
  auto output_padding = request.rows_and_columns("output_padding", {0, 0});
  if (!form.two_dimensional) output_padding[0] = 0;
  const Tensor<double> bias = bias_from(request, form);
  expect_fitting_bias(request, bias, kernel[1]);
  const Tensor<double> output = signal::correlate_transposed(
      input.reshaped(form.input_shape(input.shape())), weight.reshaped(kernel), bias,
      {windows.rows, windows.columns, output_padding[0], output_padding[1]});
  const Shape shape = form.spoken(output.shape());
  result.set("output", output.reshaped(shape));
  result.set("output_shape", shape);
}

void compute_receptive_field(const Request& request, Result& result) {
  constexpr std::string_view kFields[] = {"kernel", "stride", "dilation"};
  std::vector<signal::ReceptiveLayer> layers;
  for (const Request& layer : request.objects("layers")) {
    layer.expect_only(kFields);
    layers.push_back({layer.whole("kernel"), layer.whole("stride", 1), layer.whole("dilation", 1)});
  }
  const signal::ReceptiveField field = signal::receptive_field(layers);
  result.set("size", field.size);
  result.set("jump", field.jump);
}

void compute_conv_shape(const Request& request, Result& result) {
  const Shape given = request.sizes("input_shape");
  if (given.rank() != 2 && given.rank() != 3)
    request.refuse("input_shape", to_string(given) + " is neither [C, L] nor [C, H, W]");
  const Form form{.two_dimensional = given.rank() == 3, .channels = true};
  const Shape input = form.input_shape(given);
  const Index filters = request.whole("filters"), groups = request.whole("groups", 1);
  expect_positive(request, "filters", filters);
  expect_positive(request, "groups", groups);
  if (input[0] % groups != 0 || filters % groups != 0)
    request.refuse("groups", std::to_string(groups) + " does not divide the " + std::to_string(input[0]) +
                                 " channels and " + std::to_string(filters) + " filters");
  expect_one_number(request, "kernel", form.two_dimensional);
  auto kernel = request.rows_and_columns("kernel");
  for (const Index size : kernel) expect_positive(request, "kernel", size);
  if (!form.two_dimensional) kernel[0] = 1;
  const Windows windows = windows_from(request, form.two_dimensional, kernel[0], kernel[1]);
  const auto weight = [&]() -> Shape {
    try {
      return {filters, input[0] / groups, kernel[0], kernel[1]};
    } catch (const core::ShapeError& error) {
      request.refuse("weights", error.what());
    }
  };
  const signal::ConvCounts counts =
      signal::conv_counts(input, weight(), request.flag("bias", false),
                          {.rows = windows.rows, .columns = windows.columns, .groups = groups});
  result.set("output_shape", form.spoken(counts.output));
  result.set("weights", counts.weights);
  result.set("parameters", counts.parameters);
  result.set("macs", counts.macs);
  result.set("dense_weights", counts.dense_weights);
  result.set("output_size", counts.output.count());
}

void compute_toeplitz(const Request& request, Result& result) {
  const Layer layer(request, "input_shape", request.sizes("input_shape"));
  const signal::Toeplitz toeplitz = signal::toeplitz(layer.input_shape, layer.weight, layer.spec);
  result.set("matrix", toeplitz.matrix);
  result.set("shape", toeplitz.matrix.shape());
  result.set("nonzeros", toeplitz.nonzeros);
  result.set("distinct_weights", toeplitz.distinct_weights);
}

void compute_locally_connected(const Request& request, Result& result) {
  Tensor<double> input = request.numbers("input"), weight = request.numbers("weight");
  const bool two_dimensional = input.rank() == 2;
  if ((input.rank() != 1 && input.rank() != 2) || weight.rank() != 2 * input.rank())
    throw FormatError("input " + to_string(input.shape()) + " and weight " + to_string(weight.shape()) +
                      " do not go together: [L] and [Lo, K], or [H, W] and [Ho, Wo, Kh, Kw]");
  const Shape spoken = two_dimensional ? Shape{weight.size(0), weight.size(1)} : Shape{weight.size(0)};
  const Tensor<double> bias = request.numbers("bias", {});
  if (!bias.empty() && bias.shape() != spoken)
    request.refuse("bias", "shape " + to_string(bias.shape()) + " is not the output's " + to_string(spoken));
  const Shape engine_output{two_dimensional ? weight.size(0) : 1, weight.size(two_dimensional ? 1 : 0)};
  if (!two_dimensional) {
    input = input.reshaped({1, input.count()});
    weight = weight.reshaped({1, weight.size(0), 1, weight.size(1)});
  }
  const Windows windows = windows_from(request, two_dimensional, weight.size(2), weight.size(3));
  const Tensor<double> output = signal::locally_connected(
      input, weight, bias.empty() ? bias : bias.reshaped(engine_output), windows.rows, windows.columns);
  result.set("output", output.reshaped(spoken));
  result.set("output_shape", spoken);
  result.set("parameters", weight.count() + bias.count());
  result.set("matrix",
             signal::locally_connected_matrix(input.shape(), weight, windows.rows, windows.columns));
}

void compute_pool(const Request& request, Result& result) {
  const Tensor<double> input = request.numbers("input");
  const Index dims = request.whole("dims", 2);
  if (dims != 1 && dims != 2) request.refuse("dims", std::to_string(dims) + " is neither 1 nor 2");
  const auto rank = static_cast<Index>(input.rank());
  if (rank != dims && rank != dims + 1)
    request.refuse("input", "shape " + to_string(input.shape()) + " is neither " +
                                (dims == 1 ? "[L] nor [C, L]" : "[H, W] nor [C, H, W]") + " (dims " +
                                std::to_string(dims) + ")");
  const Form form{.two_dimensional = dims == 2, .channels = rank == dims + 1};

  constexpr std::string_view kModes[] = {"max", "average"};
  const bool is_max = request.choice("mode", kModes) == 0;
  expect_one_number(request, "kernel", form.two_dimensional);
  auto kernel = request.rows_and_columns("kernel");
  for (const Index size : kernel) expect_positive(request, "kernel", size);
  const Windows windows = windows_from(request, form.two_dimensional, kernel[0], kernel[1], kernel);
  if (!form.two_dimensional) kernel[0] = 1;
  const bool count_padding = request.flag("count_padding", true);
  if (!is_max && (windows.rows.dilation != 1 || windows.columns.dilation != 1))
    request.refuse("dilation", "mode \"average\" has none");
  if (is_max && !count_padding) request.refuse("count_padding", "mode \"max\" never counts padding");

  const signal::PoolSpec spec{kernel[0], kernel[1], windows.rows, windows.columns};
  const Tensor<double> picture = input.reshaped(form.input_shape(input.shape()));
  const auto set_output = [&](const Tensor<double>& output) {
    const Shape shape = form.spoken(output.shape());
    result.set("output", output.reshaped(shape));
    result.set("output_shape", shape);
    return shape;
  };
  if (is_max) {
    const signal::MaxPooled<double> pooled = signal::max_pool(picture, spec);
    const Shape shape = set_output(pooled.output);
    result.set("argmax", pooled.argmax.reshaped(shape));
  } else {
    using signal::CountPadding;
    set_output(signal::average_pool(picture, spec, count_padding ? CountPadding::kYes : CountPadding::kNo));
  }
}

}  // namespace vitrine::cli
