#include "engine/train/run_folder.h"

#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/io/json_fields.h"
#include "engine/train/state_dict.h"

namespace vitrine::train {

namespace fs = std::filesystem;

void RunFacts::describe(core::Fields& f) {
  f.field("version", version);
  f.field("dataset_checksum", dataset_checksum);
  f.field("mean", mean);
  f.field("deviation", deviation);
  f.field("parameters", parameters);
}

void RunRecord::describe(core::Fields& f) {
  config.describe(f);
  f.group("run", run);
}

RunFolder::RunFolder(fs::path path, bool replace)
    : path_(std::move(path)),
      metrics_("step,epoch,split,loss,accuracy,learning_rate,grad_norm,images_per_second,seconds\n") {
  std::error_code error;
  fs::create_directories(path_, error);
  if (error) throw io::FileError(path_, "cannot be made: " + error.message());
  if (!fs::is_directory(path_, error)) throw io::FileError(path_, "is not a folder");
  if (!replace && fs::exists(path_ / "config.json", error))
    throw io::FileError(path_, "holds a run already; --force replaces it");
}

void RunFolder::begin(const Trainer& trainer, std::string version) const {
  std::error_code none;
  for (const char* name : {"metrics.csv", "weights.safetensors"}) fs::remove(path_ / name, none);
  const Dataset& dataset = trainer.dataset();
  const RunRecord record{trainer.config(),
                         {std::move(version), dataset.checksum, dataset.mean, dataset.deviation,
                          trainer.model().layout().count()}};
  io::write_file(path_ / "config.json", io::to_json(record));
}

void RunFolder::add(const MetricPoint& point) {
  if (point.split == MetricSplit::kQuick) return;
  const bool train = point.split == MetricSplit::kTrain;
  metrics_ +=
      std::to_string(point.step) + "," + std::to_string(point.epoch) + (train ? ",train" : ",validation");
  for (const double value : {point.loss, point.accuracy, point.learning_rate, point.grad_norm,
                             point.images_per_second, point.seconds})
    metrics_ += "," + core::exact(value);
  metrics_ += "\n";
}

void RunFolder::write_metrics() const { io::write_file(path_ / "metrics.csv", metrics_); }

void RunFolder::write_weights(const Trainer& trainer) const {
  io::write_safetensors(path_ / "weights.safetensors",
                        state_dict(trainer.model().layout(), trainer.weights()));
}

}  // namespace vitrine::train
