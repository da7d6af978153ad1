// Going on with a run from its checkpoint: what must be the same, and what may change.
#pragma once

#include <string>

#include "engine/train/checkpoint.h"

namespace vitrine::train {

// Whether a run may go on under a changed configuration: other epochs, threads and hyperparameters but the
// batch size, and data that lie elsewhere.
bool may_go_on_as(const TrainConfig& before, TrainConfig after);
// The names of those fields: "epochs, threads, ...".
std::string fields_that_may_change();

// Brings a new trainer, of a configuration that the run may go on as, to the checkpoint's place, under the
// trainer's own hyperparameters. Throws std::invalid_argument when the data are not the run's or more epochs
// are done than are asked for, ShapeError when the model is another.
void resume(Trainer& trainer, Checkpoint checkpoint);

// One line when this program's results may differ from the run's in their last bits; else empty.
std::string rounding_warning(const RunFacts& run);

}  // namespace vitrine::train
