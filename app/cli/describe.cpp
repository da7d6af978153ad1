#include "app/cli/describe.h"

#include <nlohmann/json.hpp>

#include "app/cli/table.h"
#include "engine/core/text.h"
#include "engine/train/price.h"
#include "engine/train/trainer.h"

namespace vitrine::cli {
namespace {

using namespace train;
using core::grouped;

// All that is said, as values.
struct Facts {
  std::string model, dataset;
  Index batch_size;
  Price price;
};

Facts facts_of(const TrainConfig& config) {
  refuse(validate(config));
  const int threads = threads_for(config, 0);
  auto pictures = known_pictures(config.dataset);
  if (!pictures) {
    core::Workers workers(threads);
    pictures = pictures_of(*load_dataset(config.dataset, config.seed, workers));
  }
  return {std::string(kModelKinds[static_cast<std::size_t>(config.model.kind)]),
          std::string(kDatasetKinds[static_cast<std::size_t>(config.dataset.kind)]), config.batch_size,
          price_of(question_of(config, threads, *pictures))};
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
  const Price& price = facts.price;
  const auto& [channels, height, width] = price.pictures.image;
  Table layers({"layer", "output", "parameters", "multiply-adds"});
  for (const nn::LayerFacts& layer : price.layers)
    layers.add({layer.name + (layer.words.empty() ? "" : " (" + layer.words + ")"), crossed(layer.output),
                grouped(layer.parameters), grouped(layer.multiply_adds)});
  layers.add({"all", "", grouped(price.parameters), grouped(price.multiply_adds)});

  const MemoryNeeds& m = price.memory;
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

  const Index step = core::checked_mul(core::checked_mul(price.multiply_adds, 3), facts.batch_size);
  return facts.model + " for " + facts.dataset + ": images of " + crossed({channels, height, width}) + ", " +
         grouped(price.pictures.classes) + " classes\n\n" + layers.text() +
         "\nMultiply-adds are those of one image forward; a step takes about three times as many for each of "
         "its " +
         grouped(facts.batch_size) + " images: " + core::shown(static_cast<double>(step) / 1e6, 4) +
         " million.\n\n" + memory.text();
}

std::string json_of(const Facts& facts) {
  using json = nlohmann::ordered_json;
  const Price& price = facts.price;
  const auto& [channels, height, width] = price.pictures.image;
  json layers = json::array();
  for (const nn::LayerFacts& layer : price.layers)
    layers.push_back({{"name", layer.name},
                      {"words", layer.words},
                      {"output", sizes_of(layer.output)},
                      {"parameters", layer.parameters},
                      {"multiply_adds", layer.multiply_adds}});
  const MemoryNeeds& m = price.memory;
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
                      {"classes", price.pictures.classes},
                      {"layers", layers},
                      {"parameters", price.parameters},
                      {"multiply_adds", price.multiply_adds},
                      {"memory_bytes", memory}});
}

}  // namespace

std::string description(const TrainConfig& config, Format format) {
  const Facts facts = facts_of(config);
  return format == Format::kJson ? json_of(facts) : table_of(facts);
}

}  // namespace vitrine::cli
