// "Many heads" as PyTorch code: all heads at once, or of large matrices the shown one alone.
#include "app/labs/heads/lab.h"
#include "app/labs/script_words.h"
#include "engine/sequence/head_jobs.h"
#include "engine/sequence/tokens.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;

namespace {

using Head = ManyHeads::Head;
using Result = ManyHeads::Result;

constexpr Index kMostOfAll = 8'192;      // of the weights of all heads
constexpr Index kMostWeights = 1 << 20;  // a[h,t,s] that all heads have in PyTorch

Index channels(const Result& r) { return r.picture.rank() == 3 ? r.picture.size(0) : 1; }

// How many numbers of a token are not its position's.
Index content_of(const ManyHeads::Params& p) {
  using Positions = ManyHeads::Positions;
  const bool halves = p.positions == Positions::kBeside ||
                      (p.weights == ManyHeads::Weights::kJobs && p.positions == Positions::kNone);
  return halves ? sequence::content_dim(p.embed_dim) : p.embed_dim;
}

// What each patch is embedded with, [content, C * P * P], as compute() draws it.
Tensor<double> patch_matrix(const Result& r, Index content) {
  constexpr std::uint64_t kPatches = 4;  // behind W_q, W_k, W_v and W_O
  const ManyHeads::Params& p = r.params;
  const Index numbers = channels(r) * p.patch * p.patch;
  return p.weights == ManyHeads::Weights::kComponents
             ? sequence::components(content, numbers)
             : sequence::untrained_matrix(content, numbers, static_cast<std::uint64_t>(p.seed), kPatches);
}

// The heads' rows of a projection, one below the other.
Tensor<double> rows_of(const Result& r, ManyHeads::Sheet Head::*weight) {
  std::vector<double> numbers;
  for (const Head& head : r.heads) {
    const auto values = (head.*weight).values.values();
    numbers.insert(numbers.end(), values.begin(), values.end());
  }
  const Index columns = r.input.columns();
  return Tensor<double>({std::ssize(numbers) / columns, columns}, numbers);
}

bool writes_all(const Result& r) {
  Index numbers = r.w_out.values.count();
  for (const Head& head : r.heads)
    numbers += head.w_query.values.count() + head.w_key.values.count() + head.w_value.values.count();
  const Index square = r.tokens() * r.tokens();
  return numbers <= kMostOfAll && std::ssize(r.heads) * square <= kMostWeights;
}

// The tokens are made of a picture's patches where that is less to write down.
bool writes_picture(const Result& r) {
  const Index patch = r.params.patch, of_matrix = content_of(r.params) * channels(r) * patch * patch;
  return r.input.values.count() > kMostLiterals && !r.picture.empty() && r.picture.count() <= kMostLiterals &&
         of_matrix <= kMostLiterals;
}

// PE [T, D]: the sinusoidal code of every token's position.
void add_position_code(Script& s, Index dim) {
  s.code("D = " + python(dim));
  s.code(R"(angles = torch.arange(len(X))[:, None] / 10000 ** (torch.arange(0, D, 2) / D)
PE = torch.stack([angles.sin(), angles.cos()], dim=-1).view(len(X), D))");
}

void add_patches(Script& s, const Result& r) {
  const ManyHeads::Params& p = r.params;
  const Index dim = p.embed_dim, content = content_of(p), beside = dim - content;
  s.tensor("picture", r.picture.reshaped({1, channels(r), r.picture.size(r.picture.rank() - 2),
                                          r.picture.size(r.picture.rank() - 1)}));
  s.tensor("W_patch", patch_matrix(r, content));
  s.code("patches = F.unfold(picture, " + python(p.patch) + ", stride=" + python(p.patch) +
         ")[0].T\nX = patches @ W_patch.T");
  if (p.positions == ManyHeads::Positions::kAdded) {
    add_position_code(s, dim + dim % 2);
    s.code(dim % 2 == 0 ? "X = X + PE" : "X = X + PE[:, :-1]");
  } else if (p.positions == ManyHeads::Positions::kBeside && beside > 0) {
    add_position_code(s, beside);
    s.code("X = torch.cat([X, PE], dim=1)");
  } else if (beside > 0) {
    s.code("X = F.pad(X, (0, " + python(beside) + "))");
  }
}

void add_tokens(Script& s, const Result& r) {
  if (writes_picture(r))
    add_patches(s, r);
  else
    add_input(s, "X", r.input.values);
}

// Scores, weights and what they mix, of q, k and v [..., T, d].
void add_attention(Script& s, const Result& r) {
  s.code("scores = beta * q @ k.transpose(-1, -2)");
  if (r.params.causal) {
    s.code("future = torch.ones(T, T).triu(1).bool()");
    s.code("weights = F.softmax(scores.masked_fill(future, -torch.inf), dim=-1)");
  } else {
    s.code("weights = F.softmax(scores, dim=-1)");
  }
  s.code("entropy = torch.special.entr(weights).sum(dim=-1)  # the sum of -a ln a");
}

void add_all_heads(Script& s, const Result& r, Index head) {
  s.tensor("W_q", rows_of(r, &Head::w_query));
  s.tensor("W_k", rows_of(r, &Head::w_key));
  s.tensor("W_v", rows_of(r, &Head::w_value));
  s.tensor("W_O", r.w_out.values);
  s.code("beta = " + python(r.beta) + "\nT, heads = len(X), " + std::to_string(r.heads.size()));
  s.code(R"(
def split(t):  # [T, heads * d] -> [heads, T, d]
    return t.view(T, heads, -1).transpose(0, 1)

q, k, v = split(X @ W_q.T), split(X @ W_k.T), split(X @ W_v.T))");
  add_attention(s, r);
  s.code("concat = (weights @ v).transpose(0, 1).reshape(T, -1)\noutput = concat @ W_O.T").code("");
  s.code("head = " + python(head) + "  # the one that is shown");
}

void add_one_head(Script& s, const Result& r, Index head) {
  const Head& h = r.heads[static_cast<std::size_t>(head)];
  s.code("").comment("head " + python(head + 1) + " of " + std::to_string(r.heads.size()) + " alone");
  add_input(s, "Wq", h.w_query.values);
  add_input(s, "Wk", h.w_key.values);
  add_input(s, "Wv", h.w_value.values);
  s.code("beta = " + python(r.beta) + "\nT = len(X)\n\nq, k, v = X @ Wq.T, X @ Wk.T, X @ Wv.T");
  add_attention(s, r);
  s.code("head_output = weights @ v").code("");
}

}  // namespace

std::string ManyHeads::code(const Result& r, const View& view) {
  const lessons::Symbols shown = numbers(r, view, kMostPrintedNumbers);
  const Index head = focus(r, view, true).head;
  const bool all = writes_all(r);
  Script s;
  add_tokens(s, r);
  if (all)
    add_all_heads(s, r, head);
  else
    add_one_head(s, r, head);
  const auto show = [&](const char* name, const std::string& expression) {
    if (shown.contains(name)) s.show(name, expression);
  };
  const std::string of_head = all ? "[head]" : "";
  show("Q", "q" + of_head);
  show("K", "k" + of_head);
  show("V", "v" + of_head);
  show("scores", "scores" + of_head);
  show("weights", "weights" + of_head);
  show("received", "weights" + of_head + ".mean(dim=0)");
  show("entropy", "entropy" + of_head);
  show("mean_entropy", "entropy" + of_head + ".mean()");
  if (all) show("concat", "concat");
  if (all) show("output", "output");
  if (r.correlated.values.empty()) return s.text();
  const Index taps = r.params.taps.count();
  s.code("\n# the convolution that these heads are");
  s.tensor("x", r.params.signal).tensor("taps", r.params.taps);
  s.code("padded = F.pad(x, (" + python((taps - 1) / 2) + ", " + python(taps / 2) + "))");
  s.code("correlated = F.conv1d(padded[None, None], taps[None, None])[0].T");
  s.show("correlated");
  return s.text();
}

}  // namespace vitrine::labs
