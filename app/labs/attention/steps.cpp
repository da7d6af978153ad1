#include "app/labs/attention/steps.h"

#include <algorithm>
#include <cmath>

#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using widgets::Align;
using widgets::Canvas;
using widgets::CellLook;
using widgets::Face;
using widgets::Point;
using widgets::Rect;
using widgets::Role;
using widgets::Shade;
using widgets::TextStyle;

namespace {

using Board = AttentionBoard;
using Grid = Board::Grid;
using Panel = Attention::Panel;
using Phase = Attention::Phase;
using Progress = AttentionProgress;
using Result = Attention::Result;

constexpr float kLargestLabel = 13;  // of q1, k1, ...

using widgets::kQuietWords;

// The panel in which the mask hides cells.
Panel mask_panel(const Result& r) { return r.params.masks_late() ? Panel::kWeights : Panel::kScores; }

// A cell's number before the mask has spoken, and after it.
double before_mask(const Result& r, Panel p, Index row, Index column) {
  return p == Panel::kWeights ? r.softmaxed(row, column) : r.at(p, row, column);
}
double after_mask(const Result& r, Panel p, Index row, Index column) {
  return p == Panel::kWeights ? r.attention.weights(row, column) : r.attention.masked(row, column);
}

// Behind an early mask a hidden cell takes no part; an infinite score is the limit and no trouble.
CellLook look_at(const Result& r, Panel p, Index row, Index column) {
  const bool behind_mask = (p == Panel::kExps || p == Panel::kWeights) && !r.params.masks_late();
  return {.masked =
              (behind_mask && !r.may_see(row, column)) ||
              (p == Panel::kScores && std::isinf(r.beta) && std::isinf(r.attention.scores(row, column)))};
}

// As numbers() calls it; the weights that make Q, K and V have no name there.
std::string letters_of(const Result& r, Panel p) {
  switch (p) {
    case Panel::kKey:
      return "K";
    case Panel::kDots:
      return "dots";
    case Panel::kScores:
      return mask_panel(r) == Panel::kScores && r.params.masks() ? "masked" : "scores";
    case Panel::kExps:
      return "exps";
    case Panel::kWeights:
      return "weights";
    case Panel::kOutput:
      return "output";
    default:
      return name_of(r, p).below.empty() ? name_of(r, p).title : "W " + name_of(r, p).below;
  }
}

// The cells that stand still; those on their way are outlines.
void draw_cells(Canvas& c, const Board& b, const Result& r, Panel p, const Progress& progress) {
  const Grid& g = b[p];
  const Shade shade = shade_of(r, p);
  for (Index i = 0; i < g.rows; ++i)
    for (Index j = 0; j < g.columns; ++j) {
      const bool hides = p == mask_panel(r) && !r.may_see(i, j);
      const float hidden = hides ? progress.of(Phase::kMask, i) : 0;
      CellLook look = look_at(r, p, i, j);
      look.alpha = progress.of(p, i, j) < 1 ? 0.0f : std::max(0.0f, 1 - 2 * hidden);
      widgets::draw_cell(c, g.at(i, j), before_mask(r, p, i, j), look, shade);
      if (hidden > 0.5f)
        widgets::draw_cell(c, g.at(i, j), after_mask(r, p, i, j), {.alpha = 2 * hidden - 1, .masked = true},
                           shade);
    }
}

// A sum appears when what it is the sum of has come to it.
void draw_sums(Canvas& c, const Board& b, const Result& r, const Progress& progress) {
  for (Index i = 0; i < r.queries(); ++i) {
    const float there = progress.of(Phase::kExp, i);
    widgets::draw_cell(c, b.sum(i), r.attention.sums[i],
                       {.alpha = std::max(0.0f, 1 - 5 * (1 - there)), .plain = true}, {});
  }
  c.text({b.sum(0).center().x, b[Panel::kExps].cells.y - 13}, "Σ",
         {widgets::kTextSize_px, Face::kStrong, Role::kText, Align::kCenter});
}

// q1, k1, v1 and y1 beside their rows and columns.
void draw_labels(Canvas& c, const Board& b) {
  const auto label = [&](Point at, const char* letter, Index i, Role role, Align align, float size) {
    const widgets::Math name = widgets::symbol(letter, std::to_string(i + 1), role);
    const float width = widgets::measure(c, name, size).width;
    const float shift = align == Align::kLeft ? 0 : align == Align::kRight ? width : width / 2;
    widgets::typeset(c, {at.x - shift, at.y}, name, size);
  };
  const auto beside_rows = [&](Panel p, const char* letter, Role role, bool left) {
    const Grid& g = b[p];
    if (!g.shown) return;
    const float size = std::min({kLargestLabel, g.h * 0.75f, g.w * 0.7f});
    for (Index i = 0; i < g.rows; ++i)
      label({left ? g.cells.x - 5 : g.cells.right() + 5, g.row(i).center().y}, letter, i, role,
            left ? Align::kRight : Align::kLeft, size);
  };
  beside_rows(Panel::kHidden, "h", Role::kInput, true);
  beside_rows(Panel::kMemory, "m", Role::kInput, true);
  beside_rows(Panel::kQuery, "q", Role::kInput, true);
  beside_rows(Panel::kValue, "v", Role::kOutput, true);
  beside_rows(Panel::kOutput, "y", Role::kOutput, false);
  const Grid& k = b[Panel::kKey];
  for (Index j = 0; k.shown && j < k.columns; ++j)
    label({k.column(j).center().x, k.cells.bottom() + 11}, "k", j, Role::kKernel, Align::kCenter,
          std::min({kLargestLabel, k.h * 0.75f, k.w * 0.7f}));
}

// --- operators ---

float between(const Rect& left, const Rect& right) { return (left.right() + right.x) / 2; }

void draw_operator(Canvas& c, Point at, std::string_view sign) {
  c.text(at, sign, {widgets::kTitleSize_px, Face::kWords, Role::kText, Align::kCenter});
}

// An arrow that says above, and perhaps below, what it does.
void draw_step(Canvas& c, const Rect& from, const Rect& to, float y, const std::string& above,
               const std::string& below, Role below_role = Role::kText) {
  TextStyle style{widgets::kQuietSize_px, Face::kWords, Role::kText, Align::kCenter};
  const float middle = between(from, to);
  c.text({middle, y - 12}, above, style);
  style.paint = below_role;
  c.text({middle, y + 12}, below, style);
  widgets::arrow(c, {from.right() + 8, y}, {to.x - 7, y}, Role::kQuiet);
}

// "÷ √3", or "× 0.25" with as many digits as fit
std::string scale_words(const Canvas& c, const Result& r, float width) {
  if (r.params.scale == Attention::Scale::kRsqrt) return "÷ √" + std::to_string(r.depth());
  const TextStyle style{widgets::kQuietSize_px};
  const std::string number = widgets::fitted(c, r.beta, style, width - c.text_width("× ", style), 4);
  return "× " + (number.empty() ? "β" : number);
}

// Out of the end of the scores' band, back to the start of the next.
void draw_return(Canvas& c, const Board& b) {
  const Rect from = b[Panel::kScores].cells, to = b[Panel::kExps].cells;
  const float right = from.right() + 16, left = to.x - 18, y = to.center().y;
  const std::array<Point, 5> way{{{from.right() + 5, from.center().y},
                                  {right, from.center().y},
                                  {right, b.channel_y()},
                                  {left, b.channel_y()},
                                  {left, y}}};
  c.polyline(way, Role::kQuiet);
  widgets::arrow(c, {left, y}, {to.x - 5, y}, Role::kQuiet);
  const TextStyle style{widgets::kQuietSize_px, Face::kWords, Role::kText, Align::kCenter};
  const std::string words = "exp( · − the row's largest )";
  const float width = c.text_width(words, style) + 20,
              middle = between(b[Panel::kKey].cells, b[Panel::kDots].cells);
  c.fill({middle - width / 2, b.channel_y() - 9, width, 18}, Role::kStage);
  c.text({middle, b.channel_y()}, words, style);
}

// H · W_q^T and what it makes.
void draw_making(Canvas& c, const Board& b, const Result& r) {
  const bool cross = r.params.source == Attention::Source::kCross;
  const Rect h = b[Panel::kHidden].cells, w = b[Panel::kQueryWeights].cells;
  draw_operator(c, {between(h, w), h.center().y}, "·");
  if (cross) {
    const Rect m = b[Panel::kMemory].cells, k = b[Panel::kKeyWeights].cells;
    draw_operator(c, {between(m, k), m.center().y}, "·");
  }
  const auto caption = [&](Panel weights, std::string_view made, Role role) {
    const Rect cells = b[weights].cells;
    c.text({cells.center().x, cells.bottom() + 12}, made,
           {widgets::kQuietSize_px, Face::kStrong, role, Align::kCenter});
  };
  caption(Panel::kQueryWeights, "makes Q", Role::kInput);
  caption(Panel::kKeyWeights, "makes K", Role::kKernel);
  caption(Panel::kValueWeights, "makes V", Role::kOutput);
}

void draw_operators(Canvas& c, const Board& b, const Result& r) {
  const auto cells = [&](Panel p) { return b[p].cells; };
  const bool late = r.params.masks_late();
  if (b.has(Panel::kHidden)) draw_making(c, b, r);
  if (b.has_scores()) {
    const float y = cells(Panel::kDots).center().y;
    draw_operator(c, {between(cells(Panel::kQuery), cells(Panel::kKey)), y}, "·");
    draw_operator(c, {between(cells(Panel::kKey), cells(Panel::kDots)), y}, "=");
    draw_step(c, cells(Panel::kDots), cells(Panel::kScores), y, scale_words(c, r, b.gap() - 4),
              r.params.masks() && !late ? "mask" : "");
    if (b.has_weights()) draw_return(c, b);
  }
  if (!b.has_weights()) return;
  const float y = cells(Panel::kWeights).center().y;
  draw_step(c, b.sum(0), cells(Panel::kWeights), y, "÷ Σ", late ? "mask" : "", Role::kTrouble);
  draw_operator(c, {between(cells(Panel::kWeights), cells(Panel::kValue)) - 8, y}, "·");
  draw_operator(c, {between(cells(Panel::kValue), cells(Panel::kOutput)), y}, "=");
}

void draw_legends(Canvas& c, const Board& b, const Result& r) {
  for (const Panel p : {Panel::kDots, Panel::kScores, Panel::kExps, Panel::kWeights}) {
    const Grid& g = b[p];
    if (!g.shown) continue;
    const Shade shade = shade_of(r, p);
    const float width = std::max(g.cells.w, kNarrowestLegend);
    widgets::legend(c, {g.cells.x, g.cells.bottom() + 9, width, 0}, shade.colormap, shade.range);
  }
}

// "0.0246  ·  0.6448", as far as the weights are there, and the most that a row can have; with a late mask
// what the rows sum to.
void draw_last_line(Canvas& c, const Board& b, const Result& r, const Progress& progress) {
  const bool late = r.params.masks_late();
  const auto& limits = r.entropy_limits.values();
  const bool one_limit = std::equal(limits.begin() + 1, limits.end(), limits.begin());
  std::string rows;
  for (Index t = 0; t < r.queries(); ++t) {
    if (progress.of(late ? Phase::kMask : Phase::kNormalise, t) < 1) continue;
    rows += (rows.empty() ? "" : "  ·  ") + core::shown(late ? r.late.sums[t] : r.attention.entropy[t], 4);
    if (!late && !one_limit) rows += " of " + core::shown(limits[static_cast<std::size_t>(t)], 4);
  }
  if (rows.empty()) return;
  std::string words =
      late ? "Masked after the softmax, the rows sum to  " : "Entropy of each row of weights, nats:  ";
  words += rows;
  if (!late && one_limit) words += ",  at most " + core::shown(limits[0], 4);
  TextStyle style{widgets::kQuietSize_px, Face::kWords, late ? Role::kTrouble : Role::kQuiet, Align::kCenter};
  while (style.size > 9 && c.text_width(words, style) > c.area().w - 16) style.size -= 0.5f;
  c.text({c.area().center().x, b.bottom() + 12}, words, style);
}

}  // namespace

float AttentionProgress::of(Phase phase, Index query, Index key) const {
  if (phase == Phase::kMask && !masks_) return 1;
  const int arrival = timeline_.arrival(phase, query, key);
  return arrival < now_.step ? 1 : arrival == now_.step ? now_.progress : 0;
}

float AttentionProgress::of(Panel p, Index row, Index column) const {
  switch (p) {
    case Panel::kQuery:
      return of(Phase::kMakeQuery, row);
    case Panel::kKey:
      return of(Phase::kMakeKey, 0, column);
    case Panel::kValue:
      return of(Phase::kMakeValue, 0, row);
    case Panel::kDots:
      return of(Phase::kScore, row, column);
    case Panel::kScores:
      return of(Phase::kScale, row);
    case Panel::kExps:
      return of(Phase::kExp, row);
    case Panel::kWeights:
      return of(Phase::kNormalise, row);
    case Panel::kOutput:
      return of(Phase::kMix, row);
    default:
      return 1;
  }
}

void draw_steps(Canvas& c, const AttentionBoard& b, const Result& r, const AttentionProgress& progress) {
  for (std::size_t i = 0; i < Attention::kPanels; ++i) {
    const auto p = static_cast<Panel>(i);
    const Grid& g = b[p];
    if (!g.shown) continue;
    draw_name(c, {g.cells.x, g.cells.y - 13}, name_of(r, p), widgets::shape_words({g.rows, g.columns}));
    draw_cells(c, b, r, p, progress);
    const bool masked = p == Panel::kScores && letters_of(r, p) == "masked";
    c.numbers({letters_of(r, p), g.cells, masked ? &r.attention.masked : &r.values_of(p)});
  }
  draw_labels(c, b);
  draw_operators(c, b, r);
  draw_legends(c, b, r);
  if (b.has_weights()) draw_sums(c, b, r, progress);
  draw_last_line(c, b, r, progress);
}

}  // namespace vitrine::labs
