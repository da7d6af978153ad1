// The contestants side by side: what each is built of, what it costs, and how it learns.
#include <algorithm>
#include <cmath>

#include "app/labs/trio/lab.h"
#include "app/widgets/matrix.h"
#include "app/widgets/plot.h"
#include "app/widgets/pointing.h"
#include "app/widgets/tabs.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using widgets::Align;
using widgets::Canvas;
using widgets::Face;
using widgets::Rect;
using widgets::Role;
using widgets::TextStyle;

namespace {

constexpr float kGap = 12, kLine = 18, kTabs = 34;
constexpr float kRow = 36, kLowRow = 20;  // of a layer with its shape below its name, and without

constexpr float kSize_px = widgets::kQuietSize_px - 1;
const TextStyle kQuiet{kSize_px, Face::kWords, Role::kQuiet};
const TextStyle kPlain{kSize_px, Face::kWords, Role::kText};

TextStyle right(TextStyle style) {
  style.align = Align::kRight;
  return style;
}

// "8.13 M"
std::string millions(Index n) {
  return n < 1'000'000 ? core::grouped(n) : core::shown(static_cast<double>(n) / 1e6, 3) + " M";
}

// "+0.4 %", of what is made equal.
std::string off_words(double off) {
  return (off > 0 ? "+" : "") + core::shown(std::round(1000 * off) / 10, 3) + " %";
}

// "conv 5 × 5, ReLU", or where that is too wide "conv".
std::string name_for(const Canvas& c, const LayerRow& row, float width) {
  if (c.text_width(row.name, kPlain) <= width) return row.name;
  const std::size_t digits = row.name.find_first_of("0123456789,");
  std::string brief = row.name.substr(0, digits);
  if (const std::size_t times = brief.find(" ×"); times != brief.npos) brief.resize(times);
  return widgets::elided(c, brief, kPlain, width);
}

std::size_t most_rows(const std::vector<std::vector<LayerRow>>& contestants) {
  std::size_t most = 1;
  for (const auto& rows : contestants) most = std::max(most, rows.size());
  return most;
}

// The words on the left, and on the right what there is room for.
void line(Canvas& c, const Rect& box, float y, const std::string& left, const std::string& beside,
          const TextStyle& style) {
  c.text({box.x, y}, widgets::elided(c, left, style, box.w), style);
  if (c.text_width(left, style) + 8 + c.text_width(beside, style) <= box.w)
    c.text({box.right(), y}, beside, right(style));
}

}  // namespace

void Trio::draw(Canvas& c) {
  constexpr std::string_view kExhibits[] = {"Models and curves", "Shifted pictures"};
  const Rect area = c.area().inset(16);
  const auto exhibit = widgets::draw_tabs(c, {area.x, area.y + 10}, "trio", kExhibits,
                                          static_cast<std::size_t>(view_.exhibit));
  if (exhibit) view_.exhibit = static_cast<Exhibit>(*exhibit);
  view_.hovered.reset();
  view_.hovered_shift.reset();
  const Rect rest{area.x, area.y + kTabs, area.w, area.h - kTabs};
  if (contestants_.empty()) {
    widgets::paragraph(
        c, {rest.x, rest.y + 20}, rest.w, problem_.empty() ? "loading" : problem_,
        {widgets::kTextSize_px, Face::kWords, problem_.empty() ? Role::kQuiet : Role::kTrouble});
  } else if (view_.exhibit == Exhibit::kTraining) {
    draw_training(c, rest);
  } else {
    draw_shift(c, rest);
  }
}

void Trio::draw_training(Canvas& c, const Rect& area) {
  const auto count = static_cast<float>(contestants_.size());
  const float width = (area.w - kGap * (count - 1)) / count;
  const std::size_t most = most_rows(rows_);
  const float height = std::min(5.5f * kLine + static_cast<float>(most) * kRow, area.h * 0.56f);
  for (std::size_t i = 0; i < contestants_.size(); ++i)
    draw_column(c, {area.x + static_cast<float>(i) * (width + kGap), area.y, width, height}, i);
  const float top = area.y + height + kGap;
  draw_curves(c, {area.x, top, area.w, area.bottom() - top});
}

void Trio::draw_column(Canvas& c, const Rect& box, std::size_t i) {
  const float used = draw_price(c, box, i);
  draw_layers(c, {box.x, box.y + used, box.w, box.h - used}, i);
}

float Trio::draw_price(Canvas& c, const Rect& box, std::size_t i) const {
  const train::Contestant& contestant = contestants_[i];
  const Track& track = tracks_[i];
  const bool parameters = begun_.equal == train::Equal::kParameters;
  const std::string off = i == 0 ? "" : off_words(contestant.off);
  float y = box.y + kLine / 2;
  c.fill({box.x, box.y - 3, box.w, 2}, role_of(i));
  c.text({box.x, y}, contestant.name, {widgets::kTextSize_px, Face::kStrong, role_of(i)});
  if (track.validated)
    c.text({box.right(), y}, core::shown(100 * track.validated->accuracy, 3) + " % right",
           {widgets::kTextSize_px, Face::kStrong, Role::kText, Align::kRight});
  line(c, box, y += kLine, core::grouped(contestant.size.parameters) + " parameters", parameters ? off : "",
       parameters ? kPlain : kQuiet);
  const std::string work = millions(contestant.size.multiply_adds) + " mult-adds";
  const std::string work_an_image = work + "/image";
  line(c, box, y += kLine, c.text_width(work_an_image, kPlain) <= box.w ? work_an_image : work,
       parameters ? "" : off, parameters ? kQuiet : kPlain);
  if (!snapshot_ || snapshot_->runners.empty()) return y + kLine - box.y;
  const auto& runner = snapshot_->runners[i];
  const double rate = runner.images_per_second;
  const double epoch_s = static_cast<double>(snapshot_->dataset->train.count()) / rate;
  line(c, box, y += kLine,
       rate > 0 ? core::grouped(std::llround(rate)) + " images/s" : "speed: not measured yet", "", kQuiet);
  if (!runner.trouble.empty()) {
    TextStyle trouble = kPlain;
    trouble.paint = Role::kTrouble;
    line(c, box, y += kLine, runner.trouble, "", trouble);
  } else {
    line(c, box, y += kLine,
         runner.done
             ? core::grouped(runner.epoch) + " epochs done"
             : "epoch " + core::grouped(runner.epoch) + " of " + core::grouped(begun_.reference.epochs),
         rate > 0 ? core::shown(epoch_s, 2) + " s/epoch" : "", kQuiet);
  }
  return y + kLine - box.y;
}

void Trio::draw_layers(Canvas& c, const Rect& box, std::size_t i) {
  const auto& rows = rows_[i];
  const float height = std::min(kRow, std::floor(box.h / static_cast<float>(most_rows(rows_))));
  if (height < kLowRow - 6) return;
  const auto most = std::ranges::max_element(rows, {}, &LayerRow::parameters)->parameters;
  const Spot lit = spot();
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const LayerRow& row = rows[r];
    const Rect card{box.x, box.y + height * static_cast<float>(r), box.w, height - 3};
    const auto touch = c.touch("layer " + std::to_string(i) + " " + std::to_string(r), card);
    if (touch.hovered) widgets::point_at(Spot{i, r}, touch.clicked, view_.hovered, view_.pinned);
    c.fill(card, Role::kPanel);
    const float share = most > 0 ? static_cast<float>(row.parameters) / static_cast<float>(most) : 0;
    c.fill({card.x, card.bottom() - 2, card.w * share, 2}, {role_of(i), row.frozen ? 0.35f : 1.0f});
    if (lit == Spot{i, r}) c.stroke(card, Role::kFocus);
    const bool low = height < kRow;
    const Rect inner{card.x + 6, card.y, card.w - 12, card.h};
    const float y = low ? card.center().y - 1 : card.y + 9;
    const TextStyle& number = row.frozen ? kQuiet : kPlain;
    const std::string parameters = row.parameters == 0 ? "–" : core::grouped(row.parameters);
    const float beside = c.text_width(parameters, number) + 8;
    c.text({inner.x, y}, name_for(c, row, inner.w - beside), kPlain);
    c.text({inner.right(), y}, parameters, right(number));
    if (!low) line(c, inner, y + 14, widgets::shape_words(row.output), row.frozen ? "frozen" : "", kQuiet);
  }
}

// Whose colour is whose.
void Trio::draw_names(Canvas& c, const Rect& box) const {
  constexpr float kBetween = 16;
  float x = box.right() - 8;
  for (std::size_t i = contestants_.size(); i-- > 0;) {
    const TextStyle style{widgets::kQuietSize_px, Face::kWords, role_of(i), Align::kRight};
    c.text({x, box.center().y}, contestants_[i].name, style);
    x -= c.text_width(contestants_[i].name, style) + kBetween;
  }
}

void Trio::draw_curves(Canvas& c, const Rect& box) {
  constexpr float kLowest = 110;
  if (box.h < kLowest) return;
  constexpr std::string_view kAxes[] = {"per image", "per second of work"};
  const auto axis = widgets::draw_tabs(c, {box.x, box.y + 8}, "x axis", kAxes, view_.by_seconds ? 1 : 0);
  if (axis) view_.by_seconds = *axis == 1;
  draw_names(c, {box.x, box.y, box.w, 16});
  const Rect plots{box.x, box.y + 26, box.w, box.h - 26};
  const float width = (plots.w - kGap) / 2;
  const std::string x_title = view_.by_seconds ? "seconds of work" : "training images learnt from";
  const auto x_axis = view_.by_seconds ? widgets::XAxis::kReal : widgets::XAxis::kWhole;
  widgets::PlotPicture loss{
      "loss curves", "Training loss, nats", x_title, {plots.x, plots.y, width, plots.h}};
  widgets::PlotPicture accuracy{"accuracy curves",
                                "Accuracy (dots: validation)",
                                x_title,
                                {plots.x + width + kGap, plots.y, width, plots.h}};
  loss.x_axis = accuracy.x_axis = x_axis;
  accuracy.y_range = widgets::Interval{0, 1};
  if (snapshot_ && snapshot_->dataset) {
    const double chance = 1 / static_cast<double>(snapshot_->dataset->classes);
    loss.references = {
        {"nothing known: ln " + core::grouped(snapshot_->dataset->classes), -std::log(chance)}};
    accuracy.references = {{"chance", chance}};
  }
  const bool pointed[] = {widgets::touch(c, loss).x.has_value(), widgets::touch(c, accuracy).x.has_value()};
  for (std::size_t i = 0; i < contestants_.size(); ++i) {
    const Track::Curves& curves = view_.by_seconds ? tracks_[i].by_seconds : tracks_[i].by_images;
    const auto name = [&](std::size_t plot) { return pointed[plot] ? contestants_[i].name : ""; };
    loss.curves.push_back({name(0), role_of(i), curves.loss.smooth(), 1.5f});
    accuracy.curves.push_back({"", role_of(i), curves.accuracy.smooth(), 1, 0.5f});
    accuracy.curves.push_back({name(1), role_of(i), curves.validation, 2, 1, true});
  }
  widgets::draw(c, loss);
  widgets::draw(c, accuracy);
}

}  // namespace vitrine::labs
