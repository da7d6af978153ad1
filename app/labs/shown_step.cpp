#include "app/labs/shown_step.h"

#include <algorithm>
#include <stdexcept>

#include "engine/core/text.h"
#include "engine/io/json_fields.h"

namespace vitrine::labs {

void set_fields(Lab& lab, const std::vector<std::string>& fields, const std::filesystem::path& folder) {
  for (const std::string& set : fields) {
    const std::size_t equals = std::min(set.find('='), set.size());
    io::JsonReader field(std::string_view(set).substr(0, equals),
                         std::string_view(set).substr(std::min(equals + 1, set.size())));
    field.files_only_of(folder);
    lab.describe(field);
    field.finish();
  }
}

void show(Lab& lab, const lessons::Step& step, const std::filesystem::path& folder) {
  if (!step.preset.empty() && !lab.load_preset(step.preset))
    throw std::invalid_argument("the lab " + std::string(lab.info().id) + " has no preset \"" +
                                core::printable(step.preset, 60) + "\"");
  set_fields(lab, step.set, folder);
  lab.playhead() = {std::clamp<double>(step.at, 0, widgets::kLastStep), lab.playhead().speed,
                    step.until > step.at};
}

}  // namespace vitrine::labs
