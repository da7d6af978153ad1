// A recurrent net unrolled in time, as every lab of one draws it: columns are steps from left to right, rows
// are what each step has (its input, its state, its Jacobian, ...), and beside them how far a gradient
// reaches.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/widgets/matrix.h"
#include "app/widgets/plot.h"

namespace vitrine::labs {

// What every step has one of: a small matrix (an upright vector is one column wide).
struct StepRow {
  std::string id;  // of what can be touched
  widgets::Role role = widgets::Role::kText;
  std::string name, words;             // in the margin: "h", "state"
  const core::Tensor<double>* values;  // [steps, rows] or [steps, rows, columns]; the first is of ...
  core::Index first_step = 1;          // ... this step
  float space_above = 0;               // for what is drawn between this row and the one above
  std::function<bool(core::Index)> draggable = {};  // the numbers of this step: they are underlined
  core::Index rows() const { return values->size(1); }
  core::Index columns() const { return values->rank() == 3 ? values->size(2) : 1; }
  core::Index last_step() const { return first_step + values->size(0) - 1; }
};

// One number of a row. Steps are counted as they are shown.
struct StepCell {
  core::Index step = 1, row = 0, column = 0;
  bool operator==(const StepCell&) const = default;
};

// Where everything stands: the cells are as high as fit, and in every row as wide as its steps' columns
// allow.
class Unrolled {
 public:
  Unrolled(const widgets::Rect& area, core::Index first_step, core::Index last_step,
           std::vector<StepRow> rows);

  std::size_t size() const { return rows_.size(); }
  const StepRow& row(std::size_t r) const { return rows_[r]; }
  float bottom() const { return bottom_; }
  float left() const { return left_; }
  float pitch() const { return pitch_; }  // from step to step
  // A whole step of a row, one of its cells, and the column from the first row to the last.
  widgets::Rect box(std::size_t r, core::Index step) const;
  widgets::Rect at(std::size_t r, const StepCell& cell) const;
  widgets::Rect column(core::Index step) const;
  // The number's value.
  double value(std::size_t r, const StepCell& cell) const;

  // Steps along the top, the lit one on a ground of its own; the rows' names in the margin.
  void draw_frame(widgets::Canvas& canvas, std::optional<core::Index> lit_step) const;
  // The row's cells; `look` says how each one stands there.
  void draw_row(widgets::Canvas& canvas, std::size_t r, const widgets::Shade& shade,
                const std::function<widgets::CellLook(const StepCell&)>& look) const;
  // The cell under the pointer; the row as a whole is one shape.
  struct Pointed {
    std::optional<StepCell> cell;
    bool clicked = false;
    widgets::Touch pointer{};
  };
  Pointed touch(widgets::Canvas& canvas, std::size_t r) const;

 private:
  std::vector<StepRow> rows_;
  std::vector<float> tops_, widths_, heights_;  // of each row: its top, its cells
  widgets::Rect area_;
  core::Index first_step_, last_step_;
  float left_, pitch_, bottom_ = 0;
};

// The stage of such a lab: the unrolled net, and panels under it, or right of it where the stage is wide and
// low.
struct UnrolledStage {
  widgets::Rect net;
  std::vector<widgets::Rect> panels;
  // Panels under the net begin where it ends.
  void close_up(float net_bottom);
};
// Each panel's share of what there is for all of them, under the net and beside it; they sum to 1.
struct PanelShares {
  std::span<const float> under, beside;
};
// `steps`: how many columns the unrolled net has; `net_rows`: how many cells it is high.
UnrolledStage unrolled_stage(const widgets::Rect& area, core::Index steps, core::Index net_rows,
                             const PanelShares& shares);

// Norms against steps on a logarithmic axis: what vanishes falls, what explodes rises.
struct NormCurve {
  std::string name;
  widgets::Role role;
  std::span<const double> norms;  // at x = 0, 1, 2, ...
};
// lit: where the playhead stands on the axis; the values beside the names are read there.
void draw_norms(widgets::Canvas& canvas, const widgets::Rect& box, const std::string& id,
                const std::string& title, const std::string& x_title, std::span<const NormCurve> curves,
                std::optional<core::Index> lit);

// An arc over a row from one column's box to another's, the thicker the larger the share (0 .. 1).
void draw_arc(widgets::Canvas& canvas, widgets::Point from, widgets::Point to, float height, double share,
              widgets::Paint paint);

// Says at the top of the stage, where states stop being numbers, what is shown from there on; nothing
// without a step.
void draw_overflow(widgets::Canvas& canvas, std::optional<core::Index> step, bool given);

// A title above and, quieter, a sentence under it; what is left of the box.
widgets::Rect titled(widgets::Canvas& canvas, const widgets::Rect& box, std::string_view title,
                     std::string_view words);

}  // namespace vitrine::labs
