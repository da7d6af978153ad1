#include "app/labs/encoder/detail.h"

#include <algorithm>
#include <cmath>

#include "app/widgets/pointing.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using widgets::Align;
using widgets::Canvas;
using widgets::Cell;
using widgets::CellLook;
using widgets::Face;
using widgets::Math;
using widgets::Point;
using widgets::Rect;
using widgets::Role;
using widgets::Shade;
using widgets::TextStyle;

namespace {

using Kind = Formula::Kind;
using Node = Encoder::Node;
using Result = Encoder::Result;
using Which = Encoder::Which;
using sequence::DropoutPlace;

constexpr float kHeading = 26, kOperandTitle = 20;
constexpr float kWidestCell = 112, kHighestCell = 68, kLowestCell = 4;
constexpr float kSign = 26, kBiasSign = 44, kAroundWords = 22;
constexpr float kBiasBelow = 0.35f;  // between weights and the bias below them, in cells
constexpr float kNameSize = 15;
constexpr float kFlat = 0.62f, kReadable = 17;  // a cell's height to its width; higher than this if it can
constexpr float kLeastWords = 60;               // of the heading beside the check
constexpr float kTokenWords = 56;               // left of the first matrix
constexpr float kNumbersFrom = 20;              // a narrower cell shows no number
constexpr float kMeeting = 0.45f;               // of a product's motion: until its factors have met
constexpr float kSpread = 0.55f;                // of the motion that follows: until the last one starts

using widgets::as_float;
bool is_words(const std::string& sign) { return sign.size() > 3; }  // "÷" and "−" have up to three bytes

// The cells of an operand that make the result's cell.
template <class Visit>
void each_source(const Operand& o, Cell target, const Visit& visit) {
  const Index row = std::min(target.row, o.sheet.rows - 1),
              column = std::min(target.column, o.sheet.columns - 1);
  switch (o.reach) {
    case Reach::kCell:
      visit(Cell{row, column});
      break;
    case Reach::kRow:
      for (Index c = 0; c < o.sheet.columns; ++c) visit(Cell{row, c});
      break;
    case Reach::kColumn:
      for (Index r = 0; r < o.sheet.rows; ++r) visit(Cell{r, column});
      break;
  }
}

}  // namespace

gpu::Range range_of(const core::Tensor<double>& values) {
  const gpu::Range range = widgets::symmetric_range(values);
  return range.hi > 1e-9f ? range : gpu::Range{-1, 1};
}

Shade shade_of(const Result& r, const std::optional<Which>& which, bool gradient) {
  if (gradient)
    return widgets::mapped(gpu::Colormap::kDiverging,
                           which && which->weight ? r.weights_range : r.nodes_range);
  if (which && which->is(Node::kWeights)) return widgets::mapped(gpu::Colormap::kMagma, {0, 1});
  if (which && which->weight) return widgets::tinted(Role::kKernel, r.values(*which));
  return widgets::mapped(gpu::Colormap::kDiverging, range_of(which ? r.values(*which) : r.slopes));
}

CellLook look_of(const Result& r, const std::optional<Which>& which, bool gradient, Index flat) {
  if (!which || which->weight || !r.params.drops()) return {};
  const auto dropped = [&](Node before, Node after, DropoutPlace place) {
    return which->is(gradient ? before : after) && r.block.factors[place][flat] == 0;
  };
  return {.masked = dropped(Node::kProjected, Node::kDropped1, DropoutPlace::kAfterAttention) ||
                    dropped(Node::kActivated, Node::kKept, DropoutPlace::kInsideMlp) ||
                    dropped(Node::kMlp, Node::kDropped2, DropoutPlace::kAfterMlp)};
}

Math math_of(const Operand& o, const std::string& index) {
  std::string sub = o.name.sub;
  if (!index.empty()) sub += (sub.empty() ? "" : " ") + index;
  const std::string name = o.name.composite && o.gradient ? "(" + o.name.base + ")" : o.name.base;
  const std::string base = o.gradient && o.which ? "dL/d" + name : name;
  const bool turned = o.is_transposed && index.empty();
  return widgets::scripts(widgets::word(base, o.name.role), widgets::word(sub, o.name.role),
                          widgets::word(turned ? "T" : "", o.name.role));
}

EncoderDetail::EncoderDetail(const Canvas& canvas, const Rect& area, float heading_end, const Result& r,
                             const Formula& formula)
    : r_(r), formula_(formula), area_(area), heading_end_(heading_end) {
  for (const Operand& o : formula.operands) places_.push_back({&o});
  places_.push_back({&formula.result});
  float signs = 0, columns = 0, rows = 1;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const Operand& o = *places_[i].operand;
    rows = std::max(rows, as_float(o.sheet.rows));
    if (o.below) {
      rows = std::max(rows, as_float(places_[i - 1].operand->sheet.rows) + 1 + kBiasBelow);
      continue;
    }
    const bool has_bias = i + 1 < places_.size() && places_[i + 1].operand->below;
    float w = i == 0 || o.sign.empty() ? 0 : has_bias ? kBiasSign : kSign;
    if (is_words(o.sign) && i > 0)
      w = std::max(w, canvas.text_width(o.sign, {widgets::kQuietSize_px}) + kAroundWords);
    if (formula.kind == Kind::kActivation && i == 1) w = std::clamp(area.w * 0.3f, 120.0f, 320.0f);
    places_[i].sign.w = w;
    signs += w;
    columns += as_float(o.sheet.columns);
  }
  cell_w_ = std::min(kWidestCell, (area.w - signs) / columns);
  cell_h_ = std::clamp((area.h - kHeading - kOperandTitle) / rows, kLowestCell,
                       std::clamp(kFlat * cell_w_, std::min(cell_w_, kReadable), kHighestCell));
  cell_w_ = std::min(cell_w_, cell_h_ * 2);
  if (cell_w_ >= 4) cell_w_ = std::floor(cell_w_);
  if (cell_h_ >= 4) cell_h_ = std::floor(cell_h_);
  float x = area.x + std::max(0.0f, (area.w - signs - cell_w_ * columns) / 2);
  const float high = cell_h_ * rows, spare = area.h - kHeading - kOperandTitle - high;
  const float top = area.y + kHeading + kOperandTitle + std::max(0.0f, spare / 2);
  for (std::size_t i = 0; i < places_.size(); ++i) {
    Place& p = places_[i];
    const Sheet& s = p.operand->sheet;
    const float w = cell_w_ * as_float(s.columns), h = cell_h_ * as_float(s.rows);
    if (p.operand->below) {
      const Rect& above = places_[i - 1].cells;
      p.cells = {above.x, above.bottom() + std::floor(cell_h_ * kBiasBelow), w, h};
      p.sign = {above.x - kBiasSign, p.cells.y, kBiasSign, h};
      continue;
    }
    p.sign = {x, top, p.sign.w, high};
    x += p.sign.w;
    float y = top + (high - h) / 2;
    const bool has_bias = i + 1 < places_.size() && places_[i + 1].operand->below;
    if (has_bias) y = top + (high - h - cell_h_ * (1 + kBiasBelow)) / 2;
    p.cells = {std::floor(x), std::floor(y), w, h};
    x += w;
  }
}

Rect EncoderDetail::at(const Place& p, Index row, Index column) const {
  return {p.cells.x + cell_w_ * as_float(column), p.cells.y + cell_h_ * as_float(row), cell_w_, cell_h_};
}

void EncoderDetail::touch(Canvas& canvas, const Encoder::Focus& focus, Encoder::View& view) const {
  view.target.reset();
  const Cell lit = formula_.result.sheet.find(focus.cell).value_or(Cell{});
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const Operand& o = *places_[i].operand;
    const widgets::Touch t = canvas.touch(
        "encoder detail " + (i + 1 < places_.size() ? std::to_string(i + 1) : "result"), places_[i].cells);
    if (!t.hovered) continue;
    const auto index = [](float offset, float size, Index n) {
      return std::clamp<Index>(static_cast<Index>(offset / size), 0, n - 1);
    };
    const Cell cell{index(t.at.y - places_[i].cells.y, cell_h_, o.sheet.rows),
                    index(t.at.x - places_[i].cells.x, cell_w_, o.sheet.columns)};
    view.target = Cell{o.reach == Reach::kColumn ? lit.row : cell.row,
                       o.reach == Reach::kRow ? lit.column : cell.column};
    if (t.clicked && o.which) {
      const Encoder::Spot spot{*o.which, o.sheet.flat(cell.row, cell.column)};
      view.pinned = view.pinned == spot ? std::nullopt : std::optional(spot);
    }
  }
}

void EncoderDetail::draw(Canvas& canvas, const Encoder::Focus& focus) const {
  const Cell target = formula_.result.sheet.find(focus.cell).value_or(Cell{});
  draw_heading(canvas, focus);
  for (const Place& p : places_) {
    draw_sign(canvas, p);
    draw_operand(canvas, focus, p);
  }
  if (formula_.kind == Kind::kActivation) draw_curve(canvas, places_[1].sign, focus);
  draw_lights(canvas, target);
  if (!focus.pointed && focus.progress < 1) fly(canvas, target, focus.progress);
}

void EncoderDetail::draw_heading(Canvas& canvas, const Encoder::Focus& focus) const {
  const float y = area_.y + kHeading / 2 - 2;
  Operand name = formula_.result;
  const Math symbol = math_of(name);
  widgets::typeset(canvas, {area_.x, y}, symbol, widgets::kExplainSize_px);
  float x = area_.x + widgets::measure(canvas, symbol, widgets::kExplainSize_px).width + 12;
  const TextStyle quiet{widgets::kQuietSize_px, Face::kWords, Role::kQuiet};
  float right = heading_end_;
  const Encoder::Step& step = focus.spot && r_.params.backward()
                                  ? Encoder::Step{focus.spot->which, r_.part_of(*focus.spot)}
                                  : focus.step;
  if (r_.params.backward()) {
    const Encoder::Spot spot{step.which, focus.cell};
    const double check = r_.check(step.which)[focus.cell], error = r_.error(spot);
    const TextStyle style{widgets::kQuietSize_px, Face::kWords,
                          r_.is_suspicious(spot) ? Role::kTrouble : Role::kQuiet, Align::kRight};
    for (const std::string& words :
         {"finite difference " + core::shown(check, 5) + ", off by " + core::shown(error, 1),
          "finite difference ±" + core::shown(error, 1)}) {
      if (x + canvas.text_width(words, style) + kLeastWords > right) continue;
      canvas.text({right, y}, words, style);
      right -= canvas.text_width(words, style) + 16;
      break;
    }
  }
  std::string words = cell_w_ * canvas.zoom() < kNumbersFrom ? "zoom in with the wheel, and the numbers show"
                                                             : words_of(step.which, step.part);
  if (canvas.text_width(words, quiet) > right - x) words = words.substr(0, words.find(':'));
  canvas.text({x, y}, widgets::elided(canvas, words, quiet, right - x), quiet);
}

void EncoderDetail::draw_operand(Canvas& canvas, const Encoder::Focus& focus, const Place& p) const {
  const Operand& o = *p.operand;
  const bool is_result = &o == &formula_.result;
  const float alpha = is_result && !focus.pointed ? focus.progress : 1;
  const Shade shade = shade_of(r_, o.which, o.gradient);
  for (Index row = 0; row < o.sheet.rows; ++row)
    for (Index column = 0; column < o.sheet.columns; ++column) {
      const Index flat = o.sheet.flat(row, column);
      CellLook look = look_of(r_, o.which, o.gradient, flat);
      if (!o.which && o.name.role != Role::kGradient)
        look = {.masked = (*o.sheet.values)[flat] == 0, .plain = true};
      look.alpha = alpha * alpha;
      widgets::draw_cell(canvas, at(p, row, column), (*o.sheet.values)[flat], look, shade);
    }
  canvas.stroke(p.cells, is_result ? Role::kQuiet : Role::kHairline);
  canvas.numbers({(o.gradient ? "dL/d " : "") + o.name.base + (o.name.sub.empty() ? "" : " ") + o.name.sub,
                  p.cells, o.sheet.values});
  if (o.below) return;
  const bool by_token = o.which && !o.which->weight && !o.is_transposed;
  if (&p == &places_.front() && by_token && p.cells.x - area_.x > kTokenWords && cell_h_ >= 14)
    for (Index row = 0; row < o.sheet.rows; ++row)
      canvas.text({p.cells.x - 8, at(p, row, 0).center().y}, "token " + std::to_string(row + 1),
                  {widgets::kQuietSize_px - 1, Face::kWords, Role::kQuiet, Align::kRight});
  const Math name = math_of(o);
  const Point title{p.cells.x, p.cells.y - kOperandTitle / 2};
  widgets::typeset(canvas, title, name, kNameSize);
  const float width = widgets::measure(canvas, name, kNameSize).width + 7;
  const TextStyle quiet{widgets::kQuietSize_px - 1, Face::kWords, Role::kQuiet};
  const std::string shape = widgets::shape_words({o.sheet.rows, o.sheet.columns});
  if (width + canvas.text_width(shape, quiet) < p.cells.w + kSign - 6)
    canvas.text({title.x + width, title.y}, shape, quiet);
}

void EncoderDetail::draw_sign(Canvas& canvas, const Place& p) const {
  const Operand& o = *p.operand;
  if (o.below) {
    const Math name = widgets::row({widgets::word("+"), math_of(o)});
    const float width = widgets::measure(canvas, name, kNameSize).width;
    widgets::typeset(canvas, {p.cells.x - 6 - width, p.cells.center().y}, name, kNameSize);
    return;
  }
  if (p.sign.w <= 0 || (formula_.kind == Kind::kActivation && &o == &formula_.result)) return;
  const Point middle{p.sign.center().x, p.cells.center().y};
  if (!is_words(o.sign)) {
    canvas.text(middle, o.sign, {widgets::kExplainSize_px, Face::kWords, Role::kText, Align::kCenter});
    return;
  }
  const TextStyle style{widgets::kQuietSize_px, Face::kWords, Role::kText, Align::kCenter};
  if (&o != &formula_.result || o.sign.ends_with("=")) {
    canvas.text(middle, o.sign, style);
    return;
  }
  canvas.text({middle.x, middle.y - 12}, o.sign, style);
  widgets::arrow(canvas, {p.sign.x + 8, middle.y}, {p.sign.right() - 8, middle.y}, Role::kQuiet);
}

// act(u) over u, a dot for every hidden number, and the lit one with its lines to both axes.
void EncoderDetail::draw_curve(Canvas& canvas, const Rect& box, const Encoder::Focus& focus) const {
  const Rect area{box.x + 14, area_.y + kHeading + 4, box.w - 28, area_.h - kHeading - 18};
  if (area.w < 40 || area.h < 30) return;
  const double end = r_.curve.back().x, low = -0.35, high = r_.curve.back().y;
  const auto place = [&](double u, double y) {
    return Point{area.x + area.w * static_cast<float>((u + end) / (2 * end)),
                 area.bottom() - area.h * static_cast<float>((y - low) / (high - low))};
  };
  canvas.line(place(-end, 0), place(end, 0), Role::kHairline);
  canvas.line(place(0, low), place(0, high), Role::kHairline);
  std::vector<Point> points;
  for (const widgets::Sample& s : r_.curve) points.push_back(place(s.x, s.y));
  canvas.polyline(points, Role::kOutput, 2);
  const auto &u = r_.block.nodes[Node::kHidden], &y = r_.block.nodes[Node::kActivated];
  const auto dot = [&](Index i, float size, Role role) {
    if (!std::isfinite(u[i]) || std::abs(u[i]) > end) return;
    const Point p = place(u[i], y[i]);
    canvas.fill({p.x - size, p.y - size, 2 * size, 2 * size}, role);
  };
  for (Index i = 0; i < u.count(); ++i) dot(i, 2, Role::kText);
  if (std::isfinite(u[focus.cell]) && std::abs(u[focus.cell]) <= end) {
    const Point p = place(u[focus.cell], y[focus.cell]);
    canvas.line({p.x, place(0, 0).y}, p, Role::kFocus, 1.5f);
    canvas.line(p, {place(0, 0).x, p.y}, Role::kFocus, 1.5f);
    dot(focus.cell, 4, Role::kFocus);
  }
  const TextStyle style{widgets::kQuietSize_px, Face::kWords, Role::kQuiet, Align::kRight};
  canvas.text({area.right(), area.bottom() + 4}, "u", style);
  canvas.text({place(0, high).x - 6, area.y + 6}, formula_.result.sign + "(u)", style);
}

void EncoderDetail::draw_lights(Canvas& canvas, Cell target) const {
  for (const Place& p : places_) {
    const bool is_result = p.operand == &formula_.result;
    if (is_result) {
      const Rect cell = at(p, target.row, target.column);
      canvas.stroke(cell, Role::kStage, 4);
      canvas.stroke(cell.inset(0.5f), Role::kFocus, 2.5f);
      continue;
    }
    each_source(*p.operand, target, [&](Cell c) {
      canvas.stroke(at(p, c.row, c.column).inset(1), {Role::kFocus, 0.75f}, 1.5f);
    });
  }
}

// What makes the lit number flies into it, one after the other, the nearest first. Of a product, each pair of
// factors meets before.
void EncoderDetail::fly(Canvas& canvas, Cell target, float f) const {
  const Rect to = at(places_.back(), target.row, target.column);
  const auto number = [&](std::size_t operand, Cell c, const Rect& place, float alpha) {
    const Operand& o = *places_[operand].operand;
    widgets::draw_flying(canvas, place, o.sheet.at(c.row, c.column),
                         {.alpha = alpha, .plain = !o.which && !o.gradient},
                         shade_of(r_, o.which, o.gradient));
  };
  const bool meets = formula_.kind == Kind::kProduct || formula_.kind == Kind::kProducts;
  const std::size_t pairs = meets ? formula_.operands.size() / 2 * 2 : 0;
  struct Flight {
    std::size_t operand;
    Cell cell;
    Rect from;
  };
  std::vector<Flight> flights;
  for (std::size_t i = 0; i < pairs; i += 2)
    for (Index k = 0; k < formula_.operands[i].sheet.columns; ++k)
      flights.push_back({i, {target.row, k}, at(places_[i + 1], k, target.column)});
  for (std::size_t i = pairs; i < formula_.operands.size(); ++i)
    each_source(formula_.operands[i], target, [&](Cell c) {
      flights.push_back({i, c, at(places_[i], c.row, c.column)});
    });
  if (const float meeting = f / kMeeting; pairs > 0 && meeting < 1) {
    for (const Flight& flight : flights)
      if (flight.operand < pairs)
        number(flight.operand, flight.cell,
               mix(at(places_[flight.operand], flight.cell.row, flight.cell.column), flight.from, meeting),
               1);
    return;
  }
  std::stable_sort(flights.begin(), flights.end(),
                   [](const Flight& a, const Flight& b) { return a.from.x > b.from.x; });
  const float all = pairs > 0 ? (f - kMeeting) / (1 - kMeeting) : f;
  for (std::size_t i = flights.size(); i-- > 0;) {  // the first ones on top of those that follow
    const Flight& flight = flights[i];
    const float way = widgets::staggered(all, i, flights.size(), kSpread);
    if (way >= 1) continue;
    const Rect place = mix(flight.from, to, way);
    const float alpha = std::min(1.0f, 4 * (1 - way));
    if (flight.operand >= pairs) {
      if (way > 0) number(flight.operand, flight.cell, place, alpha);
      continue;
    }
    const Operand &a = formula_.operands[flight.operand], &b = formula_.operands[flight.operand + 1];
    widgets::draw_flying_product(canvas, place, a.sheet.at(target.row, flight.cell.column),
                                 b.sheet.at(flight.cell.column, target.column), alpha);
  }
}

}  // namespace vitrine::labs
