// vitrine shot: a lab as a PNG file, with no display.
#pragma once

#include <iosfwd>
#include <span>
#include <string>

namespace vitrine::cli {

// args: what follows `shot`. Returns the exit code: 0, 2 (what was given is wrong) or 4 (no OpenGL).
int shot_command(std::span<const std::string> args, std::ostream& out, std::ostream& err);

}  // namespace vitrine::cli
