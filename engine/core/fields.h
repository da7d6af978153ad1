// Fields: one description of a plain struct's fields serves JSON in both directions, presets, sessions and
// --set. A struct says `void describe(Fields& f) { f.field("stride", stride); ... }`; who reads or writes is
// the visitor.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/tensor.h"

namespace vitrine::core {

class Fields {
 public:
  virtual ~Fields() = default;
  virtual void field(std::string_view name, bool& value) = 0;
  virtual void field(std::string_view name, std::int64_t& value) = 0;
  virtual void field(std::string_view name, double& value) = 0;
  virtual void field(std::string_view name, std::string& value) = 0;
  // Text that names a file or a folder.
  virtual void file(std::string_view name, std::string& value) { field(name, value); }
  // Nested arrays, row-major; true and false for bytes.
  virtual void field(std::string_view name, Tensor<double>& value) = 0;
  virtual void field(std::string_view name, Tensor<std::uint8_t>& value) = 0;
  // A list of values of any kind, each as the raw text that --set takes: 3e-4, true, adam, [0.9, 0.95].
  virtual void raw_values(std::string_view name, std::vector<std::string>& values) = 0;
  // An enumeration of consecutive values from 0, written by its names.
  template <class Enum>
  void choice(std::string_view name, Enum& value, std::span<const std::string_view> names) {
    int index = static_cast<int>(value);
    choose(name, index, names);
    value = static_cast<Enum>(index);
  }
  // A nested struct with describe().
  template <class Struct>
  void group(std::string_view name, Struct& value) {
    if (!enter(name)) return;
    value.describe(*this);
    leave();
  }
  // A list of structs with describe(). A reader replaces all of it: every item begins as Struct().
  template <class Struct>
  void list(std::string_view name, std::vector<Struct>& values) {
    const List found = enter_list(name);
    if (found == List::kAbsent) return;
    if (found == List::kRead) values.clear();
    for (std::size_t i = 0; enter_item(i, values.size()); ++i) {
      if (i == values.size()) values.emplace_back();
      values[i].describe(*this);
      leave();
    }
    leave_list();
  }

 protected:
  // kAbsent: the reader's source has no such list, and the struct keeps what it has.
  enum class List { kAbsent, kRead, kWrite };

  virtual void choose(std::string_view name, int& index, std::span<const std::string_view> names) = 0;
  // False: the reader's source has no such group, and the struct keeps what it has.
  virtual bool enter(std::string_view name) = 0;
  virtual void leave() = 0;
  virtual List enter_list(std::string_view name) = 0;
  // False: there is no item of that number. A writer has `count` of them.
  virtual bool enter_item(std::size_t number, std::size_t count) = 0;
  virtual void leave_list() = 0;
};

}  // namespace vitrine::core
