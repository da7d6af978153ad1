// What `vitrine eval` says of a run: for people as tables, for programs as JSON.
#pragma once

#include <string>
#include <vector>

#include "engine/train/evaluation.h"

namespace vitrine::cli {

struct EvalReport {
  std::string run;     // its folder
  bool same_data;      // as the run was trained and validated with
  train::Index worst;  // how many mistakes are listed, at most
  const train::Dataset& dataset;
  const train::Evaluation& evaluation;
};

// Up to this many classes the table of confusions is printed.
inline constexpr train::Index kTableClasses = 24;

std::string table_of(const EvalReport& report);
// One object, a field a line; what is not a number is null.
std::string json_of(const EvalReport& report);

}  // namespace vitrine::cli
