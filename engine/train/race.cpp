#include "engine/train/race.h"

#include <algorithm>

namespace vitrine::train {

Race::Race(const std::vector<TrainConfig>& runners, Turns turns,
           const std::shared_ptr<const Dataset>& dataset, core::Workers& workers)
    : turns_(turns) {
  for (const TrainConfig& config : runners) {
    const auto run_id = static_cast<std::int64_t>(runners_.size());
    try {
      runners_.push_back({std::make_unique<Trainer>(config, dataset, workers, TrainerOptions{run_id}), ""});
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument("runners[" + std::to_string(run_id) + "]: " + error.what());
    }
  }
}

std::optional<std::size_t> Race::next() const {
  const auto behind = [this](const Trainer& a, const Trainer& b) {
    if (turns_ == Turns::kEqualImages) return a.images() < b.images();
    return turns_ == Turns::kEqualTime && a.seconds() < b.seconds();
  };
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < runners_.size(); ++i)
    if (!over(i) && (!found || behind(trainer(i), trainer(*found)))) found = i;
  return found;
}

Index Race::updates_a_round() const {
  if (turns_ != Turns::kEqualImages) return 1;
  return std::ranges::count_if(runners_, [](const Runner& runner) { return !runner.over(); });
}

std::optional<RacePoint> Race::advance() {
  const auto runner = next();
  if (!runner) return std::nullopt;
  Runner& running = runners_[*runner];
  try {
    if (const auto point = running.trainer->advance())
      return RacePoint{0, *runner, running.trainer->images(), *point};
  } catch (const Divergence& divergence) {
    running.trouble = divergence.what();
  }
  return std::nullopt;
}

}  // namespace vitrine::train
