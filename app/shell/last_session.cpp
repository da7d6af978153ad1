#include "app/shell/last_session.h"

#include <sys/stat.h>

#include <cstdlib>
#include <ctime>
#include <iomanip>
#include <sstream>
#include <system_error>

#include "app/shell/app.h"
#include "app/shell/session.h"
#include "engine/io/files.h"

namespace vitrine::shell {

namespace fs = std::filesystem;

namespace {

constexpr double kOneDay_s = 20 * 3600;  // a time of day means the last such time

// When the file was written, in local time: "14:05", with the date when that is long ago.
std::string time_of(const fs::path& file) {
  struct stat found {};
  if (::stat(file.c_str(), &found) != 0) return "";
  std::tm local{};
  localtime_r(&found.st_mtime, &local);
  const bool recent = std::abs(std::difftime(std::time(nullptr), found.st_mtime)) < kOneDay_s;
  std::ostringstream text;
  text << std::put_time(&local, recent ? "%H:%M" : "%H:%M (%Y/%m/%d)");
  return text.str();
}

}  // namespace

fs::path LastSession::beside(const char* ending) const {
  fs::path path = session_;
  path += ending;
  return path;
}

// Where it cannot be made, the session cannot be saved either, and that is said.
void LastSession::mark() const {
  try {
    io::write_file(beside(".open"), "");
  } catch (const io::FileError&) {
    return;
  }
}

std::string LastSession::begin(App& app) {
  if (session_.empty()) return "";
  std::error_code unreadable;
  fs::create_directories(session_.parent_path(), unreadable);
  fs::directory_iterator(session_.parent_path(), unreadable);
  try {
    if (!unreadable) folder_.emplace(session_.parent_path());
  } catch (const io::FileError&) {
    restore_settings(session_, app);
    return "Another window of Vitrine is open: this one starts as new, and what it shows is not kept";
  }
  std::error_code none;
  const bool crashed = fs::exists(beside(".open"), none) && fs::exists(session_, none);
  mark();
  state_ = State::kKeeps;
  if (!crashed) return restore_session(session_, app);
  const std::string words = restore_settings(session_, app);
  if (!fs::exists(session_, none)) return words;  // it was damaged
  state_ = State::kAsks;
  app.ask({"Vitrine did not close properly. Restore what was open at " + time_of(session_) + "?", "Restore",
           "Start new"});
  return words;
}

std::string LastSession::frame(App& app) {
  if (state_ != State::kAsks) return "";
  const std::optional<bool> restores = app.take_answer();
  if (!restores) return "";
  state_ = State::kKeeps;
  if (*restores) return restore_session(session_, app);
  std::error_code failed;
  fs::rename(session_, beside(".before"), failed);
  return failed ? "" : "What was open is kept as " + beside(".before").string();
}

std::string LastSession::end(App& app) {
  if (!keeps()) return "";
  std::string words = save_session(session_, app);
  std::error_code none;
  fs::remove(beside(".open"), none);
  return words;
}

}  // namespace vitrine::shell
