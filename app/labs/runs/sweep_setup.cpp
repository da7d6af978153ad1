#include "app/labs/runs/sweep_setup.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/text.h"
#include "engine/io/field_list.h"

namespace vitrine::labs::runs {
namespace {

using core::Index;
using io::FieldInfo;
using io::FieldType;
using train::AxisScale;
using train::SweepAxis;
using train::SweepMethod;
using widgets::Controls;
using widgets::ParallelAxis;

constexpr std::size_t kMostAxes = 6;
constexpr double kLargestEnd = 1e9;  // of a range
constexpr widgets::IntegerRange kTrials{1, 1000, 12}, kSteps{0, 1'000'000, 300},
    kFirstRung{1, 1'000'000, 100, "steps"}, kEta{2, 10, 3}, kRungs{1, 8, 3}, kSeed{0, 1'000'000, 0};

std::string blank_free(std::string_view text) {
  const auto first = text.find_first_not_of(" \t"), last = text.find_last_not_of(" \t");
  return first == text.npos ? "" : std::string(text.substr(first, last - first + 1));
}

// The fields that an axis can be chosen for.
std::vector<FieldInfo> offered(const train::TrainConfig& config) {
  std::vector<FieldInfo> fields = io::field_list(config);
  std::erase_if(fields, [](const FieldInfo& field) {
    return !train::may_be_swept(field.path) || field.type == FieldType::kText ||
           field.type == FieldType::kList;
  });
  return fields;
}

// Values to begin with, of a field that was just chosen.
SweepAxis axis_over(const FieldInfo& field, SweepMethod method) {
  SweepAxis axis;
  axis.field = field.path;
  if (field.type == FieldType::kChoice) {
    axis.values = field.choices;
  } else if (field.type == FieldType::kFlag) {
    axis.values = {"false", "true"};
  } else {
    const double value = core::parse_number(field.value).value_or(0);
    const bool whole = field.type == FieldType::kWhole;
    if (value > 0 && !whole && method != SweepMethod::kGrid) {
      axis.range = {{2}, {value / 10, value * 10}};
      axis.scale = AxisScale::kLog;
    } else if (value > 0) {
      axis.values = {core::exact(whole ? std::max(1.0, std::round(value / 2)) : value / 2), field.value,
                     core::exact(2 * value)};
      axis.values.erase(std::unique(axis.values.begin(), axis.values.end()), axis.values.end());
    } else {
      axis.values = whole ? std::vector<std::string>{"0", "1"} : std::vector<std::string>{"0", "0.1"};
    }
  }
  return axis;
}

// Both ends and the middle of an axis' range, as its values.
SweepAxis with_values(const SweepAxis& axis, bool whole) {
  const double low = axis.range[0], high = axis.range[1];
  const bool log = axis.scale == AxisScale::kLog && low > 0 && high > 0;
  double middle = log ? std::sqrt(low * high) : (low + high) / 2;
  if (whole) middle = std::round(middle);
  SweepAxis valued;
  valued.field = axis.field;
  for (const double value : {low, *core::parse_number(core::shown(middle, 3)), high})
    valued.values.push_back(core::exact(value));
  return valued;
}

// What a hand may give an end of an axis' range: many powers of ten where it is logarithmic, else from 0 (no
// field is less) to some times what the configuration has; and what is there already.
widgets::RealRange bounds_of(const SweepAxis& axis, double end, double configured) {
  constexpr double kLeast = 1e-9, kMost = 1e3, kTimes = 10;
  const auto [low, high] = std::minmax({axis.range[0], axis.range[1], configured});
  const bool logarithmic = axis.scale == AxisScale::kLog && low > 0;
  const double step = end == 0 ? 0.01 : std::pow(10, std::floor(std::log10(std::abs(end))) - 1);
  if (logarithmic) return {std::min(kLeast, low), std::max(kMost, high), end, step, true};
  return {std::min(0.0, low), std::max({1.0, kTimes * configured, high}), end, step};
}

void range_controls(Controls& c, const std::string& name, SweepAxis& axis, double configured) {
  double low = axis.range[0], high = axis.range[1];
  c.real(name + " from", low, bounds_of(axis, low, configured), "The lowest value that may be drawn");
  c.real(name + " to", high, bounds_of(axis, high, configured), "The highest value that may be drawn");
  axis.range = {{2}, {low, high}};
  c.choice(name + " scale", axis.scale, train::kAxisScales, axis.scale,
           "log: as many draws from 0.001 to 0.01 as from 0.01 to 0.1");
}

// False: the axis is to go.
bool axis_controls(Controls& c, std::size_t number, train::SweepSpec& spec,
                   const std::vector<FieldInfo>& fields) {
  SweepAxis& axis = spec.axes[number];
  const std::string name = "Axis " + std::to_string(number + 1);
  std::vector<std::string> words;
  for (const FieldInfo& field : fields) words.push_back(name_of_field(field.path));
  const std::vector<std::string_view> names(words.begin(), words.end());
  const auto found = std::ranges::find(fields, axis.field, &FieldInfo::path);
  int index = found == fields.end() ? -1 : static_cast<int>(found - fields.begin());
  if (c.choice(name, index, names, index,
               "The field of the configuration that differs from trial to trial") &&
      index >= 0)
    axis = axis_over(fields[static_cast<std::size_t>(index)], spec.method);
  if (axis.range.empty()) {
    std::string text = joined_values(axis.values);
    if (c.text(name + " values", text, "With commas between: 0.0003, 0.001, 0.003; or cosine, linear"))
      axis.values = split_values(text);
  } else {
    range_controls(c, name, axis, found == fields.end() ? 0 : core::parse_number(found->value).value_or(0));
  }
  const bool is_number = index >= 0 && (fields[static_cast<std::size_t>(index)].type == FieldType::kNumber ||
                                        fields[static_cast<std::size_t>(index)].type == FieldType::kWhole);
  const std::string remove = "Remove axis " + std::to_string(number + 1);
  const std::string turn = axis.range.empty() ? "Draw axis " + std::to_string(number + 1) + " from a range"
                                              : "Give axis " + std::to_string(number + 1) + " values";
  std::vector<std::string_view> actions{remove};
  if (is_number && spec.method != SweepMethod::kGrid) actions.push_back(turn);
  const auto pressed = c.buttons(actions, "Of this axis: what it varies is above");
  if (pressed == 1u) {
    if (!axis.range.empty()) {
      axis = with_values(axis, fields[static_cast<std::size_t>(index)].type == FieldType::kWhole);
    } else {
      const auto value = core::parse_number(axis.values.empty() ? "" : axis.values.front());
      const double low = std::floor(value.value_or(0));
      axis = {axis.field, {}, {{2}, {low, low + 1}}, AxisScale::kLinear};
    }
  }
  return pressed != 0u;
}

void length_controls(Controls& c, train::SweepSpec& spec) {
  if (spec.method != SweepMethod::kGrid)
    c.integer("Trials", spec.trials, kTrials, "How many settings are drawn");
  if (spec.method != SweepMethod::kHalving) {
    c.integer("Trial's steps", spec.steps, kSteps, "Updates of every trial; 0 = all of its epochs");
    return;
  }
  c.integer("First rung", spec.halving.steps, kFirstRung,
            "Updates of every trial before the first are dropped");
  c.integer("Eta", spec.halving.eta, kEta,
            "One of so many trials goes on from a rung, to so many times the steps");
  c.integer("Rungs", spec.halving.rungs, kRungs, "The last is that of the few best");
}

// A range's ends, or the values: numbers by their size, others as they were given.
ParallelAxis axis_picture(const SweepAxis& axis) {
  ParallelAxis picture{.name = name_of_field(axis.field)};
  picture.logarithmic = axis.scale == AxisScale::kLog;
  if (!axis.range.empty()) {
    picture.low = axis.range[0];
    picture.high = axis.range[1];
    return picture;
  }
  std::vector<std::string> values = axis.values;
  if (std::ranges::all_of(values, [](const auto& value) { return core::parse_number(value).has_value(); }))
    std::ranges::sort(values, {}, [](const auto& value) { return *core::parse_number(value); });
  picture.choices = std::move(values);
  return picture;
}

double value_on(const ParallelAxis& axis, const std::string& value) {
  if (axis.choices.empty())
    return core::parse_number(value).value_or(std::numeric_limits<double>::quiet_NaN());
  return static_cast<double>(std::ranges::find(axis.choices, value) - axis.choices.begin());
}

}  // namespace

train::SweepSpec first_sweep() {
  train::SweepSpec spec;
  spec.axes.push_back({"optimizer.learning_rate", {}, {{2}, {1e-4, 1e-2}}, AxisScale::kLog});
  SweepAxis kinds;
  kinds.field = "optimizer.kind";
  kinds.values.assign(train::kOptimizerKinds.begin(), train::kOptimizerKinds.end());
  spec.axes.push_back(std::move(kinds));
  spec.trials = 12;
  spec.steps = 300;
  return spec;
}

void fit(train::SweepSpec& spec) {
  if (spec.axes.size() > kMostAxes) spec.axes.resize(kMostAxes);
  for (SweepAxis& axis : spec.axes) {
    if (!(axis.range.shape() == core::Shape{2})) axis.range = SweepAxis().range;
    for (double& end : axis.range.values())
      end = std::isfinite(end) ? std::clamp(end, -kLargestEnd, kLargestEnd) : 0;
  }
  spec.trials = kTrials.clamped(spec.trials);
  spec.steps = kSteps.clamped(spec.steps);
  spec.halving = {kFirstRung.clamped(spec.halving.steps), kEta.clamped(spec.halving.eta),
                  kRungs.clamped(spec.halving.rungs)};
  spec.seed = kSeed.clamped(spec.seed);
}

void sweep_controls(Controls& c, train::SweepSpec& spec, const train::TrainConfig& config) {
  c.section("What differs");
  const std::vector<FieldInfo> fields = offered(config);
  for (std::size_t i = 0; i < spec.axes.size(); ++i)
    if (!axis_controls(c, i, spec, fields)) {
      spec.axes.erase(spec.axes.begin() + static_cast<std::ptrdiff_t>(i));
      break;
    }
  if (spec.axes.size() < kMostAxes && c.button("Add an axis", "Another field that differs")) {
    const auto taken = [&](const FieldInfo& field) {
      return std::ranges::find(spec.axes, field.path, &SweepAxis::field) != spec.axes.end();
    };
    const auto free = std::ranges::find_if_not(fields, taken);
    if (free != fields.end()) spec.axes.push_back(axis_over(*free, spec.method));
  }
  c.section("Trials");
  c.choice("Method", spec.method, train::kSweepMethods, SweepMethod::kRandom,
           "grid: every combination; random: drawn; halving: drawn, and the better ones trained on");
  if (spec.method == SweepMethod::kGrid)  // which has no ranges
    for (SweepAxis& axis : spec.axes)
      if (!axis.range.empty()) {
        const auto whole = [&](const FieldInfo& f) {
          return f.path == axis.field && f.type == FieldType::kWhole;
        };
        axis = with_values(axis, std::ranges::any_of(fields, whole));
      }
  length_controls(c, spec);
  if (spec.method != SweepMethod::kGrid) c.integer("Sweep seed", spec.seed, kSeed, "Of what is drawn");
}

std::vector<std::string> split_values(std::string_view text) {
  std::vector<std::string> values;
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char at = i < text.size() ? text[i] : ',';
    if (at == '[' || at == '{') ++depth;
    if (at == ']' || at == '}') --depth;
    if (i < text.size() && (at != ',' || depth > 0)) continue;
    if (std::string value = blank_free(text.substr(begin, i - begin)); !value.empty())
      values.push_back(std::move(value));
    begin = i + 1;
  }
  return values;
}

std::string joined_values(const std::vector<std::string>& values) {
  std::string text;
  for (const auto& value : values) text += (text.empty() ? "" : ", ") + value;
  return text;
}

std::string name_of_field(std::string path) {
  const std::size_t dot = path.rfind('.');
  if (dot != std::string::npos && !path.ends_with(".kind")) path = path.substr(dot + 1);
  std::ranges::replace(path, '_', ' ');
  std::ranges::replace(path, '.', ' ');
  return path;
}

widgets::ParallelPicture trials_picture(const train::SweepSpec& spec, const std::vector<train::Trial>& trials,
                                        const widgets::Rect& box, std::vector<Index>& numbers) {
  widgets::ParallelPicture picture{.id = "trials", .title = "", .box = box, .axes = {}, .lines = {}};
  for (std::size_t i = 0; i < spec.axes.size(); ++i) picture.axes.push_back(axis_picture(spec.axes[i]));
  double low = 1, high = 0;
  for (const train::Trial& trial : trials) {
    const train::MetricPoint* best = trial.best();
    if (best) {
      low = std::min(low, best->accuracy);
      high = std::max(high, best->accuracy);
    }
    const bool begun = trial.steps > 0 || trial.status == train::TrialStatus::kImpossible;
    if (!begun) continue;
    widgets::ParallelLine line{"Trial " + std::to_string(trial.number), {}};
    line.trouble =
        trial.status == train::TrialStatus::kDiverged || trial.status == train::TrialStatus::kImpossible;
    for (std::size_t i = 0; i < spec.axes.size(); ++i)
      line.values.push_back(value_on(picture.axes[i], trial.settings[i].value));
    line.values.push_back(best ? best->accuracy : std::numeric_limits<double>::quiet_NaN());
    picture.lines.push_back(std::move(line));
    numbers.push_back(trial.number);
  }
  constexpr double kPercent = 100;
  ParallelAxis reached{.name = "best validation", .low = low, .high = high};
  if (low > high) reached.low = 0, reached.high = 1;
  reached.shown_as = kPercent;
  reached.unit = "%";
  picture.axes.push_back(std::move(reached));
  return picture;
}

}  // namespace vitrine::labs::runs
