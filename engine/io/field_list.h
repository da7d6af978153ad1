// The fields of a struct as a flat list of names and values, out of its describe(Fields&): what can be set,
// and what kind of value it takes.
#pragma once

#include <string>
#include <vector>

#include "engine/core/fields.h"

namespace vitrine::io {

// kList: nested arrays or a list of structs.
enum class FieldType { kFlag, kWhole, kNumber, kText, kChoice, kList };

struct FieldInfo {
  std::string path;  // "optimizer.learning_rate"
  FieldType type = FieldType::kText;
  std::string value;                 // raw text, as set_field takes it
  std::vector<std::string> choices;  // of a kChoice

  bool operator==(const FieldInfo&) const = default;
};

class FieldLister final : public core::Fields {
 public:
  void field(std::string_view name, bool& value) override;
  void field(std::string_view name, std::int64_t& value) override;
  void field(std::string_view name, double& value) override;
  void field(std::string_view name, std::string& value) override;
  void field(std::string_view name, core::Tensor<double>& value) override;
  void field(std::string_view name, core::Tensor<std::uint8_t>& value) override;
  void raw_values(std::string_view name, std::vector<std::string>& values) override;
  // Call once, after describe().
  std::vector<FieldInfo> fields() { return std::move(fields_); }

 private:
  void choose(std::string_view name, int& index, std::span<const std::string_view> names) override;
  bool enter(std::string_view name) override;
  void leave() override;
  List enter_list(std::string_view name) override;
  bool enter_item(std::size_t number, std::size_t count) override;
  void leave_list() override;
  void add(std::string_view name, FieldType type, const std::string& raw, const std::string& json);
  // Begins what follows a list's earlier text: "name": , behind a comma where one is due.
  void begin_member(std::string_view name);

  std::vector<FieldInfo> fields_;
  std::string prefix_;  // "optimizer."
  int list_depth_ = 0;  // of lists that are open; what they hold is text of the last field
};

// Every field, in the order described.
template <class Struct>
std::vector<FieldInfo> field_list(const Struct& value) {
  Struct copy = value;
  FieldLister lister;
  copy.describe(lister);
  return lister.fields();
}

}  // namespace vitrine::io
