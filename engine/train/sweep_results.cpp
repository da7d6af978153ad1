#include "engine/train/sweep_results.h"

#include <nlohmann/json.hpp>

#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/io/json_fields.h"
#include "engine/train/sweep_folder.h"

namespace vitrine::train {
namespace {

using nlohmann::ordered_json;

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

ordered_json point_json(const MetricPoint* point) {
  if (point == nullptr) return nullptr;
  return {{"step", point->step}, {"accuracy", point->accuracy}, {"loss", point->loss}};
}

std::string_view status_of(const Trial& trial) {
  return kTrialStatuses[static_cast<std::size_t>(trial.status)];
}

}  // namespace

SweepSpec read_sweep(const std::filesystem::path& file) {
  constexpr Index kLimit_bytes = 1 << 20;
  const std::string text = io::read_file(file, kLimit_bytes);
  SweepSpec spec;
  try {
    io::from_json(text, spec, io::Unknown::kRefuse);
  } catch (const io::FormatError& error) {
    throw io::FileError(file, error.what());
  }
  return spec;
}

std::string results_csv(const Sweep& sweep) {
  std::string text =
      "trial,status,rungs,steps,seconds,best_step,best_accuracy,best_loss,last_accuracy,last_loss";
  for (const SweepAxis& axis : sweep.spec().axes) text += "," + quoted(axis.field);
  text += ",message\n";
  for (const Trial& trial : sweep.trials()) {
    const MetricPoint *best = trial.best(), *last = trial.last();
    const auto number = [](const MetricPoint* point, double MetricPoint::*member) {
      return point ? "," + core::exact(point->*member) : std::string(",");
    };
    text += std::to_string(trial.number) + "," + std::string(status_of(trial)) + "," +
            std::to_string(trial.rungs) + "," + std::to_string(trial.steps) + "," +
            core::exact(trial.seconds) + "," + (best ? std::to_string(best->step) : "") +
            number(best, &MetricPoint::accuracy) + number(best, &MetricPoint::loss) +
            number(last, &MetricPoint::accuracy) + number(last, &MetricPoint::loss);
    for (const Setting& setting : trial.settings) text += "," + quoted(setting.value);
    text += "," + quoted(trial.message) + "\n";
  }
  return text;
}

std::string results_json(const Sweep& sweep) {
  ordered_json all;
  all["method"] = kSweepMethods[static_cast<std::size_t>(sweep.spec().method)];
  for (const SweepAxis& axis : sweep.spec().axes) all["axes"].push_back(axis.field);
  all["done"] = sweep.done();
  const auto best = best_trial(sweep.trials());
  all["best"] = best ? ordered_json(*best) : ordered_json();
  for (const Trial& trial : sweep.trials()) {
    ordered_json settings = ordered_json::object();
    for (const Setting& setting : trial.settings) settings[setting.field] = setting.value;
    all["trials"].push_back({{"trial", trial.number},
                             {"folder", trial_folder(trial.number)},
                             {"settings", settings},
                             {"status", status_of(trial)},
                             {"message", trial.message},
                             {"rungs", trial.rungs},
                             {"steps", trial.steps},
                             {"seconds", trial.seconds},
                             {"best", point_json(trial.best())},
                             {"last", point_json(trial.last())}});
  }
  constexpr int kIndent = 2;
  return all.dump(kIndent, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::string settings_text(const Trial& trial) {
  std::string text;
  for (const auto& [field, value] : trial.settings)
    text += (text.empty() ? "" : ", ") + field + "=" + core::printable(value, 60);
  return text;
}

}  // namespace vitrine::train
