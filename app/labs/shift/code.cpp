// "Shift" in PyTorch: a layer of the shifted input against the shifted output of the layer.
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "app/labs/script_words.h"
#include "app/labs/shift/lab.h"
#include "engine/signal/kernels.h"

namespace vitrine::labs {

namespace {

using core::Index;
using core::Tensor;
using Params = ShiftLab::Params;
using Result = ShiftLab::Result;
using Layers = ShiftLab::Layers;

constexpr Index kMostWeights = 32'768;  // of random layers that are written out

core::Rng rng_of(const Params& p) { return {static_cast<std::uint64_t>(p.seed), core::RngStream::kLab}; }

std::string dimensions(const Result& r) { return r.is_picture() ? "2d(" : "1d("; }

void define(Script& s, const std::string& lines) { s.code("\ndef f(x):\n" + lines + "\n"); }

// "F.max_pool1d(x, 2, stride=2)" of a window with equal sides.
std::string pooled(const Result& r, const std::string& x, bool average, Index size, Index stride) {
  return std::string("F.") + (average ? "avg" : "max") + "_pool" + dimensions(r) + x + ", " + python(size) +
         ", stride=" + python(stride) + ")";
}

void add_convolution(Script& s, const Result& r) {
  const Params& p = r.params;
  const WindowWords words = r.is_picture() ? convolution_words({p.rows, p.columns}, p.boundary)
                                           : convolution_words({p.columns}, p.boundary);
  s.tensor("k", r.is_picture() ? p.kernel : p.taps);
  define(s, "    return F.conv" + dimensions(r) + words.over("x[None]") + ", k[None, None]" +
                words.arguments + ")[0]");
}

void add_stack(Script& s, const Result& r) {
  const ShiftLab::Stack& stack = r.params.stack;
  const Index rows = r.is_picture() ? stack.kernel : 1;
  const signal::WindowSpec same = signal::padded_by_name(signal::NamedPadding::kSame, stack.kernel, {});
  const WindowWords words = r.is_picture() ? convolution_words({same, same}, r.params.boundary)
                                           : convolution_words({same}, r.params.boundary);
  s.comment("convolutions with the lab's random weights, never trained");
  std::string lines = "    x = x[None]\n";
  Index channels = 1;
  for (Index block = 0; block < stack.blocks; ++block, channels = stack.filters) {
    const std::string w = "w" + python(block + 1);
    const Tensor<double> weight =
        signal::untrained_weights({stack.filters, channels, rows, stack.kernel}, 2, rng_of(r.params),
                                  static_cast<std::uint64_t>(block));
    s.tensor(w, r.is_picture() ? weight : weight.reshaped({stack.filters, channels, stack.kernel}));
    lines += "    x = F.relu(F.conv" + dimensions(r) + words.over("x") + ", " + w + words.arguments + "))\n";
    if (stack.pool > 1) lines += "    x = " + pooled(r, "x", stack.average, stack.pool, stack.pool) + "\n";
  }
  define(s, lines + "    return x[0]");
}

// False where there are too many weights to write them out: then others are drawn.
bool add_dense(Script& s, const Result& r) {
  const Index n = r.input().count();
  const bool written = core::checked_mul(n, n) <= kMostWeights;
  if (written) {
    s.comment("a weight of its own for every two cells: the lab's random ones");
    s.tensor("W", signal::untrained_weights({n, n}, 2, rng_of(r.params), 0));
  } else {
    s.comment("a weight of its own for every two cells; the lab's are too many to be written out,");
    s.comment("others are drawn here, so that outputs and departure are others too");
    s.code("torch.manual_seed(0)\nW = (2 / " + python(n) + ") ** 0.5 * torch.randn(" + python(n) + ", " +
           python(n) + ")");
  }
  define(s, "    return (W @ x.flatten()).view(x.shape)");
  return written;
}

// f; false where its weights are not the lab's.
bool add_layers(Script& s, const Result& r) {
  const Params& p = r.params;
  switch (p.layers) {
    case Layers::kConvolution:
      add_convolution(s, r);
      return true;
    case Layers::kMaxPool:
    case Layers::kAveragePool:
      define(s, "    return " +
                    pooled(r, "x[None]", p.layers == Layers::kAveragePool, p.pool, p.pool_stride) + "[0]");
      return true;
    case Layers::kStack:
      add_stack(s, r);
      return true;
    case Layers::kDense:
      break;
  }
  return add_dense(s, r);
}

// A signal [C, 1, n] as [C, n].
Tensor<double> as_named(const Result& r, const Tensor<double>& values) {
  return r.is_picture() ? values : values.reshaped({values.size(0), values.size(2)});
}

// `x` moved. A signal has no rows to move.
std::string moved(const Result& r, const std::string& x, const Tensor<double>& sizes,
                  const signal::Shift& shift) {
  if (r.is_picture())
    return shifted_words(x, sizes.size(1), sizes.size(2), shift.rows, shift.columns, r.params.fill);
  const std::string by = python(shift.columns);
  if (r.params.fill == signal::ShiftFill::kWrap) return "torch.roll(" + x + ", " + by + ", -1)";
  if (std::abs(shift.columns) >= sizes.size(2)) return "torch.zeros_like(" + x + ")";
  return "F.pad(" + x + ", (" + by + ", " + python(-shift.columns) + "))";
}

}  // namespace

std::string ShiftLab::code(const Result& r, const View& view) {
  const Step& step = r.steps[focus(r, view, true).step];
  const signal::Equivariance& e = step.answer;
  Script s;
  s.comment(r.is_picture() ? "x [1, height, width]" : "x [1, n]");
  add_input(s, "x", as_named(r, r.input()));
  const bool exact = add_layers(s, r);
  const auto show = [&](const char* name, const Tensor<double>& values) {
    if (exact && values.count() <= kMostPrintedNumbers) s.show(name);
  };
  s.code("\nfx = f(x)");
  show("fx", r.output);
  s.comment("T: the input moves; " + std::string(r.params.fill == signal::ShiftFill::kWrap
                                                     ? "what leaves comes in at the other edge"
                                                     : "zeros come in"));
  s.code("Tx = " + moved(r, "x", r.input(), step.shift));
  if (step.input.count() <= kMostPrintedNumbers) s.show("Tx");
  s.code("fTx = f(Tx)");
  show("fTx", e.of_shifted);
  s.comment(
      e.whole
          ? "T': the output moves by the shift over the total stride"
          : "T': no output moves by the shift over the total stride; this is the whole one that fits best");
  s.code("Tfx = " + moved(r, "fx", r.output, e.output_shift));
  show("Tfx", e.shifted_output);
  s.code("difference = fTx - Tfx");
  if (!exact) return s.text();
  s.show("largest_difference", "difference.abs().max()");
  if (std::isfinite(e.difference.relative) &&
      std::any_of(e.shifted_output.values().begin(), e.shifted_output.values().end(),
                  [](double v) { return v != 0; }))
    s.show("departure", "torch.linalg.norm(difference) / torch.linalg.norm(Tfx)");
  return s.text();
}

}  // namespace vitrine::labs
