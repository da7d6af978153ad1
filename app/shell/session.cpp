#include "app/shell/session.h"

#include <cstdlib>
#include <system_error>

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

std::string restore_session(const std::filesystem::path& path, App& app) {
  std::error_code none;
  if (path.empty() || !std::filesystem::exists(path, none)) return "";
  try {
    io::JsonReader reader(io::read_file(path, kSessionLimit_bytes), io::Unknown::kCollect);
    app.describe(reader);
    const auto unknown = reader.finish();
    return unknown.empty() ? ""
                           : "The last session knew \"" + unknown.front() +
                                 "\", which this version does not; the rest is restored";
  } catch (const io::FormatError& error) {
    auto aside = path;
    aside += ".damaged";
    std::filesystem::rename(path, aside, none);
    return "The last session cannot be restored (" + core::printable(error.what(), 120) +
           "); it is kept as " + aside.string();
  } catch (const io::FileError& error) {
    return std::string("The last session cannot be read: ") + error.what();
  }
}

std::string save_session(const std::filesystem::path& path, App& app) {
  if (path.empty()) return "";
  try {
    std::error_code error;
    std::filesystem::create_directories(path.parent_path(), error);
    io::JsonWriter writer;
    app.describe(writer);
    io::write_file(path, writer.text());
    return "";
  } catch (const io::FileError& error) {
    return std::string("The session cannot be saved: ") + error.what();
  }
}

void load_state(const std::string& text, labs::Lab& lab) {
  io::JsonReader reader(text, io::Unknown::kRefuse);
  lab.describe(reader);
  reader.finish();
}

}  // namespace vitrine::shell
