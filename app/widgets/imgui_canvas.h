// ImGuiCanvas: a Canvas over one ImGui draw list. HeatmapStore keeps the textures behind its heatmaps.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/gpu/heatmap.h"
#include "app/widgets/canvas.h"
#include "app/widgets/fonts.h"
#include "app/widgets/items.h"
#include "app/widgets/words.h"

struct ImDrawList;

namespace vitrine::widgets {

// One texture a heatmap id, uploaded again when its source changes, coloured again when its look or size
// does.
class HeatmapStore {
 public:
  explicit HeatmapStore(const std::filesystem::path& shaders) : renderer_(shaders) {}
  // The coloured picture's `visible` cells at this size in pixels; upside down, as OpenGL's textures are.
  // Throws GlError if the driver refuses a size.
  unsigned int texture(const Heatmap& picture, const gpu::CellRect& visible, const Theme& theme, int width_px,
                       int height_px, float scale);
  // Forgets the pictures that were not asked for since the last call.
  void end_frame();

 private:
  struct Entry {
    gpu::Texture2D cells;
    gpu::Framebuffer colors;
    std::shared_ptr<const void> source;
    gpu::HeatmapStyle style;
    bool used = true;
  };
  gpu::HeatmapRenderer renderer_;
  std::map<std::string, Entry, std::less<>> entries_;
};

// What every canvas and control of a frame shares.
struct Screen {
  const Theme& theme;
  const Fonts& fonts;
  HeatmapStore* heatmaps;  // null without OpenGL (tests of the user interface): heatmaps are grey boxes then
  Items& items;
  const Words& words;
  float scale;  // pixels a unit: DPI times the user's scale
  bool reduce_motion;
};

class ImGuiCanvas final : public Canvas {
 public:
  // The stage's place in pixels. `live`: the pointer may touch shapes (nothing lies over the stage). `zoom`
  // and `pan` (in pixels) move what is drawn; area() stays the unzoomed stage.
  ImGuiCanvas(const Screen& screen, ImDrawList* list, const Rect& place_px, bool live, float zoom = 1,
              Point pan = {0, 0});
  // Undoes the clips that an exception left.
  ~ImGuiCanvas() override;
  ImGuiCanvas(const ImGuiCanvas&) = delete;
  ImGuiCanvas& operator=(const ImGuiCanvas&) = delete;

  const Theme& theme() const override { return screen_.theme; }
  Rect area() const override;
  float zoom() const override { return zoom_; }
  Rect visible() const override;
  void fill(const Rect& rect, Paint paint) override;
  void stroke(const Rect& rect, Paint paint, float width = 1) override;
  void line(Point from, Point to, Paint paint, float width = 1) override;
  void polyline(std::span<const Point> points, Paint paint, float width = 1.5f) override;
  void polygon(std::span<const Point> convex, Paint paint) override;
  void text(Point at, std::string_view words, const TextStyle& style) override;
  float text_width(std::string_view words, const TextStyle& style) const override;
  std::string_view translated(std::string_view words) const override { return screen_.words.of(words); }
  void heatmap(const Heatmap& picture) override;
  void numbers(const Numbers& shown) override;
  Touch touch(std::string_view id, const Rect& rect) override;
  Touch grab(std::string_view id, const Rect& rect) override;
  Touch steer(std::string_view id, const Rect& rect) override;
  void push_clip(const Rect& rect) override;
  void pop_clip() override;
  bool reduce_motion() const override { return screen_.reduce_motion; }
  // A shape that was given to grab() or steer() holds the pointer.
  bool grabbed() const { return grabbed_; }
  // The places of the shapes that were given to steer(), in pixels.
  const std::vector<Rect>& steered_px() const { return steered_px_; }
  // What a right click takes along: a copy of the numbers that stand where the right button came up in this
  // frame, those of the smallest of several pictures, the last of equal ones.
  static constexpr core::Index kMostTaken = 200'000;
  struct Taken {
    std::string name;
    core::Shape shape;
    core::Tensor<double> values;  // none of them where there are more than kMostTaken
    Rect box_px;
  };
  const std::optional<Taken>& taken() const { return taken_; }

 private:
  Point to_px(Point p) const;
  Rect to_px(const Rect& r) const;
  float width_of(std::string_view words, const TextStyle& style) const;  // in the user's language already
  float line_px(const TextStyle& style) const;  // the style's size as ImGui measures fonts
  float unit() const { return screen_.scale * zoom_; }

  const Screen& screen_;
  ImDrawList* list_;
  Rect place_px_;
  bool live_;
  float zoom_;
  Point pan_px_;
  bool grabbed_ = false;
  std::vector<Rect> steered_px_;
  std::optional<Taken> taken_;
  int clips_ = 0;  // pushed and not yet popped
};

}  // namespace vitrine::widgets
