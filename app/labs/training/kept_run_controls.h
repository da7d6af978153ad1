// The inspector's choice of an earlier run to go on with: one that is kept, or any run's folder.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/widgets/controls.h"
#include "engine/train/kept_runs.h"

namespace vitrine::labs {

// Where we look.
struct KeptRunView {
  std::filesystem::path chosen;  // folder of the kept run that is described
  std::string folder;            // that was typed
};

// `runs`: null while they are looked for. The folder to go on with, when that is asked for.
std::optional<std::filesystem::path> kept_run_controls(widgets::Controls& controls,
                                                       const std::vector<train::KeptRun>* runs,
                                                       KeptRunView& view);

}  // namespace vitrine::labs
