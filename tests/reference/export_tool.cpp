// What check_exports.py asks the engine: a run's exports, and the engine's own answers to its validation
// images. Usage: export_tool RUN FOLDER
#include <exception>
#include <iostream>
#include <nlohmann/json.hpp>

#include "app/cli/export_run.h"
#include "engine/io/files.h"
#include "engine/nn/batch_pass.h"
#include "engine/train/saved_run.h"

namespace vitrine {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// {"mean", "deviation", "pixels" [N][C H W], "labels" [N], "shape" [C, H, W], "logits" [N][classes], "loss"}
json answers_of(const fs::path& folder) {
  const train::SavedRun run = train::open_run(folder);
  core::Workers alone(1);
  const auto data = train::load_dataset(run.record.config.dataset, run.record.config.seed, alone);
  const auto& images = data->validation.images;
  const core::Index pixels = images.count() / images.size(0);
  const auto [model, weights] =
      train::load_model(run, {data->channels(), data->height(), data->width()}, data->classes, 1);
  nn::BatchPass<float> pass(*model, alone);
  json answers{{"mean", run.record.run.mean},
               {"deviation", run.record.run.deviation},
               {"shape", {data->channels(), data->height(), data->width()}},
               {"labels", std::vector<int>(data->validation.labels.values().begin(),
                                           data->validation.labels.values().end())},
               {"loss", train::evaluate(*model, weights, *data, data->validation, alone).loss}};
  std::vector<float> normalised(static_cast<std::size_t>(pixels));
  for (core::Index i = 0; i < data->validation.count(); ++i) {
    const std::uint8_t* image = images.data() + i * pixels;
    answers["pixels"].push_back(std::vector<int>(image, image + pixels));
    data->normalise(image, pixels, normalised.data());
    pass.look(weights, normalised.data(), [&](const auto& at) {
      answers["logits"].push_back(std::vector<float>(at.logits, at.logits + model->classes()));
    });
  }
  return answers;
}

int run(const fs::path& folder, const fs::path& out) {
  for (const char* name : {"model.onnx", "model.py", "metrics.csv", "weights.safetensors", "run.tfevents"})
    cli::export_run(folder, out / name);
  io::write_file(out / "answers.json", answers_of(folder).dump());
  return 0;
}

}  // namespace
}  // namespace vitrine

int main(int count, char** arguments) {
  if (count != 3) {
    std::cerr << "usage: export_tool RUN FOLDER\n";
    return 2;
  }
  try {
    return vitrine::run(arguments[1], arguments[2]);
  } catch (const std::exception& error) {
    std::cerr << "export_tool: " << error.what() << '\n';
    return 2;
  }
}
