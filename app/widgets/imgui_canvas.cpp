#include "app/widgets/imgui_canvas.h"

#include <algorithm>
#include <cmath>

#include "app/widgets/imgui_compat.h"

namespace vitrine::widgets {
namespace {

constexpr std::size_t kPolylinePiece = 8000;  // draw indices are 16-bit: a longer polyline would wrap

ImU32 packed(Color c) { return IM_COL32(c.r, c.g, c.b, c.a); }
ImVec2 vec(Point p) { return {p.x, p.y}; }
ImVec2 top_left(const Rect& r) { return {r.x, r.y}; }
ImVec2 bottom_right(const Rect& r) { return {r.right(), r.bottom()}; }

}  // namespace

ImFont* Fonts::pick(Face face, float size_px) const {
  const SizedFont* best = nullptr;
  for (const SizedFont& f : fonts) {
    if (f.face != face) continue;
    const bool large_enough = f.size_px >= size_px - 0.25f;
    const bool best_large_enough = best && best->size_px >= size_px - 0.25f;
    if (!best || (large_enough && (!best_large_enough || f.size_px < best->size_px)) ||
        (!large_enough && !best_large_enough && f.size_px > best->size_px))
      best = &f;
  }
  return best ? best->font : ImGui::GetFont();
}

unsigned int HeatmapStore::texture(const Heatmap& picture, const gpu::CellRect& visible, const Theme& theme,
                                   int width_px, int height_px, float scale) {
  auto [at, is_new] = entries_.try_emplace(std::string(picture.id));
  Entry& entry = at->second;
  entry.used = true;
  const auto& shape = picture.values->shape();
  const bool color_picture = shape.rank() == 3;
  const auto columns = static_cast<int>(shape[shape.rank() - 1]);
  const auto rows = static_cast<int>(shape.count() / columns);  // of a colour picture: of all its planes
  const bool changed = is_new || entry.source != picture.source || entry.cells.rows() != rows ||
                       entry.cells.columns() != columns;
  if (changed) {
    entry.cells.upload(picture.values->values(), rows, columns);
    entry.source = picture.source;
  }
  gpu::HeatmapStyle style;
  style.colormap = picture.colormap;
  style.range = picture.range;
  style.diverging = diverging_colors(theme);
  style.trouble = theme[Role::kTrouble];
  style.background = theme[Role::kStage];
  style.scale = scale;
  style.visible = visible;
  if (changed || style != entry.style || entry.colors.width_px() != width_px ||
      entry.colors.height_px() != height_px) {
    entry.style = style;
    entry.colors.resize(width_px, height_px);
    if (color_picture)
      renderer_.draw_image(entry.cells, style, entry.colors);
    else
      renderer_.draw(entry.cells, style, entry.colors);
  }
  return entry.colors.texture();
}

void HeatmapStore::end_frame() {
  for (auto at = entries_.begin(); at != entries_.end();)
    at = std::exchange(at->second.used, false) ? std::next(at) : entries_.erase(at);
}

ImGuiCanvas::ImGuiCanvas(const Screen& screen, ImDrawList* list, const Rect& place_px, bool live, float zoom,
                         Point pan)
    : screen_(screen), list_(list), place_px_(place_px), live_(live), zoom_(zoom), pan_px_(pan) {}

Rect ImGuiCanvas::area() const { return {0, 0, place_px_.w / screen_.scale, place_px_.h / screen_.scale}; }

Rect ImGuiCanvas::visible() const {
  return {-pan_px_.x / unit(), -pan_px_.y / unit(), place_px_.w / unit(), place_px_.h / unit()};
}

Point ImGuiCanvas::to_px(Point p) const {
  return {place_px_.x + pan_px_.x + p.x * unit(), place_px_.y + pan_px_.y + p.y * unit()};
}

Rect ImGuiCanvas::to_px(const Rect& r) const {
  const Point p = to_px(Point{r.x, r.y});
  return {p.x, p.y, r.w * unit(), r.h * unit()};
}

void ImGuiCanvas::fill(const Rect& rect, Paint paint) {
  const Rect r = to_px(rect);
  list_->AddRectFilled(top_left(r), bottom_right(r), packed(paint.resolve(screen_.theme)));
}

void ImGuiCanvas::stroke(const Rect& rect, Paint paint, float width) {
  const Rect r = to_px(rect);
  list_->AddRect(top_left(r), bottom_right(r), packed(paint.resolve(screen_.theme)), 0, 0,
                 width * screen_.scale);
}

void ImGuiCanvas::line(Point from, Point to, Paint paint, float width) {
  list_->AddLine(vec(to_px(from)), vec(to_px(to)), packed(paint.resolve(screen_.theme)),
                 width * screen_.scale);
}

void ImGuiCanvas::polyline(std::span<const Point> points, Paint paint, float width) {
  const ImU32 color = packed(paint.resolve(screen_.theme));
  for (std::size_t start = 0; start + 1 < points.size(); start += kPolylinePiece - 1) {
    std::vector<ImVec2> piece;
    for (std::size_t i = start; i < std::min(start + kPolylinePiece, points.size()); ++i)
      piece.push_back(vec(to_px(points[i])));
    list_->AddPolyline(piece.data(), static_cast<int>(piece.size()), color, 0, width * screen_.scale);
  }
}

void ImGuiCanvas::polygon(std::span<const Point> convex, Paint paint) {
  std::vector<ImVec2> corners;
  for (const Point p : convex) corners.push_back(vec(to_px(p)));
  list_->AddConvexPolyFilled(corners.data(), static_cast<int>(corners.size()),
                             packed(paint.resolve(screen_.theme)));
}

float ImGuiCanvas::line_px(const TextStyle& style) const {
  return style.size * unit() * screen_.fonts.line_per_em[static_cast<std::size_t>(style.face)];
}

void ImGuiCanvas::text(Point at, std::string_view words, const TextStyle& style) {
  if (!style.translated) words = screen_.words.of(words);
  if (words.empty()) return;
  const float size_px = line_px(style);
  const float shift =
      style.align == Align::kLeft ? 0 : width_of(words, style) * (style.align == Align::kCenter ? 0.5f : 1);
  const Point p = to_px(Point{at.x - shift, at.y});
  list_->AddText(screen_.fonts.pick(style.face, style.size * zoom_), size_px,
                 {std::round(p.x), std::round(p.y - size_px / 2)}, packed(style.paint.resolve(screen_.theme)),
                 words.data(), words.data() + words.size());
}

float ImGuiCanvas::text_width(std::string_view words, const TextStyle& style) const {
  return width_of(style.translated ? words : screen_.words.of(words), style);
}

float ImGuiCanvas::width_of(std::string_view words, const TextStyle& style) const {
  ImFont* font = screen_.fonts.pick(style.face, style.size * zoom_);
  return font->CalcTextSizeA(line_px(style), 1e9f, 0, words.data(), words.data() + words.size()).x / unit();
}

void ImGuiCanvas::numbers(const Numbers& shown) {
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  const Rect box = to_px(shown.box);
  const auto area = [](const Rect& r) { return r.w * r.h; };
  if (!ImGui::IsMouseReleased(1) || !box.contains({mouse.x, mouse.y}) ||
      (taken_ && area(box) > area(taken_->box_px)))
    return;
  std::visit(
      [&](const auto* tensor) {
        const bool few = tensor->count() <= kMostTaken;
        taken_ = {shown.name, tensor->shape(), few ? tensor->template cast<double>() : core::Tensor<double>(),
                  box};
      },
      shown.values);
}

void ImGuiCanvas::heatmap(const Heatmap& picture) {
  numbers({std::string(picture.id), picture.box, picture.values});
  const Rect r = to_px(picture.box);
  // Its edges are rounded and not its size: what meets on the stage meets on the screen.
  const Point corner{std::round(r.x), std::round(r.y)};
  const Rect whole{corner.x, corner.y, std::round(r.right()) - corner.x, std::round(r.bottom()) - corner.y};
  // Only what lies on the stage becomes a texture: a zoomed picture may be larger than a texture can be.
  const float left = std::max(whole.x, std::floor(place_px_.x)),
              top = std::max(whole.y, std::floor(place_px_.y)),
              right = std::min(whole.right(), std::ceil(place_px_.right())),
              bottom = std::min(whole.bottom(), std::ceil(place_px_.bottom()));
  if (left >= right || top >= bottom || picture.values->empty()) return;
  if (!screen_.heatmaps) return fill(picture.box, Role::kHairline);
  const auto& shape = picture.values->shape();
  const auto columns = static_cast<float>(shape[shape.rank() - 1]),
             rows = static_cast<float>(shape[shape.rank() - 2]);
  const gpu::CellRect visible{(left - whole.x) / whole.w * columns, (top - whole.y) / whole.h * rows,
                              (right - left) / whole.w * columns, (bottom - top) / whole.h * rows};
  const unsigned int texture =
      screen_.heatmaps->texture(picture, visible, screen_.theme, static_cast<int>(right - left),
                                static_cast<int>(bottom - top), screen_.scale);
  list_->AddImage(imgui_compat::texture_id(texture), {left, top}, {right, bottom}, {0, 1}, {1, 0});
}

Touch ImGuiCanvas::touch(std::string_view id, const Rect& rect) {
  const Rect r = to_px(rect);
  screen_.items.record(id, r, Use::kShape);
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  Touch touch;
  touch.at = {(mouse.x - place_px_.x - pan_px_.x) / unit(), (mouse.y - place_px_.y - pan_px_.y) / unit()};
  const auto over = [&](ImVec2 p) { return r.contains({p.x, p.y}) && place_px_.contains({p.x, p.y}); };
  touch.hovered = live_ && over(mouse);
  touch.held = live_ && ImGui::IsMouseDown(0) && over(ImGui::GetIO().MouseClickedPos[0]);
  touch.clicked = touch.hovered && ImGui::IsMouseReleased(0) &&
                  ImGui::GetIO().MouseDragMaxDistanceSqr[0] < 16 * screen_.scale * screen_.scale;
  return touch;
}

Touch ImGuiCanvas::grab(std::string_view id, const Rect& rect) {
  const Touch taken = touch(id, rect);
  grabbed_ |= taken.held;
  return taken;
}

Touch ImGuiCanvas::steer(std::string_view id, const Rect& rect) {
  Touch hand = grab(id, rect);
  steered_px_.push_back(to_px(rect));
  const ImGuiIO& io = ImGui::GetIO();
  hand.pressed = hand.hovered && ImGui::IsMouseClicked(0);
  hand.double_clicked = hand.hovered && ImGui::IsMouseDoubleClicked(0);
  if (hand.held && !hand.pressed) hand.moved = {io.MouseDelta.x / unit(), io.MouseDelta.y / unit()};
  if (hand.hovered) hand.wheel = io.MouseWheel;
  return hand;
}

ImGuiCanvas::~ImGuiCanvas() {
  while (clips_ > 0) pop_clip();
}

void ImGuiCanvas::push_clip(const Rect& rect) {
  const Rect r = to_px(rect);
  list_->PushClipRect(top_left(r), bottom_right(r), true);
  ++clips_;
}

void ImGuiCanvas::pop_clip() {
  list_->PopClipRect();
  --clips_;
}

}  // namespace vitrine::widgets
