// "Attention by hand" as PyTorch code.
#include <cmath>

#include "app/labs/attention/lab.h"
#include "app/labs/script.h"

namespace vitrine::labs {

namespace {

// Q, K and V as they are typed or made.
void add_projections(Script& s, const Attention::Result& r) {
  const Attention::Params& p = r.params;
  if (!p.made()) {
    s.tensor("Q", p.query).tensor("K", p.key).tensor("V", p.value);
    return;
  }
  const bool cross = p.source == Attention::Source::kCross;
  s.tensor("H", p.hidden);
  if (cross) s.tensor("M", p.memory);
  s.tensor("W_q", p.w_query).tensor("W_k", p.w_key).tensor("W_v", p.w_value);
  s.code("Q = H @ W_q.T");
  s.code(cross ? "K = M @ W_k.T\nV = M @ W_v.T" : "K = H @ W_k.T\nV = H @ W_v.T");
}

// mask: True where a query may see a key.
void add_mask(Script& s, const Attention::Params& p) {
  if (p.masking == Attention::Masking::kCausal) {
    s.code("mask = torch.ones(len(Q), len(K)).tril().bool()  # query t sees the keys 0 to t");
  } else if (p.masking == Attention::Masking::kCustom) {
    s.tensor("mask", p.custom.cast<double>());
    s.code("mask = mask.bool()");
  }
}

void add_scores(Script& s, const Attention::Result& r) {
  const bool rsqrt = r.params.scale == Attention::Scale::kRsqrt;
  s.code("dots = Q @ K.T");
  if (!std::isinf(r.beta)) {
    s.code("beta = " + (rsqrt ? std::string("1 / Q.shape[-1] ** 0.5") : python(r.beta)));
    s.code("scores = beta * dots");
    return;
  }
  s.comment("beta -> infinity: the greatest product that is seen takes everything");
  s.code(r.params.masks() && !r.params.masks_late()
             ? "top = dots.masked_fill(~mask, -torch.inf).amax(dim=-1, keepdim=True)"
             : "top = dots.amax(dim=-1, keepdim=True)");
  s.code(
      "scores = torch.full_like(dots, -torch.inf)\n"
      "scores[dots == top] = 0\n"
      "scores[dots > top] = torch.inf");
}

}  // namespace

std::string Attention::code(const Result& r, const View& view) {
  const Params& p = r.params;
  const bool late = p.masks_late();
  Script s;
  add_projections(s, r);
  add_mask(s, p);
  s.code("");
  add_scores(s, r);
  s.code(p.masks() && !late ? "masked = scores.masked_fill(~mask, -torch.inf)" : "masked = scores");
  s.code("exps = torch.exp(masked - masked.amax(dim=-1, keepdim=True))  # the largest of a row is 1");
  s.code("weights = F.softmax(masked, dim=-1)");
  s.code("entropy = torch.special.entr(weights).sum(dim=-1)  # the sum of -a ln a");
  if (late) s.code("weights = weights.masked_fill(~mask, 0)  # too late: rows no longer sum to 1");
  s.code("row_sums = weights.sum(dim=-1)\noutput = weights @ V").code("");
  if (p.made()) s.show("Q").show("K").show("V");
  for (const char* name : {"dots", "scores", "masked", "exps", "weights", "row_sums", "output", "entropy"})
    s.show(name);
  if (view.exhibit == Exhibit::kCost) {
    s.code("\n# multiply-accumulates of n tokens of size D");
    s.code("n, D = " + python(p.cost_tokens) + ", " + python(p.cost_dim));
    s.show("projections", "3 * n * D * D").show("mixing", "2 * n * n * D");
  }
  return s.text();
}

}  // namespace vitrine::labs
