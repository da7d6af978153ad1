// vitrine export: what a lab shows as a figure, an animation, numbers, a formula or code; a run for other
// programs.
#pragma once

#include <iosfwd>
#include <span>
#include <string>

namespace vitrine::cli {

// args: what follows `export`. Returns the exit code: 0 or 2 (what was given is wrong).
int export_command(std::span<const std::string> args, std::ostream& out, std::ostream& err);

}  // namespace vitrine::cli
