// SweepSpec: many runs that differ in a few fields, as a plain value: which fields, which values, how the
// trials are chosen and how long each is trained. A sweep's file and the window's controls are the same
// SweepSpec.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "engine/train/config.h"

namespace vitrine::train {

// kGrid: every combination of the axes' values. kRandom: trials drawn from them (Bergstra, Bengio 2012).
// kHalving: drawn likewise, all trained a little, and the better part of them again and again longer
// (successive halving: Jamieson, Talwalkar 2016, algorithm 1).
enum class SweepMethod { kGrid, kRandom, kHalving };
inline constexpr std::array<std::string_view, 3> kSweepMethods{"grid", "random", "halving"};

enum class AxisScale { kLinear, kLog };
inline constexpr std::array<std::string_view, 2> kAxisScales{"linear", "log"};

// A field of TrainConfig that differs from trial to trial: over values, or over a range to draw from.
struct SweepAxis {
  std::string field;                           // "optimizer.learning_rate"
  std::vector<std::string> values;             // raw texts, as --set takes them
  core::Tensor<double> range{core::Shape{0}};  // {low, high}, both included; empty: values
  AxisScale scale = AxisScale::kLinear;        // of the range

  void describe(core::Fields& f);
  bool operator==(const SweepAxis&) const = default;
};

struct HalvingConfig {
  std::int64_t steps = 100;  // updates of every trial at the end of the first rung
  std::int64_t eta = 3;      // each rung takes this times as many updates, and one of `eta` trials
  std::int64_t rungs = 3;

  void describe(core::Fields& f);
  bool operator==(const HalvingConfig&) const = default;
};

struct SweepSpec {
  std::string preset;  // what `config` begins with; empty: the defaults
  TrainConfig config;  // of every trial, but for the axes; its epochs are the most that a trial gets
  SweepMethod method = SweepMethod::kRandom;
  std::vector<SweepAxis> axes;
  std::int64_t trials = 16;  // random, halving
  std::int64_t steps = 0;    // grid, random: updates of every trial; 0: all of its epochs
  HalvingConfig halving;
  std::int64_t seed = 0;  // of what is drawn

  // Only the fields that the method has; a change of the preset brings its configuration.
  void describe(core::Fields& f);
  bool operator==(const SweepSpec&) const = default;
};

inline constexpr std::int64_t kMostTrials = 10'000;

// Everything wrong with a sweep, one line each, naming field and values; empty: it can run. What is wrong
// with single trials only is said by their plans.
std::vector<std::string> validate(const SweepSpec& spec);

// How many trials there are: of a grid the product of the values. Throws ShapeError when it passes 2^63.
Index trial_count(const SweepSpec& spec);

Index rung_count(const SweepSpec& spec);  // 1 but for halving
// Updates of a trial, from its first, at the end of rung 0, 1, ...; 0: all of its epochs.
Index steps_of_rung(const SweepSpec& spec, Index rung);
// How many of the trials that did a rung go on to the next: max(1, floor(entered / eta)).
Index promoted(const SweepSpec& spec, Index entered);

struct Setting {
  std::string field, value;  // as in SweepAxis

  bool operator==(const Setting&) const = default;
};

struct TrialPlan {
  std::vector<Setting> settings;  // one an axis, in their order
  TrainConfig config;
  std::string impossible;  // the rules that the combination breaks, in one line; empty: it can run
};

// Trial number 0, 1, ... of a sweep that is valid. A grid's last axis changes fastest. What is drawn is a
// function of (seed, trial, axis): a number to four significant digits, a whole number exactly.
TrialPlan plan_of(const SweepSpec& spec, Index trial);

// False for a field of TrainConfig that changes no result.
bool may_be_swept(const std::string& field);

}  // namespace vitrine::train
