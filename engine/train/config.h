// What a training run is, as plain values: a configuration file, a preset, --set and the window's controls
// are all the same TrainConfig. The fields' names are those of the configuration file.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/fields.h"
#include "engine/nn/layer_spec.h"
#include "engine/nn/optimizer.h"
#include "engine/nn/schedule.h"
#include "engine/nn/vit.h"

namespace vitrine::train {

using core::Index;

enum class DatasetKind { kDigits, kShapes, kFashionMnist, kMnist, kIdx, kFolder };
inline constexpr std::array<std::string_view, 6> kDatasetKinds{"digits", "shapes", "fashion-mnist",
                                                               "mnist",  "idx",    "folder"};

// Of a user's own making: only `path` says where it is.
constexpr bool needs_path(DatasetKind kind) {
  return kind == DatasetKind::kIdx || kind == DatasetKind::kFolder;
}

struct DatasetConfig {
  DatasetKind kind = DatasetKind::kFashionMnist;
  std::string path;                   // a folder; empty: the usual places
  std::int64_t train_limit = 0;       // images; 0: all
  std::int64_t validation_limit = 0;  // images; 0: all

  void describe(core::Fields& f);
  bool operator==(const DatasetConfig&) const = default;
};

enum class ModelKind { kVit, kCnn, kMlp };
inline constexpr std::array<std::string_view, 3> kModelKinds{"vit", "cnn", "mlp"};
inline constexpr std::array<std::string_view, 2> kPools{"cls", "mean"};
inline constexpr std::array<std::string_view, 3> kPositions{"learned", "sinusoidal", "none"};

// Fields that a kind does not have keep their defaults.
struct ModelConfig {
  ModelKind kind = ModelKind::kVit;
  // vit
  std::int64_t patch_size = 7;
  std::int64_t embed_dim = 64;
  std::int64_t depth = 6;
  std::int64_t heads = 8;
  std::int64_t head_dim = 8;  // 0: embed_dim / heads
  std::int64_t mlp_dim = 128;
  bool qkv_bias = false;
  nn::Pool pool = nn::Pool::kClassToken;
  nn::Positions positions = nn::Positions::kLearned;
  // cnn, mlp: what stands before the linear head to the classes
  std::vector<nn::LayerSpec> layers;
  // all
  double dropout = 0.1;

  // The kind's defaults. cnn: two 5 x 5 convolutions, of 16 and 32 filters, each with ReLU and a 2 x 2 max
  // pooling; mlp: 256 hidden units with ReLU; both without dropout.
  static ModelConfig of(ModelKind kind);

  // Only the fields that the kind has; a change of the kind brings its defaults.
  void describe(core::Fields& f);
  bool operator==(const ModelConfig&) const = default;
  // The ViT for images of these sizes.
  nn::VitSizes sizes(Index channels, Index height, Index width, Index classes) const;
};

inline constexpr std::array<std::string_view, 3> kOptimizerKinds{"sgd", "adam", "adamw"};

struct OptimizerConfig {
  nn::OptimizerKind kind = nn::OptimizerKind::kAdamW;
  double learning_rate = 1e-3;
  core::Tensor<double> betas{core::Shape{2}, {0.9, 0.999}};
  double eps = 1e-8;
  double weight_decay = 0;
  double momentum = 0;   // SGD
  double clip_norm = 0;  // 0: off

  void describe(core::Fields& f);
  bool operator==(const OptimizerConfig&) const = default;
};

inline constexpr std::array<std::string_view, 3> kScheduleKinds{"constant", "cosine", "linear"};

struct ScheduleConfig {
  nn::ScheduleKind kind = nn::ScheduleKind::kConstant;
  std::int64_t warmup_steps = 0;
  double min_learning_rate = 0;

  void describe(core::Fields& f);
  bool operator==(const ScheduleConfig&) const = default;
};

// What may change while a run goes on, from the next step; all else needs a new run.
struct HyperParams {
  double learning_rate = 1e-3;  // the schedule's peak
  double weight_decay = 0;
  double clip_norm = 0;
  double dropout = 0.1;
  std::int64_t batch_size = 32;
  // Of the whole run: the step after s updates has the rate that this schedule gives step s, whichever held
  // before.
  ScheduleConfig schedule = {};

  bool operator==(const HyperParams&) const = default;
};

struct TrainConfig {
  DatasetConfig dataset;
  ModelConfig model;
  OptimizerConfig optimizer;
  ScheduleConfig schedule;
  std::int64_t batch_size = 32;
  std::int64_t epochs = 10;
  std::int64_t seed = 0;
  std::int64_t threads = 0;  // 0: all that the run may use

  void describe(core::Fields& f);
  bool operator==(const TrainConfig&) const = default;

  HyperParams hyper() const;
  void set(const HyperParams& hyper);
};

// Everything wrong with a configuration, one line each, naming field and values; empty: it can run.
// What depends on the images is checked where their size is known before they are loaded.
std::vector<std::string> validate(const TrainConfig& config);
// The same for a model over images of height x width.
std::vector<std::string> validate(const ModelConfig& model, Index height, Index width);
// The same for a change to a run that goes on.
std::vector<std::string> validate(const HyperParams& hyper);
// Throws std::invalid_argument with all of them in one line, if there are any.
void refuse(const std::vector<std::string>& problems);

// "homework": the exercise's model on MNIST with eight heads of 8; "homework-wide": with eight heads of 64;
// "homework-fine": with patches of 4 x 4 and a falling learning rate, slower and more accurate;
// "demo": generated digits and a small model, worth watching within seconds; "cnn", "mlp": those models on
// Fashion-MNIST.
std::optional<TrainConfig> preset(std::string_view name);
std::span<const std::string_view> preset_names();

}  // namespace vitrine::train
