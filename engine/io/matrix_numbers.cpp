#include "engine/io/matrix_numbers.h"

#include <string>

#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/io/matrix_text.h"

namespace vitrine::io {

using core::Index;

void MatrixNumbers::add(std::string_view text) {
  if (text.empty()) fail("a number is missing");
  if (const auto value = core::parse_number(text)) return add(*value);
  fail(quoted_start(text) + " is not a number (or passes a double's range)");
}

void MatrixNumbers::add(double value) {
  if (static_cast<Index>(values_.size()) == kMatrixTextLimit_numbers)
    fail("more than " + std::to_string(kMatrixTextLimit_numbers) + " numbers");
  values_.push_back(value);
  ++column_;
}

void MatrixNumbers::end_row() {
  if (row_ == 0) columns_ = column_;
  if (column_ == 0) fail("a number is missing");
  const std::string first = "row 1 has " + std::to_string(columns_);
  if (column_ < columns_) fail("a number is missing, " + first);
  if (column_ > columns_) fail_at(columns_, "a number too many, " + first);
  column_ = 0;
  ++row_;
}

core::Tensor<double> MatrixNumbers::take(const core::Shape& shape) {
  return core::Tensor<double>(shape, std::span<const double>(values_));
}

void MatrixNumbers::fail_at(Index column, std::string_view reason) const {
  throw FormatError("row " + std::to_string(row_ + 1) + ", column " + std::to_string(column + 1) + ": " +
                    std::string(reason));
}

std::string quoted_start(std::string_view text) {
  constexpr std::size_t kShown_bytes = 40;
  const bool cut = text.size() > kShown_bytes;
  return "\"" + core::printable(text.substr(0, kShown_bytes)) + (cut ? "...\"" : "\"");
}

}  // namespace vitrine::io
