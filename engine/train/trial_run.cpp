#include "engine/train/trial_run.h"

#include <cmath>

namespace vitrine::train {

TrialRun::TrialRun(const TrainConfig& config, std::shared_ptr<const Dataset> dataset, core::Workers& workers,
                   Index target, const TrainerState* from, Index validated)
    : workers_(workers),
      trainer_(config, std::move(dataset), workers),
      target_(target),
      validated_(validated) {
  if (from == nullptr) return;
  trainer_.restore(*from);
  learning_rate_ = from->learning_rate;
  seconds_ = from->seconds;
}

bool TrialRun::at_end() const {
  const bool all_epochs = trainer_.step() > 0 && trainer_.epoch() == trainer_.config().epochs;
  return all_epochs || (target_ > 0 && trainer_.step() >= target_);
}

std::optional<MetricPoint> TrialRun::advance() {
  if (done()) return std::nullopt;
  if (at_end() && !epoch_ended()) return validate_some();
  const auto point = trainer_.advance();
  if (!point) return std::nullopt;
  if (point->split == MetricSplit::kValidation) validated_ = point->step;
  learning_rate_ = point->learning_rate;
  seconds_ = point->seconds;
  return point;
}

std::optional<MetricPoint> TrialRun::validate_some() {
  const Split& images = trainer_.dataset().validation;
  if (!validation_)
    validation_.reset(new Validation{nn::BatchPass<float>(trainer_.model(), workers_),
                                     Evaluator(trainer_.dataset(), images, images.count())});
  auto& [batch, evaluator] = *validation_;
  const double loss = evaluator.advance(batch, trainer_.weights());
  if (!std::isfinite(loss)) {
    const auto piece = evaluator.piece();
    const Index count = std::ssize(piece) / trainer_.model().image().count();
    throw Divergence(trainer_.step() + 1, loss, batch.first_bad(trainer_.weights(), piece.data(), count));
  }
  if (!evaluator.done()) return std::nullopt;
  const Evaluation found = std::move(evaluator).result();
  validation_.reset();
  validated_ = trainer_.step();
  MetricPoint point{0,          validated_,    trainer_.epoch() + 1, MetricSplit::kValidation,
                    found.loss, found.accuracy};
  point.learning_rate = learning_rate_;
  point.images_per_second = trainer_.images_per_second();
  point.seconds = seconds_;
  return point;
}

}  // namespace vitrine::train
