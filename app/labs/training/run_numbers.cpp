#include "app/labs/training/run_numbers.h"

#include <algorithm>
#include <limits>

namespace vitrine::labs {

using core::Tensor;
using lessons::number;
using train::TrainStatus;

namespace {

lessons::Value last_of(const widgets::CurvePyramid& curve) {
  return number(curve.empty() ? std::numeric_limits<double>::quiet_NaN() : curve.back().y);
}

lessons::Value vector_of(const std::vector<float>& values) {
  const Tensor<float> row({std::ssize(values)}, values);
  return row.cast<double>();
}

}  // namespace

lessons::Symbols run_numbers(const Workbench& bench) {
  if (!bench.snapshot() || bench.end_step() == 0) return {};
  const train::TrainSnapshot& s = *bench.snapshot();
  const train::TrainConfig& config = s.config;
  const auto& runs = bench.runs();
  const Curves fresh, &curves = runs.empty() || runs.back().id != s.run_id ? fresh : runs.back().curves;
  return {{"t", number(static_cast<double>(bench.at()))},
          {"step", number(static_cast<double>(s.step))},
          {"epoch", number(static_cast<double>(s.epoch))},
          {"last_step", number(static_cast<double>(bench.end_step()))},
          {"loss", last_of(curves.loss.raw())},
          {"mean_loss", last_of(curves.loss.smooth())},
          {"accuracy", last_of(curves.accuracy.raw())},
          {"mean_accuracy", last_of(curves.accuracy.smooth())},
          {"validation_loss", last_of(curves.validation_loss)},
          {"validation_accuracy", last_of(curves.validation_accuracy)},
          {"learning_rate", number(config.optimizer.learning_rate)},
          {"weight_decay", number(config.optimizer.weight_decay)},
          {"clip_norm", number(config.optimizer.clip_norm)},
          {"warmup_steps", number(static_cast<double>(config.schedule.warmup_steps))},
          {"batch_size", number(static_cast<double>(config.batch_size))},
          {"epochs", number(static_cast<double>(config.epochs))},
          {"dropout", number(config.model.dropout)},
          {"patch_size", number(static_cast<double>(config.model.patch_size))},
          {"embed_dim", number(static_cast<double>(config.model.embed_dim))},
          {"mlp_dim", number(static_cast<double>(config.model.mlp_dim))},
          {"depth", number(static_cast<double>(s.model.depth))},
          {"heads", number(static_cast<double>(s.model.heads))},
          {"tokens", number(static_cast<double>(s.model.tokens))},
          {"parameters", number(static_cast<double>(s.model.parameters))},
          {"running", number(s.status == TrainStatus::kRunning)},
          {"diverged", number(s.status == TrainStatus::kDiverged)},
          {"finished", number(s.status == TrainStatus::kDone)}};
}

lessons::Symbols look_numbers(const Looked& looked) {
  const train::Inside& inside = looked.inside;
  const auto guess = std::ranges::max_element(inside.probabilities) - inside.probabilities.begin();
  lessons::Symbols all{{"looked_at_step", number(static_cast<double>(looked.step))},
                       {"image", number(static_cast<double>(looked.image))},
                       {"label", number(static_cast<double>(looked.label))},
                       {"guess", number(static_cast<double>(guess))},
                       {"logits", vector_of(inside.logits)},
                       {"probabilities", vector_of(inside.probabilities)}};
  if (looked.label >= 0) all.emplace("probe_loss", number(inside.loss));
  return all;
}

}  // namespace vitrine::labs
