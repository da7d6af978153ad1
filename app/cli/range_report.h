// What `vitrine sweep --range-test` prints.
#pragma once

#include <string>

#include "engine/train/range_test.h"

namespace vitrine::cli {

// The loss at about every quarter of a power of ten, and what follows from it.
std::string range_table(const train::RangeTestResult& result);
// {"suggested", "slope", "fall", "noise", "lowest", "exploded", "points": [{"learning_rate", "loss",
// "smoothed"}]}
std::string range_json(const train::RangeTestResult& result);

}  // namespace vitrine::cli
