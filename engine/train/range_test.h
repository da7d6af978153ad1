// Learning-rate range test: a run whose rate rises exponentially from step to step, and its loss by rate.
//   rate of update i of N: low (high / low)^(i / (N - 1))
// Smith 2017, "Cyclical learning rates for training neural networks", section 3.3.
#pragma once

#include <optional>
#include <vector>

#include "engine/core/progress.h"
#include "engine/train/trainer.h"

namespace vitrine::train {

struct RangeTestSpec {
  TrainConfig config;  // but for its learning rate, schedule and epochs
  double low = 1e-6, high = 1;
  std::int64_t steps = 200;

  void describe(core::Fields& f);
  bool operator==(const RangeTestSpec&) const = default;
};

// Everything wrong with it, one line each; empty: it can run.
std::vector<std::string> validate(const RangeTestSpec& spec);

struct RangePoint {
  double learning_rate = 0;
  double loss = 0;      // of the update's batch, before the update
  double smoothed = 0;  // mean of the losses within RangeTestResult::reach updates of it

  bool operator==(const RangePoint&) const = default;
};

struct RangeTestResult {
  std::vector<RangePoint> points;  // by ascending rate
  Index reach = 0;
  // Where the smoothed loss falls steepest: the smallest least-squares slope of it over the logarithm of the
  // rate, over the points within `reach`, before its lowest point. None: `fall` is less than kLeastFall times
  // `noise`.
  std::optional<double> suggested;
  double slope = 0;              // there, nats for ten times the rate: below 0
  double fall = 0;               // nats, of the smoothed loss from its first full window to its lowest point
  double noise = 0;              // nats, its standard error: deviation from it / sqrt(2 reach + 1)
  std::optional<double> lowest;  // the rate of the lowest smoothed loss; from there on it rises
  std::optional<double> exploded;  // the rate at which the test ended early: not finite, or over the limit

  bool operator==(const RangeTestResult&) const = default;
};

// The test ends early when the mean of the newest losses passes so many times the lowest such mean.
inline constexpr double kExplosion = 4;
// So many standard errors the lowest of a test's windows may be below its first by chance.
inline constexpr double kLeastFall = 5;

class RangeTest {
 public:
  // Throws std::invalid_argument with every problem.
  RangeTest(const RangeTestSpec& spec, std::shared_ptr<const Dataset> dataset, core::Workers& workers);

  // The next update; nothing when it diverged. The same bits whatever the threads.
  std::optional<RangePoint> advance();
  bool done() const { return done_; }
  // Of the updates so far.
  RangeTestResult result() const;

 private:
  // After another loss: whether the newest mean is past the limit.
  bool explodes();

  const RangeTestSpec spec_;
  Trainer trainer_;
  std::vector<RangePoint> points_;
  std::optional<double> lowest_mean_, exploded_;
  bool done_ = false;
};

// The whole test on its own data. Throws as RangeTest and load_dataset; core::Stopped soon after a stop is
// requested.
RangeTestResult range_test(const RangeTestSpec& spec, core::Workers& workers, std::stop_token stop = {},
                           core::Progress* progress = nullptr);

}  // namespace vitrine::train
