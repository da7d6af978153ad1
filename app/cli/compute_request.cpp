#include "app/cli/compute_request.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/io/json_text.h"

namespace vitrine::cli {

using core::Shape;
using core::Tensor;
using nlohmann::json;

namespace {

std::string joined(std::span<const std::string_view> names) {
  std::string text;
  for (const std::string_view name : names) text += (text.empty() ? "" : ", ") + std::string(name);
  return text;
}

template <class T>
Tensor<T> with_cells(Tensor<T> tensor) {
  if (tensor.rank() == 0) throw io::FormatError("a list is expected, not one value");
  if (tensor.empty())
    throw io::FormatError("shape " + core::to_string(tensor.shape()) + " has an empty axis");
  return tensor;
}

}  // namespace

Request::Request(const json& object, std::string prefix) : object_(object), prefix_(std::move(prefix)) {}

const json* Request::find(std::string_view name) const {
  const auto found = object_.find(std::string(name));
  return found == object_.end() ? nullptr : &*found;
}

const json& Request::require(std::string_view name) const {
  const json* value = find(name);
  if (value == nullptr) refuse(name, "is missing");
  return *value;
}

template <class Read>
auto Request::reading(std::string_view name, Read read) const {
  const json& value = require(name);
  try {
    return read(value);
  } catch (const io::FormatError& error) {
    refuse(name, error.what());
  } catch (const core::ShapeError& error) {
    refuse(name, error.what());
  }
}

void Request::refuse(std::string_view name, std::string_view reason) const {
  throw io::FormatError(prefix_ + std::string(name) + ": " + std::string(reason));
}

bool Request::has(std::string_view name) const { return find(name) != nullptr; }
bool Request::is_text(std::string_view name) const { return has(name) && find(name)->is_string(); }
bool Request::is_list(std::string_view name) const { return has(name) && find(name)->is_array(); }
bool Request::is_object(std::string_view name) const { return has(name) && find(name)->is_object(); }

void Request::expect_only(std::span<const std::string_view> known) const {
  for (const auto& [name, value] : object_.items())
    if (std::find(known.begin(), known.end(), name) == known.end())
      refuse(core::printable(name, 60), "unknown field (there are: " + joined(known) + ")");
}

Tensor<double> Request::numbers(std::string_view name) const {
  return reading(
      name, [](const json& value) { return with_cells(io::numbers_from(value, io::NamedNumbers::kRefuse)); });
}

Tensor<double> Request::numbers(std::string_view name, Tensor<double> otherwise) const {
  return has(name) ? numbers(name) : std::move(otherwise);
}

Tensor<double> Request::matrix(std::string_view name) const {
  Tensor<double> matrix = numbers(name);
  if (matrix.rank() != 2)
    refuse(name, "shape " + core::to_string(matrix.shape()) + " is not [rows, columns]");
  return matrix;
}

Tensor<std::uint8_t> Request::flags(std::string_view name) const {
  return reading(name, [](const json& value) { return with_cells(io::flags_from(value)); });
}

double Request::number(std::string_view name) const {
  return reading(name, [](const json& value) { return io::number_from(value, io::NamedNumbers::kRefuse); });
}

double Request::number(std::string_view name, double otherwise) const {
  return has(name) ? number(name) : otherwise;
}

Index Request::whole(std::string_view name) const { return reading(name, io::integer_from); }

Index Request::whole(std::string_view name, Index otherwise) const {
  return has(name) ? whole(name) : otherwise;
}

bool Request::flag(std::string_view name, bool otherwise) const {
  return has(name) ? reading(name, io::flag_from) : otherwise;
}

Shape Request::sizes(std::string_view name) const {
  return reading(name, [](const json& value) {
    if (!value.is_array()) throw io::FormatError("a list of sizes is expected, not " + io::described(value));
    std::vector<Index> sizes;
    for (const json& size : value) sizes.push_back(io::integer_from(size));
    for (const Index size : sizes)
      if (size < 1) throw io::FormatError("size " + std::to_string(size) + " is smaller than 1");
    return Shape(std::move(sizes));
  });
}

std::size_t Request::choice(std::string_view name, std::span<const std::string_view> names) const {
  if (!has(name)) return 0;
  return reading(name, [&](const json& value) {
    const auto found = std::find(names.begin(), names.end(), io::text_from(value));
    if (found == names.end()) throw io::FormatError(io::described(value) + " is not one of " + joined(names));
    return static_cast<std::size_t>(found - names.begin());
  });
}

std::array<Index, 2> Request::rows_and_columns(std::string_view name, std::array<Index, 2> otherwise) const {
  return has(name) ? rows_and_columns(name) : otherwise;
}

std::array<Index, 2> Request::rows_and_columns(std::string_view name) const {
  return reading(name, [](const json& value) {
    if (!value.is_array()) return std::array{io::integer_from(value), io::integer_from(value)};
    if (value.size() != 2)
      throw io::FormatError("a number or [rows, columns] is expected, not " + std::to_string(value.size()) +
                            " values");
    return std::array{io::integer_from(value[0]), io::integer_from(value[1])};
  });
}

Request Request::object(std::string_view name) const {
  const json& value = require(name);
  if (!value.is_object()) refuse(name, "an object is expected, not " + io::described(value));
  return Request(value, prefix_ + std::string(name) + ".");
}

std::vector<Request> Request::objects(std::string_view name) const {
  const json& value = require(name);
  if (!value.is_array()) refuse(name, "a list is expected, not " + io::described(value));
  std::vector<Request> found;
  for (const json& object : value) {
    const std::string place = std::string(name) + "[" + std::to_string(found.size()) + "]";
    if (!object.is_object()) refuse(place, "an object is expected, not " + io::described(object));
    found.emplace_back(object, prefix_ + place + ".");
  }
  return found;
}

void Result::append(std::string_view name, std::string_view value) {
  fields_ += fields_.empty() ? "\n  " : ",\n  ";
  fields_ += io::json_text(name) + ": ";
  fields_ += value;
}

void Result::set(std::string_view name, double value) { append(name, io::json_text(value)); }
void Result::set(std::string_view name, Index value) { append(name, std::to_string(value)); }
void Result::set(std::string_view name, const Tensor<double>& value) { append(name, io::json_text(value)); }
void Result::set(std::string_view name, const Tensor<Index>& value) { append(name, io::json_text(value)); }
void Result::set(std::string_view name, const Shape& sizes) { append(name, core::to_string(sizes)); }
void Result::set(std::string_view name, const std::vector<Tensor<double>>& rows) {
  std::string text;
  for (const Tensor<double>& row : rows) text += (text.empty() ? "" : ", ") + io::json_text(row);
  append(name, "[" + text + "]");
}

std::string Result::text() const { return "{" + fields_ + "\n}"; }

}  // namespace vitrine::cli
