#include "app/labs/inside/scene.h"

#include <algorithm>
#include <cmath>

#include "app/widgets/pointing.h"
#include "app/widgets/tiles.h"
#include "engine/core/text.h"

namespace vitrine::labs::inside {

using widgets::Canvas;
using widgets::Face;
using widgets::Rect;
using widgets::Role;
using widgets::TextStyle;

void View::describe(core::Fields& f) {
  f.choice("exhibit", exhibit, kExhibits);
  f.field("layer", head.layer);
  f.field("head", head.head);
  f.field("fit_colors", fit_colors);
  f.field("components", components);
  f.field("features", features);
}

Focus focus_of(const Looked& looked, const View& view) {
  const train::Inside& in = looked.inside;
  const auto inside = [](std::optional<Index> spot, Index count) {
    return spot && *spot < count ? spot : std::nullopt;
  };
  const auto chosen = [&](std::optional<Index> Spots::*spot, Index count) {
    const auto hovered = inside(view.hovered.*spot, count);
    return hovered ? hovered : inside(view.pinned.*spot, count);
  };
  const auto likeliest = std::ranges::max_element(in.probabilities) - in.probabilities.begin();
  Focus f;
  f.label = chosen(&Spots::label, std::ssize(in.probabilities))
                .value_or(looked.label >= 0 ? looked.label : static_cast<Index>(likeliest));
  if (in.grid.patches() == 0) return f;
  const HeadPlace head = view.hovered.head.value_or(view.head);
  const Index depth = in.attention.size(0);
  f.head = {head.layer < 0 ? depth - 1 : std::min(head.layer, depth - 1),
            std::clamp<Index>(head.head, 0, in.attention.size(1) - 1)};
  const Index tokens = in.grid.tokens();
  f.token = chosen(&Spots::token, tokens);
  f.query = f.token.value_or(0);
  const float* row = &in.attention(f.head.layer, f.head.head, f.query, 0);
  f.key = inside(view.hovered.key, tokens).value_or(std::max_element(row, row + tokens) - row);
  return f;
}

void draw_probe(Canvas& c, const ProbeColumn& p, const Scene& scene, View& view) {
  const PatchGrid& grid = scene.grid();
  const Focus& f = scene.focus;
  const std::string label = scene.looked->label < 0
                                ? "class unknown"
                                : "shows " + scene.classes()[static_cast<std::size_t>(scene.looked->label)];
  draw_heading(c, p.box, p.title, Role::kInput, {label});
  float top = p.box.y + 24;
  const TextStyle quiet{widgets::kQuietSize_px, Face::kWords, Role::kQuiet};
  const auto point = [&](Index token, bool clicked) {
    widgets::point_at(token, clicked, view.hovered.token, view.pinned.token);
  };
  constexpr float kChip = 22, kCaption = 22;
  if (grid.first_patch > 0) {
    const float share = p.shares[0];
    const std::string words = "class token  " + core::shown(share, 2);
    const Rect chip{p.box.x, top, std::min(p.box.w, c.text_width(words, quiet) + 16), kChip};
    c.fill(chip, Role::kPanel);
    c.fill(chip, {Role::kFocus, 0.4f * std::clamp(share / std::max(p.brightest, 1e-6f), 0.0f, 1.0f)});
    c.stroke(chip, Role::kHairline);
    TextStyle style = quiet;
    style.paint = Role::kText;
    style.align = widgets::Align::kCenter;
    c.text(chip.center(), words, style);
    if (f.query == 0) widgets::outline(c, chip.inset(1));
    if (const auto touch = c.touch("inside class token", chip); touch.hovered) point(0, touch.clicked);
    top += kChip + 6;
  }
  const Rect picture =
      fitted_picture({p.box.x, top, p.box.w, std::max(p.box.bottom() - top - kCaption, 8.0f)}, grid);
  c.heatmap({"inside probe", picture, &scene.picture(), gpu::Colormap::kGrey, {0, 1}, scene.looked});
  c.numbers({std::string(p.title), picture, &scene.picture()});
  labs::draw(c, picture,
             PatchLight{grid, p.shares, p.brightest,
                        f.query >= grid.first_patch ? std::optional(f.query) : std::nullopt, true});
  if (scene.view.hovered.key && *scene.view.hovered.key >= grid.first_patch &&
      *scene.view.hovered.key < grid.tokens())
    widgets::outline(c, patch_place(grid, picture, *scene.view.hovered.key), false);
  if (const auto touch = c.touch("inside probe", picture); touch.hovered)
    point(token_under(grid, picture, touch.at), touch.clicked);
  c.text({p.box.x, picture.bottom() + 13}, elided(c, p.caption, quiet, p.box.w), quiet);
}

void draw_heading(Canvas& c, const Rect& box, std::string_view name, Role role,
                  const std::vector<std::string>& beside) {
  constexpr float kBetween = 8;
  const float room = box.w - kBetween - c.text_width(name, {widgets::kTextSize_px, Face::kStrong});
  const auto fits = std::ranges::find_if(beside, [&](const std::string& words) {
    return c.text_width(words, {widgets::kQuietSize_px}) <= room;
  });
  widgets::draw_title(c, {box.x, box.y + 10}, name, role, fits == beside.end() ? "" : *fits);
}

std::string the_token(const PatchGrid& grid, Index token) {
  return (token < grid.first_patch ? "the " : "") + token_name(grid, token);
}

void number_tiles(Canvas& c, const widgets::TilesLayout& l) {
  const TextStyle style{widgets::kQuietSize_px - 2, Face::kNumbers, Role::kQuiet, widgets::Align::kCenter};
  for (Index row = 0; row < l.down && l.down > 1 && l.first.h >= 12; ++row)
    c.text({l.all.x - 13, l.tile(row, 0).center().y}, std::to_string(row + 1), style);
  for (Index column = 0; column < l.across && l.first.w >= 15; ++column)
    c.text({l.tile(0, column).center().x, l.all.y - 8}, std::to_string(column + 1), style);
}

void draw_nothing(Canvas& c, const Rect& box, std::string_view words) {
  const float width = std::min(box.w, 460.0f);
  widgets::paragraph(c, {box.x, box.y + box.h * 0.25f}, width, words,
                     {widgets::kTextSize_px, Face::kWords, Role::kQuiet});
}

void draw_waiting(Canvas& c, const Rect& box, std::string_view what, double progress) {
  draw_nothing(c, box, what);
  const Rect bar{box.x, box.y + box.h * 0.25f + 44, std::min(box.w, 300.0f), 4};
  c.fill(bar, Role::kHairline);
  c.fill({bar.x, bar.y, bar.w * static_cast<float>(progress), bar.h}, Role::kOutput);
}

}  // namespace vitrine::labs::inside
