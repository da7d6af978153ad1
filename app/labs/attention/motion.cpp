// What is lit on the board of "Attention by hand", and what moves.
#include <algorithm>
#include <cmath>

#include "app/labs/attention/steps.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using widgets::Align;
using widgets::Canvas;
using widgets::Face;
using widgets::Rect;
using widgets::Role;
using widgets::TextStyle;

namespace {

using Board = AttentionBoard;
using Grid = Board::Grid;
using Focus = Attention::Focus;
using Panel = Attention::Panel;
using Phase = Attention::Phase;
using Result = Attention::Result;

// Where the rows are that keys and values are made from.
Panel memory_panel(const Result& r) {
  return r.params.source == Attention::Source::kCross ? Panel::kMemory : Panel::kHidden;
}

// --- what moves ---

// From one panel to the same cell of the next: the old number on the first half of the way, then the new.
void fly_across(Canvas& c, const Board& b, const Result& r, Panel from, Panel to, Index query, float f) {
  if (!b.has(to)) return;
  const bool late = r.params.masks_late();
  for (Index j = 0; j < r.keys(); ++j) {
    const Rect place = b.has(from) ? mix(b[from].at(query, j), b[to].at(query, j), f) : b[to].at(query, j);
    const Panel shown = f < 0.5f ? from : to;
    const bool hidden = !late && !r.may_see(query, j) && to != Panel::kScores;
    const double value = hidden && shown == Panel::kScores ? r.attention.masked(query, j)
                         : shown == Panel::kWeights        ? r.softmaxed(query, j)
                                                           : r.at(shown, query, j);
    widgets::draw_flying(c, place, value, {.masked = hidden || (std::isinf(r.beta) && std::isinf(value))},
                         shade_of(r, shown));
  }
}

// The scores come down to exp; what has become of them then goes into the row's sum, the nearest first.
void fly_exps(Canvas& c, const Board& b, const Result& r, Index query, float f) {
  constexpr float kDown = 0.5f, kSpread = 0.6f;
  fly_across(c, b, r, Panel::kScores, Panel::kExps, query, std::min(1.0f, f / kDown));
  const float add = (f - kDown) / (1 - kDown);
  if (add <= 0 || !b.has(Panel::kExps)) return;
  for (Index j = 0; j < r.keys(); ++j) {
    const Index behind = r.keys() - 1 - j;
    const float way = widgets::staggered(add, static_cast<std::size_t>(behind),
                                         static_cast<std::size_t>(r.keys()), kSpread);
    if (r.attention.exps(query, j) == 0 || way <= 0 || way >= 1) continue;
    widgets::draw_flying(c, mix(b[Panel::kExps].at(query, j), b.sum(query), way), r.attention.exps(query, j),
                         {}, shade_of(r, Panel::kExps));
  }
}

// A row times a column into one cell.
struct Product {
  Panel left;
  Index row;
  Panel right;
  Index column;
  Panel target;
  Index target_row, target_column;
};

// The row lies down on the column, number on number; the products then fall together into the cell.
void fly_product(Canvas& c, const Board& b, const Result& r, const Product& p, float f) {
  if (!b.has(p.target)) return;
  const Rect target = b[p.target].at(p.target_row, p.target_column);
  const float first = std::min(1.0f, 2 * f), second = std::max(0.0f, 2 * f - 1);
  if (second > 0)
    widgets::draw_cell(c, target, r.at(p.target, p.target_row, p.target_column), {.alpha = second},
                       shade_of(r, p.target));
  if (!b.has(p.left) || !b.has(p.right)) return;
  const Grid &left = b[p.left], &right = b[p.right];
  for (Index i = 0; i < left.columns; ++i) {
    const double a = r.at(p.left, p.row, i), factor = r.at(p.right, i, p.column);
    if (second > 0)
      widgets::draw_flying_product(c, mix(right.at(i, p.column), target, second), a, factor, 1 - second);
    else
      widgets::draw_flying(c, mix(left.at(p.row, i), right.at(i, p.column), first), a, {},
                           shade_of(r, p.left));
  }
}

// A token becomes a query, a key or a value: one product for each component.
void fly_making(Canvas& c, const Board& b, const Result& r, Phase phase, Index token, float f) {
  const bool query = phase == Phase::kMakeQuery, key = phase == Phase::kMakeKey;
  const Panel weights = query ? Panel::kQueryWeights
                        : key ? Panel::kKeyWeights
                              : Panel::kValueWeights,
              target = query ? Panel::kQuery
                       : key ? Panel::kKey
                             : Panel::kValue;
  for (Index i = 0; i < b[weights].columns; ++i)
    fly_product(c, b, r,
                {query ? Panel::kHidden : memory_panel(r), token, weights, i, target, key ? i : token,
                 key ? token : i},
                f);
}

// All at once: the scores come out of the rows of Q.
void fly_scores(Canvas& c, const Board& b, const Result& r, Index query, float f) {
  const Grid& q = b[Panel::kQuery];
  if (!q.shown) return;
  const Rect start = q.at(query, q.columns - 1);
  for (Index j = 0; j < r.keys(); ++j)
    widgets::draw_flying(c, mix(start, b[Panel::kDots].at(query, j), f), r.attention.dots(query, j),
                         {.alpha = f}, shade_of(r, Panel::kDots));
}

// The rows of V fall onto the output, each as opaque as its weight.
void fly_values(Canvas& c, const Board& b, const Result& r, Index query, float f) {
  const Grid &v = b[Panel::kValue], &y = b[Panel::kOutput];
  for (Index j = 0; j < r.keys(); ++j) {
    const double weight = r.attention.weights(query, j);
    const float alpha = std::isfinite(weight) ? static_cast<float>(std::clamp(weight, 0.0, 1.0)) : 1;
    if (alpha < 0.02f) continue;
    for (Index i = 0; i < v.columns; ++i)
      widgets::draw_cell(c, mix(v.at(j, i), y.at(query, i), f), r.value(j, i),
                         {.alpha = alpha * (1 - 0.5f * f)}, shade_of(r, Panel::kValue));
  }
  for (Index i = 0; i < y.columns; ++i)
    widgets::draw_cell(c, y.at(query, i), r.attention.output(query, i), {.alpha = std::max(0.0f, 2 * f - 1)},
                       shade_of(r, Panel::kOutput));
}

// The step of one query, or of one key where keys and values are made.
void fly(Canvas& c, const Board& b, const Result& r, const Focus& now, Index token) {
  const float f = now.progress;
  switch (now.phase) {
    case Phase::kMakeQuery:
    case Phase::kMakeKey:
    case Phase::kMakeValue:
      fly_making(c, b, r, now.phase, token, f);
      return;
    case Phase::kScore:
      if (now.key)
        fly_product(c, b, r, {Panel::kQuery, token, Panel::kKey, *now.key, Panel::kDots, token, *now.key}, f);
      else
        fly_scores(c, b, r, token, f);
      return;
    case Phase::kScale:
      fly_across(c, b, r, Panel::kDots, Panel::kScores, token, f);
      return;
    case Phase::kMask:  // happens in its place
      return;
    case Phase::kExp:
      fly_exps(c, b, r, token, f);
      return;
    case Phase::kNormalise:
      fly_across(c, b, r, Panel::kExps, Panel::kWeights, token, f);
      return;
    case Phase::kMix:
      fly_values(c, b, r, token, f);
      return;
  }
}

// --- what is lit ---

// Outlines what is on the board.
class Light {
 public:
  Light(Canvas& canvas, const Board& board) : canvas_(canvas), board_(board) {}
  void part(Panel p, std::optional<Index> row, std::optional<Index> column, bool target) const {
    if (board_.has(p)) outline(board_[p].part(row, column), target);
  }
  void outline(const Rect& r, bool target) const {
    if (target) canvas_.stroke(r, Role::kStage, 5);  // so that the light shows on pale cells too
    canvas_.stroke(r.inset(target ? 0 : 0.5f), {Role::kFocus, target ? 1.0f : 0.6f}, target ? 2.5f : 1.5f);
  }

 private:
  Canvas& canvas_;
  const Board& board_;
};

void light_making(const Light& light, const Result& r, const Focus& f) {
  const bool query = f.phase == Phase::kMakeQuery, key = f.phase == Phase::kMakeKey;
  const auto token = query ? f.query : f.key;
  const bool from_token = f.pointed && !f.component, from_weights = f.pointed && !token;
  light.part(query ? Panel::kHidden : memory_panel(r), token, {}, from_token);
  light.part(query ? Panel::kQueryWeights
             : key ? Panel::kKeyWeights
                   : Panel::kValueWeights,
             {}, f.component, from_weights);
  const bool target = !from_token && !from_weights, every = from_token && memory_panel(r) == Panel::kHidden;
  if (query || every) light.part(Panel::kQuery, token, f.component, target);
  if (key || every || from_token) light.part(Panel::kKey, f.component, token, target);
  if ((!query && !key) || every || (from_token && !query))
    light.part(Panel::kValue, token, f.component, target);
}

// An input: everything that it takes part in.
void light_input(const Light& light, const Focus& f) {
  if (f.query) light.part(Panel::kQuery, f.query, {}, true);
  if (f.key) {
    light.part(Panel::kKey, {}, f.key, f.phase == Phase::kScore);
    light.part(Panel::kValue, f.key, {}, f.phase == Phase::kMix);
  }
  for (const Panel p : {Panel::kDots, Panel::kScores, Panel::kExps, Panel::kWeights})
    light.part(p, f.query, f.key, false);
  if (f.query) light.part(Panel::kOutput, f.query, {}, false);
}

}  // namespace

void draw_flights(Canvas& c, const AttentionBoard& b, const Result& r, const Focus& now) {
  if (now.progress >= 1 || b.empty()) return;
  const bool of_keys = now.phase == Phase::kMakeKey || now.phase == Phase::kMakeValue;
  const auto one = of_keys ? now.key : now.query;
  const Index first = one.value_or(0), last = one.value_or((of_keys ? r.keys() : r.queries()) - 1);
  for (Index token = first; token <= last; ++token) fly(c, b, r, now, token);
}

void draw_lights(Canvas& c, const AttentionBoard& b, const Result& r, const Focus& f) {
  const Light light(c, b);
  const auto of_cell = [&](Panel p, bool target) { light.part(p, f.query, f.key, target); };
  const auto whole_row = [&](Panel p, bool target) { light.part(p, f.query, {}, target); };
  if (f.phase <= Phase::kMakeValue) return light_making(light, r, f);
  const bool from_query = f.query && !f.key && f.phase == Phase::kScore, from_key = f.key && !f.query;
  if (f.pointed && (from_query || from_key)) return light_input(light, f);
  const auto inputs = [&] {
    light.part(Panel::kQuery, f.query, {}, false);
    light.part(Panel::kKey, {}, f.key, false);
  };
  const bool back = f.pointed;  // all the way
  switch (f.phase) {
    case Phase::kScore:
      inputs();
      of_cell(Panel::kDots, true);
      return;
    case Phase::kMask:
      if (r.params.masks_late()) {
        of_cell(Panel::kWeights, true);
        return;
      }
      [[fallthrough]];
    case Phase::kScale:
      if (back) inputs();
      if (back || f.phase == Phase::kScale) of_cell(Panel::kDots, false);
      of_cell(Panel::kScores, true);
      return;
    case Phase::kExp:
      if (back) inputs(), of_cell(Panel::kDots, false);
      of_cell(Panel::kScores, false);
      of_cell(Panel::kExps, true);
      return;
    case Phase::kNormalise:
      if (back) inputs(), of_cell(Panel::kDots, false), of_cell(Panel::kScores, false);
      whole_row(Panel::kExps, false);
      for (Index i = 0; b.has(Panel::kExps) && i < b[Panel::kExps].rows; ++i)
        if (!f.query || *f.query == i) light.outline(b.sum(i), false);
      of_cell(Panel::kWeights, true);
      return;
    default:
      if (back) {
        inputs();
        for (const Panel p : {Panel::kDots, Panel::kScores, Panel::kExps}) whole_row(p, false);
      }
      whole_row(Panel::kWeights, false);
      light.part(Panel::kValue, {}, f.component, false);
      light.part(Panel::kOutput, f.query, f.component, true);
      return;
  }
}

}  // namespace vitrine::labs
