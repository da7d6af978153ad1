// The window: opens the surface, restores the session, draws a frame when something changes, saves on the way
// out.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace vitrine::shell {

struct WindowOptions {
  std::vector<std::filesystem::path> files;  // opened as if dropped
  std::string lab;                           // opened first; empty: the session's
  bool fresh = false;                        // neither restore nor save the session
  std::optional<double> quit_after_s;        // for measurements: closes itself and prints what it measured
};

// Until the user closes it. Throws SurfaceError when there is no display or no OpenGL 3.3, std::runtime_error
// when the program's own files are missing.
void run_window(const WindowOptions& options);

}  // namespace vitrine::shell
