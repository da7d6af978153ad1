// Doctor: says in words and with numbers what a run's curves and its inside give evidence of, and nothing
// where they give none. It takes points, events and health as they come and keeps constant memory.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "engine/train/events.h"
#include "engine/train/symptoms.h"

namespace vitrine::train {

enum class RemarkKind {
  kDiverged,       // a loss or gradient that is no number
  kAboveGuessing,  // a loss that is higher than that of guessing
  kNothingLearnt,  // a loss and an accuracy like those of guessing
  kSpike,          // losses that leap
  kRateTooHigh,
  kRateTooLow,
  kDeadUnits,    // units without a gradient
  kOverfitting,  // validation rises while training falls
  kBlind,        // what the model cannot see by the way it is built
};
inline constexpr std::array<std::string_view, 9> kRemarkTitles{"Diverged",
                                                               "Above guessing",
                                                               "Nothing learnt yet",
                                                               "Spike",
                                                               "Learning rate too high",
                                                               "Learning rate too low",
                                                               "Dead units",
                                                               "Overfitting",
                                                               "Cannot be seen"};

enum class Severity { kTrouble, kWarning, kNote };

struct Remark {
  struct Number {
    std::string name;
    double value = 0;
    Index step = 0;  // of the point, event or health that says so

    bool operator==(const Number&) const = default;
  };

  RemarkKind kind = RemarkKind::kNothingLearnt;
  Severity severity = Severity::kWarning;
  Index from = 0, to = 0;       // the steps that it is about; equal: one
  std::string words;            // plain sentences: what, by which numbers, what to try
  std::vector<Number> numbers;  // that the words rest on
  std::string tensor = {};      // that it is about; mostly empty

  bool operator==(const Remark&) const = default;
};

// What a run's numbers are measured against.
struct Subject {
  TrainConfig config;
  Index classes = 0, patches = 0;  // patches: of an image; 0: no ViT
  Index train_images = 0, validation_images = 0;
  Guess guess;  // of the training images
};
Subject subject_of(const TrainConfig& config, const Dataset& dataset);

// A point takes about a microsecond in batches of ten pictures or more (ten of one), remarks() less than a
// tenth of a millisecond, whatever the length of the run.
class Doctor {
 public:
  explicit Doctor(Subject subject);

  // Of one run, by ascending step. A kTrain point that is not later than the last one begins another: all
  // that was told before is forgotten. Who knows the points that are left tells them again.
  void add(const MetricPoint& point);
  void add(const Event& event);  // of kChange and kDivergence
  void add(const Health& health);

  // Worst first; empty where there is no evidence.
  std::vector<Remark> remarks() const;

 private:
  // A remark under way.
  class Note;

  bool settled() const;       // long enough at this learning rate to judge it
  Index judged_from() const;  // the first step at this learning rate
  bool above_guessing() const;
  bool risen() const;  // from where it began
  bool nothing_learnt() const;
  bool lost() const;  // much of what was learnt at this learning rate
  bool long_strides() const;
  Index spikes_now() const { return spikes_.count() - spikes_then_; }

  std::string guessing() const;  // "guessing gives 2.303 = ln 10"
  std::string stride_words() const;
  void say_diverged(std::vector<Remark>& out) const;
  void say_above(std::vector<Remark>& out) const;
  void say_nothing_learnt(std::vector<Remark>& out) const;
  void say_spike(std::vector<Remark>& out) const;
  void say_too_high(std::vector<Remark>& out) const;
  void say_too_low(std::vector<Remark>& out) const;
  void say_dead(std::vector<Remark>& out) const;
  void say_overfitting(std::vector<Remark>& out) const;
  void say_blind(std::vector<Remark>& out) const;

  Subject subject_;
  RecentPoints recent_;
  SpikeWatch spikes_;
  StrideWatch strides_;
  UnitWatch units_;
  TurnWatch validation_, quick_;
  std::optional<Event> divergence_;
  std::optional<MetricPoint> first_;         // of the run
  std::optional<RecentPoints::Mean> start_;  // of its first full window
  std::optional<RecentPoints::Mean> best_;   // the lowest mean loss at this learning rate
  Index learnt_ = 0;  // the last step at which the latest points knew more than guessing; 0: none
  MetricPoint newest_;
  // At the last change of the learning rate or its schedule.
  Index changed_ = 0;      // step
  Index spikes_then_ = 0;  // spikes before
};

}  // namespace vitrine::train
