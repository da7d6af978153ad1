#include "app/labs/workbench/run_files.h"

#include <algorithm>

#include "engine/io/safetensors.h"
#include "engine/train/onnx.h"
#include "engine/train/state_dict.h"
#include "engine/train/torch_script.h"

namespace vitrine::labs {
namespace {

train::RunRecord record_of(const train::TrainSnapshot& snapshot) {
  train::RunRecord record;
  record.config = snapshot.config;
  record.run.mean = snapshot.dataset->mean;
  record.run.deviation = snapshot.dataset->deviation;
  return record;
}

}  // namespace

std::string model_file(const Workbench& bench, std::string_view extension) {
  const auto& looked = bench.looked();
  const auto& snapshot = bench.snapshot();
  if (!looked || !snapshot || !snapshot->dataset || looked->run_id != snapshot->run_id) return "";
  if (extension == ".onnx") return train::onnx_model(record_of(*snapshot), *looked->model, *looked->weights);
  return io::encode_safetensors(train::state_dict(looked->model->layout(), *looked->weights));
}

std::string run_script(const Workbench& bench) {
  const auto& snapshot = bench.snapshot();
  if (!snapshot || !snapshot->dataset || bench.end_step() == 0 || bench.shows_opened()) return "";
  const train::Dataset& data = *snapshot->dataset;
  std::string script =
      train::torch_script(record_of(*snapshot), {data.channels(), data.height(), data.width()}, data.classes);
  // Without arguments there are no pictures: what the model is can be said all the same.
  script.erase(std::min(script.size(), script.rfind("\nif __name__")));
  return script +
         "\nif __name__ == \"__main__\":\n"
         "    import sys\n"
         "    print(\"parameters\", sum(p.numel() for p in Model().parameters()))\n"
         "    if len(sys.argv) > 1:\n"
         "        main()\n";
}

}  // namespace vitrine::labs
