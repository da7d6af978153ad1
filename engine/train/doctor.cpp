#include "engine/train/doctor.h"

#include <algorithm>
#include <cmath>

#include "engine/core/text.h"

namespace vitrine::train {
namespace {

// Judgements that no statistics gives. Measured on the presets: those that learn have left guessing after 150
// updates of 32 pictures (900 of 4), change a tensor by 0.5 to 2 % of its length in one, by at most 10 % in
// the first without a warm-up, and leave up to a tenth of an MLP's units silent.
constexpr Index kPatience = 200,
                kPatienceImages = 6400;           // updates, pictures before nothing learnt is a finding
constexpr Index kFewPoints = 30;                  // after which a loss far above guessing is one
constexpr double kFarAbove = 1.1, kAbove = 1.01;  // of what guessing gives
constexpr double kGoodStride = 0.01, kLongStride = 0.06, kShortStride = 5e-4;
constexpr double kLittleLearnt = 0.9, kStuck = 0.85;  // of what guessing gives is left
constexpr double kLost = 0.1;                         // of what guessing gives
constexpr Index kManySpikes = 3;
constexpr double kBadStart = 1.5;  // of what guessing gives
constexpr Index kDeadShare = 4;    // one unit of so many
constexpr double kErrors = 3;      // standard errors that are no chance

std::string shown(double value) { return core::shown(value, 3); }
std::string percent(double share) { return core::shown(100 * share, 3) + "\u00a0%"; }
// Of an update, in lengths of the weights.
std::string lengths(double ratio) {
  if (ratio >= 1) return core::labelled(ratio, 2) + " times its length";
  return (ratio < 1e-4 ? core::shown(ratio, 2) : percent(ratio)) + " of its length";
}
std::string at_step(Index step) { return "step " + core::grouped(step); }

// A rate that would make strides `factor` times as long, to one digit.
std::string other_rate(double rate, double factor) {
  return core::shown(rate * std::pow(10, std::round(std::log10(factor))), 1);
}

}  // namespace

// Words and the numbers they rest on, written side by side.
class Doctor::Note {
 public:
  Note(RemarkKind kind, Severity severity, Index from, Index to)
      : remark_{kind, severity, from, to, "", {}} {}

  Note& say(std::string_view words) {
    remark_.words += words;
    return *this;
  }
  Note& number(std::string name, double value, Index step) {
    remark_.numbers.push_back({std::move(name), value, step});
    return *this;
  }
  Note& tensor(std::string name) {
    remark_.tensor = std::move(name);
    return *this;
  }
  void into(std::vector<Remark>& out) { out.push_back(std::move(remark_)); }

 private:
  Remark remark_;
};

Subject subject_of(const TrainConfig& config, const Dataset& dataset) {
  Subject subject{config,
                  dataset.classes,
                  0,
                  dataset.train.count(),
                  dataset.validation.count(),
                  guess_of(dataset.train, dataset.classes)};
  if (config.model.kind == ModelKind::kVit) {
    const Index side = config.model.patch_size;
    subject.patches = (dataset.height() / side) * (dataset.width() / side);
  }
  return subject;
}

Doctor::Doctor(Subject subject)
    : subject_(std::move(subject)),
      spikes_(subject_.guess.loss),
      validation_(subject_.validation_images),
      quick_(std::min(kQuickImages, subject_.validation_images)) {}

void Doctor::add(const MetricPoint& point) {
  if (point.split != MetricSplit::kTrain) {
    (point.split == MetricSplit::kValidation ? validation_ : quick_).add(point, recent_.mean());
    return;
  }
  if (first_ && point.step <= newest_.step) *this = Doctor(Subject(subject_));
  if (!first_) first_ = point;
  newest_ = point;
  if (divergence_ && point.step > divergence_->step) divergence_.reset();
  spikes_.add(point, subject_.config.batch_size, recent_);
  recent_.add(point, subject_.config.batch_size);
  if (!recent_.full()) return;
  const RecentPoints::Mean& mean = recent_.mean();
  if (!start_) start_ = mean;
  if (!best_ || mean.loss < best_->loss) best_ = mean;
  if (!mean.guesses(subject_.guess)) learnt_ = point.step;
}

void Doctor::add(const Event& event) {
  if (event.kind == EventKind::kDivergence) divergence_ = event;
  if (event.kind != EventKind::kChange) return;
  const double* number = std::get_if<double>(&event.new_value);
  TrainConfig& config = subject_.config;
  if (number && event.field == "batch_size") config.batch_size = static_cast<std::int64_t>(*number);
  if (number && event.field == "optimizer.clip_norm") config.optimizer.clip_norm = *number;
  if (number && event.field == "optimizer.learning_rate") config.optimizer.learning_rate = *number;
  if (number && event.field == "schedule.warmup_steps")
    config.schedule.warmup_steps = static_cast<std::int64_t>(*number);
  if (event.field != "optimizer.learning_rate" && !event.field.starts_with("schedule.")) return;
  changed_ = event.step;
  spikes_then_ = spikes_.count();
  strides_.forget();
  best_.reset();
}

void Doctor::add(const Health& health) {
  strides_.add(health);
  units_.add(health);
}

std::vector<Remark> Doctor::remarks() const {
  std::vector<Remark> all;
  if (divergence_) say_diverged(all);
  if (first_) {
    if (above_guessing()) say_above(all);
    if (nothing_learnt() && !above_guessing()) say_nothing_learnt(all);
    if (spikes_.worst()) say_spike(all);
    if (!divergence_) say_too_high(all);
    say_too_low(all);
    say_dead(all);
    say_overfitting(all);
    say_blind(all);
  }
  std::ranges::stable_sort(all, {}, &Remark::severity);
  return all;
}

bool Doctor::settled() const {
  const Index since = std::max({subject_.config.schedule.warmup_steps, changed_, first_->step - 1});
  const Index patience = std::max(kPatience, core::divide_up(kPatienceImages, subject_.config.batch_size));
  return recent_.full() && newest_.step >= since + patience;
}

Index Doctor::judged_from() const { return std::max(changed_ + 1, first_->step); }

bool Doctor::above_guessing() const {
  const RecentPoints::Mean& mean = recent_.mean();
  const double low = mean.loss - kErrors * mean.error;
  return (mean.points >= kFewPoints && low > kFarAbove * subject_.guess.loss) ||
         (settled() && low > kAbove * subject_.guess.loss);
}

bool Doctor::risen() const {
  const RecentPoints::Mean& mean = recent_.mean();
  return mean.loss - kErrors * mean.error > kFarAbove * first_->loss;
}

bool Doctor::nothing_learnt() const { return settled() && recent_.mean().guesses(subject_.guess); }

bool Doctor::lost() const {
  const RecentPoints::Mean& mean = recent_.mean();
  return best_ && mean.loss - best_->loss >
                      kLost * subject_.guess.loss + kErrors * std::hypot(mean.error, best_->error);
}

bool Doctor::long_strides() const { return strides_.longest() && strides_.longest()->ratio >= kLongStride; }

std::string Doctor::guessing() const {
  const double even = std::log(static_cast<double>(subject_.classes)), loss = subject_.guess.loss;
  if (std::abs(loss - even) < 1e-3)
    return "guessing gives " + core::shown(even, 4) + " = ln " + std::to_string(subject_.classes);
  return "guessing by how often each class comes gives " + core::shown(loss, 4);
}

void Doctor::say_diverged(std::vector<Remark>& out) const {
  const Event& event = *divergence_;
  Note note(RemarkKind::kDiverged, Severity::kTrouble, event.step + 1, event.step + 1);
  note.tensor(event.tensor)
      .number("update that was not", static_cast<double>(event.step + 1), event.step + 1)
      .number("last good step", static_cast<double>(event.last_good), event.last_good)
      .say("The update of " + at_step(event.step + 1) + " met a number that is not finite");
  if (!event.tensor.empty()) note.say(", first in " + event.tensor);
  note.say("; the run is back at " + at_step(event.last_good) + ", its last good state. ");
  if (!first_) {
    note.say("No update was done before it: look at the pictures and at the scale of the start.");
    return note.into(out);
  }
  note.number("learning rate", newest_.learning_rate, newest_.step)
      .number("gradient norm", newest_.grad_norm, newest_.step)
      .say("The update before it, " + at_step(newest_.step) + ", had the learning rate " +
           shown(newest_.learning_rate) + " and a gradient of norm " + shown(newest_.grad_norm));
  if (long_strides())
    note.number("update / weights", strides_.longest()->ratio, strides_.longest()->step)
        .say("; " + stride_words());
  note.say(". Go back and try " +
           other_rate(subject_.config.optimizer.learning_rate,
                      long_strides() ? std::min(0.1, kGoodStride / strides_.longest()->ratio) : 0.1) +
           ", a warm-up, or a limit for the gradient's norm.");
  note.into(out);
}

std::string Doctor::stride_words() const {
  const auto& longest = *strides_.longest();
  return at_step(longest.step) + " changed a typical weight tensor by " + lengths(longest.ratio);
}

void Doctor::say_above(std::vector<Remark>& out) const {
  const RecentPoints::Mean& mean = recent_.mean();
  Note note(RemarkKind::kAboveGuessing, Severity::kTrouble, mean.first, mean.last);
  note.number("mean loss, nats", mean.loss, mean.last)
      .number("loss of guessing, nats", subject_.guess.loss, 0)
      .number("first loss, nats", first_->loss, first_->step)
      .say("The loss of the last " + core::grouped(mean.points) + " steps, " + core::shown(mean.loss, 4) +
           ", is higher than that of knowing nothing (" + guessing() +
           "): the model is sure of what is wrong. ");
  if (first_->step == 1 && first_->loss > kBadStart * subject_.guess.loss) {
    note.say("It was " + core::shown(first_->loss, 4) +
             " before the first update: the start is badly scaled, the weights or the pixels.");
  } else if (risen() || long_strides()) {
    note.say("It began at " + core::shown(first_->loss, 4) + ": the updates took it there");
    const bool warm = subject_.config.schedule.warmup_steps > 0;
    if (long_strides()) {
      note.number("update / weights", strides_.longest()->ratio, strides_.longest()->step)
          .say(", they are too long (" + stride_words() + ")");
    }
    note.say(warm ? "." : ", and without a warm-up the first were as long as any.");
  } else {
    note.say("It began at " + core::shown(first_->loss, 4) + " and has hardly moved.");
  }
  note.into(out);
}

void Doctor::say_nothing_learnt(std::vector<Remark>& out) const {
  const RecentPoints::Mean& mean = recent_.mean();
  const Guess& guess = subject_.guess;
  const double chance =
      guess.accuracy + kErrors * std::sqrt(guess.accuracy * (1 - guess.accuracy) / mean.images);
  const Index from = learnt_ > 0 ? learnt_ + 1 : first_->step;
  Note note(RemarkKind::kNothingLearnt, Severity::kTrouble, from, newest_.step);
  note.number("mean loss, nats", mean.loss, mean.last)
      .number("loss of guessing, nats", guess.loss, 0)
      .number("mean accuracy", mean.accuracy, mean.last)
      .number("accuracy of guessing", guess.accuracy, 0)
      .number("most by chance", chance, mean.last)
      .say(learnt_ > 0 ? "What was learnt is gone since " + at_step(from) + ": over "
                       : "Nothing is learnt in " + core::grouped(newest_.step - from + 1) + " steps: over ")
      .say("the last " + core::grouped(mean.points) + " the loss is " + core::shown(mean.loss, 4) +
           " where " + guessing() + ", and " + percent(mean.accuracy) +
           " of the pictures are right where guessing gets " + percent(guess.accuracy) +
           " and luck could get " + percent(chance) + ".");
  if (strides_.newest() && strides_.newest()->ratio >= kShortStride && !long_strides())
    note.number("update / weights", strides_.newest()->ratio, strides_.newest()->step)
        .say(" The learning rate is not clearly at fault: an update changes a typical weight tensor by " +
             lengths(strides_.newest()->ratio) + ". Look at pictures and labels, or wait.");
  note.into(out);
}

void Doctor::say_spike(std::vector<Remark>& out) const {
  const Spike& spike = *spikes_.worst();
  const MetricPoint &at = spike.point, &before = spike.before;
  const bool harmless = spikes_.count() == 1 && spike.over > 0;
  Note note(RemarkKind::kSpike, harmless ? Severity::kNote : Severity::kWarning, at.step, at.step);
  note.number("loss, nats", at.loss, at.step)
      .number("usual loss, nats", spike.median, before.step)
      .number("spread of the losses, nats", spike.spread, before.step)
      .number("gradient norm", at.grad_norm, at.step)
      .number("usual gradient norm", spike.usual_grad_norm, before.step)
      .number("gradient norm of the update before", before.grad_norm, before.step)
      .number("learning rate of the update before", before.learning_rate, before.step)
      .number("spikes", static_cast<double>(spikes_.count()), newest_.step)
      .say("The loss leapt to " + shown(at.loss) + " at " + at_step(at.step) + ", from a usual " +
           shown(spike.median) +
           (spike.over > 0 ? ", and was back at " + at_step(spike.over) : ", and has not come back") +
           ". That batch has a gradient of norm " + shown(at.grad_norm) + " where " +
           shown(spike.usual_grad_norm) + " is usual; the update before it, " + at_step(before.step) +
           ", had the learning rate " + shown(before.learning_rate) + " and a gradient of norm " +
           shown(before.grad_norm) + ".");
  if (spikes_.count() > 1) note.say(" It is the highest of " + core::grouped(spikes_.count()) + ".");
  if (!harmless)
    note.say(" A limit of " + core::shown(2 * spike.usual_grad_norm, 1) +
             " for the gradient's norm, or a lower learning rate, keeps such updates short.");
  note.into(out);
}

void Doctor::say_too_high(std::vector<Remark>& out) const {
  const RecentPoints::Mean& mean = recent_.mean();
  const bool above = above_guessing() && (risen() || long_strides());
  const bool stuck = settled() && long_strides() && mean.loss > kStuck * subject_.guess.loss &&
                     newest_.step >= changed_ + 2 * kPatience;
  const bool near_guessing = above || stuck || (nothing_learnt() && long_strides());
  if (!near_guessing && !lost() && spikes_now() < kManySpikes) return;
  const double rate = subject_.config.optimizer.learning_rate;
  Note note(RemarkKind::kRateTooHigh, Severity::kWarning, judged_from(), newest_.step);
  note.number("learning rate", newest_.learning_rate, newest_.step)
      .say("The learning rate, " + shown(rate) + ", looks too high: ");
  if (near_guessing)
    note.say("the loss is " + core::shown(mean.loss, 4) + " where " + guessing());
  else if (lost())
    note.number("lowest mean loss, nats", best_->loss, best_->last)
        .say("the loss was " + shown(best_->loss) + " around " + at_step(best_->last) + " and is " +
             shown(mean.loss) + " now");
  else
    note.say("the loss leapt " + core::grouped(spikes_now()) + " times");
  note.number("mean loss, nats", mean.loss, mean.last);
  double factor = 0.1;
  if (long_strides()) {
    const auto& longest = *strides_.longest();
    factor = std::min(factor, kGoodStride / longest.ratio);
    note.number("update / weights", longest.ratio, longest.step)
        .say(", and the update of " + stride_words() + " (about 1 % is usual in runs that learn)");
  }
  const bool cold = subject_.config.schedule.warmup_steps == 0;
  note.say(". Try " + other_rate(rate, factor) + (cold ? ", or a warm-up of some hundred steps." : "."));
  note.into(out);
}

void Doctor::say_too_low(std::vector<Remark>& out) const {
  const auto& stride = strides_.newest();
  const OptimizerConfig& optimizer = subject_.config.optimizer;
  const RecentPoints::Mean& mean = recent_.mean();
  if (!settled() || !stride || stride->ratio >= kShortStride || long_strides() || risen() ||
      mean.loss < kLittleLearnt * subject_.guess.loss || newest_.learning_rate < optimizer.learning_rate / 2)
    return;
  const double fall = start_->loss - mean.loss;
  Note note(RemarkKind::kRateTooLow, Severity::kWarning, judged_from(), newest_.step);
  note.number("learning rate", newest_.learning_rate, newest_.step)
      .number("update / weights", stride->ratio, stride->step)
      .number("mean loss of the start, nats", start_->loss, start_->last)
      .number("mean loss, nats", mean.loss, mean.last)
      .say("The learning rate, " + shown(optimizer.learning_rate) +
           ", looks too low: an update changes a typical weight tensor by " + lengths(stride->ratio) +
           " (about 1 % is usual in runs that learn). From " + at_step(start_->last) + " to " +
           core::grouped(mean.last) + " the loss went from " + core::shown(start_->loss, 4) + " to " +
           core::shown(mean.loss, 4));
  note.say(fall > kErrors * std::hypot(start_->error, mean.error) ? "." : ", no more than noise.");
  const double usual = recent_.typical().grad_norm, clip = optimizer.clip_norm;
  if (clip > 0 && usual > clip)
    note.number("gradient norm", usual, mean.last)
        .number("clip_norm", clip, 0)
        .say(" The limit of " + shown(clip) + " cuts gradients whose norm is " + shown(usual) + ".");
  note.say(" Try " + other_rate(optimizer.learning_rate, kGoodStride / 3 / std::max(stride->ratio, 1e-12)) +
           ".");
  note.into(out);
}

void Doctor::say_dead(std::vector<Remark>& out) const {
  const auto dead = units_.dead();
  if (dead.empty() || dead.front().dead * kDeadShare < dead.front().units) return;
  const UnitWatch::Dead& worst = dead.front();
  Note note(RemarkKind::kDeadUnits, Severity::kWarning, worst.since, worst.to);
  note.tensor(worst.tensor)
      .say(core::grouped(worst.dead) + " of the " + core::grouped(worst.units) + " units of " + worst.tensor +
           " had a gradient of exactly zero in each of " + core::grouped(worst.samples) +
           " examined batches (" + core::grouped(worst.images) + " pictures) since " + at_step(worst.since) +
           ": nothing teaches them any more.");
  for (const UnitWatch::Dead& layer : dead)
    note.number(layer.tensor + ", dead of " + core::grouped(layer.units), static_cast<double>(layer.dead),
                layer.to);
  if (subject_.config.model.kind != ModelKind::kVit)
    note.say(" Dead units of ReLU seldom come back: go back before " + at_step(worst.since) +
             " and lower the learning rate.");
  note.into(out);
}

void Doctor::say_overfitting(std::vector<Remark>& out) const {
  auto turn = validation_.turn();
  if (!turn) turn = quick_.turn();
  if (!turn) return;
  const MetricPoint &best = turn->best, &newest = turn->newest;
  Note note(RemarkKind::kOverfitting, Severity::kWarning, best.step, newest.step);
  note.number("lowest validation loss, nats", best.loss, best.step)
      .number("validation loss, nats", newest.loss, newest.step)
      .number("training loss then, nats", turn->train_loss_then, best.step)
      .number("training loss, nats", turn->train_loss_now, newest.step)
      .number("validation accuracy then", best.accuracy, best.step)
      .number("validation accuracy", newest.accuracy, newest.step)
      .say("Overfitting since " + at_step(best.step) + " (epoch " + core::grouped(best.epoch) +
           "): the validation loss rose from its lowest, " + shown(best.loss) + ", to " + shown(newest.loss) +
           " while the training loss fell from " + shown(turn->train_loss_then) + " to " +
           shown(turn->train_loss_now) + "; validation accuracy went from " + percent(best.accuracy) +
           " to " + percent(newest.accuracy) + ". The weights of " + at_step(best.step) +
           " are the better ones; more than these " + core::grouped(subject_.train_images) +
           " pictures, dropout or weight decay put it off.");
  note.into(out);
}

void Doctor::say_blind(std::vector<Remark>& out) const {
  if (subject_.patches == 0) return;
  Note note(RemarkKind::kBlind, Severity::kNote, first_->step, newest_.step);
  note.number("patches", static_cast<double>(subject_.patches), 0);
  if (subject_.patches == 1)
    note.say(
        "The whole picture is one patch: attention has no second part of it to look at, and the model does "
        "what an "
        "MLP does. A smaller patch_size lets it compare parts.");
  else if (subject_.config.model.positions == nn::Positions::kNone)
    note.say(
        "Without positions the " + core::grouped(subject_.patches) +
        " patches are a heap: in any other order they get the same answer, so where a stroke lies cannot be "
        "learnt. Learned or sinusoidal positions tell it.");
  else
    return;
  note.into(out);
}

}  // namespace vitrine::train
