// "Encoder block" as PyTorch code.
#include "app/labs/encoder/lab.h"
#include "app/labs/script.h"

namespace vitrine::labs {

namespace {

// norm1_weight, ..., fc2_bias: in the order of EncoderWeight.
constexpr std::array<const char*, sequence::kEncoderWeights> kNames{
    "norm1_weight", "norm1_bias", "qkv_weight", "qkv_bias", "proj_weight", "proj_bias",
    "norm2_weight", "norm2_bias", "fc1_weight", "fc1_bias", "fc2_weight",  "fc2_bias"};

void add_inputs(Script& s, const Encoder::Result& r) {
  s.tensor("x", r.params.input);
  if (r.params.backward()) s.code("x.requires_grad_()");
  for (std::size_t i = 0; i < kNames.size(); ++i) s.tensor(kNames[i], r.params.weights.all[i]);
  if (!r.params.drops()) return;
  s.code("\n# dropout: 0, or 1 / (1 - rate) for what is kept");
  using Place = sequence::DropoutPlace;
  s.tensor("drop1", r.block.factors[Place::kAfterAttention]);
  s.tensor("drop2", r.block.factors[Place::kInsideMlp]);
  s.tensor("drop3", r.block.factors[Place::kAfterMlp]);
}

}  // namespace

std::string Encoder::code(const Result& r, const View&) {
  const Params& p = r.params;
  Script s;
  add_inputs(s, r);
  s.code("\nT, D = x.shape");
  s.code("heads, eps = " + python(r.block.sizes.heads) + ", " + python(p.spec.eps));
  s.code(R"(
def split(t):  # [T, heads * d] -> [heads, T, d]
    return t.view(T, heads, -1).transpose(0, 1)

normalised = F.layer_norm(x, (D,), eps=eps)
normed = F.layer_norm(x, (D,), norm1_weight, norm1_bias, eps)
Q, K, V = F.linear(normed, qkv_weight, qkv_bias).chunk(3, dim=-1)
scores = split(Q) @ split(K).transpose(1, 2) / split(Q).shape[-1] ** 0.5
weights = F.softmax(scores, dim=-1)
mixed = (weights @ split(V)).transpose(0, 1).reshape(T, -1))");
  const std::string activation = p.spec.activation == sequence::Activation::kGelu ? "gelu" : "relu";
  const auto dropped = [&](const char* factors) { return p.drops() ? factors : ""; };
  s.code("middle = x + F.linear(mixed, proj_weight, proj_bias)" + std::string(dropped(" * drop1")));
  s.code("u = F.linear(F.layer_norm(middle, (D,), norm2_weight, norm2_bias, eps), fc1_weight, fc1_bias)");
  s.code("activated = F." + activation + "(u)");
  s.code("output = middle + F.linear(activated" + std::string(dropped(" * drop2")) +
         ", fc2_weight, fc2_bias)" + dropped(" * drop3"))
      .code("");
  for (const char* name : {"normalised", "normed", "Q", "K", "V", "scores", "weights", "mixed", "middle", "u",
                           "activated", "output"})
    s.show(name);
  if (!p.backward()) return s.text();
  s.code("\n# the gradient of one number of the output\noutput[" + python(p.output_token) + ", " +
         python(p.output_component) + "].backward()");
  s.show("dx", "x.grad");
  return s.text();
}

}  // namespace vitrine::labs
