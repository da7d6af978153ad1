#include "engine/train/torch_script.h"

#include <utility>
#include <vector>

#include "engine/core/text.h"
#include "engine/train/torch_script_parts.h"

namespace vitrine::train {
namespace {

using core::exact;
using Replacement = std::pair<std::string_view, std::string>;  // "@NAME@" -> text

std::string number(Index value) { return std::to_string(value); }

std::string replaced(std::string_view part, const std::vector<Replacement>& replacements) {
  std::string text(part);
  for (const auto& [name, value] : replacements)
    for (std::size_t at = 0; (at = text.find(name, at)) != text.npos; at += value.size())
      text.replace(at, name.size(), value);
  return text;
}

std::string optimizer_of(const OptimizerConfig& o) {
  if (o.kind == nn::OptimizerKind::kSgd)
    return "torch.optim.SGD(groups, lr=LEARNING_RATE, momentum=" + exact(o.momentum) + ")";
  const std::string name = o.kind == nn::OptimizerKind::kAdam ? "Adam" : "AdamW";
  return "torch.optim." + name + "(groups, lr=LEARNING_RATE, betas=(" + exact(o.betas[0]) + ", " +
         exact(o.betas[1]) + "), eps=" + exact(o.eps) + ")";
}

// What the learning rate is after the warm-up; u goes from 0 to 1.
std::string schedule_of(nn::ScheduleKind kind) {
  switch (kind) {
    case nn::ScheduleKind::kCosine:
      return "MIN_LEARNING_RATE + (LEARNING_RATE - MIN_LEARNING_RATE) * (1 + math.cos(math.pi * u)) / 2";
    case nn::ScheduleKind::kLinear:
      return "LEARNING_RATE + (MIN_LEARNING_RATE - LEARNING_RATE) * u";
    case nn::ScheduleKind::kConstant:
      break;
  }
  return "LEARNING_RATE";
}

std::string vit_of(const nn::VitSizes& s, double dropout) {
  const bool class_token = s.pool == nn::Pool::kClassToken;
  std::string positions = "0";
  if (s.positions == nn::Positions::kLearned)
    positions = "nn.Parameter(0.02 * torch.randn(1, TOKENS, EMBED_DIM))";
  std::string text =
      replaced(script::kVit, {{"@PATCH_SIZE@", number(s.patch_size)},
                              {"@EMBED_DIM@", number(s.embed_dim)},
                              {"@DEPTH@", number(s.depth)},
                              {"@HEADS@", number(s.heads)},
                              {"@HEAD_DIM@", number(s.head_dim)},
                              {"@MLP_DIM@", number(s.mlp_dim)},
                              {"@DROPOUT@", exact(dropout)},
                              {"@TOKENS@", number(s.embedding().tokens())},
                              {"@QKV_BIAS@", s.qkv_bias == nn::Bias::kYes ? "True" : "False"}});
  if (s.positions == nn::Positions::kSinusoidal) text += script::kSinusoids;
  return text +
         replaced(script::kVitModel, {{"@CLASS_TOKEN@", class_token ? script::kClassToken : ""},
                                      {"@CONCATENATE@", class_token ? script::kConcatenate : ""},
                                      {"@POSITIONS@", s.positions == nn::Positions::kSinusoidal
                                                          ? script::kSinusoidalPositions
                                                          : "        self.pos_embed = " + positions + "\n"},
                                      {"@POOLED@", class_token ? "x[:, 0]" : "x.mean(dim=1)"}});
}

std::string window_of(const nn::LayerSpec& spec) {
  return number(spec.kernel) + ", stride=" + number(spec.stride) + ", padding=" + number(spec.padding);
}

std::string layer_of(const nn::LayerSpec& spec, const nn::ImageSizes& in, double dropout) {
  switch (spec.kind) {
    case nn::LayerKind::kConv:
      return "nn.Conv2d(" + number(in.channels) + ", " + number(spec.filters) + ", " + window_of(spec) + ")";
    case nn::LayerKind::kMaxPool:
      return "nn.MaxPool2d(" + window_of(spec) + ")";
    case nn::LayerKind::kAveragePool:
      return "nn.AvgPool2d(" + window_of(spec) + ")";
    case nn::LayerKind::kDense:
      return "nn.Linear(" + number(in.count()) + ", " + number(spec.units) + ")";
    case nn::LayerKind::kRelu:
      return "nn.ReLU()";
    case nn::LayerKind::kGelu:
      return "nn.GELU()";
    case nn::LayerKind::kDropout:
      break;
  }
  return "nn.Dropout(" + exact(dropout) + ")";
}

std::string stack_of(const ModelConfig& model, const nn::ImageSizes& image) {
  const auto outputs = nn::outputs_of(model.layers, image);
  std::string layers, frozen;
  nn::ImageSizes in = image;
  for (std::size_t i = 0; i < model.layers.size(); ++i) {
    layers += "            " + layer_of(model.layers[i], in, model.dropout) + ",\n";
    if (model.layers[i].frozen)
      frozen += "        self.layers[" + std::to_string(i) + "].requires_grad_(False)\n";
    in = outputs[i];
  }
  return replaced(script::kStack,
                  {{"@LAYERS@", layers}, {"@FROZEN@", frozen}, {"@HEAD_INPUTS@", number(in.count())}});
}

}  // namespace

std::string torch_script(const RunRecord& record, const nn::ImageSizes& image, Index classes) {
  const TrainConfig& config = record.config;
  refuse(validate(config));
  refuse(validate(config.model, image.height, image.width));
  const auto& [channels, height, width] = image;
  const bool vit = config.model.kind == ModelKind::kVit;
  const std::string kind(kModelKinds[static_cast<std::size_t>(config.model.kind)]);
  const std::string clip = config.optimizer.clip_norm > 0
                               ? replaced(script::kClip, {{"@CLIP@", exact(config.optimizer.clip_norm)}})
                               : "";
  const std::vector<Replacement> settings{{"@KIND@", kind},
                                          {"@CHANNELS@", number(channels)},
                                          {"@HEIGHT@", number(height)},
                                          {"@WIDTH@", number(width)},
                                          {"@CLASSES@", number(classes)},
                                          {"@MEAN@", exact(record.run.mean)},
                                          {"@DEVIATION@", exact(record.run.deviation)},
                                          {"@EPOCHS@", number(config.epochs)},
                                          {"@BATCH_SIZE@", number(config.batch_size)},
                                          {"@SEED@", number(config.seed)},
                                          {"@LEARNING_RATE@", exact(config.optimizer.learning_rate)},
                                          {"@MIN_LEARNING_RATE@", exact(config.schedule.min_learning_rate)},
                                          {"@WARMUP_STEPS@", number(config.schedule.warmup_steps)},
                                          {"@WEIGHT_DECAY@", exact(config.optimizer.weight_decay)},
                                          {"@OPTIMIZER@", optimizer_of(config.optimizer)},
                                          {"@SCHEDULE@", schedule_of(config.schedule.kind)},
                                          {"@CLIP_GRADIENT@", clip}};
  const std::string model =
      vit ? vit_of(config.model.sizes(channels, height, width, classes), config.model.dropout)
          : stack_of(config.model, image);
  return replaced(script::kHead, settings) + model + replaced(script::kRest, settings);
}

}  // namespace vitrine::train
