// Layers: the rows of a contestant's drawing, those of a ViT's blocks gathered, each with the formulas of its
// parameters and of its multiply-adds for one image forward.
//   conv: F (C K² + 1);  dense: U (N + 1);  attention: 4 D·h·Dh + D;  MLP: M (D + 1) + D (M + 1)
#pragma once

#include <string>
#include <vector>

#include "app/widgets/equation.h"
#include "engine/train/contest.h"

namespace vitrine::labs {

struct LayerRow {
  std::string name;    // "conv 5 × 5, ReLU"
  core::Shape output;  // of one image
  core::Index parameters = 0, multiply_adds = 0;
  bool frozen = false;
  widgets::Math parameter_formula = {}, work_formula = {};  // empty rows where there is nothing to count
};

// In the order of computing; `parameters` and `multiply_adds` are the engine's and sum to the model's.
std::vector<LayerRow> layer_rows(const train::Contestant& contestant, const nn::ImageSizes& image);

}  // namespace vitrine::labs
