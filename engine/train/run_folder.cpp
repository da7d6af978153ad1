#include "engine/train/run_folder.h"

#include <algorithm>
#include <limits>

#include "engine/io/files.h"
#include "engine/io/json_fields.h"
#include "engine/train/memory_needs.h"
#include "engine/train/run_metrics.h"
#include "engine/train/state_dict.h"

namespace vitrine::train {
namespace {

namespace fs = std::filesystem;

constexpr Index kAll = std::numeric_limits<Index>::max();

bool holds_a_run(const fs::path& folder) {
  constexpr std::array kNames{kCheckpointFile, kConfigFile, kMetricsFile, kEventsFile, kWeightsFile};
  return std::any_of(kNames.begin(), kNames.end(), [&](const char* name) {
    std::error_code error;
    return fs::exists(folder / name, error);
  });
}

void remove_if_there(const fs::path& path) {
  std::error_code error;
  fs::remove(path, error);
  if (error) throw io::FileError(path, error.message());
}

}  // namespace

RunFolder::RunFolder(fs::path path, Existing existing, std::chrono::seconds save_every)
    : path_(std::move(path)),
      made_(existing != Existing::kResume && io::make_folder(path_)),
      lock_(path_),
      save_every_(save_every),
      saved_(std::chrono::steady_clock::now()) {
  std::error_code error;
  if (existing == Existing::kResume && !fs::exists(path_ / kCheckpointFile, error))
    throw io::FileError(path_, std::string("holds no run that could go on: there is no ") + kCheckpointFile);
  if (existing == Existing::kRefuse && holds_a_run(path_))
    throw io::FileError(path_, "holds a run already; --resume goes on with it, --force replaces it");
  io::remove_leftovers(path_);
}

Checkpoint RunFolder::checkpoint() const { return read_checkpoint(path_ / kCheckpointFile); }

RunFolder::~RunFolder() {
  std::error_code not_empty;
  if (made_) fs::remove(path_, not_empty);
}

// The checkpoint comes first: before it the folder holds the earlier run, whole, and after it the new one,
// which resume() begins once more.
void RunFolder::begin(const Trainer& trainer) {
  first_step_ = trainer.step();
  write_checkpoint(path_ / kCheckpointFile, {record(trainer), trainer.state()});
  made_ = false;
  for (const char* name : {kEventsFile, kWeightsFile}) remove_if_there(path_ / name);
  io::write_file(path_ / kMetricsFile, kMetricColumns);
  write_config(trainer);
  write_weights(trainer);
}

void RunFolder::resume(const RunRecord& before, const Trainer& trainer) {
  const Index step = trainer.step();
  if (step == before.run.first_step) {  // perhaps killed while it began
    begin(trainer);
    return add(Event{step, EventKind::kStart});
  }
  first_step_ = before.run.first_step;
  cut_ = trainer.state().validating ? Place{step, true} : Place{step + 1, false};
  add(Event{step, EventKind::kResume});
  for (const Event& change : changes(step, before.config, trainer.config())) add(change);
  save(trainer);
  write_config(trainer);
}

void RunFolder::add(const MetricPoint& point) {
  if (point.split == MetricSplit::kQuick) return;
  const bool train = point.split == MetricSplit::kTrain;
  const Place place{point.step, !train};
  if (place <= newest_) {
    metrics_.resize(length_before(metrics_, place));
    cut_ = std::min(place, cut_.value_or(place));
  }
  newest_ = place;
  metrics_ += metric_line(point);
}

void RunFolder::add(const Event& event) { events_ += to_line(event) + "\n"; }

// The checkpoint comes last: of what it says is done, the other files have every trace.
void RunFolder::save(const Trainer& trainer) {
  saved_ = std::chrono::steady_clock::now();
  if (!core::all_finite(std::span<const float>(trainer.weights().values))) return;
  const bool anew = io::make_folder(path_);  // somebody has removed it
  write_logs();
  write_weights(trainer);
  write_checkpoint(path_ / kCheckpointFile, {record(trainer), trainer.state()});
  if (anew) write_config(trainer);
  saved_ = std::chrono::steady_clock::now();  // also a slow disk leaves time for the run
}

bool RunFolder::due() const { return std::chrono::steady_clock::now() - saved_ >= save_every_; }

RunFolder::Place RunFolder::place_of(std::string_view line) {
  const MetricPoint point = metric_from(line);
  return {point.step, point.split == MetricSplit::kValidation};
}

// Of whole lines.
std::size_t RunFolder::length_before(std::string_view lines, const Place& place) {
  std::size_t length = 0;
  for (std::size_t end = 0; (end = lines.find('\n', length)) != lines.npos; length = end + 1)
    if (place_of(lines.substr(length, end - length)) >= place) break;
  return length;
}

// How many bytes of metrics.csv come before a place.
Index RunFolder::metrics_before(const Place& place) const {
  const fs::path file = path_ / kMetricsFile;
  std::error_code error;
  if (!fs::exists(file, error)) return 0;
  const std::string text = io::read_file(file, free_memory_bytes() / 2);
  try {
    if (!std::string_view(text).starts_with(kMetricColumns)) throw io::FormatError("has not a run's columns");
    const std::size_t begin = kMetricColumns.size();
    return static_cast<Index>(begin + length_before(std::string_view(text).substr(begin), place));
  } catch (const io::FormatError& wrong) {
    throw io::FileError(file, wrong.what());
  }
}

RunRecord RunFolder::record(const Trainer& trainer) const {
  RunRecord record = record_of(trainer);
  record.run.first_step = first_step_;
  return record;
}

void RunFolder::write_config(const Trainer& trainer) const {
  io::write_file(path_ / kConfigFile, io::to_json(record(trainer)));
}

void RunFolder::write_logs() {
  if (!metrics_.empty() || cut_) {
    std::error_code error;
    const Index kept = cut_ ? metrics_before(*cut_) : fs::exists(path_ / kMetricsFile, error) ? kAll : 0;
    io::replace_end(path_ / kMetricsFile, kept, (kept == 0 ? std::string(kMetricColumns) : "") + metrics_);
    metrics_.clear();
    cut_.reset();
  }
  if (!events_.empty()) {
    io::replace_end(path_ / kEventsFile, kAll, events_);
    events_.clear();
  }
}

void RunFolder::write_weights(const Trainer& trainer) const {
  io::write_safetensors(path_ / kWeightsFile, state_dict(trainer.model().layout(), trainer.weights()));
}

}  // namespace vitrine::train
