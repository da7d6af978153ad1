// "Gated RNN" as PyTorch code: the states step by step, the gradients by autograd.
#include <cmath>

#include "app/labs/gated_rnn/lab.h"
#include "app/labs/script.h"

namespace vitrine::labs {

std::string GatedRnn::code(const Result& r, const View&) {
  const Params& p = r.params;
  Script s;
  s.tensor("x", p.input).tensor("h0", p.h0);
  s.tensor("Wx", p.w_x).tensor("Wc", p.w_c).tensor("Wh", p.w_h);
  if (p.h_scale != 1) s.code("Wh = " + python(p.h_scale) + " * Wh");
  s.comment("the loss's own gradient on each h[t]").tensor("local", p.local);
  s.code(R"(
for W in (Wx, Wc, Wh):
    W.requires_grad_()

def step(x, h):
    gate = torch.sigmoid(Wc @ x + Wh @ h)
    u = Wx @ x
    return gate * h + (1 - gate) * u, gate, u

states, gate, u, J = [h0], [], [], []
for x_t in x:
    before = states[-1]
    h_t, gate_t, u_t = step(x_t, before)
    h_t.retain_grad()
    J.append(torch.autograd.functional.jacobian(lambda h: step(x_t, h)[0], before))
    states.append(h_t)
    gate.append(gate_t)
    u.append(u_t)
h, J = torch.stack(states[1:]), torch.stack(J)

(local * h).sum().backward()
delta = torch.stack([h_t.grad for h_t in states[1:]])  # dL/dh[t] in total
carried = torch.zeros_like(delta)                      # its part from the next step
for t in range(len(x) - 1):
    carried[t] = J[t + 1].T @ delta[t + 1])")
      .code("");
  s.show("gate", "torch.stack(gate)").show("u", "torch.stack(u)").show("h").show("J");
  s.show("delta").show("carried");
  s.show("dWx", "Wx.grad").show("dWc", "Wc.grad").show("dWh", "Wh.grad");
  for (const auto* lengths : {&r.from_start, &r.to_end})
    for (const double length : *lengths)
      if (!std::isfinite(length)) return s.text();  // of such a Jacobian PyTorch knows no spectral norm
  s.code(R"(
# spectral norms of dh[t]/dh[0] = J[t] ... J[1], and of dh[T]/dh[T-d] = J[T] ... J[T-d+1]
first = last = torch.eye(len(h0))
from_start, to_end = [1.0], [1.0]
for t in range(len(x)):
    first, last = J[t] @ first, last @ J[-1 - t]
    from_start.append(torch.linalg.matrix_norm(first, 2).item())
    to_end.append(torch.linalg.matrix_norm(last, 2).item()))");
  s.show("from_start").show("to_end").show("gain", "from_start[-1]");
  return s.text();
}

}  // namespace vitrine::labs
