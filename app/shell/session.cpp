#include "app/shell/session.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <iomanip>
#include <sstream>
#include <system_error>
#include <vector>

#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/io/json_fields.h"

namespace vitrine::shell {
namespace {

constexpr core::Index kSessionLimit_bytes = core::Index{64} << 20;

std::filesystem::path variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

std::filesystem::path session_path() {
  std::filesystem::path base = variable("XDG_STATE_HOME");
  if (base.empty() && !variable("HOME").empty()) base = variable("HOME") / ".local" / "state";
  return base.empty() ? base : base / "vitrine" / "session.json";
}

std::filesystem::path new_runs_folder(const std::filesystem::path& session) {
  constexpr std::size_t kOlder = 9;
  if (session.empty()) return {};
  const std::filesystem::path runs = session.parent_path() / "runs";
  std::error_code none;
  std::vector<std::filesystem::path> older;
  for (const auto& entry : std::filesystem::directory_iterator(runs, none))
    if (entry.is_directory(none)) older.push_back(entry.path());
  std::sort(older.begin(), older.end(), std::greater());
  for (std::size_t i = kOlder; i < older.size(); ++i) std::filesystem::remove_all(older[i], none);
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::ostringstream name;
  name << std::put_time(&utc, "%Y-%m-%d %H.%M.%S");
  return runs / name.str();
}

namespace {

template <class Part>
std::string text_of(Part& part) {
  io::JsonWriter writer;
  part.describe(writer);
  return writer.text();
}

// Reads a part of the session, all of it or nothing; `words` is then what is to be said. False when nothing
// was read: a session that cannot be is put aside, so that the new one does not replace it.
template <class Part>
bool read(const std::filesystem::path& path, Part& part, std::vector<std::string>& unknown,
          std::string& words) {
  std::error_code none;
  if (path.empty() || !std::filesystem::exists(path, none)) return false;
  const std::string before = text_of(part);
  const auto put_aside = [&](const char* error) {
    auto aside = path;
    aside += ".damaged";
    std::filesystem::rename(path, aside, none);
    words = "The last session cannot be restored (" + core::printable(error, 120) + "); it is kept as " +
            aside.string();
  };
  try {
    io::JsonReader reader(io::read_file(path, kSessionLimit_bytes), io::Unknown::kCollect);
    part.describe(reader);
    unknown = reader.finish();
    return true;
  } catch (const io::FormatError& error) {
    io::JsonReader again(before, io::Unknown::kCollect);
    part.describe(again);
    put_aside(error.what());
  } catch (const io::FileError& error) {
    put_aside(error.what());
  }
  return false;
}

struct SettingsOnly {
  Settings settings;
  void describe(core::Fields& fields) { fields.group("settings", settings); }
};

}  // namespace

std::string restore_session(const std::filesystem::path& path, App& app) {
  std::vector<std::string> unknown;
  std::string words;
  if (read(path, app, unknown, words) && !unknown.empty())
    words = "The last session knew \"" + unknown.front() +
            "\", which this version does not; the rest is restored";
  return words;
}

std::string restore_settings(const std::filesystem::path& path, App& app) {
  SettingsOnly only{app.settings()};
  std::vector<std::string> unknown;
  std::string words;
  if (!read(path, only, unknown, words)) return words;
  only.settings.lab = app.settings().lab;
  app.settings() = only.settings;
  return words;
}

void write_session(const std::filesystem::path& path, const std::string& text) {
  if (path.empty()) return;
  try {
    io::make_folder(path.parent_path());
    io::write_file(path, text);
  } catch (const io::FileError& error) {
    throw std::runtime_error(std::string("The session cannot be saved: ") + error.what());
  }
}

std::string save_session(const std::filesystem::path& path, App& app) {
  try {
    write_session(path, text_of(app));
    return "";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

}  // namespace vitrine::shell
