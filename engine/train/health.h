// Health: what a run's inside says at one update, tensor by tensor: how long the weights are, the gradient,
// and what the optimizer changed; and which units of a layer the whole batch gave no gradient.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/nn/parameters.h"

namespace vitrine::train {

using core::Index;

struct TensorHealth {
  std::string name;          // as ParameterInfo::name
  bool decays = false;       // the weight of a product, as ParameterInfo::decays
  double weight_norm = 0;    // before the update
  double gradient_norm = 0;  // of the update's batch, before clipping
  double update_norm = 0;    // of the weights after it less those before; 0 where it diverged
  // The outputs of a product that trains: rows of its weight, filters. 0: this is no such weight.
  Index units = 0;
  // Of these, ascending: those whose gradient is exactly zero in every number.
  std::vector<std::uint32_t> silent = {};

  bool operator==(const TensorHealth&) const = default;
};

struct Health {
  std::int64_t run_id = 0;
  Index step = 0;                     // the update that it is of: the first is 1
  Index images = 0;                   // of its batch
  std::vector<TensorHealth> tensors;  // in the order of layout.infos()

  bool operator==(const Health&) const = default;
};

// Whether a step's health is taken: every 50th, and 1, 2, 4, 8, ..., since a start is over soon.
constexpr bool is_examined(Index step) {
  return step % 50 == 0 || std::has_single_bit(static_cast<std::uint64_t>(step));
}

// Of the numbers before and after an update, [layout.size()] each, and the gradient that it used; linear in
// their number. Throws ShapeError when one is of another layout.
std::vector<TensorHealth> health_of(const nn::ParameterLayout& layout, std::span<const float> before,
                                    std::span<const float> after, std::span<const float> gradient);

}  // namespace vitrine::train
