#include "app/labs/workbench/workbench.h"

#include <algorithm>
#include <cmath>
#include <thread>
#include <utility>

#include "app/labs/lab.h"
#include "engine/core/text.h"
#include "engine/train/run_folder.h"

namespace vitrine::labs {

using core::Index;
using train::TrainStatus;

namespace {

constexpr double kRefresh_s = 0.1;  // of the pictures while it learns

std::string percent(double share) { return core::shown(std::floor(100 * share), 3) + " %"; }

}  // namespace

std::string_view words_of(TrainStatus status) {
  constexpr std::string_view kWords[] = {"loading",  "running", "paused",    "done",
                                         "diverged", "failed",  "going back"};
  return kWords[static_cast<std::size_t>(status)];
}

bool is_over(TrainStatus status) {
  return status == TrainStatus::kDone || status == TrainStatus::kDiverged || status == TrainStatus::kFailed;
}

void fit(train::TrainConfig& config) {
  const train::TrainConfig fresh;
  const auto finite = [](double& value, double otherwise) {
    if (!std::isfinite(value)) value = otherwise;
  };
  auto& optimizer = config.optimizer;
  finite(optimizer.learning_rate, fresh.optimizer.learning_rate);
  finite(optimizer.eps, fresh.optimizer.eps);
  finite(optimizer.weight_decay, 0);
  finite(optimizer.momentum, 0);
  finite(optimizer.clip_norm, 0);
  finite(config.schedule.min_learning_rate, 0);
  finite(config.model.dropout, 0);
  if (!(optimizer.betas.shape() == core::Shape{2})) optimizer.betas = fresh.optimizer.betas;
}

void Workbench::Params::describe(core::Fields& f) {
  f.group("config", config);
  probe.describe(f);
  f.field("past_mib", past_mib);
  fit(config);
  past_mib = std::clamp<Index>(past_mib, 1, kMostPast_mib);
}

Workbench::Workbench(std::function<void()> wake, std::filesystem::path runs_folder)
    : wake_(std::move(wake)),
      runs_folder_(std::move(runs_folder)),
      look_([](const LookQuestion& question, std::stop_token, core::Progress&) { return look(question); },
            [this] {
              if (!moves_ && wake_) wake_();
            }),
      earlier_(wake_),
      opened_(wake_) {}

void Workbench::begin() {
  if (trainer_) return;
  begun_ = params_.config;
  resets_ = 1;
  train::TrainerThread::Options options{1, wake_, params_.past_mib << 20};
  if (!runs_folder_.empty())
    options.sink = [this](std::int64_t run) -> std::unique_ptr<train::RunSink> {
      return std::make_unique<train::RunFolder>(folder_of(run), train::Existing::kReplace);
    };
  trainer_ = std::make_unique<train::TrainerThread>(begun_, std::move(options));
}

std::filesystem::path Workbench::folder_of(std::int64_t run) const {
  return runs_folder_ / ("run " + std::to_string(run));
}

void Workbench::poll(std::chrono::microseconds patience) {
  opened_.poll(patience);
  if (std::string words = opened_.take_words(); !words.empty()) words_ = std::move(words);
  take_earlier_run();
  if (!trainer_ && earlier_.reading()) return;  // the first run will be that one
  begin();
  receive();
  follow();
  ask();
  if (const auto answer = look_.poll(patience)) {
    look_error_ = answer->error;
    if (answer->result) looked_ = answer->result;
  }
}

Workbench::Run& Workbench::run_of(std::int64_t id) {
  const auto found = std::lower_bound(runs_.begin(), runs_.end(), id,
                                      [](const Run& run, std::int64_t value) { return run.id < value; });
  if (found != runs_.end() && found->id == id) return *found;
  Run run;
  run.id = id;
  run.config = begun_;
  return *runs_.insert(found, std::move(run));
}

void Workbench::receive_snapshot() {
  auto snapshot = trainer_->take_snapshot();
  if (!snapshot) return;
  Run& run = run_of(snapshot->run_id);
  run.config = snapshot->config;
  if (!run.doctor && snapshot->dataset)
    run.doctor.emplace(train::subject_of(snapshot->config, *snapshot->dataset));
  if (snapshot->message != told_ && !snapshot->message.empty()) words_ = snapshot->message;
  told_ = snapshot->message;
  snapshot_ = std::move(snapshot);
  if (reset_pending() || snapshot_->status == TrainStatus::kLoading) return;
  auto before = std::exchange(before_, {});
  for (train::MetricPoint& point : before.points) {
    point.run_id = run.id;
    run.curves.add(point);
    run.seconds = point.seconds;
  }
  std::vector<train::RunEvent> events;
  for (const train::Event& event : before.events) events.push_back({run.id, event});
  run.events.insert(run.events.begin(), before.events.begin(), before.events.end());
  tell_doctors(before.points, {}, events);
}

void Workbench::receive() {
  const auto health = trainer_->drain_health();
  const auto points = trainer_->drain_metrics();
  receive_snapshot();  // a run's first one comes before its first point, and the event of a fork before both
  moves_ = playing();
  const auto events = trainer_->drain_events();
  for (const train::RunEvent& told : events) {
    Run& run = run_of(told.run_id);
    if (told.event.kind == train::EventKind::kFork) {
      run.forked_from = told.forked_from;
      run.forked_at = told.event.step;
    }
    run.events.push_back(told.event);
  }
  for (const train::MetricPoint& point : points) {
    Run& run = run_of(point.run_id);
    if (run.forked_from != 0 && run.curves.empty()) inherit(run);
    run.curves.add(point);
    run.seconds = point.seconds;
  }
  tell_doctors(points, health, events);
  if (auto recalled = trainer_->take_recalled()) recalled_ = std::move(recalled);
}

// With its first point, behind all those of the run that it left.
void Workbench::inherit(Run& fork) {
  const Run& left = run_of(fork.forked_from);
  fork.curves = left.curves.fork(fork.forked_at);
  if (!left.doctor) return;
  fork.doctor = left.doctor->fork(fork.forked_at, left.curves, left.events);
  for (const train::Event& event : fork.events) fork.doctor->add(event);
}

void Workbench::tell_doctors(std::span<const train::MetricPoint> points,
                             std::span<const train::Health> health, std::span<const train::RunEvent> events) {
  enum Kind { kPoint, kHealth, kEvent };  // an event comes after the update of its step
  struct Item {
    std::int64_t run_id;
    Index step;
    Kind kind;
    std::size_t number;
    auto operator<=>(const Item&) const = default;
  };
  std::vector<Item> items;
  for (std::size_t i = 0; i < points.size(); ++i)
    items.push_back({points[i].run_id, points[i].step, kPoint, i});
  for (std::size_t i = 0; i < health.size(); ++i)
    items.push_back({health[i].run_id, health[i].step, kHealth, i});
  for (std::size_t i = 0; i < events.size(); ++i)
    items.push_back({events[i].run_id, events[i].event.step, kEvent, i});
  std::sort(items.begin(), items.end());
  for (const Item& item : items) {
    auto& doctor = run_of(item.run_id).doctor;
    if (!doctor) continue;
    if (item.kind == kPoint) doctor->add(points[item.number]);
    if (item.kind == kHealth) doctor->add(health[item.number]);
    if (item.kind == kEvent) doctor->add(events[item.number].event);
  }
  for (Run& run : runs_)
    if (run.doctor && !items.empty()) run.remarks = run.doctor->remarks();
}

std::shared_ptr<const train::TrainSnapshot> Workbench::newest() {
  if (trainer_) receive();
  return snapshot_;
}

void Workbench::follow() {
  const auto end = static_cast<double>(last_step());
  if (playhead_.t != placed_) live_ = playhead_.t >= end;
  playhead_.t = placed_ = live_ ? end : std::clamp(playhead_.t, 0.0, end);
}

train::KeptStep Workbench::kept() const {
  if (live_) return {snapshot_->step, snapshot_->values};
  const auto& steps = snapshot_->past.kept;
  const auto after =
      std::upper_bound(steps.begin(), steps.end(), at(),
                       [](Index step, const train::KeptStep& each) { return step < each.step; });
  return after == steps.begin() ? *after : *(after - 1);
}

// One question at a time: a look that takes long is not overtaken by the next step.
void Workbench::ask() {
  if (!snapshot_ || !snapshot_->values || look_.busy()) return;
  look_.request({snapshot_->run_id, snapshot_->config.model, kept(), snapshot_->dataset, params_.probe});
}

void Workbench::edit(Params params, bool same_gesture) {
  if (params == params_) return;
  history_.record(params_, same_gesture);
  set(std::move(params));
}

void Workbench::adopt(Params params) {
  edit(std::move(params), false);
  if (needs_reset()) reset();
}

void Workbench::adopt(train::TrainConfig config) {
  Params params = params_;
  params.config = std::move(config);
  adopt(std::move(params));
}

void Workbench::set(Params params) {
  const train::HyperParams before = std::exchange(params_, std::move(params)).config.hyper(),
                           hyper = params_.config.hyper();
  const bool reaches = trainer_ && !over() && (live_ || playing());
  if (reaches && !(hyper == before) && train::validate(hyper).empty()) trainer_->send(train::SetHyper{hyper});
}

void Workbench::undo() {
  if (auto params = history_.undo(params_)) set(std::move(*params));
}
void Workbench::redo() {
  if (auto params = history_.redo(params_)) set(std::move(*params));
}

std::vector<Problem> Workbench::problems() const {
  return setup_problems(params_.config, pictures_for(params_.config, snapshot_.get()));
}

std::string Workbench::refusal() const {
  const auto found = problems();
  return found.empty() ? "" : "No run can begin so. " + found.front().words;
}

bool Workbench::refuse() {
  std::string words = refusal();
  if (words.empty()) return false;
  words_ = std::move(words);
  return true;
}

void Workbench::reset() {
  if (refuse()) return;
  earlier_.forget();
  before_ = {};
  send_reset(nullptr);
}

void Workbench::take_earlier_run() {
  const auto answer = earlier_.take();
  if (!answer) return;
  if (!answer->result) {
    words_ = "That run cannot go on. " + answer->error;
    return;
  }
  opened_.close();
  before_ = *answer->result;
  history_.record(params_, false);
  params_.config = answer->result->from->record.config;
  send_reset(answer->result->from);
}

std::shared_ptr<const std::vector<train::KeptRun>> Workbench::kept_runs() {
  if (runs_folder_.empty()) return std::make_shared<const std::vector<train::KeptRun>>();
  return earlier_.find(runs_folder_.parent_path(), snapshot_ ? folder_of(snapshot_->run_id) : "");
}

void Workbench::send_reset(std::shared_ptr<const train::Checkpoint> from) {
  begin();
  begun_ = params_.config;
  ++resets_;
  live_ = true;
  follow();
  trainer_->send(train::Reset{begun_, std::move(from), params_.past_mib << 20});
}

bool Workbench::needs_reset() const {
  train::TrainConfig begun = begun_;
  begun.set(params_.config.hyper());  // what is live needs none
  return trainer_ && !(begun == params_.config);
}

bool Workbench::reset_pending() const { return !snapshot_ || snapshot_->resets < resets_; }

bool Workbench::over() const { return !reset_pending() && is_over(snapshot_->status); }

Index Workbench::last_step() const { return reset_pending() ? 0 : snapshot_->past.newest; }

Index Workbench::end_step() const {
  return reset_pending() ? 0 : std::max(snapshot_->past.newest, snapshot_->step + snapshot_->steps_left);
}

Index Workbench::at() const {
  if (!snapshot_) return 0;
  return live_ ? snapshot_->step
               : std::clamp<Index>(std::llround(playhead_.t), snapshot_->past.first, snapshot_->past.newest);
}

void Workbench::look_at(Index step) {
  playhead_.t = static_cast<double>(step);
  follow();
}

bool Workbench::playing() const {
  return snapshot_ &&
         (snapshot_->status == TrainStatus::kRunning || snapshot_->status == TrainStatus::kRewinding);
}

void Workbench::fork() {
  trainer_->send(train::Fork{at(), params_.config.hyper()});
  live_ = true;
}

void Workbench::toggle_play() {
  begin();
  if (playing()) return trainer_->send(train::Pause{});
  if (refuse()) return;
  if (over() && live_) {
    if (snapshot_->status == TrainStatus::kDiverged && !needs_reset())
      fork();
    else
      reset();
  } else if (!live_) {
    fork();
  } else {
    trainer_->send(train::SetHyper{params_.config.hyper()});  // what was edited while the past was looked at
  }
  trainer_->send(train::Start{});
}

void Workbench::step(int direction) {
  begin();
  if (direction > 0 && live_) {
    if (refuse()) return;
    if (over()) reset();
    return trainer_->send(train::Step{1});
  }
  if (!snapshot_) return;
  const Index from = at();
  const auto& steps = snapshot_->past.kept;
  if (direction > 0) {
    const auto next =
        std::find_if(steps.begin(), steps.end(), [=](const auto& kept) { return kept.step > from; });
    look_at(next == steps.end() ? last_step() : next->step);
  } else {
    const auto before =
        std::find_if(steps.rbegin(), steps.rend(), [=](const auto& kept) { return kept.step < from; });
    if (before != steps.rend()) look_at(before->step);
  }
}

bool Workbench::train_to(Index step) {
  begin();
  if (reset_pending() || snapshot_->status == TrainStatus::kLoading || playing()) return false;
  const Index missing = step - snapshot_->past.newest;
  if (missing <= 0 || over() || refuse()) return true;
  look_at(last_step());
  trainer_->send(train::Step{missing});
  return true;
}

std::string Workbench::time_words() const {
  if (!snapshot_) return "loading";
  const train::TrainSnapshot& s = *snapshot_;
  std::string words(words_of(s.status));
  if (s.loading) return words + " " + percent(s.loading->fraction());
  if (s.status == TrainStatus::kRewinding)
    return words + " to step " + core::grouped(s.past.destination) + "  " + percent(s.past.way);
  words += "  step " + core::grouped(s.step) + " of " + core::grouped(end_step());
  if (s.status == TrainStatus::kRunning)
    words += "  " + core::grouped(std::llround(s.images_per_second)) + " images/s";
  if (s.status == TrainStatus::kRunning && s.seconds_left > 0)
    words += "  " + core::clock_text(s.seconds_left) + " left";
  if (!live_) words = "looking at step " + core::grouped(at()) + "  ·  " + words;
  return words;
}

// While it runs, a few times a second; a parked trainer's news and a look's answer wake the window
// themselves.
double Workbench::sleep_s() const {
  const bool loading = snapshot_ && snapshot_->loading;
  if (!smoothed_) return 0;
  return playing() || loading ? kRefresh_s : kForever;
}

void Workbench::smooth(double factor) {
  smoothed_ = true;
  for (Run& run : runs_) smoothed_ = run.curves.smooth(factor) && smoothed_;
}

void Workbench::recall(Index step) {
  begin();
  trainer_->send(train::RecallStep{step});
}

void Workbench::settle(double t) {
  const bool stays_live = live_ && t == placed_;  // nobody asked for another step
  const auto wait = [&](auto done) {
    for (poll({}); !done(); poll(std::chrono::milliseconds(2)))
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
  };
  const auto parked = [&] {
    return !earlier_.reading() && !reset_pending() && snapshot_->status != TrainStatus::kLoading &&
           !playing();
  };
  wait(parked);
  const Index step = std::llround(std::min(t, 1e6)), missing = step - snapshot_->past.newest;
  if (!stays_live && missing > 0 && !over()) {
    trainer_->send(train::Step{missing});
    wait([&] { return parked() && (snapshot_->past.newest >= step || over()); });
  }
  if (!stays_live) look_at(std::min(step, last_step()));
  const auto looked = [&] {
    return !snapshot_->values || !look_error_.empty() ||
           (!look_.busy() && looked_ && looked_->run_id == snapshot_->run_id && looked_->step == kept().step);
  };
  wait(looked);
  wait([&] { return !opened_.busy(); });
}

}  // namespace vitrine::labs
