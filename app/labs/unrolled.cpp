#include "app/labs/unrolled.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "app/labs/stage_drag.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using widgets::Align;
using widgets::Canvas;
using widgets::Cell;
using widgets::Face;
using widgets::Point;
using widgets::Rect;
using widgets::Role;
using widgets::TextStyle;

namespace {

constexpr float kMargin = 102;      // left: the rows' names
constexpr float kHeader = 24;       // above: the steps
constexpr float kBetweenRows = 12;  // at most
constexpr float kLargestCell = 46, kSmallestSide = 4;
constexpr float kWidest = 1.9f, kHighest = 1.05f;  // a cell, as a multiple of its other side
constexpr float kBetweenSteps = 8;
constexpr float kBetweenPanels = 22;
constexpr double kMostMagnitude = 1e300;  // that an axis is made for

using widgets::as_float;

using widgets::kQuietWords;

}  // namespace

Unrolled::Unrolled(const Rect& area, Index first_step, Index last_step, std::vector<StepRow> rows)
    : rows_(std::move(rows)),
      area_(area),
      first_step_(first_step),
      last_step_(last_step),
      left_(area.x + kMargin),
      pitch_((area.w - kMargin) / as_float(last_step - first_step + 1)) {
  float lines = 0, spaces = kHeader;
  for (const StepRow& row : rows_) lines += as_float(row.rows()), spaces += row.space_above;
  const float between = std::clamp((area.h - spaces) / (8 * as_float(std::ssize(rows_))), 5.0f, kBetweenRows);
  spaces += between * as_float(std::ssize(rows_));
  const float side = std::floor(std::clamp((area.h - spaces) / lines, 6.0f, kLargestCell));
  float y = area.y + kHeader;
  for (const StepRow& row : rows_) {
    y += row.space_above;
    tops_.push_back(std::floor(y));
    const float fitting = (pitch_ - std::min(kBetweenSteps, 0.2f * pitch_)) / as_float(row.columns());
    widths_.push_back(std::floor(std::clamp(fitting, kSmallestSide, kWidest * side)));
    heights_.push_back(std::floor(std::clamp(kHighest * fitting, kSmallestSide, side)));
    y += heights_.back() * as_float(row.rows()) + between;
  }
  bottom_ = y - between;
}

Rect Unrolled::box(std::size_t r, Index step) const {
  const float w = widths_[r] * as_float(rows_[r].columns()), h = heights_[r] * as_float(rows_[r].rows());
  return {std::floor(column(step).center().x - w / 2), tops_[r], w, h};
}

Rect Unrolled::at(std::size_t r, const StepCell& c) const {
  const Rect b = box(r, c.step);
  const float w = widths_[r], h = heights_[r];
  return {b.x + w * as_float(c.column), b.y + h * as_float(c.row), w, h};
}

Rect Unrolled::column(Index step) const {
  return {left_ + pitch_ * as_float(step - first_step_), area_.y, pitch_, bottom_ - area_.y};
}

double Unrolled::value(std::size_t r, const StepCell& c) const {
  const StepRow& row = rows_[r];
  return (*row.values)[((c.step - row.first_step) * row.rows() + c.row) * row.columns() + c.column];
}

void Unrolled::draw_frame(Canvas& c, std::optional<Index> lit) const {
  if (lit && *lit >= first_step_ && *lit <= last_step_) {
    const Rect ground = column(*lit);
    c.fill({ground.x + 1, ground.y, ground.w - 2, ground.h + 4}, {Role::kFocus, 0.09f});
  }
  constexpr float kTwoLines = 33;  // a row that has room for its words under its name
  const bool roomy = pitch_ >= 58;
  for (Index t = first_step_; t <= last_step_; ++t)
    c.text({column(t).center().x, area_.y + 10}, (roomy ? "t = " : "") + std::to_string(t),
           {widgets::kQuietSize_px, Face::kNumbers, lit == t ? Role::kText : Role::kQuiet, Align::kCenter});
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    const float middle = tops_[r] + heights_[r] * as_float(rows_[r].rows()) / 2;
    const bool two_lines = heights_[r] * as_float(rows_[r].rows()) >= kTwoLines;
    const TextStyle strong{widgets::kTextSize_px, Face::kStrong, rows_[r].role};
    c.text({area_.x, two_lines ? middle - 8 : middle}, rows_[r].name, strong);
    const float after = area_.x + c.text_width(rows_[r].name, strong) + 6;
    const Point at = two_lines ? Point{area_.x, middle + 9} : Point{after, middle};
    if (c.text_width(rows_[r].words, kQuietWords) <= left_ - at.x) c.text(at, rows_[r].words, kQuietWords);
  }
}

void Unrolled::draw_row(Canvas& c, std::size_t r, const widgets::Shade& shade,
                        const std::function<widgets::CellLook(const StepCell&)>& look) const {
  const StepRow& row = rows_[r];
  const Index first = std::max(first_step_, row.first_step), last = std::min(last_step_, row.last_step());
  const auto each = [&](const auto& body) {
    for (Index t = first; t <= last; ++t)
      for (Index i = 0; i < row.rows(); ++i)
        for (Index j = 0; j < row.columns(); ++j) body(StepCell{t, i, j});
  };
  if (first <= last)
    c.numbers({row.name,
               {box(r, first).x, tops_[r], box(r, last).right() - box(r, first).x, box(r, first).h},
               row.values});
  each([&](const StepCell& s) {
    widgets::draw_cell(c, at(r, s), value(r, s), look(s), shade);
    if (row.draggable && row.draggable(s.step)) draw_handle(c, at(r, s), row.role);
  });
  each([&](const StepCell& s) {  // on top, so that no neighbour's edge covers the light
    if (look(s).lit) draw_light(c, at(r, s));
  });
}

Unrolled::Pointed Unrolled::touch(Canvas& c, std::size_t r) const {
  const StepRow& row = rows_[r];
  const Index first = std::max(first_step_, row.first_step), last = std::min(last_step_, row.last_step());
  if (first > last) return {};
  const Rect start = box(r, first), end = box(r, last);
  const Rect whole{start.x, start.y, end.right() - start.x, start.h};
  const widgets::Touch t = row.draggable ? c.grab(row.id, whole) : c.touch(row.id, whole);
  if (!t.hovered) return {std::nullopt, false, t};
  const Index step =
      std::clamp<Index>(first_step_ + static_cast<Index>(std::floor((t.at.x - left_) / pitch_)), first, last);
  const Rect b = box(r, step);
  if (!b.contains(t.at)) return {std::nullopt, false, t};
  const auto index = [](float offset, float cell, Index n) {
    return std::clamp<Index>(static_cast<Index>(offset / cell), 0, n - 1);
  };
  return {StepCell{step, index(t.at.y - b.y, heights_[r], row.rows()),
                   index(t.at.x - b.x, widths_[r], row.columns())},
          t.clicked, t};
}

UnrolledStage unrolled_stage(const Rect& area, Index steps, Index net_rows, const PanelShares& shares) {
  constexpr float kLow = 1.75f;  // width to height, from where on the panels stand on the right ...
  constexpr float kNarrowestStep = 40, kLowestPanel = 140;  // ... if steps and panels stay as large as this
  constexpr float kComfortableStep = 64, kNarrowest = 220, kWidest = 460;  // panels give way to the steps
  const float count = as_float(std::ssize(shares.under)), gaps = kBetweenPanels * (count - 1);
  const float left_over = area.w - kMargin - kBetweenPanels - kComfortableStep * as_float(steps);
  const float width = std::clamp(std::min(0.36f * area.w, left_over), kNarrowest, kWidest);
  const bool beside = area.w > kLow * area.h && area.h - gaps > kLowestPanel * count &&
                      area.w - width - kMargin > kNarrowestStep * as_float(steps);
  UnrolledStage stage;
  if (beside) {
    stage.net = {area.x, area.y, area.w - width - kBetweenPanels, area.h};
  } else {
    const float share = std::clamp(0.44f + 0.016f * as_float(net_rows), 0.48f, 0.66f);
    stage.net = {area.x, area.y, area.w, std::floor(share * area.h)};
  }
  float along = beside ? area.y : area.x;
  for (const float share : beside ? shares.beside : shares.under) {
    const float length = std::floor(share * ((beside ? area.h : area.w) - gaps));
    const float top = stage.net.bottom() + kBetweenPanels;
    stage.panels.push_back(beside ? Rect{area.right() - width, along, width, length}
                                  : Rect{along, top, length, area.bottom() - top});
    along += length + kBetweenPanels;
  }
  return stage;
}

void UnrolledStage::close_up(float net_bottom) {
  for (Rect& panel : panels) {
    if (panel.x >= net.right()) return;  // the panels stand beside the net
    const float up = panel.y - kBetweenPanels - net_bottom;
    panel.y -= up;
    panel.h += up;
  }
}

void draw_norms(Canvas& c, const Rect& box, const std::string& id, const std::string& title,
                const std::string& x_title, std::span<const NormCurve> curves, std::optional<Index> lit) {
  widgets::PlotPicture plot{.id = id, .title = title, .x_title = x_title, .box = box};
  plot.logarithmic = true;
  constexpr float kRoomForWords = 330;
  plot.references = {{box.w < kRoomForWords ? "" : "1: stays as it is", 1}};
  std::vector<std::vector<widgets::Sample>> samples;
  widgets::Interval decades{-1, 0.6};  // at least, so that what hardly changes looks so
  double longest = 1;
  for (const NormCurve& curve : curves) {
    longest = std::max(longest, static_cast<double>(curve.norms.size()) - 1);
    samples.emplace_back();
    for (std::size_t i = 0; i < curve.norms.size(); ++i) {
      const double norm = curve.norms[i];
      // A norm of 0 has no place on a logarithmic axis, and one that is not finite on none.
      const bool shown = norm > 0 && norm < kMostMagnitude;
      if (shown) {
        decades.low = std::min(decades.low, std::log10(norm));
        decades.high = std::max(decades.high, std::log10(norm));
      }
      samples.back().push_back(
          {static_cast<double>(i), shown ? norm : std::numeric_limits<double>::quiet_NaN()});
    }
  }
  for (std::size_t i = 0; i < curves.size(); ++i)
    plot.curves.push_back(
        {.name = curves[i].name, .role = curves[i].role, .samples = samples[i], .width = 2, .dots = true});
  plot.x_range = {0, longest};
  const double margin = 0.05 * (decades.high - decades.low);
  plot.y_range = {decades.low - margin, decades.high + margin};
  if (lit) {
    plot.read_at = static_cast<double>(*lit);
    plot.marks.push_back({"", *plot.read_at});
    // Where the plot has no room for the value beside the name, it stands at the mark.
    const auto at = static_cast<std::size_t>(*lit);
    if (curves.size() == 1 && box.w < kRoomForWords && at < curves[0].norms.size())
      plot.marks.back().name = core::shown(curves[0].norms[at], 4);
  }
  widgets::draw(c, plot);
}

void draw_arc(Canvas& c, Point from, Point to, float height, double share, widgets::Paint paint) {
  if (!(share > 0)) return;  // a NaN has no width
  constexpr int kPieces = 24;
  std::vector<Point> way;
  for (int i = 0; i <= kPieces; ++i) {
    const float f = static_cast<float>(i) / kPieces;
    const Point on = mix(from, to, f);
    way.push_back({on.x, on.y - height * 4 * f * (1 - f)});
  }
  c.polyline(way, paint, 0.75f + 7 * static_cast<float>(std::min(share, 1.0)));
}

void draw_overflow(Canvas& c, std::optional<Index> step, bool given) {
  if (!step) return;
  const std::string t = std::to_string(*step);
  const std::string words =
      given ? "A number that was typed is not finite: from step " + t +
                  " on what depends on it is ∞ or NaN, hatched"
            : "Step " + t +
                  " passes what a double can hold: from there on ∞ and NaN, hatched. Smaller weights help";
  const TextStyle style{widgets::kQuietSize_px, Face::kWords, Role::kTrouble, Align::kCenter};
  const Rect area = c.area();
  c.text({area.center().x, area.y + 9}, widgets::elided(c, words, style, area.w - 16), style);
}

Rect titled(Canvas& c, const Rect& box, std::string_view title, std::string_view words) {
  c.text({box.x, box.y + 10}, title, {widgets::kTextSize_px, Face::kStrong});
  float used = 24;
  constexpr float kLowBox = 190, kLowestForWords = 130;
  const Point at{box.x, box.y + 24};
  if (box.h < kLowestForWords || words.empty())
    return {box.x, box.y + used, box.w, std::max(box.h - used, 10.0f)};
  if (box.h < kLowBox) {
    c.text({at.x, at.y + 8}, widgets::elided(c, words, kQuietWords, box.w), kQuietWords);
    used += 20;
  } else {
    used += widgets::paragraph(c, at, box.w, words, kQuietWords) + 6;
  }
  return {box.x, box.y + used, box.w, std::max(box.h - used, 10.0f)};
}

}  // namespace vitrine::labs
