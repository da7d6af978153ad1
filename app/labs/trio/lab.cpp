#include "app/labs/trio/lab.h"

#include <algorithm>
#include <cmath>
#include <thread>
#include <utility>

#include "app/labs/compute_lab.h"
#include "app/labs/workbench/workbench.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using train::ContestConfig;
using train::DatasetKind;
using train::TrainStatus;

namespace {

constexpr double kRefresh_s = 0.1;  // of the pictures while they learn

struct NamedContest {
  std::string_view name;
  DatasetKind kind;
  train::Equal equal;
  Trio::Exhibit exhibit = Trio::Exhibit::kTraining;
};
constexpr NamedContest kPresets[] = {
    {"Digits, equal parameters", DatasetKind::kDigits, train::Equal::kParameters},
    {"Digits, equal compute", DatasetKind::kDigits, train::Equal::kCompute},
    {"Digits, shifted", DatasetKind::kDigits, train::Equal::kParameters, Trio::Exhibit::kShift},
    {"Fashion-MNIST, equal parameters", DatasetKind::kFashionMnist, train::Equal::kParameters},
    {"Fashion-MNIST, shifted", DatasetKind::kFashionMnist, train::Equal::kParameters, Trio::Exhibit::kShift}};

// A ViT that is small enough for three or four of its size to learn side by side.
ContestConfig contest_of(const NamedContest& preset) {
  ContestConfig contest;
  contest.reference = train::preset("demo").value();
  contest.reference.dataset = {preset.kind, "", 6'000, 1'000};
  train::ModelConfig& vit = contest.reference.model;
  vit.embed_dim = 32;
  vit.head_dim = 8;
  vit.mlp_dim = 64;
  contest.reference.epochs = 10;
  contest.equal = preset.equal;
  return contest;
}

// Of the data that is offered here: what is known before it is loaded.
struct Pictures {
  nn::ImageSizes image;
  Index classes;
};
Pictures pictures_of(DatasetKind kind) {
  if (kind == DatasetKind::kShapes) return {{3, 28, 28}, 8};
  return {{1, 28, 28}, 10};
}

}  // namespace

Trio::Params::Params() : contest(contest_of(kPresets[0])) {}

void Trio::Params::describe(core::Fields& f) {
  f.group("contest", contest);
  f.field("probe", probe);
  f.field("reach", reach);
  f.field("shift_images", shift_images);
  // What a file may say and the controls cannot.
  fit(contest.reference);
  probe = std::clamp<Index>(probe, 0, kMostProbe);
  reach = std::clamp<Index>(reach, 0, kMostReach_px);
  shift_images = std::clamp<Index>(shift_images, 1, kMostShifted);
  if (train::needs_path(contest.reference.dataset.kind))
    contest.reference.dataset.kind = DatasetKind::kDigits;
}

void Trio::View::describe(core::Fields& f) {
  static constexpr std::array<std::string_view, 2> kExhibits{"training", "shift"};
  f.choice("exhibit", exhibit, kExhibits);
  f.field("by_seconds", by_seconds);
}

Trio::Trio(std::function<void()> wake)
    : wake_(std::move(wake)),
      shift_job_([](const ShiftQuestion& question, std::stop_token stop,
                    core::Progress& progress) { return answer(question, stop, progress); },
                 wake_),
      probe_job_(
          [](const ProbeQuestion& question, std::stop_token, core::Progress&) { return answer(question); },
          wake_) {}

void Trio::begin() {
  if (!race_) reset();
}

// What cannot be is said instead, and the race that is there stays.
void Trio::reset() {
  const ContestConfig& contest = params_.contest;
  const Pictures pictures = pictures_of(contest.reference.dataset.kind);
  try {
    train::refuse(train::validate(contest.reference));
    contestants_ = train::contestants(contest, pictures.image, pictures.classes);
    problem_ = "";
  } catch (const std::invalid_argument& error) {
    problem_ = error.what();
    return;
  }
  begun_ = contest;
  image_ = pictures.image;
  rows_.clear();
  for (const train::Contestant& each : contestants_) rows_.push_back(layer_rows(each, image_));
  tracks_.assign(contestants_.size(), {});
  snapshot_ = nullptr;
  shifts_ = nullptr;
  probe_ = nullptr;
  answer_error_ = "";
  view_.hovered = view_.pinned = std::nullopt;
  ++resets_;
  const train::RaceConfig race = train::race_of(contest, contestants_);
  if (race_)
    race_->send(train::ResetRace{race});
  else
    race_ = std::make_unique<train::RaceThread>(race, train::RaceThread::Options{1, wake_});
}

bool Trio::needs_reset() const {
  ContestConfig begun = begun_;
  begun.turns = params_.contest.turns;  // is live
  return !(begun == params_.contest);
}

bool Trio::untouched() const {
  return !snapshot_ ||
         (!playing() && std::ranges::all_of(snapshot_->runners, [](const auto& r) { return r.step == 0; }));
}

bool Trio::over() const { return snapshot_ && is_over(snapshot_->status); }

void Trio::poll(std::chrono::microseconds patience) {
  begin();
  if (!race_) return;
  receive();
  ask();
  const auto take = [this](const auto& answer, auto& shown) {
    if (!answer || answer->params.race_id != resets_) return;
    if (answer->result) shown = answer->result;
    answer_error_ = answer->error;
  };
  take(probe_job_.poll(patience), probe_);
  take(shift_job_.poll({}), shifts_);
}

void Trio::receive() {
  for (const train::RacePoint& point : race_->drain_points())
    if (point.race_id == resets_) tracks_[point.runner].add(point);
  const auto snapshot = race_->take_snapshot();
  if (snapshot && snapshot->race_id == resets_) snapshot_ = snapshot;
}

std::vector<Trained> Trio::trained() const {
  std::vector<Trained> models;
  for (std::size_t i = 0; i < snapshot_->runners.size(); ++i)
    models.push_back({contestants_[i].model, snapshot_->runners[i].images, snapshot_->runners[i].weights});
  return models;
}

// A look at the probe is not overtaken by the next update; the shifts take longer, and are measured when the
// race stands still.
void Trio::ask() {
  if (!snapshot_ || snapshot_->runners.empty()) return;
  if (!probe_job_.busy())
    probe_job_.request({resets_, trained(), snapshot_->dataset, params_.probe, shift()});
  if (!playing() && !untouched())
    shift_job_.request({resets_, trained(), snapshot_->dataset, params_.shift_images, params_.reach});
}

void Trio::set(Params params) {
  const Params before = std::exchange(params_, std::move(params));
  if (!race_) return;
  if (params_.contest.turns != before.contest.turns) race_->send(train::SetTurns{params_.contest.turns});
  if (!needs_reset())
    problem_ = "";
  else if (!(before.contest == params_.contest) && untouched())
    reset();
}

void Trio::adopt(Params params) {
  if (params == params_) return;
  history_.record(params_, false);
  set(std::move(params));
  if (race_ && needs_reset()) reset();
}

void Trio::undo() {
  if (auto params = history_.undo(params_)) set(std::move(*params));
}
void Trio::redo() {
  if (auto params = history_.redo(params_)) set(std::move(*params));
}

void Trio::describe(core::Fields& fields) {
  Params params = params_;
  fields.group("params", params);
  fields.group("view", view_);
  adopt(std::move(params));
}

std::vector<std::string> Trio::presets() const {
  std::vector<std::string> names;
  for (const NamedContest& preset : kPresets) names.emplace_back(preset.name);
  return names;
}

bool Trio::load_preset(std::string_view name) {
  for (const NamedContest& preset : kPresets) {
    if (preset.name != name) continue;
    Params params = params_;
    params.contest = contest_of(preset);
    view_.exhibit = preset.exhibit;
    adopt(std::move(params));
    return true;
  }
  return false;
}

bool Trio::playing() const { return snapshot_ && snapshot_->status == TrainStatus::kRunning; }

void Trio::toggle_play() {
  begin();
  if (!race_) return;
  if (playing()) return race_->send(train::Pause{});
  if (over()) reset();
  race_->send(train::Start{});
}

void Trio::step(int direction) {
  begin();
  if (race_ && direction > 0 && !over()) race_->send(train::Step{1});
}

void Trio::unpin() {
  view_.pinned.reset();
  view_.pinned_shift.reset();
}

std::string Trio::time_words() const {
  if (!snapshot_) return "loading";
  std::string words(words_of(snapshot_->status));
  if (snapshot_->loading)
    return words + " " + core::shown(std::floor(100 * snapshot_->loading->fraction()), 3) + " %";
  if (snapshot_->runners.empty()) return words;
  const auto images_of = [&](std::size_t runner) {
    return core::grouped(snapshot_->runners[runner].images) + " of " +
           core::grouped(begun_.reference.epochs * snapshot_->dataset->train.count()) + " images";
  };
  if (!snapshot_->next) return words;
  const bool together = snapshot_->config.turns == train::Turns::kEqualImages;
  return words + "  " + (together ? "" : contestants_[*snapshot_->next].name + ": ") +
         images_of(*snapshot_->next) + (together ? " each" : "");
}

// While they learn, a few times a second; a parked race's news and an answer wake the window themselves.
double Trio::sleep_s() const {
  const bool loading = !snapshot_ || snapshot_->loading;
  return playing() || loading || shift_job_.busy() ? kRefresh_s : kForever;
}

Index Trio::rounds() const {
  Index steps = 0;
  for (const auto& runner : snapshot_->runners)
    steps = snapshot_->config.turns == train::Turns::kEqualImages ? std::max(steps, runner.step)
                                                                  : steps + runner.step;
  return steps;
}

void Trio::settle(double t) {
  const auto wait = [&](auto done) {
    for (poll({}); !done(); poll(std::chrono::milliseconds(2)))
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
  };
  const auto parked = [&] {
    return !race_ || (snapshot_ && snapshot_->status != TrainStatus::kLoading && !playing());
  };
  wait(parked);
  if (!race_ || snapshot_->runners.empty()) return;
  const Index wanted = std::llround(std::clamp(t, 0.0, 1e6)), missing = wanted - rounds();
  if (missing > 0 && !over()) {
    race_->send(train::Step{missing});
    wait([&] { return parked() && (rounds() >= wanted || over()); });
  }
  wait([&] { return !shift_job_.busy() && !probe_job_.busy(); });
}

}  // namespace vitrine::labs
