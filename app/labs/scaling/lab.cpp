#include "app/labs/scaling/lab.h"

#include <algorithm>
#include <cmath>

#include "engine/core/text.h"
#include "engine/sequence/attention.h"
#include "engine/sequence/softmax.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;

namespace {

using Params = Scaling::Params;
using Result = Scaling::Result;
using Shown = Scaling::Shown;
using Side = Scaling::Side;

constexpr std::string_view kShownIds[] = {"raw", "scaled", "both"}, kShown[] = {"q·k", "q·k / √d", "both"};
constexpr widgets::IntegerRange kDim{1, Scaling::kLongest, 64}, kKeys{2, Scaling::kMostKeys, 16},
    kSamples{200, 20'000, 4000}, kSeed{0, 9'999, 1};
constexpr widgets::RealRange kMean{-3, 3, 0, 0.1}, kStd{0, 3, 1, 0.1};
constexpr double kDeviations = 4.5;  // that the histogram reaches from the expected mean
constexpr int kCurvePoints = 181;    // of the normal curve
// Streams of one seed: a trial's number is the random numbers' step, so the three kinds of draws lie apart.
constexpr std::uint64_t kRowSeed = 1ULL << 32, kCurveSeed = 2ULL << 32;

core::Rng rng(Index seed, std::uint64_t kind) {
  return {static_cast<std::uint64_t>(seed) + kind, core::RngStream::kLab};
}

std::vector<Index> doubling(Index largest) {
  std::vector<Index> dims;
  for (Index d = 1; d <= largest; d *= 2) dims.push_back(d);
  return dims;
}

// The histogram of the samples so far at each step, against the normal curve.
void add_histogram(Side& side, const Tensor<double>& products, Index samples) {
  std::vector<double> values(products.values().begin(), products.values().end());
  for (double& value : values) value *= side.scale;
  const double spread = std::sqrt(side.expected.variance);
  const double reach = spread > 0 ? kDeviations * spread : 0.5;
  side.low = side.expected.mean - reach;
  side.high = side.expected.mean + reach;
  const double width = (side.high - side.low) / static_cast<double>(Scaling::kBins);
  for (Index step = 0; step < Scaling::kSteps; ++step) {
    const Index count = samples * (step + 1) / Scaling::kSteps;
    const std::span<const double> so_far(values.data(), static_cast<std::size_t>(count));
    side.counts.push_back(sequence::histogram(so_far, side.low, side.high, Scaling::kBins));
    side.moments.push_back(sequence::moments(so_far));
    std::vector<double>& shares = side.shares.emplace_back();
    for (const Index n : side.counts.back().values())
      shares.push_back(static_cast<double>(n) / static_cast<double>(count));
  }
  if (!(spread > 0)) return;
  const auto& [mean, variance] = side.expected;
  for (Index bar = 0; bar < Scaling::kBins; ++bar)
    side.expected_shares.push_back(
        sequence::normal_share(side.bar_low(bar), side.bar_low(bar + 1), mean, variance));
  for (int i = 0; i < kCurvePoints; ++i) {
    const double x = std::lerp(side.low, side.high, static_cast<double>(i) / (kCurvePoints - 1));
    side.normal.push_back({x, sequence::normal_density(x, mean, variance) * width});
  }
}

// In which bars the row's scores lie: of both sides in the same ones.
void add_score_bars(Result& r) {
  const Side& side = r.raw;
  for (Index step = 0; step < Scaling::kSteps; ++step) {
    std::vector<Index>& bars = r.score_bars.emplace_back();
    for (Index key = 0; key < r.params.keys; ++key)
      bars.push_back(sequence::bin_of(side.scores(step, key), side.low, side.high, Scaling::kBins));
  }
}

void add_rows(Side& side, const Tensor<double>& products) {
  side.scores = products;
  for (double& score : side.scores.values()) score *= side.scale;
  side.weights = sequence::softmax(side.scores);
  const Index keys = side.weights.size(1);
  for (Index step = 0; step < side.weights.size(0); ++step) {
    const double* const row = &side.weights(step, 0);
    side.heaviest.push_back(std::max_element(row, row + keys) - row);
  }
}

void add_point(Side& side, Index dim, const sequence::LargestWeight& largest) {
  const auto d = static_cast<double>(dim);
  side.largest.push_back(largest);
  side.weight.push_back({d, largest.weight.mean});
  side.slope.push_back({d, largest.slope.mean});
}

}  // namespace

void Scaling::Params::describe(core::Fields& f) {
  f.field("mean", mean);
  f.field("std", std);
  f.field("dim", dim);
  f.field("keys", keys);
  f.field("samples", samples);
  f.field("seed", seed);
  f.choice("shown", shown, kShownIds);
  mean = std::isfinite(mean) ? std::clamp(mean, kMean.low, kMean.high) : kMean.reset;
  std = std::isfinite(std) ? std::clamp(std, kStd.low, kStd.high) : kStd.reset;
  dim = kDim.clamped(dim);
  keys = kKeys.clamped(keys);
  samples = kSamples.clamped(samples);
  seed = kSeed.clamped(seed);
}

std::vector<Preset<Params>> Scaling::presets() {
  Params standard, off_centre, wide, long_vectors, scaled, one;
  off_centre.mean = 0.5;
  off_centre.dim = 16;
  wide.mean = 1;
  wide.std = 2;
  wide.dim = 8;
  long_vectors.dim = scaled.dim = 1024;
  long_vectors.shown = Shown::kRaw;
  one.dim = 1;
  scaled.shown = Shown::kScaled;
  constexpr double kEnd = kSteps - 1;
  return {{"d = 64", standard, kEnd},          {"μ = 0.5, d = 16", off_centre, kEnd},
          {"μ = 1, σ = 2, d = 8", wide, kEnd}, {"d = 1,024", long_vectors, kEnd},
          {"d = 1,024, scaled", scaled, kEnd}, {"d = 1, not normal", one, kEnd}};
}

void Scaling::controls(Params& p, widgets::Controls& c) {
  c.section("Components of q and k");
  c.real("Mean μ", p.mean, kMean, "Of every component of every query and key");
  c.real("Deviation σ", p.std, kStd, "The standard deviation of every component");
  auto dim = static_cast<double>(p.dim);
  const widgets::Notch notches[] = {{"1", 1}, {"16", 16}, {"64", 64}, {"256", 256}, {"1,024", 1024}};
  if (c.real("Size d", dim, {1, static_cast<double>(kLongest), 64, 1, true},
             "d: how many components a query and a key have", notches))
    p.dim = kDim.clamped(std::llround(dim));
  c.section("Histogram");
  c.choice("Shown", p.shown, kShown, Shown::kBoth, "The products as they are, divided by √d, or both");
  c.integer("Samples", p.samples, kSamples, "How many products are drawn; each step adds a twentieth");
  c.integer("Seed", p.seed, kSeed, "Which random numbers are drawn");
  c.section("Softmax");
  c.integer("Keys", p.keys, kKeys, "n: over how many keys the softmax is taken");
  c.note("Each point of the curves over d is a mean of " + std::to_string(kTrials) + " random queries.");
}

std::vector<Problem> Scaling::validate(const Params& p) {
  if (p.samples * p.dim <= kMostProducts) return {};
  return {{"Samples", core::grouped(p.samples) + " samples of size " + core::grouped(p.dim) + " are " +
                          core::grouped(p.samples * p.dim) + " products of components, more than the " +
                          core::grouped(kMostProducts) +
                          " that are drawn here: take fewer samples or a smaller d."}};
}

void Scaling::refresh_draws(const Params& p, std::stop_token stop, core::Progress& progress) {
  Draws& d = draws_;
  if (d.curve_keys != p.keys || d.curve_seed != p.seed) {
    d.curve_keys = 0;  // a run that is stopped half way leaves nothing that looks whole
    progress.stage_until(0.6);
    d.curves = sequence::draw_pairs(doubling(kLargestCurved), kTrials, p.keys, rng(p.seed, kCurveSeed), stop,
                                    progress);
    d.curve_keys = p.keys;
    d.curve_seed = p.seed;
  }
  if (!d.rows || d.keys != p.keys || d.row_seed != p.seed) {
    d.rows.emplace(kSteps, p.keys, rng(p.seed, kRowSeed));
    d.keys = p.keys;
    d.row_seed = p.seed;
  }
  if (!d.products || d.samples != p.samples || d.product_seed != p.seed) {
    d.products.emplace(p.samples, 1, rng(p.seed, 0));
    d.samples = p.samples;
    d.product_seed = p.seed;
  }
}

Result Scaling::compute(const Params& p, std::stop_token stop, core::Progress& progress) {
  refresh_draws(p, stop, progress);
  Result r;
  r.params = p;
  r.dims = draws_.curves.dims;
  const sequence::DrawnPairs products = draws_.products->of(p.dim, stop, progress);
  r.products = sequence::dot_products(products, 0, p.component()).reshaped({p.samples});
  core::Progress unseen;  // next to nothing beside the products
  const Tensor<double> rows = sequence::dot_products(draws_.rows->of(p.dim, stop, unseen), 0, p.component());
  r.raw.expected = sequence::expected_dot_product(p.component(), p.dim);
  r.scaled.scale = sequence::rsqrt_scale(p.dim);
  r.scaled.expected = {r.raw.expected.mean * r.scaled.scale,
                       r.raw.expected.variance / static_cast<double>(p.dim)};
  for (Side* side : {&r.raw, &r.scaled}) {
    add_histogram(*side, r.products, p.samples);
    add_rows(*side, rows);
  }
  add_score_bars(r);
  for (const Side* side : {&r.raw, &r.scaled})
    for (const auto& shares : side->shares)
      r.most = std::max(r.most, *std::max_element(shares.begin(), shares.end()));
  for (std::size_t i = 0; i < r.dims.size(); ++i) {
    const Tensor<double> scores = sequence::dot_products(draws_.curves, i, p.component());
    add_point(r.raw, r.dims[i], sequence::largest_weight(scores, 1));
    add_point(r.scaled, r.dims[i], sequence::largest_weight(scores, sequence::rsqrt_scale(r.dims[i])));
  }
  return r;
}

Scaling::Focus Scaling::focus(const Result& r, const View& view, bool reduce_motion) {
  const widgets::Lit lit = widgets::lit_at(view.playhead, reduce_motion);
  Focus f{std::clamp<Index>(lit.step, 0, kSteps - 1), lit.progress, {}, {}, {}};
  const auto inside = [&](const std::optional<Spot>& s) {
    return s && s->at < (s->panel == Panel::kHistogram ? kBins
                         : s->panel == Panel::kWeights ? r.params.keys
                                                       : std::ssize(r.dims));
  };
  const auto spot = inside(view.pinned) ? view.pinned : inside(view.hovered) ? view.hovered : std::nullopt;
  if (!spot) return f;
  (spot->panel == Panel::kHistogram ? f.bar : spot->panel == Panel::kWeights ? f.key : f.point) = spot->at;
  return f;
}

}  // namespace vitrine::labs
