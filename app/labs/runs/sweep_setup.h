// The inspector's set-up of a sweep, and its trials as parallel coordinates.
#pragma once

#include <string>
#include <vector>

#include "app/widgets/controls.h"
#include "app/widgets/parallel_coordinates.h"
#include "engine/train/sweep.h"

namespace vitrine::labs::runs {

// Learning rates drawn over two powers of ten, and the three optimizers.
train::SweepSpec first_sweep();
// To what the controls below allow.
void fit(train::SweepSpec& spec);

// Which fields vary over what, how the trials are chosen, and how long they are. The sweep's base is
// `config`.
void sweep_controls(widgets::Controls& c, train::SweepSpec& spec, const train::TrainConfig& config);

// "1e-4, adam, [0.9, 0.95]" as raw texts and back: cut at commas outside of brackets.
std::vector<std::string> split_values(std::string_view text);
std::string joined_values(const std::vector<std::string>& values);

// The name of a field as it is read: "learning rate", "optimizer kind".
std::string name_of_field(std::string path);

// An axis a setting, and the best validation accuracy so far; a line a trial that has begun. `numbers` is
// the trials' of the lines.
widgets::ParallelPicture trials_picture(const train::SweepSpec& spec, const std::vector<train::Trial>& trials,
                                        const widgets::Rect& box, std::vector<core::Index>& numbers);

}  // namespace vitrine::labs::runs
