// Symptoms: what the loss doctor keeps of a run while its points come, each in constant memory: the latest
// points, losses that leap, how far updates go, units that get no gradient, and a validation that turns.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/train/health.h"
#include "engine/train/trainer.h"

namespace vitrine::train {

// What a model scores that knows only how often each class comes: p its share.
struct Guess {
  double loss = 0;      // -sum p ln p, nats; ln K where all K come equally often
  double accuracy = 0;  // max p
};
Guess guess_of(const Split& split, Index classes);

// The latest points, as many as hold kImages images and at least kPoints of them.
class RecentPoints {
 public:
  static constexpr Index kPoints = 100, kImages = 1024;
  struct Mean {
    Index points = 0, first = 0, last = 0;  // how many, and their steps
    double loss = 0, error = 0;             // mean, and its standard error s / sqrt(points)
    double accuracy = 0;
    double images = 0;

    // Neither is the loss below a guess by more than three standard errors, nor the share that is right above
    // it by more than three deviations sqrt(p (1 - p) / images) of a binomial.
    bool guesses(const Guess& guess) const;
  };

  void add(const MetricPoint& point, Index batch_size);
  bool empty() const { return points_.empty(); }
  bool full() const { return std::ssize(points_) == most_; }
  const MetricPoint& newest() const { return points_.back(); }
  const Mean& mean() const { return mean_; }
  // Medians and the loss's spread 1.4826 median |loss - median|, which is the deviation of a normal one.
  struct Typical {
    double loss, spread, grad_norm;
  };
  Typical typical() const;

 private:
  std::deque<MetricPoint> points_;
  Index most_ = 1;
  Mean mean_;
};

// A loss that leaves the others: by more than kSpreads of their spreads; by more than half of what there is
// to learn; and by more than kHardImages of the batch's pictures can cost, each held for something else with
// all but certainty, since a few such pictures in a batch are no spike.
struct Spike {
  MetricPoint point;   // its highest
  MetricPoint before;  // the update before its first step: the weights that it met
  double median = 0;   // of the losses before
  double spread = 0;   // of these
  double usual_grad_norm = 0;
  Index over = 0;  // the first step that was back; 0: none is

  double height() const { return point.loss - median; }
};
class SpikeWatch {
 public:
  static constexpr double kSpreads = 8, kHardImages = 3;
  explicit SpikeWatch(double guess_loss) : guess_loss_(guess_loss) {}

  // `recent` without the point. A loss that stays up for as many points is the usual one from then on.
  void add(const MetricPoint& point, Index batch_size, const RecentPoints& recent);
  Index count() const { return count_; }
  const Spike* worst() const { return worst_ ? &*worst_ : nullptr; }

 private:
  bool begins(const MetricPoint& point, Index batch_size, const RecentPoints& recent);

  double guess_loss_, limit_ = 0;  // where the open one is over
  Index count_ = 0;
  std::optional<Spike> open_, worst_;
};

// How far an update goes: |update| / |weights|, the median over the weights of products.
class StrideWatch {
 public:
  struct Stride {
    double ratio = 0;
    Index step = 0;
  };
  void add(const Health& health);
  // Another learning rate: what was seen of the last one says nothing of it.
  void forget() { *this = {}; }
  const std::optional<Stride>& newest() const { return newest_; }
  const std::optional<Stride>& longest() const { return longest_; }

 private:
  std::optional<Stride> newest_, longest_;
};

// Units that got no gradient in kSamples examined batches one after the other, or more.
class UnitWatch {
 public:
  static constexpr int kSamples = 8;
  struct Dead {
    std::string tensor;
    Index dead = 0, units = 0;
    Index since = 0, to = 0;  // examined steps: from the first on all of them were silent
    Index samples = 0, images = 0;
  };
  void add(const Health& health);
  // Of each tensor that has some, those with the most first.
  std::vector<Dead> dead() const;

 private:
  struct Streak {
    Index since = 0;  // step of its first sample
    int samples = 0;
    Index images = 0;
  };
  std::map<std::string, std::vector<Streak>> streaks_;  // [units]
  Index step_ = 0;
};

// A validation loss that passed its lowest while the training loss went on falling.
class TurnWatch {
 public:
  static constexpr int kPointsAfter = 3;
  struct Turn {
    MetricPoint best, newest;
    double train_loss_then = 0, train_loss_now = 0;  // means of the latest steps
  };
  explicit TurnWatch(Index images) : images_(images) {}

  void add(const MetricPoint& point, const RecentPoints::Mean& train);
  // Where all of the last three points lie above the lowest by more than three standard errors. Those are
  // taken as if the wrong images alone bore the loss, exponentially: loss sqrt(2 / (wrong + 1)).
  std::optional<Turn> turn() const;

 private:
  Index images_;
  std::optional<MetricPoint> best_;
  RecentPoints::Mean train_then_, train_now_;
  std::vector<MetricPoint> after_;  // the last three since the best
};

}  // namespace vitrine::train
