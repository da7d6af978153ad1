// vitrine compute: the engine from a shell. One JSON request (or an array of them) in, one JSON result out.
#pragma once

#include <iosfwd>
#include <span>
#include <string>

namespace vitrine::cli {

// `args` is what follows `compute`: a request file, - for `in`, --list or --help. Returns the exit code: 0
// with the result on `out`; or 2 with nothing on `out` and one line on `err`, "vitrine: conv: kernel 5 does
// not ...".
int compute_command(std::span<const std::string> args, std::istream& in, std::ostream& out,
                    std::ostream& err);

}  // namespace vitrine::cli
