// What --version says: which Vitrine this is, and what it was built from and with.
#pragma once

#include <string>

namespace vitrine::cli {

// Lines, each closed. The first is "vitrine VERSION (INSTRUCTION SET)", of the engine that was loaded; then a
// fact a line: its name, spaces, its value. The libraries of the window are left out where it is.
std::string version_text();

}  // namespace vitrine::cli
