// The shift experiment on the trained contestants: a map of each, its fall with the distance, and what they
// take one shifted picture for.
#include <algorithm>
#include <cmath>

#include "app/labs/trio/lab.h"
#include "app/widgets/matrix.h"
#include "app/widgets/plot.h"
#include "app/widgets/pointing.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using widgets::Align;
using widgets::Canvas;
using widgets::Color;
using widgets::Face;
using widgets::Rect;
using widgets::Role;
using widgets::TextStyle;

namespace {

constexpr float kMapGap = 12, kRowLine = 18;
constexpr float kRows = 24;     // left of a map: the shifts of its rows
constexpr float kLowest = 280;  // of maps above and curves below
constexpr float kWide = 150;    // a map with room for words above it
constexpr auto kMap = gpu::Colormap::kViridis;
constexpr gpu::Range kPercent{0, 100};

const TextStyle kPlainRow{widgets::kQuietSize_px, Face::kWords, Role::kText};

const std::string kAxes = "columns: px right →, rows: px down ↓";

std::string percent(double share) { return core::shown(100 * share, 3) + " %"; }

}  // namespace

void Trio::draw_shift(Canvas& c, const Rect& area) {
  const auto count = static_cast<float>(contestants_.size());
  const float width = (area.w - kMapGap * (count - 1)) / count;
  const bool low = area.h < kLowest;  // then only the maps have room
  const float side =
      std::floor(std::min(width - kRows, low ? area.h - 3.5f * kRowLine : area.h * 0.5f - 4 * kRowLine));
  std::string words =
      shifts_ ? "Accuracy over " + core::grouped(shifts_->maps[0].images) + " validation images; " + kAxes
              : "What does a shift of the picture cost? ";
  if (!shifts_)
    words += playing() || untouched() ? "Measured whenever a race that has begun stands still."
                                      : "Being measured.";
  else if (playing() || shifts_->question.models != trained())
    words += playing() ? "; measured again when the race stands still" : "; being measured again";
  const float legend = 180;
  if (shifts_ && c.text_width(words, widgets::kQuietWords) > area.w - legend - 60) words = kAxes;
  c.text({area.x, area.y + 8}, widgets::elided(c, words, widgets::kQuietWords, area.w - legend - 60),
         widgets::kQuietWords);
  c.text({area.right() - legend - 8, area.y + 8}, "% right",
         {widgets::kQuietSize_px, Face::kWords, Role::kQuiet, Align::kRight});
  widgets::legend_line(c, {area.right() - legend, area.y + 8}, area.right(), kMap, kPercent);
  const float maps = area.y + kRowLine + 8;
  if (side > 40)
    for (std::size_t i = 0; i < contestants_.size(); ++i)
      draw_map(c, {area.x + static_cast<float>(i) * (width + kMapGap), maps, width, side + 2 * kRowLine}, i);
  if (low) return;
  const float top = maps + side + 3 * kRowLine, half = std::floor((area.w - kMapGap) * 0.52f);
  draw_distances(c, {area.x, top, half, area.bottom() - top});
  draw_probe(c, {area.x + half + kMapGap, top, area.w - half - kMapGap, area.bottom() - top});
}

void Trio::draw_map(Canvas& c, const Rect& box, std::size_t i) {
  const train::PixelShift at = shift();
  c.text({box.x, box.y + 8}, contestants_[i].name, {widgets::kTextSize_px, Face::kStrong, role_of(i)});
  const float side = box.h - 2 * kRowLine;
  const Rect map{box.x + kRows, box.y + kRowLine + 2, side, side};
  if (!shifts_) {
    c.stroke(map, Role::kHairline);
    return;
  }
  const train::ShiftMap& values = shifts_->maps[i];
  const Index cells = values.accuracy.size(0), reach = values.reach;
  const std::string id = "shift map " + std::to_string(i);
  c.heatmap({id, map, &shifts_->pictures[i], kMap, kPercent, shifts_});
  c.numbers({"accuracy of " + contestants_[i].name, map, &values.accuracy});
  const widgets::MatrixLayout layout{cells, cells, side / static_cast<float>(cells), map};
  const auto touch = c.touch(id, map);
  if (touch.hovered) {
    const widgets::Cell cell = cell_under(layout, touch.at);
    widgets::point_at(train::PixelShift{cell.row - reach, cell.column - reach}, touch.clicked,
                      view_.hovered_shift, view_.pinned_shift);
  }
  c.stroke(layout.at({reach, reach}), {Role::kText, 0.7f});
  const bool inside = std::max(std::abs(at.rows), std::abs(at.columns)) <= reach;
  if (inside) {
    const Rect lit = layout.at({at.rows + reach, at.columns + reach});
    c.stroke(lit.inset(-1), Color{0, 0, 0, 255}, 4);  // on any colour of the map
    c.stroke(lit, Role::kFocus, 2);
    c.text({side < kWide ? box.right() : map.right(), box.y + 8}, percent(values.at(at)),
           {widgets::kTextSize_px, Face::kNumbers, Role::kFocus, Align::kRight});
  }
  for (const Index at_px : {-reach, Index{0}, reach}) {
    const Rect cell = layout.at({at_px + reach, at_px + reach});
    const std::string words = (at_px > 0 ? "+" : "") + core::shown(static_cast<double>(at_px), 3);
    c.text({map.x - 5, cell.center().y}, words, {11, Face::kNumbers, Role::kQuiet, Align::kRight});
    c.text({cell.center().x, map.bottom() + 9}, words, {11, Face::kNumbers, Role::kQuiet, Align::kCenter});
    if (reach == 0) break;
  }
}

void Trio::draw_distances(Canvas& c, const Rect& box) const {
  widgets::PlotPicture plot{"accuracy by distance", "Accuracy", "longer side of the shift, px", box};
  plot.y_range = widgets::Interval{0, 1};
  if (shifts_) plot.x_range = widgets::Interval{-0.15, static_cast<double>(shifts_->question.reach) + 0.15};
  std::vector<std::vector<widgets::Sample>> samples(contestants_.size());
  for (std::size_t i = 0; i < contestants_.size(); ++i) {
    for (std::size_t d = 0; shifts_ && d < shifts_->by_distance[i].size(); ++d)
      samples[i].push_back({static_cast<double>(d), shifts_->by_distance[i][d]});
    plot.curves.push_back({contestants_[i].name, role_of(i), samples[i], 2, 1, true, true});
  }
  if (snapshot_ && snapshot_->dataset)
    plot.references = {{"chance", 1 / static_cast<double>(snapshot_->dataset->classes)}};
  widgets::draw(c, plot);
}

void Trio::draw_probe(Canvas& c, const Rect& box) const {
  if (!probe_) return;
  const train::Dataset& data = *probe_->question.dataset;
  const auto name = [&](Index label) { return data.class_names[static_cast<std::size_t>(label)]; };
  const std::string title = "Image " + core::grouped(probe_->image) + ": " + name(probe_->label) + ", ";
  c.text({box.x, box.y + 10}, widgets::elided(c, title + words_of(probe_->question.shift), kPlainRow, box.w),
         kPlainRow);
  const float side = std::floor(std::min(box.h - 30, box.w * 0.42f));
  if (side < 28) return;
  const Rect picture{box.x, box.y + 26, side, side};
  c.heatmap({"probe", picture, &probe_->picture, gpu::Colormap::kGrey, {0, 1}, probe_});
  c.numbers({"the probe", picture, &probe_->picture});
  c.stroke(picture, Role::kHairline);
  const float x = picture.right() + kMapGap, width = box.right() - x;
  const float height = std::min(44.0f, side / static_cast<float>(contestants_.size()));
  for (std::size_t i = 0; i < probe_->probabilities.size(); ++i) {
    const auto& p = probe_->probabilities[i];
    const Index guess = std::ranges::max_element(p) - p.begin();
    const bool right = guess == probe_->label;
    const Rect row{x, picture.y + height * static_cast<float>(i), width, height - 6};
    const float share = p[static_cast<std::size_t>(guess)];
    const std::string says = contestants_[i].name + ": " + name(guess) + (right ? "" : ", wrong");
    TextStyle style = kPlainRow;
    style.paint = right ? Role::kText : Role::kTrouble;
    const std::string sure = percent(share);
    const TextStyle number{widgets::kQuietSize_px, Face::kNumbers, style.paint, Align::kRight};
    c.text({row.x, row.y + 8}, widgets::elided(c, says, style, width - c.text_width(sure, number) - 8),
           style);
    c.text({row.right(), row.y + 8}, sure, number);
    const Rect bar{row.x, row.y + 19, row.w, 5};
    if (bar.bottom() > row.bottom() + 4) continue;
    c.fill(bar, Role::kPanel);
    c.fill({bar.x, bar.y, bar.w * share, bar.h}, role_of(i));
  }
}

}  // namespace vitrine::labs
