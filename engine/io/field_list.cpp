#include "engine/io/field_list.h"

#include "engine/core/text.h"
#include "engine/io/json_text.h"

namespace vitrine::io {

void FieldLister::begin_member(std::string_view name) {
  std::string& text = fields_.back().value;
  if (text.back() != '{') text += ", ";
  text += json_text(name) + ": ";
}

void FieldLister::add(std::string_view name, FieldType type, const std::string& raw,
                      const std::string& json) {
  if (list_depth_ > 0) {
    begin_member(name);
    fields_.back().value += json;
  } else {
    fields_.push_back({prefix_ + std::string(name), type, raw, {}});
  }
}

void FieldLister::field(std::string_view name, bool& value) {
  const std::string text = value ? "true" : "false";
  add(name, FieldType::kFlag, text, text);
}
void FieldLister::field(std::string_view name, std::int64_t& value) {
  const std::string text = std::to_string(value);
  add(name, FieldType::kWhole, text, text);
}
void FieldLister::field(std::string_view name, double& value) {
  add(name, FieldType::kNumber, core::exact(value), json_text(value));
}
void FieldLister::field(std::string_view name, std::string& value) {
  add(name, FieldType::kText, value, json_text(value));
}
void FieldLister::field(std::string_view name, core::Tensor<double>& value) {
  const std::string text = json_text(value);
  add(name, FieldType::kList, text, text);
}
void FieldLister::field(std::string_view name, core::Tensor<std::uint8_t>& value) {
  const std::string text = json_text(value);
  add(name, FieldType::kList, text, text);
}
void FieldLister::raw_values(std::string_view name, std::vector<std::string>& values) {
  std::string text;
  for (const auto& raw : values) text += (text.empty() ? "" : ", ") + json_text(raw);
  text = "[" + text + "]";
  add(name, FieldType::kList, text, text);
}

void FieldLister::choose(std::string_view name, int& index, std::span<const std::string_view> names) {
  const std::string text(names[static_cast<std::size_t>(index)]);
  add(name, FieldType::kChoice, text, json_text(text));
  if (list_depth_ == 0) fields_.back().choices.assign(names.begin(), names.end());
}

bool FieldLister::enter(std::string_view name) {
  if (list_depth_ > 0) {
    begin_member(name);
    fields_.back().value += "{";
  } else {
    prefix_ += std::string(name) + ".";
  }
  return true;
}

void FieldLister::leave() {
  if (list_depth_ > 0)
    fields_.back().value += "}";
  else
    prefix_.resize(prefix_.find_last_of('.', prefix_.size() - 2) + 1);  // npos + 1 is 0
}

core::Fields::List FieldLister::enter_list(std::string_view name) {
  add(name, FieldType::kList, "", "");
  fields_.back().value += "[";
  ++list_depth_;
  return List::kWrite;
}

bool FieldLister::enter_item(std::size_t number, std::size_t count) {
  if (number == count) return false;
  fields_.back().value += number > 0 ? ", {" : "{";
  return true;
}

void FieldLister::leave_list() {
  fields_.back().value += "]";
  --list_depth_;
}

}  // namespace vitrine::io
