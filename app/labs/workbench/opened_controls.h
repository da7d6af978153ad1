// Controls of a model that is opened from a file: which, how its pictures are normalised, its heads.
#pragma once

#include "app/labs/workbench/opened_look.h"
#include "app/widgets/controls.h"

namespace vitrine::labs {

void opened_controls(widgets::Controls& controls, OpenedLook& opened);

}  // namespace vitrine::labs
