#include "engine/train/saved_run.h"

#include <cmath>

#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/train/memory_needs.h"
#include "engine/train/models.h"
#include "engine/train/run_folder.h"
#include "engine/train/state_dict.h"

namespace vitrine::train {
namespace {

namespace fs = std::filesystem;

void check(const RunRecord& record) {
  refuse(validate(record.config));
  const RunFacts& run = record.run;
  if (run.version.empty()) throw io::FormatError("run: missing; this is a configuration, not a run's record");
  if (!std::isfinite(run.mean))
    throw io::FormatError("run.mean " + core::exact(run.mean) + ": must be finite");
  if (!(run.deviation > 0 && std::isfinite(run.deviation)))
    throw io::FormatError("run.deviation " + core::exact(run.deviation) + ": must be above 0 and finite");
}

}  // namespace

SavedRun open_run(const fs::path& path) {
  const fs::path file = path / kConfigFile;
  SavedRun run{path, read_record(file)};
  try {
    check(run.record);
  } catch (const io::FormatError& error) {
    throw io::FileError(file, error.what());
  } catch (const std::invalid_argument& error) {
    throw io::FileError(file, error.what());
  }
  return run;
}

SavedModel load_model(const SavedRun& run, const nn::ImageSizes& image, Index classes, int threads) {
  const ModelConfig& config = run.record.config.model;
  refuse(validate(config, image.height, image.width));
  auto model = make_model<float>(config, image, classes);
  const MemoryNeeds needs = memory_needs(*model, threads, 1);
  refuse_too_large(core::checked_add(needs.weights, core::checked_mul(needs.activations, threads)),
                   "the number of threads");
  const fs::path file = run.path / kWeightsFile;
  const auto tensors = io::read_safetensors(file);
  try {
    auto weights = weights_from(model->layout(), tensors);
    return {std::move(model), std::move(weights)};
  } catch (const std::invalid_argument& error) {
    throw io::FileError(file, error.what());
  }
}

}  // namespace vitrine::train
