// Trainer: one run, step by step, without a thread of its own. It alone owns model, optimizer, the order of
// the data and the random state. Every random number is a function of (seed, step), so the same configuration
// gives the same bits whatever the number of threads.
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/nn/batch_pass.h"
#include "engine/train/config.h"
#include "engine/train/dataset.h"
#include "engine/train/evaluation.h"
#include "engine/train/health.h"

namespace vitrine::train {

// kQuick: over the first kQuickImages of the validation, so that a curve exists before the first epoch ends.
inline constexpr Index kQuickImages = 256;
enum class MetricSplit { kTrain, kValidation, kQuick };

struct MetricPoint {
  std::int64_t run_id = 0;
  Index step = 0;   // updates done, this one included: the first is 1
  Index epoch = 0;  // that the step belongs to: the first is 1
  MetricSplit split = MetricSplit::kTrain;
  double loss = 0;           // nats, mean over the images
  double accuracy = 0;       // 0 to 1; kTrain: of this step's batch, under dropout
  double learning_rate = 0;  // of this step
  double grad_norm = 0;      // before clipping; 0 but for kTrain
  double images_per_second = 0;
  double seconds = 0;  // of work since the run began, pauses left out
};

// A NaN or infinite loss or gradient. The trainer is back at the last good state that was kept.
class Divergence : public std::runtime_error {
 public:
  // "diverged at step 12: loss nan, first bad tensor blocks.0.attn weights"
  Divergence(Index step, double loss, std::string tensor);

  Index step() const { return step_; }                   // that could not be done, or be validated
  const std::string& tensor() const { return tensor_; }  // the first that is not finite; empty: none found

 private:
  Index step_;
  std::string tensor_;
};

struct TrainerOptions {
  std::int64_t run_id = 0;
  bool quick_evaluations = false;  // kQuick points now and then
  bool health = false;             // of the steps that is_examined() names
};

// The images that one update learns from, as the model sees them just before it.
struct Batch {
  std::int64_t run_id = 0;
  Index step = 0, epoch = 0;           // of the update: the first is 1
  std::vector<std::uint32_t> images;   // [batch] numbers among the training images
  core::Tensor<std::uint8_t> pixels;   // [batch, channels, height, width]
  std::vector<std::uint8_t> labels;    // [batch]
  std::vector<double> losses;          // [batch] nats, under the update's dropout: their mean is its loss
  core::Tensor<float> probabilities;   // [batch, classes], without dropout
  std::vector<double> gradient_norms;  // of the update, before clipping; as tensor_norms (inside.h)
};

// All that a run's further steps depend on, beside its configuration and data: whoever restores it goes on
// with the same bits.
struct TrainerState {
  Index step = 0, epoch = 0;  // done
  Index position = 0;         // training images taken in this epoch
  bool validating = false;    // the validation at an epoch's end is still to do
  HyperParams hyper;
  double learning_rate = 0;  // of the last step
  double seconds = 0;        // of work
  core::AlignedVector<float> values;
  nn::Moments<float> moments;

  bool operator==(const TrainerState&) const = default;
};

// The weights whose values a state or a KeptStep holds. Throws ShapeError for another model's.
nn::Weights<float> weights_of(const nn::Model<float>& model, const core::AlignedVector<float>& values);

class Trainer {
 public:
  // Throws std::invalid_argument with every problem of the configuration, also when it would need more than
  // half of the free memory.
  Trainer(const TrainConfig& config, std::shared_ptr<const Dataset> dataset, core::Workers& workers,
          const TrainerOptions& options = {});

  // The next piece of work, some ten milliseconds of it: an update, or some validation images. Nothing when
  // the piece ended without a point. Throws Divergence; then, and when done(), there is nothing left to do.
  std::optional<MetricPoint> advance();
  bool done() const { return step_ > 0 && epoch_ == config_.epochs && !validation_; }

  // The evaluation under way or due, if there is one, is left out.
  void skip_validation() { validation_.reset(); }

  // From the next step. Throws std::invalid_argument with every problem.
  void set(const HyperParams& hyper);

  // A validation under way counts as not begun.
  TrainerState state() const;
  // Throws ShapeError when the state is of another model, std::invalid_argument when of other data or when
  // its hyperparameters are impossible.
  void restore(const TrainerState& state);

  // What the next update will learn from; changes nothing. Throws std::invalid_argument when there is none.
  Batch next_batch();

  const TrainConfig& config() const { return config_; }  // with every change made by set()
  const Dataset& dataset() const { return *dataset_; }
  const nn::Model<float>& model() const { return *model_; }
  const nn::Weights<float>& weights() const { return weights_; }
  // Of the last update, or of one that diverged; null where it was not asked for or not examined.
  const Health* health() const { return health_ ? &*health_ : nullptr; }
  Index step() const { return step_; }    // updates done
  Index epoch() const { return epoch_; }  // epochs done
  // Of an epoch that is taken in batches of today's size, all of them and those still to do in this one.
  Index steps_of_epoch() const;
  Index steps_left_of_epoch() const;
  Index steps_left() const;                                                      // of all epochs, likewise
  Index images() const { return epoch_ * dataset_->train.count() + position_; }  // learnt from, all epochs
  double images_per_second() const { return images_per_second_; }
  double seconds() const { return seconds_; }  // of work

 private:
  // A pass over the first validation images, under way.
  struct Validation {
    MetricSplit split;
    Evaluator evaluator;
  };

  Index next_count() const;  // images of the next update
  MetricPoint update();
  // Of the last batch's gradient and of weights that were `before`.
  void examine(Index step, std::span<const float> before);
  // Goes back to the last good state and throws Divergence; `images` are those that the loss is of.
  [[noreturn]] void diverge(Index step, double loss, std::span<const float> images);
  std::optional<MetricPoint> validate_some();
  void begin_validation(MetricSplit split, Index most);
  // Reads training images first .. first + count - 1 of this epoch's order, normalised, into images_ and
  // labels_.
  void gather(Index first, Index count);
  nn::DropoutDraw dropout_draw() const;
  nn::Schedule schedule() const;

  TrainConfig config_;
  TrainerOptions options_;
  std::shared_ptr<const Dataset> dataset_;
  core::Workers& workers_;
  std::unique_ptr<const nn::Model<float>> model_;
  nn::Weights<float> weights_;
  nn::BatchPass<float> batch_;
  nn::Optimizer<float> optimizer_;
  std::vector<std::uint32_t> order_;  // of the training images in this epoch
  std::vector<float> images_;         // [batch, channels, height, width]
  std::vector<std::uint8_t> labels_;  // [batch]
  std::optional<Validation> validation_;
  Index step_ = 0, epoch_ = 0;
  Index position_ = 0;  // training images taken in this epoch
  double learning_rate_ = 0, seconds_ = 0, images_per_second_ = 0;
  std::optional<Health> health_;
  TrainerState last_good_;  // of at most kKeepEvery steps ago; last, since it is a copy of the others
};

// How many threads a run may use: config.threads, or all that there are but `reserved`; at least 1.
int threads_for(const TrainConfig& config, int reserved);

}  // namespace vitrine::train
