// A request of `vitrine compute` as typed fields, and a result as JSON text.
#pragma once

#include <array>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/tensor.h"

namespace vitrine::cli {

using core::Index;

// The fields of one JSON object. A field that is missing, of the wrong type or out of range throws
// io::FormatError with its name in front.
class Request {
 public:
  // The object outlives the request; `prefix` leads the fields' names in messages ("padding.").
  explicit Request(const nlohmann::json& object, std::string prefix = "");

  bool has(std::string_view name) const;
  bool is_text(std::string_view name) const;
  bool is_number(std::string_view name) const;
  bool is_list(std::string_view name) const;
  bool is_object(std::string_view name) const;
  // Throws if a field is none of `known`.
  void expect_only(std::span<const std::string_view> known) const;

  // Nested arrays of at least one axis, none of them empty.
  core::Tensor<double> numbers(std::string_view name) const;
  core::Tensor<double> numbers(std::string_view name, core::Tensor<double> otherwise) const;
  // [rows][columns].
  core::Tensor<double> matrix(std::string_view name) const;
  core::Tensor<std::uint8_t> flags(std::string_view name) const;
  double number(std::string_view name) const;
  double number(std::string_view name, double otherwise) const;
  Index whole(std::string_view name) const;
  Index whole(std::string_view name, Index otherwise) const;
  bool flag(std::string_view name, bool otherwise) const;
  // A list of sizes as a shape, and how many numbers that is, checked.
  core::Shape sizes(std::string_view name) const;
  // One of `names`; the first if the field is absent. `other`: what the field may be besides, for messages.
  std::size_t choice(std::string_view name, std::span<const std::string_view> names,
                     std::string_view other = "") const;
  // [rows, columns], or one whole number for both.
  std::array<Index, 2> rows_and_columns(std::string_view name) const;
  std::array<Index, 2> rows_and_columns(std::string_view name, std::array<Index, 2> otherwise) const;
  std::string text(std::string_view name) const;
  Request object(std::string_view name) const;
  // An object's JSON text.
  std::string object_text(std::string_view name) const;
  // A list of objects.
  std::vector<Request> objects(std::string_view name) const;

  [[noreturn]] void refuse(std::string_view name, std::string_view reason) const;

 private:
  const nlohmann::json* find(std::string_view name) const;
  const nlohmann::json& require(std::string_view name) const;
  const nlohmann::json& require_object(std::string_view name) const;
  // read(value), with what goes wrong reported under the field's name.
  template <class Read>
  auto reading(std::string_view name, Read read) const;

  const nlohmann::json& object_;
  std::string prefix_;
};

// Named values in the order of their setting, one at least. A number that is not finite is refused: throws
// io::FormatError with its place in front.
class Result {
 public:
  void set(std::string_view name, double value);
  void set(std::string_view name, Index value);
  void set(std::string_view name, const core::Tensor<double>& value);
  void set(std::string_view name, const core::Tensor<Index>& value);
  void set(std::string_view name, const core::Shape& sizes);
  // The same as text: "Infinity", "-Infinity".
  void set_with_infinities(std::string_view name, const core::Tensor<double>& value);
  // One after the other as a list: tensors that need not be of the same shape.
  void set(std::string_view name, const std::vector<core::Tensor<double>>& tensors);
  // One field a line. Once.
  std::string text() &&;

 private:
  void append(std::string_view name, std::string_view value);

  std::string fields_;
};

}  // namespace vitrine::cli
