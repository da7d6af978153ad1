#include "engine/sequence/hull.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace vitrine::sequence {

namespace {

// Twice the area of the triangle: > 0 where a, b, c turn left.
double turn(PlanePoint a, PlanePoint b, PlanePoint c) {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

double distance(PlanePoint a, PlanePoint b) { return std::hypot(a.x - b.x, a.y - b.y); }

double distance_to_edge(PlanePoint a, PlanePoint b, PlanePoint p) {
  const double length = distance(a, b);
  if (length == 0) return distance(a, p);
  const double along = ((p.x - a.x) * (b.x - a.x) + (p.y - a.y) * (b.y - a.y)) / length / length;
  const double f = std::clamp(along, 0.0, 1.0);
  return distance({a.x + f * (b.x - a.x), a.y + f * (b.y - a.y)}, p);
}

// Adds the points to the chain; corners that do not turn left are none. The first `fixed` stay.
void extend(std::vector<PlanePoint>& chain, std::size_t fixed, PlanePoint p) {
  while (chain.size() > fixed && turn(chain[chain.size() - 2], chain.back(), p) <= 0) chain.pop_back();
  chain.push_back(p);
}

}  // namespace

std::vector<PlanePoint> convex_hull(std::span<const PlanePoint> points) {
  std::vector<PlanePoint> sorted;
  std::copy_if(points.begin(), points.end(), std::back_inserter(sorted),
               [](PlanePoint p) { return std::isfinite(p.x) && std::isfinite(p.y); });
  const auto before = [](PlanePoint a, PlanePoint b) { return a.x < b.x || (a.x == b.x && a.y < b.y); };
  std::sort(sorted.begin(), sorted.end(), before);
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  if (sorted.size() < 3) return sorted;
  std::vector<PlanePoint> hull;
  for (const PlanePoint p : sorted) extend(hull, 1, p);  // below, left to right
  const std::size_t lower = hull.size();
  for (auto p = sorted.rbegin() + 1; p != sorted.rend(); ++p) extend(hull, lower, *p);  // above, back
  hull.pop_back();                                                                      // the first again
  return hull;
}

double distance_outside(std::span<const PlanePoint> hull, PlanePoint p) {
  if (hull.empty()) return std::numeric_limits<double>::infinity();
  if (std::isnan(p.x) || std::isnan(p.y)) return std::numeric_limits<double>::quiet_NaN();
  bool inside = hull.size() > 2;
  double nearest = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < hull.size(); ++i) {
    const PlanePoint a = hull[i], b = hull[(i + 1) % hull.size()];
    inside = inside && turn(a, b, p) >= 0;
    nearest = std::min(nearest, distance_to_edge(a, b, p));
  }
  return inside ? 0 : nearest;
}

}  // namespace vitrine::sequence
