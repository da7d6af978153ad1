// What the subcommands that train share: a configuration by preset or file, and --set.
#pragma once

#include <string>
#include <vector>

#include "engine/io/json_fields.h"
#include "engine/train/config.h"

namespace vitrine::cli {

// Throws std::invalid_argument that names all presets.
train::TrainConfig named_preset(const std::string& name);

// Exactly one of the two is given. Throws std::invalid_argument, io::FileError.
train::TrainConfig requested_config(const std::string& file, const std::string& preset);

// {field, value} of "field=value". Throws std::invalid_argument.
std::pair<std::string, std::string> split_change(const std::string& change);

// With every --set. Throws std::invalid_argument that names the change.
template <class Struct>
Struct changed(Struct value, const std::vector<std::string>& changes) {
  for (const auto& change : changes) {
    const auto [field, raw] = split_change(change);
    try {
      io::set_field(value, field, raw);
    } catch (const io::FormatError& error) {
      throw std::invalid_argument("--set " + change + ": " + error.what());
    }
  }
  return value;
}

}  // namespace vitrine::cli
