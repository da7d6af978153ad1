#include "engine/train/shapes.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/core/rng.h"
#include "engine/train/drawn.h"

namespace vitrine::train {
namespace {

using core::Index;

struct Point {
  double x, y;
};
using Color = std::array<double, 3>;  // red, green, blue, 0 to 1

constexpr Point kTriangle[] = {{0, -1}, {0.866, 0.5}, {-0.866, 0.5}};
constexpr Point kSquare[] = {{-0.75, -0.75}, {0.75, -0.75}, {0.75, 0.75}, {-0.75, 0.75}};
constexpr Point kStar[] = {{0, -1},   {0.247, -0.340}, {0.951, -0.309}, {0.399, 0.130},   {0.588, 0.809},
                           {0, 0.42}, {-0.588, 0.809}, {-0.399, 0.130}, {-0.951, -0.309}, {-0.247, -0.340}};
constexpr Point kCross[] = {{-0.3, -1}, {0.3, -1}, {0.3, -0.3}, {1, -0.3}, {1, 0.3},   {0.3, 0.3},
                            {0.3, 1},   {-0.3, 1}, {-0.3, 0.3}, {-1, 0.3}, {-1, -0.3}, {-0.3, -0.3}};
constexpr Point kArrow[] = {{0, -1},   {0.75, -0.1}, {0.3, -0.1},  {0.3, 1},
                            {-0.3, 1}, {-0.3, -0.1}, {-0.75, -0.1}};

// Whether a line from p to the right crosses the outline an odd number of times.
bool inside(std::span<const Point> outline, Point p) {
  bool odd = false;
  for (std::size_t i = 0; i < outline.size(); ++i) {
    const Point a = outline[i], b = outline[(i + 1) % outline.size()];
    if ((a.y > p.y) != (b.y > p.y) && p.x < a.x + (b.x - a.x) * (p.y - a.y) / (b.y - a.y)) odd = !odd;
  }
  return odd;
}

// Whether a point of the unit disc belongs to the shape; numbered as kShapeNames.
bool inside(int shape, Point p) {
  const double radius = std::hypot(p.x, p.y);
  switch (shape) {
    case 0:
      return radius < 0.9;
    case 1:
      return radius < 1 && radius > 0.55;
    case 2:
      return radius < 1 && std::hypot(p.x - 0.5, p.y) > 0.8;
    case 3:
      return inside(kTriangle, p);
    case 4:
      return inside(kSquare, p);
    case 5:
      return inside(kStar, p);
    case 6:
      return inside(kCross, p);
    default:
      return inside(kArrow, p);
  }
}

// What differs from picture to picture of one class.
struct Appearance {
  Color shape, paper_from, paper_to;
  Point centre = {};  // pixels
  double radius_px = 0, angle = 0, fade_angle = 0, noise = 0;
};

constexpr Color kBrightness{0.3, 0.6, 0.1};  // how bright each of the three looks

double brightness(const Color& c) {
  return kBrightness[0] * c[0] + kBrightness[1] * c[1] + kBrightness[2] * c[2];
}

Appearance look_of(const core::Rng& rng, std::uint64_t number) {
  std::uint64_t drawn = 0;
  const auto between = [&](double low, double high) {
    return low + (high - low) * rng.uniform(number, drawn++);
  };
  const auto color = [&] { return Color{between(0, 1), between(0, 1), between(0, 1)}; };
  Appearance look{color(), color(), color()};
  double paper = 0;  // its brightness in the middle
  for (std::size_t c = 0; c < 3; ++c) {
    look.paper_to[c] = 0.5 * (look.paper_from[c] + look.paper_to[c]);
    paper += kBrightness[c] * 0.5 * (look.paper_from[c] + look.paper_to[c]);
  }
  // A shape that no one could see is white on dark paper, black on bright.
  if (std::abs(brightness(look.shape) - paper) < 0.25) look.shape.fill(paper < 0.5 ? 1 : 0);
  look.radius_px = between(7, 12);
  const double room_px = 13.5 - look.radius_px;
  look.centre = {14 + between(-room_px, room_px), 14 + between(-room_px, room_px)};
  look.angle = between(-0.5, 0.5);
  look.fade_angle = between(0, 2 * std::numbers::pi);
  look.noise = between(0.02, 0.12);
  return look;
}

// The share of a pixel that the shape covers, counted on a grid of points.
double cover(int shape, const Appearance& look, Index row, Index column) {
  constexpr int kGrid = 4;
  const double reach = look.radius_px + 1;
  const Point corner{static_cast<double>(column) - look.centre.x, static_cast<double>(row) - look.centre.y};
  if (std::abs(corner.x + 0.5) > reach || std::abs(corner.y + 0.5) > reach) return 0;
  const double cosine = std::cos(look.angle) / look.radius_px, sine = std::sin(look.angle) / look.radius_px;
  int covered = 0;
  for (int i = 0; i < kGrid * kGrid; ++i) {
    const double x = corner.x + (i % kGrid + 0.5) / kGrid, y = corner.y + (i / kGrid + 0.5) / kGrid;
    covered += inside(shape, {cosine * x + sine * y, cosine * y - sine * x});
  }
  return covered / static_cast<double>(kGrid * kGrid);
}

void draw_shape(const core::Rng& rng, std::uint64_t number, int shape, std::uint8_t* out) {
  constexpr std::uint64_t kNoiseFrom = 1000;  // indices before it are look_of's
  constexpr Index kPixels = kShapeSide * kShapeSide;
  const Appearance look = look_of(rng, number);
  const double across = std::cos(look.fade_angle) / kShapeSide, down = std::sin(look.fade_angle) / kShapeSide;
  for (Index pixel = 0; pixel < kPixels; ++pixel) {
    const Index row = pixel / kShapeSide, column = pixel % kShapeSide;
    const double fade = std::clamp(
        0.5 + across * (static_cast<double>(column) - 13.5) + down * (static_cast<double>(row) - 13.5), 0.0,
        1.0);
    const double covered = cover(shape, look, row, column);
    const auto random = rng.bits(number, kNoiseFrom + static_cast<std::uint64_t>(pixel));
    for (std::size_t c = 0; c < 3; ++c) {
      const double paper = look.paper_from[c] + fade * (look.paper_to[c] - look.paper_from[c]);
      const double noise = look.noise * (2 * std::ldexp(static_cast<double>(random[c]), -32) - 1);
      const double value = std::clamp(paper + covered * (look.shape[c] - paper) + noise, 0.0, 1.0);
      out[static_cast<Index>(c) * kPixels + pixel] = static_cast<std::uint8_t>(std::lround(255 * value));
    }
  }
}

}  // namespace

Split draw_shapes(std::uint64_t seed, Index first, Index count, core::Workers& workers, std::stop_token stop,
                  core::Progress* progress) {
  const core::Rng rng(seed, core::RngStream::kShapes);
  const auto draw = [&](std::uint64_t number, int shape, std::uint8_t* out) {
    draw_shape(rng, number, shape, out);
  };
  return drawn_split({3, kShapeSide, kShapeSide}, std::ssize(kShapeNames), first, count, draw, workers, stop,
                     progress);
}

}  // namespace vitrine::train
