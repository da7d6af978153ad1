// vitrine train: a training run as a folder of files, by the same trainer that the window runs.
#pragma once

#include <iosfwd>
#include <span>
#include <string>

namespace vitrine::cli {

// args: what follows `train`. Returns the exit code: 0, 2 (what was given is wrong), 3 (diverged) or 130
// (interrupted).
int train_command(std::span<const std::string> args, std::ostream& out, std::ostream& err);

}  // namespace vitrine::cli
