#include "app/labs/attention/lab.h"

#include <algorithm>
#include <cmath>

#include "app/labs/resized.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using widgets::Role;

namespace {

constexpr std::string_view kScaleIds[] = {"rsqrt", "beta", "none"};
constexpr std::string_view kMaskingIds[] = {"none", "causal", "custom"};
constexpr std::string_view kOrderIds[] = {"rows", "all"};
constexpr double kSmallestBeta = 0.01;  // above 0, on the slider

bool all_finite(const Tensor<double>& m) {
  return std::all_of(m.values().begin(), m.values().end(), [](double v) { return std::isfinite(v); });
}

Attention::Params looked_up(std::initializer_list<double> query) {
  Attention::Params p;
  p.query = Tensor<double>({3, 3}, query);
  p.key = Tensor<double>({3, 3}, {1, 0, 0, 0, 1, 0, 0, 0, 1});
  p.value = Tensor<double>({3, 1}, {10, 20, 30});
  p.scale = Attention::Scale::kBeta;
  p.beta = Attention::kLargestBeta;
  return p;
}

}  // namespace

void Attention::Params::describe(core::Fields& f) {
  f.field("query", query);
  f.field("key", key);
  f.field("value", value);
  f.choice("scale", scale, kScaleIds);
  f.field("beta", beta);
  f.choice("mask", masking, kMaskingIds);
  f.field("visible_keys", custom);
  f.choice("order", order, kOrderIds);
  fit();
}

void Attention::Params::fit() {
  const Index queries = size_within(query, 0, kLargestSize), depth = size_within(query, 1, kLargestSize),
              keys = size_within(value, 0, kLargestSize);
  query = resized(query, queries, depth, 0.0);
  key = resized(key, keys, depth, 0.0);
  value = resized(value, keys, size_within(value, 1, kLargestSize), 0.0);
  custom = resized<std::uint8_t>(custom, queries, keys, 1);
  beta = std::isfinite(beta) ? std::clamp(beta, 0.0, kLargestBeta) : 1;
}

double Attention::Params::scale_factor() const {
  return scale == Scale::kRsqrt ? sequence::rsqrt_scale(key.size(1)) : scale == Scale::kBeta ? beta : 1;
}

sequence::Mask Attention::Params::mask() const {
  const Index queries = query.size(0), keys = key.size(0);
  return masking == Masking::kCustom   ? custom
         : masking == Masking::kCausal ? sequence::causal_mask(queries, keys)
                                       : sequence::no_mask(queries, keys);
}

std::vector<Preset<Attention::Params>> Attention::presets() {
  Params by_hand, scaled, causal, hard, mean;
  scaled.scale = Scale::kRsqrt;
  causal.masking = Masking::kCausal;
  hard.scale = mean.scale = Scale::kBeta;
  hard.beta = kLargestBeta;
  mean.beta = 0;
  return {{"By hand", by_hand},
          {"Scaled", scaled},
          {"Causal", causal},
          {"Hard", hard},
          {"Mean", mean},
          {"Identity", looked_up({1, 0, 0, 0, 1, 0, 0, 0, 1})},
          {"Permutation", looked_up({0, 1, 0, 0, 0, 1, 1, 0, 0})}};
}

void Attention::controls(Params& p, widgets::Controls& c) {
  c.section("Scale and mask");
  static constexpr std::string_view kScales[] = {"1/√d", "β", "none"};
  c.choice(
      "Scale", p.scale, kScales, Scale::kNone,
      "What the scores are multiplied by before the softmax: 1/√d as in a Transformer, any β, or nothing");
  if (p.scale == Scale::kBeta) {
    const widgets::Notch notches[] = {{"0", 0}, {"1/√d", sequence::rsqrt_scale(p.key.size(1))}, {"1", 1}};
    c.real("β", p.beta, {kSmallestBeta, kLargestBeta, 1, 0.1, true, "", true},
           "The inverse temperature. 0: all keys weigh the same. Large: the best key takes everything",
           notches);
  }
  static constexpr std::string_view kMaskings[] = {"none", "causal", "custom"};
  const sequence::Mask shown = p.mask();
  if (c.choice("Mask", p.masking, kMaskings, Masking::kNone,
               "Which keys a query may see. Causal: query t sees the keys 1 to t. Custom: as you click") &&
      p.masking == Masking::kCustom)
    p.custom = shown;
  if (p.masking == Masking::kCustom) {
    c.mask("Visible keys", p.custom, "Row = query, column = key. A crossed cell is hidden");
    c.note("Click a cell here, or a score in the picture.");
  }
  static constexpr std::string_view kOrders[] = {"by row", "at once"};
  c.choice("Steps", p.order, kOrders, Order::kRows,
           "One query after the other, or each operation for all queries at once");

  c.section("Queries, keys, values");
  Index queries = p.query.size(0), keys = p.key.size(0), depth = p.key.size(1), width = p.value.size(1);
  c.integer("Queries", queries, {1, kLargestSize, 3}, "T: how many tokens ask");
  c.integer("Keys", keys, {1, kLargestSize, 3}, "S: how many tokens answer; each has a key and a value");
  c.integer("Size of q, k", depth, {1, kLargestSize, 3}, "d: how many numbers a query and a key have");
  c.integer("Size of v", width, {1, kLargestSize, 3}, "How many numbers a value and an output have");
  p.query = resized(p.query, queries, depth, 0.0);
  p.value = resized(p.value, keys, width, 0.0);
  p.fit();
  c.matrix("Q", p.query, Role::kInput,
           "Row t is query t. Drag a number, step it with the wheel, or double-click to type");
  c.matrix("K", p.key, Role::kKernel, "Row s is key s");
  c.matrix("V", p.value, Role::kOutput, "Row s is value s, what key s stands for");
  if (!all_finite(p.query) || !all_finite(p.key) || !all_finite(p.value))
    c.note("A number above is not finite: every output that may see it becomes NaN.", Role::kTrouble);
}

std::vector<Problem> Attention::validate(const Params& p) {
  const sequence::Mask mask = p.mask();
  const Index keys = mask.size(1);
  for (Index t = 0; t < mask.size(0); ++t) {
    const auto* row = &mask(t, 0);
    if (std::any_of(row, row + keys, [](std::uint8_t seen) { return seen != 0; })) continue;
    return {{"Visible keys", "Query " + std::to_string(t + 1) +
                                 " may see no key, so its weights would be 0 / 0: click a cell in row " +
                                 std::to_string(t + 1) + " to let it see one."}};
  }
  return {};
}

Attention::Result Attention::compute(const Params& p, std::stop_token stop) {
  const double beta = p.scale_factor();
  sequence::Mask mask = p.mask();
  sequence::Attention attention = sequence::attention(p.query, p.key, p.value, beta, mask, stop);
  return {p, beta, std::move(mask), std::move(attention)};
}

StageEdit Attention::edit_on_stage(View& view, Params& p) {
  const auto cell = std::exchange(view.toggled_mask, std::nullopt);
  if (!cell || cell->row >= p.query.size(0) || cell->column >= p.key.size(0)) return StageEdit::kNone;
  p.custom = p.mask();
  p.masking = Masking::kCustom;
  std::uint8_t& seen = p.custom(cell->row, cell->column);
  seen = seen == 0 ? 1 : 0;
  return StageEdit::kNew;
}

int Attention::last_step(const Result& r) { return Timeline(r).count() - 1; }

Attention::Timeline::Timeline(const Result& r)
    : queries_(r.queries()), keys_(r.keys()), all_at_once_(r.params.order == Order::kAll) {
  row_phases_ = {Phase::kScale, Phase::kMask, Phase::kExp, Phase::kNormalise, Phase::kMix};
  if (r.params.masking == Masking::kNone) row_phases_.erase(row_phases_.begin() + 1);
}

int Attention::Timeline::count() const {
  const auto tail = static_cast<Index>(row_phases_.size());
  return static_cast<int>(all_at_once_ ? 1 + tail : queries_ * (keys_ + tail));
}

Attention::Focus Attention::Timeline::at(int step) const {
  step = std::clamp(step, 0, count() - 1);
  Focus f;
  f.step = step;
  Index in_row = step + keys_ - 1;  // all at once: the scores are one step
  if (!all_at_once_) {
    const auto per_row = keys_ + static_cast<Index>(row_phases_.size());
    f.query = step / per_row;
    in_row = step % per_row;
    if (in_row < keys_) f.key = in_row;
  }
  if (in_row >= keys_) f.phase = row_phases_[static_cast<std::size_t>(in_row - keys_)];
  return f;
}

int Attention::Timeline::arrival(Phase phase, Index query, Index key) const {
  const auto at = std::find(row_phases_.begin(), row_phases_.end(), phase);
  const auto tail = static_cast<Index>(row_phases_.size());
  const Index behind_scores = phase == Phase::kScore ? -1 : std::distance(row_phases_.begin(), at);
  if (all_at_once_) return static_cast<int>(1 + behind_scores);
  const Index in_row = phase == Phase::kScore ? key : keys_ + behind_scores;
  return static_cast<int>(query * (keys_ + tail) + in_row);
}

Attention::Focus Attention::focus(const Result& r, const View& view, bool reduce_motion) {
  const Timeline timeline(r);
  const widgets::Lit lit = widgets::lit_at(view.playhead, reduce_motion);
  Focus playing = timeline.at(lit.step);
  playing.progress = lit.progress;
  const auto inside = [&](const std::optional<Spot>& s) {
    if (!s) return false;
    const auto [rows, columns] =
        std::array{std::pair{r.queries(), r.depth()},
                   std::pair{r.depth(), r.keys()},
                   std::pair{r.queries(), r.keys()},
                   std::pair{r.queries(), r.keys()},
                   std::pair{r.queries(), r.keys()},
                   std::pair{r.queries(), r.keys()},
                   std::pair{r.keys(), r.params.value.size(1)},
                   std::pair{r.queries(), r.params.value.size(1)}}[static_cast<std::size_t>(s->panel)];
    return s->cell.row < rows && s->cell.column < columns;
  };
  const auto spot = inside(view.pinned) ? view.pinned : inside(view.hovered) ? view.hovered : std::nullopt;
  if (!spot) return playing;

  Focus f = playing;
  f.pointed = true;
  f.query.reset();
  f.key.reset();
  const auto [row, column] = spot->cell;
  switch (spot->panel) {
    case Panel::kQuery:
      f.phase = Phase::kScore;
      f.query = row;
      return f;
    case Panel::kKey:
      f.phase = Phase::kScore;
      f.key = column;
      return f;
    case Panel::kValue:
      f.phase = Phase::kMix;
      f.key = row;
      return f;
    case Panel::kOutput:
      f.phase = Phase::kMix;
      f.query = row;
      f.component = column;
      break;
    case Panel::kDots:
      f.phase = Phase::kScore;
      break;
    case Panel::kScores:
      f.phase = r.may_see(row, column) ? Phase::kScale : Phase::kMask;
      break;
    case Panel::kExps:
      f.phase = Phase::kExp;
      break;
    case Panel::kWeights:
      f.phase = Phase::kNormalise;
      break;
  }
  f.query = row;
  if (spot->panel != Panel::kOutput) f.key = column;
  // What is pointed at is shown even where the playhead has not been.
  const int arrival = timeline.arrival(f.phase, row, column);
  if (arrival > playing.step) {
    f.step = arrival;
    f.progress = 1;
  }
  return f;
}

}  // namespace vitrine::labs
