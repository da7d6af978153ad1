// Models, optimizers and schedules against PyTorch (tests/reference/make_training.py), in double.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/io/json_fields.h"
#include "engine/io/json_text.h"
#include "engine/nn/batch_pass.h"
#include "engine/nn/optimizer.h"
#include "engine/nn/schedule.h"
#include "engine/train/models.h"

namespace vitrine::train {
namespace {

using core::Tensor;
using nlohmann::json;

json cases_of(const std::string& name) {
  return json::parse(std::ifstream(VITRINE_REFERENCE "/training/" + name));
}

Tensor<double> tensor(const json& values) { return io::numbers_from(values, io::NamedNumbers::kRefuse); }

// The same shape, and numbers within 1e-9 of the larger one (or of 1).
void expect_close(const Tensor<double>& found, const Tensor<double>& expected, const std::string& place) {
  ASSERT_EQ(found.shape(), expected.shape()) << place;
  for (Index i = 0; i < found.count(); ++i)
    EXPECT_NEAR(found[i], expected[i], 1e-9 * std::max(1.0, std::abs(expected[i]))) << place << " " << i;
}

// {name: numbers} into a flat buffer of the layout's order.
template <class T>
core::AlignedVector<T> flat(const nn::ParameterLayout& layout, const json& by_name) {
  core::AlignedVector<T> values(static_cast<std::size_t>(layout.size()));
  EXPECT_EQ(by_name.size(), layout.infos().size());
  for (const nn::ParameterInfo& info : layout.infos()) {
    const Tensor<double> given = tensor(by_name.at(info.name));
    Tensor<T> rounded(given.shape());
    std::copy(given.values().begin(), given.values().end(), rounded.data());
    nn::set_parameter<T>(info, rounded, values);
  }
  return values;
}

// A model with PyTorch's weights; images [..., channels, height, width].
template <class T>
struct Given {
  Given(const json& example, const Tensor<double>& images)
      : model([&] {
          TrainConfig config;
          io::from_json(json{{"model", example["config"]}}.dump(), config, io::Unknown::kRefuse);
          const auto rank = images.shape().rank();
          return make_model<T>(config.model,
                               {images.size(rank - 3), images.size(rank - 2), images.size(rank - 1)},
                               example["classes"].get<Index>());
        }()),
        weights(nn::Weights<T>::initial(model->layout(), 0)),
        pixels(images.values().begin(), images.values().end()) {
    weights.values = flat<T>(model->layout(), example["weights"]);
    weights.refresh_all(model->layout());
  }

  std::unique_ptr<const nn::Model<T>> model;
  nn::Weights<T> weights;
  std::vector<T> pixels;
};

TEST(TorchReference, ModelsHaveItsLogitsLossAndGradients) {
  const json cases = cases_of("models.json");
  ASSERT_EQ(cases.size(), 8u);
  core::Workers workers(2);
  for (const json& example : cases) {
    const std::string name = example["name"];
    const Given<double> given(example, tensor(example["images"]));
    nn::BatchPass<double> batch(*given.model, workers);
    const auto labels = example["labels"].get<std::vector<std::uint8_t>>();
    const json& expected = example["expected"];
    const Tensor<double> logits = tensor(expected["logits"]);
    for (Index i = 0; i < logits.size(0); ++i)
      batch.look(given.weights, given.pixels.data() + i * given.model->image().count(), [&](const auto& at) {
        for (Index v = 0; v < logits.size(1); ++v) EXPECT_NEAR(at.logits[v], logits(i, v), 1e-9) << name;
      });
    const auto found = batch.loss_and_gradient(given.weights, given.pixels.data(), labels, {});
    EXPECT_NEAR(found.loss, expected["loss"].get<double>(), 1e-9) << name;
    std::size_t trained = 0;
    for (const nn::ParameterInfo& info : given.model->layout().infos()) {
      if (!info.trains) continue;
      ++trained;
      expect_close(nn::parameter<double>(info, batch.gradient()), tensor(expected["gradients"].at(info.name)),
                   name + " " + info.name);
    }
    EXPECT_EQ(trained, expected["gradients"].size()) << name;
  }
}

template <class T>
void expect_losses(double tolerance) {
  const json example = cases_of("losses.json")[0];
  const Tensor<double> images = tensor(example["images"]);  // [batches, batch, channels, height, width]
  Given<T> given(example, images);
  core::Workers workers(2);
  nn::BatchPass<T> batch(*given.model, workers);
  nn::Optimizer<T> optimizer(given.model->layout());
  nn::UpdateRule rule;
  rule.learning_rate = example["learning_rate"];
  rule.weight_decay = example["weight_decay"];
  const auto batches = static_cast<std::size_t>(images.size(0));
  const std::size_t numbers = given.pixels.size() / batches;
  ASSERT_EQ(example["expected"].size(), 100u);
  for (std::size_t step = 0; step < 100; ++step) {
    const auto labels = example["labels"][step % batches].get<std::vector<std::uint8_t>>();
    const double loss =
        batch.loss_and_gradient(given.weights, given.pixels.data() + step % batches * numbers, labels, {})
            .loss;
    ASSERT_NEAR(loss, example["expected"][step].get<double>(), tolerance) << step;
    optimizer.update(rule, batch.gradient().data(), 1, workers, given.weights);
  }
}

TEST(TorchReference, AHundredLossesUnderAdamW) {
  expect_losses<double>(1e-9);
  expect_losses<float>(1e-4);
}

TEST(TorchReference, OptimizersTakeItsSteps) {
  const json cases = cases_of("optimizers.json");
  ASSERT_EQ(cases.size(), 18u);
  core::Workers workers(1);
  for (const json& example : cases) {
    TrainConfig config;
    io::from_json(json{{"optimizer", example["optimizer"]}}.dump(), config, io::Unknown::kRefuse);
    const OptimizerConfig& o = config.optimizer;
    const nn::UpdateRule rule{o.kind, o.learning_rate, o.betas[0],    o.betas[1],
                              o.eps,  o.momentum,      o.weight_decay};
    nn::ParameterLayout layout;
    layout.add({"weight", {2, 3}, nn::Initial::kZero, 0, true});
    layout.add({"bias", {3}, nn::Initial::kZero});
    auto weights = nn::Weights<double>::initial(layout, 0);
    weights.values = flat<double>(layout, example["weights"]);
    nn::Optimizer<double> optimizer(layout);
    for (std::size_t step = 0; step < example["expected"].size(); ++step) {
      const auto gradient = flat<double>(layout, example["gradients"][step]);
      double squares = 0;
      for (const double g : gradient) squares += g * g;
      optimizer.update(rule, gradient.data(), nn::clip_factor(std::sqrt(squares), o.clip_norm), workers,
                       weights);
      for (const nn::ParameterInfo& info : layout.infos())
        expect_close(nn::parameter<double>(info, weights.values),
                     tensor(example["expected"][step].at(info.name)),
                     example["optimizer"].dump() + " step " + std::to_string(step) + " " + info.name);
    }
  }
}

TEST(TorchReference, SchedulesHaveItsRates) {
  const json cases = cases_of("schedules.json");
  ASSERT_EQ(cases.size(), 9u);
  for (const json& example : cases) {
    TrainConfig config;
    io::from_json(json{{"schedule", example["schedule"]}}.dump(), config, io::Unknown::kRefuse);
    const nn::Schedule schedule{config.schedule.kind, config.schedule.warmup_steps,
                                example["total_steps"].get<Index>(), config.schedule.min_learning_rate};
    const json& expected = example["expected"];
    ASSERT_EQ(expected.size(), example["total_steps"].get<std::size_t>());
    for (std::size_t step = 0; step < expected.size(); ++step)
      EXPECT_NEAR(schedule.rate(example["learning_rate"], static_cast<Index>(step)),
                  expected[step].get<double>(), 1e-12)
          << example["schedule"] << " step " << step;
  }
}

}  // namespace
}  // namespace vitrine::train
