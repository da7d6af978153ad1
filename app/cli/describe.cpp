#include "app/cli/describe.h"

#include <nlohmann/json.hpp>

#include "app/cli/table.h"
#include "engine/core/text.h"
#include "engine/train/digits.h"
#include "engine/train/idx_folder.h"
#include "engine/train/memory_needs.h"
#include "engine/train/models.h"
#include "engine/train/shapes.h"
#include "engine/train/trainer.h"

namespace vitrine::cli {
namespace {

using namespace train;
using core::grouped;

struct Images {
  nn::ImageSizes sizes;
  Index classes;
};

Images images_of(const TrainConfig& config, int threads) {
  switch (config.dataset.kind) {
    case DatasetKind::kDigits:
      return {{1, kDigitSide, kDigitSide}, kDigitClasses};
    case DatasetKind::kShapes:
      return {{3, kShapeSide, kShapeSide}, std::ssize(kShapeNames)};
    case DatasetKind::kMnist:
    case DatasetKind::kFashionMnist:
      return {{1, 28, 28}, kMnistClasses};
    case DatasetKind::kIdx:
    case DatasetKind::kFolder:
      break;
  }
  core::Workers workers(threads);
  const auto data = load_dataset(config.dataset, config.seed, workers);
  return {{data->channels(), data->height(), data->width()}, data->classes};
}

// All that is said, as values.
struct Facts {
  std::string model, dataset;
  Images images;
  Index parameters, multiply_adds, batch_size;
  std::vector<nn::LayerFacts> layers;
  MemoryNeeds memory;
};

Facts facts_of(const TrainConfig& config) {
  refuse(validate(config));
  const int threads = threads_for(config, 0);
  const Images images = images_of(config, threads);
  refuse(validate(config.model, images.sizes.height, images.sizes.width));
  const auto model = make_model<float>(config.model, images.sizes, images.classes);
  return {std::string(kModelKinds[static_cast<std::size_t>(config.model.kind)]),
          std::string(kDatasetKinds[static_cast<std::size_t>(config.dataset.kind)]),
          images,
          model->layout().count(),
          model->multiply_adds(),
          config.batch_size,
          model->layers(),
          memory_needs(*model, threads, config.batch_size)};
}

std::vector<Index> sizes_of(const core::Shape& shape) {
  std::vector<Index> sizes;
  for (std::size_t axis = 0; axis < shape.rank(); ++axis) sizes.push_back(shape[axis]);
  return sizes;
}

// "17 x 64"
std::string crossed(const core::Shape& shape) {
  std::string text;
  for (const Index size : sizes_of(shape)) text += (text.empty() ? "" : " x ") + std::to_string(size);
  return text;
}

std::string table_of(const Facts& facts) {
  const auto& [channels, height, width] = facts.images.sizes;
  Table layers({"layer", "output", "parameters", "multiply-adds"});
  for (const nn::LayerFacts& layer : facts.layers)
    layers.add({layer.name + (layer.words.empty() ? "" : " (" + layer.words + ")"), crossed(layer.output),
                grouped(layer.parameters), grouped(layer.multiply_adds)});
  layers.add({"all", "", grouped(facts.parameters), grouped(facts.multiply_adds)});

  const MemoryNeeds& m = facts.memory;
  const auto megabytes = [](Index bytes) { return core::shown(static_cast<double>(bytes) / 1e6, 3); };
  Table memory({"memory", "MB"});
  memory.add({"weights", megabytes(m.weights)});
  memory.add({"optimizer", megabytes(m.optimizer)});
  memory.add({"last good state and the next", megabytes(m.states)});
  memory.add({"gradients", megabytes(m.gradients)});
  memory.add({"activations of " + std::to_string(m.threads) + (m.threads == 1 ? " thread" : " threads"),
              megabytes(core::checked_mul(m.activations, m.threads))});
  memory.add({"images", megabytes(m.batch)});
  memory.add({"all, beside the data", megabytes(m.total())});

  const Index step = core::checked_mul(core::checked_mul(facts.multiply_adds, 3), facts.batch_size);
  return facts.model + " for " + facts.dataset + ": images of " + crossed({channels, height, width}) + ", " +
         grouped(facts.images.classes) + " classes\n\n" + layers.text() +
         "\nMultiply-adds are those of one image forward; a step takes about three times as many for each of "
         "its " +
         grouped(facts.batch_size) + " images: " + core::shown(static_cast<double>(step) / 1e6, 4) +
         " million.\n\n" + memory.text();
}

std::string json_of(const Facts& facts) {
  using json = nlohmann::ordered_json;
  const auto& [channels, height, width] = facts.images.sizes;
  json layers = json::array();
  for (const nn::LayerFacts& layer : facts.layers)
    layers.push_back({{"name", layer.name},
                      {"words", layer.words},
                      {"output", sizes_of(layer.output)},
                      {"parameters", layer.parameters},
                      {"multiply_adds", layer.multiply_adds}});
  const MemoryNeeds& m = facts.memory;
  const json memory{{"weights", m.weights},
                    {"optimizer", m.optimizer},
                    {"states", m.states},
                    {"gradients", m.gradients},
                    {"activations_per_thread", m.activations},
                    {"threads", m.threads},
                    {"batch", m.batch},
                    {"total", m.total()}};
  return object_text({{"model", facts.model},
                      {"dataset", facts.dataset},
                      {"image", {channels, height, width}},
                      {"classes", facts.images.classes},
                      {"layers", layers},
                      {"parameters", facts.parameters},
                      {"multiply_adds", facts.multiply_adds},
                      {"memory_bytes", memory}});
}

}  // namespace

std::string description(const TrainConfig& config, Format format) {
  const Facts facts = facts_of(config);
  return format == Format::kJson ? json_of(facts) : table_of(facts);
}

}  // namespace vitrine::cli
