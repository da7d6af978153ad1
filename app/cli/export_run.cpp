#include "app/cli/export_run.h"

#include <algorithm>
#include <chrono>

#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/io/safetensors.h"
#include "engine/train/dataset.h"
#include "engine/train/onnx.h"
#include "engine/train/run_folder.h"
#include "engine/train/run_metrics.h"
#include "engine/train/saved_run.h"
#include "engine/train/tensorboard.h"
#include "engine/train/torch_script.h"

namespace vitrine::cli {
namespace {

namespace fs = std::filesystem;
using namespace train;

// Of the pictures that the run learnt from.
nn::ImageSizes image_of(const TrainConfig& config) {
  constexpr nn::ImageSizes kMnist{1, 28, 28};
  DatasetConfig few = config.dataset;
  if (!needs_path(few.kind) && !files_are_there(few)) return kMnist;
  // One colour picture makes a folder's all colour, so none of those is left out.
  if (few.kind != DatasetKind::kFolder) few.train_limit = few.validation_limit = 1;
  core::Workers alone(1);
  const auto data = load_dataset(few, config.seed, alone);
  return {data->channels(), data->height(), data->width()};
}

Index classes_of(const fs::path& weights) {
  for (const auto& [name, shape] : io::read_safetensors_header(weights))
    if (name == "head.bias" && shape.rank() == 1 && shape.count() > 0) return shape.count();
  throw io::FileError(weights, "head.bias [classes]: missing");
}

void export_onnx(const fs::path& folder, const fs::path& out) {
  const SavedRun run = open_run(folder);
  const SavedModel saved = load_model(run, image_of(run.record.config), classes_of(folder / kWeightsFile), 1);
  io::write_file(out, onnx_model(run.record, *saved.model, saved.weights));
}

void export_script(const fs::path& folder, const fs::path& out) {
  const SavedRun run = open_run(folder);
  io::write_file(out,
                 torch_script(run.record, image_of(run.record.config), classes_of(folder / kWeightsFile)));
}

// Every point, in the same columns: the file, when it is whole.
void export_metrics(const fs::path& folder, const fs::path& out) {
  read_metrics(folder / kMetricsFile);
  io::write_file(out, io::read_file(folder / kMetricsFile));
}

void export_weights(const fs::path& folder, const fs::path& out) {
  io::write_safetensors(out, io::read_safetensors(folder / kWeightsFile));
}

// Seconds since 1970, as if the run had worked without a pause until its metrics were last written.
double start_of(const fs::path& metrics, const std::vector<MetricPoint>& points) {
  std::error_code error;
  const auto written = fs::last_write_time(metrics, error);
  if (error) throw io::FileError(metrics, error.message());
  const double end_s =
      std::chrono::duration<double>(std::chrono::file_clock::to_sys(written).time_since_epoch()).count();
  return std::max(0.0, end_s - (points.empty() ? 0 : points.back().seconds));
}

void export_events(const fs::path& folder, fs::path out, bool into_folder) {
  const fs::path metrics = folder / kMetricsFile;
  const auto points = read_metrics(metrics);
  const double start_s = start_of(metrics, points);
  if (into_folder) {
    io::make_folder(out);
    out /= tensorboard_file_name(start_s);
  }
  io::write_file(out, tensorboard_events(points, start_s));
}

}  // namespace

void export_run(const fs::path& run, const fs::path& out) {
  std::error_code none;
  const std::string ending = out.extension().string();
  if (fs::is_directory(out, none) || ending.empty()) return export_events(run, out, true);
  if (out.filename().string().find("tfevents") != std::string::npos) return export_events(run, out, false);
  if (ending == ".onnx") return export_onnx(run, out);
  if (ending == ".py") return export_script(run, out);
  if (ending == ".csv") return export_metrics(run, out);
  if (ending == ".safetensors") return export_weights(run, out);
  throw std::invalid_argument(core::printable(out.string()) +
                              ": no such format; a run becomes .onnx, .py, .csv, .safetensors, .tfevents or "
                              "a folder for TensorBoard");
}

}  // namespace vitrine::cli
