#include "engine/io/json_fields.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "engine/core/text.h"
#include "engine/io/json_text.h"

namespace vitrine::io {

using core::Tensor;
using nlohmann::json;

namespace {

// What raw text says as JSON; the text itself where it is none, to be named by whoever expects a value.
json parsed_or_text(const std::string& text) {
  try {
    return parse_json(text);
  } catch (const FormatError&) {
    return text;
  }
}

// The raw text of a value: a text is itself.
std::string raw_from(const json& value) {
  if (value.is_string()) return value;
  if (value.is_null() || value.is_object()) throw FormatError("a value is expected, not " + described(value));
  return value.is_number_float() ? json_text(number_from(value, NamedNumbers::kRefuse)) : value.dump();
}

}  // namespace

// --- writing ---

void JsonWriter::begin_line() {
  text_ += first_ ? "\n" : ",\n";
  text_.append(static_cast<std::size_t>(2 * depth_), ' ');
  first_ = false;
}

void JsonWriter::append(std::string_view name, std::string_view value) {
  begin_line();
  text_ += json_text(name) + ": ";
  text_ += value;
}

void JsonWriter::open() {
  ++depth_;
  first_ = true;
}

void JsonWriter::close(char bracket) {
  --depth_;
  if (!first_) text_ += "\n" + std::string(static_cast<std::size_t>(2 * depth_), ' ');
  text_ += bracket;
  first_ = false;
}

void JsonWriter::field(std::string_view name, bool& value) { append(name, value ? "true" : "false"); }
void JsonWriter::field(std::string_view name, std::int64_t& value) { append(name, std::to_string(value)); }
void JsonWriter::field(std::string_view name, double& value) { append(name, json_text(value)); }
void JsonWriter::field(std::string_view name, std::string& value) { append(name, json_text(value)); }
void JsonWriter::field(std::string_view name, Tensor<double>& value) { append(name, json_text(value)); }
void JsonWriter::field(std::string_view name, Tensor<std::uint8_t>& value) { append(name, json_text(value)); }

void JsonWriter::raw_values(std::string_view name, std::vector<std::string>& values) {
  std::string list;
  for (const auto& raw : values) {
    const bool is_text = parsed_or_text(raw).is_string();
    list += (list.empty() ? "" : ", ") + (is_text ? json_text(raw) : raw);
  }
  append(name, "[" + list + "]");
}

void JsonWriter::choose(std::string_view name, int& index, std::span<const std::string_view> names) {
  append(name, json_text(names[static_cast<std::size_t>(index)]));
}

bool JsonWriter::enter(std::string_view name) {
  append(name, "{");
  open();
  return true;
}

void JsonWriter::leave() { close('}'); }

core::Fields::List JsonWriter::enter_list(std::string_view name) {
  append(name, "[");
  open();
  return List::kWrite;
}

bool JsonWriter::enter_item(std::size_t number, std::size_t count) {
  if (number == count) return false;
  begin_line();
  text_ += "{";
  open();
  return true;
}

void JsonWriter::leave_list() { close(']'); }

std::string JsonWriter::text() {
  close('}');
  return text_ + "\n";
}

// --- reading ---

struct JsonReader::State {
  // One object or list being read and the names that the struct has asked it for.
  struct Level {
    const json* object;
    std::string prefix;  // "optimizer.", of a list "layers"
    std::vector<std::string> known;
  };

  explicit State(json document, Unknown policy, bool raw)
      : root(std::move(document)), unknown(policy), values_are_raw_text(raw) {
    levels.push_back({&root, "", {}});
  }

  // The member of the current object, or null.
  const json* find(std::string_view name) {
    Level& level = levels.back();
    level.known.emplace_back(name);
    const auto found = level.object->find(level.known.back());
    return found == level.object->end() ? nullptr : &*found;
  }
  // Reads the member, if there is one; what is wrong with it is reported with its path.
  template <class Read>
  void read(std::string_view name, Read read_value) {
    const json* value = find(name);
    if (value == nullptr) return;
    try {
      if (values_are_raw_text && value->is_string())
        read_value(parsed_or_text(value->get_ref<const std::string&>()));
      else
        read_value(*value);
    } catch (const FormatError& error) {
      throw FormatError(levels.back().prefix + std::string(name) + ": " + error.what());
    }
  }
  // As read, for text and choices: raw text is the value itself.
  template <class Read>
  void read_text(std::string_view name, Read read_value) {
    const bool raw = std::exchange(values_are_raw_text, false);
    read(name, [&](const json& value) { read_value(text_from(value)); });
    values_are_raw_text = raw;
  }
  void push_object(const json* value, const std::string& path) {
    if (!value->is_object()) throw FormatError(path + ": an object is expected, not " + described(*value));
    levels.push_back({value, path + ".", {}});
  }
  // Leaves the current object: what it holds beyond the known names is unknown.
  void check_level() {
    const Level& level = levels.back();
    for (const auto& [name, value] : level.object->items()) {
      if (std::find(level.known.begin(), level.known.end(), name) != level.known.end()) continue;
      const std::string path = level.prefix + core::printable(name);
      if (unknown == Unknown::kRefuse)
        throw FormatError(path + ": unknown field (there are: " + joined(level.known) + ")");
      unknown_fields.push_back(path);
    }
  }
  static std::string joined(std::span<const std::string> names) {
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
  }

  json root;
  json raw_list;  // parsed out of raw text
  Unknown unknown;
  bool values_are_raw_text;
  std::vector<Level> levels;
  std::vector<std::string> unknown_fields;
  std::optional<std::filesystem::path> folder;
};

namespace {

// {"a": {"b": "text"}} of the path a.b
json nested_object(std::string_view dotted_path, std::string_view raw_text) {
  if (std::count(dotted_path.begin(), dotted_path.end(), '.') >= static_cast<std::ptrdiff_t>(kJsonDepth))
    throw FormatError(core::printable(dotted_path) + ": too many dots");
  const std::size_t dot = dotted_path.rfind('.');
  json object = json::object();
  object[std::string(dotted_path.substr(dot + 1))] = std::string(raw_text);  // npos + 1 is 0
  for (std::string_view rest = dotted_path.substr(0, dot == std::string_view::npos ? 0 : dot);
       !rest.empty();) {
    const std::size_t cut = rest.rfind('.');
    json outer = json::object();
    outer[std::string(rest.substr(cut + 1))] = std::move(object);
    object = std::move(outer);
    rest = rest.substr(0, cut == std::string_view::npos ? 0 : cut);
  }
  return object;
}

json parse_object(std::string_view text) {
  json document = parse_json(text);
  if (!document.is_object()) throw FormatError("an object is expected, not " + described(document));
  return document;
}

}  // namespace

JsonReader::JsonReader(std::string_view text, Unknown unknown)
    : state_(std::make_unique<State>(parse_object(text), unknown, false)) {}

JsonReader::JsonReader(std::string_view dotted_path, std::string_view raw_text)
    : state_(std::make_unique<State>(nested_object(dotted_path, raw_text), Unknown::kRefuse, true)) {}

JsonReader::~JsonReader() = default;

void JsonReader::field(std::string_view name, bool& value) {
  state_->read(name, [&](const json& found) { value = flag_from(found); });
}

void JsonReader::field(std::string_view name, std::int64_t& value) {
  state_->read(name, [&](const json& found) { value = integer_from(found); });
}

void JsonReader::field(std::string_view name, double& value) {
  state_->read(name, [&](const json& found) { value = number_from(found, NamedNumbers::kAccept); });
}

void JsonReader::field(std::string_view name, std::string& value) {
  state_->read_text(name, [&](const std::string& found) { value = found; });
}

void JsonReader::files_only_of(const std::filesystem::path& folder) { state_->folder = folder; }

void JsonReader::file(std::string_view name, std::string& value) {
  state_->read_text(name, [&](const std::string& found) {
    const bool plain = found.find_first_of("/\\") == found.npos && !found.starts_with('.');
    if (state_->folder && !plain)
      throw FormatError("only a file of the same folder may be named, not \"" + core::printable(found, 60) +
                        "\"");
    value = state_->folder && !found.empty() ? (*state_->folder / found).string() : found;
  });
}

void JsonReader::field(std::string_view name, Tensor<double>& value) {
  state_->read(name, [&](const json& found) { value = numbers_from(found, NamedNumbers::kAccept); });
}

void JsonReader::field(std::string_view name, Tensor<std::uint8_t>& value) {
  state_->read(name, [&](const json& found) { value = flags_from(found); });
}

void JsonReader::raw_values(std::string_view name, std::vector<std::string>& values) {
  state_->read(name, [&](const json& found) {
    if (!found.is_array()) throw FormatError("a list is expected, not " + described(found));
    std::vector<std::string> texts;
    for (const json& value : found) texts.push_back(raw_from(value));
    values = std::move(texts);
  });
}

void JsonReader::choose(std::string_view name, int& index, std::span<const std::string_view> names) {
  state_->read_text(name, [&](const std::string& found) {
    const auto place = std::find(names.begin(), names.end(), found);
    if (place == names.end()) {
      const std::vector<std::string> known(names.begin(), names.end());
      throw FormatError(json_text(core::printable(found, 60)) + " is not one of " + State::joined(known));
    }
    index = static_cast<int>(place - names.begin());
  });
}

bool JsonReader::enter(std::string_view name) {
  const json* value = state_->find(name);
  if (value == nullptr) return false;
  state_->push_object(value, state_->levels.back().prefix + std::string(name));
  return true;
}

void JsonReader::leave() {
  state_->check_level();
  state_->levels.pop_back();
}

core::Fields::List JsonReader::enter_list(std::string_view name) {
  const json* list = nullptr;
  const bool raw = state_->values_are_raw_text;
  state_->read(name, [&](const json& value) {
    if (!value.is_array()) throw FormatError("a list is expected, not " + described(value));
    list = raw ? &(state_->raw_list = value) : &value;
  });
  if (list == nullptr) return List::kAbsent;
  state_->values_are_raw_text = false;
  state_->levels.push_back({list, state_->levels.back().prefix + std::string(name), {}});
  return List::kRead;
}

bool JsonReader::enter_item(std::size_t number, std::size_t) {
  const auto& [list, prefix, known] = state_->levels.back();
  if (number == list->size()) return false;
  state_->push_object(&(*list)[number], prefix + "[" + std::to_string(number) + "]");
  return true;
}

void JsonReader::leave_list() { state_->levels.pop_back(); }

std::vector<std::string> JsonReader::finish() {
  state_->check_level();
  return std::move(state_->unknown_fields);
}

}  // namespace vitrine::io
