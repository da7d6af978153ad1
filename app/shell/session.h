// The session: settings and every lab's Params and View, saved while the window is open and on exit, and
// restored at the next start.
#pragma once

#include <filesystem>
#include <string>

#include "app/shell/app.h"
#include "app/shell/state_file.h"  // load_state, for those who read both

namespace vitrine::shell {

// $XDG_STATE_HOME/vitrine/session.json, or ~/.local/state/...; empty when there is no home folder.
std::filesystem::path session_path();

// Where the runs of this session are kept: a new folder beside the session's file, named by the time in UTC.
// Of older sessions the newest nine stay. Empty when `session` is.
std::filesystem::path new_runs_folder(const std::filesystem::path& session);

// Sets what the file knows. Returns one line for the user, or nothing when all went well: a damaged file is
// set aside beside itself (session.json.damaged) and the program starts as new; fields of other versions are
// passed over.
std::string restore_session(const std::filesystem::path& path, App& app);

// The settings alone, and of them not which lab is open. The same line, but that nothing is said of what this
// version does not know.
std::string restore_settings(const std::filesystem::path& path, App& app);

// Replaces the file as a whole by a session's text, and makes its folder; an empty path is none. Throws
// std::runtime_error in one line for the user.
void write_session(const std::filesystem::path& path, const std::string& text);
// The same of the session as it is; returns one line for the user if that failed, else nothing.
std::string save_session(const std::filesystem::path& path, App& app);

}  // namespace vitrine::shell
