#include "engine/train/trainer_thread.h"

#include <sys/resource.h>

#include <cmath>
#include <utility>

#include "engine/core/stop.h"
#include "engine/io/files.h"
#include "engine/nn/vit.h"

namespace vitrine::train {
namespace {

constexpr int kPoliteness = 5;  // Linux's nice value of the trainer's threads: the window goes first

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};

bool parked(TrainStatus status) { return status != TrainStatus::kRunning; }

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

TrainSnapshot::DatasetFacts facts_of(const Dataset& d) {
  return {d.name,     d.note,    d.class_names,   d.classes,           d.channels(),
          d.height(), d.width(), d.train.count(), d.validation.count()};
}

core::Shape picture_shape(const Dataset& dataset) {
  return {dataset.channels(), dataset.height(), dataset.width()};
}

core::Tensor<float> picture(const Dataset& dataset, Index image) {
  core::Tensor<float> pixels(picture_shape(dataset));
  const std::uint8_t* bytes = dataset.validation.images.data() + image * pixels.count();
  for (Index i = 0; i < pixels.count(); ++i) pixels[i] = static_cast<float>(bytes[i]) / 255;
  return pixels;
}

}  // namespace

TrainerThread::TrainerThread(const TrainConfig& config, Options options)
    : options_(std::move(options)), thread_([this](std::stop_token quit) {
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
      const auto message = parked(status_) ? std::optional(commands_.pop()) : commands_.try_pop();
      if (!message)
        advance();  // only when no command waits
      else if (const auto* command = std::get_if<Command>(&*message))
        handle(*command, quit);
    } catch (const core::Stopped&) {
      return;  // quit while loading
    } catch (const std::exception& error) {
      trainer_.reset();
      park(TrainStatus::kFailed, error.what());
    }
  }
}

void TrainerThread::handle(const Command& command, std::stop_token quit) {
  const bool can_run = status_ == TrainStatus::kPaused || status_ == TrainStatus::kRunning;
  message_ = can_run ? "" : message_;
  std::visit(Overloaded{[&](const Start&) {
                          if (can_run) status_ = TrainStatus::kRunning;
                          updates_left_.reset();
                        },
                        [&](const Pause&) {
                          if (can_run) status_ = TrainStatus::kPaused;
                        },
                        [&](const Step& step) {
                          if (can_run && step.updates > 0) {
                            status_ = TrainStatus::kRunning;
                            updates_left_ = step.updates;
                          }
                        },
                        [&](const Reset& reset) { begin_run(reset.config, quit); },
                        [&](const SetHyper& set) {
                          try {
                            if (trainer_) trainer_->set(set.hyper);
                          } catch (const std::invalid_argument& error) {
                            message_ = error.what();
                          }
                        },
                        [&](const SetProbe& probe) { set_probe(probe); }},
             command);
  publish();
}

void TrainerThread::begin_run(const TrainConfig& config, std::stop_token quit) {
  ++run_id_;
  config_ = config;
  trainer_.reset();
  updates_left_.reset();
  loading_ = std::make_shared<core::Progress>();
  park(TrainStatus::kLoading, "");
  refuse(validate(config));
  load(config, quit);
  trainer_ = std::make_unique<Trainer>(config, dataset_, *workers_, TrainerOptions{run_id_, true});
  status_ = TrainStatus::kPaused;
}

void TrainerThread::load(const TrainConfig& config, std::stop_token quit) {
  const int threads = threads_for(config, options_.reserved_threads);
  if (!workers_ || workers_->threads() != threads) workers_ = std::make_unique<core::Workers>(threads);
  const bool as_asked = dataset_ && dataset_->note.empty();  // else the files may be there by now
  if (as_asked && loaded_ == config.dataset && loaded_seed_ == config.seed) return;
  const auto seed = static_cast<std::uint64_t>(config.seed);
  try {
    dataset_ = load_dataset(config.dataset, seed, *workers_, quit, loading_.get());
  } catch (const io::FileError& error) {
    DatasetConfig digits = config.dataset;
    digits.kind = DatasetKind::kDigits;
    auto replaced = std::make_shared<Dataset>(*load_dataset(digits, seed, *workers_, quit, loading_.get()));
    replaced->note = std::string("generated digits instead: ") + error.what();
    dataset_ = std::move(replaced);
  }
  loaded_ = config.dataset;
  loaded_seed_ = config.seed;
}

void TrainerThread::advance() {
  try {
    if (const auto point = trainer_->advance()) {
      metrics_.push(*point);
      if (point->split == MetricSplit::kTrain && updates_left_ && --*updates_left_ == 0) {
        updates_left_.reset();
        park(TrainStatus::kPaused, "");
      }
    }
    if (trainer_->done()) park(TrainStatus::kDone, "");
  } catch (const Divergence& divergence) {
    park(TrainStatus::kDiverged, divergence.what());
  }
  if (status_ == TrainStatus::kRunning && snapshots_.wanted()) publish();
}

void TrainerThread::set_probe(const SetProbe& probe) {
  if (!probe.pixels.empty() && dataset_ && !(probe.pixels.shape() == picture_shape(*dataset_)))
    message_ = "a probe of shape " + to_string(probe.pixels.shape()) + " where the model takes " +
               to_string(picture_shape(*dataset_));
  else
    probe_ = probe;
}

void TrainerThread::park(TrainStatus status, const std::string& message) {
  status_ = status;
  message_ = message;
  publish();
}

void TrainerThread::publish() {
  auto snapshot = std::make_shared<TrainSnapshot>();
  snapshot->run_id = run_id_;
  snapshot->config = trainer_ ? trainer_->config() : config_;
  snapshot->status = status_;
  snapshot->message = message_;
  if (status_ == TrainStatus::kLoading) snapshot->loading = loading_;
  if (trainer_) {
    const Dataset& dataset = trainer_->dataset();
    const auto& model = trainer_->model();
    snapshot->step = trainer_->step();
    snapshot->epoch = trainer_->epoch();
    snapshot->images_per_second = trainer_->images_per_second();
    snapshot->model = facts_of(model, trainer_->weights());
    snapshot->dataset = facts_of(dataset);
    TrainSnapshot::Probe& probe = snapshot->probe;
    if (probe_.pixels.shape() == picture_shape(dataset)) {
      probe.pixels = probe_.pixels;
    } else {  // none, or pixels that fitted an earlier data set only
      const Index count = dataset.validation.count();
      probe.image = (probe_.image % count + count) % count;
      probe.label = dataset.validation.labels[probe.image];
      probe.pixels = picture(dataset, probe.image);
    }
    Look look = trainer_->look(probe.pixels);
    probe.probabilities = std::move(look.probabilities);
    if (probe.label >= 0)
      probe.loss = -std::log(double{probe.probabilities[static_cast<std::size_t>(probe.label)]});
    probe.attention = std::move(look.attention);
  }
  snapshots_.publish(std::move(snapshot));
  if (options_.wake && parked(status_)) options_.wake();
}

}  // namespace vitrine::train
