// Structs as JSON text and back through their describe(Fields&): configurations, presets, sessions, --set.
// Reading is strict: what is wrong is named by its dotted path, and the value is then untouched.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/fields.h"
#include "engine/io/files.h"

namespace vitrine::io {

// What to do with a field that the struct does not have: refuse the text, or collect its dotted path.
enum class Unknown { kRefuse, kCollect };

// Writes fields as indented JSON, numbers exactly (NaN and infinities as "NaN", "Infinity", "-Infinity").
class JsonWriter final : public core::Fields {
 public:
  void field(std::string_view name, bool& value) override;
  void field(std::string_view name, std::int64_t& value) override;
  void field(std::string_view name, double& value) override;
  void field(std::string_view name, std::string& value) override;
  void field(std::string_view name, core::Tensor<double>& value) override;
  void field(std::string_view name, core::Tensor<std::uint8_t>& value) override;
  void raw_values(std::string_view name, std::vector<std::string>& values) override;
  // The whole object; call once, after describe().
  std::string text();

 private:
  void choose(std::string_view name, int& index, std::span<const std::string_view> names) override;
  bool enter(std::string_view name) override;
  void leave() override;
  List enter_list(std::string_view name) override;
  bool enter_item(std::size_t number, std::size_t count) override;
  void leave_list() override;
  void append(std::string_view name, std::string_view value);
  void begin_line();
  void open();
  void close(char bracket);

  std::string text_ = "{";
  int depth_ = 1;
  bool first_ = true;
};

// Sets the fields that a JSON object has; the others keep their values. Throws FormatError.
class JsonReader final : public core::Fields {
 public:
  JsonReader(std::string_view text, Unknown unknown);
  // The object with one field, "optimizer.learning_rate", whose text is raw: 3e-4, true, adam, [0.9, 0.95].
  JsonReader(std::string_view dotted_path, std::string_view raw_text);
  ~JsonReader() override;

  // For text from somebody else: files are those of this folder, by their plain names; any other is refused.
  void files_only_of(const std::filesystem::path& folder);

  void field(std::string_view name, bool& value) override;
  void field(std::string_view name, std::int64_t& value) override;
  void field(std::string_view name, double& value) override;
  void field(std::string_view name, std::string& value) override;
  void field(std::string_view name, core::Tensor<double>& value) override;
  void field(std::string_view name, core::Tensor<std::uint8_t>& value) override;
  void file(std::string_view name, std::string& value) override;
  void raw_values(std::string_view name, std::vector<std::string>& values) override;
  // Call once, after describe(): the dotted paths of unknown fields, empty under Unknown::kRefuse.
  std::vector<std::string> finish();

 private:
  void choose(std::string_view name, int& index, std::span<const std::string_view> names) override;
  bool enter(std::string_view name) override;
  void leave() override;
  List enter_list(std::string_view name) override;
  bool enter_item(std::size_t number, std::size_t count) override;
  void leave_list() override;

  struct State;
  std::unique_ptr<State> state_;
};

// Every field, in the order described.
template <class Struct>
std::string to_json(const Struct& value) {
  Struct copy = value;
  JsonWriter writer;
  copy.describe(writer);
  return writer.text();
}

// Sets the fields present in `text` and returns the unknown ones (Unknown::kCollect). Throws FormatError on
// malformed JSON, duplicate keys, an unknown field (Unknown::kRefuse), a wrong type, an unknown choice and an
// integer out of range, and then leaves `value` as it was.
template <class Struct>
std::vector<std::string> from_json(std::string_view text, Struct& value, Unknown unknown) {
  JsonReader reader(text, unknown);
  Struct copy = value;
  copy.describe(reader);
  std::vector<std::string> left_over = reader.finish();
  value = std::move(copy);
  return left_over;
}

// One field by its dotted path: set_field(config, "optimizer.learning_rate", "3e-4"). Throws FormatError.
template <class Struct>
void set_field(Struct& value, std::string_view dotted_path, std::string_view raw_text) {
  JsonReader reader(dotted_path, raw_text);
  Struct copy = value;
  copy.describe(reader);
  reader.finish();
  value = std::move(copy);
}

}  // namespace vitrine::io
