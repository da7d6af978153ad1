#include "app/shell/state_file.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>
#include <optional>
#include <utility>

#include "app/shell/app.h"
#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/io/json_fields.h"
#include "engine/io/json_text.h"

namespace vitrine::shell {
namespace {

constexpr std::size_t kShown_bytes = 60;  // of an id or a version in a message
// No file is in it, and none can be put there: the folder of a line that was pasted.
constexpr const char* kNoFolder = "/dev/null";

// What stands open beside a lab: a lesson's step or a card's question, from 1.
struct Place {
  std::string id;
  std::int64_t step = 1;
  std::size_t index() const { return step < 1 ? 0 : static_cast<std::size_t>(step - 1); }
  void describe(core::Fields& f) {
    f.field("id", id);
    f.field("step", step);
  }
};

struct Head {
  std::string version, lab;
  Place lesson, card;
  void describe(core::Fields& f) {
    f.field("vitrine", version);
    f.field("lab", lab);
    f.group("lesson", lesson);
    f.group("card", card);
  }
};

// Sees a lab's fields without changing any.
class Look final : public core::Fields {
 public:
  void field(std::string_view name, bool& value) override { add(name, value); }
  void field(std::string_view name, std::int64_t& value) override { add(name, value); }
  void field(std::string_view name, double& value) override { add(name, value); }
  void field(std::string_view name, std::string& value) override {
    add(name, value.size());
    add_bytes(value.data(), value.size());
  }
  void file(std::string_view name, std::string& value) override {
    if (!value.empty()) look_.files.emplace_back(value);
    field(name, value);
  }
  void field(std::string_view name, core::Tensor<double>& value) override { add_tensor(name, value); }
  void field(std::string_view name, core::Tensor<std::uint8_t>& value) override { add_tensor(name, value); }
  void raw_values(std::string_view name, std::vector<std::string>& values) override {
    for (std::string& value : values) field(name, value);
  }
  StateLook look() const { return look_; }

 private:
  void choose(std::string_view name, int& index, std::span<const std::string_view>) override {
    add(name, index);
  }
  bool enter(std::string_view name) override {
    if (depth_++ == 0) in_view_ = name == "view";
    return true;
  }
  void leave() override { --depth_; }
  List enter_list(std::string_view) override { return List::kWrite; }
  bool enter_item(std::size_t number, std::size_t count) override {
    add("", count);
    if (number == count) return false;
    ++depth_;
    return true;
  }
  void leave_list() override {}

  // FNV-1a (Fowler, Noll, Vo).
  void add_bytes(const void* bytes, std::size_t count) {
    if (in_view_) return;
    const auto* at = static_cast<const unsigned char*>(bytes);
    for (std::size_t i = 0; i < count; ++i) look_.digest = (look_.digest ^ at[i]) * 1099511628211u;
  }
  template <class Value>
  void add(std::string_view name, Value value) {
    add_bytes(name.data(), name.size());
    add_bytes(&value, sizeof(value));
  }
  template <class Value>
  void add_tensor(std::string_view name, const core::Tensor<Value>& values) {
    add(name, values.rank());
    for (std::size_t axis = 0; axis < values.rank(); ++axis) add("", values.size(axis));
    if (values.count() > 0)
      add_bytes(values.data(), static_cast<std::size_t>(values.count()) * sizeof(Value));
  }

  StateLook look_{{}, 14695981039346656037u};
  int depth_ = 0;
  bool in_view_ = false;
};

Head head_of(std::string_view text) {
  if (std::ssize(text) > kStateLimit_bytes) throw io::FormatError("a state has at most 16 MiB");
  Head head;
  io::JsonReader reader(text, io::Unknown::kCollect);
  head.describe(reader);
  if (head.version.empty()) throw io::FormatError("this is no state of Vitrine: there is no \"vitrine\"");
  if (head.lab.empty()) throw io::FormatError("the state names no \"lab\"");
  return head;
}

// Sets what the text knows of the lab; returns what the lab does not know.
std::vector<std::string> read_lab(std::string_view text, const std::filesystem::path& folder,
                                  labs::Lab& lab) {
  io::JsonReader reader(text, io::Unknown::kCollect);
  reader.files_only_of(folder.empty() ? std::filesystem::path(kNoFolder) : folder);
  Head head;
  head.describe(reader);
  lab.describe(reader);
  return reader.finish();
}

std::string text_of(labs::Lab& lab) {
  io::JsonWriter writer;
  lab.describe(writer);
  return writer.text();
}

// All of it or nothing.
std::vector<std::string> set_lab(std::string_view text, const std::filesystem::path& folder, labs::Lab& lab) {
  const std::string before = text_of(lab);
  try {
    return read_lab(text, folder, lab);
  } catch (const io::FormatError&) {
    load_state(before, lab);
    throw;
  }
}

// "0.10.2" -> 0, 10, 2; what is no number ends it.
std::vector<int> parts_of(std::string_view version) {
  std::vector<int> parts;
  const char *at = version.data(), *end = at + version.size();
  for (int part = 0; at < end; ++at) {
    const auto [rest, error] = std::from_chars(at, end, part);
    if (error != std::errc()) break;
    parts.push_back(part);
    at = rest;
    if (at == end || *at != '.') break;
  }
  return parts;
}

std::string unknown_words(std::string_view version, const std::vector<std::string>& unknown, App& app) {
  const bool newer = parts_of(version) > parts_of(VITRINE_VERSION);
  if (unknown.empty())
    return newer ? std::string(app.words().of("The state is of a newer version; all of it was understood"))
                 : "";
  std::string words(app.words().of(newer ? "fields of a newer version were passed over"
                                         : "fields that this version does not know were passed over"));
  words += ": " + core::printable(unknown.front(), kShown_bytes);
  const std::size_t more = unknown.size() - 1;
  if (more > 0) words += " " + std::string(app.words().of("and " + std::to_string(more) + " more"));
  return words;
}

// Opens the lesson at its step or the card at its question; false: it is not among those that are here.
bool open_place(const Head& head, App& app) {
  learn::Panel& panel = app.panel();
  if (!head.card.id.empty()) {
    if (!panel.open_card(head.card.id, app)) return false;
    if (head.card.index() < panel.desk()->card().questions.size()) panel.desk()->go_to(head.card.index());
    return true;
  }
  if (!panel.open_lesson(head.lesson.id, app)) return false;
  panel.jump(head.lesson.index(), app);
  // What a step puts into its lab arrives with that lab's result: now, so that the state comes after it.
  constexpr int kTries = 10;
  for (int i = 0; i < kTries && app.lab().numbers().empty(); ++i)
    app.lab().poll(std::chrono::milliseconds(20));
  panel.frame(app);
  return true;
}

// What stands open beside the lab.
void write_place(learn::Panel& panel, io::JsonWriter& writer) {
  if (!panel.lesson().empty()) {
    Place lesson{std::string(panel.lesson()), static_cast<std::int64_t>(panel.walk()->at()) + 1};
    writer.group("lesson", lesson);
    return;
  }
  const learn::Desk* desk = panel.desk();
  if (!panel.is_open() || !desk) return;
  Place card{desk->card().id, static_cast<std::int64_t>(desk->at()) + 1};
  writer.group("card", card);
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

std::string joined(const std::string& words, const std::string& more) {
  return words.empty() ? more : more.empty() ? words : words + "; " + more;
}

// Only blanks, quotes and a code fence with the name of its language.
bool only_wraps(std::string_view around) {
  std::string rest(around);
  for (const std::string_view quote : {"“", "”", "„", "‘", "’", "‚", "«", "»"}) replace_all(rest, quote, "");
  const bool fenced = rest.find("```") != rest.npos;
  std::erase_if(rest, [](char c) { return std::strchr(" \t\r\n\"'`", c) != nullptr && c != '\0'; });
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return rest.empty() || (fenced && rest.size() <= 16 && std::ranges::all_of(rest, is_letter));
}

}  // namespace

std::string state_text(App& app) {
  std::string version = VITRINE_VERSION, lab(app.lab().info().id);
  io::JsonWriter writer;
  writer.field("vitrine", version);
  writer.field("lab", lab);
  app.lab().describe(writer);
  write_place(app.panel(), writer);
  std::string text = writer.text();
  for (const std::filesystem::path& file : look_at_state(app.lab()).files) {
    const auto name =
        file.has_filename() ? file.filename() : file.parent_path().filename();  // "runs/" is runs
    replace_all(text, ": " + io::json_text(file.string()), ": " + io::json_text(name.string()));
  }
  return text;
}

std::string state_line(App& app) {
  const std::string text = state_text(app);
  std::string line;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\n') {
      line += text[at];
      continue;
    }
    if (line.ends_with(',')) line += ' ';
    while (at + 1 < text.size() && text[at + 1] == ' ') ++at;
  }
  return line;
}

std::string open_state(std::string_view text, const std::filesystem::path& folder, App& app) {
  const Head head = head_of(text);
  labs::Lab* lab = app.lab_of(head.lab);
  if (!lab)
    throw io::FormatError("there is no lab \"" + core::printable(head.lab, kShown_bytes) +
                          "\" in this version");
  std::string words = unknown_words(head.version, set_lab(text, folder, *lab), app);
  app.select(head.lab);
  const bool beside = !head.card.id.empty() || !head.lesson.id.empty();
  if (beside && !open_place(head, app))
    words = joined(words, std::string(app.words().of("the lesson or exercise beside it is not here")));
  if (beside) {  // it has put its own state there
    app.select(head.lab);
    set_lab(text, folder, *lab);
  }
  const auto files = look_at_state(*lab).files;
  if (folder.empty() && !files.empty())
    words = joined(words, core::printable(files.front().filename().string(), kShown_bytes) + ": " +
                              std::string(app.words().of("a file does not come with a line; save the state "
                                                         "beside it instead")));
  return words;
}

std::string open_state(const std::filesystem::path& file, App& app) {
  const std::string text = io::read_file(file, kStateLimit_bytes);
  try {
    const std::filesystem::path folder = file.parent_path();
    return open_state(text, folder.empty() ? std::filesystem::path(".") : folder, app);
  } catch (const io::FormatError& wrong) {
    throw io::FileError(file, wrong.what());
  }
}

std::string lab_of_state(std::string_view text) { return head_of(text).lab; }

std::string_view state_in(std::string_view pasted) {
  const std::size_t begin = pasted.find('{'), end = pasted.rfind('}');
  if (begin == pasted.npos || end == pasted.npos || end < begin) return {};
  if (!only_wraps(pasted.substr(0, begin)) || !only_wraps(pasted.substr(end + 1))) return {};
  const std::string_view state = pasted.substr(begin, end - begin + 1);
  return state.find("\"vitrine\"") == state.npos ? std::string_view() : state;
}

StateLook look_at_state(labs::Lab& lab) {
  Look look;
  lab.describe(look);
  return look.look();
}

void load_state(const std::string& text, labs::Lab& lab) {
  io::JsonReader reader(text, io::Unknown::kRefuse);
  lab.describe(reader);
  reader.finish();
}

}  // namespace vitrine::shell
