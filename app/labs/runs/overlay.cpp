#include "app/labs/runs/overlay.h"

#include <algorithm>
#include <cmath>

#include "engine/core/text.h"

namespace vitrine::labs::runs {
namespace {

using core::Index;
using widgets::Align;
using widgets::Canvas;
using widgets::Face;
using widgets::Paint;
using widgets::Rect;
using widgets::Role;
using widgets::TextStyle;

constexpr float kRow_px = 21;
constexpr std::size_t kMostNames = 4;  // beside the plot's title; of more only that of the lit one

bool is_loss(Quantity quantity) {
  return quantity == Quantity::kLoss || quantity == Quantity::kValidationLoss;
}
bool is_validation(Quantity quantity) {
  return quantity == Quantity::kValidationLoss || quantity == Quantity::kValidationAccuracy;
}

const widgets::CurvePyramid& curve_of(const Curves& curves, Quantity quantity) {
  switch (quantity) {
    case Quantity::kLoss:
      return curves.loss.smooth();
    case Quantity::kAccuracy:
      return curves.accuracy.smooth();
    case Quantity::kValidationLoss:
      return curves.validation_loss;
    case Quantity::kValidationAccuracy:
      break;
  }
  return curves.validation_accuracy;
}

std::string clock_words(double seconds) {
  if (seconds < 100) return core::shown(seconds, 3) + " s";
  return core::grouped(std::llround(seconds / 60)) + " min";
}

std::string cell_of(const Row& row, Column column) {
  switch (column) {
    case Column::kName:
      return row.name;
    case Column::kDiffers:
      return row.differs.empty() ? "–" : row.differs;
    case Column::kAccuracy:
      return row.accuracy         ? core::shown(100 * *row.accuracy, 4) + " %"
             : row.status.empty() ? "–"
                                  : row.status;
    case Column::kSteps:
      return core::grouped(row.steps);
    case Column::kTime:
      return row.seconds ? clock_words(*row.seconds) : "–";
  }
  return "";
}

// Where each column begins and ends.
std::array<Rect, kColumns.size()> columns_of(const Rect& box) {
  constexpr float kName = 96, kAccuracy = 112, kSteps = 74, kTime = 74, kSwatch = 26;
  const float differs = std::max(60.0f, box.w - kSwatch - kName - kAccuracy - kSteps - kTime);
  std::array<Rect, kColumns.size()> columns{};
  float x = box.x + kSwatch;
  std::size_t i = 0;
  for (const float width : {kName, differs, kAccuracy, kSteps, kTime}) {
    columns[i++] = {x, box.y, width, box.h};
    x += width;
  }
  return columns;
}

bool on_the_right(Column column) { return column != Column::kName && column != Column::kDiffers; }

void draw_cell(Canvas& c, const Rect& column, float y, const std::string& words, Column of, TextStyle style) {
  const bool right = on_the_right(of);
  style.align = right ? Align::kRight : Align::kLeft;
  c.text({right ? column.right() - 6 : column.x, y}, widgets::elided(c, words, style, column.w - 10), style);
}

void draw_heads(Canvas& c, const Rect& box, TableView& view) {
  const auto columns = columns_of({box.x, box.y, box.w, kRow_px});
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto column = static_cast<Column>(i);
    const widgets::Touch touch = c.touch("sort " + std::string(kColumns[i]), columns[i]);
    const bool chosen = view.column == column;
    const std::string arrow = !chosen ? "" : view.descending ? " ↓" : " ↑";
    draw_cell(c, columns[i], columns[i].center().y, std::string(kColumns[i]) + arrow, column,
              {widgets::kQuietSize_px, Face::kStrong, chosen || touch.hovered ? Role::kText : Role::kQuiet});
    if (!touch.clicked) continue;
    view.descending = chosen ? !view.descending : column == Column::kAccuracy;  // the best first
    view.column = column;
    view.page = 0;
  }
  c.line({box.x, box.y + kRow_px}, {box.right(), box.y + kRow_px}, Role::kHairline);
}

void draw_row(Canvas& c, const Rect& place, const Row& row, const Paint& paint, TableView& view) {
  const widgets::Touch touch = c.touch(row.key.name(), place);
  if (touch.hovered) {
    view.hovered = row.key;
    c.fill(place, {Role::kText, 0.08f});
  }
  const bool shown = !view.hidden.contains(row.key) && row.curves != nullptr;
  const Rect swatch{place.x + 6, place.center().y - 5, 10, 10};
  if (shown)
    c.fill(swatch, paint);
  else
    c.stroke(swatch, Role::kQuiet);
  const auto columns = columns_of(place);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto column = static_cast<Column>(i);
    const bool words = column == Column::kName || column == Column::kDiffers;
    const bool own_name = column == Column::kName && row.key.kind == RowKind::kElsewhere;
    const bool troubled = column == Column::kAccuracy && !row.accuracy && !row.status.empty();
    draw_cell(c, columns[i], place.center().y, cell_of(row, column), column,
              {widgets::kQuietSize_px, words ? Face::kWords : Face::kNumbers,
               troubled ? Role::kTrouble
               : shown  ? Role::kText
                        : Role::kQuiet,
               Align::kLeft, own_name});
  }
  if (touch.clicked && !view.hidden.erase(row.key)) view.hidden.insert(row.key);
}

}  // namespace

void draw(Canvas& c, const OverlayPicture& picture, widgets::PlotView& view) {
  const Quantity quantity = picture.quantity;
  std::string title(kQuantities[static_cast<std::size_t>(quantity)]);
  title[0] = static_cast<char>(title[0] - 'a' + 'A');
  widgets::PlotPicture plot{.id = picture.id,
                            .title = title + (is_loss(quantity) ? " (nats)" : " (share, 0 to 1)"),
                            .x_title = "steps",
                            .box = picture.box};
  double last = 1;
  const bool any_lit = std::ranges::any_of(picture.curves, &Overlaid::lit);
  for (const bool lit : {false, true})
    for (const Overlaid& each : picture.curves) {
      const auto& samples = curve_of(*each.curves, quantity);
      if (each.lit != lit || samples.empty()) continue;
      last = std::max(last, samples.back().x);
      const bool named = lit || picture.curves.size() <= kMostNames;
      widgets::Curve curve{.name = named ? each.name : "", .role = each.paint.role, .samples = samples};
      curve.width = lit ? 3 : 1.5f;
      curve.alpha = lit || !any_lit ? 1 : 0.35f;
      curve.dots = is_validation(quantity);
      if (each.paint.explicit_color) curve.color = each.paint.color;
      plot.curves.push_back(std::move(curve));
    }
  plot.x_range = widgets::Interval{0, last};
  plot.logarithmic = picture.logarithmic && is_loss(quantity);
  view.pointed.reset();
  widgets::navigate(c, plot, view);
  widgets::draw(c, widgets::shown_by(view, plot));
  if (plot.curves.empty())
    c.text(picture.box.center(),
           is_validation(quantity) && !picture.curves.empty() ? "No validation yet" : "No curve is chosen",
           {widgets::kTextSize_px, Face::kWords, Role::kQuiet, Align::kCenter});
}

float table_height(std::size_t rows) { return kRow_px * (static_cast<float>(rows) + 2); }

void draw_table(Canvas& c, const Rect& box, std::span<const Row> rows, std::span<const Paint> paints,
                TableView& view) {
  view.hovered.reset();
  draw_heads(c, box, view);
  const auto count = static_cast<Index>(rows.size());
  const auto room = static_cast<Index>((box.h - kRow_px - 4) / kRow_px);
  const bool paged = count > room;
  const Index of_page = std::max<Index>(1, paged ? room - 1 : room);
  view.page = std::clamp<Index>(view.page, 0, std::max<Index>(0, (count - 1) / of_page));
  const Index first = view.page * of_page, end = std::min(count, first + of_page);
  float y = box.y + kRow_px + 2;
  for (Index i = first; i < end; ++i, y += kRow_px)
    draw_row(c, {box.x, y, box.w, kRow_px}, rows[static_cast<std::size_t>(i)],
             paints[static_cast<std::size_t>(i)], view);
  if (!paged) return;
  const TextStyle quiet{widgets::kQuietSize_px, Face::kWords, Role::kQuiet};
  const float bottom = box.bottom() - kRow_px / 2;
  float x = box.x + 26;
  const std::string words =
      "rows " + core::grouped(first + 1) + " to " + core::grouped(end) + " of " + core::grouped(count);
  c.text({x, bottom}, words, quiet);
  x += c.text_width(words, quiet) + 14;
  const auto turn = [&](const std::string& name, bool possible, Index by) {
    TextStyle style = quiet;
    const Rect place{x, bottom - kRow_px / 2, c.text_width(name, style) + 12, kRow_px};
    const widgets::Touch touch = c.touch(name, place);
    if (possible) style.paint = touch.hovered ? Role::kText : Role::kInput;
    style.align = Align::kCenter;
    c.text(place.center(), name, style);
    if (touch.clicked && possible) view.page += by;
    x = place.right() + 6;
  };
  turn("earlier rows", view.page > 0, -1);
  turn("later rows", end < count, 1);
}

std::vector<Paint> paints_by_order(const widgets::Theme& theme, std::size_t count) {
  std::vector<Paint> paints;
  // Away from the end of the map that is as light or as dark as what is behind it.
  const double from = theme.light ? 0.05 : 0.4, to = theme.light ? 0.7 : 0.95;
  const auto last = static_cast<double>(std::max<std::size_t>(2, count) - 1);
  for (std::size_t i = 0; i < count; ++i)
    paints.emplace_back(value_color(theme, gpu::Colormap::kViridis, {0, 1},
                                    from + (to - from) * static_cast<double>(i) / last));
  return paints;
}

}  // namespace vitrine::labs::runs
