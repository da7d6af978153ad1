#include "app/cli/compute_request.h"

#include <algorithm>
#include <cmath>
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

// read(value) where it is a list with numbers.
template <class Read>
auto cells_from(const json& value, Read read) {
  if (!value.is_array()) throw io::FormatError("a list is expected, not " + io::described(value));
  auto cells = read(value);
  if (cells.empty()) throw io::FormatError("shape " + core::to_string(cells.shape()) + " has an empty axis");
  return cells;
}

// JSON has no infinities: a result that passes a double's range is refused with its place.
void require_finite(const std::string& name, const Tensor<double>& value) {
  const auto found =
      std::find_if(value.values().begin(), value.values().end(), [](double x) { return !std::isfinite(x); });
  if (found == value.values().end()) return;
  auto at = static_cast<Index>(found - value.values().begin());
  std::string place;
  for (std::size_t axis = value.rank(); axis-- > 0; at /= value.size(axis))
    place = "[" + std::to_string(at % value.size(axis)) + "]" + place;
  throw io::FormatError("the result " + name + place + " passes a double's range");
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

const json& Request::require_object(std::string_view name) const {
  const json& value = require(name);
  if (!value.is_object()) refuse(name, "an object is expected, not " + io::described(value));
  return value;
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
bool Request::is_number(std::string_view name) const { return has(name) && find(name)->is_number(); }
bool Request::is_list(std::string_view name) const { return has(name) && find(name)->is_array(); }
bool Request::is_object(std::string_view name) const { return has(name) && find(name)->is_object(); }

void Request::expect_only(std::span<const std::string_view> known) const {
  for (const auto& [name, value] : object_.items())
    if (std::find(known.begin(), known.end(), name) == known.end())
      refuse(core::printable(name, 60), "unknown field (there are: " + joined(known) + ")");
}

Tensor<double> Request::numbers(std::string_view name) const {
  return reading(name, [](const json& value) {
    return cells_from(value,
                      [](const json& list) { return io::numbers_from(list, io::NamedNumbers::kRefuse); });
  });
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
  return reading(name, [](const json& value) { return cells_from(value, io::flags_from); });
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

std::size_t Request::choice(std::string_view name, std::span<const std::string_view> names,
                            std::string_view other) const {
  if (!has(name)) return 0;
  const json& value = require(name);
  const auto found =
      value.is_string() ? std::find(names.begin(), names.end(), io::text_from(value)) : names.end();
  if (found == names.end())
    refuse(name, io::described(value) + " is not one of " + joined(names) +
                     (other.empty() ? "" : ", " + std::string(other)));
  return static_cast<std::size_t>(found - names.begin());
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

std::string Request::text(std::string_view name) const { return reading(name, io::text_from); }

Request Request::object(std::string_view name) const {
  return Request(require_object(name), prefix_ + std::string(name) + ".");
}

std::string Request::object_text(std::string_view name) const { return require_object(name).dump(); }

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
  fields_ += fields_.empty() ? "{\n  " : ",\n  ";
  fields_ += io::json_text(name) + ": ";
  fields_ += value;
}

void Result::set(std::string_view name, double value) {
  require_finite(std::string(name), Tensor<double>(Shape{}, {value}));
  append(name, io::json_text(value));
}
void Result::set(std::string_view name, Index value) { append(name, std::to_string(value)); }
void Result::set(std::string_view name, const Tensor<double>& value) {
  require_finite(std::string(name), value);
  append(name, io::json_text(value));
}
void Result::set_with_infinities(std::string_view name, const Tensor<double>& value) {
  append(name, io::json_text(value));
}
void Result::set(std::string_view name, const Tensor<Index>& value) { append(name, io::json_text(value)); }
void Result::set(std::string_view name, const Shape& sizes) { append(name, core::to_string(sizes)); }
void Result::set(std::string_view name, const std::vector<Tensor<double>>& tensors) {
  std::string text = "[";
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    require_finite(std::string(name) + "[" + std::to_string(i) + "]", tensors[i]);
    if (i > 0) text += ", ";
    text += io::json_text(tensors[i]);
  }
  append(name, text + "]");
}

std::string Result::text() && { return std::move(fields_) + "\n}"; }

}  // namespace vitrine::cli
