// What one training configuration has otherwise than another.
#pragma once

#include <string>
#include <vector>

#include "engine/train/config.h"

namespace vitrine::labs {

struct Difference {
  std::string field;  // "learning rate"; the whole path where that alone could be another's: "schedule kind"
  std::string before, after;
};

// By the order of the configuration file's fields. A field that only one of the two has is there with "–" for
// the other.
std::vector<Difference> differences(const train::TrainConfig& before, const train::TrainConfig& after);

// Of `after`: "learning rate 0.003, dropout 0".
std::string words_of(const std::vector<Difference>& differences);

}  // namespace vitrine::labs
