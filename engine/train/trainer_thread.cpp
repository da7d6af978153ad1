#include "engine/train/trainer_thread.h"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/core/stop.h"
#include "engine/nn/vit.h"
#include "engine/train/resume.h"

namespace vitrine::train {
namespace {

constexpr int kPoliteness = 5;  // Linux's nice value of the trainer's threads: the window goes first

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};

bool parked(TrainStatus status) {
  return status != TrainStatus::kRunning && status != TrainStatus::kRewinding;
}

TrainSnapshot::ModelFacts facts_of(const nn::Model<float>& model, const nn::Weights<float>& weights) {
  TrainSnapshot::ModelFacts facts;
  facts.parameters = model.layout().count();
  if (const auto* vit = dynamic_cast<const nn::Vit<float>*>(&model)) {
    facts.tokens = vit->tokens();
    facts.depth = vit->sizes().depth;
    facts.heads = vit->sizes().heads;
    facts.first_patch = vit->sizes().embedding().first_patch();
  }
  for (const nn::ParameterInfo& info : model.layout().infos())
    if (info.name == "pos_embed")
      facts.position_table =
          nn::parameter<float>(info, weights.values).reshaped({info.shape[1], info.shape[2]});
  return facts;
}

Trainer& resumed(Trainer& trainer, const Checkpoint& from) {
  if (!may_go_on_as(from.record.config, trainer.config()))
    throw std::invalid_argument("a run that goes on may change only " + fields_that_may_change());
  resume(trainer, from);
  return trainer;
}

}  // namespace

TrainerThread::Run::Run(const Reset& reset, std::shared_ptr<const Dataset> dataset, core::Workers& workers,
                        Index past_bytes)
    : trainer(reset.config, std::move(dataset), workers, {0, true, true}),
      timeline(reset.from ? resumed(trainer, *reset.from) : trainer, past_bytes) {}

TrainerThread::TrainerThread(const TrainConfig& config, Options options)
    : options_(std::move(options)), past_bytes_(options_.past_bytes), thread_([this](std::stop_token quit) {
        setpriority(PRIO_PROCESS, 0, kPoliteness);  // of this thread and of those it starts
        work(quit);
      }) {
  send(Reset{config});
}

TrainerThread::~TrainerThread() {
  thread_.request_stop();
  commands_.push(Quit{});
}

void TrainerThread::work(std::stop_token quit) {
  while (!quit.stop_requested()) {
    try {
      if (!inbox_.empty()) {
        const Message message = std::move(inbox_.front());
        inbox_.pop_front();
        if (const auto* command = std::get_if<Command>(&message)) handle(*command, quit);
      } else if (news_) {
        publish();  // once for all that was in the inbox
      } else {
        // A piece of work between what arrived before and what arrived meanwhile: no flood of commands stops
        // the run, and none waits for more than that.
        if (idle())
          inbox_.push_back(commands_.pop());
        else
          advance();
        for (Message& message : commands_.drain()) inbox_.push_back(std::move(message));
      }
    } catch (const core::Stopped&) {
      return;  // quit while loading
    } catch (const std::exception& error) {
      run_.reset();
      park(TrainStatus::kFailed, error.what());
    }
  }
  save();
}

bool TrainerThread::idle() const { return parked(status_) && !(run_ && run_->recall); }

void TrainerThread::advance() {
  if (run_->recall)
    recall();  // before all else: somebody waits for it, and the run does not hurry
  else if (status_ == TrainStatus::kRewinding)
    rewind();
  else
    train();
  if (!parked(status_) && snapshots_.wanted()) publish();
}

void TrainerThread::train() {
  const Trainer& trainer = run_->trainer;
  const Index before = trainer.step();
  try {
    if (auto point = run_->timeline.advance()) {
      point->run_id = run_id_;
      metrics_.push(*point);
      if (point->split == MetricSplit::kTrain) tell_health();
      with_sink([&](RunSink& sink) { sink.add(*point); });
    }
  } catch (const Divergence& divergence) {
    if (trainer.health() && trainer.health()->step == divergence.step()) tell_health();
    tell(event_of(divergence, trainer.step()));
    with_sink([&](RunSink& sink) { sink.save(trainer); });
    return park(TrainStatus::kDiverged, divergence.what());
  }
  auto& left = run_->updates_left;
  if (trainer.done()) {
    save();
    park(TrainStatus::kDone, message_);
  } else if (left && trainer.step() > before && --*left == 0) {
    park(TrainStatus::kPaused, message_);
  } else if (run_->sink && run_->sink->due()) {
    save();
  }
}

void TrainerThread::rewind() {
  if (run_->trainer.step() < run_->destination->to) run_->timeline.advance();
  if (run_->trainer.step() >= run_->destination->to) arrive();
}

void TrainerThread::arrive() {
  const auto fork = run_->destination->fork;
  run_->destination.reset();
  status_ = TrainStatus::kPaused;
  if (fork) branch_off(*fork);
  for (const Command& command : std::exchange(run_->waiting, {})) obey(command);
  publish();
}

void TrainerThread::recall() {
  try {
    auto recalled = run_->recall->advance();
    if (!recalled) return;
    if (recalled->batch) recalled->batch->run_id = run_id_;
    recalled_.publish(std::make_shared<const Recalled>(std::move(*recalled)));
  } catch (const std::exception& error) {
    message_ = error.what();
  }
  run_->recall.reset();
  if (parked(status_)) publish();
}

void TrainerThread::handle(const Command& command, std::stop_token quit) {
  ++handled_;
  if (status_ != TrainStatus::kDiverged && status_ != TrainStatus::kFailed) message_ = "";
  if (const auto* reset = std::get_if<Reset>(&command))
    begin_run(*reset, quit);
  else if (run_)
    obey(command);
  news_ = true;
}

void TrainerThread::obey(const Command& command) {
  const bool waits = std::holds_alternative<Start>(command) || std::holds_alternative<Step>(command) ||
                     std::holds_alternative<SetHyper>(command);
  if (run_->destination && waits) {
    run_->waiting.push_back(command);
    return;
  }
  try {
    std::visit(Overloaded{[&](const Start&) { go_on({}); },
                          [&](const Step& step) {
                            if (step.updates > 0) go_on(step.updates);
                          },
                          [&](const Pause&) { pause(); }, [&](const SetHyper& set) { change(set.hyper); },
                          [&](const Rewind& rewind) { depart(rewind.step, {}); },
                          [&](const Fork& fork) { depart(fork.step, fork.hyper); },
                          [&](const RecallStep& recall) {
                            run_->recall.reset();  // its memory first
                            run_->recall.emplace(run_->timeline, recall.step, dataset_, *workers_);
                          },
                          [](const auto&) {}},
               command);
  } catch (const std::invalid_argument& error) {
    message_ = error.what();
  }
}

void TrainerThread::go_on(std::optional<Index> updates) {
  if (status_ != TrainStatus::kPaused && status_ != TrainStatus::kRunning) return;
  if (status_ == TrainStatus::kPaused && !updates) tell({run_->trainer.step(), EventKind::kStart});
  status_ = TrainStatus::kRunning;
  run_->updates_left = updates;
}

void TrainerThread::pause() {
  if (parked(status_)) return;
  run_->destination.reset();
  run_->waiting.clear();
  status_ = TrainStatus::kPaused;
  tell({run_->trainer.step(), EventKind::kPause});
  save();
}

void TrainerThread::change(const HyperParams& hyper) {
  const TrainConfig before = run_->trainer.config();
  const Index step = run_->trainer.step();
  if (run_->timeline.set(hyper)) run_->forked_at = std::min(run_->forked_at, step);
  for (const Event& event : changes(step, before, run_->trainer.config())) tell(event);
}

// Begins the way to a step of the past.
void TrainerThread::depart(Index step, const std::optional<HyperParams>& fork) {
  const Trainer& trainer = run_->trainer;
  Timeline& timeline = run_->timeline;
  if (fork) refuse(validate(*fork));
  if (step < timeline.first_step() || step > timeline.newest_step())
    throw std::invalid_argument("step " + std::to_string(step) + ": the run has steps " +
                                std::to_string(timeline.first_step()) + " to " +
                                std::to_string(timeline.newest_step()));
  message_ = "";  // of a divergence
  save();
  const Index before = trainer.step();
  timeline.return_before(step);
  if (!fork) {
    Event event{before, EventKind::kRewind};
    event.to = step;
    tell(event);
  }
  run_->waiting.clear();
  run_->destination = {trainer.step(), step, fork};
  status_ = TrainStatus::kRewinding;
}

void TrainerThread::branch_off(const HyperParams& hyper) {
  const Index step = run_->trainer.step();
  run_->timeline.drop_later();
  run_->forked_from = run_id_++;
  run_->forked_at = step;
  open_sink();
  Event event{step, EventKind::kFork};
  event.from = "run " + std::to_string(run_->forked_from);
  tell(event);
  change(hyper);
}

void TrainerThread::begin_run(const Reset& reset, std::stop_token quit) {
  save();
  ++run_id_;
  ++resets_;
  config_ = reset.config;
  run_.reset();
  loading_ = std::make_shared<core::Progress>();
  park(TrainStatus::kLoading, "");
  refuse(validate(config_));
  load(reset, quit);
  if (reset.past_bytes) past_bytes_ = *reset.past_bytes;
  run_ = std::make_unique<Run>(reset, dataset_, *workers_, past_bytes_);
  status_ = run_->trainer.done() ? TrainStatus::kDone : TrainStatus::kPaused;
  if (reset.from && message_.empty()) message_ = rounding_warning(reset.from->record.run);
  open_sink();
}

void TrainerThread::load(const Reset& reset, std::stop_token quit) {
  const TrainConfig& config = reset.config;
  const int threads = threads_for(config, options_.reserved_threads);
  if (!workers_ || workers_->threads() != threads) workers_ = std::make_unique<core::Workers>(threads);
  const bool as_asked = dataset_ && dataset_->note.empty();  // else the files may be there by now
  if (as_asked && loaded_ == config.dataset && loaded_seed_ == config.seed) {
    if (!files_are_there(config.dataset))
      message_ = "dataset: its files are gone" +
                 (config.dataset.path.empty() ? "" : " from " + config.dataset.path) +
                 "; the run learns from what was loaded before";
    return;
  }
  // A run that goes on does so with its own data or not at all.
  const auto load = reset.from ? load_dataset : load_dataset_or_digits;
  dataset_ = load(config.dataset, config.seed, *workers_, quit, loading_.get());
  loaded_ = config.dataset;
  loaded_seed_ = config.seed;
}

void TrainerThread::park(TrainStatus status, const std::string& message) {
  status_ = status;
  message_ = message;
  publish();
}

void TrainerThread::tell(const Event& event) {
  events_.push({run_id_, event, event.kind == EventKind::kFork ? run_->forked_from : 0});
  with_sink([&](RunSink& sink) { sink.add(event); });
}

void TrainerThread::tell_health() {
  if (!run_->trainer.health()) return;
  Health health = *run_->trainer.health();
  health.run_id = run_id_;
  health_.push(std::move(health));
}

void TrainerThread::open_sink() try {
  run_->sink.reset();  // the last one first: it may be of the same place
  if (!options_.sink) return;
  auto sink = options_.sink(run_id_);
  if (sink) sink->begin(run_->trainer);
  run_->sink = std::move(sink);
  tell_saved();
} catch (const io::FileError& error) {
  tell_unsaved(error);
}

void TrainerThread::tell_unsaved(const io::FileError& error) {
  message_ = unsaved_ = std::string("the run cannot be saved: ") + error.what();
}

void TrainerThread::tell_saved() {
  if (message_ == unsaved_) message_.clear();
}

void TrainerThread::save() {
  if (!run_ || run_->trainer.step() != run_->timeline.newest_step()) return;
  if (!run_->sink) return open_sink();
  with_sink([&](RunSink& sink) {
    sink.save(run_->trainer);
    tell_saved();
  });
}

template <class Action>
void TrainerThread::with_sink(const Action& action) try {
  if (run_ && run_->sink) action(*run_->sink);
} catch (const io::FileError& error) {
  tell_unsaved(error);
}

TrainSnapshot::Past TrainerThread::past() const {
  const Timeline& timeline = run_->timeline;
  TrainSnapshot::Past past{
      timeline.first_step(), timeline.newest_step(), timeline.kept(), timeline.kept_bytes(),
      past_bytes_,           run_->forked_from,      run_->forked_at};
  if (const auto& to = run_->destination) {
    const auto done = static_cast<double>(run_->trainer.step() - to->from);
    past.way = to->to > to->from ? done / static_cast<double>(to->to - to->from) : 1;
    past.destination = to->to;
  }
  return past;
}

void TrainerThread::publish() {
  auto snapshot = std::make_shared<TrainSnapshot>();
  snapshot->run_id = run_id_;
  snapshot->resets = resets_;
  snapshot->commands = handled_;
  snapshot->config = run_ ? run_->trainer.config() : config_;
  snapshot->status = status_;
  snapshot->message = message_;
  if (status_ == TrainStatus::kLoading) snapshot->loading = loading_;
  if (run_) {
    const Trainer& trainer = run_->trainer;
    snapshot->step = trainer.step();
    snapshot->epoch = trainer.epoch();
    snapshot->steps_left = trainer.steps_left();
    snapshot->images_per_second = trainer.images_per_second();
    if (trainer.images_per_second() > 0)
      snapshot->seconds_left = static_cast<double>(trainer.steps_left() * trainer.config().batch_size) /
                               trainer.images_per_second();
    snapshot->model = facts_of(trainer.model(), trainer.weights());
    snapshot->dataset = dataset_;
    snapshot->values = std::make_shared<const core::AlignedVector<float>>(trainer.weights().values);
    snapshot->past = past();
    for (KeptStep& kept : snapshot->past.kept)
      if (!kept.values) kept.values = snapshot->values;
  }
  news_ = false;
  snapshots_.publish(std::move(snapshot));
  if (options_.wake && parked(status_)) options_.wake();
}

}  // namespace vitrine::train
