// The numbers of the run that the learning labs share, by the names that a lesson's checks use.
#pragma once

#include "app/labs/workbench/workbench.h"
#include "engine/lessons/expression.h"

namespace vitrine::labs {

// Of the newest step, and of the run's configuration. Empty while a run is loaded or about to begin; a number
// that is not measured yet is NaN.
lessons::Symbols run_numbers(const Workbench& bench);
// What the model makes of the picture that is looked at; empty before it is.
lessons::Symbols look_numbers(const Looked& looked);

}  // namespace vitrine::labs
