// The picture of "Encoder block": the residual path on the left, its branches to the right of it, every
// tensor a small heatmap; below them the lit step with its numbers.
#include <algorithm>
#include <cmath>

#include "app/labs/encoder/board.h"
#include "app/labs/encoder/detail.h"
#include "app/widgets/pointing.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using widgets::Align;
using widgets::Canvas;
using widgets::Cell;
using widgets::CellLook;
using widgets::Face;
using widgets::Paint;
using widgets::Point;
using widgets::Rect;
using widgets::Role;
using widgets::TextStyle;

namespace {

using Focus = Encoder::Focus;
using Node = Encoder::Node;
using Result = Encoder::Result;
using Section = Encoder::Section;
using Spot = Encoder::Spot;
using Which = Encoder::Which;
using Board = EncoderBoard;

constexpr float kBlockName = 13, kLabelSize = 13, kPath = 3;
constexpr float kReadable_px = 14;  // a cell that shows its number

// 1 there, 0 not yet, between the two on its way.
float presence(const Result& r, const Focus& f, const Spot& spot) {
  if (!r.params.backward() && spot.which.weight) return 1;
  const int step = r.step_of(spot);
  return step < f.reached ? 1 : step == f.reached ? f.progress : 0;
}

// The tensors of the lit formula, the result among them; of weights the part that holds the number.
bool takes_part(const Formula& formula, const Which& which, Index number) {
  const auto is = [&](const Operand& o) {
    return o.which == which && (!which.weight || o.sheet.find(number));
  };
  return is(formula.result) || std::any_of(formula.operands.begin(), formula.operands.end(), is);
}

void draw_wires(Canvas& c, const Board& b, const Result& r, const Formula& formula) {
  const bool backward = r.params.backward();
  for (const EncoderWire& wire : b.wires()) {
    const bool lit = takes_part(formula, wire.from, wire.number) && takes_part(formula, wire.to, wire.number);
    const bool path = wire.way.size() == 2 && wire.way[0].x == wire.way[1].x;
    const Paint paint = lit        ? Paint(Role::kFocus)
                        : backward ? Paint(Role::kGradient, 0.7f)
                        : path     ? Paint(Role::kInput, 0.8f)
                                   : Paint(Role::kQuiet, 0.6f);
    std::vector<Point> way = wire.way;
    if (backward) std::reverse(way.begin(), way.end());
    const float width = path ? kPath : lit ? 2.0f : 1.2f;
    if (way.size() > 2) c.polyline(way, paint, width);
    widgets::arrow(c, way[way.size() - 2], way.back(), paint, width);
  }
}

// Where a branch comes back, two numbers become their sum.
void draw_sums(Canvas& c, const Board& b, const Result& r) {
  for (const Node node : {Node::kMiddle, Node::kOutput}) {
    const Rect tile = b.tile(node).cells;
    const Rect box{tile.right() + 3, tile.center().y - 8, 16, 16};
    c.fill(box, Role::kStage);
    c.stroke(box, r.params.backward() ? Role::kGradient : Role::kInput);
    c.text(box.center(), "+", {widgets::kTextSize_px, Face::kStrong, Role::kText, Align::kCenter});
  }
}

// Three lines side by side: each token alone. All crossing: tokens meet.
void draw_mark(Canvas& c, Point at, bool meet) {
  constexpr float kWide = 13, kApart = 4;
  for (int i = -1; i <= 1; ++i)
    for (int j = -1; j <= 1; ++j)
      if (meet || i == j)
        c.line({at.x, at.y + kApart * static_cast<float>(i)},
               {at.x + kWide, at.y + kApart * static_cast<float>(j)}, meet ? Role::kFocus : Role::kOutput,
               1.3f);
}

// Of the lit number of x or x', what came back through its branch and what through the residual path.
void draw_shares(Canvas& c, const Board& b, const Result& r, const Focus& f) {
  const bool input = f.step.which.is(Node::kInput);
  const auto& branch = input ? r.gradients.input_branch : r.gradients.middle_branch;
  const double skip = r.gradients.nodes[input ? Node::kMiddle : Node::kOutput][f.cell];
  const Rect &leaves = b.label(input ? Section::kNorm1 : Section::kNorm2),
             &comes_back = b.label(input ? Section::kAttention : Section::kMlp);
  const TextStyle style{kLabelSize, Face::kStrong, Role::kGradient};
  c.text({leaves.x + 6, leaves.center().y + 11}, "branch " + core::shown(branch[f.cell], 3), style);
  c.text({comes_back.x + 12, comes_back.center().y + 11}, "skip " + core::shown(skip, 3), style);
}

void draw_labels(Canvas& c, const Board& b, const Result& r, const Focus& f) {
  const bool shares =
      r.params.backward() && (f.step.which.is(Node::kInput) || f.step.which.is(Node::kMiddle));
  struct Words {
    Section section;
    std::string_view name;
    bool meet;
  };
  for (const auto& [section, name, meet] :
       {Words{Section::kNorm1, "LayerNorm", false}, Words{Section::kAttention, "Attention", true},
        Words{Section::kNorm2, "LayerNorm", false}, Words{Section::kMlp, "MLP", false}}) {
    const Rect& label = b.label(section);
    const float y = b.row_y(section),
                x = label.x + (section == Section::kAttention || section == Section::kMlp ? 12 : 6);
    const TextStyle quiet{kLabelSize - 1, Face::kWords, Role::kQuiet};
    const TextStyle strong{kLabelSize, Face::kStrong, Role::kText};
    draw_mark(c, {x, y - 10}, meet);
    c.text(b.compact() ? Point{x + 18, y - 10} : Point{x, y - 24}, name, strong);
    const std::string words = meet ? "tokens meet" : b.narrow() ? "per token" : "each token alone";
    if (!b.compact()) c.text({x + 18, y - 10}, words, quiet);
    const bool of_input = section == Section::kNorm1 || section == Section::kAttention;
    if (!shares || of_input != f.step.which.is(Node::kInput))
      c.text({x, y + 11}, core::grouped(r.drawn[section]) + (b.narrow() ? " weights" : " parameters"), quiet);
  }
  if (shares) draw_shares(c, b, r, f);
}

void draw_tile(Canvas& c, const EncoderTile& tile, const Result& r, const Focus& f) {
  const bool backward = r.params.backward();
  const widgets::Shade shade = shade_of(r, tile.which, backward);
  for (Index row = 0; row < tile.sheet.rows; ++row)
    for (Index column = 0; column < tile.sheet.columns; ++column) {
      const Index flat = tile.sheet.flat(row, column);
      CellLook look = look_of(r, tile.which, backward, flat);
      look.alpha = presence(r, f, {tile.which, flat});
      if (look.alpha > 0 || tile.cell >= kReadable_px)
        widgets::draw_cell(c, tile.at(row, column), tile.sheet.at(row, column), look, shade);
    }
  c.stroke(tile.cells, Role::kHairline);
  const TensorName letters = tile.name.base.empty() ? labs::name_of(tile.which) : tile.name;
  c.numbers({(backward ? "dL/d " : "") + letters.base + (letters.sub.empty() ? "" : " ") + letters.sub,
             tile.cells, tile.sheet.values});
  if (tile.name.base.empty()) return;
  const widgets::Math name = widgets::symbol(tile.name.base, tile.name.sub, tile.name.role);
  const float width = widgets::measure(c, name, kBlockName).width;
  const bool under_path = tile.which.is(Node::kMiddle) || tile.which.is(Node::kOutput);
  const Point beside{tile.cells.right() + 5, std::min(tile.cells.y - 4, tile.cells.center().y - 17)};
  const Point above{tile.cells.center().x - width / 2, tile.cells.y - 11};
  widgets::typeset(c, under_path ? beside : above, name, kBlockName);
}

// The lit tensors' frames, and in them the numbers that make the lit one.
void draw_lights(Canvas& c, const Board& b, const Formula& formula, const Focus& f) {
  const Cell target = formula.result.sheet.find(f.cell).value_or(Cell{});
  const auto light = [&](const Operand& o, Cell cell, bool strong) {
    const Index flat =
        o.sheet.flat(std::min(cell.row, o.sheet.rows - 1), std::min(cell.column, o.sheet.columns - 1));
    for (const EncoderTile& tile : b.tiles()) {
      if (!o.which || tile.which != *o.which) continue;
      if (const auto at = tile.sheet.find(flat))
        c.stroke(tile.at(at->row, at->column), {Role::kFocus, strong ? 1.0f : 0.7f}, strong ? 2.0f : 1.0f);
    }
  };
  for (const EncoderTile& tile : b.tiles())
    if (formula.result.which == tile.which && tile.sheet.find(f.cell))
      c.stroke(tile.cells.inset(-2.5f), Role::kFocus, 1.5f);
  for (const Operand& o : formula.operands) {
    if (o.reach == Reach::kCell) light(o, target, false);
    if (o.reach == Reach::kRow)
      for (Index i = 0; i < o.sheet.columns; ++i) light(o, {target.row, i}, false);
    if (o.reach == Reach::kColumn)
      for (Index i = 0; i < o.sheet.rows; ++i) light(o, {i, target.column}, false);
  }
  light(formula.result, target, true);
}

// The tensors of the newest step go to where they become the next one.
void fly(Canvas& c, const Board& b, const Result& r, const Focus& f) {
  if (f.progress >= 1) return;
  const Formula formula = formula_of(r, r.steps[static_cast<std::size_t>(f.reached)]);
  const auto holds = [](const EncoderTile& tile, const Operand& o) {
    return o.which == tile.which && tile.sheet.find(o.sheet.flat(0, 0));
  };
  const auto target = std::find_if(b.tiles().begin(), b.tiles().end(),
                                   [&](const EncoderTile& tile) { return holds(tile, formula.result); });
  if (target == b.tiles().end()) return;
  for (const Operand& o : formula.operands)
    for (const EncoderTile& tile : b.tiles()) {
      if (!holds(tile, o)) continue;
      const Rect now = mix(tile.cells, target->cells, f.progress);
      c.fill(now, {tile.name.role == Role::kText ? Role::kFocus : tile.name.role, 0.35f * (1 - f.progress)});
      c.stroke(now, {Role::kFocus, 1 - 0.6f * f.progress}, 1.5f);
    }
}

// The lit tensor's colours; and where there is room, the counter's answer.
void draw_foot(Canvas& c, const Board& b, const Result& r, const Formula& formula) {
  const Rect& foot = b.foot();
  constexpr float kBar = 110;
  const widgets::Shade shade = shade_of(r, formula.result.which, r.params.backward());
  float end = foot.right() - kBar;
  widgets::legend(c, {end, foot.y + 6, kBar, 0}, shade.colormap, shade.range);
  end -= 10;
  const TextStyle quiet{kLabelSize, Face::kWords, Role::kQuiet, Align::kRight};
  const std::string what = !r.params.backward()           ? formula.result.name.base
                           : formula.result.which->weight ? "dL/d, weights"
                                                          : "dL/d, tensors";
  c.text({end, foot.y + 10}, what, quiet);
  end -= c.text_width(what, quiet) + 16;
  if (foot.x > b.detail().x) return;  // room for the legend only
  const sequence::EncoderSizes& s = r.params.counted;
  const std::string words = "With D = " + core::grouped(s.embed_dim) +
                            " and M = " + core::grouped(s.mlp_dim) + " the MLP has " +
                            core::grouped(r.counted[Section::kMlp]) + " parameters, however many tokens";
  const TextStyle style{kLabelSize, Face::kWords, Role::kQuiet};
  c.text({foot.x, foot.y + 10}, widgets::elided(c, words, style, end - foot.x), style);
}

// Touching a number of the diagram lights how it is made; a click pins it.
void touch(Canvas& c, const Board& b, Encoder::View& v) {
  v.hovered.reset();
  for (const EncoderTile& tile : b.tiles()) {
    const widgets::Touch t = c.touch(tile.id, tile.cells);
    if (!t.hovered) continue;
    const Cell cell = tile.under(t.at);
    widgets::point_at(Spot{tile.which, tile.sheet.flat(cell.row, cell.column)}, t.clicked, v.hovered,
                      v.pinned);
  }
}

}  // namespace

void Encoder::draw(const std::shared_ptr<const Result>& result, View& view, Canvas& canvas) {
  const Result& r = *result;
  const Board board(canvas, r);
  touch(canvas, board, view);
  const Focus before = focus(r, view, canvas.reduce_motion());
  const Formula formula = formula_of(r, before);
  const bool shared_line = board.foot().x > board.detail().x;
  const EncoderDetail detail(canvas, board.detail(),
                             shared_line ? board.foot().x - 8 : board.detail().right(), r, formula);
  detail.touch(canvas, before, view);
  const Focus lit = focus(r, view, canvas.reduce_motion());

  draw_wires(canvas, board, r, formula);
  draw_sums(canvas, board, r);
  draw_labels(canvas, board, r, lit);
  for (const EncoderTile& tile : board.tiles()) draw_tile(canvas, tile, r, lit);
  draw_lights(canvas, board, formula, lit);
  fly(canvas, board, r, lit);
  detail.draw(canvas, lit);
  draw_foot(canvas, board, r, formula);
}

}  // namespace vitrine::labs
