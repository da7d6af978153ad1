#include "app/widgets/matrix.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/text.h"

namespace vitrine::widgets {
namespace {

constexpr float kSmallestOutlined_px = 10;
constexpr double kNextToNothing = 1e-3;  // of the largest number

// Diagonal strokes: a number that is not one.
void hatch(Canvas& canvas, const Rect& r, Paint paint, float hair) {
  for (float d = 4 * hair; d < r.w + r.h; d += 6 * hair) {
    const Point from{r.x + std::max(0.0f, d - r.h), r.y + std::min(d, r.h)};
    const Point to{r.x + std::min(d, r.w), r.y + std::max(0.0f, d - r.w)};
    canvas.line(from, to, paint, 1.5f);
  }
}

}  // namespace

Cell cell_under(const MatrixLayout& m, Point p) {
  const auto index = [&](float offset, core::Index n) {
    return std::clamp<core::Index>(static_cast<core::Index>(offset / m.cell), 0, n - 1);
  };
  return {index(p.y - m.cells.y, m.rows), index(p.x - m.cells.x, m.columns)};
}

MatrixLayout layout(const MatrixPicture& p) {
  const auto& shape = p.values->shape();
  MatrixLayout m;
  m.rows = shape.rank() == 2 ? shape[0] : p.column_vector ? shape[0] : 1;
  m.columns = shape.rank() == 2 ? shape[1] : p.column_vector ? 1 : shape[0];
  const float title = p.title.empty() ? 0 : kTitleHeight_px;
  m.cell = std::min(
      {p.max_cell, p.box.w / static_cast<float>(m.columns), (p.box.h - title) / static_cast<float>(m.rows)});
  if (m.cell >= 4) m.cell = std::floor(m.cell);
  const float w = m.cell * static_cast<float>(m.columns), h = m.cell * static_cast<float>(m.rows);
  m.cells = {std::floor(p.box.x + (p.box.w - w) / 2), std::floor(p.box.y + title + (p.box.h - title - h) / 2),
             w, h};
  return m;
}

std::string shape_words(const core::Shape& shape) {
  std::string words;
  for (const core::Index size : shape.sizes()) words += (words.empty() ? "" : " × ") + core::grouped(size);
  return words;
}

void draw_title(Canvas& canvas, Point at, std::string_view name, Role role, std::string_view beside) {
  const TextStyle style{kTextSize_px, Face::kStrong, role};
  canvas.text(at, name, style);
  canvas.text({at.x + canvas.text_width(name, style) + 8, at.y}, beside,
              {kQuietSize_px, Face::kWords, Role::kQuiet});
}

void draw_title(Canvas& canvas, Point at, std::string_view name, Role role, std::string_view beside,
                float width) {
  const float both = canvas.text_width(name, {kTextSize_px, Face::kStrong}) + 8 +
                     canvas.text_width(beside, {kQuietSize_px, Face::kWords});
  draw_title(canvas, at, name, role, both <= width ? beside : "");
}

gpu::Range symmetric_range(const core::Tensor<double>& values) {
  double most = 1e-12;
  for (const double v : values.values())
    if (std::isfinite(v)) most = std::max(most, std::abs(v));
  most = std::min<double>(most, std::numeric_limits<float>::max());
  return {static_cast<float>(-most), static_cast<float>(most)};
}

Color Shade::of(const Theme& theme, double value) const {
  if (!tint) return value_color(theme, colormap, range, value);
  const double strength = range.hi > 0 ? std::min(std::abs(value) / range.hi, 1.0) : 0;
  return gpu::mixed(theme[Role::kPanel], theme[*tint],
                    value == 0 ? 0 : 0.12f + 0.5f * static_cast<float>(strength));
}

Shade tinted(Role role, const core::Tensor<double>& values) {
  return {role, gpu::Colormap::kDiverging, symmetric_range(values)};
}

Shade mapped(gpu::Colormap colormap, gpu::Range range) { return {std::nullopt, colormap, range}; }

void veil_after(Canvas& canvas, const Rect& grid, const Rect& cell) {
  const Paint veil{Role::kStage, 0.7f};
  const float right = grid.right() + 0.5f, bottom = grid.bottom() + 0.5f;  // textures end on whole pixels
  canvas.fill({cell.right(), cell.y, right - cell.right(), cell.h}, veil);
  canvas.fill({grid.x, cell.bottom(), right - grid.x, bottom - cell.bottom()}, veil);
}

float hairline(const Canvas& canvas) { return 1 / std::max(canvas.zoom(), 1.0f); }

void draw_cell(Canvas& canvas, const Rect& r, double value, const CellLook& look, const Shade& shade) {
  const float hair = hairline(canvas);
  const bool outlined = r.h >= kSmallestOutlined_px * hair;  // smaller cells would be all outline
  if (look.alpha <= 0) {
    if (outlined) canvas.stroke(r.inset(0.5f * hair), Role::kHairline);
    return;
  }
  const bool colored = !look.plain && !look.masked && std::isfinite(value);
  const Color ground = colored ? shade.of(canvas.theme(), value) : canvas.theme()[Role::kStage];
  canvas.fill(r, {ground, look.alpha});
  if (look.masked)
    hatch(canvas, r, {Role::kHairline, look.alpha}, hair);
  else if (!std::isfinite(value))
    hatch(canvas, r, {Role::kTrouble, look.alpha}, hair);
  if (look.dashed)
    dashed(canvas, r.inset(0.5f * hair), Role::kQuiet, 4 * hair);
  else if (outlined)
    canvas.stroke(r.inset(0.5f * hair), Role::kHairline);
  // A cell that is wider than high has room for larger digits.
  const float room = std::min(std::sqrt(std::max(r.w, r.h) * r.h), 1.5f * r.h);
  const float size = std::clamp(room * 0.36f, 9 * hair, 20.0f);
  const Paint ink = colored ? Paint(ink_on(ground), look.alpha) : Paint(Role::kQuiet, look.alpha);
  TextStyle style{size, Face::kNumbers, ink, Align::kCenter};
  const float margin = std::min(4 * hair, 0.12f * r.w);
  if (r.h < 14 * hair) return;
  std::string number = fitted(canvas, value, style, r.w - margin);
  while (number.empty() && style.size > 9 * hair) {  // rather small than not at all
    style.size = std::max(0.85f * style.size, 9 * hair);
    number = fitted(canvas, value, style, r.w - margin);
  }
  // What the colours cannot tell from 0 either.
  if (number.empty() && std::abs(value) < kNextToNothing * static_cast<double>(shade.range.hi)) {
    constexpr std::string_view kNothing = "≈0";
    if (canvas.text_width(kNothing, style) <= r.w - margin) number = kNothing;
  }
  canvas.text(r.center(), number, style);
}

void draw_flying(Canvas& canvas, const Rect& r, double value, const CellLook& look, const Shade& shade) {
  canvas.fill(r, {Role::kStage, look.alpha});
  draw_cell(canvas, r, value, look, shade);
  canvas.stroke(r.inset(0.5f), {Role::kFocus, 0.6f * look.alpha});
}

void draw_flying_product(Canvas& canvas, const Rect& r, double a, double b, float alpha) {
  TextStyle style{std::clamp(r.h * 0.34f, 9.0f, 18.0f), Face::kNumbers, {Role::kText, alpha}, Align::kCenter};
  const auto words = [&](int digits) {
    const std::string second = core::shown(b, digits);
    return core::shown(a, digits) + "·" + (b < 0 ? "(" + second + ")" : second);
  };
  constexpr float kMargin = 6;
  std::string product = words(3);
  if (canvas.text_width(product, style) > r.w - kMargin) product = words(2);
  const float width = std::max(r.w, canvas.text_width(product, style) + kMargin);
  const Rect box{r.center().x - width / 2, r.y, width, r.h};
  canvas.fill(box, {Role::kStage, alpha});
  canvas.fill(box, {Role::kPanel, alpha});
  canvas.stroke(box.inset(0.5f), {Role::kFocus, 0.6f * alpha});
  canvas.text(box.center(), product, style);
}

CellTouch draw(Canvas& canvas, const MatrixPicture& p) {
  const MatrixLayout m = layout(p);
  canvas.numbers({p.title.empty() ? p.id : p.title, m.cells, p.values});
  if (!p.title.empty()) {
    const Point at{m.cells.x, m.cells.y - kTitleHeight_px / 2 - 1};
    draw_title(canvas, at, p.title, p.role, p.show_shape ? shape_words(p.values->shape()) : "");
  }
  const auto look_of = [&](Cell c) { return p.look ? p.look(c) : CellLook{}; };
  for (core::Index r = 0; r < m.rows; ++r)
    for (core::Index c = 0; c < m.columns; ++c)
      draw_cell(canvas, m.at({r, c}), (*p.values)[r * m.columns + c], look_of({r, c}), p.shade);
  for (core::Index r = 0; r < m.rows; ++r)  // on top, so that no neighbour's edge covers the light
    for (core::Index c = 0; c < m.columns; ++c)
      if (look_of({r, c}).lit) canvas.stroke(m.at({r, c}).inset(1), Role::kFocus, 2);
  CellTouch touch;
  const Touch pointer = canvas.touch(p.id, m.cells);
  if (pointer.hovered) touch = {cell_under(m, pointer.at), pointer.clicked};
  return touch;
}

namespace {

constexpr float kLegendBar_px = 8;  // high

void draw_legend_bar(Canvas& canvas, Point at, float width, gpu::Colormap colormap, gpu::Range range) {
  constexpr int kBands = 48;
  const float band = width / kBands;
  for (int i = 0; i < kBands; ++i) {
    const double value = range.lo + (range.hi - range.lo) * (i + 0.5) / kBands;
    canvas.fill({at.x + band * static_cast<float>(i), at.y, band + 0.5f, kLegendBar_px},
                value_color(canvas.theme(), colormap, range, value));
  }
}

}  // namespace

void legend_line(Canvas& canvas, Point left, float right, gpu::Colormap colormap, gpu::Range range) {
  const TextStyle style{kQuietSize_px - 2, Face::kNumbers, Role::kQuiet};
  const std::string low = core::shown(range.lo, 3), high = core::shown(range.hi, 3);
  const float from = left.x + canvas.text_width(low, style) + 4,
              to = right - canvas.text_width(high, style) - 4;
  if (to <= from) return;
  canvas.text(left, low, style);
  draw_legend_bar(canvas, {from, left.y - kLegendBar_px / 2}, to - from, colormap, range);
  canvas.text({to + 4, left.y}, high, style);
}

void legend(Canvas& canvas, const Rect& box, gpu::Colormap colormap, gpu::Range range) {
  draw_legend_bar(canvas, {box.x, box.y}, box.w, colormap, range);
  const float y = box.y + kLegendBar_px + 9;
  const auto mark = [&](double value, float x, Align align) {
    canvas.text({x, y}, core::shown(value, 3), {kQuietSize_px - 2, Face::kNumbers, Role::kQuiet, align});
  };
  mark(range.lo, box.x, Align::kLeft);
  mark(range.hi, box.right(), Align::kRight);
  const TextStyle style{kQuietSize_px - 2, Face::kNumbers, Role::kQuiet};
  const float ends = canvas.text_width(core::shown(range.lo, 3) + "0  0" + core::shown(range.hi, 3), style);
  if (range.lo < 0 && range.hi > 0 && ends <= box.w)
    mark(0, box.x + box.w * static_cast<float>(-range.lo / (range.hi - range.lo)), Align::kCenter);
}

}  // namespace vitrine::widgets
