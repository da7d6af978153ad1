// Where everything of "Shift" stands on the stage: what is compared, the tiles of all feature maps, and below
// them the bars and the words.
#pragma once

#include <array>

#include "app/labs/shift/lab.h"

namespace vitrine::labs {

struct ShiftBoard {
  // The rows or the pictures that are compared.
  enum Part { kX, kMoved, kOfX, kMovedOfX, kOfMoved, kDifference, kParts };
  static bool is_output(int part) { return part >= kOfX; }
  static constexpr float kTitle = widgets::kTitleHeight_px + 4;  // above a picture
  static constexpr float kLowStage = 330;  // a projector's: what the formula says too is left out

  std::array<widgets::Rect, kParts> boxes{};
  float cell_w = 0, cell_h = 0;            // of the input
  float out_w = 0, out_h = 0;              // of the output
  widgets::Rect tiles{}, bars{}, words{};  // without height where there is no room

  ShiftBoard(const widgets::Rect& area, const ShiftLab::Result& result);
  widgets::Rect at(Part part, core::Index row, core::Index column) const;
  // The place of a feature map's tile.
  widgets::Rect tile(const ShiftLab::Result& result, core::Index map) const;

 private:
  void place_rows(const widgets::Rect& rest, const ShiftLab::Result& result);
  void place_pictures(const widgets::Rect& rest, const ShiftLab::Result& result);
};

}  // namespace vitrine::labs
