// Beside the picture: what it is taken for, every head, the sequence of tokens.
#include <algorithm>
#include <cmath>

#include "app/labs/probe/lab.h"
#include "app/widgets/matrix.h"
#include "app/widgets/tiles.h"
#include "engine/core/text.h"
#include "engine/train/token_maps.h"

namespace vitrine::labs {

using core::Index;
using core::Shape;
using core::Tensor;
using widgets::Align;
using widgets::Face;
using widgets::Point;
using widgets::Rect;
using widgets::Role;
using widgets::TextStyle;

namespace {

using widgets::kQuietWords;
const TextStyle kSmall{widgets::kQuietSize_px - 2, Face::kNumbers, Role::kQuiet, Align::kCenter};
constexpr gpu::Range kShare{0, 1};

// A cell in the colour of a share, with the number where it fits.
void draw_share(widgets::Canvas& c, const Rect& cell, double share, gpu::Range range, int digits) {
  const widgets::Color color = widgets::value_color(c.theme(), gpu::Colormap::kViridis, range, share);
  c.fill(cell, color);
  const TextStyle number{std::clamp(cell.h * 0.5f, 9.0f, 11.0f), Face::kNumbers, widgets::ink_on(color),
                         Align::kCenter};
  if (cell.w >= 24 && cell.h >= 12)
    c.text(cell.center(), fitted(c, share, number, cell.w - 4, digits), number);
}

}  // namespace

void ProbeLab::draw_guess(widgets::Canvas& c, const Rect& box) const {
  const train::Inside& inside = aside_->looked->inside;
  const Tensor<float>& lens = inside.lens_pooled_probabilities;  // [depth + 1, classes]
  const bool layered = !lens.empty();
  constexpr float kNumbered = 26;  // a cell of the lens
  const float wanted = kNumbered * static_cast<float>(layered ? lens.size(0) : 0);
  const float right = layered ? std::floor(std::clamp(wanted, box.w * 0.36f, box.w * 0.45f)) : 0,
              gap = layered ? 22.0f : 0;
  ProbabilityBars bars{"Guess",
                       {box.x, box.y, box.w - right - gap, box.h - 18},
                       inside.probabilities,
                       aside_->looked->dataset->class_names,
                       aside_->looked->label < 0 ? std::nullopt : std::optional(aside_->looked->label)};
  if (aside_->edit) bars.before = aside_->edit->probabilities;
  const BarRows rows = labs::draw(c, bars);
  if (!layered) return;
  const float x = box.right() - right;
  c.numbers({"Lens", {x, rows.top, right, rows.bottom() - rows.top}, &lens});
  widgets::draw_title(c, {x, box.y + 10}, "Lens", Role::kOutput, "p after each layer", right);
  const float width = right / static_cast<float>(lens.size(0));
  for (Index layer = 0; layer < lens.size(0); ++layer) {
    const float left = x + width * static_cast<float>(layer);
    for (std::size_t row = 0; row < rows.classes.size(); ++row) {
      const Rect cell{left, rows.top + rows.line * static_cast<float>(row), width - 1, rows.line - 1};
      draw_share(c, cell, lens(layer, static_cast<Index>(rows.classes[row])), kShare, 2);
    }
    if (width >= 12) c.text({left + width / 2, rows.bottom() + 9}, std::to_string(layer), kSmall);
  }
}

const ProbeLab::HeadMaps& ProbeLab::head_maps() {
  const Light light = view_.light == Light::kFrom ? Light::kFrom : Light::kTo;
  HeadMaps& maps = head_maps_;
  if (maps.aside == aside_ && maps.token == token() && maps.light == light) return maps;
  const Tensor<float>& attention = aside_->looked->inside.attention;
  const Index depth = attention.size(0), heads = attention.size(1), tokens = attention.size(2), at = token();
  Tensor<float> chosen(Shape{depth, heads, tokens});
  for (Index l = 0; l < depth; ++l)
    for (Index h = 0; h < heads; ++h)
      for (Index t = 0; t < tokens; ++t)
        chosen(l, h, t) = light == Light::kFrom ? attention(l, h, t, at) : attention(l, h, at, t);
  const auto tiles =
      std::make_shared<const Tensor<float>>(train::token_maps(chosen, aside_->looked->inside.grid));
  maps = {aside_, at, light, tiles, *std::max_element(chosen.values().begin(), chosen.values().end())};
  return maps;
}

void ProbeLab::draw_heads(widgets::Canvas& c, const Rect& box) {
  const HeadMaps& maps = head_maps();
  const PatchGrid& grid = aside_->grid;
  const std::string words = "layers ↓, heads →",
                    looks = maps.light == Light::kFrom ? "who attends to " + token_words()
                                                       : "where " + token_words() + " looks",
                    all = words + ": " + looks;
  const float room = box.w - c.text_width("Heads", {widgets::kTextSize_px, Face::kStrong}) - 8;
  widgets::draw_title(c, {box.x, box.y + 10}, "Heads", Role::kText,
                      c.text_width(all, kQuietWords) <= room     ? all
                      : c.text_width(words, kQuietWords) <= room ? words
                                                                 : "layer × head",
                      box.w);
  const gpu::Range range{0, view_.fit_colors ? maps.most : 1};
  const widgets::Tiles tiles{.id = "heads",
                             .values = maps.tiles.get(),
                             .source = maps.tiles,
                             .rows = grid.rows,
                             .columns = grid.columns,
                             .range = range,
                             .box = {box.x + 18, box.y + 26, box.w - 18, box.h - 26 - 30}};
  const widgets::TilesLayout places = widgets::layout(tiles);
  const widgets::TilesTouch touch = widgets::draw(c, tiles);
  c.numbers({looks, places.all, tiles.values});
  for (Index layer = 0; layer < places.down; ++layer)
    c.text({box.x + 6, places.tile(layer, 0).center().y}, std::to_string(layer + 1), kSmall);
  widgets::outline(c, places.tile(view_.head.layer, view_.head.head));
  widgets::legend(c, {places.all.x, places.all.bottom() + 8, std::min(140.0f, places.all.w), 20},
                  gpu::Colormap::kViridis, range);
  if (touch.clicked && touch.tile) view_.head = {touch.tile->row, touch.tile->column};
}

void ProbeLab::draw_tokens(widgets::Canvas& c, const Rect& box) {
  const PatchGrid& grid = aside_->grid;
  const Tensor<float>& attention = aside_->looked->inside.attention;
  const Index tokens = grid.tokens(), at = token();
  const auto [layer, head] = view_.head;
  const std::string where = core::grouped(tokens) + "  ·  " + token_words() + ", layer " +
                            std::to_string(layer + 1) + ", head " + std::to_string(head + 1);
  widgets::draw_title(c, {box.x, box.y + 10}, "Tokens", Role::kInput, where, box.w);
  const float words = 82, width = std::min(36.0f, (box.w - words) / static_cast<float>(tokens));
  if (width < 1) return;
  const float side = std::clamp(width, 8.0f, 36.0f), line = 18;
  const Rect strip{box.x + words, box.y + 24, width * static_cast<float>(tokens), side};
  const auto column = [&](Index t, float y, float h) {
    const float gap = width > 6 ? 1.0f : 0.0f;
    return Rect{strip.x + width * static_cast<float>(t), y, width - gap, h};
  };
  const float top[] = {strip.bottom() + 2, strip.bottom() + 2 + line};
  c.text({box.x, strip.center().y}, "patches", kQuietWords);
  c.text({box.x, top[0] + line / 2}, "attends to", kQuietWords);
  c.text({box.x, top[1] + line / 2}, "attended by", kQuietWords);
  c.heatmap({"tokens picture", strip, &aside_->sequence, gpu::Colormap::kGrey, {0, 1}, aside_});
  c.numbers({"pictures of the patches", strip, &aside_->sequence});
  c.numbers({"attention of all heads", {strip.x, top[0], strip.w, 2 * line}, &attention});
  for (Index t = 0; t < tokens; ++t) {
    const Rect cell = column(t, strip.y, side);
    if (t < grid.first_patch) {
      c.fill(cell, Role::kPanel);
      if (width >= 22) c.text(cell.center(), "cls", kSmall);
    }
    if (width > 6) c.fill({cell.right(), strip.y, 1, side}, Role::kStage);
    const gpu::Range range{0, view_.fit_colors ? head_maps_.most : 1};
    draw_share(c, column(t, top[0], line - 1), attention(layer, head, at, t), range, 2);
    draw_share(c, column(t, top[1], line - 1), attention(layer, head, t, at), range, 2);
  }
  widgets::outline(c, column(at, strip.y, side + 2 + 2 * line));
  const widgets::Touch touch = c.touch("tokens", {strip.x, strip.y, strip.w, side + 2 + 2 * line});
  if (!touch.hovered) return;
  view_.hovered_token = std::clamp<Index>(static_cast<Index>((touch.at.x - strip.x) / width), 0, tokens - 1);
  if (touch.clicked)
    view_.pinned_token = view_.pinned_token == view_.hovered_token ? std::nullopt : view_.hovered_token;
}

}  // namespace vitrine::labs
