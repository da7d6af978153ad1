// RecordingCanvas: a canvas without a screen that keeps what is drawn and plays the hand it is given.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "app/widgets/canvas.h"

namespace vitrine {

class RecordingCanvas final : public widgets::Canvas {
 public:
  using Point = widgets::Point;
  using Rect = widgets::Rect;
  struct Text {
    Rect box;
    std::string words;
  };
  struct Line {
    std::vector<Point> points;
    widgets::Paint paint;
    float width;
  };
  // A tensor that a part of the picture offers to be taken along.
  struct Offer {
    std::string name;
    Rect box;
    core::Index count;  // of its numbers
  };

  explicit RecordingCanvas(float zoom = 1, const Rect& visible = {0, 0, 800, 600})
      : zoom_(zoom), visible_(visible) {}
  const widgets::Theme& theme() const override { return widgets::dark_theme(); }
  Rect area() const override { return {0, 0, 800, 600}; }
  float zoom() const override { return zoom_; }
  Rect visible() const override { return visible_; }
  void fill(const Rect&, widgets::Paint) override { ++shapes; }
  void stroke(const Rect&, widgets::Paint, float width) override {
    ++shapes;
    widest_px = std::max(widest_px, width);
  }
  void line(Point from, Point to, widgets::Paint paint, float width) override {
    ++shapes;
    lines.push_back({{from, to}, paint, width});
  }
  void polyline(std::span<const Point> points, widgets::Paint paint, float width) override {
    ++shapes;
    polylines.push_back({{points.begin(), points.end()}, paint, width});
  }
  void polygon(std::span<const Point>, widgets::Paint) override { ++shapes; }
  void text(Point at, std::string_view words, const widgets::TextStyle& style) override {
    const float width = text_width(words, style);
    const float shift = style.align == widgets::Align::kLeft     ? 0
                        : style.align == widgets::Align::kCenter ? width / 2
                                                                 : width;
    texts.push_back({{at.x - shift, at.y - style.size / 2, width, style.size}, std::string(words)});
  }
  float text_width(std::string_view words, const widgets::TextStyle& style) const override {
    return 0.6f * style.size * static_cast<float>(words.size());
  }
  void heatmap(const widgets::Heatmap& picture) override { heatmaps.push_back(picture.values); }
  void numbers(const widgets::Numbers& shown) override {
    offers.push_back({shown.name, shown.box,
                      std::visit([](const auto* values) { return values->count(); }, shown.values)});
  }
  widgets::Touch touch(std::string_view id, const Rect&) override {
    const auto at = hands.find(id);
    return at == hands.end() ? widgets::Touch{} : at->second;
  }
  widgets::Touch grab(std::string_view id, const Rect& rect) override { return touch(id, rect); }
  widgets::Touch steer(std::string_view id, const Rect& rect) override { return touch(id, rect); }
  void push_clip(const Rect&) override {}
  void pop_clip() override {}
  bool reduce_motion() const override { return false; }

  const Text* find(std::string_view words) const {
    const auto at = std::ranges::find(texts, words, &Text::words);
    return at == texts.end() ? nullptr : &*at;
  }

  int shapes = 0;
  float widest_px = 0;
  std::vector<Text> texts;
  std::vector<Line> lines, polylines;
  std::vector<const core::Tensor<float>*> heatmaps;
  std::vector<Offer> offers;
  std::map<std::string, widgets::Touch, std::less<>> hands;  // what the pointer does to a shape, by its id

 private:
  float zoom_;
  Rect visible_;
};

}  // namespace vitrine
