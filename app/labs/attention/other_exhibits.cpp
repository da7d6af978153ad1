// The exhibits "Mask", the right one beside the wrong one, and "Cost", the two terms against the number of
// tokens.
#include <algorithm>
#include <cmath>

#include "app/labs/attention/exhibits.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using widgets::Align;
using widgets::Canvas;
using widgets::Face;
using widgets::Point;
using widgets::Rect;
using widgets::Role;
using widgets::TextStyle;

namespace {

using Result = Attention::Result;

using widgets::kQuietWords;
constexpr double kSumRounding = 1e-12;  // of a sum of weights

// One way to mask the lit row: scores, weights, their sum, output.
struct Way {
  const char* name;
  Role role;
  const Tensor<double>&scores, &weights, &output;
  double sum;
};

struct Columns {
  float scores, weights, sum, output, cell;
};

Columns columns_of(const Rect& box, const Result& r, float name) {
  const float gap = 26;
  const auto keys = static_cast<float>(r.keys()), width = static_cast<float>(r.width());
  Columns c{};
  c.cell = std::min(64.0f, (box.w - name - 3 * gap) / (2 * keys + width + 1.2f));
  c.scores = box.x + name;
  c.weights = c.scores + keys * c.cell + gap;
  c.sum = c.weights + keys * c.cell + gap * 0.5f;
  c.output = c.sum + c.cell * 1.2f + gap;
  return c;
}

void draw_way(Canvas& c, const Way& way, const Rect& line, const Columns& at, const Result& r, Index t) {
  const widgets::Shade scores = widgets::mapped(gpu::Colormap::kDiverging,
                                                widgets::symmetric_range(r.attention.dots)),
                       weights = widgets::mapped(gpu::Colormap::kMagma, {0, 1}),
                       output = widgets::tinted(Role::kOutput, r.value);
  c.text({line.x, line.center().y}, way.name, {widgets::kTextSize_px, Face::kStrong, way.role});
  const auto cell = [&](float x, Index i) {
    return Rect{x + at.cell * static_cast<float>(i), line.y, at.cell, line.h};
  };
  const auto offer = [&](const char* name, float x, Index columns, const Tensor<double>& values) {
    c.numbers({std::string(way.name) + ": " + name,
               {x, line.y, at.cell * static_cast<float>(columns), line.h},
               &values});
  };
  offer("scores", at.scores, r.keys(), way.scores);
  offer("weights", at.weights, r.keys(), way.weights);
  offer("output", at.output, r.width(), way.output);
  for (Index s = 0; s < r.keys(); ++s) {
    const double score = way.scores(t, s);
    if (std::isinf(score))
      widgets::draw_cell(c, cell(at.scores, s), score, {.masked = true}, scores);
    else
      number_cell(c, cell(at.scores, s), score, &scores, 4);
    if (r.may_see(t, s))
      number_cell(c, cell(at.weights, s), way.weights(t, s), &weights, 4);
    else
      widgets::draw_cell(c, cell(at.weights, s), way.weights(t, s), {.masked = true}, weights);
  }
  const Rect sum{at.sum, line.y, at.cell * 1.2f, line.h};
  number_cell(c, sum, way.sum, nullptr, 6);
  if (std::abs(way.sum - 1) > kSumRounding) c.stroke(sum.inset(1), Role::kTrouble, 2);
  for (Index i = 0; i < r.width(); ++i) number_cell(c, cell(at.output, i), way.output(t, i), &output, 5);
}

std::string mask_words(const Result& r, Index t) {
  const std::string query = std::to_string(t + 1);
  const std::uint8_t* row = &r.mask(t, 0);
  if (std::all_of(row, row + r.keys(), [](std::uint8_t seen) { return seen != 0; }))
    return "Nothing is hidden from query " + query +
           ": both ways are the same. Light another row, choose the causal mask, or "
           "choose custom and click a score.";
  return "After the softmax it is too late: the hidden keys are in the sum Σ already, their share is thrown "
         "away "
         "and nobody gets it. Row " +
         query + " sums to " + core::shown(r.late.sums[t], 6) +
         ", so the output is no mean of the values: it shrinks towards 0. Before the softmax, −∞ becomes "
         "exactly 0 "
         "and the visible keys share all of 1.";
}

}  // namespace

void draw_masks(Canvas& c, const Rect& box, const Result& r, const Attention::Focus& f) {
  const Index t = f.row;
  constexpr float kName = 70, kHead = 44;
  const Rect inner{box.x + std::max(0.0f, (box.w - 860) / 2), box.y, std::min(box.w, 860.0f), box.h};
  const Columns at = columns_of(inner, r, kName);
  const float line = std::clamp((inner.h - kHead - 70) / 2 - 6, 20.0f, 34.0f);
  widgets::draw_title(c, {inner.x, inner.y + 9}, "Query " + std::to_string(t + 1) + ", masked", Role::kText,
                      "before the softmax and after it");
  const auto head = [&](float x, std::string_view words, Role role) {
    c.text({x, inner.y + 32}, words, {widgets::kQuietSize_px, Face::kStrong, role});
  };
  head(at.scores, "Scores", Role::kQuiet);
  head(at.weights, "Weights α", Role::kQuiet);
  head(at.sum, "sum", Role::kQuiet);
  head(at.output, "Output", Role::kOutput);
  const Way right{"Before", Role::kOutput, r.right.masked, r.right.weights, r.right.output, r.right_sums[t]},
      wrong{"After", Role::kTrouble, r.late.unmasked.masked, r.late.weights, r.late.output, r.late.sums[t]};
  draw_way(c, right, {inner.x, inner.y + kHead, inner.w, line}, at, r, t);
  draw_way(c, wrong, {inner.x, inner.y + kHead + line + 6, inner.w, line}, at, r, t);
  widgets::paragraph(c, {inner.x, inner.y + kHead + 2 * line + 14}, inner.w, mask_words(r, t),
                     {widgets::kQuietSize_px, Face::kWords, Role::kText});
}

void draw_cost(Canvas& c, const Rect& box, const Result& r) {
  const std::string n = core::grouped(r.params.cost_tokens), d = core::grouped(r.params.cost_dim);
  const float right = std::min(330.0f, box.w * 0.42f), left = std::min(box.w - right - 24, 620.0f);
  const float x = box.x + (box.w - left - 24 - right) / 2;
  widgets::draw(
      c,
      {.id = "attention cost plot",
       .title = "MACs",
       .x_title = "tokens n,  at d = " + d,
       .box = {x, box.y, left, box.h},
       .curves =
           {{.name = "3 n d²", .role = Role::kKernel, .samples = r.projections, .width = 2, .silent = true},
            {.name = "2 n² d", .role = Role::kInput, .samples = r.mixing, .width = 2, .silent = true}},
       .marks = {{"equal", r.cost.equal_tokens}, {"n", static_cast<double>(r.params.cost_tokens)}},
       .logarithmic = true,
       .x_axis = widgets::XAxis::kDecades});
  const float words = x + left + 24;
  widgets::draw_title(c, {words, box.y + 9}, "What attention costs", Role::kText, "n = " + n + ", d = " + d,
                      right);
  float y = box.y + 34;
  const auto fact = [&](std::string_view name, const std::string& value, Role role) {
    const TextStyle style{widgets::kQuietSize_px, Face::kWords, role},
        number{widgets::kQuietSize_px, Face::kNumbers, Role::kText, Align::kRight};
    c.text({words, y}, name, style);
    if (c.text_width(name, style) + c.text_width(value, number) + 10 > right) y += 17;
    c.text({words + right, y}, value, number);
    y += 20;
  };
  fact("Q, K and V:  3 n d²", core::grouped(r.cost.projections), Role::kKernel);
  fact("Scores and mix:  2 n² d", core::grouped(r.cost.mixing), Role::kInput);
  fact("Both, MACs", core::grouped(r.cost.total), Role::kQuiet);
  fact("Equal at n = 1.5 d", core::shown(r.cost.equal_tokens, 8), Role::kFocus);
  const bool mixing = r.cost.mixing > r.cost.projections;
  widgets::paragraph(
      c, {words, y}, right,
      mixing ? "So many tokens: comparing all with all costs the most, and twice the tokens cost four times "
               "as much."
             : "So few tokens: making Q, K and V costs the most; twice the tokens cost twice as much of it.",
      {widgets::kQuietSize_px, Face::kWords, Role::kText});
}

}  // namespace vitrine::labs
