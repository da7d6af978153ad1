// The picture of "Many heads": the grid of heads, one head large, the tokens with their links, and below them
// X -> q, k, v of the large head -> the heads side by side -> W_O -> Y.
#include <algorithm>
#include <cmath>

#include "app/labs/heads/board.h"
#include "app/labs/heads/flow.h"
#include "app/labs/heads/links.h"
#include "app/widgets/pointing.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using widgets::Align;
using widgets::Canvas;
using widgets::Cell;
using widgets::CellLook;
using widgets::Face;
using widgets::Point;
using widgets::Rect;
using widgets::Role;
using widgets::TextStyle;

namespace {

using Focus = ManyHeads::Focus;
using Panel = ManyHeads::Panel;
using Phase = ManyHeads::Phase;
using Result = ManyHeads::Result;
using Spot = ManyHeads::Spot;
using View = ManyHeads::View;

const ManyHeads::Head& head_of(const Result& r, const Focus& f) {
  return r.heads[static_cast<std::size_t>(f.head)];
}

void outline(Canvas& c, const Rect& r, bool target) {
  if (target) c.stroke(r, Role::kStage, 5);  // so that the light shows on pale cells too
  c.stroke(r.inset(target ? 0 : 0.5f), {Role::kFocus, target ? 1.0f : 0.6f}, target ? 2.5f : 1.5f);
}

// --- the heads ---

// "head 1   H 2.18", as much of it as fits.
void draw_thumbnail_title(Canvas& c, const Rect& box, Index head, double entropy, const TextStyle& style,
                          bool there) {
  const std::string number = std::to_string(head + 1), value = core::shown(entropy, 3);
  const TextStyle quiet{widgets::kQuietSize_px - 1, Face::kNumbers, Role::kQuiet, Align::kRight};
  const float y = box.y - 8;
  const auto fits = [&](const std::string& left, const std::string& right) {
    return c.text_width(left, style) + c.text_width(right, quiet) + 6 <= box.w;
  };
  const std::string left = fits("head " + number, "H " + value) ? "head " + number : number;
  const std::string right = fits(left, "H " + value) ? "H " + value : fits(left, value) ? value : "";
  c.text({box.x, y}, left, style);
  if (there) c.text({box.right(), y}, right, quiet);
}

void draw_thumbnails(Canvas& c, const HeadsBoard& b, const std::shared_ptr<const Result>& result,
                     const Focus& f, View& view) {
  const Result& r = *result;
  widgets::draw_title(c, {b.thumbnails.x, b.thumbnails.y - 12}, "Heads", Role::kText,
                      "entropy of at most " + core::shown(r.most_entropy, 3) + " nats",
                      b.map.x - b.row_names.w - b.thumbnails.x - 8);
  for (Index h = 0; h < static_cast<Index>(r.heads.size()); ++h) {
    const ManyHeads::Head& head = r.heads[static_cast<std::size_t>(h)];
    const Rect box = b.thumbnail(h);
    const std::string id = "heads head " + std::to_string(h + 1);
    c.heatmap({id, box, &head.thumbnail, gpu::Colormap::kMagma, r.weight_range(), result});
    veil(c, box, f.of(h == f.head ? Phase::kWeights : Phase::kHeads));
    const bool large = h == f.head;
    const TextStyle name{widgets::kQuietSize_px - 1, large ? Face::kStrong : Face::kWords,
                         large ? Role::kText : Role::kQuiet};
    draw_thumbnail_title(c, box, h, head.mean_entropy, name,
                         f.of(large ? Phase::kWeights : Phase::kHeads) >= 1);
    const auto t = c.touch(id, box);
    if (t.clicked) view.head = h;
    if (large)
      outline(c, box.inset(-1), true);
    else if (t.hovered)
      c.stroke(box.inset(-1), {Role::kFocus, 0.5f}, 1.5f);
    // The lit token's row or column, in all heads.
    const float side = box.h / static_cast<float>(r.tokens()), width = std::max(side, 2.0f);
    if (f.query)
      c.stroke({box.x, box.y + side * static_cast<float>(*f.query), box.w, width}, {Role::kFocus, 0.8f}, 1);
    else if (f.key)
      c.stroke({box.x + side * static_cast<float>(*f.key), box.y, width, box.h}, {Role::kFocus, 0.8f}, 1);
  }
}

// The large head: its scores until the weights are there.
void draw_map(Canvas& c, const HeadsBoard& b, const std::shared_ptr<const Result>& result, const Focus& f) {
  const Result& r = *result;
  const ManyHeads::Head& head = head_of(r, f);
  const float weights = f.of(Phase::kWeights), scores = r.has_scores() ? f.of(Phase::kScores) : 0;
  const bool shows_scores = weights == 0 && scores > 0;
  const std::string id = "heads map " + std::to_string(f.head) + (shows_scores ? " scores" : "");
  widgets::LargeMatrix matrix{.id = id,
                              .values = shows_scores ? &head.scores.shown : &head.weights,
                              .source = result,
                              .colormap = shows_scores ? gpu::Colormap::kDiverging : gpu::Colormap::kMagma,
                              .range = shows_scores ? head.scores.range : r.weight_range(),
                              .box = b.map,
                              .max_cell = 400};
  if (!shows_scores) matrix.blocks = &head.blocks;
  matrix.look = [&r, shows_scores](Cell at) {
    return CellLook{.masked = !shows_scores && !r.may_see(at.row, at.column)};
  };
  const widgets::MatrixLayout m = layout(matrix);
  widgets::draw_title(c, {b.map.x, b.map.y - 12},
                      (shows_scores ? "Scores of head " : "Weights of head ") + std::to_string(f.head + 1),
                      Role::kText, widgets::shape_words({m.rows, m.columns}), b.map.w + 20);
  widgets::draw(c, matrix);
  veil(c, m.cells, shows_scores ? scores : weights);
  const bool saturates = !shows_scores && matrix.range.hi < r.most_weight;
  const float legend = std::min(b.map.w - (saturates ? 50 : 0), 140.0f);
  widgets::legend(c, {b.map.x, b.map.bottom() + 6, legend, 0}, matrix.colormap, matrix.range);
  if (saturates)
    c.text({b.map.x + legend + 6, b.map.bottom() + 23}, "or more",
           {widgets::kQuietSize_px - 2, Face::kWords, Role::kQuiet});
  if (b.row_names.w > 0 && m.cell >= 9)
    for (Index t = 0; t < r.tokens(); ++t) {
      const TextStyle style{std::min(widgets::kQuietSize_px, m.cell * 0.8f), Face::kWords,
                            f.query == t ? Role::kText : Role::kQuiet, Align::kRight};
      const std::string word = written(r.words[static_cast<std::size_t>(t)]);
      c.text({b.map.x - 6, m.at({t, 0}).center().y}, widgets::elided(c, word, style, b.row_names.w - 8),
             style);
    }
  const float hair = widgets::hairline(c);
  if (f.query && f.key)
    outline(c, m.at({*f.query, *f.key}).inset(-hair), true);
  else if (f.query)
    c.stroke(Rect{m.cells.x, m.at({*f.query, 0}).y, m.cells.w, m.cell}.inset(-hair), Role::kFocus, 2);
  else if (f.key)
    c.stroke(Rect{m.at({0, *f.key}).x, m.cells.y, m.cell, m.cells.h}.inset(-hair), Role::kFocus, 2);
}

// --- what is lit and what moves ---

// By the pointer: the row of its token in every sheet, or what a number is made of.
void draw_spot(Canvas& c, const HeadsBoard& b, const Result& r, const Focus& f) {
  const auto [panel, cell] = *f.spot;
  const auto row = [&](Panel p, Index t) { outline(c, b[p].row(t), false); };
  if (static_cast<std::size_t>(panel) < ManyHeads::kSheets)
    outline(c, b[panel].at(cell.row, cell.column), true);
  switch (panel) {
    case Panel::kQuery:
    case Panel::kKey:
    case Panel::kValue: {
      row(Panel::kInput, cell.row);
      const int weights =
          static_cast<int>(panel) - static_cast<int>(Panel::kQuery) + static_cast<int>(Panel::kQueryWeights);
      row(static_cast<Panel>(weights), cell.column);
      return;
    }
    case Panel::kConcat:
      outline(c, b[Panel::kValue].column(cell.column % r.value_dim()), false);
      return;
    case Panel::kOutput:
      row(Panel::kConcat, cell.row);
      row(Panel::kOutWeights, cell.column);
      return;
    case Panel::kQueryWeights:
    case Panel::kKeyWeights:
    case Panel::kValueWeights:
    case Panel::kOutWeights:
    case Panel::kInput:
      return;
    default:
      break;
  }
  if (f.query) row(Panel::kQuery, *f.query);
  if (f.query && !f.key)
    for (const Panel p : {Panel::kInput, Panel::kConcat, Panel::kOutput}) row(p, *f.query);
  if (f.key) row(Panel::kKey, *f.key), row(Panel::kValue, *f.key);
}

// By the playhead: what becomes, strongly, and what it is made of.
void draw_phase(Canvas& c, const HeadsBoard& b, const Result& r, const Focus& f) {
  const auto light = [&](Panel p, bool target) { outline(c, b[p].cells, target); };
  const Index width = r.value_dim();
  const Rect band = b[Panel::kConcat].band(f.head * width, width);
  switch (f.phase) {
    case Phase::kTokens:
      return light(Panel::kInput, true);
    case Phase::kProject:
      for (const Panel p : {Panel::kInput, Panel::kQueryWeights, Panel::kKeyWeights, Panel::kValueWeights})
        light(p, false);
      for (const Panel p : {Panel::kQuery, Panel::kKey, Panel::kValue}) light(p, true);
      return;
    case Phase::kScores:
      light(Panel::kQuery, false);
      light(Panel::kKey, false);
      return outline(c, b.map, true);
    case Phase::kWeights:
      return outline(c, b.map, true);
    case Phase::kMix:
      outline(c, b.map, false);
      light(Panel::kValue, false);
      return outline(c, band, true);
    case Phase::kHeads:
      for (Index h = 0; h < static_cast<Index>(r.heads.size()); ++h)
        outline(c, b.thumbnail(h).inset(-1), true);
      return;
    case Phase::kConcat:
      return light(Panel::kConcat, true);
    case Phase::kOut:
      light(Panel::kConcat, false);
      light(Panel::kOutWeights, false);
      return light(Panel::kOutput, true);
  }
}

// Shapes on their way from what made them to what they become.
void draw_flights(Canvas& c, const HeadsBoard& b, const Result& r, const Focus& f) {
  if (f.progress <= 0 || f.progress >= 1) return;
  const auto fly = [&](const Rect& from, const Rect& to, Role role) {
    const Rect at = mix(from, to, f.progress);
    c.fill(at, {role, 0.35f});
    c.stroke(at, {role, 0.8f}, 1.5f);
  };
  const auto cells = [&](Panel p) { return b[p].cells; };
  const Index width = r.value_dim();
  const auto band = [&](Index h) { return b[Panel::kConcat].band(h * width, width); };
  switch (f.phase) {
    case Phase::kTokens:
      return fly(b.links, cells(Panel::kInput), Role::kInput);
    case Phase::kProject:
      fly(cells(Panel::kInput), cells(Panel::kQuery), Role::kInput);
      fly(cells(Panel::kInput), cells(Panel::kKey), Role::kKernel);
      return fly(cells(Panel::kInput), cells(Panel::kValue), Role::kOutput);
    case Phase::kScores:
      fly(cells(Panel::kQuery), b.map, Role::kInput);
      return fly(cells(Panel::kKey), b.map, Role::kKernel);
    case Phase::kWeights:  // happens in its place
      return;
    case Phase::kMix:
      fly(b.map, band(f.head), Role::kKernel);
      return fly(cells(Panel::kValue), band(f.head), Role::kOutput);
    case Phase::kHeads:
      for (Index h = 0; h < static_cast<Index>(r.heads.size()); ++h)
        if (h != f.head) fly(cells(Panel::kInput), b.thumbnail(h), Role::kInput);
      return;
    case Phase::kConcat:
      for (Index h = 0; h < static_cast<Index>(r.heads.size()); ++h)
        if (h != f.head) fly(b.thumbnail(h), band(h), Role::kOutput);
      return;
    case Phase::kOut:
      fly(cells(Panel::kConcat), cells(Panel::kOutput), Role::kOutput);
      return fly(cells(Panel::kOutWeights), cells(Panel::kOutput), Role::kKernel);
  }
}

void touch(Canvas& c, const HeadsBoard& b, const Result& r, View& view) {
  view.hovered.reset();
  const auto point = [&](const widgets::Touch& t, Panel panel, Cell cell) {
    if (t.hovered) widgets::point_at(Spot{panel, cell}, t.clicked, view.hovered, view.pinned);
  };
  for (std::size_t i = 0; i < ManyHeads::kSheets; ++i) {
    const HeadsGrid& g = b[static_cast<Panel>(i)];
    const widgets::Touch t = c.touch(sheet_id(static_cast<Panel>(i)), g.cells);
    point(t, static_cast<Panel>(i), g.under(t.at));
  }
  const HeadsGrid map{b.map, r.tokens(), r.tokens(), b.map.w / static_cast<float>(r.tokens()),
                      b.map.h / static_cast<float>(r.tokens())};
  const widgets::Touch on_map = c.touch("heads weights", b.map);
  point(on_map, Panel::kWeights, map.under(on_map.at));
  if (r.patch_rows > 0) {
    const Rect first = b.patch(r, 0);
    const HeadsGrid patches{{b.links.x, b.links.y, first.w * static_cast<float>(r.patch_columns),
                             first.h * static_cast<float>(r.patch_rows)},
                            r.patch_rows,
                            r.patch_columns,
                            first.w,
                            first.h};
    const widgets::Touch t = c.touch("heads patches", patches.cells);
    const Cell at = patches.under(t.at);
    return point(t, Panel::kQueryToken, {at.row * r.patch_columns + at.column, 0});
  }
  for (const bool key : {false, true}) {
    const Rect top = b.chip(0, key);
    const HeadsGrid names{
        {top.x, top.y, top.w, top.h * static_cast<float>(r.tokens())}, r.tokens(), 1, top.w, top.h};
    const widgets::Touch t = c.touch(key ? "heads keys" : "heads queries", names.cells);
    point(t, key ? Panel::kKeyToken : Panel::kQueryToken, names.under(t.at));
  }
}

}  // namespace

void ManyHeads::draw(const std::shared_ptr<const Result>& result, View& view, Canvas& canvas) {
  const Result& r = *result;
  const HeadsBoard board(canvas, r, focus(r, view, true).head);
  touch(canvas, board, r, view);
  const Focus lit = focus(r, view, canvas.reduce_motion());
  draw_thumbnails(canvas, board, result, lit, view);
  draw_map(canvas, board, result, lit);
  const std::string unit = r.patch_rows > 0 ? "patches of " + std::to_string(r.params.patch) + " × " +
                                                  std::to_string(r.params.patch) + " pixels"
                           : r.tokens() == 1 ? "token"
                                             : "tokens";
  widgets::draw_title(canvas, {board.links.x, board.links.y - 12}, core::grouped(r.tokens()) + " " + unit,
                      Role::kInput, "");
  if (r.patch_rows > 0)
    draw_patches(canvas, board, result, lit);
  else
    draw_ribbons(canvas, board, r, lit);
  draw_links_caption(canvas, board, r, lit);
  draw_flow(canvas, board, result, lit);
  if (lit.spot)
    draw_spot(canvas, board, r, lit);
  else
    draw_phase(canvas, board, r, lit);
  draw_flights(canvas, board, r, lit);
}

}  // namespace vitrine::labs
