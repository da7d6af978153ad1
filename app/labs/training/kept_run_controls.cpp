#include "app/labs/training/kept_run_controls.h"

#include <algorithm>
#include <ctime>
#include <iomanip>
#include <sstream>

#include "engine/core/text.h"

namespace vitrine::labs {
namespace {

using train::KeptRun;

// In the user's own time zone.
std::string time_words(const KeptRun& run, const char* format) {
  const std::time_t saved = std::chrono::system_clock::to_time_t(run.saved);
  std::tm local{};
  localtime_r(&saved, &local);
  std::ostringstream words;
  words.imbue(std::locale::classic());
  words << std::put_time(&local, format);
  return words.str();
}

std::string name_of(const KeptRun& run) { return core::printable(run.folder.filename().string(), 40); }

void facts(widgets::Controls& c, const KeptRun& run) {
  c.fact("Saved", time_words(run, "%Y-%m-%d %H:%M:%S"));
  c.fact("Model", train::kModelKinds[static_cast<std::size_t>(run.config.model.kind)]);
  c.fact("Data", train::kDatasetKinds[static_cast<std::size_t>(run.config.dataset.kind)]);
  c.fact("Steps", core::grouped(run.steps));
  c.fact("Best validation",
         run.best_accuracy ? core::shown(100 * *run.best_accuracy, 4) + " % right" : "not yet validated");
}

}  // namespace

std::optional<std::filesystem::path> kept_run_controls(widgets::Controls& c, const std::vector<KeptRun>* runs,
                                                       KeptRunView& view) {
  std::optional<std::filesystem::path> asked;
  if (!runs) {
    c.note("Looking for the runs that are kept.");
  } else if (runs->empty()) {
    c.note("No earlier run is kept.");
  } else {
    std::vector<std::string> names;
    for (const KeptRun& run : *runs) names.push_back(time_words(run, "%d %b %H:%M, ") + name_of(run));
    const std::vector<std::string_view> shown(names.begin(), names.end());
    const auto found = std::ranges::find(*runs, view.chosen, &KeptRun::folder);
    int chosen = found == runs->end() ? 0 : static_cast<int>(found - runs->begin());
    c.choice("Kept run", chosen, shown, chosen, "Of this session and of earlier ones, the newest first");
    const KeptRun& run = (*runs)[static_cast<std::size_t>(chosen)];
    view.chosen = run.folder;
    facts(c, run);
    if (c.button("Go on with " + name_of(run),
                 "From its last checkpoint, as a run of its own; what is kept stays as it is"))
      asked = run.folder;
  }
  c.text("Run's folder", view.folder,
         "Of another run, as `vitrine train --out` makes it; one that is dropped on the window goes on too");
  if (!view.folder.empty() && c.button("Go on with this folder", "From its checkpoint.bin"))
    asked = view.folder;
  return asked;
}

}  // namespace vitrine::labs
