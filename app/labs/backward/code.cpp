// "Backward" in PyTorch: the gradients that autograd finds.
#include "app/labs/backward/lab.h"
#include "app/labs/script_words.h"

namespace vitrine::labs {

std::string Backward::code(const Result& r, const View&) {
  const Params& p = r.params;
  const bool one = p.one_dimensional();
  const WindowWords words =
      one ? convolution_words({p.columns}, p.boundary) : convolution_words({p.rows, p.columns}, p.boundary);
  Script s;
  s.comment(one ? "x [channels, n], W [filters, channels, taps], g = dL/dy [filters, outputs]"
                : "x [channels, rows, columns], W [filters, channels, rows, columns], g = dL/dy as y")
      .tensor("x", p.input.reshaped(p.shown_shape(p.input)))
      .tensor("W", p.weight.reshaped(p.shown_shape(p.weight)))
      .tensor("g", p.upstream.reshaped(p.shown_shape(p.upstream)))
      .code("b = torch.zeros(len(W))")
      .code("for parameter in (x, W, b):\n    parameter.requires_grad_()\n");
  s.code("\ndef layer(x):\n    return F.conv" + std::string(one ? "1d" : "2d") + "(" + words.over("x[None]") +
         ", W, b" + words.arguments + ")[0]\n\n")
      .code("y = layer(x)")
      .comment("a loss whose gradient dL/dy is g")
      .code("L = (g * y).sum()\nL.backward()")
      .show("y")
      .show("dW", one ? "W.grad" : "W.grad.flatten(0, 1)")
      .show("dx", "x.grad")
      .show("db", "b.grad");
  s.comment("dL/dx = KT g: K is the layer's own Jacobian")
      .code("K = torch.autograd.functional.jacobian(layer, x).reshape(y.numel(), x.numel())")
      .show("KT", "K.T");
  s.comment("g with the stride's zeros between its numbers: dL/dW is x correlated with it");
  const core::Shape spread = p.shown_shape(r.spread);
  s.code("spread = torch.zeros(" + python(spread.sizes()) + ")");
  s.code((one ? "spread[:, ::" + python(p.columns.stride)
              : "spread[:, ::" + python(p.rows.stride) + ", ::" + python(p.columns.stride)) +
         "] = g")
      .show("spread");
  return s.text();
}

}  // namespace vitrine::labs
