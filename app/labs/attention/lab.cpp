// The edit of "Attention by hand": its fields, its controls and what cannot be.
#include "app/labs/attention/lab.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "app/labs/resized.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using widgets::Role;

namespace {

constexpr std::string_view kSourceIds[] = {"typed", "self", "cross"};
constexpr std::string_view kScaleIds[] = {"rsqrt", "beta", "none"};
constexpr std::string_view kMaskingIds[] = {"none", "causal", "custom"};
constexpr std::string_view kMaskPlaceIds[] = {"before softmax", "after softmax"};
constexpr std::string_view kOrderIds[] = {"rows", "all"};
constexpr std::string_view kExhibitIds[] = {"steps", "mix", "nudge", "jacobian", "mask", "cost"};
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLargestNudge = 1;

bool all_finite(const Tensor<double>& m) {
  return std::all_of(m.values().begin(), m.values().end(), [](double v) { return std::isfinite(v); });
}

}  // namespace

void Attention::Params::describe(core::Fields& f) {
  f.choice("source", source, kSourceIds);
  f.field("query", query);
  f.field("key", key);
  f.field("value", value);
  f.field("hidden", hidden);
  f.field("memory", memory);
  f.field("w_query", w_query);
  f.field("w_key", w_key);
  f.field("w_value", w_value);
  f.choice("scale", scale, kScaleIds);
  f.field("beta", beta);
  f.choice("mask", masking, kMaskingIds);
  f.choice("mask_place", mask_place, kMaskPlaceIds);
  f.field("visible_keys", custom);
  f.choice("order", order, kOrderIds);
  f.field("nudged_key", nudged_key);
  f.field("nudged_component", nudged_component);
  f.field("nudge", nudge);
  f.field("cost_tokens", cost_tokens);
  f.field("cost_dim", cost_dim);
  fit();
}

void Attention::View::describe(core::Fields& f) {
  f.group("playhead", playhead);
  f.choice("exhibit", exhibit, kExhibitIds);
  f.field("across", across);
  f.field("up", up);
  for (Index* component : {&across, &up}) *component = std::clamp<Index>(*component, 0, kLargestSize - 1);
}

void Attention::Params::fit() {
  fit_typed();
  fit_made();
  custom = resized<std::uint8_t>(custom, queries(), keys(), 1);
  if (scale == Scale::kNone) {
    scale = Scale::kBeta;
    beta = 1;
  }
  beta = std::isnan(beta) ? 1 : beta == kInfinity ? beta : std::clamp(beta, 0.0, kLargestBeta);
  nudged_key = std::clamp<Index>(nudged_key, 0, keys() - 1);
  nudged_component = std::clamp<Index>(nudged_component, 0, depth() - 1);
  nudge = std::isfinite(nudge) ? std::clamp(nudge, -kLargestNudge, kLargestNudge) : 0;
  cost_tokens = std::clamp<Index>(cost_tokens, 1, kLargestCount);
  cost_dim = std::clamp<Index>(cost_dim, 1, kLargestCount);
}

void Attention::Params::fit_typed() {
  const Index queries = size_within(query, 0, kLargestSize), depth = size_within(query, 1, kLargestSize),
              keys = size_within(value, 0, kLargestSize);
  query = resized(query, queries, depth, 0.0);
  key = resized(key, keys, depth, 0.0);
  value = resized(value, keys, size_within(value, 1, kLargestSize), 0.0);
}

void Attention::Params::fit_made() {
  const Index size = size_within(hidden, 1, kLargestSize), depth = size_within(w_query, 0, kLargestSize);
  hidden = resized(hidden, size_within(hidden, 0, kLargestSize), size, 0.0);
  memory = resized(memory, size_within(memory, 0, kLargestSize), size, 0.0);
  w_query = resized(w_query, depth, size, 0.0);
  w_key = resized(w_key, depth, size, 0.0);
  w_value = resized(w_value, size_within(w_value, 0, kLargestSize), size, 0.0);
}

Index Attention::Params::keys() const {
  return source == Source::kTyped ? value.size(0) : source == Source::kSelf ? hidden.size(0) : memory.size(0);
}

double Attention::Params::scale_factor() const {
  return scale == Scale::kRsqrt ? sequence::rsqrt_scale(depth()) : beta;
}

sequence::Mask Attention::Params::mask() const {
  return masking == Masking::kCustom   ? custom
         : masking == Masking::kCausal ? sequence::causal_mask(queries(), keys())
                                       : sequence::no_mask(queries(), keys());
}

std::string Attention::beta_words(double beta, Index depth) {
  if (beta == 0) return "β = 0: every visible key weighs the same, the output is their values' mean";
  if (beta == kInfinity) return "β = ∞: the best key takes all, its value is copied; ties share";
  if (beta == 1) return "β = 1 leaves the scores as they are";
  if (beta == sequence::rsqrt_scale(depth))
    return "β = 1/√d: scores then do not grow with the size of q and k";
  return beta < 1 ? "β below 1 brings the scores together: towards the mean of the values"
                  : "β above 1 drives the scores apart: towards copying one value";
}

namespace {

using Params = Attention::Params;

// One control from 0 over 1/sqrt(d), which stays that whatever d becomes, to infinity.
void temperature(Params& p, widgets::Controls& c) {
  const double rsqrt = sequence::rsqrt_scale(p.depth());
  std::vector<widgets::Notch> notches{{"0", 0}, {"1/√d", rsqrt}, {"1", 1}, {"∞", kInfinity}};
  if (rsqrt == 1) notches.erase(notches.begin() + 1);
  double beta = p.scale_factor();
  if (c.real("β", beta,
             {.low = Attention::kSmallestBeta,
              .high = Attention::kLargestBeta,
              .reset = 1,
              .step = 0.1,
              .logarithmic = true,
              .or_zero = true,
              .or_infinity = true},
             "The inverse temperature: what the scores are multiplied by before the softmax. 1/√d in a "
             "Transformer. Type inf for ∞",
             notches)) {
    p.scale = beta == rsqrt && rsqrt != 1 ? Attention::Scale::kRsqrt : Attention::Scale::kBeta;
    p.beta = beta;
  }
  c.note(Attention::beta_words(p.scale_factor(), p.depth()) + ".");
}

void mask_controls(Params& p, widgets::Controls& c) {
  using Masking = Attention::Masking;
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
  if (!p.masks()) return;
  static constexpr std::string_view kPlaces[] = {"before softmax", "after (wrong)"};
  c.choice("Hidden", p.mask_place, kPlaces, Attention::MaskPlace::kBeforeSoftmax,
           "Before: hidden scores become −∞ and the rest is shared out. After: weights are set to 0 when the "
           "softmax is done, and what they took is lost");
  if (p.masks_late())
    c.note("Wrong: a row that hides a key no longer sums to 1. The exhibit Mask shows both.", Role::kTrouble);
}

struct Sizes {
  Index queries, keys, depth, width;
};

Sizes size_controls(const Params& p, widgets::Controls& c) {
  constexpr widgets::IntegerRange kSize{1, Attention::kLargestSize, 3};
  Sizes s{p.queries(), p.keys(), p.depth(), p.width()};
  c.integer("Queries", s.queries, kSize, "T: how many tokens ask");
  if (p.source == Attention::Source::kSelf)
    s.keys = s.queries;
  else
    c.integer("Keys", s.keys, kSize, "S: how many tokens answer; each has a key and a value");
  c.integer("Size of q, k", s.depth, kSize, "d: how many numbers a query and a key have");
  c.integer("Size of v", s.width, kSize, "How many numbers a value and an output have");
  return s;
}

void typed_controls(Params& p, widgets::Controls& c) {
  const Sizes s = size_controls(p, c);
  p.query = resized(p.query, s.queries, s.depth, 0.0);
  p.value = resized(p.value, s.keys, s.width, 0.0);
  p.fit();
  c.matrix("Q", p.query, Role::kInput,
           "Row t is query t. Drag a number, step it with the wheel, or double-click to type");
  c.matrix("K", p.key, Role::kKernel, "Row s is key s");
  c.matrix("V", p.value, Role::kOutput, "Row s is value s, what key s stands for");
  if (!all_finite(p.query) || !all_finite(p.key) || !all_finite(p.value))
    c.note("A number above is not finite: every output that may see it becomes NaN.", Role::kTrouble);
}

void made_controls(Params& p, widgets::Controls& c) {
  const bool cross = p.source == Attention::Source::kCross;
  const Sizes s = size_controls(p, c);
  Index size = p.hidden.size(1);
  c.integer("Size of h", size, {1, Attention::kLargestSize, 3}, "D: how many numbers a token has");
  p.hidden = resized(p.hidden, s.queries, size, 0.0);
  if (cross) p.memory = resized(p.memory, s.keys, size, 0.0);
  p.w_query = resized(p.w_query, s.depth, size, 0.0);
  p.w_value = resized(p.w_value, s.width, size, 0.0);
  p.fit();
  const char* from = cross ? " m" : " h";
  c.matrix("H", p.hidden, Role::kInput, "Row t is token t, of which query t is made");
  if (cross)
    c.matrix("M", p.memory, Role::kInput, "Row s is token s of the other sequence: key s and value s");
  c.matrix("W_q", p.w_query, Role::kKernel, "q = W_q h: row i makes component i of every query");
  c.matrix("W_k", p.w_key, Role::kKernel,
           std::string("k = W_k") + from + ": row i makes component i of every key");
  c.matrix("W_v", p.w_value, Role::kKernel,
           std::string("v = W_v") + from + ": row i makes component i of every value");
  const bool finite = all_finite(p.hidden) && all_finite(p.w_query) && all_finite(p.w_key) &&
                      all_finite(p.w_value) && (!cross || all_finite(p.memory));
  if (!finite)
    c.note("A number above is not finite: everything that is made of it becomes NaN.", Role::kTrouble);
}

void nudge_controls(Params& p, widgets::Controls& c) {
  c.section("Nudge a key");
  Index key = p.nudged_key + 1, component = p.nudged_component + 1;
  c.integer("Key", key, {1, p.keys(), 1}, "Which key moves");
  c.integer("Component", component, {1, p.depth(), 1}, "Which of its numbers");
  p.nudged_key = key - 1;
  p.nudged_component = component - 1;
  c.real("ε", p.nudge, {.low = -kLargestNudge, .high = kLargestNudge, .reset = 0.01, .step = 0.01},
         "Added to that number, to see what it does to the weights; the keys themselves stay");
}

void cost_controls(Params& p, widgets::Controls& c) {
  c.section("Cost");
  c.integer("Tokens", p.cost_tokens, {1, Attention::kLargestCount, 197}, "n: for the exhibit Cost only");
  c.integer("Size", p.cost_dim, {1, Attention::kLargestCount, 768},
            "d: of a token and of all its heads together; for the exhibit Cost only");
}

}  // namespace

void Attention::controls(Params& p, widgets::Controls& c) {
  c.section("Temperature and mask");
  temperature(p, c);
  mask_controls(p, c);
  static constexpr std::string_view kOrders[] = {"by row", "at once"};
  c.choice("Steps", p.order, kOrders, Order::kRows,
           "One query after the other, or each operation for all queries at once");

  c.section("Queries, keys, values");
  static constexpr std::string_view kSources[] = {"typed", "from H", "H and M"};
  c.choice(
      "Q, K, V", p.source, kSources, Source::kTyped,
      "Typed; made from one sequence H by three matrices (self-attention); or Q from H, and K and V from "
      "another sequence M (cross-attention)");
  p.fit();
  p.made() ? made_controls(p, c) : typed_controls(p, c);
  p.fit();
  nudge_controls(p, c);
  cost_controls(p, c);
}

namespace {

// A query that may see no key.
std::optional<Problem> blind_query(const Params& p) {
  const sequence::Mask mask = p.mask();
  const Index keys = mask.size(1);
  for (Index t = 0; t < mask.size(0); ++t) {
    const auto* row = &mask(t, 0);
    if (std::any_of(row, row + keys, [](std::uint8_t seen) { return seen != 0; })) continue;
    const std::string name = std::to_string(t + 1);
    return Problem{"Visible keys",
                   "Query " + name + " may see no key, so its weights would be 0 / 0: click a cell in row " +
                       name + " to let it see one. Until then the last picture stays."};
  }
  return std::nullopt;
}

// A number whose products with others like it would pass a double's range; NaN and infinity are carried.
std::optional<Problem> huge_number(const std::string& name, const Tensor<double>& m) {
  constexpr double kLargest = 1e50;
  const auto values = m.values();
  const auto at = std::find_if(values.begin(), values.end(),
                               [](double v) { return std::isfinite(v) && std::abs(v) > kLargest; });
  if (at == values.end()) return std::nullopt;
  const Index cell = at - values.begin();
  return Problem{
      name, name + "[" + std::to_string(cell / m.size(1) + 1) + "," + std::to_string(cell % m.size(1) + 1) +
                "] is " + core::shown(*at, 3) +
                ": products of such numbers pass a double's range. Type one up to 1e50. Until then "
                "the last picture stays."};
}

}  // namespace

std::vector<Problem> Attention::validate(const Params& p) {
  using Named = std::pair<const char*, const Tensor<double>*>;
  std::vector<Named> inputs{{"Q", &p.query}, {"K", &p.key}, {"V", &p.value}};
  if (p.made()) inputs = {{"H", &p.hidden}, {"W_q", &p.w_query}, {"W_k", &p.w_key}, {"W_v", &p.w_value}};
  if (p.source == Source::kCross) inputs.emplace_back("M", &p.memory);
  if (auto problem = blind_query(p)) return {*problem};
  for (const auto& [name, values] : inputs)
    if (auto problem = huge_number(name, *values)) return {*problem};
  return {};
}

StageEdit Attention::edit_on_stage(View& view, Params& p) {
  const auto cell = std::exchange(view.toggled_mask, std::nullopt);
  if (!cell || cell->row >= p.queries() || cell->column >= p.keys()) return StageEdit::kNone;
  p.custom = p.mask();
  p.masking = Masking::kCustom;
  std::uint8_t& seen = p.custom(cell->row, cell->column);
  seen = seen == 0 ? 1 : 0;
  return StageEdit::kNew;
}

}  // namespace vitrine::labs
