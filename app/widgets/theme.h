// Theme: the colour of each role. Colour is meaning: input, kernel, output, gradient, focus and trouble look
// the same in every lab, in the pictures and in the equations. Hues after Okabe and Ito, safe for
// colour-blind people.
#pragma once

#include <array>
#include <cstdint>

#include "app/gpu/colormap.h"

namespace vitrine::widgets {

using Color = gpu::Rgba8;

enum class Role : std::uint8_t {
  kText,
  kQuiet,       // secondary words
  kHairline,    // borders, grids
  kBackground,  // behind everything
  kPanel,       // rail, inspector, strips
  kStage,       // behind the pictures
  kInput,       // x, images, queries
  kKernel,      // kernels, keys, any weight
  kOutput,      // y, values, what comes out
  kGradient,    // everything in a backward pass
  kFocus,       // what is lit now
  kTrouble,     // errors, NaN, divergence
};
inline constexpr int kRoles = 12;

struct Theme {
  std::array<Color, kRoles> colors;
  bool light;
  Color operator[](Role role) const { return colors[static_cast<std::size_t>(role)]; }
};

const Theme& dark_theme();
// For projectors: the same hues, darkened until text on white has contrast 4.5:1.
const Theme& light_theme();

// The diverging colormap's ends and middle on this theme: sky blue below zero, neutral, orange above.
gpu::DivergingColors diverging_colors(const Theme& theme);
// The colour of a value on this theme: the heatmaps', the cells' and the legends'. NaN is in trouble's.
Color value_color(const Theme& theme, gpu::Colormap colormap, gpu::Range range, double value);

// Relative luminance and contrast ratio of two opaque colours (WCAG 2.1, 1.4.3).
double luminance(Color color);
double contrast(Color a, Color b);
// Black or white, whichever reads better on the background.
Color ink_on(Color background);

// What a shape is painted with: a role of the theme, or a colour computed from a number.
struct Paint {
  Paint(Role r, float opacity = 1) : role(r), alpha(opacity) {}
  Paint(Color c, float opacity = 1) : color(c), explicit_color(true), alpha(opacity) {}
  Color resolve(const Theme& theme) const;

  Role role = Role::kText;
  Color color{0, 0, 0, 255};
  bool explicit_color = false;
  float alpha = 1;
};

}  // namespace vitrine::widgets
