// Pointing: what the pointer lights on a picture, and what a click holds.
#pragma once

#include <optional>

namespace vitrine::widgets {

// The pointer is on `spot`: it is hovered, and a click pins it or, where it is pinned, lets it go.
template <class Spot>
void point_at(const Spot& spot, bool clicked, std::optional<Spot>& hovered, std::optional<Spot>& pinned) {
  hovered = spot;
  if (clicked) pinned = pinned == hovered ? std::nullopt : hovered;
}

}  // namespace vitrine::widgets
