#include "engine/train/sweep_spec.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/core/rng.h"
#include "engine/core/text.h"
#include "engine/io/field_list.h"
#include "engine/io/files.h"
#include "engine/io/json_fields.h"

namespace vitrine::train {
namespace {

using core::exact;
using io::FieldInfo;
using io::FieldType;

// A kind decides which other fields there are.
bool is_kind(const std::string& field) { return field.ends_with("kind"); }

std::string name_of(const SweepSpec& spec, std::size_t axis) {
  return "axes[" + std::to_string(axis) + "] " + core::printable(spec.axes[axis].field, 60);
}

// The base under every kind that an axis may give it: a field must exist under one of them.
std::vector<TrainConfig> bases_of(const SweepSpec& spec) {
  std::vector<TrainConfig> bases{spec.config};
  for (const SweepAxis& axis : spec.axes)
    for (const auto& value : axis.values) try {
        if (!is_kind(axis.field)) continue;
        bases.push_back(spec.config);
        io::set_field(bases.back(), axis.field, value);
      } catch (const io::FormatError&) {
        bases.pop_back();
      }
  return bases;
}

std::optional<FieldType> type_of(const std::vector<TrainConfig>& bases, const std::string& field) {
  for (const TrainConfig& base : bases)
    for (const FieldInfo& info : io::field_list(base))
      if (info.path == field) return info.type;
  return std::nullopt;
}

std::optional<std::string> wrong_value(const std::vector<TrainConfig>& bases, const std::string& field,
                                       const std::string& value) {
  std::string first;
  for (TrainConfig base : bases) try {
      io::set_field(base, field, value);
      return std::nullopt;
    } catch (const io::FormatError& error) {
      if (first.empty()) first = error.what();
    }
  return first;
}

std::string wrong_range(const SweepSpec& spec, const SweepAxis& axis, FieldType type) {
  const auto& range = axis.range;
  if (spec.method == SweepMethod::kGrid) return "a grid needs values; a range is for random and halving";
  if (type != FieldType::kNumber && type != FieldType::kWhole)
    return "a range needs a number; give its values";
  if (!(range.shape() == core::Shape{2})) return "a range is two numbers, low and high";
  const std::string text = " (" + exact(range[0]) + " to " + exact(range[1]) + ")";
  if (!std::isfinite(range[0]) || !std::isfinite(range[1]) || !(range[0] < range[1]))
    return "a range goes from a lower number to a higher one" + text;
  if (axis.scale == AxisScale::kLog && !(range[0] > 0)) return "a logarithmic range begins above 0" + text;
  constexpr double kExact = 9007199254740992;  // 2^53
  const bool whole = range[0] == std::floor(range[0]) && range[1] == std::floor(range[1]) &&
                     std::max(std::abs(range[0]), std::abs(range[1])) < kExact;
  if (type == FieldType::kWhole && !whole) return "a whole number's range has whole ends below 2^53" + text;
  return "";
}

std::string wrong_axis(const SweepSpec& spec, std::size_t number, const std::vector<TrainConfig>& bases) {
  const SweepAxis& axis = spec.axes[number];
  if (axis.field.empty()) return "names no field";
  if (!may_be_swept(axis.field)) return "does not change a result";
  const auto earlier = spec.axes.begin() + static_cast<std::ptrdiff_t>(number);
  if (std::any_of(spec.axes.begin(), earlier, [&](const auto& a) { return a.field == axis.field; }))
    return "has an axis already";
  const auto type = type_of(bases, axis.field);
  if (!type) {
    const auto wrong = wrong_value(bases, axis.field, "0");
    return "there is no such field" + (wrong ? ": " + *wrong : "");
  }
  if (axis.values.empty() == axis.range.empty()) return "needs either values or a range";
  if (axis.values.empty()) return wrong_range(spec, axis, *type);
  for (const auto& value : axis.values)
    if (const auto wrong = wrong_value(bases, axis.field, value)) return *wrong;
  return "";
}

void check_whole(std::vector<std::string>& problems, const char* field, std::int64_t value,
                 std::int64_t least, std::int64_t most) {
  if (value < least || value > most)
    problems.push_back(std::string(field) + " " + std::to_string(value) + ": must lie between " +
                       std::to_string(least) + " and " + std::to_string(most));
}

// To four significant digits, and within the range.
std::string rounded(double value, double low, double high) {
  constexpr int kDigits = 4;
  return exact(std::clamp(*core::parse_number(core::shown(value, kDigits)), low, high));
}

std::string drawn(const SweepAxis& axis, FieldType type, double u) {
  const double low = axis.range[0], high = axis.range[1];
  const bool log = axis.scale == AxisScale::kLog, whole = type == FieldType::kWhole;
  const double past = whole ? high + 1 : high;  // a whole number stands for itself and what follows it
  const double value = log ? low * std::pow(past / low, u) : low + (past - low) * u;
  if (!whole) return rounded(value, low, high);
  return std::to_string(static_cast<std::int64_t>(std::clamp(std::floor(value), low, high)));
}

std::string value_of(const SweepSpec& spec, const std::vector<TrainConfig>& bases, std::size_t axis,
                     Index trial) {
  const SweepAxis& a = spec.axes[axis];
  const auto count = static_cast<std::uint64_t>(a.values.size());
  if (spec.method == SweepMethod::kGrid) {
    auto rest = static_cast<std::uint64_t>(trial);
    for (std::size_t later = spec.axes.size() - 1; later > axis; --later)
      rest /= spec.axes[later].values.size();
    return a.values[rest % count];
  }
  const core::Rng rng(static_cast<std::uint64_t>(spec.seed), core::RngStream::kSweep);
  const auto at = static_cast<std::uint64_t>(trial);
  if (count > 0) return a.values[rng.below(count, at, axis)];
  return drawn(a, *type_of(bases, a.field), rng.uniform(at, axis));
}

}  // namespace

void SweepAxis::describe(core::Fields& f) {
  f.field("field", field);
  f.raw_values("values", values);
  f.field("range", range);
  f.choice("scale", scale, kAxisScales);
}

void HalvingConfig::describe(core::Fields& f) {
  f.field("steps", steps);
  f.field("eta", eta);
  f.field("rungs", rungs);
}

void SweepSpec::describe(core::Fields& f) {
  const std::string before = preset;
  f.field("preset", preset);
  if (preset != before)
    if (const auto named = train::preset(preset)) config = *named;
  f.group("config", config);
  f.choice("method", method, kSweepMethods);
  f.list("axes", axes);
  if (method != SweepMethod::kGrid) f.field("trials", trials);
  if (method != SweepMethod::kHalving)
    f.field("steps", steps);
  else
    f.group("halving", halving);
  if (method != SweepMethod::kGrid) f.field("seed", seed);
}

bool may_be_swept(const std::string& field) { return field != "threads"; }

std::vector<std::string> validate(const SweepSpec& spec) {
  std::vector<std::string> problems;
  if (!spec.preset.empty() && !preset(spec.preset))
    problems.push_back("preset " + core::printable(spec.preset, 60) + ": there is none of that name");
  if (spec.axes.empty()) problems.push_back("axes: needs at least one field to vary");
  const auto bases = bases_of(spec);
  for (std::size_t axis = 0; axis < spec.axes.size(); ++axis)
    if (const std::string wrong = wrong_axis(spec, axis, bases); !wrong.empty())
      problems.push_back(name_of(spec, axis) + ": " + wrong);
  if (spec.method == SweepMethod::kHalving) {
    check_whole(problems, "halving.steps", spec.halving.steps, 1, 1 << 30);
    check_whole(problems, "halving.eta", spec.halving.eta, 2, 1000);
    check_whole(problems, "halving.rungs", spec.halving.rungs, 1, 20);
  } else {
    check_whole(problems, "steps", spec.steps, 0, 1 << 30);
  }
  if (!problems.empty()) return problems;
  try {
    steps_of_rung(spec, rung_count(spec) - 1);
  } catch (const core::ShapeError&) {
    problems.push_back("halving.steps " + std::to_string(spec.halving.steps) + ": the last rung's pass 2^63");
  }
  try {
    check_whole(problems, spec.method == SweepMethod::kGrid ? "axes: combinations" : "trials",
                trial_count(spec), 1, kMostTrials);
  } catch (const core::ShapeError&) {
    problems.push_back("axes: there are too many combinations");
  }
  return problems;
}

Index trial_count(const SweepSpec& spec) {
  if (spec.method != SweepMethod::kGrid) return spec.trials;
  Index count = 1;
  for (const SweepAxis& axis : spec.axes) count = core::checked_mul(count, std::ssize(axis.values));
  return count;
}

Index rung_count(const SweepSpec& spec) {
  return spec.method == SweepMethod::kHalving ? spec.halving.rungs : 1;
}

Index steps_of_rung(const SweepSpec& spec, Index rung) {
  if (spec.method != SweepMethod::kHalving) return spec.steps;
  Index steps = spec.halving.steps;
  for (Index i = 0; i < rung; ++i) steps = core::checked_mul(steps, spec.halving.eta);
  return steps;
}

Index promoted(const SweepSpec& spec, Index entered) {
  return std::max<Index>(1, entered / spec.halving.eta);
}

TrialPlan plan_of(const SweepSpec& spec, Index trial) {
  const auto bases = bases_of(spec);
  TrialPlan plan;
  plan.config = spec.config;
  for (std::size_t axis = 0; axis < spec.axes.size(); ++axis)
    plan.settings.push_back({spec.axes[axis].field, value_of(spec, bases, axis, trial)});
  for (const bool kinds : {true, false})
    for (const auto& [field, value] : plan.settings) try {
        if (is_kind(field) == kinds) io::set_field(plan.config, field, value);
      } catch (const io::FormatError& error) {
        plan.impossible += (plan.impossible.empty() ? "" : "; ") + std::string(error.what());
      }
  if (!plan.impossible.empty()) return plan;
  for (const auto& problem : validate(plan.config))
    plan.impossible += (plan.impossible.empty() ? "" : "; ") + problem;
  return plan;
}

}  // namespace vitrine::train
