#include "app/labs/training/price_finder.h"

#include <cmath>

#include "app/labs/workbench/setup_problems.h"
#include "engine/core/text.h"
#include "engine/train/trainer.h"

namespace vitrine::labs {
namespace {

using train::PriceQuestion;
using train::TrainSnapshot;
using train::TrainStatus;

constexpr int kReservedThreads = 1;                  // for the window, as the trainer's
constexpr std::chrono::microseconds kPatience{500};  // for what follows from the sizes

PriceQuestion question_of(const train::TrainConfig& config, const train::Pictures& pictures) {
  return train::question_of(config, train::threads_for(config, kReservedThreads), pictures);
}

}  // namespace

PriceFinder::PriceFinder(const std::function<void()>& wake)
    : facts_job_([](const PriceQuestion& question, std::stop_token,
                    core::Progress&) { return train::price_of(question); },
                 wake),
      timing_job_([](const PriceQuestion& question, std::stop_token stop,
                     core::Progress&) { return train::measure_speed(question, stop); },
                  wake, std::chrono::milliseconds(0)) {}

void PriceFinder::look(const train::TrainConfig& edit, const TrainSnapshot* snapshot) {
  priced_.error.clear();
  priced_.of_edit = false;
  priced_.epoch_s.reset();
  priced_.measured.clear();
  if (!train::validate(edit).empty()) return;
  const auto pictures = pictures_for(edit, snapshot);
  if (!pictures) {
    priced_.error = "The price is known once the pictures are loaded: Reset.";
    return;
  }
  const PriceQuestion question = question_of(edit, *pictures);
  facts_job_.request(question);
  // Loading wants every thread for itself.
  if (!snapshot || snapshot->status != TrainStatus::kLoading) timing_job_.request(question);
  take(question);
  tell_time(question, snapshot);
}

void PriceFinder::take(const PriceQuestion& question) {
  if (auto answer = facts_job_.poll(kPatience)) facts_ = std::move(answer);
  if (auto answer = timing_job_.poll({})) speed_ = std::move(answer);
  if (facts_ && facts_->result) priced_.price = facts_->result;
  priced_.of_edit = facts_ && facts_->params == question;
  if (priced_.of_edit) priced_.error = facts_->error;
  if (speed_ && speed_->params == question && priced_.error.empty()) priced_.error = speed_->error;
}

void PriceFinder::tell_time(const PriceQuestion& question, const TrainSnapshot* snapshot) {
  const bool measured = speed_ && speed_->result && speed_->params == question;
  if (!measured) return;
  train::Speed speed = *speed_->result;
  priced_.measured = train::words_of(speed);
  const bool trains_so = snapshot && snapshot->status == TrainStatus::kRunning && snapshot->dataset &&
                         snapshot->images_per_second > 0 &&
                         question_of(snapshot->config, train::pictures_of(*snapshot->dataset)) == question;
  if (trains_so) {
    speed.trained_image_s = 1 / snapshot->images_per_second;
    priced_.measured =
        "the run's own " + core::grouped(std::llround(snapshot->images_per_second)) + " images a second";
  }
  priced_.epoch_s = train::epoch_s(question.pictures, speed);
}

}  // namespace vitrine::labs
