#include "engine/train/digits.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "engine/core/rng.h"
#include "engine/train/drawn.h"

namespace vitrine::train {
namespace {

using core::Index;

struct Point {
  double x, y;  // x to the right, y down
};
using Stroke = std::vector<Point>;

// Part of an ellipse, angles in degrees clockwise from the right.
void arc(Stroke& stroke, Point centre, Point radius, double from, double to) {
  constexpr int kSteps = 12;
  for (int i = 0; i <= kSteps; ++i) {
    const double angle = (from + (to - from) * i / kSteps) * std::numbers::pi / 180;
    stroke.push_back({centre.x + radius.x * std::cos(angle), centre.y + radius.y * std::sin(angle)});
  }
}

Stroke arc(Point centre, Point radius, double from, double to) {
  Stroke stroke;
  arc(stroke, centre, radius, from, to);
  return stroke;
}

// The strokes of a digit in the unit square; `style` in [0, 1) chooses between ways of writing it.
std::vector<Stroke> strokes_of(int digit, double style) {
  switch (digit) {
    case 0:
      return {arc({0.5, 0.5}, {0.27, 0.39}, -90, 270)};
    case 1:
      if (style < 0.4) return {{{0.5, 0.1}, {0.5, 0.9}}};
      if (style < 0.8) return {{{0.34, 0.28}, {0.52, 0.1}, {0.52, 0.9}}};
      return {{{0.34, 0.28}, {0.52, 0.1}, {0.52, 0.9}}, {{0.32, 0.9}, {0.72, 0.9}}};
    case 2: {
      Stroke stroke = arc({0.49, 0.33}, {0.26, 0.22}, -170, 35);
      stroke.insert(stroke.end(), {{0.24, 0.88}, {0.8, 0.88}});
      return {stroke};
    }
    case 3: {
      Stroke stroke = arc({0.45, 0.3}, {0.26, 0.2}, -150, 85);
      arc(stroke, {0.44, 0.69}, {0.3, 0.2}, -80, 150);
      return {stroke};
    }
    case 4:
      if (style < 0.5) return {{{0.64, 0.92}, {0.64, 0.1}, {0.2, 0.64}, {0.84, 0.64}}};
      return {{{0.27, 0.12}, {0.24, 0.56}, {0.8, 0.56}}, {{0.68, 0.2}, {0.64, 0.92}}};
    case 5: {
      Stroke stroke{{0.76, 0.12}, {0.34, 0.12}, {0.3, 0.46}};
      arc(stroke, {0.46, 0.66}, {0.29, 0.23}, -125, 145);
      return {stroke};
    }
    case 6: {
      Stroke stroke{{0.68, 0.1}, {0.46, 0.24}, {0.32, 0.45}};
      arc(stroke, {0.5, 0.68}, {0.23, 0.21}, 180, -180);
      return {stroke};
    }
    case 7:
      if (style < 0.6) return {{{0.2, 0.14}, {0.79, 0.14}, {0.42, 0.91}}};
      return {{{0.2, 0.14}, {0.79, 0.14}, {0.42, 0.91}}, {{0.36, 0.5}, {0.74, 0.5}}};
    case 8:
      return {arc({0.5, 0.3}, {0.19, 0.19}, 90, -270), arc({0.5, 0.7}, {0.24, 0.21}, -90, 270)};
    default: {
      Stroke stroke = arc({0.49, 0.33}, {0.22, 0.22}, 0, -360);
      if (style < 0.5)
        stroke.insert(stroke.end(), {{0.7, 0.6}, {0.62, 0.92}});
      else
        arc(stroke, {0.45, 0.45}, {0.27, 0.45}, 10, 120);
      return {stroke};
    }
  }
}

// How one digit departs from its pattern; the same numbers for every point of it.
class Hand {
 public:
  Hand(const core::Rng& rng, std::uint64_t image) : rng_(rng), image_(image) {
    style = between(0, 1);
    const double angle = between(-0.2, 0.2), slant = between(-0.3, 0.4);
    const double width_px = between(12, 20), height_px = between(16, 23);
    xx_ = width_px * std::cos(angle);
    xy_ = height_px * (slant * std::cos(angle) - std::sin(angle));
    yx_ = width_px * std::sin(angle);
    yy_ = height_px * (slant * std::sin(angle) + std::cos(angle));
    centre_ = {14 + between(-3, 3), 14 + between(-2.5, 2.5)};
    bend_ = {between(-0.07, 0.07), between(-0.05, 0.05)};
    phase_ = {between(0, 1), between(0, 1)};
    pen_px = between(0.7, 1.9);
    ink = between(0.55, 1);
    noise = between(0.02, 0.12);
  }
  // From the unit square to pixels.
  Point place(Point p) const {
    const double turn = 2 * std::numbers::pi;
    const double x = p.x - 0.5 + bend_.x * std::sin(turn * (p.y + phase_.x));
    const double y = p.y - 0.5 + bend_.y * std::sin(turn * (p.x + phase_.y));
    return {centre_.x + xx_ * x + xy_ * y, centre_.y + yx_ * x + yy_ * y};
  }
  double between(double low, double high) { return low + (high - low) * rng_.uniform(image_, drawn_++); }
  double normal() { return rng_.normal(image_, drawn_++); }

  double style, pen_px, ink, noise;

 private:
  const core::Rng& rng_;
  std::uint64_t image_, drawn_ = 0;
  double xx_, xy_, yx_, yy_;
  Point centre_, bend_, phase_;
};

double distance(Point p, Point a, Point b) {
  const double dx = b.x - a.x, dy = b.y - a.y;
  const double along = ((p.x - a.x) * dx + (p.y - a.y) * dy) / std::max(1e-12, dx * dx + dy * dy);
  const double t = std::clamp(along, 0.0, 1.0);
  return std::hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

using Page = std::vector<double>;  // [28 * 28], 0 to 1

// Darkens every pixel within the pen's width of the segment, softly at its edge.
void draw_segment(Page& page, Point a, Point b, double pen_px, double ink) {
  const double reach = pen_px + 1;
  const auto first = [&](double low) {
    return std::clamp<Index>(static_cast<Index>(low - reach), 0, kDigitSide - 1);
  };
  const auto last = [&](double high) {
    return std::clamp<Index>(static_cast<Index>(high + reach), 0, kDigitSide - 1);
  };
  for (Index row = first(std::min(a.y, b.y)); row <= last(std::max(a.y, b.y)); ++row) {
    for (Index column = first(std::min(a.x, b.x)); column <= last(std::max(a.x, b.x)); ++column) {
      const Point centre{static_cast<double>(column) + 0.5, static_cast<double>(row) + 0.5};
      const double cover = std::clamp(pen_px + 0.5 - distance(centre, a, b), 0.0, 1.0);
      double& pixel = page[static_cast<std::size_t>(row * kDigitSide + column)];
      pixel = std::max(pixel, ink * cover);
    }
  }
}

void draw_digit(const core::Rng& rng, std::uint64_t number, int digit, std::uint8_t* out) {
  Hand hand(rng, number);
  Page page(kDigitSide * kDigitSide);
  for (const Stroke& stroke : strokes_of(digit, hand.style))
    for (std::size_t i = 1; i < stroke.size(); ++i)
      draw_segment(page, hand.place(stroke[i - 1]), hand.place(stroke[i]), hand.pen_px, hand.ink);
  // A stray line: something that is not the digit.
  if (hand.between(0, 1) < 0.4) {
    const Point from{hand.between(0, 28), hand.between(0, 28)};
    const Point to{from.x + hand.between(-9, 9), from.y + hand.between(-9, 9)};
    draw_segment(page, from, to, 0.6, hand.between(0.2, 0.6));
  }
  for (const double pixel : page) {
    const double value = std::clamp(pixel + hand.noise * hand.normal(), 0.0, 1.0);
    *out++ = static_cast<std::uint8_t>(std::lround(255 * value));
  }
}

}  // namespace

Split draw_digits(std::uint64_t seed, Index first, Index count, core::Workers& workers, std::stop_token stop,
                  core::Progress* progress) {
  const core::Rng rng(seed, core::RngStream::kDigits);
  const auto draw = [&](std::uint64_t number, int label, std::uint8_t* out) {
    draw_digit(rng, number, label, out);
  };
  return drawn_split({1, kDigitSide, kDigitSide}, kDigitClasses, first, count, draw, workers, stop, progress);
}

}  // namespace vitrine::train
