// A control that holds a file's path: its name, and a browser that opens on "Browse".
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "app/widgets/controls.h"

namespace vitrine::widgets {

// Shows folders and the files with one of the endings (lower case, with the dot). True when another file was
// chosen.
bool file_control(Controls& controls, std::string_view name, std::string& path,
                  std::initializer_list<std::string_view> endings, std::string_view help);

}  // namespace vitrine::widgets
