#include "app/shell/key_stops.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace vitrine::shell {

using widgets::Point;
using widgets::Rect;
using widgets::Use;

namespace {

constexpr float kLeastSeen_px = 2;  // of a shape that is a stop
constexpr float kStrip = 5;         // so many times as wide as high: read from left to right
constexpr float kAstride = 3;       // what is beside the way counts as so much farther
constexpr float kTieBreak = 0.01f;  // between places that touch: how far their middles are apart

Rect common(const Rect& a, const Rect& b) {
  const float x = std::max(a.x, b.x), y = std::max(a.y, b.y);
  return {x, y, std::min(a.right(), b.right()) - x, std::min(a.bottom(), b.bottom()) - y};
}

// Between two intervals; 0 where they overlap.
float gap(float a, float a_end, float b, float b_end) { return std::max({0.0f, b - a_end, a - b_end}); }

float apart(const Rect& a, const Rect& b) {
  return std::hypot(a.center().x - b.center().x, a.center().y - b.center().y);
}

// A shape may be larger than what is seen of its picture, or outside of it and so behind another panel: it is
// on no panel but a picture.
std::size_t region_of(const widgets::Item& item, std::span<const Region> regions) {
  const Rect& place = item.place_px;
  const Point middle = place.center();
  std::size_t beyond = regions.size();
  for (std::size_t i = 0; i < regions.size(); ++i) {
    const auto& [panel, kind] = regions[i];
    if (item.use == Use::kShape) {
      const Rect part = common(place, panel);
      if (kind == Region::Kind::kPicture && part.w > 0 && part.h > 0) return i;
      continue;
    }
    if (panel.contains(middle)) return i;
    const bool above_or_below = middle.x >= panel.x && middle.x < panel.right();
    if (kind == Region::Kind::kScrolling && above_or_below) beyond = i;
  }
  return beyond;
}

}  // namespace

std::vector<Stop> stops_of(const widgets::Items& items, std::span<const Region> regions) {
  std::vector<Stop> all;
  for (const widgets::Item& item : items.all()) {
    if (item.use == Use::kPlace) continue;
    Stop stop{item.name, item.use, item.place_px, region_of(item, regions), false, true};
    if (item.use == Use::kShape && stop.region == regions.size()) continue;
    if (stop.region < regions.size()) {
      const Region& region = regions[stop.region];
      const Rect part = common(item.place_px, region.place_px);
      if (region.kind == Region::Kind::kScrolling) {
        stop.seen = part.h >= std::min(item.place_px.h, region.place_px.h) - 0.5f && part.w > 0;
      } else {
        if (!(part.w >= kLeastSeen_px) || !(part.h >= kLeastSeen_px)) continue;
        stop.place_px = part;
      }
      stop.shape = item.use == Use::kShape;
    }
    all.push_back(std::move(stop));
  }
  std::ranges::stable_sort(all, {}, &Stop::region);
  for (std::size_t i = 0; i < regions.size(); ++i) {
    const Region& region = regions[i];
    if (region.kind != Region::Kind::kPanel || region.place_px.w < kStrip * region.place_px.h) continue;
    const auto strip = std::ranges::equal_range(all, i, {}, &Stop::region);
    std::ranges::stable_sort(strip, {}, [](const Stop& stop) { return stop.place_px.x; });
  }
  return all;
}

std::vector<std::size_t> tab_order(std::span<const Stop> stops, std::string_view shape) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < stops.size(); ++i) {
    const auto of_this_picture = [&](std::size_t j) {
      return stops[j].shape && stops[j].region == stops[i].region;
    };
    const auto before = stops[i].shape ? std::ranges::find_if(order, of_this_picture) : order.end();
    if (before == order.end())
      order.push_back(i);
    else if (stops[i].name == shape)
      *before = i;
  }
  return order;
}

const Stop* find(std::span<const Stop> stops, std::string_view name) {
  const auto at = std::ranges::find(stops, name, &Stop::name);
  return at == stops.end() ? nullptr : &*at;
}

const Stop* nearest(std::span<const Stop> stops, const Rect& place, std::size_t region) {
  const bool some_here = std::ranges::find(stops, region, &Stop::region) != stops.end();
  const Stop* best = nullptr;
  float least = std::numeric_limits<float>::max();
  for (const Stop& stop : stops) {
    if (some_here && stop.region != region) continue;
    const Rect& r = stop.place_px;
    // What stands in the same row is nearer than what stands above or below.
    const float distance = gap(place.x, place.right(), r.x, r.right()) +
                           kAstride * gap(place.y, place.bottom(), r.y, r.bottom()) +
                           kTieBreak * apart(place, r);
    if (distance >= least) continue;
    least = distance;
    best = &stop;
  }
  return best;
}

const Stop* next_shape(std::span<const Stop> stops, const Stop& from, const Rect& place, Point way) {
  const Stop* best = nullptr;
  float least = std::numeric_limits<float>::max();
  for (const Stop& stop : stops) {
    if (!stop.shape || stop.region != from.region || stop.name == from.name) continue;
    const Rect& r = stop.place_px;
    const float ahead = (r.center().x - place.center().x) * way.x + (r.center().y - place.center().y) * way.y;
    if (ahead < 1) continue;
    const float across = gap(place.x, place.right(), r.x, r.right()),
                down = gap(place.y, place.bottom(), r.y, r.bottom());
    const float distance =
        (way.x != 0 ? across + kAstride * down : down + kAstride * across) + kTieBreak * apart(place, r);
    if (distance >= least) continue;
    least = distance;
    best = &stop;
  }
  return best;
}

}  // namespace vitrine::shell
