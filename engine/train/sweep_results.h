// What a sweep found, as text: a table for other programs, and one JSON object. And the file that asks for
// it.
#pragma once

#include <filesystem>
#include <string>

#include "engine/train/sweep.h"

namespace vitrine::train {

// A sweep's file: what it does not have keeps its default. Throws io::FileError.
SweepSpec read_sweep(const std::filesystem::path& file);

// A line a trial, by its number: trial,status,rungs,steps,seconds,best_step,best_accuracy,best_loss,
// last_accuracy,last_loss, a column an axis, message. Empty where there is nothing yet; quoted as RFC 4180
// says.
std::string results_csv(const Sweep& sweep);

// {"method", "axes", "done", "best": number or null, "trials": [{"trial", "folder", "settings", "status",
// "message", "rungs", "steps", "seconds", "best": {"step", "accuracy", "loss"} or null, "last"}]}
std::string results_json(const Sweep& sweep);

// "optimizer.learning_rate=3e-4, model.depth=2"
std::string settings_text(const Trial& trial);

}  // namespace vitrine::train
