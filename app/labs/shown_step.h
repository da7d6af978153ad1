// A step of a card or a lesson, put into its lab.
#pragma once

#include "app/labs/lab.h"
#include "engine/lessons/card.h"

namespace vitrine::labs {

// Loads the step's preset, sets its fields in their order and puts the playhead at its place, playing if the
// step plays. `folder`: of its file; files that a field names are in it. Throws std::invalid_argument: there
// is no such preset; io::FormatError, which names the field. What came before the one that is wrong is done.
void show(Lab& lab, const lessons::Step& step, const std::filesystem::path& folder);
// The fields alone, "params.stride=2".
void set_fields(Lab& lab, const std::vector<std::string>& fields, const std::filesystem::path& folder);

}  // namespace vitrine::labs
