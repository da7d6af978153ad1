#include "app/cli/subcommand.h"

#include <CLI/CLI.hpp>
#include <exception>
#include <ostream>

#include "engine/core/text.h"

namespace vitrine::cli {

int subcommand(std::string_view name, std::ostream& err, const std::function<int()>& body) {
  constexpr std::size_t kLineLimit = 1000;
  try {
    return body();
  } catch (const CLI::ParseError& error) {
    err << "vitrine: " << name << ": " << core::printable(error.what()) << " (vitrine " << name
        << " --help)\n";
  } catch (const std::exception& error) {
    err << "vitrine: " << name << ": " << core::printable(error.what(), kLineLimit) << "\n";
  }
  return 2;
}

}  // namespace vitrine::cli
