// HeatmapRenderer: a matrix as colours, one draw call whatever its size. What is not a number never looks
// like one: a NaN cell is hatched, an infinite cell is a triangle (up for +, down for -), both in the colour
// of trouble.
#pragma once

#include <filesystem>
#include <optional>

#include "app/gpu/colormap.h"
#include "app/gpu/program.h"
#include "app/gpu/texture.h"

namespace vitrine::gpu {

// A part of a matrix in cells; x counts columns and y rows, and both may be fractions or lie outside.
struct CellRect {
  float x = 0, y = 0, width = 0, height = 0;
  bool operator==(const CellRect&) const = default;
};

struct HeatmapStyle {
  Colormap colormap = Colormap::kViridis;
  Range range{};                       // the diverging map shows shown_range() of it
  DivergingColors diverging{};         // the theme's
  Rgba8 trouble{0xD5, 0x5E, 0x00};     // hatches and triangles
  Rgba8 background{0x10, 0x12, 0x16};  // between them
  float scale = 1;                     // of hatches and triangles: DPI times presenter scale
  bool smooth = false;                 // bilinear between cells' centres, else one flat colour a cell
  std::optional<CellRect> visible{};   // what fills the target; nothing: the whole matrix
  bool operator==(const HeatmapStyle&) const = default;
};

class HeatmapRenderer {
 public:
  // `shaders` is the folder of fullscreen.vert and heatmap.frag. Throws GlError as Program does.
  explicit HeatmapRenderer(const std::filesystem::path& shaders);

  // Fills `target` with `cells` (R32F, one texel a cell), row 0 at the top; transparent where there is no
  // cell. Where several cells share a pixel it shows their mean, or the mark of the worst of them. Restores
  // OpenGL's state.
  void draw(const Texture2D& cells, const HeatmapStyle& style, Framebuffer& target);
  // The same for a picture: `planes` is (channel, row, column) with 3 channels, red, green, blue, as one
  // texture of 3*rows rows; style.range maps to black..full. Throws std::invalid_argument if the rows do not
  // divide by 3.
  void draw_image(const Texture2D& planes, const HeatmapStyle& style, Framebuffer& target);

 private:
  void render(const Texture2D& cells, int channels, const HeatmapStyle& style, Framebuffer& target);
  void use_table(const HeatmapStyle& style);

  Program program_;
  FullScreenTriangle triangle_;
  Texture2D table_;  // 1 x kColors, of the style below
  std::optional<HeatmapStyle> table_style_;
};

}  // namespace vitrine::gpu
