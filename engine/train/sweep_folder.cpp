#include "engine/train/sweep_folder.h"

#include "engine/io/files.h"
#include "engine/io/json_fields.h"
#include "engine/train/run_metrics.h"
#include "engine/train/sweep_results.h"

namespace vitrine::train {
namespace {

namespace fs = std::filesystem;

constexpr const char *kSpec = "sweep.json", *kTrials = "trials", *kCsv = "results.csv",
                     *kJson = "results.json", *kCheckpoint = "checkpoint.bin", *kMetrics = "metrics.csv";

bool there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

void remove_if_there(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) throw io::FileError(path, error.message());
}

}  // namespace

std::string trial_folder(Index trial) {
  constexpr std::size_t kDigits = 4;
  const std::string number = std::to_string(trial);
  return std::string(kTrials) + "/" + std::string(kDigits - std::min(kDigits, number.size()), '0') + number;
}

// A RunFolder that begins, or goes on where it was left.
class SweepFolder::Sink final : public RunSink {
 public:
  explicit Sink(fs::path path) : path_(std::move(path)) {}

  void begin(const Trainer& trainer) override {
    if (trainer.step() == 0) {
      folder_ = std::make_unique<RunFolder>(path_, Existing::kReplace);
      folder_->begin(trainer);
      return folder_->add(Event{0, EventKind::kStart});
    }
    folder_ = std::make_unique<RunFolder>(path_, Existing::kResume);
    const RunRecord before = folder_->checkpoint().record;
    if (before.run.dataset_checksum != trainer.dataset().checksum)
      throw io::FileError(path_, "the data are not those that the trial began with");
    folder_->resume(before, trainer);
  }
  void add(const MetricPoint& point) override { folder_->add(point); }
  void add(const Event& event) override { folder_->add(event); }
  void save(const Trainer& trainer) override { folder_->save(trainer); }
  bool due() const override { return folder_->due(); }

 private:
  const fs::path path_;
  std::unique_ptr<RunFolder> folder_;  // null before begin()
};

SweepFolder::SweepFolder(fs::path path, Existing existing)
    : path_(std::move(path)),
      made_(existing != Existing::kResume && io::make_folder(path_)),
      of_this_(existing == Existing::kResume),
      lock_(path_) {
  const bool holds = there(path_ / kSpec);
  if (existing == Existing::kResume && !holds)
    throw io::FileError(path_, std::string("holds no sweep that could go on: there is no ") + kSpec);
  if (existing != Existing::kResume && !holds && there(path_ / kTrials))
    throw io::FileError(path_, std::string("holds ") + kTrials + " of something else");
  if (existing == Existing::kRefuse && holds)
    throw io::FileError(path_, "holds a sweep already; --resume goes on with it, --force replaces it");
  io::remove_leftovers(path_);
}

SweepFolder::~SweepFolder() {
  std::error_code not_empty;
  if (made_) fs::remove(path_, not_empty);
}

SweepSpec SweepFolder::spec() const { return read_sweep(path_ / kSpec); }

void SweepFolder::begin(const SweepSpec& spec) {
  for (const char* name : {kTrials, kCsv, kJson}) remove_if_there(path_ / name);
  io::write_file(path_ / kSpec, io::to_json(spec));
  made_ = false;
  of_this_ = true;
}

void SweepFolder::restore(Sweep& sweep) const {
  for (const Trial& trial : sweep.trials()) {
    const fs::path folder = folder_of(trial.number);
    if (!there(folder / kCheckpoint)) continue;
    const TrainerState state = read_checkpoint(folder / kCheckpoint).state;
    std::vector<MetricPoint> validations;
    if (state.step > 0)
      for (const MetricPoint& point : read_metrics(folder / kMetrics))
        if (point.split == MetricSplit::kValidation &&
            (point.step < state.step || (point.step == state.step && !state.validating)))
          validations.push_back(point);
    sweep.take_up(trial.number, std::move(validations));
  }
}

void SweepFolder::write_results(const Sweep& sweep) const {
  io::write_file(path_ / kCsv, results_csv(sweep));
  io::write_file(path_ / kJson, results_json(sweep));
}

std::unique_ptr<RunSink> SweepFolder::open(Index trial) { return std::make_unique<Sink>(folder_of(trial)); }

std::shared_ptr<const TrainerState> SweepFolder::state(Index trial) {
  const fs::path file = folder_of(trial) / kCheckpoint;
  if (!of_this_ || !there(file)) return nullptr;
  return std::make_shared<const TrainerState>(read_checkpoint(file).state);
}

fs::path SweepFolder::folder_of(Index trial) const { return path_ / trial_folder(trial); }

}  // namespace vitrine::train
