#include "engine/train/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "engine/core/rng.h"
#include "engine/core/text.h"
#include "engine/nn/cross_entropy.h"
#include "engine/nn/vit.h"
#include "engine/train/inside.h"
#include "engine/train/memory_needs.h"
#include "engine/train/models.h"

namespace vitrine::train {
namespace {

constexpr Index kQuickEvery = 100;    // steps
constexpr Index kKeepEvery = 50;      // steps between copies of good weights
constexpr double kRateMemory = 0.95;  // of the images a second, per step

std::unique_ptr<const nn::Model<float>> checked_model(const TrainConfig& config, const Dataset& dataset,
                                                      int threads) {
  refuse(validate(config));
  refuse(validate(config.model, dataset.height(), dataset.width()));
  auto model = make_model<float>(config.model, {dataset.channels(), dataset.height(), dataset.width()},
                                 dataset.classes);
  refuse_too_large(memory_needs(*model, threads, config.batch_size).total(),
                   config.model.kind == ModelKind::kVit ? "embed_dim, depth, mlp_dim or batch_size"
                                                        : "filters, units or batch_size");
  return model;
}

std::uint64_t seed_of(const TrainConfig& config) { return static_cast<std::uint64_t>(config.seed); }

std::vector<std::uint32_t> order_of(const TrainConfig& config, const Dataset& dataset, Index epoch) {
  return core::Rng(seed_of(config), core::RngStream::kShuffle)
      .permutation(static_cast<std::uint32_t>(dataset.train.count()), static_cast<std::uint64_t>(epoch));
}

}  // namespace

Divergence::Divergence(Index step, double loss, std::string tensor)
    : std::runtime_error("diverged at step " + std::to_string(step) + ": loss " +
                         core::exact(std::abs(loss)) + ", first bad tensor " + tensor),
      step_(step),
      tensor_(std::move(tensor)) {}

int threads_for(const TrainConfig& config, int reserved) {
  if (config.threads > 0) return static_cast<int>(config.threads);
  return std::max(1, core::available_threads() - reserved);
}

nn::Weights<float> weights_of(const nn::Model<float>& model, const core::AlignedVector<float>& values) {
  const nn::ParameterLayout& layout = model.layout();
  if (static_cast<Index>(values.size()) != layout.size())
    throw core::ShapeError("a state of " + std::to_string(values.size()) + " numbers for a model of " +
                           std::to_string(layout.size()));
  nn::Weights<float> weights;
  weights.values = values;
  weights.transposed.resize(static_cast<std::size_t>(layout.transposed_size()));
  weights.refresh_all(layout);
  return weights;
}

Trainer::Trainer(const TrainConfig& config, std::shared_ptr<const Dataset> dataset, core::Workers& workers,
                 const TrainerOptions& options)
    : config_(config),
      options_(options),
      dataset_(std::move(dataset)),
      workers_(workers),
      model_(checked_model(config_, *dataset_, workers.threads())),
      weights_(nn::Weights<float>::initial(model_->layout(), seed_of(config_))),
      batch_(*model_, workers),
      optimizer_(model_->layout()),
      order_(order_of(config_, *dataset_, 0)),
      last_good_(state()) {}

void Trainer::set(const HyperParams& hyper) {
  refuse(validate(hyper));
  config_.set(hyper);
}

TrainerState Trainer::state() const {
  const bool validating = validation_ && validation_->split == MetricSplit::kValidation;
  return {step_,          epoch_,   position_,       validating,          config_.hyper(),
          learning_rate_, seconds_, weights_.values, optimizer_.moments()};
}

void Trainer::restore(const TrainerState& state) {
  nn::Weights<float> weights = weights_of(*model_, state.values);
  if (state.step < 0 || state.epoch < 0 || state.epoch > config_.epochs || state.position < 0 ||
      state.position >= dataset_->train.count())
    throw std::invalid_argument("a state at step " + std::to_string(state.step) + ", epoch " +
                                std::to_string(state.epoch) + ", image " + std::to_string(state.position) +
                                " that this run's data cannot be at");
  set(state.hyper);
  optimizer_.restore(state.moments);
  weights_ = std::move(weights);
  if (epoch_ != state.epoch) order_ = order_of(config_, *dataset_, state.epoch);
  step_ = state.step;
  epoch_ = state.epoch;
  position_ = state.position;
  learning_rate_ = state.learning_rate;
  seconds_ = state.seconds;
  validation_.reset();
  if (state.validating) begin_validation(MetricSplit::kValidation, dataset_->validation.count());
  if (&state != &last_good_) last_good_ = state;
}

Index Trainer::next_count() const {
  return std::min<Index>(config_.batch_size, dataset_->train.count() - position_);
}

Batch Trainer::next_batch() {
  if (epoch_ == config_.epochs) throw std::invalid_argument("no batch after a run's last");
  const Index count = next_count(), classes = dataset_->classes;
  const Index bytes = model_->image().count();
  gather(position_, count);
  batch_.loss_and_gradient(weights_, images_.data(), labels_, dropout_draw());
  Batch batch{
      options_.run_id,
      step_ + 1,
      epoch_ + 1,
      {order_.begin() + position_, order_.begin() + position_ + count},
      core::Tensor<std::uint8_t>({count, dataset_->channels(), dataset_->height(), dataset_->width()}),
      labels_,
      {},
      core::Tensor<float>({count, classes}),
      tensor_norms(model_->layout(), batch_.gradient())};
  for (const nn::ImageLoss& image : batch_.losses()) batch.losses.push_back(image.loss);
  for (Index i = 0; i < count; ++i) {
    const auto image = static_cast<Index>(batch.images[static_cast<std::size_t>(i)]);
    std::copy_n(dataset_->train.images.data() + image * bytes, bytes, batch.pixels.data() + i * bytes);
    batch_.look(weights_, images_.data() + i * bytes, [&](const auto& at) {
      nn::softmax(at.logits, classes, batch.probabilities.data() + i * classes);
    });
  }
  return batch;
}

std::optional<MetricPoint> Trainer::advance() {
  if (done()) return std::nullopt;
  const auto begin = std::chrono::steady_clock::now();
  const bool validating = validation_.has_value();
  auto point = validating ? validate_some() : update();
  const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  seconds_ += elapsed;
  if (!validating) {
    const double rate = static_cast<double>(labels_.size()) / std::max(elapsed, 1e-9);
    images_per_second_ =
        images_per_second_ == 0 ? rate : kRateMemory * images_per_second_ + (1 - kRateMemory) * rate;
  }
  if (point) {
    point->images_per_second = images_per_second_;
    point->seconds = seconds_;
  }
  return point;
}

MetricPoint Trainer::update() {
  const HyperParams hyper = config_.hyper();
  const Index count = next_count();
  gather(position_, count);
  const auto [loss, correct, grad_norm] =
      batch_.loss_and_gradient(weights_, images_.data(), labels_, dropout_draw());
  health_.reset();
  if (!std::isfinite(loss) || !std::isfinite(grad_norm)) {
    if (options_.health) examine(step_ + 1, weights_.values);
    diverge(step_ + 1, loss, images_);
  }
  if (step_ % kKeepEvery == 0) last_good_ = state();
  core::AlignedVector<float> before;
  if (options_.health && is_examined(step_ + 1)) before = weights_.values;

  const OptimizerConfig& o = config_.optimizer;
  learning_rate_ = schedule().rate(hyper.learning_rate, step_);
  const nn::UpdateRule rule{o.kind, learning_rate_, o.betas[0],    o.betas[1],
                            o.eps,  o.momentum,     o.weight_decay};
  optimizer_.update(rule, batch_.gradient().data(), nn::clip_factor(grad_norm, hyper.clip_norm), workers_,
                    weights_);

  ++step_;
  if (!before.empty()) examine(step_, before);
  position_ += count;
  const double accuracy = static_cast<double>(correct) / static_cast<double>(count);
  const MetricPoint point{options_.run_id, step_,          epoch_ + 1, MetricSplit::kTrain, loss,
                          accuracy,        learning_rate_, grad_norm};
  if (position_ == dataset_->train.count()) {
    position_ = 0;
    ++epoch_;
    order_ = order_of(config_, *dataset_, epoch_);
    begin_validation(MetricSplit::kValidation, dataset_->validation.count());
  } else if (options_.quick_evaluations && step_ % kQuickEvery == 0) {
    begin_validation(MetricSplit::kQuick, kQuickImages);
  }
  return point;
}

void Trainer::examine(Index step, std::span<const float> before) {
  health_ = {options_.run_id, step, std::ssize(labels_),
             health_of(model_->layout(), before, weights_.values, batch_.gradient())};
}

void Trainer::diverge(Index step, double loss, std::span<const float> images) {
  const Index count = static_cast<Index>(images.size()) / model_->image().count();
  std::string tensor = batch_.first_bad(weights_, images.data(), count);
  restore(last_good_);
  throw Divergence(step, loss, std::move(tensor));
}

void Trainer::begin_validation(MetricSplit split, Index most) {
  const Split& images = dataset_->validation;
  validation_ = Validation{split, {*dataset_, images, std::min(most, images.count())}};
}

std::optional<MetricPoint> Trainer::validate_some() {
  auto& [split, evaluator] = *validation_;
  const double loss = evaluator.advance(batch_, weights_);
  if (!std::isfinite(loss)) diverge(step_ + 1, loss, evaluator.piece());
  if (!evaluator.done()) return std::nullopt;
  const Evaluation found = std::move(evaluator).result();
  const Index epoch = split == MetricSplit::kValidation ? epoch_ : epoch_ + 1;
  const MetricPoint point{options_.run_id, step_, epoch, split, found.loss, found.accuracy, learning_rate_};
  validation_.reset();
  return point;
}

void Trainer::gather(Index first, Index count) {
  const Split& split = dataset_->train;
  const Index pixels = model_->image().count();
  images_.resize(static_cast<std::size_t>(count * pixels));
  labels_.resize(static_cast<std::size_t>(count));
  for (Index i = 0; i < count; ++i) {
    const auto image = static_cast<Index>(order_[static_cast<std::size_t>(first + i)]);
    dataset_->normalise(split.images.data() + image * pixels, pixels, images_.data() + i * pixels);
    labels_[static_cast<std::size_t>(i)] = split.labels[image];
  }
}

nn::DropoutDraw Trainer::dropout_draw() const {
  return {config_.model.dropout, seed_of(config_), static_cast<std::uint64_t>(step_)};
}

Index Trainer::steps_of_epoch() const { return core::divide_up(dataset_->train.count(), config_.batch_size); }

Index Trainer::steps_left_of_epoch() const {
  return core::divide_up(dataset_->train.count() - position_, config_.batch_size);
}

Index Trainer::steps_left() const {
  const Index epochs_left = config_.epochs - epoch_;
  return epochs_left == 0 ? 0 : (epochs_left - 1) * steps_of_epoch() + steps_left_of_epoch();
}

nn::Schedule Trainer::schedule() const {
  return {config_.schedule.kind, config_.schedule.warmup_steps, steps_of_epoch() * config_.epochs,
          config_.schedule.min_learning_rate};
}

}  // namespace vitrine::train
