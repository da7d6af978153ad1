// Probe pictures: one image as a model in training sees it: where its patches look, its heads side by side
// and what it is taken for. All numbers come from train::Inside.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/widgets/canvas.h"
#include "engine/train/token_maps.h"

namespace vitrine::labs {

// Where the tokens of a ViT are on its image: patches row by row, perhaps behind a class token.
using train::PatchGrid;
widgets::Rect patch_place(const PatchGrid& grid, const widgets::Rect& picture, core::Index token);
// The token of the patch under a point of the picture, or of the nearest.
core::Index token_under(const PatchGrid& grid, const widgets::Rect& picture, widgets::Point at);
// "class token"; "patch 3", counted from 1
std::string token_name(const PatchGrid& grid, core::Index token);

// A grid of patches in a box from its top left, as large as whole pixels allow.
widgets::Rect fitted_picture(const widgets::Rect& box, const PatchGrid& grid);

// How much light one token's attention (or any share a patch has) throws on each patch.
struct PatchLight {
  PatchGrid grid;
  std::span<const float> shares;     // [tokens], 0 to 1
  float brightest = 1;               // the share that is lit fully
  std::optional<core::Index> query;  // outlined: whose shares they are
  bool numbers = true;               // in every patch that has room
  bool signed_shares = false;        // blue below zero, orange above, instead of the yellow light
};
// Over an image that is drawn already. The image is dark or light whatever the theme, so the light is always
// the same yellow and the numbers stand on a ground of their own.
void draw(widgets::Canvas& canvas, const widgets::Rect& picture, const PatchLight& light);

// What the light says, on one line: from 0 to the brightest share, or from its negative, with both numbers.
struct LightScale {
  float brightest = 1;
  bool signed_shares = false;
};
void draw_legend(widgets::Canvas& canvas, widgets::Point left, float right, const LightScale& scale);

// Attention [depth, heads, tokens, tokens] as one image: heads side by side, layers below each other,
// [depth * tokens, heads * tokens].
core::Tensor<float> head_mosaic(const core::Tensor<float>& attention);

struct HeadPlace {
  core::Index layer = 0, head = 0;
  bool operator==(const HeadPlace&) const = default;
};
// Every head's attention, token by token, in a grid with one head outlined.
struct HeadGrid {
  std::string_view id;
  widgets::Rect box;
  const core::Tensor<float>* mosaic;  // of head_mosaic()
  std::shared_ptr<const void> source;
  core::Index depth = 0, heads = 0;
  HeadPlace chosen;
  bool fit_colors = false;  // from 0 to the largest weight, not to 1
};
// How wide the grid of so many heads can be in a box of this height.
float width_of_heads(float height, core::Index depth, core::Index heads);
// Returns the head that was clicked.
std::optional<HeadPlace> draw(widgets::Canvas& canvas, const HeadGrid& grid);

// The probability of every class as a bar; of more classes than fit, the likeliest ones.
struct ProbabilityBars {
  std::string_view title;
  widgets::Rect box;
  std::span<const float> probabilities;      // [classes]
  std::span<const std::string> class_names;  // [classes]
  std::optional<core::Index> label;          // the right one
  std::span<const float> before = {};        // an edit: then each says how many points it has moved
};
// The rows that were drawn, for what is to stand beside them.
struct BarRows {
  std::vector<std::size_t> classes;
  float top = 0, line = 0;  // of the first one, and from one to the next
  float center(std::size_t row) const { return top + line * (static_cast<float>(row) + 0.5f); }
  float bottom() const { return top + line * static_cast<float>(classes.size()); }
};
BarRows draw(widgets::Canvas& canvas, const ProbabilityBars& bars);

}  // namespace vitrine::labs
