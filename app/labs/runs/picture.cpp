#include <algorithm>
#include <limits>

#include "app/labs/runs/lab.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using train::SweepStatus;
using widgets::Align;
using widgets::Canvas;
using widgets::Face;
using widgets::Rect;
using widgets::Role;
using widgets::Sample;
using widgets::TextStyle;

namespace {

using widgets::kQuietWords;

std::string percent(double share) { return core::shown(100 * share, 4) + " %"; }

std::string_view words_of(SweepStatus status) {
  constexpr std::string_view kWords[] = {"ended", "paused", "running", "done", "failed"};
  return kWords[static_cast<std::size_t>(status)];
}

constexpr float kProgress_px = 34;

// What is under way, in words and as a bar, at the top of the box.
void draw_progress(Canvas& c, const Rect& box, const std::string& words, double fraction) {
  c.text({box.x, box.y + 8}, widgets::elided(c, words, kQuietWords, box.w), kQuietWords);
  const Rect bar{box.x, box.y + 20, box.w, 4};
  c.fill(bar, Role::kHairline);
  c.fill({bar.x, bar.y, bar.w * static_cast<float>(fraction), bar.h}, Role::kOutput);
}

void say(Canvas& c, const Rect& box, const std::string& words, Role role = Role::kQuiet) {
  const float width = std::min(box.w - 20, 520.0f);
  widgets::paragraph(c, {box.center().x - width / 2, box.y + box.h / 3}, width, words,
                     {widgets::kTextSize_px, Face::kWords, role});
}

}  // namespace

void RunsLab::draw_runs(Canvas& c, const Rect& box) {
  std::vector<runs::Row> rows = runs::rows_of(bench().runs(), trials_, elsewhere_.runs(), words_);
  if (rows.empty())
    return say(c, box, "No run has done an update yet. Space trains one; the exhibit Sweep tries many.");
  runs::sort_rows(rows, view_.table.column, view_.table.descending);
  const auto paints = runs::paints_by_order(c.theme(), rows.size());
  const float top = std::floor(std::max(box.h * 0.55f, box.h - runs::table_height(rows.size())));
  runs::OverlayPicture overlay{.id = "run curves",
                               .box = {box.x, box.y, box.w, top - 12},
                               .quantity = view_.quantity,
                               .logarithmic = view_.logarithmic,
                               .curves = {}};
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].curves && !view_.table.hidden.contains(rows[i].key))
      overlay.curves.push_back({rows[i].curves, paints[i], view_.table.hovered == rows[i].key, rows[i].name});
  runs::draw(c, overlay, view_.runs_plot);
  runs::draw_table(c, {box.x, box.y + top, box.w, box.h - top}, rows, paints, view_.table);
}

void RunsLab::draw_range_test(Canvas& c, const Rect& box) {
  const auto* result = range_result();
  const auto under_way = range_job_.under_way();
  if (under_way)
    draw_progress(c, box, "a fresh model trains while its learning rate rises", under_way->fraction);
  else if (range_ && !range_->error.empty())
    say(c, box, range_->error, Role::kTrouble);
  else if (!result)
    say(c, box,
        "How large a learning rate does this model bear? The test trains a fresh one while the rate rises "
        "from "
        "update to update, and shows the loss at each rate.");
  if (!result) return;
  // What rises far beyond where it began is left out, or nothing else could be seen.
  constexpr double kAbove = 1.4, kGap = std::numeric_limits<double>::quiet_NaN();
  const double ceiling = kAbove * result->points.front().smoothed;
  double floor = ceiling;
  std::vector<Sample> raw, smooth;
  for (const train::RangePoint& point : result->points) {
    raw.push_back({point.learning_rate, point.loss > ceiling ? kGap : point.loss});
    smooth.push_back({point.learning_rate, point.smoothed > ceiling ? kGap : point.smoothed});
    floor = std::min(floor, point.loss);
  }
  widgets::PlotPicture plot{.id = "range test",
                            .title = "Loss (nats)",
                            .x_title = "learning rate",
                            .box = {box.x, box.y + kProgress_px, box.w, box.h - kProgress_px},
                            .curves = {{"of each update's batch", Role::kInput, raw, 1, 0.4f},
                                       {"mean of " + std::to_string(2 * result->reach + 1) + " updates",
                                        Role::kOutput, smooth, 2.2f}}};
  plot.x_axis = widgets::XAxis::kDecades;
  plot.y_range = widgets::Interval{floor, ceiling};
  plot.read_at = result->suggested ? result->suggested : result->lowest;
  const auto mark = [&](const char* name, const std::optional<double>& rate, Role role) {
    if (rate) plot.marks.push_back({name + (": " + core::shown(*rate, 2)), *rate, {}, {}, role});
  };
  mark("falls steepest", result->suggested, Role::kFocus);
  mark("lowest loss", result->lowest, Role::kOutput);
  mark("explodes", result->exploded, Role::kTrouble);
  plot.x_range =
      widgets::Interval{raw.front().x, std::max(raw.back().x, result->exploded.value_or(raw.back().x))};
  widgets::draw(c, plot);
}

std::string RunsLab::place_words() const {
  const train::SweepSnapshot& s = *trials_.snapshot();
  const auto& place = s.place;
  std::string words = std::string(words_of(s.status)) + "  ·  ";
  if (place.rungs > 1)
    words += "rung " + core::grouped(place.rung + 1) + " of " + core::grouped(place.rungs) + "  ·  ";
  words += core::grouped(place.entered - place.left) + " of " + core::grouped(place.entered) + " trials";
  if (place.trial >= 0)
    words += "  ·  trial " + core::grouped(place.trial) + ", step " + core::grouped(place.step) + " of " +
             core::grouped(place.steps);
  if (const auto best = train::best_trial(s.trials))
    words += "  ·  best " + percent(s.trials[static_cast<std::size_t>(*best)].best()->accuracy) +
             " by trial " + core::grouped(*best);
  return words;
}

void RunsLab::draw_sweep(Canvas& c, const Rect& box) {
  if (!trials_.snapshot())
    return say(
        c, box,
        trials_.working()
            ? "The sweep begins …"
            : "Which settings learn best? Choose in the inspector what differs, and begin: each trial is "
              "one line through its settings, coloured by the validation accuracy that it reached.");
  const train::SweepSnapshot& s = *trials_.snapshot();
  draw_progress(c, box, place_words(), trials_.status() == SweepStatus::kDone ? 1 : s.place.fraction());
  const float top = std::floor((box.h - kProgress_px) * 0.55f);
  std::vector<Index> numbers;
  widgets::ParallelPicture lines =
      runs::trials_picture(s.spec, s.trials, {box.x, box.y + kProgress_px, box.w, top - 14}, numbers);
  lines.title = "Settings of " + core::grouped(std::ssize(numbers)) + " trials, coloured by the last axis";
  const auto line_of = [&](std::optional<Index> trial) -> std::optional<std::size_t> {
    const auto found = trial ? std::ranges::find(numbers, *trial) : numbers.end();
    if (found == numbers.end()) return std::nullopt;
    return static_cast<std::size_t>(found - numbers.begin());
  };
  lines.lit = line_of(view_.pinned);
  const widgets::ParallelTouch touch = widgets::draw(c, lines, view_.brushes);
  view_.hovered = touch.hovered ? std::optional(numbers[*touch.hovered]) : std::nullopt;
  if (touch.clicked) view_.pinned = view_.pinned == view_.hovered ? std::nullopt : view_.hovered;
  runs::OverlayPicture overlay{.id = "trial curves",
                               .box = {box.x, box.y + kProgress_px + top, box.w, box.h - kProgress_px - top},
                               .quantity = view_.quantity,
                               .logarithmic = view_.logarithmic,
                               .curves = {}};
  const auto lit = view_.hovered ? view_.hovered : view_.pinned;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const Curves* curves = trials_.curves(numbers[i]);
    if (curves && widgets::kept(lines, view_.brushes, i))
      overlay.curves.push_back(
          {curves, widgets::paint_of(c.theme(), lines, i), lit == numbers[i], lines.lines[i].name});
  }
  runs::draw(c, overlay, view_.trials_plot);
}

widgets::Equation RunsLab::explain() const {
  using widgets::number;
  using widgets::row;
  using widgets::word;
  widgets::Equation e;
  if (view_.exhibit == Exhibit::kRangeTest) {
    e.lines.push_back(row({widgets::symbol("η", "i", Role::kKernel), word("="),
                           number(view_.low, Role::kKernel, 3), word("·"),
                           widgets::scripts(row({word("("),
                                                 widgets::fraction(number(view_.high, Role::kKernel, 3),
                                                                   number(view_.low, Role::kKernel, 3)),
                                                 word(")")}),
                                            word(""), word("i / " + core::grouped(view_.steps - 1)))}));
    const auto* result = range_result();
    e.words = "Suggested is the rate at which the smoothed loss falls steepest.";
    if (result && result->suggested)
      e.words = "The loss falls steepest at " + core::shown(*result->suggested, 2) + ": by " +
                core::shown(-result->slope, 3) + " nats for ten times the rate.";
    else if (result)
      e.words = "No suggestion: the smoothed loss falls by " + core::shown(result->fall, 2) +
                " nats, its noise is " + core::shown(result->noise, 2) + ". More updates tell more.";
    return e;
  }
  const auto& snapshot = trials_.snapshot();
  const auto lit = view_.hovered ? view_.hovered : chosen_trial();
  if (view_.exhibit == Exhibit::kSweep && snapshot && lit) {
    const train::Trial& trial = snapshot->trials[static_cast<std::size_t>(*lit)];
    std::string words = "Trial " + core::grouped(*lit);
    if (const auto* best = trial.best())
      words += ": " + percent(best->accuracy) + " after " + core::grouped(best->step) + " steps";
    if (!trial.message.empty()) words += ": " + trial.message;
    const char* before = ", with ";
    for (const auto& [field, value] : trial.settings) {
      words += before + runs::name_of_field(field) + " " + core::printable(value, 40);
      before = ", ";
    }
    e.words = words;
    return e;
  }
  e.words = view_.exhibit == Exhibit::kSweep
                ? "Trials are compared by their accuracy on all validation images."
                : "Best validation is the highest accuracy on all validation images, at any epoch's or "
                  "trial's end.";
  return e;
}

}  // namespace vitrine::labs
