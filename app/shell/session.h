// The session: settings and every lab's Params and View, saved on exit and restored at the next start.
#pragma once

#include <filesystem>
#include <string>

#include "app/shell/app.h"

namespace vitrine::shell {

// $XDG_STATE_HOME/vitrine/session.json, or ~/.local/state/...; empty when there is no home folder.
std::filesystem::path session_path();

// Sets what the file knows. Returns one line for the user, or nothing when all went well: a damaged file is
// set aside beside itself (session.json.damaged) and the program starts as new; fields of other versions are
// passed over.
std::string restore_session(const std::filesystem::path& path, App& app);

// Replaces the file as a whole; returns one line for the user if that failed, else nothing.
std::string save_session(const std::filesystem::path& path, App& app);

// Settings or one lab's Params and View from a file's text, for --preset and shared states. Throws
// io::FormatError.
void load_state(const std::string& text, labs::Lab& lab);

}  // namespace vitrine::shell
