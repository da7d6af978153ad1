// "Attention RNN" as PyTorch code: the states step by step, the gradients by autograd.
#include <cmath>

#include "app/labs/attention_rnn/lab.h"
#include "app/labs/script.h"

namespace vitrine::labs {

namespace {

bool all_finite(const std::vector<double>& lengths) { return core::all_finite(std::span(lengths)); }

// How long a gradient can be so many steps back, here and in the gated net beside.
void add_reach(Script& s, const AttentionRnn::Result& r) {
  if (!all_finite(r.reach) || !all_finite(r.gated_reach)) return;  // PyTorch knows no spectral norm of those
  s.code(R"(
# |dh[T]/dh[T-d]|: row i of that matrix is the gradient of number i of the last state
rows = [torch.stack(torch.autograd.grad(h[-1, i], states, retain_graph=True)) for i in range(n)]
reach = torch.linalg.matrix_norm(torch.stack(rows, dim=1), 2).flip(0)

# the gated net beside)");
  s.tensor("Wx", r.params.gated_x).tensor("Wc", r.params.gated_c).tensor("Wh", r.params.gated_h);
  s.code(R"(
def gated_step(x, h):
    c = torch.sigmoid(Wc @ x + Wh @ h)
    return c * h + (1 - c) * (Wx @ x)

g, gated_J = torch.zeros(n), []
for x_t in x.detach():
    gated_J.append(torch.autograd.functional.jacobian(lambda g: gated_step(x_t, g), g))
    g = gated_step(x_t, g)
product, gated_reach = torch.eye(n), [1.0]
for J_t in reversed(gated_J[1:]):
    product = product @ J_t
    gated_reach.append(torch.linalg.matrix_norm(product, 2).item())
)");
  s.show("reach").show("gated_reach");
}

}  // namespace

std::string AttentionRnn::code(const Result& r, const View&) {
  const Params& p = r.params;
  const bool all = p.memory == Memory::kAll;
  Script s;
  s.tensor("x", p.input);
  s.tensor("Q", p.query).tensor("K", p.key).tensor("V", p.value);
  s.comment("the loss's own gradient on each h[t]").tensor("local", p.local);
  s.code("\nx.requires_grad_()\nT, n = x.shape");
  if (all)
    s.code("past = T - 1  # every state so far, with one set of weights");
  else
    s.code("past = " + python(p.k) + "  # so many states, each with weights of its own");
  s.code("\ndef step(z):  # z[0] = x[t], z[i] = h[t-i]");
  s.code(all ? "    W = [0] + [1] * (len(z) - 1)" : "    W = range(past + 1)");
  s.code(R"(    q, k, v = (torch.stack([M[w] @ z_i for w, z_i in zip(W, z)]) for M in (Q, K, V))
    scores = (q * k).sum(dim=-1)
    weights = F.softmax(scores, dim=-1)
    return weights @ v, scores, weights, v

scores, weights = torch.zeros(T, past + 1), torch.zeros(T, past + 1)
v, slopes = torch.zeros(T, past + 1, n), torch.zeros(T, n, past + 1, n)  # slopes: dh[t]/dz[i]
states = []
for t in range(T):)");
  s.code(all ? "    z = torch.stack([x[t]] + states[::-1])"
             : "    before = [torch.zeros(n)] * past + states  # zeros before the first\n"
               "    z = torch.stack([x[t]] + before[:-past - 1:-1])");
  s.code(R"(    h_t, scores[t, :len(z)], weights[t, :len(z)], v[t, :len(z)] = step(z)
    slopes[t, :, :len(z)] = torch.autograd.functional.jacobian(lambda z: step(z)[0], z)
    states.append(h_t)
h = torch.stack(states)
)");
  s.show("scores").show("weights").show("v").show("h");
  s.show("J", p.steps() > 1 || !all ? "slopes[:, :, 1]" : "torch.zeros(T, n, n)");
  s.code(R"(
# back through time: every state is read by several later ones
delta = torch.stack(torch.autograd.grad((local * h).sum(), states, retain_graph=True))
terms = torch.zeros(T, past, n)  # what comes back from h[t+i]
for t in range(T):
    for i in range(1, min(past, T - 1 - t) + 1):
        terms[t, i - 1] = slopes[t + i, :, i].T @ delta[t + i]
)");
  s.show("delta").show("carried", "terms.sum(dim=1)");
  if (!r.gradients.terms.empty()) {
    s.code(R"(lengths = terms.norm(dim=-1)
total = lengths.sum(dim=1, keepdim=True)
shares = torch.where(total > 0, lengths / total, lengths))");
    s.show("terms").show("shares");
  }
  add_reach(s, r);
  return s.text();
}

}  // namespace vitrine::labs
