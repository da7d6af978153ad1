#include "app/labs/encoder/board.h"

#include <algorithm>
#include <cmath>

namespace vitrine::labs {

using core::Index;
using widgets::Point;
using widgets::Rect;

namespace {

using Node = Encoder::Node;
using Section = Encoder::Section;
using Weight = Encoder::Weight;
using Which = Encoder::Which;

constexpr float kMargin = 14;
constexpr float kTitle = 19, kLowTitle = 16;  // above a row's cells; on a low stage
constexpr float kBus = 15;  // below the attention's cells: lines that pass under other tensors
constexpr float kBetweenRows = 7;
constexpr float kSmallestGap = 11;  // between two columns
constexpr float kStream = 14;       // right of the residual path
constexpr float kLargestCell = 26, kSmallestCell = 1.5f;
constexpr float kDiagramShare = 0.56f;  // of the stage's height, at most
constexpr float kFoot = 30;
constexpr float kTitleSize = 13;
constexpr float kBiasGap = 0.4f;  // between weights and their bias, in cells
constexpr float kHeadGap = 0.6f;
constexpr float kNarrow = 640;   // a stage less wide has shorter labels
constexpr float kLow = 400;      // a stage less high has no line for the counter
constexpr float kTwoLines = 54;  // from row to row, for labels of more than two lines
constexpr float kLowFoot = 200;  // the legend's width there

using widgets::as_float;

}  // namespace

widgets::Cell EncoderTile::under(Point p) const {
  const auto index = [&](float offset, Index n) {
    return std::clamp<Index>(static_cast<Index>(offset / cell), 0, n - 1);
  };
  return {index(p.y - cells.y, sheet.rows), index(p.x - cells.x, sheet.columns)};
}

// Tiles above each other or in a small grid, by their places in cells.
struct EncoderBoard::Column {
  std::vector<EncoderTile> tiles;
  std::vector<Point> places;
  float w = 0, h = 0;  // in cells
  void add(EncoderTile tile, Point place) {
    w = std::max(w, place.x + as_float(tile.sheet.columns));
    h = std::max(h, place.y + as_float(tile.sheet.rows));
    tiles.push_back(std::move(tile));
    places.push_back(place);
  }
};

struct EncoderBoard::Row {
  std::vector<Column> columns;  // in the order of the pass
  bool leftwards = false;
  float bus = 0;
  float cells_high() const {
    float most = 0;
    for (const Column& c : columns) most = std::max(most, c.h);
    return most;
  }
};

namespace {

EncoderTile tile_of(const Encoder::Result& r, const Encoder::Step& step, bool turned = false) {
  const auto& values = r.params.backward() ? r.gradient(step.which) : r.values(step.which);
  const TensorName name = name_of(step.which, step.part);
  EncoderTile tile{.which = step.which,
                   .sheet = sheet_of(r, step, values),
                   .name = name,
                   .id = "encoder " + name.base + name.sub};
  // All heads' numbers side by side, whatever a step makes of them.
  if (!step.which.weight && values.rank() == 2)
    tile.sheet = {&values, values.size(0), values.size(1), 0, values.size(1), 1};
  if (turned) tile.sheet = transposed(tile.sheet);
  if (r.params.backward()) tile.name.role = widgets::Role::kGradient;
  return tile;
}

}  // namespace

std::vector<EncoderBoard::Row> EncoderBoard::rows_of(const Encoder::Result& r) const {
  const auto plain = [&](const Which& which) {
    Column c;
    c.add(tile_of(r, {which}), {0, 0});
    return c;
  };
  // Weights as they are multiplied, or as they are kept where that is wider than high; their bias below.
  const auto with_bias = [&](Weight weight, Index part, bool turned) {
    Column c;
    c.add(tile_of(r, {weight, part}, turned), {0, 0});
    EncoderTile bias = tile_of(r, {static_cast<Weight>(static_cast<int>(weight) + 1), part});
    bias.name.base.clear();
    c.add(std::move(bias), {0, c.h + kBiasGap});
    return c;
  };
  const auto heads = [&](Node node) {
    Column c;
    const Index count = r.block.sizes.heads, across = count > 2 ? 2 : 1;
    const float step = as_float(r.block.sizes.tokens) + kHeadGap;
    for (Index h = 0; h < count; ++h) {
      EncoderTile tile = tile_of(r, {node, h});
      h == 0 ? tile.name.sub.clear() : tile.name.base.clear();
      c.add(std::move(tile), {step * as_float(h % across), step * as_float(h / across)});
    }
    return c;
  };
  const auto norm = [&](Node first, Weight weight, Weight bias) {
    const auto node = [&](int i) { return static_cast<Node>(static_cast<int>(first) + i); };
    return Row{.columns = {plain(node(0)), plain(node(1)), plain(node(2)), plain(node(3)), plain(weight),
                           plain(node(4)), plain(bias), plain(node(5))}};
  };
  Row attention{.columns = {with_bias(Weight::kQkvWeight, 0, true), plain(Node::kQuery),
                            with_bias(Weight::kQkvWeight, 1, true), plain(Node::kKey),
                            with_bias(Weight::kQkvWeight, 2, true), plain(Node::kValue), heads(Node::kScores),
                            heads(Node::kWeights), plain(Node::kMixed),
                            with_bias(Weight::kProjWeight, 0, true), plain(Node::kProjected)},
                .leftwards = true,
                .bus = kBus};
  Row mlp{.columns = {with_bias(Weight::kFc1Weight, 0, true), plain(Node::kHidden), plain(Node::kActivated)},
          .leftwards = true};
  if (r.params.drops()) {
    attention.columns.push_back(plain(Node::kDropped1));
    mlp.columns.push_back(plain(Node::kKept));
  }
  mlp.columns.push_back(with_bias(Weight::kFc2Weight, 0, false));
  mlp.columns.push_back(plain(Node::kMlp));
  if (r.params.drops()) mlp.columns.push_back(plain(Node::kDropped2));
  std::vector<Row> rows;
  rows.push_back(norm(Node::kMean1, Weight::kNorm1Weight, Weight::kNorm1Bias));
  rows.push_back(std::move(attention));
  rows.push_back(norm(Node::kMean2, Weight::kNorm2Weight, Weight::kNorm2Bias));
  rows.push_back(std::move(mlp));
  return rows;
}

float EncoderBoard::width(const widgets::Canvas& canvas, const Column& column, float cell) const {
  const TensorName& name = column.tiles.front().name;
  const float title =
      widgets::measure(canvas, widgets::symbol(name.base, name.sub, name.role), kTitleSize).width;
  return std::max(column.w * cell, title - 6);
}

EncoderBoard::EncoderBoard(const widgets::Canvas& canvas, const Encoder::Result& r) {
  const Rect area = canvas.area().inset(kMargin);
  narrow_ = area.w < kNarrow;
  const bool low = area.h < kLow;
  title_ = low ? kLowTitle : kTitle;
  between_ = low ? 3.0f : kBetweenRows;
  std::vector<Row> rows = rows_of(r);
  const float label = narrow_ ? 102.0f : 140.0f, dim = as_float(r.block.sizes.embed_dim);
  const float loop = 16;  // right of the rows: the branch turns there
  float cells_high = 0, fixed = 3 * between_;
  for (const Row& row : rows) {
    cells_high += std::max(row.cells_high(), as_float(r.block.sizes.tokens));
    fixed += title_ + row.bus;
  }
  const auto needed = [&](float cell) {
    float most = 0;
    for (const Row& row : rows) {
      float w = kSmallestGap * as_float(std::ssize(row.columns) - 1);
      for (const Column& c : row.columns) w += width(canvas, c, cell);
      most = std::max(most, w);
    }
    return most + cell * dim + kStream + label + loop;
  };
  float cell = std::min(kLargestCell, (area.h * kDiagramShare - fixed) / cells_high);
  while (cell > kSmallestCell && needed(cell) > area.w) cell -= cell > 6 ? 0.5f : 0.1f;
  cell = std::max(kSmallestCell, cell >= 4 ? std::floor(cell * 2) / 2 : cell);
  stream_x_ = std::floor(area.x + cell * dim / 2);
  const float left = area.x + cell * dim + kStream + label;
  right_ = area.right() - loop;
  place(canvas, rows, left, right_, area.y, cell);

  // Labels beside the residual path; the path's own tiles at the rows' heights.
  float y = area.y;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const float h = cell * std::max(rows[i].cells_high(), as_float(r.block.sizes.tokens));
    labels_[i] = {area.x + cell * dim + kStream, y + title_, label, h};
    y += title_ + h + rows[i].bus + between_;
  }
  const auto on_stream = [&](Node node, Section section) {
    EncoderTile tile = tile_of(r, {node});
    tile.cell = cell;
    const float h = cell * as_float(tile.sheet.rows);
    tile.cells = {area.x, std::floor(row_y(section) - h / 2), cell * dim, h};
    tiles_.push_back(std::move(tile));
  };
  on_stream(Node::kInput, Section::kNorm1);
  on_stream(Node::kMiddle, Section::kAttention);
  on_stream(Node::kOutput, Section::kMlp);
  for (std::size_t i = 1; i < rows.size(); ++i)
    compact_ |= labels_[i].center().y - labels_[i - 1].center().y < kTwoLines;
  const float top = y - between_ + (low ? 6.0f : 14.0f);
  foot_ = low ? Rect{area.right() - kLowFoot, top - 4, kLowFoot, kFoot}
              : Rect{area.x, area.bottom() - kFoot, area.w, kFoot};
  detail_ = {area.x, top, area.w, std::max(20.0f, (low ? area.bottom() : foot_.y - 6) - top)};
  connect(r);
}

// Every row from edge to edge: what is left of the width goes into its gaps.
void EncoderBoard::place(const widgets::Canvas& canvas, std::vector<Row>& rows, float left, float right,
                         float top, float cell) {
  for (Row& row : rows) {
    float used = 0;
    for (const Column& c : row.columns) used += width(canvas, c, cell);
    const float gap = (right - left - used) / as_float(std::ssize(row.columns) - 1);
    const float high = cell * std::max(row.cells_high(), rows.front().cells_high());
    float x = row.leftwards ? right : left;
    for (Column& c : row.columns) {
      const float slot = width(canvas, c, cell);
      const float start = row.leftwards ? x - slot : x;
      for (std::size_t i = 0; i < c.tiles.size(); ++i) {
        EncoderTile& tile = c.tiles[i];
        tile.cell = cell;
        tile.cells = {std::floor(start + (slot - cell * c.w) / 2 + cell * c.places[i].x),
                      std::floor(top + title_ + (high - cell * c.h) / 2 + cell * c.places[i].y),
                      cell * as_float(tile.sheet.columns), cell * as_float(tile.sheet.rows)};
        tiles_.push_back(std::move(tile));
      }
      x += row.leftwards ? -(slot + gap) : slot + gap;
    }
    top += title_ + high + row.bus + between_;
  }
}

const EncoderTile& EncoderBoard::tile(const Which& which) const {
  return *std::find_if(tiles_.begin(), tiles_.end(), [&](const EncoderTile& t) { return t.which == which; });
}

void EncoderBoard::connect(const Encoder::Result& r) {
  const bool drops = r.params.drops();
  // Straight across the gap, at the row's height.
  const auto across = [&](const EncoderTile& from, const EncoderTile& to, Section row) {
    const bool leftwards = to.cells.x < from.cells.x;
    const float y = row_y(row);
    wires_.push_back({{{leftwards ? from.cells.x - 2 : from.cells.right() + 2, y},
                       {leftwards ? to.cells.right() + 2 : to.cells.x - 2, y}},
                      from.which,
                      to.which});
  };
  // Below the tiles between the two.
  const auto below = [&](const EncoderTile& from, const EncoderTile& to, float level) {
    const float y = label(Section::kAttention).bottom() + level;
    const float a = from.cells.center().x, b = to.cells.center().x;
    wires_.push_back(
        {{{a, from.cells.bottom() + 1}, {a, y}, {b, y}, {b, to.cells.bottom() + 1}}, from.which, to.which});
  };
  const auto chain = [&](std::initializer_list<Which> all, Section row) {
    for (const Which* w = all.begin(); w + 1 != all.end(); ++w) across(tile(*w), tile(w[1]), row);
  };
  const auto loop = [&](Section from_row, const Which& from, Section to_row, const Which& to) {
    const float x = right_ + 12;
    wires_.push_back({{{tile(from).cells.right() + 2, row_y(from_row)},
                       {x, row_y(from_row)},
                       {x, row_y(to_row)},
                       {tile(to).cells.right() + 2, row_y(to_row)}},
                      from,
                      to,
                      tile(to).sheet.first});
  };
  // From the path into a branch, and back.
  const auto leave = [&](const Which& from, Section row, const Which& to) {
    const EncoderTile& stream = tile(from);
    const bool beside = std::abs(stream.cells.center().y - row_y(row)) < 1;
    wires_.push_back(
        {{{beside ? stream.cells.right() + 2 : stream_x_, row_y(row)}, {tile(to).cells.x - 2, row_y(row)}},
         from,
         to});
  };
  const auto come_back = [&](const Which& from, Section row, const Which& to) {
    wires_.push_back(
        {{{tile(from).cells.x - 2, row_y(row)}, {tile(to).cells.right() + 2, row_y(row)}}, from, to});
  };
  const auto down = [&](const Which& from, const Which& to) {
    wires_.push_back(
        {{{stream_x_, tile(from).cells.bottom() + 2}, {stream_x_, tile(to).cells.y - 2}}, from, to});
  };
  down(Node::kInput, Node::kMiddle);
  down(Node::kMiddle, Node::kOutput);
  leave(Node::kInput, Section::kNorm1, Node::kMean1);
  chain({Node::kMean1, Node::kCentred1, Node::kVariance1, Node::kNormalised1, Weight::kNorm1Weight,
         Node::kScaled1, Weight::kNorm1Bias, Node::kNorm1},
        Section::kNorm1);
  loop(Section::kNorm1, Node::kNorm1, Section::kAttention, Weight::kQkvWeight);
  // z also goes to the keys' and the values' weights.
  std::vector<const EncoderTile*> projections;
  for (const EncoderTile& t : tiles_)
    if (t.which.is(Weight::kQkvWeight)) projections.push_back(&t);
  const float bus = label(Section::kAttention).bottom() + 4, turn = right_ + 12;
  for (std::size_t i = 1; i < projections.size(); ++i) {
    const float x = projections[i]->cells.center().x;
    wires_.push_back({{{turn, row_y(Section::kAttention)}, {turn, bus}, {x, bus}, {x, bus - 3}},
                      Node::kNorm1,
                      Weight::kQkvWeight,
                      projections[i]->sheet.first});
  }
  across(*projections[0], tile(Node::kQuery), Section::kAttention);
  across(*projections[1], tile(Node::kKey), Section::kAttention);
  across(*projections[2], tile(Node::kValue), Section::kAttention);
  below(tile(Node::kQuery), tile(Node::kScores), 8);
  below(tile(Node::kKey), tile(Node::kScores), 8);
  below(tile(Node::kValue), tile(Node::kMixed), 12);
  chain({Node::kScores, Node::kWeights, Node::kMixed, Weight::kProjWeight, Node::kProjected},
        Section::kAttention);
  if (drops) chain({Node::kProjected, Node::kDropped1}, Section::kAttention);
  come_back(drops ? Node::kDropped1 : Node::kProjected, Section::kAttention, Node::kMiddle);
  leave(Node::kMiddle, Section::kNorm2, Node::kMean2);
  chain({Node::kMean2, Node::kCentred2, Node::kVariance2, Node::kNormalised2, Weight::kNorm2Weight,
         Node::kScaled2, Weight::kNorm2Bias, Node::kNorm2},
        Section::kNorm2);
  loop(Section::kNorm2, Node::kNorm2, Section::kMlp, Weight::kFc1Weight);
  chain({Weight::kFc1Weight, Node::kHidden, Node::kActivated}, Section::kMlp);
  if (drops) chain({Node::kActivated, Node::kKept}, Section::kMlp);
  chain({drops ? Node::kKept : Node::kActivated, Weight::kFc2Weight, Node::kMlp}, Section::kMlp);
  if (drops) chain({Node::kMlp, Node::kDropped2}, Section::kMlp);
  come_back(drops ? Node::kDropped2 : Node::kMlp, Section::kMlp, Node::kOutput);
}

}  // namespace vitrine::labs
