// The memory of a training of the preset `homework` without its data: prints this process's largest resident
// size, with 64 generated digits for a data set, on two threads.
#include <sys/resource.h>

#include <cstdio>

#include "engine/train/trainer.h"

int main() {
  using namespace vitrine;
  auto config = *train::preset("homework");
  config.dataset = {train::DatasetKind::kDigits, "", 64, 32};
  config.epochs = 50;
  core::Workers workers(2);
  train::Trainer trainer(config, train::load_dataset(config.dataset, 0, workers), workers);
  while (!trainer.done()) trainer.advance();
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("%.1f MiB after %lld steps\n", static_cast<double>(usage.ru_maxrss) / 1024,
              static_cast<long long>(trainer.step()));
}
