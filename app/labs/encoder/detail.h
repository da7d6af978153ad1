// The lit step of the encoder block, large: its matrices with the signs between them, and the numbers that
// travel into the result. And how a tensor's numbers look, wherever they stand.
#pragma once

#include "app/labs/encoder/formula.h"

namespace vitrine::labs {

// Symmetric about zero; of nothing but zeros -1 .. 1.
gpu::Range range_of(const core::Tensor<double>& values);
// Each tensor's values have a range of their own; the gradients of all nodes share one, and those of all
// weights: so one sees where they vanish.
widgets::Shade shade_of(const Encoder::Result& r, const std::optional<Encoder::Which>& which, bool gradient);
// A number that dropout has taken out, or that gets no gradient for that.
widgets::CellLook look_of(const Encoder::Result& r, const std::optional<Encoder::Which>& which, bool gradient,
                          core::Index flat);
// The name with its subscript; "dL/d" before a gradient's.
widgets::Math math_of(const Operand& operand, const std::string& index = "");

class EncoderDetail {
 public:
  // `heading_end`: how far the line above the matrices may reach.
  EncoderDetail(const widgets::Canvas& canvas, const widgets::Rect& area, float heading_end,
                const Encoder::Result& r, const Formula& formula);
  // Pointing at a number of the result, or at one that it is made of; a click pins the number's own tensor.
  void touch(widgets::Canvas& canvas, const Encoder::Focus& focus, Encoder::View& view) const;
  void draw(widgets::Canvas& canvas, const Encoder::Focus& focus) const;

 private:
  // One matrix with its sign before it.
  struct Place {
    const Operand* operand;
    widgets::Rect cells{};
    widgets::Rect sign{};  // where the sign stands, or the curve
  };
  widgets::Rect at(const Place& place, core::Index row, core::Index column) const;
  void draw_operand(widgets::Canvas& canvas, const Encoder::Focus& focus, const Place& place) const;
  void draw_sign(widgets::Canvas& canvas, const Place& place) const;
  void draw_curve(widgets::Canvas& canvas, const widgets::Rect& box, const Encoder::Focus& focus) const;
  void draw_lights(widgets::Canvas& canvas, widgets::Cell target) const;
  void fly(widgets::Canvas& canvas, widgets::Cell target, float progress) const;
  void draw_heading(widgets::Canvas& canvas, const Encoder::Focus& focus) const;

  const Encoder::Result& r_;
  const Formula& formula_;
  widgets::Rect area_;
  float heading_end_;
  std::vector<Place> places_;  // the operands', then the result's
  float cell_w_ = 0, cell_h_ = 0;
};

}  // namespace vitrine::labs
