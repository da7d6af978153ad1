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
#include "engine/train/evaluation.h"
#include "engine/train/trainer.h"

namespace {

using namespace vitrine;
using core::Index;

constexpr Index kEvaluateEvery = 50;

struct Run {
  double seconds;
  Index steps;
  double accuracy, images_per_second;
};

Run run(const train::TrainConfig& config, std::shared_ptr<const train::Dataset> data, double wanted,
        core::Workers& workers) {
  train::Trainer trainer(config, std::move(data), workers);
  const train::Dataset& set = trainer.dataset();
  Run out{};
  while (!trainer.done() && out.accuracy < wanted) {
    trainer.skip_validation();
    const auto point = trainer.advance();
    if (!point || point->step % kEvaluateEvery != 0) continue;
    const auto found = train::evaluate(trainer.model(), trainer.weights(), set, set.validation, workers);
    out = {point->seconds, point->step, found.accuracy, 0};
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
