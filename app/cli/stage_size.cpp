#include "app/cli/stage_size.h"

#include <cmath>
#include <stdexcept>

#include "engine/core/text.h"

namespace vitrine::cli {
namespace {

constexpr int kLeastSide = 64, kLargestSide = 8192;

}  // namespace

StageSize parse_size(std::string_view text) {
  const auto side = [&](std::string_view part) {
    const auto value = core::parse_number(part);
    if (!value || *value != std::floor(*value) || *value < kLeastSide || *value > kLargestSide)
      throw std::invalid_argument("--size: \"" + core::printable(text, 40) +
                                  "\" is not WIDTHxHEIGHT, each from " + std::to_string(kLeastSide) + " to " +
                                  std::to_string(kLargestSide));
    return static_cast<int>(*value);
  };
  const std::size_t x = text.find('x');
  if (x == std::string_view::npos) return {side(""), 0};
  return {side(text.substr(0, x)), side(text.substr(x + 1))};
}

}  // namespace vitrine::cli
