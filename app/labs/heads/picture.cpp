// The picture of "Many heads": the grid of heads, one head large, the tokens with their links, and below them
// X -> q, k, v of the large head -> the heads side by side -> W_O -> Y.
#include <algorithm>
#include <cmath>

#include "app/labs/heads/board.h"
#include "app/labs/heads/flow.h"
#include "app/labs/heads/links.h"
#include "app/labs/heads/thumbnails.h"
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

constexpr float kThinnestRow_px = 3, kThinRow_px = 24;  // that is lit or flies; that a light stands around

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
                              .max_cell = b.map.w};
  if (!shows_scores) matrix.blocks = &head.blocks;
  matrix.look = [&r, shows_scores](Cell at) {
    return CellLook{.masked = !shows_scores && !r.may_see(at.row, at.column)};
  };
  const widgets::MatrixLayout m = layout(matrix);
  const std::string title =
                        (shows_scores ? "Scores of head " : "Weights of head ") + std::to_string(f.head + 1),
                    shape = widgets::shape_words({m.rows, m.columns}),
                    sides = core::grouped(m.rows) + " queries × " + core::grouped(m.columns) + " keys";
  const float room = b.links.x - b.map.x - 8;
  const bool wide = c.text_width(title, {widgets::kTextSize_px, Face::kStrong}) + 10 +
                        c.text_width(sides, {widgets::kQuietSize_px}) <=
                    room;
  widgets::draw_title(c, {b.map.x, b.map.y - 12}, title, Role::kText, wide ? sides : shape, room);
  widgets::draw(c, matrix);
  c.numbers(shows_scores ? widgets::Numbers{"scores", m.cells, &head.scores.values}
                         : widgets::Numbers{"weights", m.cells, &head.weights});
  veil(c, m.cells, shows_scores ? scores : weights);
  const bool saturates = !shows_scores && matrix.range.hi < r.most_weight;
  const float legend = std::min(b.map.w - (saturates ? 50 : 0), 140.0f);
  widgets::legend(c, {b.map.x, b.map.bottom() + 6, legend, 0}, matrix.colormap, matrix.range);
  if (saturates)
    c.text({b.map.x + legend + 6, b.map.bottom() + 23}, "or more",
           {widgets::kQuietSize_px - 2, Face::kWords, Role::kQuiet});
  if (b.row_names.w > 0 && m.cell * std::max(c.zoom(), 1.0f) >= 9)
    for (Index t = 0; t < r.tokens(); ++t) {
      const TextStyle style{std::min(widgets::kQuietSize_px, m.cell * 0.8f), Face::kWords,
                            f.query == t ? Role::kText : Role::kQuiet, Align::kRight, true};
      const std::string word = written(r.words[static_cast<std::size_t>(t)]);
      c.text({b.map.x - 6, m.at({t, 0}).center().y}, widgets::elided(c, word, style, b.row_names.w - 8),
             style);
    }
  const float hair = widgets::hairline(c);
  if (f.query && f.key)
    outline(c, m.at({*f.query, *f.key}).inset(-hair), true);
  else if (f.query)
    outline(c, Rect{m.cells.x, m.at({*f.query, 0}).y, m.cells.w, m.cell}.inset(-2 * hair), true);
  else if (f.key)
    outline(c, Rect{m.at({0, *f.key}).x, m.cells.y, m.cell, m.cells.h}.inset(-2 * hair), true);
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

// Token t's row of a sheet, of a head's thumbnail and of the large head; not too thin to be seen.
Rect seen_row(Rect row) {
  const float h = std::max(row.h, kThinnestRow_px);
  return {row.x, row.y - (h - row.h) / 2, row.w, h};
}
Rect sheet_row(const HeadsBoard& b, Panel p, Index t) { return seen_row(b[p].row(t)); }
Rect square_row(const Rect& square, const Result& r, Index t) {
  const float side = square.h / static_cast<float>(r.tokens());
  return seen_row({square.x, square.y + side * static_cast<float>(t), square.w, side});
}
// The part of a row of concat that a head fills.
Rect concat_row(const HeadsBoard& b, const Result& r, Index head, Index t) {
  const Rect band = b[Panel::kConcat].band(head * r.value_dim(), r.value_dim()),
             row = sheet_row(b, Panel::kConcat, t);
  return {band.x, row.y, band.w, row.h};
}

// By the playhead: what becomes of the token that is told of, strongly, and what it is made of.
void draw_phase(Canvas& c, const HeadsBoard& b, const Result& r, const Focus& f) {
  const Index t = *f.query;
  const auto all = [&](Panel p) { outline(c, b[p].cells, false); };
  const auto light = [&](const Rect& at, bool target) {
    outline(c, target && at.h < kThinRow_px ? at.inset(-2) : at, target);
  };
  const auto row = [&](Panel p, bool target) { light(sheet_row(b, p, t), target); };
  switch (f.phase) {
    case Phase::kTokens:
      return row(Panel::kInput, true);
    case Phase::kProject:
      row(Panel::kInput, false);
      for (const Panel p : {Panel::kQueryWeights, Panel::kKeyWeights, Panel::kValueWeights}) all(p);
      for (const Panel p : {Panel::kQuery, Panel::kKey, Panel::kValue}) row(p, true);
      return;
    case Phase::kScores:
      row(Panel::kQuery, false);
      all(Panel::kKey);
      return;
    case Phase::kWeights:  // in the large head only, where the token's row is lit anyway
      return;
    case Phase::kMix:
      all(Panel::kValue);
      return light(concat_row(b, r, f.head, t), true);
    case Phase::kHeads:
      return row(Panel::kInput, false);
    case Phase::kConcat:
      return row(Panel::kConcat, true);
    case Phase::kOut:
      row(Panel::kConcat, false);
      all(Panel::kOutWeights);
      return row(Panel::kOutput, true);
    case Phase::kEach:
      for (const Panel p : {Panel::kInput, Panel::kQuery, Panel::kConcat}) row(p, false);
      return row(Panel::kOutput, true);
  }
}

// The rows of the token that is told of, and of the one that it looks at most, on their way from what made
// them to what they become.
void draw_flights(Canvas& c, const HeadsBoard& b, const Result& r, const Focus& f) {
  if (f.progress <= 0 || f.progress >= 1 || !f.query) return;
  const Index t = *f.query, heads = static_cast<Index>(r.heads.size()),
              most = head_of(r, f).strongest[static_cast<std::size_t>(t)];
  const auto fly = [&](const Rect& from, const Rect& to, Role role) {
    const Rect at = mix(from, to, f.progress);
    c.fill(at, {role, 0.45f});
    c.stroke(at, {role, 0.9f}, 1.5f);
  };
  const auto row = [&](Panel p) { return sheet_row(b, p, t); };
  const Rect map_row = square_row(b.map, r, t), mixed = concat_row(b, r, f.head, t);
  switch (f.phase) {
    case Phase::kTokens:   // there from the start
    case Phase::kWeights:  // happens in its place
      return;
    case Phase::kProject:
      fly(row(Panel::kInput), row(Panel::kQuery), Role::kInput);
      fly(row(Panel::kInput), row(Panel::kKey), Role::kKernel);
      return fly(row(Panel::kInput), row(Panel::kValue), Role::kOutput);
    case Phase::kScores:
      fly(row(Panel::kQuery), map_row, Role::kInput);
      return fly(sheet_row(b, Panel::kKey, most), map_row, Role::kKernel);
    case Phase::kMix:
      fly(map_row, mixed, Role::kKernel);
      return fly(sheet_row(b, Panel::kValue, most), mixed, Role::kOutput);
    case Phase::kHeads:
      for (Index h = 0; h < heads; ++h)
        if (h != f.head) fly(row(Panel::kInput), square_row(b.thumbnail(h), r, t), Role::kInput);
      return;
    case Phase::kConcat:
      for (Index h = 0; h < heads; ++h)
        if (h != f.head) fly(square_row(b.thumbnail(h), r, t), concat_row(b, r, h, t), Role::kOutput);
      return;
    case Phase::kOut:
      return fly(row(Panel::kConcat), row(Panel::kOutput), Role::kOutput);
    case Phase::kEach:
      for (Index h = 0; h < heads; ++h)
        fly(h == f.head ? map_row : square_row(b.thumbnail(h), r, t), concat_row(b, r, h, t), Role::kOutput);
      return;
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

namespace {

// What the rows and the columns of weights stand for.
void draw_links_titles(Canvas& c, const HeadsBoard& b, const Result& r) {
  const float y = b.links.y - 12, room = c.area().right() - b.links.x - 8;
  const std::string count = core::grouped(r.tokens());
  if (r.patch_rows > 0) {
    const std::string side = std::to_string(r.params.patch);
    const char* unit = r.params.patch == 1 ? " pixel" : " pixels";
    return widgets::draw_title(c, {b.links.x, y}, count + (r.tokens() == 1 ? " patch" : " patches"),
                               Role::kInput, "of " + side + " × " + side + unit, room);
  }
  const TextStyle left{widgets::kTextSize_px, Face::kStrong, Role::kInput},
      right{widgets::kTextSize_px, Face::kStrong, Role::kKernel, Align::kRight};
  std::string queries = r.tokens() == 1 ? "query" : "queries", keys = r.tokens() == 1 ? "key" : "keys";
  if (c.text_width(count + " " + queries + "   " + count + " " + keys, left) <= b.links.w) {
    queries = count + " " + queries;
    keys = count + " " + keys;
  }
  c.text({b.links.x, y}, queries, left);
  c.text({b.links.right(), y}, keys, right);
}

}  // namespace

void ManyHeads::draw(const std::shared_ptr<const Result>& result, View& view, Canvas& canvas) {
  const Result& r = *result;
  const HeadsBoard board(canvas, r, focus(r, view, true).head);
  touch(canvas, board, r, view);
  const Focus lit = focus(r, view, canvas.reduce_motion());
  if (const auto clicked = draw_thumbnails(canvas, board, result, lit)) view.head = *clicked;
  draw_map(canvas, board, result, lit);
  draw_links_titles(canvas, board, r);
  if (r.patch_rows > 0)
    draw_patches(canvas, board, result, lit);
  else
    draw_ribbons(canvas, board, r, lit);
  canvas.numbers({"weights", board.links, &head_of(r, lit).weights});
  draw_links_caption(canvas, board, r, lit);
  draw_flow(canvas, board, result, lit);
  if (lit.spot)
    draw_spot(canvas, board, r, lit);
  else
    draw_phase(canvas, board, r, lit);
  draw_flights(canvas, board, r, lit);
}

}  // namespace vitrine::labs
