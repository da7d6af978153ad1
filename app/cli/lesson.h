// vitrine lesson: exercises from a shell: checking files of cards and lessons, listing them, grading answers.
#pragma once

#include <iosfwd>
#include <span>
#include <string>

namespace vitrine::cli {

// args: what follows `lesson`. Returns the exit code: 0; 1, the answer is not right; 2, what was given is
// wrong.
int lesson_command(std::span<const std::string> args, std::ostream& out, std::ostream& err);

}  // namespace vitrine::cli
