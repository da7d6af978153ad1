// What is impossible about an edit of a training run, in the words of the inspector's controls.
#pragma once

#include <optional>
#include <vector>

#include "app/labs/lab.h"
#include "engine/train/price.h"
#include "engine/train/trainer_thread.h"

namespace vitrine::labs {

// The pictures that a configuration is for: as loaded, or as known before; unknown where they are a user's
// own and not loaded.
std::optional<train::Pictures> pictures_for(const train::TrainConfig& config,
                                            const train::TrainSnapshot* snapshot);

// Each rule that an edit breaks, under the name of the control it is about.
std::vector<Problem> setup_problems(const train::TrainConfig& config,
                                    const std::optional<train::Pictures>& pictures);

}  // namespace vitrine::labs
