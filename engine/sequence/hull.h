// The convex hull of points in the plane: where every mean of them with weights >= 0 that sum to 1 must lie.
// Source: Andrew 1979, "Another efficient algorithm for convex hulls in two dimensions" (monotone chain).
#pragma once

#include <span>
#include <vector>

namespace vitrine::sequence {

struct PlanePoint {
  double x = 0, y = 0;
  bool operator==(const PlanePoint&) const = default;
};

// The corners counter-clockwise (y up) from the leftmost, without repeats or points on an edge: one for
// points that are all the same, two for points on a line, none if there is no finite point. Points that are
// not finite take no part. Cost n log n.
std::vector<PlanePoint> convex_hull(std::span<const PlanePoint> points);

// How far the point is outside the hull, 0 inside it; infinity for an empty hull, NaN for a NaN.
double distance_outside(std::span<const PlanePoint> hull, PlanePoint point);

}  // namespace vitrine::sequence
