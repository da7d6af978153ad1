#include "engine/train/run_folder.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/io/json_fields.h"
#include "engine/train/memory_needs.h"
#include "engine/train/state_dict.h"

namespace vitrine::train {
namespace {

namespace fs = std::filesystem;

constexpr const char *kConfig = "config.json", *kMetrics = "metrics.csv", *kEvents = "events.jsonl",
                     *kWeights = "weights.safetensors", *kCheckpoint = "checkpoint.bin";
constexpr std::string_view kColumns =
    "step,epoch,split,loss,accuracy,learning_rate,grad_norm,images_per_second,seconds\n";
constexpr std::string_view kTrain = "train", kValidation = "validation";
constexpr std::chrono::seconds kSaveEvery{30};
constexpr Index kAll = std::numeric_limits<Index>::max();

bool holds_a_run(const fs::path& folder) {
  constexpr std::array kNames{kCheckpoint, kConfig, kMetrics, kEvents, kWeights};
  return std::any_of(kNames.begin(), kNames.end(), [&](const char* name) {
    std::error_code error;
    return fs::exists(folder / name, error);
  });
}

// True when the folder was made.
bool make(const fs::path& folder, Existing existing) {
  if (existing == Existing::kResume) return false;
  std::error_code error;
  const bool made = fs::create_directories(folder, error);
  if (error) throw io::FileError(folder, "cannot be made: " + error.message());
  return made;
}

void remove_if_there(const fs::path& path) {
  std::error_code error;
  fs::remove(path, error);
  if (error) throw io::FileError(path, error.message());
}

// Whether a line of metrics.csv is of the run up to `state`. Throws io::FormatError when it is no such line.
bool belongs(std::string_view line, const TrainerState& state) {
  Index step = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), step);
  const std::string_view rest = line.substr(static_cast<std::size_t>(end - line.data()));
  const auto split_at = rest.find(',', 1);
  if (error != std::errc() || !rest.starts_with(',') || split_at == std::string_view::npos)
    throw io::FormatError("is no step's line");
  const bool validation = rest.substr(split_at + 1).starts_with(kValidation);
  return step < state.step || (step == state.step && !(validation && state.validating));
}

// How many bytes of metrics.csv are of the run up to `state`.
Index length_until(const fs::path& path, const TrainerState& state) {
  std::error_code none;
  if (!fs::exists(path, none)) return 0;
  const std::string text = io::read_file(path, free_memory_bytes() / 2);
  if (!std::string_view(text).starts_with(kColumns)) throw io::FileError(path, "has not a run's columns");
  std::size_t length = kColumns.size();
  Index number = 2;
  for (std::size_t end = 0; (end = text.find('\n', length)) != std::string::npos;
       length = end + 1, ++number) {
    try {
      if (!belongs(std::string_view(text).substr(length, end - length), state)) break;
    } catch (const io::FormatError& error) {
      throw io::FileError(path, "line " + std::to_string(number) + " " + error.what());
    }
  }
  return static_cast<Index>(length);
}

}  // namespace

RunFolder::RunFolder(fs::path path, Existing existing)
    : path_(std::move(path)),
      made_(make(path_, existing)),
      lock_(path_),
      saved_(std::chrono::steady_clock::now()) {
  std::error_code error;
  if (existing == Existing::kResume && !fs::exists(path_ / kCheckpoint, error))
    throw io::FileError(path_, std::string("holds no run that could go on: there is no ") + kCheckpoint);
  if (existing == Existing::kRefuse && holds_a_run(path_))
    throw io::FileError(path_, "holds a run already; --resume goes on with it, --force replaces it");
  io::remove_leftovers(path_);
}

Checkpoint RunFolder::checkpoint() const { return read_checkpoint(path_ / kCheckpoint); }

RunFolder::~RunFolder() {
  std::error_code not_empty;
  if (made_) fs::remove(path_, not_empty);
}

// The checkpoint comes first: before it the folder holds the earlier run, whole, and after it the new one.
void RunFolder::begin(const Trainer& trainer) {
  write_checkpoint(path_ / kCheckpoint, checkpoint_of(trainer));
  made_ = false;
  for (const char* name : {kMetrics, kEvents, kWeights}) remove_if_there(path_ / name);
  metrics_ = kColumns;
  add(Event{0, EventKind::kStart});
  write_config(trainer);
  write_logs();
  write_weights(trainer);
}

void RunFolder::resume(const TrainConfig& before, const Trainer& trainer) {
  if (trainer.step() == 0) {  // killed while it began, perhaps over an earlier run; nothing is lost
    begin(trainer);
    return;
  }
  const Index kept = length_until(path_ / kMetrics, trainer.state());
  io::replace_end(path_ / kMetrics, kept, kept == 0 ? kColumns : "");
  add(Event{trainer.step(), EventKind::kResume});
  for (const Event& change : changes(trainer.step(), before, trainer.config())) add(change);
  save(trainer);
  write_config(trainer);
}

void RunFolder::add(const MetricPoint& point) {
  if (point.split == MetricSplit::kQuick) return;
  const bool train = point.split == MetricSplit::kTrain;
  metrics_ += std::to_string(point.step) + "," + std::to_string(point.epoch) + ",";
  metrics_ += train ? kTrain : kValidation;
  for (const double value : {point.loss, point.accuracy, point.learning_rate, point.grad_norm,
                             point.images_per_second, point.seconds})
    metrics_ += "," + core::exact(value);
  metrics_ += "\n";
}

void RunFolder::add(const Event& event) { events_ += to_line(event) + "\n"; }

// The checkpoint comes last: what it says is done, the other files know.
void RunFolder::save(const Trainer& trainer) {
  saved_ = std::chrono::steady_clock::now();
  if (!core::all_finite(std::span<const float>(trainer.weights().values))) return;
  write_logs();
  write_weights(trainer);
  write_checkpoint(path_ / kCheckpoint, checkpoint_of(trainer));
}

bool RunFolder::due() const { return std::chrono::steady_clock::now() - saved_ >= kSaveEvery; }

void RunFolder::write_config(const Trainer& trainer) const {
  io::write_file(path_ / kConfig, io::to_json(record_of(trainer)));
}

void RunFolder::write_logs() {
  for (const auto& [name, lines] : {std::pair{kMetrics, &metrics_}, {kEvents, &events_}}) {
    if (lines->empty()) continue;
    io::replace_end(path_ / name, kAll, *lines);
    lines->clear();
  }
}

void RunFolder::write_weights(const Trainer& trainer) const {
  io::write_safetensors(path_ / kWeights, state_dict(trainer.model().layout(), trainer.weights()));
}

}  // namespace vitrine::train
