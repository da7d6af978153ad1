// Seconds of training until a model classifies so much of the validation images rightly: the preset
// `homework` on the real MNIST. Counts the training steps alone: not loading, and not the evaluations, one
// every 50 steps over all validation images.
//
//     time_to_accuracy FOLDER [--preset homework] [--accuracy 0.94] [--threads 2] [--seeds 3]
//                      [--learning-rate 1e-3] [--batch 32]
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "engine/core/text.h"
#include "engine/train/trainer.h"

namespace {

using namespace vitrine;
using core::Index;

constexpr Index kEvaluateEvery = 50, kPiece = 100;

// Of all validation images, by the weights as they are.
double accuracy_of(const train::Trainer& trainer, nn::BatchPass<float>& pass) {
  const train::Dataset& data = trainer.dataset();
  const Index pixels = trainer.model().image().count(), images = data.validation.count();
  std::vector<float> normalised(static_cast<std::size_t>(kPiece * pixels));
  Index correct = 0;
  for (Index first = 0; first < images; first += kPiece) {
    const Index count = std::min(kPiece, images - first);
    data.normalise(data.validation.images.data() + first * pixels, count * pixels, normalised.data());
    const std::span labels(data.validation.labels.data() + first, static_cast<std::size_t>(count));
    correct += pass.loss(trainer.weights(), normalised.data(), labels).correct;
  }
  return static_cast<double>(correct) / static_cast<double>(images);
}

struct Run {
  double seconds;
  Index steps;
  double accuracy, images_per_second;
};

Run run(const train::TrainConfig& config, std::shared_ptr<const train::Dataset> data, double wanted,
        core::Workers& workers) {
  train::Trainer trainer(config, std::move(data), workers);
  nn::BatchPass<float> pass(trainer.model(), workers);
  Run out{};
  while (!trainer.done() && out.accuracy < wanted) {
    trainer.skip_validation();
    const auto point = trainer.advance();
    if (!point || point->step % kEvaluateEvery != 0) continue;
    out = {point->seconds, point->step, accuracy_of(trainer, pass), 0};
  }
  out.images_per_second = static_cast<double>(out.steps * config.batch_size) / out.seconds;
  return out;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2 || count % 2 != 0) {
    std::cerr << "time_to_accuracy FOLDER [--option value]...: the folder has MNIST's IDX files\n";
    return 2;
  }
  std::map<std::string, std::string> options{{"--preset", "homework"}, {"--accuracy", "0.94"},
                                             {"--threads", "2"},       {"--seeds", "3"},
                                             {"--batch", "32"},        {"--learning-rate", "0.001"}};
  for (int i = 2; i < count; i += 2) options[arguments[i]] = arguments[i + 1];
  const auto number = [&](const char* name) { return std::stod(options.at(name)); };
  try {
    auto config = train::preset(options.at("--preset")).value();
    config.dataset = {train::DatasetKind::kMnist, arguments[1], 0, 0};
    config.optimizer.learning_rate = number("--learning-rate");
    config.batch_size = static_cast<std::int64_t>(number("--batch"));
    core::Workers workers(static_cast<int>(number("--threads")));
    const auto data = train::load_dataset(config.dataset, 0, workers);
    std::vector<double> seconds;
    for (config.seed = 0; config.seed < static_cast<std::int64_t>(number("--seeds")); ++config.seed) {
      const Run r = run(config, data, number("--accuracy"), workers);
      std::printf("seed %lld: %.2f s, step %lld, accuracy %.4f, %.0f images/s\n",
                  static_cast<long long>(config.seed), r.seconds, static_cast<long long>(r.steps), r.accuracy,
                  r.images_per_second);
      seconds.push_back(r.seconds);
    }
    std::sort(seconds.begin(), seconds.end());
    std::printf("median %.2f s\n", seconds[seconds.size() / 2]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 2;
  }
}
