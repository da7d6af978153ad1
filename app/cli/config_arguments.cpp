#include "app/cli/config_arguments.h"

#include <stdexcept>

#include "engine/train/run_record.h"

namespace vitrine::cli {

using namespace train;

TrainConfig named_preset(const std::string& name) {
  if (const auto config = preset(name)) return *config;
  std::string known;
  for (const auto each : preset_names()) known += (known.empty() ? "" : ", ") + std::string(each);
  throw std::invalid_argument("no preset " + name + "; there are " + known);
}

TrainConfig requested_config(const std::string& file, const std::string& preset) {
  if (file.empty() == preset.empty())
    throw std::invalid_argument("needs either a configuration file or --preset");
  return preset.empty() ? read_record(file).config : named_preset(preset);
}

std::pair<std::string, std::string> split_change(const std::string& change) {
  const auto equals = change.find('=');
  if (equals == std::string::npos) throw std::invalid_argument("--set " + change + ": needs field=value");
  return {change.substr(0, equals), change.substr(equals + 1)};
}

}  // namespace vitrine::cli
