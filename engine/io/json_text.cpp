#include "engine/io/json_text.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

#include "engine/core/text.h"
#include "engine/io/files.h"

namespace vitrine::io {

namespace {

using core::Index;
using core::Shape;
using core::Tensor;
using nlohmann::json;

// Builds the document from the parser's events, refusing what JSON allows but a strict reader should not.
class DocumentBuilder final : public nlohmann::json_sax<json> {
 public:
  explicit DocumentBuilder(std::string_view text) : text_(text) {}
  json take() { return std::move(root_); }

  bool null() override { return add(json()); }
  bool boolean(bool value) override { return add(json(value)); }
  bool number_integer(number_integer_t value) override { return add(json(value)); }
  bool number_unsigned(number_unsigned_t value) override { return add(json(value)); }
  bool number_float(number_float_t value, const string_t&) override { return add(json(value)); }
  bool string(string_t& value) override { return add(json(std::move(value))); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(json::object()); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    const auto [place, is_new] = open_.back()->get_ref<json::object_t&>().try_emplace(name);
    if (!is_new) throw FormatError("the key \"" + core::printable(name) + "\" occurs twice in one object");
    value_of_key_ = &place->second;
    return true;
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    const std::string_view before = text_.substr(0, position == 0 ? 0 : position - 1);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    std::string_view reason = error.what();
    reason.remove_prefix(std::min(reason.size(), reason.find("] ") + 2));
    if (const std::size_t dash = reason.find(" - "); dash != std::string_view::npos)
      reason.remove_prefix(dash + 3);
    throw FormatError("not JSON at line " + std::to_string(line) + ", column " +
                      std::to_string(before.size() - line_start + 1) + ": " + core::printable(reason));
  }

 private:
  json* place(json&& value) {
    json* placed = &root_;
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back()->is_array()) {
      placed = &open_.back()->get_ref<json::array_t&>().emplace_back(std::move(value));
    } else {
      placed = value_of_key_;
      *placed = std::move(value);
    }
    return placed;
  }
  bool add(json&& value) {
    place(std::move(value));
    return true;
  }
  bool open(json&& value) {
    if (open_.size() == kJsonDepth)
      throw FormatError("JSON nested deeper than " + std::to_string(kJsonDepth) + " levels");
    open_.push_back(place(std::move(value)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  std::string_view text_;
  json root_;
  std::vector<json*> open_;  // from the root to the container being filled
  json* value_of_key_ = nullptr;
};

std::string place_of(const std::vector<Index>& path) {
  std::string text;
  for (const Index i : path) text += "[" + std::to_string(i) + "]";
  return text;
}

// Reads nested arrays cell by cell against the shape that the first entries declare.
template <class T, class ReadCell>
class NestedReader {
 public:
  NestedReader(const json& value, ReadCell read_cell) : read_cell_(read_cell) {
    for (const json* at = &value; at->is_array(); at = &at->front()) {
      sizes_.push_back(static_cast<Index>(at->size()));
      if (at->empty()) break;
    }
    read(value, 0);
  }
  Tensor<T> take() { return Tensor<T>(Shape(sizes_), std::span<const T>(values_)); }

 private:
  void read(const json& value, std::size_t axis) {
    if (axis == sizes_.size()) {
      try {
        values_.push_back(read_cell_(value));
      } catch (const FormatError& error) {
        throw FormatError(path_.empty() ? error.what() : place_of(path_) + ": " + error.what());
      }
      return;
    }
    if (!value.is_array())
      throw FormatError("ragged: " + place_of(path_) + " is " + described(value) + ", a list is expected");
    if (static_cast<Index>(value.size()) != sizes_[axis])
      throw FormatError("ragged: " + place_of(path_) + " holds " + std::to_string(value.size()) +
                        " values, the lists before it hold " + std::to_string(sizes_[axis]));
    path_.push_back(0);
    for (const json& entry : value) {
      read(entry, axis + 1);
      ++path_.back();
    }
    path_.pop_back();
  }

  ReadCell read_cell_;
  std::vector<Index> sizes_, path_;
  std::vector<T> values_;
};

// Nested arrays of `cell(i)`, one axis a level.
template <class Cell>
std::string nested_text(const Shape& shape, Cell cell) {
  std::string text;
  Index next = 0;
  const auto append = [&](const auto& self, std::size_t axis) -> void {
    if (axis == shape.rank()) {
      text += cell(next++);
      return;
    }
    text += '[';
    for (Index i = 0; i < shape[axis]; ++i) {
      if (i > 0) text += ", ";
      self(self, axis + 1);
    }
    text += ']';
  };
  append(append, 0);
  return text;
}

[[noreturn]] void refuse(std::string_view wanted, const json& found) {
  throw FormatError(std::string(wanted) + " is expected, not " + described(found));
}

}  // namespace

json parse_json(std::string_view text) {
  if (static_cast<Index>(text.size()) > kJsonLimit_bytes)
    throw FormatError("JSON of " + std::to_string(text.size()) + " bytes, the limit is " +
                      std::to_string(kJsonLimit_bytes));
  DocumentBuilder builder(text);
  json::sax_parse(text.begin(), text.end(), &builder);
  return builder.take();
}

double number_from(const json& value, NamedNumbers named) {
  if (value.is_number()) return value.get<double>();
  if (named == NamedNumbers::kAccept && value.is_string()) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    const auto& name = value.get_ref<const std::string&>();
    if (name == "NaN") return std::numeric_limits<double>::quiet_NaN();
    if (name == "Infinity") return kInfinity;
    if (name == "-Infinity") return -kInfinity;
  }
  refuse("a number", value);
}

std::int64_t integer_from(const json& value) {
  if (!value.is_number()) refuse("a whole number", value);
  constexpr double kExact = 9007199254740992.0;  // 2^53: beyond it a double is no longer one whole number
  if (value.is_number_float()) {
    const double number = value.get<double>();
    if (std::abs(number) > kExact)
      throw FormatError(described(value) + " is beyond a 64-bit integer's exact range");
    if (number != std::floor(number)) refuse("a whole number", value);
    return static_cast<std::int64_t>(number);
  }
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{INT64_MAX})
    throw FormatError(described(value) + " is beyond a 64-bit integer's range");
  return value.get<std::int64_t>();
}

bool flag_from(const json& value) {
  if (!value.is_boolean()) refuse("true or false", value);
  return value.get<bool>();
}

const std::string& text_from(const json& value) {
  if (!value.is_string()) refuse("text", value);
  return value.get_ref<const std::string&>();
}

Tensor<double> numbers_from(const json& value, NamedNumbers named) {
  const auto cell = [named](const json& entry) { return number_from(entry, named); };
  return NestedReader<double, decltype(cell)>(value, cell).take();
}

Tensor<std::uint8_t> flags_from(const json& value) {
  const auto cell = [](const json& entry) { return static_cast<std::uint8_t>(flag_from(entry)); };
  return NestedReader<std::uint8_t, decltype(cell)>(value, cell).take();
}

std::string described(const json& value) {
  if (value.is_array()) return value.empty() ? "an empty list" : "a list";
  if (value.is_object()) return "an object";
  if (value.is_string()) return json_text(core::printable(value.get_ref<const std::string&>(), 60));
  if (value.is_number_float()) return json_text(value.get<double>());
  return value.dump();
}

std::string json_text(double value) {
  if (std::isnan(value)) return "\"NaN\"";
  if (std::isinf(value)) return value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
  if (value == 0 && std::signbit(value)) return "-0.0";  // "-0" would read back as the integer 0
  return core::exact(value);
}

std::string json_text(std::string_view text) {
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string json_text(const Tensor<double>& tensor) {
  return nested_text(tensor.shape(), [&](Index i) { return json_text(tensor[i]); });
}

std::string json_text(const Tensor<Index>& tensor) {
  return nested_text(tensor.shape(), [&](Index i) { return std::to_string(tensor[i]); });
}

std::string json_text(const Tensor<std::uint8_t>& tensor) {
  return nested_text(tensor.shape(), [&](Index i) { return tensor[i] != 0 ? "true" : "false"; });
}

}  // namespace vitrine::io
