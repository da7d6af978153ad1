#include "engine/train/sweep_thread.h"

#include <sys/resource.h>

#include "engine/core/stop.h"

namespace vitrine::train {
namespace {

constexpr int kPoliteness =
    10;  // Linux's nice value of the sweep's threads: the window and a trainer go first

}  // namespace

SweepThread::SweepThread(Options options)
    : options_(std::move(options)), thread_([this](std::stop_token quit) {
        setpriority(PRIO_PROCESS, 0, kPoliteness);  // of this thread and of those it starts
        work(quit);
      }) {}

SweepThread::~SweepThread() {
  thread_.request_stop();
  commands_.push(Quit{});
}

void SweepThread::work(std::stop_token quit) {
  while (!quit.stop_requested()) {
    try {
      std::optional<Message> message = commands_.try_pop();
      if (!message && status_ != SweepStatus::kRunning) message = commands_.pop();
      if (!message)
        advance();
      else if (const auto* command = std::get_if<SweepCommand>(&*message))
        handle(*command, quit);
    } catch (const core::Stopped&) {
      return;  // quit while loading
    } catch (const std::exception& error) {
      rest(SweepStatus::kFailed, error.what());
    }
  }
}

void SweepThread::handle(const SweepCommand& command, std::stop_token quit) {
  if (const auto* begun = std::get_if<BeginSweep>(&command)) {
    begin(begun->spec, quit);
  } else if (std::holds_alternative<PauseSweep>(command)) {
    if (status_ == SweepStatus::kRunning) rest(SweepStatus::kPaused);
  } else if (std::holds_alternative<ResumeSweep>(command)) {
    if (status_ == SweepStatus::kPaused) status_ = SweepStatus::kRunning;
    publish();
  } else {
    rest(SweepStatus::kNone);
    sweep_.reset();
  }
}

void SweepThread::begin(const SweepSpec& spec, std::stop_token quit) {
  ++sweep_id_;
  spec_ = spec;
  sweep_.reset();
  if (!workers_) workers_ = std::make_unique<core::Workers>(options_.threads);
  sweep_ = std::make_unique<Sweep>(spec, *workers_, nullptr, quit);
  status_ = SweepStatus::kRunning;
  message_ = "";
  publish();
}

void SweepThread::advance() {
  if (auto point = sweep_->advance()) points_.push({sweep_id_, std::move(*point)});
  if (sweep_->done())
    rest(SweepStatus::kDone);
  else if (snapshots_.wanted())
    publish();
}

void SweepThread::rest(SweepStatus status, const std::string& message) {
  status_ = status;
  message_ = message;
  publish();
}

void SweepThread::publish() {
  auto snapshot = std::make_shared<SweepSnapshot>();
  snapshot->sweep_id = sweep_id_;
  snapshot->spec = spec_;
  snapshot->status = status_;
  snapshot->message = message_;
  if (sweep_) {
    snapshot->trials = sweep_->trials();
    snapshot->place = sweep_->place();
  }
  snapshots_.publish(std::move(snapshot));
  if (options_.wake && status_ != SweepStatus::kRunning) options_.wake();
}

}  // namespace vitrine::train
