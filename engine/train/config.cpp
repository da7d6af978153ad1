#include "engine/train/config.h"

#include <cmath>
#include <limits>
#include <stdexcept>

#include "engine/core/text.h"

namespace vitrine::train {
namespace {

using core::exact;

// One line for each rule that is broken.
class Rules {
 public:
  void whole(std::string_view field, std::int64_t value, std::int64_t least, std::int64_t most) {
    if (value < least || value > most)
      add(field, std::to_string(value),
          "must lie between " + std::to_string(least) + " and " + std::to_string(most));
  }
  // least <= value < below
  void number(std::string_view field, double value, double least, double below) {
    if (value >= least && value < below) return;
    const bool bounded = std::isfinite(below);
    add(field, exact(value),
        "must be at least " + exact(least) + (bounded ? " and below " + exact(below) : " and finite"));
  }
  void add(std::string_view field, std::string_view value, std::string_view rule) {
    problems_.push_back(std::string(field) + " " + std::string(value) + ": " + std::string(rule));
  }
  void append(const std::vector<std::string>& more) {
    problems_.insert(problems_.end(), more.begin(), more.end());
  }
  std::vector<std::string> problems() { return std::move(problems_); }

 private:
  std::vector<std::string> problems_;
};

constexpr double kFinite = std::numeric_limits<double>::infinity();

void check_hyper(Rules& rules, const HyperParams& hyper) {
  rules.number("optimizer.learning_rate", hyper.learning_rate, 0, kFinite);
  rules.number("optimizer.weight_decay", hyper.weight_decay, 0, kFinite);
  rules.number("optimizer.clip_norm", hyper.clip_norm, 0, kFinite);
  rules.number("model.dropout", hyper.dropout, 0, 1);
  rules.whole("batch_size", hyper.batch_size, 1, 1 << 16);
  rules.whole("schedule.warmup_steps", hyper.schedule.warmup_steps, 0, 1 << 30);
  rules.number("schedule.min_learning_rate", hyper.schedule.min_learning_rate, 0, kFinite);
}

void check_vit(Rules& rules, const ModelConfig& model) {
  rules.whole("model.patch_size", model.patch_size, 1, 1 << 12);
  rules.whole("model.embed_dim", model.embed_dim, 1, 1 << 14);
  rules.whole("model.depth", model.depth, 1, 1 << 8);
  rules.whole("model.heads", model.heads, 1, 1 << 10);
  rules.whole("model.head_dim", model.head_dim, 0, 1 << 12);
  rules.whole("model.mlp_dim", model.mlp_dim, 1, 1 << 16);
  if (model.head_dim == 0 && model.heads >= 1 && model.embed_dim % model.heads != 0)
    rules.add("model.heads", std::to_string(model.heads),
              "does not divide model.embed_dim " + std::to_string(model.embed_dim) +
                  "; choose model.head_dim or change one of them");
}

void check_layers(Rules& rules, const ModelConfig& model, const nn::ImageSizes& image) {
  for (std::size_t i = 0; model.kind == ModelKind::kMlp && i < model.layers.size(); ++i)
    if (model.layers[i].windowed())
      rules.add("model.layers[" + std::to_string(i) + "].kind",
                nn::kLayerKinds[static_cast<std::size_t>(model.layers[i].kind)],
                "an mlp has dense, relu, gelu and dropout");
  try {
    nn::outputs_of(model.layers, image);
  } catch (const std::invalid_argument& problem) {
    rules.append({std::string("model.") + problem.what()});
  }
}

}  // namespace

void DatasetConfig::describe(core::Fields& f) {
  f.choice("kind", kind, kDatasetKinds);
  f.file("path", path);
  f.field("train_limit", train_limit);
  f.field("validation_limit", validation_limit);
}

ModelConfig ModelConfig::of(ModelKind kind) {
  using nn::LayerKind;
  using nn::LayerSpec;
  ModelConfig model;
  model.kind = kind;
  if (kind == ModelKind::kVit) return model;
  model.dropout = 0;
  if (kind == ModelKind::kCnn) {
    for (const Index filters : {16, 32})
      model.layers.insert(model.layers.end(),
                          {LayerSpec::conv(filters, 5, 1, 2), LayerSpec::of(LayerKind::kRelu),
                           LayerSpec::pool(LayerKind::kMaxPool, 2, 2, 0)});
  } else {
    model.layers = {LayerSpec::dense(256), LayerSpec::of(LayerKind::kRelu)};
  }
  return model;
}

void ModelConfig::describe(core::Fields& f) {
  const ModelKind before = kind;
  f.choice("kind", kind, kModelKinds);
  if (kind != before) *this = of(kind);
  if (kind != ModelKind::kVit) {
    f.field("dropout", dropout);
    f.list("layers", layers);
    return;
  }
  f.field("patch_size", patch_size);
  f.field("embed_dim", embed_dim);
  f.field("depth", depth);
  f.field("heads", heads);
  f.field("head_dim", head_dim);
  f.field("mlp_dim", mlp_dim);
  f.field("dropout", dropout);
  f.field("qkv_bias", qkv_bias);
  f.choice("pool", pool, kPools);
  f.choice("positions", positions, kPositions);
}

nn::VitSizes ModelConfig::sizes(Index channels, Index height, Index width, Index classes) const {
  nn::VitSizes s{channels,  height, width, patch_size,
                 embed_dim, depth,  heads, head_dim ? head_dim : embed_dim / heads,
                 mlp_dim,   classes};
  s.qkv_bias = qkv_bias ? nn::Bias::kYes : nn::Bias::kNo;
  s.pool = pool;
  s.positions = positions;
  return s;
}

void OptimizerConfig::describe(core::Fields& f) {
  f.choice("kind", kind, kOptimizerKinds);
  f.field("learning_rate", learning_rate);
  f.field("betas", betas);
  f.field("eps", eps);
  f.field("weight_decay", weight_decay);
  f.field("momentum", momentum);
  f.field("clip_norm", clip_norm);
}

void ScheduleConfig::describe(core::Fields& f) {
  f.choice("kind", kind, kScheduleKinds);
  f.field("warmup_steps", warmup_steps);
  f.field("min_learning_rate", min_learning_rate);
}

void TrainConfig::describe(core::Fields& f) {
  f.group("dataset", dataset);
  f.group("model", model);
  f.group("optimizer", optimizer);
  f.group("schedule", schedule);
  f.field("batch_size", batch_size);
  f.field("epochs", epochs);
  f.field("seed", seed);
  f.field("threads", threads);
}

HyperParams TrainConfig::hyper() const {
  return {optimizer.learning_rate,
          optimizer.weight_decay,
          optimizer.clip_norm,
          model.dropout,
          batch_size,
          schedule};
}

void TrainConfig::set(const HyperParams& hyper) {
  optimizer.learning_rate = hyper.learning_rate;
  optimizer.weight_decay = hyper.weight_decay;
  optimizer.clip_norm = hyper.clip_norm;
  model.dropout = hyper.dropout;
  batch_size = hyper.batch_size;
  schedule = hyper.schedule;
}

std::vector<std::string> validate(const ModelConfig& model, Index height, Index width) {
  Rules rules;
  if (model.kind != ModelKind::kVit) {
    check_layers(rules, model, {1, height, width});
    return rules.problems();
  }
  if (model.patch_size >= 1 && (height % model.patch_size != 0 || width % model.patch_size != 0))
    rules.add("model.patch_size", std::to_string(model.patch_size),
              "does not divide an image of " + std::to_string(height) + " x " + std::to_string(width));
  return rules.problems();
}

std::vector<std::string> validate(const HyperParams& hyper) {
  Rules rules;
  check_hyper(rules, hyper);
  return rules.problems();
}

std::vector<std::string> validate(const TrainConfig& config) {
  const auto& [dataset, model, optimizer, schedule, batch_size, epochs, seed, threads] = config;
  Rules rules;
  rules.whole("dataset.train_limit", dataset.train_limit, 0, 1 << 30);
  rules.whole("dataset.validation_limit", dataset.validation_limit, 0, 1 << 30);
  if (needs_path(dataset.kind) && dataset.path.empty())
    rules.add("dataset.path", "\"\"", "the kinds idx and folder need a folder");
  if (model.kind == ModelKind::kVit) check_vit(rules, model);
  if (!needs_path(dataset.kind)) rules.append(validate(model, 28, 28));
  check_hyper(rules, config.hyper());
  if (!(optimizer.betas.shape() == core::Shape{2})) {
    rules.add("optimizer.betas", to_string(optimizer.betas.shape()), "must be two numbers");
  } else {
    rules.number("optimizer.betas", optimizer.betas[0], 0, 1);
    rules.number("optimizer.betas", optimizer.betas[1], 0, 1);
  }
  rules.number("optimizer.eps", optimizer.eps, 0, kFinite);
  rules.number("optimizer.momentum", optimizer.momentum, 0, 1);
  rules.whole("epochs", epochs, 1, 1'000'000);
  rules.whole("threads", threads, 0, 1024);
  return rules.problems();
}

void refuse(const std::vector<std::string>& problems) {
  if (problems.empty()) return;
  std::string line;
  for (const auto& problem : problems) line += (line.empty() ? "" : "; ") + problem;
  throw std::invalid_argument(line);
}

std::span<const std::string_view> preset_names() {
  static constexpr std::array<std::string_view, 6> kNames{"homework", "homework-wide", "homework-fine",
                                                          "demo",     "cnn",           "mlp"};
  return kNames;
}

std::optional<TrainConfig> preset(std::string_view name) {
  TrainConfig config;
  if (name == "homework" || name == "homework-wide" || name == "homework-fine") {
    config.dataset.kind = DatasetKind::kMnist;
    if (name == "homework-wide") config.model.head_dim = 64;
    if (name == "homework-fine") {
      config.model.patch_size = 4;
      config.optimizer.weight_decay = 0.05;
      config.schedule.kind = nn::ScheduleKind::kCosine;
      config.schedule.warmup_steps = 500;
    }
    return config;
  }
  if (name == "demo") {
    config.dataset.kind = DatasetKind::kDigits;
    config.model.embed_dim = 48;
    config.model.depth = 3;
    config.model.heads = 4;
    config.model.head_dim = 12;
    config.model.mlp_dim = 96;
    config.model.dropout = 0;
    config.optimizer.learning_rate = 2e-3;
    config.schedule.kind = nn::ScheduleKind::kCosine;
    config.schedule.warmup_steps = 50;
    return config;
  }
  if (name == "cnn" || name == "mlp") {
    config.model = ModelConfig::of(name == "cnn" ? ModelKind::kCnn : ModelKind::kMlp);
    return config;
  }
  return std::nullopt;
}

}  // namespace vitrine::train
