// PriceFinder: what an edit would cost, found beside the window: what follows from its sizes at once, its
// time by real updates on a thread of their own.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/core/job.h"
#include "engine/train/price.h"
#include "engine/train/trainer_thread.h"

namespace vitrine::labs {

// What is known of an edit's price so far.
struct Priced {
  std::shared_ptr<const train::Price> price;  // null until there is one
  bool of_edit = false;                       // else it is an earlier edit's
  std::string error;                          // why there is none; mostly empty
  std::optional<double> epoch_s;              // of the edit, once it is measured
  std::string measured;                       // how: "12 updates of 32 images on 1 thread"
};

class PriceFinder {
 public:
  // `wake` is called from other threads when there is news; it may be empty.
  explicit PriceFinder(const std::function<void()>& wake = {});

  // Asks for the price of an edit, of which equal ones are asked once, and takes what is known of it. The
  // snapshot is the run's that goes on, or null: where it trains as the edit says, its own speed counts.
  void look(const train::TrainConfig& edit, const train::TrainSnapshot* snapshot);
  const Priced& priced() const { return priced_; }

 private:
  using Facts = core::Job<train::PriceQuestion, train::Price>;
  using Timing = core::Job<train::PriceQuestion, train::Speed>;

  void take(const train::PriceQuestion& question);
  void tell_time(const train::PriceQuestion& question, const train::TrainSnapshot* snapshot);

  Priced priced_;
  std::shared_ptr<const Facts::Answer> facts_;
  std::shared_ptr<const Timing::Answer> speed_;
  Facts facts_job_;
  Timing timing_job_;
};

}  // namespace vitrine::labs
