// Fields: one description of a plain struct's fields serves JSON in both directions, presets, sessions and
// --set. A struct says `void describe(Fields& f) { f.field("stride", stride); ... }`; who reads or writes is
// the visitor.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/core/tensor.h"

namespace vitrine::core {

class Fields {
 public:
  virtual ~Fields() = default;
  virtual void field(std::string_view name, bool& value) = 0;
  virtual void field(std::string_view name, std::int64_t& value) = 0;
  virtual void field(std::string_view name, double& value) = 0;
  virtual void field(std::string_view name, std::string& value) = 0;
  // Nested arrays, row-major; true and false for bytes.
  virtual void field(std::string_view name, Tensor<double>& value) = 0;
  virtual void field(std::string_view name, Tensor<std::uint8_t>& value) = 0;
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

 protected:
  virtual void choose(std::string_view name, int& index, std::span<const std::string_view> names) = 0;
  // False: the reader's source has no such group, and the struct keeps what it has.
  virtual bool enter(std::string_view name) = 0;
  virtual void leave() = 0;
};

}  // namespace vitrine::core
