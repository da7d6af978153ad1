// The curves of many runs and trials in one plot, and the table that chooses them.
#pragma once

#include <set>
#include <span>

#include "app/labs/runs/rows.h"
#include "app/widgets/plot_view.h"

namespace vitrine::labs::runs {

enum class Quantity { kLoss, kAccuracy, kValidationLoss, kValidationAccuracy };
inline constexpr std::array<std::string_view, 4> kQuantities{"training loss", "training accuracy",
                                                             "validation loss", "validation accuracy"};

// One curve.
struct Overlaid {
  const Curves* curves;
  widgets::Paint paint;
  bool lit = false;       // on top, and wider
  std::string name = {};  // said beside the title where the curves are few or it is lit
};

struct OverlayPicture {
  std::string id;
  widgets::Rect box;
  Quantity quantity = Quantity::kLoss;
  bool logarithmic = false;  // a loss
  std::vector<Overlaid> curves;
};

// Changes view only.
void draw(widgets::Canvas& canvas, const OverlayPicture& picture, widgets::PlotView& view);

// How the table is looked at.
struct TableView {
  Column column = Column::kName;
  bool descending = false;
  core::Index page = 0;
  std::set<RowKey> hidden;        // are not overlaid
  std::optional<RowKey> hovered;  // what the pointer is on
};

// With the heads, and one row's height to spare.
float table_height(std::size_t rows);
// A row answers to the pointer as its name, a column's head as "sort NAME", the pages as "earlier rows" and
// "later rows". Rows are sorted; paints[i] is the colour of rows[i].
void draw_table(widgets::Canvas& canvas, const widgets::Rect& box, std::span<const Row> rows,
                std::span<const widgets::Paint> paints, TableView& view);

// Colours for so many, told apart by their order.
std::vector<widgets::Paint> paints_by_order(const widgets::Theme& theme, std::size_t count);

}  // namespace vitrine::labs::runs
