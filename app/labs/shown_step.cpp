#include "app/labs/shown_step.h"

#include <stdexcept>

#include "engine/core/text.h"
#include "engine/io/json_fields.h"

namespace vitrine::labs {

void show(Lab& lab, const lessons::Step& step) {
  if (!step.preset.empty() && !lab.load_preset(step.preset))
    throw std::invalid_argument("the lab " + std::string(lab.info().id) + " has no preset \"" +
                                core::printable(step.preset, 60) + "\"");
  for (const std::string& set : step.set) {
    const std::size_t equals = set.find('=');
    io::JsonReader field(std::string_view(set).substr(0, equals), std::string_view(set).substr(equals + 1));
    lab.describe(field);
    field.finish();
  }
  lab.playhead() = {step.at, lab.playhead().speed, step.until > step.at};
}

}  // namespace vitrine::labs
