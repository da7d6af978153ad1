// The encoder block's tensors as matrices on the stage: which part of one a sheet shows, and what it is
// called.
#pragma once

#include "app/labs/encoder/lab.h"

namespace vitrine::labs {

// A matrix that lies in a tensor: all of it, a head's columns, a transpose.
struct Sheet {
  const core::Tensor<double>* values = nullptr;
  core::Index rows = 1, columns = 1;
  core::Index first = 0, row_step = 1, column_step = 1;  // of the flat index
  core::Index flat(core::Index r, core::Index c) const { return first + r * row_step + c * column_step; }
  double at(core::Index r, core::Index c) const { return (*values)[flat(r, c)]; }
  // Where a number of the tensor stands; nothing if it is in none of the cells.
  std::optional<widgets::Cell> find(core::Index flat_index) const;
};

// The tensor's part that a step makes; the same place in a tensor of gradients where `values` is one.
Sheet sheet_of(const Encoder::Result& r, const Encoder::Step& step, const core::Tensor<double>& values);
Sheet transposed(const Sheet& sheet);

// q with subscripts: names of tensors. "Wq" is {"W", "q"}.
struct TensorName {
  std::string base, sub;
  widgets::Role role = widgets::Role::kText;
  bool composite = false;  // more than one letter: in parentheses behind dL/d
};
TensorName name_of(const Encoder::Which& which, core::Index part = 0);
// "queries", "variance of each token"
std::string words_of(const Encoder::Which& which, core::Index part = 0);

}  // namespace vitrine::labs
