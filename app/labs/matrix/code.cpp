// "One matrix" in PyTorch: the layer that is lit as a matrix W, and y = W x.
#include <algorithm>

#include "app/labs/matrix/lab.h"
#include "app/labs/script_words.h"

namespace vitrine::labs {

namespace {

using core::Index;
using core::Tensor;
using Layer = OneMatrix::Layer;
using Result = OneMatrix::Result;

constexpr Index kMostWeights = 4'096;  // that are written out

void add_x(Script& s, const Result& r) {
  const OneMatrix::Params& p = r.params;
  if (p.small_input()) {
    s.tensor("x", r.input);
    return;
  }
  const std::string rows = python(p.rows), columns = python(p.columns),
                    radius = python(0.3 * static_cast<double>(std::max(p.rows, p.columns)));
  s.comment("a disc over a slope");
  s.code("i, j = torch.meshgrid(torch.arange(" + rows + ".0), torch.arange(" + columns +
         ".0), indexing=\"ij\")");
  s.code("disc = torch.hypot(j - 0.5 * (" + columns + " - 1), i - 0.5 * (" + rows + " - 1)) < " + radius);
  s.code("x = torch.where(disc, torch.ones_like(j), 0.4 * j / " + columns + ")");
}

// source[o, t]: the input, from 1, under tap t of output o's window.
void add_source(Script& s, const Result& r) {
  const OneMatrix::Params& p = r.params;
  const WindowWords words = convolution_words({p.row_window, p.column_window}, signal::Boundary::kZeros);
  s.comment("source[o, t]: which input, from 1, lies under tap t of output o's window; 0: padding");
  s.code("n = x.numel()\nnumbered = torch.arange(1.0, n + 1).view(1, 1, *x.shape)");
  s.code("source = F.unfold(" + words.over("numbered") + ", tuple(k.shape)" + words.arguments +
         ")[0].T.long()");
  s.code("m, taps = source.shape");
  s.code(
      "\ndef matrix(w):  # [m, n] with each window's weights w [m, taps] in their places\n"
      "    return torch.zeros(m, n + 1).scatter(1, source, w)[:, 1:]\n\n");
}

// The lab's weights of this shape; false where they are random and too many.
bool add_weights(Script& s, const Result& r, const char* name, const char* shape,
                 const Tensor<double>& values, Index count) {
  const std::string line = std::string(name) + " = ";
  if (r.params.numbers == OneMatrix::Numbers::kCounted) {
    s.code(line + "torch.arange(1.0, " + python(count) + " + 1).view(" + shape + ")");
    return true;
  }
  if (!values.empty() && values.count() <= kMostWeights) {
    s.tensor(name, values);
    return true;
  }
  s.comment("the lab's random weights are too many to be written out: others are drawn here")
      .code("torch.manual_seed(0)\n" + line + "torch.randn(" + shape + ")");
  return false;
}

// The weights [m, taps] of the locally connected layer; 0 where a tap lies over the padding, empty where the
// matrix is large.
Tensor<double> local_weights(const Result& r) {
  const OneMatrix::Matrix& local = r.layer(static_cast<int>(Layer::kLocallyConnected));
  if (local.exact.empty()) return {};
  Tensor<double> w({r.outputs(), r.taps()});
  for (Index o = 0; o < r.outputs(); ++o)
    for (Index t = 0; t < r.taps(); ++t)
      if (const auto input = r.input_under(o, t)) w(o, t) = local.exact(o, *input);
  return w;
}

// Middles of the windows along one axis, one for each output of the axis.
std::string middles(const signal::WindowAxis& axis) {
  const double first = 0.5 * static_cast<double>(axis.position(0, 0) + axis.position(0, axis.kernel() - 1));
  return python(first) + " + " + python(axis.stride()) + " * torch.arange(" + python(axis.outputs()) + ".0)";
}

void add_attention(Script& s, const Result& r) {
  const OneMatrix::Params& p = r.params;
  s.comment("the middles of the windows and the inputs' places: [m, 2] and [n, 2]");
  s.code("middles = torch.cartesian_prod(" + middles(r.rows) + ", " + middles(r.columns) + ")");
  s.code("places = torch.cartesian_prod(torch.arange(" + python(p.rows) + ".0), torch.arange(" +
         python(p.columns) + ".0))");
  s.code("squared = (middles[:, None, 0] - places[:, 0]) ** 2 + (middles[:, None, 1] - places[:, 1]) ** 2");
  s.code("scores = " + python(-p.sharpness) + " * squared");
  if (p.pattern == OneMatrix::Pattern::kWindow) {
    s.code("allowed = matrix(torch.ones(m, taps)) > 0");
    s.comment("a row that may look at nothing is 0")
        .code("W = scores.masked_fill(~allowed, float(\"-inf\")).softmax(1).nan_to_num(0.0)");
  } else {
    s.code("W = scores.softmax(1)");
  }
}

// W of the layer; false where its numbers are not the lab's.
bool add_layer(Script& s, const Result& r, Layer layer) {
  switch (layer) {
    case Layer::kFullyConnected:
      s.comment("fully connected: every weight is free");
      return add_weights(s, r, "W", "m, n", r.layer(0).exact, r.outputs() * r.inputs());
    case Layer::kLocallyConnected: {
      s.comment("locally connected: a window for each output, and weights of its own for each");
      const bool exact = add_weights(s, r, "w", "m, taps", local_weights(r), r.outputs() * r.taps());
      s.code("W = matrix(w)");
      return exact;
    }
    case Layer::kConvolution:
      s.comment("convolution: every window has the kernel's weights")
          .code("W = matrix(k.flatten().expand(m, -1))");
      return true;
    case Layer::kAttention:
      break;
  }
  s.comment("attention: no weight is free, the nearest input gets most");
  add_attention(s, r);
  return true;
}

}  // namespace

std::string OneMatrix::code(const Result& r, const View& view) {
  const int step = std::clamp(widgets::lit_at(view.playhead, true).step, 0, kLayers - 1);
  Script s;
  add_x(s, r);
  s.tensor("k", r.params.kernel);
  add_source(s, r);
  const bool exact = add_layer(s, r, static_cast<Layer>(step));
  if (exact && !r.layer(step).exact.empty()) s.show("W");
  s.code("y = W @ x.flatten()");
  if (exact) s.show("y");
  s.comment("of the four layers: weights that are free, and cells that may be other than 0");
  s.code("seen = (source > 0).sum().item()");
  s.show("free_weights", "[m * n, m * taps, (source > 0).any(0).sum().item(), 0]");
  s.show("cells",
         std::string("[m * n, seen, seen, ") + (r.params.pattern == Pattern::kWindow ? "seen]" : "m * n]"));
  return s.text();
}

}  // namespace vitrine::labs
