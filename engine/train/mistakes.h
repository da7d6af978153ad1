// Mistakes: the validation images that a model takes for another class, one after the other.
#pragma once

#include <optional>
#include <stop_token>

#include "engine/nn/model.h"
#include "engine/train/dataset.h"

namespace vitrine::train {

// The number of the first image of the split after `from`, round to `from` itself, that is taken for another
// class; nothing: all are right. Costs a forward pass for each image on the way, in pieces of
// kEvaluationPiece. Throws core::Stopped soon after a stop is requested.
std::optional<Index> next_mistake(const nn::Model<float>& model, const nn::Weights<float>& weights,
                                  const Dataset& dataset, const Split& split, Index from,
                                  std::stop_token stop = {});

}  // namespace vitrine::train
