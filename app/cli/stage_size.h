// The size of a picture as an argument: "1280x800".
#pragma once

#include <string>
#include <string_view>

namespace vitrine::cli {

struct StageSize {
  int width, height;
};

// Of the option --size. Throws std::invalid_argument: not WIDTHxHEIGHT, or a side not from 64 to 8192.
StageSize parse_size(std::string_view text);

}  // namespace vitrine::cli
