// vitrine data: the data sets that there are, from the web, and as pictures.
#pragma once

#include <iosfwd>
#include <span>
#include <string>

namespace vitrine::cli {

// args: what follows `data`. Returns the exit code: 0, 2 (what was given is wrong, or no server gives it) or
// 130 (interrupted).
int data_command(std::span<const std::string> args, std::ostream& out, std::ostream& err);

}  // namespace vitrine::cli
