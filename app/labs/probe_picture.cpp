#include "app/labs/probe_picture.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "app/widgets/matrix.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using widgets::Align;
using widgets::Color;
using widgets::Face;
using widgets::Point;
using widgets::Rect;
using widgets::Role;
using widgets::TextStyle;

namespace {

constexpr float kFullLight = 0.62f, kSmallestNumbered = 34;
constexpr float kNothing = 1e-4f;  // of the brightest: no light can tell it from 0
constexpr float kTitleHeight = 26, kBarLine = 20, kSmallestLine = 15;
constexpr float kHeadsAround = 62, kHeadsLeft = 20;  // of the grid of heads: above and below it, left of it

// "12.3", "−0.4": one digit behind the point, so that columns of them line up
std::string tenths(double value) {
  if (!std::isfinite(value)) return core::shown(value, 1);
  const auto n = std::llround(10 * std::abs(value));
  return (value < 0 && n > 0 ? "−" : "") + std::to_string(n / 10) + "." + std::to_string(n % 10);
}
std::string share_words(double share) { return tenths(100 * share) + " %"; }
// What a model says that is about to diverge may be no number; then there is no bar.
float bar_share(float probability) { return std::isfinite(probability) ? probability : 0; }
std::string points(double change) { return (change >= 5e-4 ? "+" : "") + tenths(100 * change); }

Color light_color(float share, bool is_signed) {
  return widgets::dark_theme()[!is_signed ? Role::kFocus : share < 0 ? Role::kInput : Role::kKernel];
}

// The classes that are shown, in their order.
std::vector<std::size_t> shown_classes(std::span<const float> probabilities, std::size_t most) {
  std::vector<std::size_t> classes(probabilities.size());
  std::iota(classes.begin(), classes.end(), std::size_t{0});
  if (classes.size() <= most) return classes;
  std::stable_sort(classes.begin(), classes.end(), [&](std::size_t a, std::size_t b) {
    return bar_share(probabilities[a]) > bar_share(probabilities[b]);
  });
  classes.resize(most);
  std::sort(classes.begin(), classes.end());
  return classes;
}

}  // namespace

Rect patch_place(const PatchGrid& grid, const Rect& picture, Index token) {
  const float w = picture.w / static_cast<float>(grid.columns), h = picture.h / static_cast<float>(grid.rows);
  const Index i = token - grid.first_patch;
  return {picture.x + w * static_cast<float>(i % grid.columns),
          picture.y + h * static_cast<float>(i / grid.columns), w, h};
}

Index token_under(const PatchGrid& grid, const Rect& picture, Point at) {
  const auto index = [](float offset, float whole, Index count) {
    return std::clamp<Index>(static_cast<Index>(offset / whole * static_cast<float>(count)), 0, count - 1);
  };
  return grid.first_patch + index(at.y - picture.y, picture.h, grid.rows) * grid.columns +
         index(at.x - picture.x, picture.w, grid.columns);
}

std::string token_name(const PatchGrid& grid, Index token) {
  return token < grid.first_patch ? "class token" : "patch " + std::to_string(token - grid.first_patch + 1);
}

Rect fitted_picture(const Rect& box, const PatchGrid& grid) {
  const auto across = static_cast<float>(grid.columns), down = static_cast<float>(grid.rows);
  const float cell = std::max(1.0f, std::floor(std::min(box.w / across, box.h / down)));
  return {box.x, box.y, cell * across, cell * down};
}

void draw(widgets::Canvas& c, const Rect& picture, const PatchLight& light) {
  const float brightest = std::max(1e-6f, light.brightest);
  const auto each_patch = [&](auto&& body) {
    for (Index token = light.grid.first_patch; token < light.grid.tokens(); ++token)
      body(token, patch_place(light.grid, picture, token));
  };
  each_patch([&](Index token, const Rect& r) {
    const float share = light.shares[static_cast<std::size_t>(token)];
    c.fill(r, {light_color(share, light.signed_shares),
               kFullLight * std::clamp(std::abs(share) / brightest, 0.0f, 1.0f)});
    c.stroke(r, {Role::kHairline, 0.7f});
    if (!light.numbers || r.w < kSmallestNumbered) return;
    const TextStyle number{std::clamp(r.w * 0.24f, 9.0f, 14.0f), Face::kNumbers, Color{255, 255, 255},
                           Align::kCenter};
    const bool nothing = std::abs(share) < kNothing * brightest;
    const std::string text = nothing ? "≈0" : fitted(c, share, number, r.w - 6, 2);
    const Point at{r.center().x, r.bottom() - number.size * 0.8f};
    c.fill({at.x - c.text_width(text, number) / 2 - 2, at.y - number.size * 0.6f,
            c.text_width(text, number) + 4, number.size * 1.2f},
           {Color{0, 0, 0}, 0.55f});
    c.text(at, text, number);
  });
  if (light.query && *light.query >= light.grid.first_patch)
    c.stroke(patch_place(light.grid, picture, *light.query).inset(1), light_color(1, false), 2.5f);
}

void draw_legend(widgets::Canvas& c, Point left, float right, const LightScale& scale) {
  constexpr int kBands = 32;
  constexpr float kHeight = 8, kGap = 4;
  const TextStyle style{widgets::kQuietSize_px - 2, Face::kNumbers, Role::kQuiet};
  const std::string high = core::shown(scale.brightest, 2), low = scale.signed_shares ? "−" + high : "0";
  const float from = left.x + c.text_width(low, style) + kGap, to = right - c.text_width(high, style) - kGap;
  if (to <= from) return;
  c.text(left, low, style);
  c.text({to + kGap, left.y}, high, style);
  const float width = (to - from) / kBands;
  for (int i = 0; i < kBands; ++i) {
    const float part = (static_cast<float>(i) + 0.5f) / kBands,
                share = scale.signed_shares ? 2 * part - 1 : part;
    const Rect band{from + width * static_cast<float>(i), left.y - kHeight / 2, width + 0.5f, kHeight};
    c.fill(band, Color{0, 0, 0});
    c.fill(band, {light_color(share, scale.signed_shares), kFullLight * std::abs(share)});
  }
}

Tensor<float> head_mosaic(const Tensor<float>& attention) {
  const Index depth = attention.size(0), heads = attention.size(1), tokens = attention.size(2);
  Tensor<float> mosaic(core::Shape{depth * tokens, heads * tokens});
  for (Index l = 0; l < depth; ++l)
    for (Index h = 0; h < heads; ++h)
      for (Index t = 0; t < tokens; ++t)
        std::copy_n(&attention(l, h, t, 0), tokens, &mosaic(l * tokens + t, h * tokens));
  return mosaic;
}

float width_of_heads(float height, Index depth, Index heads) {
  const float tile = std::floor((height - kHeadsAround) / static_cast<float>(depth));
  return kHeadsLeft + std::max(tile, 0.0f) * static_cast<float>(heads);
}

std::optional<HeadPlace> draw(widgets::Canvas& c, const HeadGrid& g) {
  const Rect& box = g.box;
  const auto weights = g.mosaic->values();
  const gpu::Range range{0, g.fit_colors ? *std::max_element(weights.begin(), weights.end()) : 1};
  const auto depth = static_cast<float>(g.depth), heads = static_cast<float>(g.heads);
  const TextStyle title{widgets::kTextSize_px, Face::kStrong},
      quiet{widgets::kQuietSize_px, Face::kWords, Role::kQuiet};
  const float words_x = box.x + c.text_width("Attention", title) + 10;
  c.text({box.x, box.y + 10}, "Attention", title);
  for (const std::string_view words :
       {"layers ↓  heads →, in each: token × token", "layers ↓  heads →", "layer × head"}) {
    if (words_x + c.text_width(words, quiet) > box.right()) continue;
    c.text({words_x, box.y + 10}, words, quiet);
    break;
  }
  const float tile = std::floor(std::min((box.w - kHeadsLeft) / heads, (box.h - kHeadsAround) / depth));
  if (tile < 4) return std::nullopt;
  const Rect grid{box.x + kHeadsLeft, box.y + 24, tile * heads, tile * depth};
  c.heatmap({g.id, grid, g.mosaic, gpu::Colormap::kViridis, range, g.source});
  c.numbers({"attention of all heads", grid, g.mosaic});
  for (Index i = 0; i <= g.heads; ++i) {
    const float x = grid.x + tile * static_cast<float>(i);
    c.line({x, grid.y}, {x, grid.bottom()}, Role::kStage, 3);
  }
  for (Index i = 0; i <= g.depth; ++i) {
    const float y = grid.y + tile * static_cast<float>(i);
    c.line({grid.x, y}, {grid.right(), y}, Role::kStage, 3);
    if (i < g.depth)
      c.text({grid.x - 6, y + tile / 2}, std::to_string(i + 1),
             {widgets::kQuietSize_px - 2, Face::kNumbers, Role::kQuiet, Align::kRight});
  }
  c.stroke(Rect{grid.x + tile * static_cast<float>(g.chosen.head),
                grid.y + tile * static_cast<float>(g.chosen.layer), tile, tile}
               .inset(1),
           Role::kFocus, 2);
  widgets::legend(c, {grid.x, grid.bottom() + 10, std::min(grid.w, 140.0f), 20}, gpu::Colormap::kViridis,
                  range);
  const widgets::Touch touch = c.touch(g.id, grid);
  if (!touch.clicked) return std::nullopt;
  const auto place = [&](float offset, Index count) {
    return std::clamp<Index>(static_cast<Index>(offset / tile), 0, count - 1);
  };
  return HeadPlace{place(touch.at.y - grid.y, g.depth), place(touch.at.x - grid.x, g.heads)};
}

BarRows draw(widgets::Canvas& c, const ProbabilityBars& b) {
  const Rect& box = b.box;
  const auto room =
      std::max<std::size_t>(1, static_cast<std::size_t>((box.h - kTitleHeight) / kSmallestLine));
  BarRows rows{shown_classes(b.probabilities, room), box.y + kTitleHeight};
  const auto& classes = rows.classes;
  if (classes.empty()) return rows;
  const bool changed = !b.before.empty();
  const TextStyle title{widgets::kTextSize_px, Face::kStrong, Role::kOutput};
  c.text({box.x, box.y + 10}, b.title, title);
  const TextStyle quiet{widgets::kQuietSize_px - 1, Face::kWords, Role::kQuiet, Align::kRight};
  const float title_end = box.x + c.text_width(b.title, title) + 8;
  const std::string beside = changed ? "change in points"
                             : classes.size() < b.probabilities.size()
                                 ? "the likeliest of " + core::grouped(std::ssize(b.probabilities))
                                 : "";
  if (title_end + c.text_width(beside, quiet) < box.right()) c.text({box.right(), box.y + 10}, beside, quiet);

  const float line = rows.line =
      std::min(kBarLine, (box.h - kTitleHeight) / static_cast<float>(classes.size()));
  float label = 0;
  for (const std::size_t i : classes)
    label = std::max(label, c.text_width(b.class_names[i], {widgets::kQuietSize_px - 1, Face::kStrong}) + 10);
  label = std::min(label, box.w * 0.4f);
  const float number = 54, change = changed ? 44.0f : 0.0f,
              bar = std::max(4.0f, box.w - label - number - change);
  const std::size_t best = static_cast<std::size_t>(
      std::max_element(b.probabilities.begin(), b.probabilities.end()) - b.probabilities.begin());
  for (std::size_t row = 0; row < classes.size(); ++row) {
    const std::size_t i = classes[row];
    const float y = rows.center(row), p = b.probabilities[i];
    const bool right = b.label && static_cast<std::size_t>(*b.label) == i;
    const Role ink = right ? Role::kText : Role::kQuiet;
    const TextStyle name{std::min(widgets::kQuietSize_px - 1, line * 0.85f),
                         right ? Face::kStrong : Face::kWords, ink};
    c.text({box.x, y}, elided(c, b.class_names[i], name, label - 6), name);
    const Rect ground{box.x + label, y - line * 0.3f, bar, line * 0.6f};
    c.fill(ground, Role::kHairline);
    c.fill({ground.x, ground.y, bar * bar_share(p), ground.h}, right                   ? Role::kOutput
                                                               : i == best && b.label  ? Role::kTrouble
                                                               : i == best && !b.label ? Role::kOutput
                                                                                       : Role::kQuiet);
    TextStyle digits{std::min(widgets::kQuietSize_px - 2, line * 0.8f), Face::kNumbers, ink, Align::kRight};
    c.text({box.right() - change, y}, share_words(p), digits);
    if (!changed) continue;
    const double moved = static_cast<double>(p) - static_cast<double>(b.before[i]);
    const float was = ground.x + bar * bar_share(b.before[i]);
    c.line({was, ground.y - 2}, {was, ground.bottom() + 2}, Role::kText, 1.5f);
    if (std::abs(moved) >= 5e-4) digits.paint = Role::kFocus;
    c.text({box.right(), y}, points(moved), digits);
  }
  return rows;
}

}  // namespace vitrine::labs
