// Where the keyboard can stop, on items that are made up.
#include "app/shell/key_stops.h"

#include <gtest/gtest.h>

namespace vitrine::shell {
namespace {

using widgets::Items;
using widgets::Point;
using widgets::Use;

constexpr Region kRegions[] = {{{100, 50, 600, 400}, Region::Kind::kPicture},
                               {{700, 0, 300, 500}, Region::Kind::kScrolling},
                               {{100, 0, 600, 50}},
                               {{0, 0, 100, 500}}};

std::vector<std::string> names_of(const std::vector<Stop>& stops) {
  std::vector<std::string> names;
  for (const Stop& stop : stops) names.push_back(stop.name);
  return names;
}
std::vector<std::string> tabbed(const std::vector<Stop>& stops, std::string_view shape) {
  std::vector<std::string> names;
  for (const std::size_t i : tab_order(stops, shape)) names.push_back(stops[i].name);
  return names;
}

TEST(KeyStops, ComeRegionByRegionInTheOrderOfDrawing) {
  Items items;
  items.record("rate", {800, 10, 80, 20}, Use::kNumber);
  items.record("far below", {800, 900, 80, 20}, Use::kText);
  items.record("label", {710, 10, 80, 20}, Use::kPlace);
  items.record("lab", {0, 100, 100, 20});
  items.record("right", {660, 10, 30, 30});
  items.record("left", {600, 10, 30, 30});
  items.record("cell", {200, 100, 50, 50}, Use::kShape);
  items.record("elsewhere", {300, 470, 50, 20});
  const std::vector<std::string> expected{"cell", "rate", "far below", "left", "right", "lab", "elsewhere"};
  const auto stops = stops_of(items, kRegions);
  EXPECT_EQ(names_of(stops), expected) << "a strip is read from left to right, what is nowhere is last";
  EXPECT_TRUE(find(stops, "rate")->seen);
  EXPECT_FALSE(find(stops, "far below")->seen) << "it is scrolled to";
}

TEST(KeyStops, AShapeIsOneAsFarAsItIsSeen) {
  Items items;
  items.record("out", {720, 100, 50, 50}, Use::kShape);
  items.record("half", {650, 100, 100, 50}, Use::kShape);
  items.record("vast", {-3000, -3000, 9000, 9000}, Use::kShape);
  const auto stops = stops_of(items, kRegions);
  ASSERT_EQ(names_of(stops), (std::vector<std::string>{"half", "vast"}));
  EXPECT_EQ(stops[0].place_px.w, 50);
  EXPECT_EQ(stops[1].place_px.w, 600);
}

TEST(KeyStops, OfAPicturesShapesTabStopsAtOne) {
  Items items;
  for (const char* name : {"a", "b", "c"}) items.record(name, {200, 100, 50, 50}, Use::kShape);
  items.record("rate", {800, 10, 80, 20}, Use::kNumber);
  const auto stops = stops_of(items, kRegions);
  EXPECT_EQ(tabbed(stops, ""), (std::vector<std::string>{"a", "rate"}));
  EXPECT_EQ(tabbed(stops, "b"), (std::vector<std::string>{"b", "rate"}));
  EXPECT_EQ(tabbed(stops, "gone"), (std::vector<std::string>{"a", "rate"}));
}

TEST(KeyStops, ArrowsLeadToTheNearestShapeOnTheirWay) {
  Items items;
  for (int i = 0; i < 9; ++i)
    items.record(std::to_string(i),
                 {200 + 60.0f * static_cast<float>(i % 3), 100 + 60.0f * static_cast<float>(i / 3), 50, 50},
                 Use::kShape);
  const auto stops = stops_of(items, kRegions);
  const auto from = [&](const char* name, Point way) {
    const Stop& stop = *find(stops, name);
    const Stop* next = next_shape(stops, stop, stop.place_px, way);
    return next ? next->name : "none";
  };
  EXPECT_EQ(from("4", {1, 0}), "5");
  EXPECT_EQ(from("4", {-1, 0}), "3");
  EXPECT_EQ(from("4", {0, -1}), "1");
  EXPECT_EQ(from("4", {0, 1}), "7");
  EXPECT_EQ(from("5", {1, 0}), "none");
}

TEST(KeyStops, WhatVanishedIsFollowedByItsNeighbourInTheRow) {
  Items items;
  items.record("rate", {800, 100, 100, 26}, Use::kNumber);
  items.record("reset other", {930, 70, 18, 18});
  items.record("cell", {650, 100, 40, 40}, Use::kShape);
  const auto stops = stops_of(items, kRegions);
  EXPECT_EQ(nearest(stops, {930, 104, 18, 18}, 1)->name, "rate");
  EXPECT_EQ(nearest(stops, {720, 100, 18, 18}, 0)->name, "cell") << "the same region comes first";
  EXPECT_EQ(nearest({}, {0, 0, 1, 1}, 0), nullptr);
}

}  // namespace
}  // namespace vitrine::shell
