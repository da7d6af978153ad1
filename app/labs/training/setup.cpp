#include "app/labs/training/setup.h"

#include <algorithm>
#include <array>

#include "app/labs/stack_controls.h"
#include "app/labs/workbench/differences.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using nn::LayerKind;
using nn::LayerSpec;
using nn::OptimizerKind;
using train::DatasetKind;
using train::ModelConfig;
using train::ModelKind;
using train::TrainConfig;
using widgets::Controls;
using widgets::Role;

namespace {

void schedule(Controls& c, TrainConfig& config) {
  auto& schedule = config.schedule;
  c.choice(
      "Schedule", schedule.kind, train::kScheduleKinds, nn::ScheduleKind::kConstant,
      "How the learning rate goes on behind the warm-up: it stays, or falls to the run's end along half a "
      "cosine or a line. Changed while it runs it holds as if from the first step");
  c.integer("Warm-up steps", schedule.warmup_steps, {0, 100'000, 0},
            "The learning rate rises from 0 over so many steps, for as long as gradients are wild");
  if (schedule.kind == nn::ScheduleKind::kConstant) return;
  c.real("Lowest rate", schedule.min_learning_rate,
         {.low = 1e-7, .high = 1, .reset = 0, .step = 1e-5, .logarithmic = true, .or_zero = true},
         "The learning rate at the run's end");
}

void data(Controls& c, train::DatasetConfig& dataset) {
  c.section("Data: with the next reset");
  c.choice("Data set", dataset.kind, train::kDatasetKinds, DatasetKind::kFashionMnist,
           "digits and shapes are generated; Fashion-MNIST is a Debian package; `vitrine data fetch mnist` "
           "brings MNIST; other IDX files and folders of pictures are yours to bring");
  if (dataset.kind != DatasetKind::kDigits && dataset.kind != DatasetKind::kShapes)
    c.text("Folder", dataset.path,
           "Of the IDX files or pictures; empty = the usual places. A folder dropped on the window does the "
           "same");
  c.integer("Images", dataset.train_limit, {0, 1'000'000, 0}, "The first so many to train on; 0 = all");
  c.integer("To validate", dataset.validation_limit, {0, 1'000'000, 0},
            "The first so many images that it never learns from, to see what it makes of new ones; 0 = all");
}

void vit(Controls& c, ModelConfig& model) {
  const ModelConfig reset;
  c.integer("Patch size", model.patch_size, {1, 64, reset.patch_size, "px"},
            "A patch of so many pixels across is one token; it must divide the picture's height and width");
  c.integer("Embed dim", model.embed_dim, {2, 512, reset.embed_dim}, "Numbers a token is described by");
  c.integer("Depth", model.depth, {1, 24, reset.depth, "blocks"},
            "Encoder blocks, each an attention and an MLP");
  c.integer("Heads", model.heads, {1, 16, reset.heads}, "Of each attention: so many ways to look at once");
  c.integer("Head dim", model.head_dim, {0, 128, reset.head_dim},
            "Numbers a head compares; 0 = embed dim / heads");
  c.integer("MLP dim", model.mlp_dim, {1, 2048, reset.mlp_dim},
            "Hidden units of a block's two-layer network");
  c.toggle("QKV bias", model.qkv_bias, reset.qkv_bias,
           "A bias in the products that make queries, keys and values");
  c.choice("Pool", model.pool, train::kPools, reset.pool,
           "What the answer is read from: a class token, or the mean of all tokens");
  c.choice("Positions", model.positions, train::kPositions, reset.positions,
           "How a token knows where it is from: a learned table, waves, or not at all");
}

std::string layer_name(const LayerSpec& layer) {
  const std::string kind(nn::kLayerKinds[static_cast<std::size_t>(layer.kind)]);
  if (layer.kind == LayerKind::kConv) return kind + " " + std::to_string(layer.filters);
  return layer.kind == LayerKind::kDense ? kind + " " + std::to_string(layer.units) : kind;
}

void layer_controls(Controls& c, LayerSpec& layer, ModelKind model) {
  // An MLP has the kinds without a window.
  static constexpr std::array kOfMlp{LayerKind::kRelu, LayerKind::kGelu, LayerKind::kDense,
                                     LayerKind::kDropout};
  static constexpr std::array<std::string_view, 4> kMlpNames{"relu", "gelu", "dense", "dropout"};
  LayerKind kind = layer.kind;
  const std::string_view help =
      "conv: filters over an image; relu, gelu: what is negative is cut or damped; pool: one number of each "
      "window; dense: each of all; dropout: some are set to zero while it learns";
  const auto place = std::find(kOfMlp.begin(), kOfMlp.end(), kind);
  if (model == ModelKind::kMlp && place != kOfMlp.end()) {
    int index = static_cast<int>(place - kOfMlp.begin());
    c.choice("Kind", index, kMlpNames, index, help);
    kind = kOfMlp[static_cast<std::size_t>(index)];
  } else {
    c.choice("Kind", kind, nn::kLayerKinds, kind, help);
  }
  if (kind != layer.kind) layer = LayerSpec::of(kind);
  const LayerSpec reset = LayerSpec::of(kind);
  if (kind == LayerKind::kConv)
    c.integer("Filters", layer.filters, {1, 1024, reset.filters}, "Channels that come out, a kernel each");
  if (layer.windowed()) {
    c.integer("Kernel", layer.kernel, {1, 64, reset.kernel, "px"}, "The window's height and width");
    c.integer("Stride", layer.stride, {1, 64, reset.stride, "px"}, "From one window to the next");
    c.integer(
        "Padding", layer.padding, {0, 64, reset.padding, "px"},
        kind == LayerKind::kConv ? "Zeros around the image" : "Around the image; at most half a kernel");
  }
  if (kind == LayerKind::kDense)
    c.integer("Units", layer.units, {1, 65'536, reset.units},
              "Numbers that come out, each of all that go in");
  if (kind == LayerKind::kConv || kind == LayerKind::kDense)
    c.toggle("Frozen", layer.frozen, false, "The weights stay as they were drawn, and only others learn");
}

void layers(Controls& c, ModelConfig& model, SetupView& view) {
  constexpr StackLimits kLimits{.least = 0, .most = 64};
  std::vector<std::string> names;
  for (const LayerSpec& layer : model.layers) names.push_back(layer_name(layer));
  const LayerSpec fresh = model.kind == ModelKind::kCnn ? LayerSpec() : LayerSpec::of(LayerKind::kDense);
  stack_controls(c, names, model.layers, view.layer, fresh, kLimits);
  if (!model.layers.empty())
    layer_controls(c, model.layers[static_cast<std::size_t>(view.layer)], model.kind);
  c.note(model.layers.empty() ? "No layer: pixels go straight to the classes."
                              : "A linear head to the classes follows the last layer.");
}

void model(Controls& c, ModelConfig& model, SetupView& view) {
  c.section("Model: with the next reset");
  ModelKind kind = model.kind;
  c.choice(
      "Model", kind, train::kModelKinds, ModelKind::kVit,
      "A Vision Transformer, a convolutional network, or a multilayer perceptron. Another begins with its "
      "own defaults");
  if (kind != model.kind) model = ModelConfig::of(kind);
  if (kind == ModelKind::kVit)
    vit(c, model);
  else
    layers(c, model, view);
}

void optimizer(Controls& c, train::OptimizerConfig& optimizer) {
  c.section("Optimizer: with the next reset");
  c.choice("Optimizer", optimizer.kind, train::kOptimizerKinds, OptimizerKind::kAdamW,
           "sgd: against the gradient; adam: each weight at its own pace; adamw: and weight decay beside it");
  if (optimizer.kind == OptimizerKind::kSgd) {
    c.real("Momentum", optimizer.momentum, {0, 0.999, 0, 0.05},
           "How much of the last update goes into the next; 0 = none");
    return;
  }
  c.matrix(
      "Betas", optimizer.betas, Role::kText,
      "How much of their past the means of the gradient and of its square keep, below 1: usually 0.9 and "
      "0.999");
  c.real("Epsilon", optimizer.eps,
         {.low = 1e-12, .high = 1e-2, .reset = 1e-8, .step = 1e-8, .logarithmic = true, .or_zero = true},
         "Added to the root of the mean square that an update is divided by");
}

void run(Controls& c, TrainConfig& config) {
  c.section("Run: with the next reset");
  c.integer("Epochs", config.epochs, {1, 1000, TrainConfig().epochs}, "Passes over the training images");
  c.integer(
      "Seed", config.seed, {0, 1'000'000, 0},
      "Of the first weights, the order of the images and dropout: the same seed gives the same run, bit "
      "for bit");
  c.integer(
      "Threads", config.threads, {0, 64, 0},
      "That compute; 0 = all but one for the window. They change the speed and not a bit of the result");
}

}  // namespace

std::string waiting_words(const TrainConfig& run, const TrainConfig& edit) {
  constexpr std::string_view kAbsent = "–";
  TrainConfig reached = run;
  reached.set(edit.hyper());
  std::string words;
  for (const auto& [field, before, after] : differences(reached, edit))
    if (before != kAbsent && after != kAbsent)  // another kind of model or optimizer says so itself
      words += (words.empty() ? "" : ", ") + field + " " + before + " → " + after;
  return words;
}

void live_controls(Controls& c, TrainConfig& config) {
  auto& optimizer = config.optimizer;
  c.section("Live: from the next step on");
  const widgets::Notch notches[] = {{"1e−4", 1e-4}, {"1e−3", 1e-3}, {"1e−2", 1e-2}};
  c.real("Learning rate", optimizer.learning_rate,
         {1e-6, 10, train::OptimizerConfig().learning_rate, 1e-4, true},
         "How far one update moves the weights; of a schedule its highest", notches);
  schedule(c, config);
  c.real("Weight decay", optimizer.weight_decay, {0, 1, 0, 0.01},
         optimizer.kind == OptimizerKind::kAdamW
             ? "How much of each weight is taken away at every update, times the learning rate"
             : "How much of each weight is added to its gradient: large weights shrink");
  c.real("Clip norm", optimizer.clip_norm, {0, 10, 0, 0.1},
         "A gradient longer than this is shortened to it; 0 = never");
  c.real("Dropout", config.model.dropout, {0, 0.9, ModelConfig::of(config.model.kind).dropout, 0.05},
         config.model.kind == ModelKind::kVit
             ? "The share of activations that is set to zero while it learns"
             : "The share of activations that the layers of kind dropout set to zero while it learns");
  c.integer("Batch size", config.batch_size, {1, 512, 32},
            "Images an update learns from. More: fewer, steadier steps an epoch");
}

void setup_controls(Controls& c, TrainConfig& config, SetupView& view, const Priced& priced) {
  data(c, config.dataset);
  model(c, config.model, view);
  optimizer(c, config.optimizer);
  run(c, config);
  price_facts(c, priced, config.epochs);
}

}  // namespace vitrine::labs
