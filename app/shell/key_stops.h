// Key stops: where the keyboard can go, worked out from what a frame has drawn. The window's panels are
// regions in the order of Tab; what is on none of them makes a last one. A picture's shapes are one stop of
// Tab, and the arrows go among them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/widgets/items.h"

namespace vitrine::shell {

constexpr bool same_place(widgets::Point a, widgets::Point b) { return a.x == b.x && a.y == b.y; }

struct Region {
  enum class Kind : std::uint8_t {
    kPanel,      // what is seen of an item is a stop
    kPicture,    // the same, and its shapes are one stop of Tab
    kScrolling,  // all items are stops: what is above or below is scrolled to
  };
  widgets::Rect place_px;
  Kind kind = Kind::kPanel;
};

struct Stop {
  std::string name;
  widgets::Use use;
  widgets::Rect place_px;  // what is seen of it; of a scrolling panel the whole item
  std::size_t region;      // regions.size(): none of them
  bool shape;              // of a picture: arrows go on from it
  bool seen;               // a pointer that is put there touches it
};

// In the order of Tab. Kinds of items that nothing can be done with are left out.
std::vector<Stop> stops_of(const widgets::Items& items, std::span<const Region> regions);

// The indices at which Tab stops: every stop, but of each picture's shapes only one: the one that is called
// `shape`, else the first.
std::vector<std::size_t> tab_order(std::span<const Stop> stops, std::string_view shape);

const Stop* find(std::span<const Stop> stops, std::string_view name);

// The stop that stands nearest to the place, if it can be in this region; null without stops.
const Stop* nearest(std::span<const Stop> stops, const widgets::Rect& place_px, std::size_t region);

// The shape that an arrow leads to; `way` is one unit long, along an axis. Null where there is none.
const Stop* next_shape(std::span<const Stop> stops, const Stop& from, const widgets::Rect& place_px,
                       widgets::Point way);

}  // namespace vitrine::shell
