// The numbers of "Many heads": tokens, the weights' matrices, and all that every head computes.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "app/labs/heads/lab.h"
#include "engine/core/stop.h"
#include "engine/core/text.h"
#include "engine/sequence/convolution_heads.h"
#include "engine/sequence/fast_attention.h"
#include "engine/sequence/head_jobs.h"
#include "engine/sequence/linear.h"
#include "engine/sequence/positions.h"
#include "engine/sequence/tokens.h"
#include "engine/signal/convolution.h"
#include "engine/signal/reduced.h"

namespace vitrine::labs {

using core::Index;
using core::Shape;
using core::Tensor;

namespace {

constexpr Index kMostScores = 1 << 16;  // of all heads: from here on only weights are kept
constexpr Index kThumbnail = 96;        // cells a side

// What tells the matrices of one seed apart.
enum Which : std::uint64_t { kQuery, kKey, kValue, kOut, kPatches };

std::uint64_t seed_of(const ManyHeads::Params& p) { return static_cast<std::uint64_t>(p.seed); }

Tensor<double> matrix_of(const ManyHeads::Params& p, Index out, Index in, Which which) {
  return p.weights == ManyHeads::Weights::kComponents
             ? sequence::components(out, in)
             : sequence::untrained_matrix(out, in, seed_of(p), which);
}

ManyHeads::Sheet sheet_of(Tensor<double> values) {
  ManyHeads::Sheet s{std::move(values), {}, {}};
  s.shown = s.values.cast<float>();
  s.range = widgets::symmetric_range(s.values);
  return s;
}

// Matrix `head` of [h, rows, columns].
ManyHeads::Sheet sheet_of_head(const Tensor<double>& all, Index head) {
  const Shape shape{all.size(1), all.size(2)};
  return sheet_of(Tensor<double>(shape, all.values().subspan(static_cast<std::size_t>(head * shape.count()),
                                                             static_cast<std::size_t>(shape.count()))));
}

// Rows [head * rows, (head + 1) * rows) of a projection.
ManyHeads::Sheet rows_of_head(const Tensor<double>& weight, Index heads, Index head) {
  return sheet_of_head(weight.reshaped({heads, weight.size(0) / heads, weight.size(1)}), head);
}

// The numbers of the image's first patch side that leaves few enough tokens.
std::string too_many_patches(const Tensor<float>& picture, Index patch) {
  const Index rows = picture.size(1), columns = picture.size(2);
  Index enough = patch;
  while ((rows / enough) * (columns / enough) > ManyHeads::kMostTokens) ++enough;
  return "Patches of " + std::to_string(patch) + " × " + std::to_string(patch) + " pixels make " +
         core::grouped((rows / patch) * (columns / patch)) + " tokens of this picture of " +
         core::grouped(rows) + " × " + core::grouped(columns) + ", at most " +
         core::grouped(ManyHeads::kMostTokens) + " are shown: a patch of " + std::to_string(enough) +
         " pixels or more makes few enough.";
}

// What head `head` does where its weights were made for it: "before", "after by 2".
std::string job_name(Index head) {
  constexpr const char* kNames[] = {"before", "same", "after", "even"};
  const sequence::HeadJob job = sequence::head_job(head);
  const bool beside =
      job.kind == sequence::HeadJob::Kind::kBefore || job.kind == sequence::HeadJob::Kind::kAfter;
  return kNames[static_cast<std::size_t>(job.kind)] +
         (beside && job.distance > 1 ? " by " + std::to_string(job.distance) : std::string());
}

std::vector<Index> strongest_keys(const Tensor<float>& weights) {
  std::vector<Index> keys(static_cast<std::size_t>(weights.size(0)));
  const Index count = weights.size(1);
  for (Index t = 0; t < weights.size(0); ++t) {
    const float* row = &weights(t, 0);
    keys[static_cast<std::size_t>(t)] = std::max_element(row, row + count) - row;
  }
  return keys;
}

// A word that occurs again, or a patch. Of those the one of which the heads look at the most different
// tokens; of those the word nearest to the middle, the patch that the heads are surest of.
Index telling_token(const ManyHeads::Result& r) {
  Index telling = 0;
  std::tuple<bool, std::size_t, double> most;
  std::map<std::string_view, int> occurs;
  for (const std::string& word : r.words) ++occurs[word];
  for (Index t = 0; t < r.tokens(); ++t) {
    const auto at = static_cast<std::size_t>(t);
    std::set<Index> keys;
    double entropy = 0;
    for (const auto& head : r.heads) {
      keys.insert(head.strongest[at]);
      entropy += head.entropy[t];
    }
    const bool words = !r.words.empty();
    const double last = words ? static_cast<double>(std::abs(t - r.tokens() / 2)) : entropy;
    const std::tuple found{words && occurs[r.words[at]] > 1, keys.size(), -last};
    if (t == 0 || found > most) most = found, telling = t;
  }
  return telling;
}

// Alike but for a few roundings; NaN is like NaN.
bool same_number(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) || a == b ||
         std::abs(a - b) <= 1e-12 * std::max({1.0, std::abs(a), std::abs(b)});
}

std::optional<Index> first_row_not_finite(const Tensor<double>& x) {
  for (Index i = 0; i < x.count(); ++i)
    if (!std::isfinite(x[i])) return i / x.size(1);
  return std::nullopt;
}

void add_positions(Tensor<double>& x) {
  const Index dim = x.size(1);
  const Tensor<double> encoding = sequence::sinusoidal_encoding(x.size(0), dim + dim % 2);
  for (Index t = 0; t < x.size(0); ++t)
    for (Index i = 0; i < dim; ++i) x(t, i) += encoding(t, i);
}

}  // namespace

std::string ManyHeads::too_many_weights(Index heads, Index tokens) {
  const Index numbers = core::checked_mul(heads, core::checked_mul(tokens, tokens));
  if (numbers <= kMostWeights) return "";
  return core::grouped(heads) + " heads × " + core::grouped(tokens) + " × " + core::grouped(tokens) +
         " weights are " + core::grouped(numbers) + " numbers, of which at most " +
         core::grouped(kMostWeights) + " are kept: take fewer heads or fewer tokens.";
}

sequence::MultiHeadWeights ManyHeads::Params::matrices() const {
  if (weights == Weights::kJobs) return sequence::head_job_weights(embed_dim, heads, head_dim);
  if (weights == Weights::kEdited && !edited.query.empty())
    return {.query = edited.query, .key = edited.key, .value = edited.value, .out = edited.out};
  return {.query = matrix_of(*this, inner(), embed_dim, kQuery),
          .key = matrix_of(*this, inner(), embed_dim, kKey),
          .value = matrix_of(*this, inner(), embed_dim, kValue),
          .out = matrix_of(*this, embed_dim, inner(), kOut)};
}

struct ManyHeads::Tokens {
  Tensor<double> x;
  sequence::MultiHeadWeights weights;
  std::vector<std::string> words;
  Index words_in_text = 0;
  Tensor<float> picture;
  Index patch_rows = 0, patch_columns = 0;
};

ManyHeads::Tokens ManyHeads::tokens_of(const Params& p) {
  Tokens t;
  // Heads with jobs read the content in one half even where there is nothing in the other.
  const bool halves =
      p.positions == Positions::kBeside || (p.weights == Weights::kJobs && p.positions == Positions::kNone);
  const Index content = halves ? sequence::content_dim(p.embed_dim) : p.embed_dim;
  if (p.source == Source::kSignal) {
    sequence::ConvolutionHeads c = sequence::convolution_heads(p.signal, p.taps);
    t.x = std::move(c.tokens);
    t.weights = std::move(c.weights);
    for (Index i = 1; i <= p.signal.count(); ++i) t.words.push_back("x" + std::to_string(i));
    t.words.push_back("padding");
    return t;
  }
  if (p.source == Source::kText) {
    sequence::Words words = sequence::words_of(p.text, kMostTokens);
    t.x = sequence::word_embeddings(words.words, content, seed_of(p));
    t.words = std::move(words.words);
    t.words_in_text = words.total;
  } else {
    const Tensor<float>& pixels = reader_.read(p.picture);
    const Index rows = pixels.size(1), columns = pixels.size(2);
    if (p.patch > std::min(rows, columns))
      throw std::invalid_argument("A patch of " + std::to_string(p.patch) + " × " + std::to_string(p.patch) +
                                  " pixels does not fit into a picture of " + core::grouped(rows) + " × " +
                                  core::grouped(columns) + ": take a smaller patch size.");
    t.patch_rows = rows / p.patch;
    t.patch_columns = columns / p.patch;
    if (t.patch_rows * t.patch_columns > kMostTokens)
      throw std::invalid_argument(too_many_patches(pixels, p.patch));
    if (const std::string many = too_many_weights(p.heads, t.patch_rows * t.patch_columns); !many.empty())
      throw std::invalid_argument(many);
    const Tensor<double> patches = sequence::patches_of(pixels, p.patch);
    t.x = sequence::linear(patches, matrix_of(p, content, patches.size(1), kPatches));
    t.picture = pixels.size(0) == 1 ? pixels.reshaped({rows, columns}) : pixels;
  }
  if (halves) t.x = sequence::with_position_beside(t.x, p.embed_dim, p.positions == Positions::kBeside);
  if (p.positions == Positions::kAdded) add_positions(t.x);
  t.weights = p.matrices();
  return t;
}

ManyHeads::Result ManyHeads::compute(const Params& p, std::stop_token stop, core::Progress& progress) {
  Tokens tokens = tokens_of(p);
  const Tensor<double>& x = tokens.x;
  const bool convolves = p.source == Source::kSignal;
  const Index count = x.size(0), heads = convolves ? p.taps.count() : p.heads,
              dim = tokens.weights.query.size(0) / heads;
  Result r;
  r.params = p;
  r.beta = convolves                  ? sequence::kChoosingScale
           : p.scale == Scale::kRsqrt ? sequence::rsqrt_scale(dim)
                                      : p.beta;
  r.words = std::move(tokens.words);
  r.words_in_text = tokens.words_in_text;
  r.picture = std::move(tokens.picture);
  r.patch_rows = tokens.patch_rows;
  r.patch_columns = tokens.patch_columns;
  if (convolves) r.params.causal = false;
  const bool causal = r.params.causal;
  progress.stage_until(0.8);
  auto m = sequence::multi_head_attention_fast<float>(x, x, tokens.weights, heads, r.beta, {.causal = causal},
                                                      sequence::Keep::kWeights, workers_, stop, &progress);
  const bool small = heads * count * count <= kMostScores;
  sequence::MultiHead all;  // every number in between, where they can be looked at
  if (small)
    all = sequence::multi_head_attention(
        x, x, tokens.weights, heads, r.beta,
        causal ? sequence::causal_mask(count, count) : sequence::no_mask(count, count), stop);
  progress.begin(heads);
  for (Index h = 0; h < heads; ++h) {
    core::throw_if_stopped(stop);
    const auto at = static_cast<std::size_t>(h);
    Head head{
        .query = sheet_of_head(m.query, h),
        .key = sheet_of_head(m.key, h),
        .value = sheet_of_head(m.value, h),
        .w_query = rows_of_head(tokens.weights.query, heads, h),
        .w_key = rows_of_head(tokens.weights.key, heads, h),
        .w_value = rows_of_head(tokens.weights.value, heads, h),
        .weights = std::move(m.weights[at]),
        .blocks = {},
        .thumbnail = {},
        .scores = small ? sheet_of(std::move(all.heads[at].scores)) : Sheet(),
        .received = {},
        .entropy = Tensor<double>({count}, m.entropy.values().subspan(static_cast<std::size_t>(h * count),
                                                                      static_cast<std::size_t>(count)))};
    head.strongest = strongest_keys(head.weights);
    head.received = sequence::mean_of_rows(head.weights);
    float most = 0;
    for (const float w : head.weights.values()) most = std::max(most, w);
    r.most_weight = std::max(r.most_weight, most);
    head.link_from = std::max(1 / static_cast<float>(count), most / 8);
    if (count <= kMostWalked)
      for (const float w : head.weights.values()) head.links += w > head.link_from;
    if (p.weights == Weights::kJobs && !convolves) head.job = job_name(h);
    head.blocks = widgets::blocks_of(head.weights);
    const Tensor<float> small_weights =
        signal::reduced(head.weights.reshaped({1, count, count}), kThumbnail, workers_);
    head.thumbnail = small_weights.reshaped({small_weights.size(1), small_weights.size(2)});
    for (const double e : head.entropy.values()) head.mean_entropy += e / static_cast<double>(count);
    r.heads.push_back(std::move(head));
    progress.advance();
  }
  for (Index t = 0; t < count; ++t)
    r.most_entropy += std::log(static_cast<double>(causal ? t + 1 : count)) / static_cast<double>(count);
  r.not_finite = first_row_not_finite(tokens.x);
  r.input = sheet_of(std::move(tokens.x));
  r.telling = telling_token(r);
  r.concat = sheet_of(std::move(m.concat));
  r.w_out = sheet_of(std::move(tokens.weights.out));
  r.output = sheet_of(std::move(m.output));
  if (convolves) {
    const Index taps = p.taps.count(), length = p.signal.count();
    const signal::WindowSpec same{.padding_before = (taps - 1) / 2, .padding_after = taps / 2};
    r.correlated =
        sheet_of(signal::correlate(p.signal.reshaped({1, 1, length}), p.taps.reshaped({1, 1, 1, taps}),
                                   Tensor<double>(), {.columns = same}, stop)
                     .reshaped({length, 1}));
    for (Index t = 0; t < length; ++t)
      r.correlates = r.correlates && same_number(r.output.values(t, 0), r.correlated.values(t, 0));
  }
  return r;
}

gpu::Range ManyHeads::Result::weight_range() const {
  constexpr Index kMany = 32;
  constexpr float kShares = 12;
  const float most = most_weight > 0 ? most_weight : 1;  // of NaN alone
  return {0, tokens() > kMany ? std::min(most, kShares / static_cast<float>(tokens())) : most};
}

}  // namespace vitrine::labs
