#include "app/cli/window.h"

#include <CLI/CLI.hpp>
#include <ostream>
#include <vector>

#include "app/shell/surface.h"
#include "app/shell/window.h"
#include "engine/core/text.h"

namespace vitrine::cli {

int window_command(std::span<const std::string> args, std::ostream& err) {
  CLI::App app("", "vitrine");
  app.set_help_flag();
  shell::WindowOptions options;
  std::vector<std::string> files;
  app.add_option("files", files);
  app.add_option("--lab", options.lab);
  app.add_flag("--fresh", options.fresh);
  app.add_option("--quit-after", options.quit_after_s);
  try {
    app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
    options.files.assign(files.begin(), files.end());
    shell::run_window(options);
    return 0;
  } catch (const CLI::ParseError& error) {
    err << "vitrine: " << core::printable(error.what()) << " (vitrine --help)\n";
    return 2;
  } catch (const shell::SurfaceError& error) {
    err << "vitrine: " << core::printable(error.what()) << '\n';
    return 4;
  } catch (const std::exception& error) {
    err << "vitrine: " << core::printable(error.what()) << '\n';
    return 2;
  }
}

}  // namespace vitrine::cli
