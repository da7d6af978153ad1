// The picture of "Attention by hand": two bands of matrices that read like two lines of text,
//   Q . K^T = scores -> scaled and masked
//   exp -> weights . V = output
// What has not been computed yet is an outline; numbers travel from the cells that made them.
#include <algorithm>
#include <cmath>

#include "app/labs/attention/lab.h"
#include "app/widgets/pointing.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using widgets::Align;
using widgets::Canvas;
using widgets::Cell;
using widgets::CellLook;
using widgets::Face;
using widgets::Paint;
using widgets::Point;
using widgets::Rect;
using widgets::Role;
using widgets::Shade;
using widgets::TextStyle;

namespace {

using Panel = Attention::Panel;
using Phase = Attention::Phase;
using Focus = Attention::Focus;
using Result = Attention::Result;

constexpr float kLargestCell = 104, kSmallestCell = 6;
constexpr float kTitle = 24;         // above the cells of a band
constexpr float kUnder = 34;         // below them: a legend, or the names of the columns
constexpr float kChannel = 30;       // from band to band
constexpr float kLastLine = 26;      // at the bottom: the entropy
constexpr float kMargin = 30;        // left and right: the names of rows, and the line from band to band
constexpr float kLargestLabel = 13;  // of q1, k1, ...
constexpr float kNarrowestLegend = 76;
constexpr float kSumGap = 0.25f;  // between exp and its sums, in cells

constexpr gpu::Range kUnit{0, 1};  // of the weights, always

std::size_t index_of(Panel p) { return static_cast<std::size_t>(p); }

const Tensor<double>& values_of(const Result& r, Panel p) {
  switch (p) {
    case Panel::kQuery:
      return r.params.query;
    case Panel::kKey:
      return r.params.key;
    case Panel::kDots:
      return r.attention.dots;
    case Panel::kScores:
      return r.attention.scores;
    case Panel::kExps:
      return r.attention.exps;
    case Panel::kWeights:
      return r.attention.weights;
    case Panel::kValue:
      return r.params.value;
    case Panel::kOutput:
      break;
  }
  return r.attention.output;
}

struct PanelName {
  std::string id;  // of what can be touched
  std::string title;
  Role role = Role::kText;
};

PanelName name_of(const Result& r, Panel p) {
  switch (p) {
    case Panel::kQuery:
      return {"attention Q", "Q", Role::kInput};
    case Panel::kKey:
      return {"attention K", "Kᵀ", Role::kKernel};
    case Panel::kDots:
      return {"attention scores", "Scores"};
    case Panel::kScores:
      return {"attention scaled", r.params.masking == Attention::Masking::kNone ? "Scaled" : "Masked"};
    case Panel::kExps:
      return {"attention exp", "exp"};
    case Panel::kWeights:
      return {"attention weights", "Weights α"};
    case Panel::kValue:
      return {"attention V", "V", Role::kOutput};
    case Panel::kOutput:
      break;
  }
  return {"attention output", "Output", Role::kOutput};
}

Shade shade_of(const Result& r, Panel p) {
  switch (p) {
    case Panel::kDots:
    case Panel::kScores: {
      const gpu::Range range = widgets::symmetric_range(values_of(r, p));
      return widgets::mapped(gpu::Colormap::kDiverging, range.hi > 1e-9f ? range : gpu::Range{-1, 1});
    }
    case Panel::kExps:
    case Panel::kWeights:
      return widgets::mapped(gpu::Colormap::kMagma, kUnit);
    default:
      return widgets::tinted(name_of(r, p).role, values_of(r, p));
  }
}

// One matrix on the stage.
struct Grid {
  Rect cells{};
  Index rows = 0, columns = 0;
  float w = 0, h = 0;  // of a cell
  Rect at(Index row, Index column) const {
    return {cells.x + w * static_cast<float>(column), cells.y + h * static_cast<float>(row), w, h};
  }
  Rect row(Index i) const { return {cells.x, at(i, 0).y, cells.w, h}; }
  Rect column(Index j) const { return {at(0, j).x, cells.y, w, cells.h}; }
};

const TextStyle kTitleStyle{widgets::kTextSize_px, Face::kStrong};
const TextStyle kQuietStyle{widgets::kQuietSize_px, Face::kWords, Role::kQuiet};

// Where everything stands: two bands of four panels, the cells as large as the stage allows.
class Board {
 public:
  Board(const Canvas& canvas, const Result& r);
  const Grid& operator[](Panel p) const { return grids_[index_of(p)]; }
  Rect sum(Index i) const { return {sums_x_, (*this)[Panel::kExps].at(i, 0).y, grids_[0].w, grids_[0].h}; }
  float gap() const { return gap_; }              // between two panels: the operator
  float channel_y() const { return channel_y_; }  // of the line from the first band to the second
  float bottom() const { return bottom_; }

 private:
  float slot_width(std::size_t panel, float cell) const;
  float band_width(std::size_t first, float cell) const;
  void place_band(std::size_t first, const Rect& area, float top, float height);

  std::array<Grid, Attention::kPanels> grids_;
  std::array<float, Attention::kPanels> title_widths_{};
  float sums_x_ = 0, gap_ = 0, channel_y_ = 0, bottom_ = 0;
};

// Titles and legends are above and below the operators, so they may reach into the gap behind the cells.
float Board::slot_width(std::size_t panel, float cell) const {
  const auto p = static_cast<Panel>(panel);
  const float cells = cell * static_cast<float>(grids_[panel].columns), title = title_widths_[panel];
  if (p == Panel::kExps) return std::max(cells, title - cell * 0.7f + 14) + cell * kSumGap + cell;
  const bool has_legend = p == Panel::kDots || p == Panel::kScores || p == Panel::kWeights;
  const float behind = p == Panel::kScores || p == Panel::kOutput ? 20 : gap_ - 14;
  return std::max(cells, std::max(title, has_legend ? kNarrowestLegend : 0) - behind);
}

float Board::band_width(std::size_t first, float cell) const {
  float width = 3 * gap_;
  for (std::size_t i = first; i < first + 4; ++i) width += slot_width(i, cell);
  return width;
}

void Board::place_band(std::size_t first, const Rect& area, float top, float height) {
  const float cell = grids_[first].w;
  float x = area.x + (area.w - band_width(first, cell)) / 2;
  for (std::size_t i = first; i < first + 4; ++i) {
    Grid& g = grids_[i];
    const float w = g.w * static_cast<float>(g.columns), h = g.h * static_cast<float>(g.rows);
    g.cells = {std::floor(x), std::floor(top + (height - h) / 2), w, h};
    x += slot_width(i, cell);
    if (static_cast<Panel>(i) == Panel::kExps) sums_x_ = std::floor(x - cell);
    x += gap_;
  }
}

Board::Board(const Canvas& canvas, const Result& r) {
  const Rect area = canvas.area();
  gap_ = std::clamp(area.w * 0.06f, 44.0f, 100.0f);
  for (std::size_t i = 0; i < Attention::kPanels; ++i) {
    const auto p = static_cast<Panel>(i);
    const auto& shape = values_of(r, p).shape();
    const bool upright = p == Panel::kKey;  // keys are columns
    Grid& g = grids_[i];
    g.rows = shape[upright ? 1 : 0];
    g.columns = shape[upright ? 0 : 1];
    title_widths_[i] = canvas.text_width(name_of(r, p).title, kTitleStyle) + 8 +
                       canvas.text_width(widgets::shape_words({g.rows, g.columns}), kQuietStyle);
  }
  const auto rows_of = [&](std::size_t first) {
    Index most = 0;
    for (std::size_t i = first; i < first + 4; ++i) most = std::max(most, grids_[i].rows);
    return static_cast<float>(most);
  };
  const float rows = rows_of(0) + rows_of(4);
  const float fixed = 2 * (kTitle + kUnder) + kChannel + kLastLine + 16;
  float w = kLargestCell;
  while (w > kSmallestCell && std::max(band_width(0, w), band_width(4, w)) > area.w - 2 * kMargin) w -= 1;
  const float h = std::max(kSmallestCell, std::floor(std::min(w, (area.h - fixed) / rows)));
  w = std::min(w, std::floor(h * 1.4f));
  for (Grid& g : grids_) {
    g.w = w;
    g.h = h;
  }
  const float spare = std::max(0.0f, area.h - fixed - h * rows), widening = std::min(spare * 0.25f, 44.0f);
  const float first = area.y + 8 + (spare - widening) / 2 + kTitle, under = first + h * rows_of(0) + kUnder;
  const float second = under + kChannel + widening + kTitle;
  place_band(0, area, first, h * rows_of(0));
  place_band(4, area, second, h * rows_of(4));
  channel_y_ = std::floor(under + (kChannel + widening) / 2) + 0.5f;
  bottom_ = second + h * rows_of(4) + kUnder;
}

// How much of each number is there: 0 not yet, 1 all of it, between the two it is on its way.
class Progress {
 public:
  Progress(const Result& r, const Focus& f) : timeline_(r), now_(timeline_.at(f.step)) {
    now_.progress = f.progress;
  }
  float of(Phase phase, Index query, Index key = 0) const {
    const int arrival = timeline_.arrival(phase, query, key);
    return arrival < now_.step ? 1 : arrival == now_.step ? now_.progress : 0;
  }
  // The newest step itself, whatever the pointer is on.
  const Focus& now() const { return now_; }

 private:
  Attention::Timeline timeline_;
  Focus now_;
};

Phase phase_of(Panel p) {
  switch (p) {
    case Panel::kScores:
      return Phase::kScale;
    case Panel::kExps:
      return Phase::kExp;
    case Panel::kWeights:
      return Phase::kNormalise;
    case Panel::kOutput:
      return Phase::kMix;
    default:
      return Phase::kScore;
  }
}

bool is_given(Panel p) { return p == Panel::kQuery || p == Panel::kKey || p == Panel::kValue; }

double value_at(const Result& r, Panel p, Index row, Index column) {
  return p == Panel::kKey ? r.params.key(column, row) : values_of(r, p)(row, column);
}

// A cell that takes no part is shown so from the mask on.
CellLook look_at(const Result& r, Panel p, Index row, Index column) {
  const bool behind_mask = p == Panel::kExps || p == Panel::kWeights;
  return {.masked = behind_mask && !r.may_see(row, column)};
}

// The cells that stand still; those on their way are outlines.
void draw_cells(Canvas& c, const Board& b, const Result& r, Panel p, const Progress& progress) {
  const Grid& g = b[p];
  const Shade shade = shade_of(r, p);
  for (Index i = 0; i < g.rows; ++i)
    for (Index j = 0; j < g.columns; ++j) {
      const float there = is_given(p) ? 1 : progress.of(phase_of(p), i, j);
      const bool hides = p == Panel::kScores && !r.may_see(i, j);
      const float hidden = hides ? progress.of(Phase::kMask, i) : 0;
      CellLook look = look_at(r, p, i, j);
      look.alpha = there < 1 ? 0.0f : std::max(0.0f, 1 - 2 * hidden);
      widgets::draw_cell(c, g.at(i, j), value_at(r, p, i, j), look, shade);
      if (hidden > 0.5f)
        widgets::draw_cell(c, g.at(i, j), r.attention.masked(i, j), {.alpha = 2 * hidden - 1, .masked = true},
                           shade);
    }
}

void draw_sums(Canvas& c, const Board& b, const Result& r, const Progress& progress) {
  for (Index i = 0; i < r.queries(); ++i)
    widgets::draw_cell(c, b.sum(i), r.attention.sums[i],
                       {.alpha = progress.of(Phase::kExp, i), .plain = true}, {});
  c.text({b.sum(0).center().x, b[Panel::kExps].cells.y - 13}, "Σ",
         {widgets::kTextSize_px, Face::kStrong, Role::kText, Align::kCenter});
}

// --- what moves ---

// From one panel to the same cell of the next: the old number on the first half of the way, then the new.
void fly_across(Canvas& c, const Board& b, const Result& r, Panel from, Panel to, Index query, float f) {
  for (Index j = 0; j < r.keys(); ++j) {
    const Rect place = mix(b[from].at(query, j), b[to].at(query, j), f);
    const Panel shown = f < 0.5f ? from : to;
    const bool hidden = !r.may_see(query, j) && to != Panel::kScores;
    const double value =
        hidden && shown == Panel::kScores ? r.attention.masked(query, j) : values_of(r, shown)(query, j);
    widgets::draw_cell(c, place, value, {.alpha = 0.35f + 0.65f * std::abs(2 * f - 1), .masked = hidden},
                       shade_of(r, shown));
  }
}

// "2·(−1)"
void draw_product(Canvas& c, const Rect& place, double a, double b, float alpha) {
  const std::string second = b < 0 ? "(" + core::shown(b, 3) + ")" : core::shown(b, 3);
  const std::string words = core::shown(a, 3) + "·" + second;
  TextStyle style{
      std::clamp(place.h * 0.34f, 8.0f, 20.0f), Face::kNumbers, {Role::kText, alpha}, Align::kCenter};
  while (style.size > 7 && c.text_width(words, style) > place.w - 4) style.size -= 0.5f;
  c.fill(place, {Role::kPanel, alpha});
  c.stroke(place.inset(0.5f), {Role::kFocus, 0.6f * alpha});
  c.text(place.center(), words, style);
}

// The query lies down on the key, component on component; the products then fall together into the score.
void fly_products(Canvas& c, const Board& b, const Result& r, Index query, Index key, float f) {
  const Grid &q = b[Panel::kQuery], &k = b[Panel::kKey];
  const Rect score = b[Panel::kDots].at(query, key);
  const Shade tint = shade_of(r, Panel::kQuery);
  const float first = std::min(1.0f, 2 * f), second = std::max(0.0f, 2 * f - 1);
  if (second > 0)
    widgets::draw_cell(c, score, r.attention.dots(query, key), {.alpha = second}, shade_of(r, Panel::kDots));
  for (Index i = 0; i < r.depth(); ++i) {
    const double a = r.params.query(query, i), factor = r.params.key(key, i);
    if (second > 0)
      draw_product(c, mix(k.at(i, key), score, second), a, factor, 1 - second);
    else
      widgets::draw_cell(c, mix(q.at(query, i), k.at(i, key), first), a, {.alpha = 1 - 0.3f * first}, tint);
  }
}

// All at once: the scores come out of the rows of Q.
void fly_scores(Canvas& c, const Board& b, const Result& r, Index query, float f) {
  const Grid& q = b[Panel::kQuery];
  const Rect start = q.at(query, q.columns - 1);
  for (Index j = 0; j < r.keys(); ++j)
    widgets::draw_cell(c, mix(start, b[Panel::kDots].at(query, j), f), r.attention.dots(query, j),
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
      widgets::draw_cell(c, mix(v.at(j, i), y.at(query, i), f), r.params.value(j, i),
                         {.alpha = alpha * (1 - 0.5f * f)}, shade_of(r, Panel::kValue));
  }
  for (Index i = 0; i < y.columns; ++i)
    widgets::draw_cell(c, y.at(query, i), r.attention.output(query, i), {.alpha = std::max(0.0f, 2 * f - 1)},
                       shade_of(r, Panel::kOutput));
}

void draw_flights(Canvas& c, const Board& b, const Result& r, const Focus& now) {
  if (now.progress >= 1) return;
  const float f = now.progress;
  const Index first = now.query.value_or(0), last = now.query.value_or(r.queries() - 1);
  for (Index i = first; i <= last; ++i) switch (now.phase) {
      case Phase::kScore:
        now.key ? fly_products(c, b, r, i, *now.key, f) : fly_scores(c, b, r, i, f);
        break;
      case Phase::kScale:
        fly_across(c, b, r, Panel::kDots, Panel::kScores, i, f);
        break;
      case Phase::kMask:  // happens in its place
        break;
      case Phase::kExp:
        fly_across(c, b, r, Panel::kScores, Panel::kExps, i, f);
        break;
      case Phase::kNormalise:
        fly_across(c, b, r, Panel::kExps, Panel::kWeights, i, f);
        break;
      case Phase::kMix:
        fly_values(c, b, r, i, f);
        break;
    }
}

// --- what is lit ---

void outline(Canvas& c, const Rect& r, bool target) {
  if (target) c.stroke(r, Role::kStage, 5);  // so that the light shows on pale cells too
  c.stroke(r.inset(target ? 0 : 0.5f), {Role::kFocus, target ? 1.0f : 0.6f}, target ? 2.5f : 1.5f);
}

// The cell, row or column of these keys and queries; all of it where both are empty.
Rect part(const Grid& g, std::optional<Index> row, std::optional<Index> column) {
  if (row && column) return g.at(*row, *column);
  return row ? g.row(*row) : column ? g.column(*column) : g.cells;
}

// Strong: what becomes. Faint: what it is made of, one step back for the playhead, all the way for the
// pointer.
void draw_lights(Canvas& c, const Board& b, const Focus& f) {
  const auto light = [&](Panel p, bool target) { outline(c, part(b[p], f.query, f.key), target); };
  const auto whole_row = [&](Panel p, bool target) { outline(c, part(b[p], f.query, {}), target); };
  const bool from_query = f.pointed && f.query && !f.key && f.phase == Phase::kScore,
             from_key = f.pointed && f.key && !f.query;
  if (from_query || from_key) {  // an input: everything it takes part in
    if (from_query) outline(c, b[Panel::kQuery].row(*f.query), true);
    if (from_key) {
      outline(c, b[Panel::kKey].column(*f.key), f.phase == Phase::kScore);
      outline(c, b[Panel::kValue].row(*f.key), f.phase == Phase::kMix);
    }
    for (const Panel p : {Panel::kDots, Panel::kScores, Panel::kExps, Panel::kWeights}) light(p, false);
    if (from_query) whole_row(Panel::kOutput, false);
    return;
  }
  const auto inputs = [&] {
    outline(c, part(b[Panel::kQuery], f.query, {}), false);
    outline(c, part(b[Panel::kKey], {}, f.key), false);
  };
  const bool back = f.pointed;  // all the way
  switch (f.phase) {
    case Phase::kScore:
      inputs();
      light(Panel::kDots, true);
      return;
    case Phase::kScale:
    case Phase::kMask:
      if (back) inputs();
      if (back || f.phase == Phase::kScale) light(Panel::kDots, false);
      light(Panel::kScores, true);
      return;
    case Phase::kExp:
      if (back) inputs(), light(Panel::kDots, false);
      light(Panel::kScores, false);
      light(Panel::kExps, true);
      return;
    case Phase::kNormalise:
      if (back) inputs(), light(Panel::kDots, false), light(Panel::kScores, false);
      whole_row(Panel::kExps, false);
      for (Index i = 0; i < b[Panel::kExps].rows; ++i)
        if (!f.query || *f.query == i) outline(c, b.sum(i), false);
      light(Panel::kWeights, true);
      return;
    case Phase::kMix:
      if (back) {
        inputs();
        for (const Panel p : {Panel::kDots, Panel::kScores, Panel::kExps}) whole_row(p, false);
      }
      whole_row(Panel::kWeights, false);
      outline(c, part(b[Panel::kValue], {}, f.component), false);
      outline(c, part(b[Panel::kOutput], f.query, f.component), true);
      return;
  }
}

// --- names and operators ---

void draw_titles(Canvas& c, const Board& b, const Result& r) {
  for (std::size_t i = 0; i < Attention::kPanels; ++i) {
    const auto p = static_cast<Panel>(i);
    const Grid& g = b[p];
    const PanelName name = name_of(r, p);
    const Point at{g.cells.x, g.cells.y - 13};
    widgets::draw_title(c, at, name.title, name.role, widgets::shape_words({g.rows, g.columns}));
  }
}

// q1, k1, v1 and a1 beside their rows and columns.
void draw_labels(Canvas& c, const Board& b) {
  const Grid& k = b[Panel::kKey];
  const float size = std::min({kLargestLabel, k.h * 0.75f, k.w * 0.7f});
  const auto label = [&](Point at, const char* letter, Index i, Role role, Align align) {
    const widgets::Math name = widgets::symbol(letter, std::to_string(i + 1), role);
    const float width = widgets::measure(c, name, size).width;
    const float shift = align == Align::kLeft ? 0 : align == Align::kRight ? width : width / 2;
    widgets::typeset(c, {at.x - shift, at.y}, name, size);
  };
  const auto beside_rows = [&](Panel p, const char* letter, Role role, bool left) {
    const Grid& g = b[p];
    for (Index i = 0; i < g.rows; ++i)
      label({left ? g.cells.x - 5 : g.cells.right() + 5, g.row(i).center().y}, letter, i, role,
            left ? Align::kRight : Align::kLeft);
  };
  beside_rows(Panel::kQuery, "q", Role::kInput, true);
  beside_rows(Panel::kValue, "v", Role::kOutput, true);
  beside_rows(Panel::kOutput, "y", Role::kOutput, false);
  for (Index j = 0; j < k.columns; ++j)
    label({k.column(j).center().x, k.cells.bottom() + 11}, "k", j, Role::kKernel, Align::kCenter);
}

float between(const Rect& left, const Rect& right) { return (left.right() + right.x) / 2; }

void draw_operator(Canvas& c, Point at, std::string_view sign) {
  c.text(at, sign, {widgets::kTitleSize_px, Face::kWords, Role::kText, Align::kCenter});
}

// An arrow that says above, and perhaps below, what it does.
void draw_step(Canvas& c, const Rect& from, const Rect& to, float y, const std::string& above,
               const std::string& below) {
  const TextStyle style{widgets::kQuietSize_px, Face::kWords, Role::kText, Align::kCenter};
  const float middle = between(from, to);
  c.text({middle, y - 12}, above, style);
  c.text({middle, y + 12}, below, style);
  widgets::arrow(c, {from.right() + 8, y}, {to.x - 7, y}, Role::kQuiet);
}

// "÷ √3", or "× 0.25" with as many digits as fit
std::string scale_words(const Canvas& c, const Result& r, float width) {
  if (r.params.scale == Attention::Scale::kRsqrt) return "÷ √" + std::to_string(r.depth());
  const TextStyle style{widgets::kQuietSize_px};
  return "× " + widgets::fitted(c, r.beta, style, width - c.text_width("× ", style), 4);
}

// Out of the end of the first band, back to the start of the second.
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

void draw_operators(Canvas& c, const Board& b, const Result& r) {
  const auto cells = [&](Panel p) { return b[p].cells; };
  const float first = cells(Panel::kDots).center().y, second = cells(Panel::kWeights).center().y;
  draw_operator(c, {between(cells(Panel::kQuery), cells(Panel::kKey)), first}, "·");
  draw_operator(c, {between(cells(Panel::kKey), cells(Panel::kDots)), first}, "=");
  const bool masks = r.params.masking != Attention::Masking::kNone;
  draw_step(c, cells(Panel::kDots), cells(Panel::kScores), first, scale_words(c, r, b.gap() - 4),
            masks ? "mask" : "");
  draw_step(c, b.sum(0), cells(Panel::kWeights), second, "÷ Σ", "");
  draw_operator(c, {between(cells(Panel::kWeights), cells(Panel::kValue)) - 8, second}, "·");
  draw_operator(c, {between(cells(Panel::kValue), cells(Panel::kOutput)), second}, "=");
  draw_return(c, b);
}

void draw_legends(Canvas& c, const Board& b, const Result& r) {
  for (const Panel p : {Panel::kDots, Panel::kScores, Panel::kExps, Panel::kWeights}) {
    const Grid& g = b[p];
    const Shade shade = shade_of(r, p);
    const float width = std::max(g.cells.w, kNarrowestLegend);
    widgets::legend(c, {g.cells.x, g.cells.bottom() + 9, width, 0}, shade.colormap, shade.range);
  }
}

// "0.0246  ·  0.6448", as far as the weights are there
std::string entropy_words(const Result& r, const Progress& progress) {
  std::string rows;
  for (Index t = 0; t < r.queries(); ++t)
    if (progress.of(Phase::kNormalise, t) == 1)
      rows += (rows.empty() ? "" : "  ·  ") + core::shown(r.attention.entropy[t], 4);
  return rows.empty() ? "" : "Entropy of each row of weights in nats:  " + rows;
}

// Touching a cell lights where it comes from; a click pins it, or turns a score on or off.
void touch(Canvas& c, const Board& b, const Result& r, Attention::View& v) {
  v.hovered.reset();
  for (std::size_t i = 0; i < Attention::kPanels; ++i) {
    const auto p = static_cast<Panel>(i);
    const Grid& g = b[p];
    const widgets::Touch t = c.touch(name_of(r, p).id, g.cells);
    if (!t.hovered) continue;
    const Cell cell{std::clamp<Index>(static_cast<Index>((t.at.y - g.cells.y) / g.h), 0, g.rows - 1),
                    std::clamp<Index>(static_cast<Index>((t.at.x - g.cells.x) / g.w), 0, g.columns - 1)};
    const bool edits =
        r.params.masking == Attention::Masking::kCustom && (p == Panel::kDots || p == Panel::kScores);
    widgets::point_at(Attention::Spot{p, cell}, t.clicked && !edits, v.hovered, v.pinned);
    if (t.clicked && edits) v.toggled_mask = cell;
  }
}

}  // namespace

void Attention::draw(const std::shared_ptr<const Result>& result, View& view, Canvas& canvas) {
  const Result& r = *result;
  const Board board(canvas, r);
  touch(canvas, board, r, view);
  const Focus lit = focus(r, view, canvas.reduce_motion());
  const Progress progress(r, lit);
  draw_titles(canvas, board, r);
  draw_labels(canvas, board);
  draw_operators(canvas, board, r);
  draw_legends(canvas, board, r);
  for (std::size_t i = 0; i < kPanels; ++i) draw_cells(canvas, board, r, static_cast<Panel>(i), progress);
  draw_sums(canvas, board, r, progress);
  draw_lights(canvas, board, lit);
  draw_flights(canvas, board, r, progress.now());
  const std::string entropy = entropy_words(r, progress);
  canvas.text({canvas.area().center().x, board.bottom() + 12}, entropy,
              {widgets::kQuietSize_px, Face::kWords, Role::kQuiet, Align::kCenter});
}

}  // namespace vitrine::labs
