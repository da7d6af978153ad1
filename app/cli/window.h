// vitrine without a subcommand: the window.
#pragma once

#include <iosfwd>
#include <span>
#include <string>

namespace vitrine::cli {

// args: all that the program was given. Returns the exit code when the user has closed the window: 0, 2 (what
// was given is wrong) or 4 (no display or OpenGL).
int window_command(std::span<const std::string> args, std::ostream& err);

}  // namespace vitrine::cli
