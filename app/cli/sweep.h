// vitrine sweep: many trials of one configuration into a folder, by the same sweep that the window runs; and
// the learning-rate range test.
#pragma once

#include <iosfwd>
#include <span>
#include <string>

namespace vitrine::cli {

// args: what follows `sweep`. Returns the exit code: 0, 2 (what was given is wrong, or no trial can run) or
// 130 (interrupted).
int sweep_command(std::span<const std::string> args, std::ostream& out, std::ostream& err);

}  // namespace vitrine::cli
