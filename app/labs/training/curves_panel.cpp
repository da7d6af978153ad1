#include "app/labs/training/curves_panel.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/core/text.h"
#include "engine/train/trainer.h"

namespace vitrine::labs {

using core::Index;
using widgets::Canvas;
using widgets::Curve;
using widgets::Dash;
using widgets::Face;
using widgets::Interval;
using widgets::PlotPicture;
using widgets::Rect;
using widgets::Role;
using widgets::Sample;
using widgets::TextStyle;

namespace {

constexpr double kEver = std::numeric_limits<double>::infinity();
constexpr float kLegendLine_px = 17;
constexpr std::size_t kLegendLines = 5;  // at most, of other runs

// A run as this picture draws it: other runs are told apart by their dashes.
struct Styled {
  const DrawnRun* run;
  Interval part;  // of x
  bool on_path;   // the run that is looked at, or what it goes on from
  Dash dash;
  float alpha;
};

class Panel {
 public:
  Panel(Canvas& c, const CurvesPicture& picture, CurvesView& view) : c_(c), p_(picture), view_(view) {
    style_runs();
    for (const DrawnRun& run : p_.runs)
      if (!run.curves->empty()) last_x_ = std::max(last_x_, run.curves->loss.raw().back().x);
    for (const Styled& s : styled_) {
      if (!s.on_path) continue;
      for (const widgets::Mark& mark : s.run->marks)
        if (mark.x <= s.part.high) marks_.push_back(mark);
      for (const widgets::Mark& end : s.run->curves->epochs)
        if (end.x > s.part.low && end.x <= s.part.high) epochs_.push_back(end);
    }
    for (const DrawnRun& run : p_.runs)
      if (run.forked_from != 0)
        marks_.push_back({run.name + " forks", static_cast<double>(run.forked_at), {}, {}, Role::kQuiet});
  }

  std::optional<Index> draw() {
    std::optional<Index> step;
    const float legend = p_.runs.size() > 1 ? draw_legend() : 0;
    auto plots = laid_out({p_.box.x, p_.box.y + legend, p_.box.w, p_.box.h - legend});
    view_.plots.pointed.reset();
    for (const PlotPicture& plot : plots)
      if (const auto x = widgets::navigate(c_, plot, view_.plots))
        step = std::max<Index>(0, std::llround(*x));
    for (PlotPicture& plot : plots) widgets::draw(c_, widgets::shown_by(view_.plots, std::move(plot)));
    return step;
  }

 private:
  const DrawnRun* run_of(std::int64_t id) const {
    const auto at = std::ranges::find(p_.runs, id, &DrawnRun::id);
    return id == 0 || at == p_.runs.end() ? nullptr : &*at;
  }

  // Other runs first, so that the path of the one that is looked at lies over them, itself last.
  void style_runs() {
    constexpr Dash kDashes[] = {Dash::kLong, Dash::kShort, Dash::kDots};
    const auto own = [](const DrawnRun& run) {
      return Interval{run.forked_from == 0 ? -kEver : static_cast<double>(run.forked_at), kEver};
    };
    std::vector<Styled> path;
    double until = kEver;
    for (const DrawnRun* run = &p_.runs[p_.looked_at_run]; run && path.size() < p_.runs.size();
         run = run_of(run->forked_from)) {
      path.push_back({run, {own(*run).low, until}, true, Dash::kNone, 1});
      until = own(*run).low;
    }
    std::size_t others = 0;
    for (const DrawnRun& run : p_.runs) {
      if (&run == path.front().run) continue;
      const auto ancestor = std::ranges::find(path, &run, &Styled::run);
      Interval part = own(run);
      if (ancestor != path.end()) part.low = ancestor->part.high;
      const float alpha = others < std::size(kDashes) ? 0.7f : 0.45f;
      styled_.push_back({&run, part, false, kDashes[others++ % std::size(kDashes)], alpha});
    }
    styled_.insert(styled_.end(), path.rbegin(), path.rend());
  }

  // One line a run; the pointer on it brings out its curves. Returns the height.
  float draw_legend() {
    constexpr float kSampleWidth = 30;
    const TextStyle strong{widgets::kQuietSize_px, Face::kStrong},
        quiet{widgets::kQuietSize_px, Face::kWords, Role::kQuiet};
    float y = p_.box.y;
    const auto line = [&](const Styled& s) {
      const Rect place{p_.box.x, y, p_.box.w, kLegendLine_px};
      if (c_.touch("curves of " + s.run->name, place).hovered) {
        pointed_ = s.run;
        c_.fill(place, {Role::kText, 0.08f});
      }
      const widgets::Point middle{place.x, place.center().y};
      for (const float x : {0.0f, kSampleWidth / 2 + 1}) {
        const Role role = x == 0 ? Role::kInput : Role::kOutput;
        widgets::draw_dashed(c_, middle.x + x, middle.x + x + kSampleWidth / 2 - 1, middle.y, {role, s.alpha},
                             s.on_path ? 2.0f : 1.3f, s.dash);
      }
      const float name_x = place.x + kSampleWidth + 8;
      c_.text({name_x, middle.y}, s.run->name, strong);
      std::string words = s.on_path ? "looked at" : s.run->difference;
      if (s.run->forked_from != 0) {
        const DrawnRun* from = run_of(s.run->forked_from);
        words += (words.empty() ? "" : "  ·  ") + std::string("forks") + (from ? " from " + from->name : "") +
                 " at step " + core::grouped(s.run->forked_at);
      }
      const float words_x = name_x + c_.text_width(s.run->name, strong) + 10;
      c_.text({words_x, middle.y}, elided(c_, words, quiet, place.right() - words_x), quiet);
      y += kLegendLine_px;
    };
    line(styled_.back());
    std::size_t others = 0;
    for (const Styled& s : styled_)
      if (!s.on_path && others++ < kLegendLines) line(s);
    if (others > kLegendLines) {
      c_.text({p_.box.x + kSampleWidth + 8, y + kLegendLine_px / 2},
              "and " + core::grouped(static_cast<Index>(others - kLegendLines)) + " more", quiet);
      y += kLegendLine_px;
    }
    return y + 8 - p_.box.y;
  }

  PlotPicture plot(const std::string& id, const std::string& title) const {
    PlotPicture plot{.id = id, .title = title, .x_title = "steps", .box = {}};
    plot.marks = marks_;
    plot.mark_names = id == "loss";
    plot.divisions = epochs_;
    plot.divisions_title = "epoch";
    plot.x_range = Interval{0, std::max(1.0, last_x_)};
    if (p_.step) plot.looked_at = static_cast<double>(*p_.step);
    plot.bare_x = true;
    return plot;
  }

  // The raw curve of what is looked at, paler; the mean of every run over it.
  void add_smoothed(PlotPicture& plot, widgets::SmoothedCurve Curves::*which, const std::string& name,
                    Role role, bool trouble) const {
    for (const Styled& s : styled_)
      if (s.on_path)
        plot.curves.push_back({.name = "",
                               .role = role,
                               .samples = (s.run->curves->*which).raw(),
                               .width = 1,
                               .alpha = 0.3f,
                               .part = s.part,
                               .trouble = trouble});
    for (const Styled& s : styled_)
      plot.curves.push_back(curve(s, (s.run->curves->*which).smooth(), name, role, 1.8f));
  }

  void add(PlotPicture& plot, widgets::CurvePyramid Curves::*which, const std::string& name, Role role,
           bool dots = false) const {
    for (const Styled& s : styled_) {
      if (dots && !s.on_path) continue;
      plot.curves.push_back(curve(s, s.run->curves->*which, name, role, dots ? 0 : 1.5f));
      plot.curves.back().dots = dots;
    }
  }

  Curve curve(const Styled& s, const widgets::CurvePyramid& samples, const std::string& name, Role role,
              float width) const {
    const bool named = s.run == &p_.runs[p_.looked_at_run], strong = s.on_path || s.run == pointed_;
    return {.name = named ? name : "",
            .role = role,
            .samples = samples,
            .width = strong ? width : 1.3f,
            .alpha = strong ? 1 : s.alpha,
            .dash = s.dash,
            .part = s.part};
  }

  std::string quick_name() const { return p_.approximate ? "validation ≈" : "validation"; }

  PlotPicture loss() const {
    PlotPicture loss = plot("loss", "Loss (nats)");
    add_smoothed(loss, &Curves::loss, "training", Role::kInput, true);
    add(loss, &Curves::quick_loss, quick_name(), Role::kOutput);
    add(loss, &Curves::validation_loss, "", Role::kOutput, true);
    const auto k = static_cast<double>(p_.classes);
    loss.references = {
        {"ln " + core::shown(k, 4) + " = " + core::shown(std::log(k), 4), std::log(k), "nothing learnt yet"}};
    loss.logarithmic = view_.logarithmic;
    return loss;
  }

  PlotPicture accuracy() const {
    PlotPicture accuracy = plot("accuracy", "Accuracy");
    add_smoothed(accuracy, &Curves::accuracy, "training", Role::kInput, false);
    add(accuracy, &Curves::quick_accuracy, quick_name(), Role::kOutput);
    add(accuracy, &Curves::validation_accuracy, "", Role::kOutput, true);
    const double chance = 1 / static_cast<double>(p_.classes);
    accuracy.references = {{"chance: " + core::shown(chance, 3), chance}};
    if (!view_.plots.zoom) accuracy.y_range = Interval{0, 1};
    return accuracy;
  }

  // Those that are asked for, the most telling first.
  std::vector<PlotPicture> wanted() const {
    std::vector<PlotPicture> plots{loss(), accuracy()};
    if (view_.grad_norm) {
      plots.push_back(plot("gradient norm", "Gradient norm"));
      add_smoothed(plots.back(), &Curves::grad_norm, "before clipping", Role::kGradient, true);
      plots.back().logarithmic = view_.logarithmic;
    }
    if (view_.learning_rate) {
      plots.push_back(plot("learning rate", "Learning rate"));
      add(plots.back(), &Curves::learning_rate, "of this step", Role::kText);
    }
    if (view_.speed) {
      plots.push_back(plot("speed", "Speed (images/s)"));
      add_smoothed(plots.back(), &Curves::images_per_second, "training", Role::kText, false);
    }
    return plots;
  }

  // From the top down, with as much room as there is; the last ones are left out, and named, where there is
  // too little.
  std::vector<PlotPicture> laid_out(Rect box) {
    constexpr float kSmallShare = 0.48f, kAxis_px = 36;  // of a large plot; of the x axis' numbers
    constexpr float kLeast_px = 62, kNote_px = 18;
    std::vector<PlotPicture> plots = wanted();
    const auto large = [&] {
      return (box.h - kAxis_px) / (2 + kSmallShare * (static_cast<float>(plots.size()) - 2));
    };
    std::string left_out;
    while (plots.size() > 1 && (plots.size() > 2 ? kSmallShare : 1) * large() < kLeast_px) {
      if (left_out.empty()) box.h -= kNote_px;
      left_out = (left_out.empty() ? "" : ", ") + left_out;
      left_out.insert(0, c_.translated(plots.back().title));
      plots.pop_back();
    }
    if (!left_out.empty()) {
      const TextStyle quiet{.size = widgets::kQuietSize_px - 1, .paint = Role::kQuiet, .translated = true};
      const std::string words = std::string(c_.translated("No room here for: ")) + left_out;
      c_.text({box.x, box.bottom() + kNote_px / 2}, elided(c_, words, quiet, box.w), quiet);
    }
    plots.back().bare_x = false;
    float y = box.y;
    for (std::size_t i = 0; i < plots.size(); ++i) {
      const float end = i + 1 == plots.size() ? box.bottom() : y + (i < 2 ? large() : kSmallShare * large());
      plots[i].box = {box.x, std::floor(y), box.w, std::floor(end) - std::floor(y)};
      y = end;
    }
    return plots;
  }

  Canvas& c_;
  const CurvesPicture& p_;
  CurvesView& view_;
  std::vector<Styled> styled_;
  std::vector<widgets::Mark> marks_, epochs_;
  double last_x_ = 0;
  const DrawnRun* pointed_ = nullptr;  // in the legend
};

std::string words_of_field(std::string_view field) {
  std::string words(field.substr(field.rfind('.') + 1));
  std::ranges::replace(words, '_', ' ');
  return words;
}

}  // namespace

void CurvesView::describe(core::Fields& f) {
  f.field("logarithmic", logarithmic);
  f.field("smoothing", smoothing);
  f.field("learning_rate", learning_rate);
  f.field("grad_norm", grad_norm);
  f.field("speed", speed);
  smoothing = std::isfinite(smoothing) ? std::clamp(smoothing, 0.0, 0.99) : 0.95;
}

void controls(widgets::Controls& c, CurvesView& view) {
  c.section("Curves");
  c.real("Smoothing", view.smoothing, {0, 0.99, 0.95, 0.01},
         "s = f · s + (1 − f) · y, over the raw curve, which stays visible; 0 = none");
  c.toggle("Log scale", view.logarithmic, false, "Of loss and gradient norm");
  c.toggle("Plot rate", view.learning_rate, true, "The learning rate of each step");
  c.toggle("Plot gradient", view.grad_norm, true, "The norm of all weights' gradient, before it is clipped");
  c.toggle("Plot speed", view.speed, false, "Images a second");
  c.note("≈ While an epoch lasts, " + core::grouped(train::kQuickImages) +
             " validation images stand for all; a dot at its end is of all.",
         Role::kQuiet);
  c.note(
      "Wheel over a plot: zoom. Drag: move. Double click: all steps. The line with a handle can be dragged.",
      Role::kQuiet);
}

std::optional<Index> draw(Canvas& canvas, const CurvesPicture& picture, CurvesView& view) {
  return Panel(canvas, picture, view).draw();
}

std::vector<widgets::Mark> marks_of(std::span<const train::Event> events) {
  std::vector<widgets::Mark> marks;
  for (const train::Event& event : events) {
    const auto x = static_cast<double>(event.step);
    // How long a run is to last, and on how many threads, changes nothing that is learnt.
    const bool learns_otherwise = event.field != "epochs" && event.field != "threads";
    if (event.kind == train::EventKind::kChange && learns_otherwise) {
      std::erase_if(marks, [x](const widgets::Mark& mark) { return mark.x > x; });
      marks.push_back({words_of_field(event.field), x, train::words_of(event.old_value),
                       train::words_of(event.new_value), Role::kText});
    } else if (event.kind == train::EventKind::kDivergence) {
      marks.push_back({"diverged", x, {}, {}, Role::kTrouble});
    }
  }
  return marks;
}

}  // namespace vitrine::labs
