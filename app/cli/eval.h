// vitrine eval: how well a run's model does on validation images.
#pragma once

#include <iosfwd>
#include <span>
#include <string>

namespace vitrine::cli {

// args: what follows `eval`. Returns the exit code: 0 or 2 (what was given is wrong).
int eval_command(std::span<const std::string> args, std::ostream& out, std::ostream& err);

}  // namespace vitrine::cli
