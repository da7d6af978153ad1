// The one list of labs: a new one is a row in labs.cpp.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "app/labs/lab.h"

namespace vitrine::labs {

// Every lab, in the order of the rail. wake: called from other threads when a picture has changed. Training
// runs are kept in `runs_folder`; empty: in memory only.
std::vector<std::unique_ptr<Lab>> all_labs(const std::function<void()>& wake,
                                           const std::filesystem::path& runs_folder = {});

}  // namespace vitrine::labs
