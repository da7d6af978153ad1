// "Sliding window" in PyTorch: conv1d, or conv_transpose1d, and the matrix that it is.
#include "app/labs/script_words.h"
#include "app/labs/sliding/lab.h"

namespace vitrine::labs {

namespace {

using core::Index;
using Result = SlidingWindow::Result;

std::string bias_words(const Result& r) { return r.params.use_bias ? ", b" : ""; }

void add_matrix(Script& s, const Result& r, const std::string& of_each) {
  if (r.matrix.count() > kMostPrintedNumbers) return;
  s.comment("K of y = K x + b: what the layer makes of every input alone")
      .code("each = torch.eye(x.numel()).view(-1, *x.shape)")
      .code("K = " + of_each + ".flatten(1).T")
      .show("K");
}

void add_correlation(Script& s, const Result& r) {
  const SlidingWindow::Params& p = r.params;
  std::string w = "k";
  if (p.operation == SlidingWindow::Operation::kConvolution) {
    s.comment("the textbook's convolution turns the kernel round; PyTorch's conv1d is a correlation")
        .code("w = k.flip(-1)");
    w = "w";
  }
  const WindowWords words = convolution_words({p.window}, p.boundary);
  s.code("y = F.conv1d(" + words.over("x[None]") + ", " + w + bias_words(r) + words.arguments + ")[0]")
      .show("y");
  s.comment("each channel's share of it: [filters, channels, outputs]")
      .code("by_channel = " + w + ".transpose(0, 1).reshape(-1, 1, k.shape[-1])")
      .code("sums = F.conv1d(" + words.over("x[None]") + ", by_channel" + words.arguments +
            ", groups=x.shape[0])")
      .code("channel_sums = sums.view(x.shape[0], k.shape[0], -1).transpose(0, 1)")
      .show("channel_sums");
  add_matrix(s, r, "F.conv1d(" + words.over("each") + ", " + w + words.arguments + ")");
}

// y of a transposed convolution of `x`, [N, filters, outputs]. PyTorch cuts the same padding off both ends.
std::string transposed_words(const Result& r, const std::string& x, const std::string& bias) {
  const SlidingWindow::Params& p = r.params;
  signal::WindowSpec window = p.window;
  const bool alike = window.padding_before == window.padding_after;
  if (!alike) window.padding_before = window.padding_after = 0;
  const WindowWords words = convolution_words({window}, signal::Boundary::kZeros);
  const std::string all = "F.conv_transpose1d(" + x + ", w" + bias + words.arguments +
                          (p.output_padding > 0 ? ", output_padding=" + python(p.output_padding) : "") + ")";
  if (alike) return all;
  return all + "[..., " + python(p.window.padding_before) + ":" +
         python(p.window.padding_before + r.outputs()) + "]";
}

void add_transposed(Script& s, const Result& r) {
  s.comment("conv_transpose1d keeps its weights by input channel: [channels, filters, taps]")
      .code("w = k.transpose(0, 1)");
  if (r.params.window.padding_before != r.params.window.padding_after)
    s.comment("its padding cuts both ends alike: here they are cut by hand");
  s.code("y = " + transposed_words(r, "x[None]", bias_words(r)) + "[0]").show("y");
  add_matrix(s, r, transposed_words(r, "each", ""));
}

}  // namespace

std::string SlidingWindow::code(const Result& r, const View&) {
  Script s;
  s.comment("x [channels, n], k [filters, channels, taps]").tensor("x", r.params.input);
  s.tensor("k", r.params.weight);
  if (r.params.use_bias) s.tensor("b", r.params.bias);
  s.code("");
  if (r.params.transposed())
    add_transposed(s, r);
  else
    add_correlation(s, r);
  return s.text();
}

}  // namespace vitrine::labs
