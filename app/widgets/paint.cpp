#include "app/widgets/paint.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace vitrine::widgets {

using core::Index;
using core::Tensor;

namespace {

constexpr double kSoftEdge_px = 1;  // at least, so that no dab falls between the pixels' centres
constexpr float kLeastMove_px = 0.02f;

double outer_radius(const Brush& brush) {
  return std::max(brush.radius, brush.hardness * brush.radius + kSoftEdge_px);
}

double distance_to_segment(double x, double y, Point from, Point to) {
  const double ax = static_cast<double>(from.x), ay = static_cast<double>(from.y),
               dx = static_cast<double>(to.x) - ax, dy = static_cast<double>(to.y) - ay,
               length_squared = dx * dx + dy * dy;
  const double along =
      length_squared > 0 ? std::clamp(((x - ax) * dx + (y - ay) * dy) / length_squared, 0.0, 1.0) : 0;
  return std::hypot(x - ax - along * dx, y - ay - along * dy);
}

// coverage [H, W]: raised to that of the segment where this is more.
void cover(Tensor<float>& coverage, Point from, Point to, const Brush& brush) {
  const double reach = outer_radius(brush);
  const auto first = [&](float a, float b) {
    return static_cast<Index>(std::floor(std::max(0.0, static_cast<double>(std::min(a, b)) - reach)));
  };
  const auto past = [&](float a, float b, Index size) {
    const double end = std::ceil(static_cast<double>(std::max(a, b)) + reach);
    return static_cast<Index>(std::clamp(end, 0.0, static_cast<double>(size)));
  };
  for (Index i = first(from.y, to.y); i < past(from.y, to.y, coverage.size(0)); ++i)
    for (Index j = first(from.x, to.x); j < past(from.x, to.x, coverage.size(1)); ++j) {
      const double d =
          distance_to_segment(static_cast<double>(j) + 0.5, static_cast<double>(i) + 0.5, from, to);
      coverage(i, j) = std::max(coverage(i, j), static_cast<float>(brush.coverage(d)));
    }
}

}  // namespace

double Brush::coverage(double distance) const {
  const double full = hardness * radius;
  const double t = std::clamp((distance - full) / (outer_radius(*this) - full), 0.0, 1.0);
  return 1 - t * t * (3 - 2 * t);
}

Tensor<float> stroke(const Tensor<float>& pixels, std::span<const Point> path, const Brush& brush) {
  const Index rows = pixels.size(1), columns = pixels.size(2);
  Tensor<float> coverage(core::Shape{rows, columns});
  for (std::size_t i = 0; i < path.size(); ++i) cover(coverage, path[i > 0 ? i - 1 : 0], path[i], brush);
  Tensor<float> out = pixels;
  for (Index c = 0; c < pixels.size(0); ++c)
    for (Index i = 0; i < coverage.count(); ++i) {
      float& pixel = out[c * coverage.count() + i];
      pixel += coverage[i] * (brush.ink[static_cast<std::size_t>(c)] - pixel);
    }
  return out;
}

std::optional<PaintingHand::Painted> PaintingHand::follow(const Touch& touch, const Rect& box,
                                                          const Tensor<float>& pixels, const Brush& brush) {
  if (!touch.held) {
    path_.clear();
    return std::nullopt;
  }
  const bool goes_on = painting();
  if (!goes_on) before_ = pixels;
  const Point at{(touch.at.x - box.x) / box.w * static_cast<float>(before_.size(2)),
                 (touch.at.y - box.y) / box.h * static_cast<float>(before_.size(1))};
  if (goes_on && std::hypot(at.x - path_.back().x, at.y - path_.back().y) < kLeastMove_px)
    return std::nullopt;
  path_.push_back(at);
  return Painted{stroke(before_, path_, brush), goes_on};
}

void draw_outline(Canvas& canvas, const Rect& box, Index columns, Point at, const Brush& brush) {
  constexpr int kCorners = 32;
  const auto radius = static_cast<float>(brush.radius) * box.w / static_cast<float>(columns);
  std::array<Point, kCorners + 1> circle;
  for (int i = 0; i <= kCorners; ++i) {
    const float angle = 2 * std::numbers::pi_v<float> * static_cast<float>(i) / kCorners;
    circle[static_cast<std::size_t>(i)] = {at.x + radius * std::cos(angle), at.y + radius * std::sin(angle)};
  }
  canvas.polyline(circle, Color{0, 0, 0}, 2.5f);
  canvas.polyline(circle, Color{255, 255, 255}, 1.2f);
}

}  // namespace vitrine::widgets
