// The frame of a subcommand: what goes wrong in it becomes one line and exit code 2.
#pragma once

#include <functional>
#include <iosfwd>
#include <string_view>

namespace vitrine::cli {

// What `body` returns. Of what it throws the words, after "vitrine: NAME: "; where the arguments are wrong
// they name the help as well.
int subcommand(std::string_view name, std::ostream& err, const std::function<int()>& body);

}  // namespace vitrine::cli
