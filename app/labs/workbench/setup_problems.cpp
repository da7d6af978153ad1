#include "app/labs/workbench/setup_problems.h"

#include <algorithm>

#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using train::TrainConfig;

namespace {

// The control of each field of the configuration.
struct Named {
  std::string_view field, control;
};
constexpr Named kControls[] = {{"batch_size", "Batch size"},
                               {"dataset.kind", "Data set"},
                               {"dataset.path", "Folder"},
                               {"dataset.train_limit", "Images"},
                               {"dataset.validation_limit", "To validate"},
                               {"epochs", "Epochs"},
                               {"model.depth", "Depth"},
                               {"model.dropout", "Dropout"},
                               {"model.embed_dim", "Embed dim"},
                               {"model.head_dim", "Head dim"},
                               {"model.heads", "Heads"},
                               {"model.kind", "Model"},
                               {"model.layers", "Layer"},
                               {"model.mlp_dim", "MLP dim"},
                               {"model.patch_size", "Patch size"},
                               {"model.pool", "Pool"},
                               {"model.positions", "Positions"},
                               {"model.qkv_bias", "QKV bias"},
                               {"optimizer.betas", "Betas"},
                               {"optimizer.clip_norm", "Clip norm"},
                               {"optimizer.eps", "Epsilon"},
                               {"optimizer.kind", "Optimizer"},
                               {"optimizer.learning_rate", "Learning rate"},
                               {"optimizer.momentum", "Momentum"},
                               {"optimizer.weight_decay", "Weight decay"},
                               {"schedule.kind", "Schedule"},
                               {"schedule.min_learning_rate", "Lowest rate"},
                               {"schedule.warmup_steps", "Warm-up steps"},
                               {"seed", "Seed"},
                               {"threads", "Threads"}};

std::string control_of(std::string_view field) {
  const auto found = std::find_if(std::begin(kControls), std::end(kControls),
                                  [&](const Named& each) { return each.field == field; });
  return std::string(found == std::end(kControls) ? field : found->control);
}

// "model.patch_size 5: does not ..." -> beside Patch size: "Patch size 5: does not ...";
// "model.layers[1].kind conv: ..." -> beside Layer: "Layer 2 conv: ...".
Problem problem_of(const std::string& line) {
  constexpr std::string_view kLayers = "model.layers[";
  const std::size_t end = line.find(' ');
  if (!line.starts_with(kLayers)) {
    const std::string control = control_of(line.substr(0, end));
    return {control, control + line.substr(end)};
  }
  const std::size_t close = line.find(']');
  const auto number =
      static_cast<Index>(*core::parse_number(line.substr(kLayers.size(), close - kLayers.size())));
  return {"Layer", "Layer " + std::to_string(number + 1) + line.substr(end)};
}

}  // namespace

std::optional<train::Pictures> pictures_for(const train::TrainConfig& config,
                                            const train::TrainSnapshot* snapshot) {
  if (snapshot && snapshot->dataset && snapshot->config.dataset == config.dataset)
    return train::pictures_of(*snapshot->dataset);
  return train::known_pictures(config.dataset);
}

std::vector<Problem> setup_problems(const TrainConfig& config,
                                    const std::optional<train::Pictures>& pictures) {
  std::vector<std::string> lines = train::validate(config);
  // Of generated and standard pictures validate() knows the size.
  if (train::needs_path(config.dataset.kind) && pictures)
    for (std::string& line : train::validate(config.model, pictures->image.height, pictures->image.width))
      lines.push_back(std::move(line));
  std::vector<Problem> problems;
  for (const std::string& line : lines) problems.push_back(problem_of(line));
  return problems;
}

}  // namespace vitrine::labs
