#include "engine/train/race_thread.h"

#include <utility>

namespace vitrine::train {

RaceThread::RaceThread(const RaceConfig& config, Options options)
    : options_(std::move(options)), thread_([this](std::stop_token stop) {
        be_polite();
        stop_ = stop;
        loop_.run(stop, *this);
      }) {
  send(ResetRace{config});
}

RaceThread::~RaceThread() {
  thread_.request_stop();
  loop_.wake_to_quit();
}

void RaceThread::handle(const RaceCommand& command) {
  if (const auto* reset = std::get_if<ResetRace>(&command)) return begin(reset->config);
  if (!race_) return;
  if (const auto* set = std::get_if<SetTurns>(&command)) {
    config_.turns = set->turns;
    race_->set(set->turns);
  } else if (const auto* step = std::get_if<Step>(&command)) {
    if (step->updates > 0) go_on(step->updates);
  } else if (std::holds_alternative<Start>(command)) {
    go_on({});
  } else if (status_ == TrainStatus::kRunning) {
    status_ = TrainStatus::kPaused;
  }
}

void RaceThread::go_on(std::optional<Index> rounds) {
  if (status_ != TrainStatus::kPaused && status_ != TrainStatus::kRunning) return;
  status_ = TrainStatus::kRunning;
  updates_left_ = rounds;
  if (rounds) *updates_left_ *= race_->updates_a_round();
}

void RaceThread::advance() {
  if (auto point = race_->advance()) {
    point->race_id = race_id_;
    points_.push(*point);
    if (updates_left_ && point->point.split == MetricSplit::kTrain && --*updates_left_ == 0)
      return park(TrainStatus::kPaused);
  }
  if (race_->done())
    park(TrainStatus::kDone);
  else if (snapshots_.wanted())
    publish();
}

void RaceThread::begin(const RaceConfig& config) {
  ++race_id_;
  config_ = config;
  race_.reset();
  copies_.assign(config_.runners.size(), {});
  loading_ = std::make_shared<core::Progress>();
  message_ = "";
  park(TrainStatus::kLoading);
  if (config_.runners.empty()) throw std::invalid_argument("a race without runners");
  for (const TrainConfig& runner : config_.runners) refuse(validate(runner));
  load();
  race_ = std::make_unique<Race>(config_.runners, config_.turns, dataset_, *workers_);
  status_ = TrainStatus::kPaused;
}

void RaceThread::load() {
  const TrainConfig& first = config_.runners.front();
  const int threads = threads_for(first, options_.reserved_threads);
  if (!workers_ || workers_->threads() != threads) workers_ = std::make_unique<core::Workers>(threads);
  const bool as_asked = dataset_ && dataset_->note.empty();  // else the files may be there by now
  if (as_asked && loaded_ == first.dataset && loaded_seed_ == first.seed) return;
  dataset_ = load_dataset_or_digits(first.dataset, first.seed, *workers_, stop_, loading_.get());
  loaded_ = first.dataset;
  loaded_seed_ = first.seed;
}

void RaceThread::fail(const std::exception& error) {
  race_.reset();
  message_ = error.what();
  park(TrainStatus::kFailed);
}

void RaceThread::park(TrainStatus status) {
  status_ = status;
  publish();
}

std::shared_ptr<const nn::Weights<float>> RaceThread::weights_of(std::size_t runner) {
  const Trainer& trainer = race_->trainer(runner);
  Copy& copy = copies_[runner];
  if (copy.step != trainer.step())
    copy = {trainer.step(), std::make_shared<const nn::Weights<float>>(trainer.weights())};
  return copy.weights;
}

void RaceThread::publish() {
  auto snapshot = std::make_shared<RaceSnapshot>();
  snapshot->race_id = race_id_;
  snapshot->config = config_;
  snapshot->status = status_;
  snapshot->message = message_;
  if (status_ == TrainStatus::kLoading) snapshot->loading = loading_;
  if (race_) {
    snapshot->dataset = dataset_;
    snapshot->next = race_->next();
    for (std::size_t i = 0; i < race_->count(); ++i) {
      const Trainer& t = race_->trainer(i);
      snapshot->runners.push_back({t.step(), t.epoch(), t.images(), t.seconds(), t.images_per_second(),
                                   t.done(), race_->trouble(i), weights_of(i)});
    }
  }
  snapshots_.publish(std::move(snapshot));
  if (idle() && options_.wake) options_.wake();
}

}  // namespace vitrine::train
