#include "app/gpu/heatmap.h"

#include <stdexcept>

namespace vitrine::gpu {
namespace {

constexpr int kCellsUnit = 0, kTableUnit = 1;

void set_color(const Program& program, const char* name, Rgba8 color) {
  program.set(name, static_cast<float>(color.r) / 255, static_cast<float>(color.g) / 255,
              static_cast<float>(color.b) / 255, static_cast<float>(color.a) / 255);
}

}  // namespace

HeatmapRenderer::HeatmapRenderer(const std::filesystem::path& shaders)
    : program_(shaders / "fullscreen.vert", shaders / "heatmap.frag") {}

void HeatmapRenderer::draw(const Texture2D& cells, const HeatmapStyle& style, Framebuffer& target) {
  render(cells, 1, style, target);
}

void HeatmapRenderer::draw_image(const Texture2D& planes, const HeatmapStyle& style, Framebuffer& target) {
  if (planes.rows() % 3 != 0)
    throw std::invalid_argument("a picture of 3 planes in " + std::to_string(planes.rows()) + " rows");
  render(planes, 3, style, target);
}

void HeatmapRenderer::use_table(const HeatmapStyle& style) {
  if (!table_style_ || table_style_->colormap != style.colormap ||
      table_style_->diverging != style.diverging) {
    table_.upload(color_table(style.colormap, style.diverging), 1, kColors);
    table_style_ = style;
  }
  table_.bind(kTableUnit);
}

void HeatmapRenderer::render(const Texture2D& cells, int channels, const HeatmapStyle& style,
                             Framebuffer& target) {
  if (target.width_px() == 0 || target.height_px() == 0) return;
  const StateGuard guard;
  target.bind();
  constexpr std::array<float, 4> kTransparent{};
  glClearBufferfv(GL_COLOR, 0, kTransparent.data());
  if (cells.empty()) return;

  const int rows = cells.rows() / channels;
  const CellRect visible =
      style.visible.value_or(CellRect{0, 0, static_cast<float>(cells.columns()), static_cast<float>(rows)});
  const Range range = shown_range(style.colormap, style.range);
  use_table(style);
  cells.bind(kCellsUnit);
  program_.use();
  program_.set("cells", kCellsUnit);
  program_.set("table", kTableUnit);
  program_.set("channels", channels);
  program_.set("smooth_cells", style.smooth ? 1 : 0);
  program_.set("target_px", static_cast<float>(target.width_px()), static_cast<float>(target.height_px()));
  program_.set("visible", visible.x, visible.y, visible.width, visible.height);
  program_.set("range", range.lo, range.hi);
  program_.set("mark_scale", style.scale);
  set_color(program_, "trouble", style.trouble);
  set_color(program_, "background", style.background);
  triangle_.draw();
}

}  // namespace vitrine::gpu
