#include "app/labs/training/lab.h"

#include <algorithm>
#include <cmath>
#include <thread>

#include "app/labs/compute_lab.h"
#include "app/labs/picture_source.h"
#include "app/widgets/matrix.h"
#include "engine/core/text.h"
#include "engine/train/idx_folder.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using train::TrainStatus;
using widgets::Face;
using widgets::Math;
using widgets::Point;
using widgets::Rect;
using widgets::Role;
using widgets::Sample;

namespace {

constexpr double kRefresh_s = 0.1;   // of the pictures while it learns
constexpr double kSmoothing = 0.95;  // of the running mean: about the last 20 steps

struct NamedPreset {
  std::string_view name, preset;
  train::DatasetKind dataset;
};
// The exercise's model on each of the data sets it makes sense on.
constexpr NamedPreset kPresets[] = {
    {"Homework, Fashion-MNIST", "homework", train::DatasetKind::kFashionMnist},
    {"Homework, MNIST", "homework", train::DatasetKind::kMnist},
    {"Demo, digits", "demo", train::DatasetKind::kDigits}};

train::TrainConfig config_of(const NamedPreset& preset) {
  train::TrainConfig config = train::preset(preset.preset).value();
  config.dataset.kind = preset.dataset;
  return config;
}

std::string class_name(const train::TrainSnapshot& s, Index label) {
  return label < 0 ? "unknown" : s.dataset.class_names[static_cast<std::size_t>(label)];
}

std::string_view status_words(TrainStatus status) {
  constexpr std::string_view kWords[] = {"loading",  "running", "paused",   "done",
                                         "diverged", "failed",  "rewinding"};
  return kWords[static_cast<std::size_t>(status)];
}

// " 42 %" while the data set is read or drawn.
std::string loaded_share(const train::TrainSnapshot* s) {
  return s && s->loading ? " " + core::shown(std::floor(100 * s->loading->fraction()), 3) + " %" : "";
}

bool is_over(TrainStatus status) {
  return status == TrainStatus::kDone || status == TrainStatus::kDiverged || status == TrainStatus::kFailed;
}

void smooth(std::vector<Sample>& curve, const Sample& next) {
  const double before = curve.empty() || !std::isfinite(curve.back().y) ? next.y : curve.back().y;
  curve.push_back({next.x, kSmoothing * before + (1 - kSmoothing) * next.y});
}

std::string percent(double share) { return core::shown(100 * share, 4) + " %"; }

}  // namespace

void Training::Params::describe(core::Fields& f) {
  f.group("config", config);
  f.field("probe", probe);
}

void Training::View::describe(core::Fields& f) {
  f.field("layer", layer);
  f.field("head", head);
  f.field("logarithmic", logarithmic);
  f.field("fit_colors", fit_colors);
}

void Training::Curves::add(const train::MetricPoint& p) {
  const auto x = static_cast<double>(p.step);
  const Sample loss_at{x, p.loss}, accuracy_at{x, p.accuracy};
  switch (p.split) {
    case train::MetricSplit::kTrain:
      loss.push_back(loss_at);
      accuracy.push_back(accuracy_at);
      smooth(smooth_loss, loss_at);
      smooth(smooth_accuracy, accuracy_at);
      return;
    case train::MetricSplit::kQuick:
      quick_loss.push_back(loss_at);
      quick_accuracy.push_back(accuracy_at);
      return;
    case train::MetricSplit::kValidation:
      epoch_loss.push_back(loss_at);
      epoch_accuracy.push_back(accuracy_at);
      return;
  }
}

void Training::begin() {
  if (trainer_) return;
  begun_ = params_.config;
  runs_ = 1;
  trainer_ = std::make_unique<train::TrainerThread>(begun_, train::TrainerThread::Options{1, wake_});
  trainer_->send(train::SetProbe{params_.probe});
}

void Training::restart() {
  begin();
  begun_ = params_.config;
  ++runs_;
  trainer_->send(train::Reset{begun_});
}

bool Training::needs_restart() const {
  train::TrainConfig begun = begun_;
  begun.set(params_.config.hyper());  // what is live needs none
  return trainer_ && !(begun == params_.config);
}

void Training::restart_if_over() {
  if (shown_ && shown_->snapshot->run_id == runs_ && is_over(shown_->snapshot->status)) restart();
}

void Training::set(Params params) {
  const Params before = std::exchange(params_, std::move(params));
  if (!trainer_) return;
  const train::HyperParams hyper = params_.config.hyper(), old = before.config.hyper();
  if (!(hyper == old) && train::validate(hyper).empty()) {
    trainer_->send(train::SetHyper{hyper});
    if (hyper.learning_rate != old.learning_rate && !curves_.loss.empty())
      curves_.marks.push_back(
          {"learning rate " + core::shown(old.learning_rate, 3) + " → " + core::shown(hyper.learning_rate, 3),
           curves_.loss.back().x});
  }
  if (params_.probe != before.probe) trainer_->send(train::SetProbe{params_.probe});
}

void Training::poll(std::chrono::microseconds) {
  begin();
  for (const train::MetricPoint& point : trainer_->drain_metrics()) {
    if (point.run_id != run_id_) {  // the first point of a new run
      curves_ = {};
      run_id_ = point.run_id;
    }
    curves_.add(point);
  }
  auto snapshot = trainer_->take_snapshot();
  if (!snapshot) return;
  if (snapshot->run_id != run_id_) {
    curves_ = {};
    run_id_ = snapshot->run_id;
  }
  auto shown = std::make_shared<Shown>();
  const auto& probe = snapshot->probe;
  if (!probe.pixels.empty()) {
    shown->pixels =
        plane_of(probe.pixels, Plane::kGrey).reshaped({probe.pixels.size(1), probe.pixels.size(2)});
    const Index depth = probe.attention.size(0), heads = probe.attention.size(1),
                tokens = probe.attention.size(2);
    shown->mosaic = Tensor<float>(core::Shape{depth * tokens, heads * tokens});
    for (Index l = 0; l < depth; ++l)
      for (Index h = 0; h < heads; ++h)
        for (Index t = 0; t < tokens; ++t)
          std::copy_n(&probe.attention(l, h, t, 0), tokens, &shown->mosaic(l * tokens + t, h * tokens));
  }
  shown->snapshot = std::move(snapshot);
  shown_ = std::move(shown);
  keep_view_inside();
}

std::shared_ptr<const train::TrainSnapshot> Training::newest() {
  if (trainer_) poll({});
  return shown_ ? shown_->snapshot : nullptr;
}

void Training::keep_view_inside() {
  if (!shown_ || shown_->pixels.empty()) return;
  view_.layer = std::clamp<Index>(view_.layer, 0, shown_->snapshot->model.depth - 1);
  view_.head = std::clamp<Index>(view_.head, 0, shown_->snapshot->model.heads - 1);
}

bool Training::playing() const { return shown_ && shown_->snapshot->status == TrainStatus::kRunning; }

// While it runs, a few times a second; loading and a parked trainer's news wake the window themselves.
double Training::sleep_s() const {
  const bool loading = shown_ && shown_->snapshot->loading;
  return playing() || loading ? kRefresh_s : kForever;
}

void Training::toggle_play() {
  begin();
  restart_if_over();
  if (playing())
    trainer_->send(train::Pause{});
  else
    trainer_->send(train::Start{});
}

void Training::step(int direction) {
  if (direction < 0) return;  // what is learnt is not unlearnt
  begin();
  restart_if_over();
  trainer_->send(train::Step{1});
}

std::string Training::time_words() const {
  if (!shown_) return "loading";
  const auto& s = *shown_->snapshot;
  if (s.loading) return "loading" + loaded_share(&s);
  std::string words = std::string(status_words(s.status)) + "  step " + core::grouped(s.step) + "  epoch " +
                      core::grouped(s.epoch);
  if (s.status == TrainStatus::kRunning)
    words += "  " + core::grouped(std::llround(s.images_per_second)) + " images/s";
  return words;
}

void Training::undo() {
  if (auto params = history_.undo(params_)) set(std::move(*params));
}
void Training::redo() {
  if (auto params = history_.redo(params_)) set(std::move(*params));
}

void Training::describe(core::Fields& fields) {
  Params params = params_;
  fields.group("params", params);
  fields.group("view", view_);
  keep_view_inside();
  if (!(params == params_)) adopt(std::move(params));
}

void Training::adopt(Params params) {
  history_.record(params_, false);
  set(std::move(params));
  if (needs_restart()) restart();
}

bool Training::open(const std::filesystem::path& path) {
  // A folder of IDX files or of pictures, or one of the IDX files in it.
  const std::string name = path.filename().string();
  std::error_code none;
  const bool folder = std::filesystem::is_directory(path, none);
  if (!folder && name.find("ubyte") == std::string::npos) return false;
  Params params = params_;
  const std::filesystem::path place = folder ? path : path.parent_path();
  params.config.dataset.kind =
      train::first_with_idx_files({place}) ? train::DatasetKind::kIdx : train::DatasetKind::kFolder;
  params.config.dataset.path = place.string();
  adopt(std::move(params));
  return true;
}

std::vector<std::string> Training::presets() const {
  std::vector<std::string> names;
  for (const NamedPreset& preset : kPresets) names.emplace_back(preset.name);
  return names;
}

bool Training::load_preset(std::string_view name) {
  for (const NamedPreset& preset : kPresets) {
    if (preset.name != name) continue;
    adopt({config_of(preset), params_.probe});
    return true;
  }
  return false;
}

void Training::settle(double t) {
  begin();
  const auto parked = [&] {
    return shown_ && shown_->snapshot->run_id == runs_ && shown_->snapshot->status != TrainStatus::kLoading &&
           !playing();
  };
  const auto wait = [&](auto done) {
    while (!done()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      poll({});
    }
  };
  wait(parked);
  const Index updates = std::llround(std::min(t, 1e6));
  if (updates <= shown_->snapshot->step || is_over(shown_->snapshot->status)) return;
  trainer_->send(train::Step{updates - shown_->snapshot->step});
  wait([&] { return parked() && (shown_->snapshot->step >= updates || is_over(shown_->snapshot->status)); });
}

void Training::controls(widgets::Controls& c) {
  const Params before = params_;
  bool restart_now = false;
  if (const auto pressed = preset_buttons(c, presets())) {
    params_.config = config_of(kPresets[*pressed]);
    restart_now = true;
  }

  c.section("Run");
  const std::string_view actions[] = {playing() ? "Pause" : "Start", "One step", "Reset"};
  if (const auto pressed = c.buttons(actions, "Space starts and pauses, Right does one step")) {
    if (*pressed == 0) toggle_play();
    if (*pressed == 1) step(1);
    if (*pressed == 2) restart_now = true;
  }
  if (needs_restart())
    c.note("What you changed below is built into a run: Reset begins a new one with it.", Role::kFocus);
  if (shown_ && !shown_->snapshot->message.empty()) c.note(shown_->snapshot->message, Role::kTrouble);
  if (shown_ && !shown_->snapshot->dataset.note.empty())
    c.note(shown_->snapshot->dataset.note, Role::kTrouble);

  c.section("Live: from the next step on");
  auto& optimizer = params_.config.optimizer;
  constexpr double kHomework = 1e-3;
  const widgets::Notch notches[] = {{"1e−4", 1e-4}, {"1e−3", 1e-3}, {"1e−2", 1e-2}};
  c.real("Learning rate", optimizer.learning_rate, {1e-6, 10, kHomework, 1e-4, true},
         "How far one update moves the weights", notches);
  c.real("Weight decay", optimizer.weight_decay, {0, 1, 0, 0.01},
         "How much of each weight is taken away at every update, times the learning rate");
  c.real("Clip norm", optimizer.clip_norm, {0, 10, 0, 0.1},
         "A gradient longer than this is shortened to it; 0 = never");
  c.real("Dropout", params_.config.model.dropout, {0, 0.9, 0.1, 0.05},
         "The share of activations that is set to zero while it learns");
  c.integer("Batch size", params_.config.batch_size, {1, 512, 32}, "Images an update learns from");

  c.section("Picture that is looked at");
  c.integer("Probe", params_.probe, {0, 9999, 0},
            "Number of a validation image: what the model attends to in it is drawn");
  c.toggle("Log scale", view_.logarithmic, false, "Of the loss");

  c.toggle("Fit colours", view_.fit_colors, false,
           "Attention from 0 to its largest weight instead of 0 to 1");

  model_controls(c);

  for (const std::string& problem : train::validate(params_.config)) c.note(problem, Role::kTrouble);
  if (!(params_ == before)) {
    history_.record(before, c.editing() && gesture_);
    gesture_ = c.editing();
    Params edited = params_;
    params_ = before;
    set(std::move(edited));
  } else if (!c.editing()) {
    gesture_ = false;
  }
  if (restart_now && train::validate(params_.config).empty()) restart();
}

void Training::model_controls(widgets::Controls& c) {
  auto& config = params_.config;
  auto& model = config.model;
  c.section("Data: with the next reset");
  c.choice("Data set", config.dataset.kind, train::kDatasetKinds, train::DatasetKind::kFashionMnist,
           "digits and shapes are generated; Fashion-MNIST is a Debian package; `vitrine data fetch mnist` "
           "brings MNIST; other IDX files and folders of pictures are yours to bring");
  const bool drawn = config.dataset.kind == train::DatasetKind::kDigits ||
                     config.dataset.kind == train::DatasetKind::kShapes;
  if (!drawn)
    c.text("Folder", config.dataset.path,
           "Of the IDX files or pictures; empty = the usual places. A folder dropped on the window does the "
           "same");
  c.integer("Images", config.dataset.train_limit, {0, 60'000, 0}, "To train on; 0 = all");
  c.section("Model: with the next reset");
  c.integer("Patch size", model.patch_size, {1, 28, 7, "px"},
            "A patch is one token; it must divide the picture");
  c.integer("Embed dim", model.embed_dim, {2, 512, 64}, "Numbers a token is described by");
  c.integer("Depth", model.depth, {1, 24, 6}, "Encoder blocks");
  c.integer("Heads", model.heads, {1, 16, 8}, "Of each attention");
  c.integer("Head dim", model.head_dim, {0, 128, 8}, "Numbers a head compares; 0 = embed dim / heads");
  c.integer("MLP dim", model.mlp_dim, {1, 2048, 128}, "Hidden units of a block's two-layer network");
  c.choice("Pool", model.pool, train::kPools, nn::Pool::kClassToken,
           "What the answer is read from: a class token, or the mean of all tokens");
  c.choice("Positions", model.positions, train::kPositions, nn::Positions::kLearned,
           "How a token knows where it is from");
  c.choice("Optimizer", config.optimizer.kind, train::kOptimizerKinds, nn::OptimizerKind::kAdamW,
           "The rule of an update");
  c.choice("Schedule", config.schedule.kind, train::kScheduleKinds, nn::ScheduleKind::kConstant,
           "How the learning rate goes on over the run");
  c.integer("Warm-up", config.schedule.warmup_steps, {0, 10'000, 0, "steps"},
            "The learning rate rises from 0 over so many steps");
  c.integer("Epochs", config.epochs, {1, 1000, 10}, "Passes over the training images");
  c.integer("Seed", config.seed, {0, 1'000'000, 0}, "The same seed gives the same run, bit for bit");
  if (!shown_) return;
  const auto& s = *shown_->snapshot;
  c.section("This run");
  c.fact("Parameters", core::grouped(s.model.parameters));
  c.fact("Tokens", core::grouped(s.model.tokens));
  c.fact("Training images", core::grouped(s.dataset.train_count));
  c.fact("Validation images", core::grouped(s.dataset.validation_count));
  const Index batch = std::max<Index>(1, s.config.batch_size);
  c.fact("Steps an epoch", core::grouped((s.dataset.train_count + batch - 1) / batch));
}

void Training::draw_curves(widgets::Canvas& c, const Rect& box) const {
  const double classes = shown_ && shown_->snapshot->dataset.classes > 0
                             ? static_cast<double>(shown_->snapshot->dataset.classes)
                             : 10;
  const std::string k = core::shown(classes, 3);
  const float half = std::floor(box.h / 2);
  widgets::PlotPicture loss{
      .id = "loss", .title = "Loss (nats)", .x_title = "steps", .box = {box.x, box.y, box.w, half}};
  loss.curves = {{"", Role::kInput, curves_.loss, 1, 0.25f},
                 {"training", Role::kInput, curves_.smooth_loss, 1.8f},
                 {"validation", Role::kOutput, curves_.quick_loss, 1.5f},
                 {"", Role::kOutput, curves_.epoch_loss, 0, 1, true}};
  loss.references = {{"ln " + k + ": nothing learnt yet", std::log(classes)}};
  loss.marks = curves_.marks;
  loss.logarithmic = view_.logarithmic;
  widgets::draw(c, loss);
  widgets::PlotPicture accuracy{.id = "accuracy",
                                .title = "Accuracy",
                                .x_title = "steps",
                                .box = {box.x, box.y + half, box.w, box.h - half}};
  accuracy.curves = {{"", Role::kInput, curves_.accuracy, 1, 0.25f},
                     {"training", Role::kInput, curves_.smooth_accuracy, 1.8f},
                     {"validation", Role::kOutput, curves_.quick_accuracy, 1.5f},
                     {"", Role::kOutput, curves_.epoch_accuracy, 0, 1, true}};
  accuracy.references = {{"chance", 1 / classes}};
  accuracy.marks = curves_.marks;
  accuracy.y_range = widgets::Interval{0, 1};
  widgets::draw(c, accuracy);
}

Index Training::token() const {
  const Index tokens = shown_->snapshot->model.tokens;
  for (const auto& chosen : {view_.pinned_token, view_.hovered_token})
    if (chosen && *chosen < tokens) return *chosen;
  return 0;
}

void Training::draw_probe(widgets::Canvas& c, const Rect& box) {
  const auto& s = *shown_->snapshot;
  const bool class_token = s.config.model.pool == nn::Pool::kClassToken;
  const Index patch = s.config.model.patch_size, down = shown_->pixels.size(0) / patch,
              across = shown_->pixels.size(1) / patch, first = class_token ? 1 : 0;
  const float cell = std::floor(
      std::min(box.w * 0.5f / static_cast<float>(across), (box.h - 44) / static_cast<float>(down)));
  const Rect picture{box.x, box.y + 24, cell * static_cast<float>(across), cell * static_cast<float>(down)};
  c.text({box.x, box.y + 10}, "Probe", {widgets::kTextSize_px, Face::kStrong, Role::kInput});
  c.text({box.x + 52, box.y + 10}, class_name(s, s.probe.label),
         {widgets::kQuietSize_px, Face::kWords, Role::kQuiet});
  c.heatmap({"probe", picture, &shown_->pixels, gpu::Colormap::kGrey, {0, 1}, shown_});

  const widgets::Touch touch = c.touch("probe", picture);
  view_.hovered_token.reset();
  if (touch.hovered) {
    const auto index = [&](float offset, Index count) {
      return std::clamp<Index>(static_cast<Index>(offset / cell), 0, count - 1);
    };
    view_.hovered_token =
        index(touch.at.y - picture.y, down) * across + index(touch.at.x - picture.x, across) + first;
    if (touch.clicked)
      view_.pinned_token = view_.pinned_token == view_.hovered_token ? std::nullopt : view_.hovered_token;
  }
  const Index query = token();
  const float* weights = &s.probe.attention(view_.layer, view_.head, query, 0);
  const float most = std::max(*std::max_element(weights, weights + s.model.tokens), 1e-6f);
  const widgets::Color light = widgets::dark_theme()[Role::kFocus];  // the picture is dark in either theme
  for (Index i = 0; i < down * across; ++i) {
    const Rect r{picture.x + cell * static_cast<float>(i % across),
                 picture.y + cell * static_cast<float>(i / across), cell, cell};
    const float weight = weights[i + first];
    c.fill(r, {light, 0.62f * weight / most});
    c.stroke(r, {Role::kHairline, 0.7f});
    const widgets::TextStyle number{std::clamp(cell * 0.24f, 9.0f, 14.0f), Face::kNumbers,
                                    widgets::Color{255, 255, 255}, widgets::Align::kCenter};
    if (cell >= 34) {
      const std::string text = fitted(c, weight, number, cell - 6, 2);
      const Point at{r.center().x, r.bottom() - number.size * 0.8f};
      c.fill({at.x - c.text_width(text, number) / 2 - 2, at.y - number.size * 0.6f,
              c.text_width(text, number) + 4, number.size * 1.2f},
             {widgets::Color{0, 0, 0}, 0.55f});
      c.text(at, text, number);
    }
    if (i + first == query) c.stroke(r.inset(1), Role::kFocus, 2.5f);
  }
  const std::string of = query < first ? "Class token" : "Patch " + std::to_string(query - first + 1);
  const widgets::TextStyle quiet{widgets::kQuietSize_px, Face::kWords, Role::kQuiet};
  const std::string where =
      of + " · layer " + std::to_string(view_.layer + 1) + " · head " + std::to_string(view_.head + 1);
  c.text({box.x, picture.bottom() + 12}, elided(c, where, quiet, box.w), quiet);
}

void Training::draw_probabilities(widgets::Canvas& c, const Rect& box) const {
  const auto& s = *shown_->snapshot;
  c.text({box.x, box.y + 10}, "Guess", {widgets::kTextSize_px, Face::kStrong, Role::kOutput});
  const auto count = static_cast<Index>(s.probe.probabilities.size());
  const float line = std::min(20.0f, (box.h - 26) / static_cast<float>(std::max<Index>(1, count)));
  float label = 0;
  for (Index i = 0; i < count; ++i)
    label = std::max(label, c.text_width(class_name(s, i), {widgets::kQuietSize_px - 1, Face::kStrong}) + 10);
  const float number = 48, bar = std::max(4.0f, box.w - label - number);
  const auto best = std::max_element(s.probe.probabilities.begin(), s.probe.probabilities.end()) -
                    s.probe.probabilities.begin();
  for (Index i = 0; i < count; ++i) {
    const float y = box.y + 26 + line * (static_cast<float>(i) + 0.5f),
                p = s.probe.probabilities[static_cast<std::size_t>(i)];
    const bool right = i == s.probe.label;
    const widgets::TextStyle style{std::min(widgets::kQuietSize_px - 1, line * 0.85f),
                                   right ? Face::kStrong : Face::kWords, right ? Role::kText : Role::kQuiet};
    c.text({box.x, y}, class_name(s, i), style);
    c.fill({box.x + label, y - line * 0.3f, bar, line * 0.6f}, Role::kHairline);
    c.fill({box.x + label, y - line * 0.3f, bar * p, line * 0.6f}, right       ? Role::kOutput
                                                                   : i == best ? Role::kTrouble
                                                                               : Role::kQuiet);
    c.text({box.x + box.w, y}, core::shown(std::round(1000 * static_cast<double>(p)) / 10, 3) + " %",
           {std::min(widgets::kQuietSize_px - 2, line * 0.8f), Face::kNumbers,
            right ? Role::kText : Role::kQuiet, widgets::Align::kRight});
  }
}

void Training::draw_heads(widgets::Canvas& c, const Rect& box) {
  const auto& s = *shown_->snapshot;
  const auto weights = shown_->mosaic.values();
  const gpu::Range range{0, view_.fit_colors ? *std::max_element(weights.begin(), weights.end()) : 1};
  const auto depth = static_cast<float>(s.model.depth), heads = static_cast<float>(s.model.heads);
  const widgets::TextStyle title{widgets::kTextSize_px, Face::kStrong},
      quiet{widgets::kQuietSize_px, Face::kWords, Role::kQuiet};
  const float words_x = box.x + c.text_width("Attention", title) + 10;
  c.text({box.x, box.y + 10}, "Attention", title);
  c.text({words_x, box.y + 10},
         elided(c, "layers ↓  heads →, in each: token × token", quiet, box.right() - words_x), quiet);
  const float tile = std::floor(std::min((box.w - 20) / heads, (box.h - 62) / depth));
  if (tile < 4) return;
  const Rect grid{box.x + 20, box.y + 24, tile * heads, tile * depth};
  c.heatmap({"heads", grid, &shown_->mosaic, gpu::Colormap::kViridis, range, shown_});
  for (Index i = 0; i <= s.model.heads; ++i) {
    const float x = grid.x + tile * static_cast<float>(i);
    c.line({x, grid.y}, {x, grid.bottom()}, Role::kStage, 3);
  }
  for (Index i = 0; i <= s.model.depth; ++i) {
    const float y = grid.y + tile * static_cast<float>(i);
    c.line({grid.x, y}, {grid.right(), y}, Role::kStage, 3);
    if (i < s.model.depth)
      c.text({grid.x - 6, y + tile / 2}, std::to_string(i + 1),
             {widgets::kQuietSize_px - 2, Face::kNumbers, Role::kQuiet, widgets::Align::kRight});
  }
  c.stroke(Rect{grid.x + tile * static_cast<float>(view_.head),
                grid.y + tile * static_cast<float>(view_.layer), tile, tile}
               .inset(1),
           Role::kFocus, 2);
  widgets::legend(c, {grid.x, grid.bottom() + 10, std::min(grid.w, 140.0f), 20}, gpu::Colormap::kViridis,
                  range);
  const widgets::Touch touch = c.touch("heads", grid);
  if (!touch.clicked) return;
  view_.layer = std::clamp<Index>(static_cast<Index>((touch.at.y - grid.y) / tile), 0, s.model.depth - 1);
  view_.head = std::clamp<Index>(static_cast<Index>((touch.at.x - grid.x) / tile), 0, s.model.heads - 1);
}

void Training::draw(widgets::Canvas& c) {
  const Rect area = c.area().inset(18);
  const float left = std::floor(area.w * 0.5f), gap = 26;
  draw_curves(c, {area.x, area.y, left - gap, area.h});
  const Rect right{area.x + left, area.y, area.w - left, area.h};
  if (!shown_ || shown_->pixels.empty()) {
    const std::string words =
        shown_ && shown_->snapshot->status == TrainStatus::kFailed
            ? shown_->snapshot->message
            : "Loading the pictures …" + loaded_share(shown_ ? shown_->snapshot.get() : nullptr);
    widgets::paragraph(
        c, {right.x, right.y + right.h / 3}, right.w, words,
        {widgets::kTextSize_px, Face::kWords,
         shown_ && shown_->snapshot->status == TrainStatus::kFailed ? Role::kTrouble : Role::kQuiet});
    return;
  }
  const float top = std::floor(std::min(right.h * 0.5f, right.w * 0.5f + 44));
  draw_probe(c, {right.x, right.y, right.w, top});
  const float used = std::min(top - 44, right.w * 0.5f) + 22;
  draw_probabilities(c, {right.x + used, right.y, right.w - used, top - 20});
  draw_heads(c, {right.x, right.y + top + 4, right.w, right.h - top - 4});
  if (shown_->snapshot->status == TrainStatus::kDiverged)
    c.text({area.x + 60, area.y + area.h / 4},
           elided(c, shown_->snapshot->message, {widgets::kTextSize_px}, left - 90),
           {widgets::kTextSize_px, Face::kStrong, Role::kTrouble});
}

widgets::Equation Training::explain() const {
  if (!shown_ || shown_->pixels.empty()) return {};
  const auto& s = *shown_->snapshot;
  widgets::Equation e;
  if (s.probe.label >= 0 && s.probe.label < std::ssize(s.probe.probabilities)) {
    const double p = s.probe.probabilities[static_cast<std::size_t>(s.probe.label)];
    e.lines.push_back(widgets::row(
        {widgets::word("loss of the probe", Role::kText), widgets::word("="), widgets::word("−"),
         widgets::word("ln "), widgets::symbol("p", class_name(s, s.probe.label), Role::kOutput),
         widgets::word("="), widgets::word("−"), widgets::word("ln "), widgets::number(p, Role::kOutput, 4),
         widgets::word("="), widgets::number(s.probe.loss, Role::kOutput, 4)}));
  }
  const Index query = token();
  const float* weights = &s.probe.attention(view_.layer, view_.head, query, 0);
  const Index key = std::max_element(weights, weights + s.model.tokens) - weights;
  const auto name = [&](Index t) {
    const bool class_token = s.config.model.pool == nn::Pool::kClassToken;
    return class_token && t == 0 ? std::string("class") : "patch " + std::to_string(class_token ? t : t + 1);
  };
  e.lines.push_back(widgets::row(
      {widgets::symbol("α", name(query) + ", " + name(key), Role::kFocus), widgets::word("="),
       widgets::word("softmax"), widgets::word("("),
       widgets::fraction(widgets::row({widgets::word("q", Role::kInput), widgets::word("·"),
                                       widgets::word("k", Role::kKernel)}),
                         widgets::root(widgets::scripts(widgets::word("D"), widgets::word("h")))),
       widgets::word(")"), widgets::word("="), widgets::number(weights[key], Role::kFocus, 3),
       widgets::word("  the largest of this row", Role::kQuiet)}));
  const Sample* last = curves_.smooth_accuracy.empty() ? nullptr : &curves_.smooth_accuracy.back();
  e.words =
      last ? "After " + core::grouped(s.step) + " updates: training accuracy " + percent(last->y) +
                 (curves_.epoch_accuracy.empty() ? ""
                                                 : ", validation " + percent(curves_.epoch_accuracy.back().y))
           : "Nothing is learnt yet: every class is about as likely as any other. Press play.";
  return e;
}

}  // namespace vitrine::labs
