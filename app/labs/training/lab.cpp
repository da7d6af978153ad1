#include "app/labs/training/lab.h"

#include <algorithm>
#include <cmath>

#include "app/labs/compute_lab.h"
#include "app/labs/training/run_numbers.h"
#include "app/labs/workbench/differences.h"
#include "app/widgets/matrix.h"
#include "engine/core/text.h"
#include "engine/train/foreign_runs.h"
#include "engine/train/idx_folder.h"

namespace vitrine::labs {

using core::Index;
using train::TrainStatus;
using widgets::Face;
using widgets::Rect;
using widgets::Role;

namespace {

std::string percent(double share) { return core::shown(100 * share, 4) + " %"; }

std::string label_of(const Looked& looked) {
  return looked.label < 0 ? "unknown" : looked.dataset->class_names[static_cast<std::size_t>(looked.label)];
}

}  // namespace

void Training::View::describe(core::Fields& f) {
  f.field("layer", head.layer);
  f.field("head", head.head);
  f.group("curves", curves);
  f.field("earlier_runs", earlier_runs);
  f.field("fit_colors", fit_colors);
  f.field("train_to", train_to);
}

void Training::poll(std::chrono::microseconds patience) {
  LearningLab::poll(patience);
  if (view_.train_to > 0 && bench().train_to(view_.train_to)) view_.train_to = 0;
  bench().smooth(view_.curves.smoothing);
  price_.look(bench().params().config, snapshot());
  if (bench().recalled() != recalled_) {
    recalled_ = bench().recalled();
    batch_ =
        recalled_ && recalled_->batch ? std::make_shared<const ShownBatch>(shown_batch(*recalled_)) : nullptr;
  }
  keep_view_inside();
}

void Training::keep_view_inside() {
  if (!has_attention()) return;
  const auto& attention = looked()->inside.attention;
  view_.head = {std::clamp<Index>(view_.head.layer, 0, attention.size(0) - 1),
                std::clamp<Index>(view_.head.head, 0, attention.size(1) - 1)};
}

void Training::describe(core::Fields& fields) {
  Workbench::Params params = bench().params();
  fields.group("params", params);
  fields.group("view", view_);
  keep_view_inside();
  if (!(params == bench().params())) bench().adopt(std::move(params));
}

bool Training::open(const std::filesystem::path& path) {
  if (LearningLab::open(path)) return true;
  if (train::seem_foreign(path)) return false;
  // A folder of IDX files or of pictures, or one of the IDX files in it.
  const std::string name = path.filename().string();
  std::error_code none;
  const bool folder = std::filesystem::is_directory(path, none);
  if (!folder && name.find("ubyte") == std::string::npos) return false;
  Workbench::Params params = bench().params();
  const std::filesystem::path place = folder ? path : path.parent_path();
  params.config.dataset.kind =
      train::first_with_idx_files({place}) ? train::DatasetKind::kIdx : train::DatasetKind::kFolder;
  params.config.dataset.path = place.string();
  bench().adopt(std::move(params));
  return true;
}

std::vector<std::string> Training::presets() const {
  std::vector<std::string> names;
  for (const TrainingPreset& preset : training_presets()) names.emplace_back(preset.name);
  return names;
}

bool Training::load_preset(std::string_view name) {
  const TrainingPreset* preset = training_preset(name);
  if (!preset) return false;
  view_.train_to = 0;
  bench().adopt(preset->config());
  return true;
}

void Training::edit_controls(widgets::Controls& c, Workbench::Params& params) {
  if (const auto pressed = preset_buttons(c, presets())) {
    bench().adopt(training_presets()[*pressed].config());
    params = bench().params();
  }
  if (const TrainingPreset* preset = training_preset(params.config)) begun_with_ = preset;
  if (begun_with_) c.note(begun_with_->watch);  // after an edit too: nothing moves away from under the hand
  std::vector<std::pair<std::string, std::string>> beside;
  for (const auto& [control, words] : bench().problems()) beside.emplace_back(control, words);
  c.show_problems(std::move(beside));
  run_controls(c);
  live_controls(c, params.config);

  c.section("Picture that is looked at");
  c.integer("Probe", params.probe.image, {0, 9999, 0},
            "Number of a validation image: what the model attends to in it is drawn");
  c.toggle("Fit colours", view_.fit_colors, false,
           "Attention from 0 to its largest weight instead of 0 to 1");

  labs::controls(c, view_.curves);
  c.toggle("Plot earlier runs", view_.earlier_runs, false, "Also those that this one was not forked from");

  past_controls(c, params);
  setup_controls(c, params.config, view_.setup, price_.priced());
}

void Training::past_controls(widgets::Controls& c, Workbench::Params& params) const {
  c.section("Past");
  c.integer(
      "Memory (MiB)", params.past_mib, {1, Workbench::kMostPast_mib, Workbench::kDefaultPast_mib},
      "For the states of a run that it can go back to at once, from the next reset on. They lie evenly in "
      "time; what is between them is computed again");
  if (!snapshot()) return;
  const auto mib = [](Index bytes) { return core::labelled(static_cast<double>(bytes) / (1 << 20), 3); };
  const auto& past = snapshot()->past;
  c.fact("Kept steps", core::grouped(std::ssize(past.kept)) + ", " + mib(past.kept_bytes) + " of " +
                           mib(past.most_bytes) + " MiB");
}

void Training::run_controls(widgets::Controls& c) {
  c.section("Run");
  const std::string_view actions[] = {bench().playing() ? "Pause" : "Start", "One step", "Reset"};
  if (const auto pressed = c.buttons(actions, "Space starts and pauses, Right does one step")) {
    if (*pressed == 0) bench().toggle_play();
    if (*pressed == 1) bench().step(1);
    if (*pressed == 2) bench().reset();
  }
  price_summary(c, price_.priced());
  if (const std::string refusal = bench().refusal(); !refusal.empty())
    c.note(refusal, Role::kTrouble);
  else if (bench().needs_reset() && snapshot())
    c.note("Reset to apply: " + waiting_words(snapshot()->config, bench().params().config), Role::kFocus);
  else  // as high, so that nothing moves away from under a hand that edits
    c.note("Reset begins another run.", Role::kQuiet);
  if (snapshot() && !snapshot()->message.empty()) c.note(snapshot()->message, Role::kTrouble);
  if (snapshot() && snapshot()->dataset && !snapshot()->dataset->note.empty())
    c.note(snapshot()->dataset->note, Role::kTrouble);
  if (c.fold("Go on with an earlier run", "The runs that were kept when the window was last open"))
    if (auto folder = kept_run_controls(c, bench().kept_runs().get(), view_.kept_run))
      bench().go_on(std::move(*folder));
}

void Training::unpin() {
  view_.pinned_token.reset();
  view_.batch.reset();
}

std::vector<widgets::Mark> Training::draw_remarks(widgets::Canvas& c, const Rect& box) {
  const auto& remarks = bench().runs().back().remarks;
  const auto touch = labs::draw_remarks(c, box, remarks, view_.remarks);
  if (!touch) return {};
  if (touch->batch) {
    view_.batch = touch->from;
    bench().recall(touch->from);
  } else if (touch->clicked) {
    bench().look_at(touch->to);
  }
  return labs::marks_of(*touch, remarks);
}

void Training::draw_curves(widgets::Canvas& c, const Rect& box, std::span<const widgets::Mark> lit) {
  const auto& runs = bench().runs();
  if (runs.empty()) return;
  CurvesPicture picture{.box = box, .runs = drawn_runs(), .step = bench().at()};
  if (snapshot() && snapshot()->dataset) {
    picture.classes = snapshot()->dataset->classes;
    picture.approximate = snapshot()->dataset->validation.count() > train::kQuickImages;
  }
  picture.looked_at_run = picture.runs.size() - 1;
  auto& marks = picture.runs.back().marks;
  marks.insert(marks.end(), lit.begin(), lit.end());
  if (const auto step = labs::draw(c, picture, view_.curves)) bench().look_at(*step);
}

// The run that goes on, last, and those that it or its likes were forked from; the others where it is asked
// for them.
std::vector<DrawnRun> Training::drawn_runs() const {
  const auto& runs = bench().runs();
  const auto root = [&](const Workbench::Run* run) {
    while (run->forked_from != 0) {
      const auto from = std::ranges::find(runs, run->forked_from, &Workbench::Run::id);
      if (from == runs.end()) break;
      run = &*from;
    }
    return run->id;
  };
  std::vector<DrawnRun> drawn;
  for (const Workbench::Run& run : runs) {
    const bool newest = &run == &runs.back();
    if (!newest && (run.curves.empty() || (!view_.earlier_runs && root(&run) != root(&runs.back()))))
      continue;
    drawn.push_back({.id = run.id,
                     .name = "Run " + std::to_string(run.id),
                     .difference = newest ? "" : words_of(differences(runs.back().config, run.config)),
                     .curves = &run.curves,
                     .forked_from = run.forked_from,
                     .forked_at = run.forked_at,
                     .marks = marks_of(run.events)});
  }
  return drawn;
}

Index Training::token() const {
  const Index tokens = looked()->inside.attention.size(2);
  for (const auto& chosen : {view_.pinned_token, view_.hovered_token})
    if (chosen && *chosen < tokens) return *chosen;
  return 0;
}

std::span<const float> Training::attention() const {
  const auto& weights = looked()->inside.attention;
  const Index layer = std::min(view_.head.layer, weights.size(0) - 1),
              head = std::min(view_.head.head, weights.size(1) - 1);
  return {&weights(layer, head, token(), 0), static_cast<std::size_t>(weights.size(2))};
}

void Training::draw_probe(widgets::Canvas& c, const Rect& box, float caption) {
  const Looked& l = *looked();
  widgets::draw_title(c, {box.x, box.y + 10}, "Probe", Role::kInput, "shows " + label_of(l), box.w);
  const Rect room{box.x, box.y + 24, box.w, box.h - 44};
  if (!has_attention()) {
    const float side = std::floor(std::min(room.w, room.h));
    c.heatmap({"probe", {room.x, room.y, side, side}, &l.grey, gpu::Colormap::kGrey, {0, 1}, looked()});
    c.numbers({"Probe", {room.x, room.y, side, side}, &l.grey});
    return;
  }
  const PatchGrid& grid = looked()->inside.grid;
  const Rect picture = fitted_picture(room, grid);
  c.heatmap({"probe", picture, &l.grey, gpu::Colormap::kGrey, {0, 1}, looked()});
  c.numbers({"Probe", picture, &l.grey});
  const widgets::Touch touch = c.touch("probe", picture);
  view_.hovered_token.reset();
  if (touch.hovered) {
    view_.hovered_token = token_under(grid, picture, touch.at);
    if (touch.clicked)
      view_.pinned_token = view_.pinned_token == view_.hovered_token ? std::nullopt : view_.hovered_token;
  }
  const std::span<const float> weights = attention();
  const float most = *std::max_element(weights.begin(), weights.end());
  labs::draw(c, picture, PatchLight{grid, weights, most, token()});
  const widgets::TextStyle quiet{widgets::kQuietSize_px, Face::kWords, Role::kQuiet};
  const std::string where = "Attention from " + token_name(grid, token()) + " · layer " +
                            std::to_string(view_.head.layer + 1) + " · head " +
                            std::to_string(view_.head.head + 1);
  c.text({box.x, picture.bottom() + 12}, elided(c, where, quiet, caption), quiet);
}

void Training::draw_heads(widgets::Canvas& c, const Rect& box) {
  const auto& attention = looked()->inside.attention;
  if (const auto clicked =
          labs::draw(c, HeadGrid{"heads", box, &looked()->mosaic, looked(), attention.size(0),
                                 attention.size(1), view_.head, view_.fit_colors}))
    view_.head = *clicked;
}

void Training::draw_guess(widgets::Canvas& c, const Rect& box) const {
  const Looked& l = *looked();
  labs::draw(c, ProbabilityBars{"Guess", box, l.inside.probabilities, l.dataset->class_names,
                                l.label < 0 ? std::nullopt : std::optional(l.label)});
}

// The probe, what it is taken for, and every head or the pictures of an update.
void Training::draw_seen(widgets::Canvas& c, const Rect& box) {
  constexpr float kGap = 22, kCaption = 44;
  const bool batch = view_.batch && batch_ && batch_->step == *view_.batch;
  if (has_attention() && !batch) {
    const auto& attention = looked()->inside.attention;
    const float heads = width_of_heads(box.h, attention.size(0), attention.size(1));
    // Heads that are much higher than wide stand beside the others.
    if (attention.size(0) >= 2 * attention.size(1) && heads <= 0.5f * box.w) {
      const float used = box.w - heads - kGap, probe = std::floor(std::min(used, 0.45f * box.h)) + kCaption;
      draw_probe(c, {box.x, box.y, used, probe}, used);
      draw_guess(c, {box.x, box.y + probe + 4, used, box.h - probe - 4});
      return draw_heads(c, {box.x + used + kGap, box.y, heads, box.h});
    }
  }
  const float top = std::floor(std::min(box.h * 0.5f, box.w * 0.5f + kCaption));
  const float used = std::min(top - kCaption, box.w * 0.5f);
  draw_probe(c, {box.x, box.y, used, top}, box.w);
  draw_guess(c, {box.x + used + kGap, box.y, box.w - used - kGap, top - 20});
  const Rect below{box.x, box.y + top + 4, box.w, box.h - top - 4};
  if (batch)
    draw_batch(c, below, batch_, looked()->dataset->class_names);
  else if (has_attention())
    draw_heads(c, below);
  else
    labs::draw(c, below, looked()->layers, looked());
}

void Training::draw(widgets::Canvas& c) {
  const Rect area = c.area().inset(18);
  const float left = std::floor(area.w * 0.5f), gap = 26;
  const bool remarked = !bench().runs().empty() && !bench().runs().back().remarks.empty();
  const float words = remarked ? std::clamp(area.h * 0.5f, 130.0f, 320.0f) : 0;
  const auto lit = remarked ? draw_remarks(c, {area.x, area.bottom() - words, left - gap, words})
                            : std::vector<widgets::Mark>();
  const float between = remarked ? 10 : 0;
  draw_curves(c, {area.x, area.y, left - gap, area.h - words - between}, lit);
  const Rect right{area.x + left, area.y, area.w - left, area.h};
  const bool failed = snapshot() && snapshot()->status == TrainStatus::kFailed;
  if (looked() && !failed) {
    draw_seen(c, right);
  } else {
    widgets::paragraph(c, {right.x, right.y + right.h / 3}, right.w, nothing_words(),
                       {widgets::kTextSize_px, Face::kWords, failed ? Role::kTrouble : Role::kQuiet});
  }
}

std::string Training::learnt_words(Index step) const {
  if (snapshot() && snapshot()->status == TrainStatus::kDiverged)
    return "Play goes on from step " + core::grouped(snapshot()->step) +
           ", the last good one: lower the learning rate first.";
  const auto& runs = bench().runs();
  const Workbench::Run* run = &runs.back();
  while (run->forked_from != 0 && step <= run->forked_at)  // it was done by the run that this one left
    run = &*std::ranges::find(runs, run->forked_from, &Workbench::Run::id);
  const auto until = [&](const widgets::CurvePyramid& curve) -> std::optional<widgets::Sample> {
    const std::size_t count = curve.count_before(static_cast<double>(step) + 1);
    return count == 0 ? std::nullopt : std::optional(curve[count - 1]);
  };
  const auto training = until(run->curves.accuracy.smooth()),
             validation = until(run->curves.validation_accuracy);
  if (!training) return "Nothing is learnt yet, each class is about as likely: press play.";
  std::string words = "After " + core::grouped(step) + " updates: training accuracy " + percent(training->y);
  if (!validation) return words;
  words += ", validation " + percent(validation->y);
  const auto at = static_cast<Index>(validation->x);
  return at == step ? words : words + " after " + core::grouped(at);
}

widgets::Equation Training::explain() const {
  if (!looked()) return {{}, nothing_words()};
  const Looked& l = *looked();
  widgets::Equation e;
  if (l.label >= 0) {
    const double p = l.inside.probabilities[static_cast<std::size_t>(l.label)];
    e.lines.push_back(widgets::row(
        {widgets::word("loss of the probe", Role::kText), widgets::word("="), widgets::word("−"),
         widgets::word("ln "), widgets::symbol("p", label_of(l), Role::kOutput), widgets::word("="),
         widgets::word("−"), widgets::word("ln "), widgets::number(p, Role::kOutput, 4), widgets::word("="),
         widgets::number(l.inside.loss, Role::kOutput, 4)}));
  }
  if (has_attention()) {
    const auto weights = attention();
    const auto key = std::max_element(weights.begin(), weights.end());
    const PatchGrid& grid = looked()->inside.grid;
    e.lines.push_back(widgets::row(
        {widgets::symbol("α", token_name(grid, token()) + ", " + token_name(grid, key - weights.begin()),
                         Role::kFocus),
         widgets::word("="), widgets::word("softmax"), widgets::word("("),
         widgets::fraction(widgets::row({widgets::word("q", Role::kInput), widgets::word("·"),
                                         widgets::word("k", Role::kKernel)}),
                           widgets::root(widgets::scripts(widgets::word("D"), widgets::word("h")))),
         widgets::word(")"), widgets::word("="), widgets::number(*key, Role::kFocus, 3),
         widgets::word("  the largest of this row", Role::kQuiet)}));
  }
  e.words = learnt_words(l.step);
  return e;
}

lessons::Symbols Training::numbers(core::Index) const {
  lessons::Symbols all = run_numbers(bench());
  if (all.empty() || !looked()) return all;
  all.merge(look_numbers(*looked()));
  if (!has_attention()) return all;
  const auto row = attention();
  all.insert({{"layer", lessons::number(static_cast<double>(view_.head.layer + 1))},
              {"head", lessons::number(static_cast<double>(view_.head.head + 1))},
              {"largest_weight", lessons::number(static_cast<double>(*std::ranges::max_element(row)))}});
  return all;
}

}  // namespace vitrine::labs
