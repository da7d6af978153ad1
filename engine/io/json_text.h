// Strict JSON as nlohmann's document, for .cpp files that read formats of their own; others use
// json_fields.h.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "engine/core/tensor.h"

namespace vitrine::io {

inline constexpr core::Index kJsonLimit_bytes = core::Index{1} << 28;
inline constexpr std::size_t kJsonDepth = 64;

// One whole document. Throws FormatError with line and column; also on a duplicate key, on nesting deeper
// than kJsonDepth, on more than kJsonLimit_bytes and on numbers that pass a double's range.
nlohmann::json parse_json(std::string_view text);

// The numbers that JSON has no spelling for: accepted as "NaN", "Infinity", "-Infinity", or refused.
enum class NamedNumbers { kAccept, kRefuse };

// A double, a whole number, a true or false. Throw FormatError saying what was found instead.
double number_from(const nlohmann::json& value, NamedNumbers named);
std::int64_t integer_from(const nlohmann::json& value);
bool flag_from(const nlohmann::json& value);
const std::string& text_from(const nlohmann::json& value);

// Nested arrays as a row-major tensor (a bare number has rank 0); true and false as 1 and 0. Throw
// FormatError, also on ragged arrays.
core::Tensor<double> numbers_from(const nlohmann::json& value, NamedNumbers named);
core::Tensor<std::uint8_t> flags_from(const nlohmann::json& value);

// What a value is, for messages: `3.5`, `"adam"`, `a list`, `an object`, `null`.
std::string described(const nlohmann::json& value);

// JSON text that reads back exactly: a number (NaN and infinities as strings), a string, nested arrays of
// numbers.
std::string json_text(double value);
std::string json_text(std::string_view text);
std::string json_text(const core::Tensor<double>& tensor);
std::string json_text(const core::Tensor<core::Index>& tensor);
// true and false
std::string json_text(const core::Tensor<std::uint8_t>& tensor);

}  // namespace vitrine::io
