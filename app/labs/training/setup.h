// The inspector's set-up of a training run: every field of its configuration with its meaning, what is
// impossible beside the field that it is about, and the price. What is live stands first; the rest is built
// into a run and waits for the next reset.
#pragma once

#include <string>

#include "app/labs/lab.h"
#include "app/labs/training/price_finder.h"
#include "engine/train/config.h"

namespace vitrine::labs {

// Where we look.
struct SetupView {
  core::Index layer = 0;  // of a CNN's or an MLP's, that the controls are of
};

// "patch size 7 → 14, depth 6 → 4": what of an edit is built into a run and differs from the one that goes
// on; empty: nothing.
std::string waiting_words(const train::TrainConfig& run, const train::TrainConfig& edit);

// What changes a run while it goes on.
void live_controls(widgets::Controls& controls, train::TrainConfig& config);
// What is built into one, and the price.
void setup_controls(widgets::Controls& controls, train::TrainConfig& config, SetupView& view,
                    const Priced& priced);
// What it costs, in two lines, and whole.
void price_summary(widgets::Controls& controls, const Priced& priced);
void price_facts(widgets::Controls& controls, const Priced& priced, core::Index epochs);

}  // namespace vitrine::labs
