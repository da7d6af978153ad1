// Mistakes: which classes the model takes for which on the whole validation split, and the images of the
// lit cell or those that it is most wrong about.
#include <algorithm>
#include <cmath>

#include "app/labs/formula.h"
#include "app/labs/inside/scene.h"
#include "app/widgets/large_matrix.h"
#include "app/widgets/pointing.h"
#include "app/widgets/tiles.h"
#include "engine/core/text.h"

namespace vitrine::labs::inside {

using widgets::Align;
using widgets::Canvas;
using widgets::Cell;
using widgets::Equation;
using widgets::Face;
using widgets::Rect;
using widgets::Role;
using widgets::TextStyle;

namespace {

constexpr float kTitle = 26, kHeading = 18, kLegend = 34, kGap = 24, kTile = 68, kSmallestCell = 9;
const TextStyle kQuiet{widgets::kQuietSize_px - 1, Face::kWords, Role::kQuiet};

std::string percent(double share) { return core::shown(std::round(1000 * share) / 10, 3) + " %"; }
const std::string& class_name(const Scene& s, Index v) {
  return s.judged->dataset->class_names[static_cast<std::size_t>(v)];
}

// What is lit of the matrix; without a hand on it, where most is mistaken.
Cell lit_cell(const Scene& s) {
  const Index classes = s.judged->confusion.size(0);
  for (const auto& cell : {s.view.hovered.confusion, s.view.pinned.confusion})
    if (cell && cell->row < classes && cell->column < classes) return *cell;
  return s.judged->most_confused;
}

// Every cell with its number of images, in the colour of their share of the row.
widgets::CellTouch draw_counts(Canvas& c, const widgets::MatrixLayout& m, const Scene& s) {
  const core::Tensor<Index>& counts = s.judged->evaluation.confusion;
  for (Index of = 0; of < m.rows; ++of) {
    const Index images = s.judged->scores[static_cast<std::size_t>(of)].images;
    const widgets::Shade shade =
        widgets::mapped(gpu::Colormap::kViridis, {0, px(std::max<Index>(images, 1))});
    for (Index taken = 0; taken < m.columns; ++taken) {
      const Index count = counts(of, taken);
      widgets::draw_cell(c, m.at({of, taken}), static_cast<double>(count), {.plain = count == 0}, shade);
    }
  }
  const widgets::Touch touch = c.touch("inside confusion", m.cells);
  if (!touch.hovered) return {};
  return {cell_under(m, touch.at), touch.clicked};
}

void draw_confusion(Canvas& c, const Rect& box, const Scene& s, View& view) {
  const Judgement& j = *s.judged;
  const Index classes = j.confusion.size(0);
  const std::string shape = widgets::shape_words({classes, classes});
  draw_heading(c, box, "Confusion", Role::kText,
               {shape + " images: row is, column taken for", "is ↓ taken for →", shape});
  float names = 0;
  for (Index v = 0; v < classes; ++v)
    names = std::max(names, c.text_width(std::to_string(v) + " " + class_name(s, v), kQuiet));
  names = std::min(names + 8, 0.34f * box.w);
  const float top = box.y + kTitle + kHeading;
  const widgets::LargeMatrix matrix{.id = "inside confusion",
                                    .values = &j.confusion,
                                    .source = s.judged,
                                    .colormap = gpu::Colormap::kViridis,
                                    .range = {0, 1},
                                    .box = {box.x + names, top, box.w - names, box.bottom() - kLegend - top},
                                    .max_cell = 60};
  const widgets::MatrixLayout m = layout(matrix);
  const widgets::CellTouch touch = m.cell >= kSmallestCell ? draw_counts(c, m, s) : draw(c, matrix);
  c.numbers({"Confusion", m.cells, &j.confusion});
  const Cell lit = lit_cell(s);
  for (Index v = 0; v < classes && m.cell >= 9; ++v) {
    TextStyle style = kQuiet;
    style.size = std::min(style.size, m.cell * 0.8f);
    if (v == lit.row) style.paint = Role::kText;
    const std::string number = std::to_string(v);
    const std::string words = class_name(s, v) == number ? number : number + " " + class_name(s, v);
    c.text({box.x, m.at({v, 0}).center().y}, elided(c, words, style, names - 6), style);
    style.paint = v == lit.column ? Role::kText : Role::kQuiet;
    style.align = Align::kCenter;
    c.text({m.at({0, v}).center().x, m.cells.y - 8}, number, style);
  }
  widgets::outline(c, m.at(lit));
  widgets::legend(c, {m.cells.x, m.cells.bottom() + 8, std::min(m.cells.w, 120.0f), 20},
                  gpu::Colormap::kViridis, {0, 1});
  c.text({m.cells.x + std::min(m.cells.w, 120.0f) + 8, m.cells.bottom() + 13}, "of its row", kQuiet);
  if (touch.hovered)
    widgets::point_at(*touch.hovered, touch.clicked, view.hovered.confusion, view.pinned.confusion);
}

// The image, what was said and what is right.
Wish draw_gallery(Canvas& c, const Rect& box, const Scene& s, View& view) {
  const Gallery& g = *s.gallery;
  const auto& pinned = s.view.pinned.confusion;
  const std::string title = !pinned ? "Worst mistakes"
                            : pinned->row == pinned->column
                                ? class_name(s, pinned->row) + ", rightly"
                                : class_name(s, pinned->row) + " taken for " + class_name(s, pinned->column);
  const CaptionedPictures pictures{.id = "inside image",
                                   .box = {box.x, box.y + kTitle, box.w, box.h - kTitle},
                                   .pictures = g.images,
                                   .source = s.gallery,
                                   .class_names = s.judged->dataset->class_names,
                                   .tile = kTile,
                                   .lit = s.looked->image};
  const Index count = fitting(pictures);
  const std::string some = core::grouped(count) + " of " + core::grouped(g.among);
  draw_heading(c, box, title, Role::kText, {some + ", largest loss first", some});
  if (count == 0)
    draw_nothing(c, {box.x, box.y, box.w, box.h},
                 pinned ? "No image is taken so." : "There are no mistakes.");
  Wish wish;
  if (const auto touch = labs::draw(c, pictures)) {
    view.hovered.image = touch->picture;
    if (touch->clicked) wish.probe = g.images[static_cast<std::size_t>(touch->picture)].number;
  }
  return wish;
}

}  // namespace

Wish draw_mistakes(Canvas& c, const Rect& box, const Scene& s, View& view) {
  if (!s.judged) {
    draw_waiting(
        c, box,
        "Looking at all " + core::grouped(s.looked->dataset->validation.count()) + " validation images …",
        s.progress);
    return {};
  }
  const train::Evaluation& e = s.judged->evaluation;
  std::string words = "Step " + core::grouped(s.judged->step) + ": " + percent(e.accuracy) + " of " +
                      core::grouped(std::ssize(e.images)) + " validation images right, loss " +
                      core::shown(e.loss, 3) + " nats";
  if (s.judged->step != s.looked->step || s.judged->run_id != s.looked->run_id)
    words += "  ·  step " + core::grouped(s.looked->step) + " " + percent(s.progress);
  const TextStyle style{widgets::kQuietSize_px, Face::kWords, Role::kText};
  c.text({box.x, box.y + 9}, elided(c, words, style, box.w), style);
  const Rect below{box.x, box.y + 28, box.w, box.h - 28};
  const float left = std::floor(std::min(0.54f * below.w, below.h * 1.15f));
  draw_confusion(c, {below.x, below.y, left, below.h}, s, view);
  return draw_gallery(c, {below.x + left + kGap, below.y, below.w - left - kGap, below.h}, s, view);
}

Equation explain_mistakes(const Scene& s) {
  if (!s.judged) return {};
  if (s.view.hovered.image && s.gallery && *s.view.hovered.image < std::ssize(s.gallery->images)) {
    const CaptionedPicture& image = s.gallery->images[static_cast<std::size_t>(*s.view.hovered.image)];
    PlainLine line;
    line << "loss = − ln " << widgets::symbol("p", class_name(s, image.label), Role::kOutput) << " = "
         << widgets::number(image.loss, Role::kOutput, 4) << " nats";
    return {{line.done()},
            "Validation image " + core::grouped(image.number) + ": said " + class_name(s, image.prediction) +
                " with " + percent(image.probability) + ", is " + class_name(s, image.label) +
                ". A click makes it the probe"};
  }
  const Cell cell = lit_cell(s);
  const core::Tensor<Index>& counts = s.judged->evaluation.confusion;
  const auto score = [&](Index v) { return s.judged->scores[static_cast<std::size_t>(v)]; };
  Index taken = 0;  // for the cell's column, whatever they are
  for (Index v = 0; v < counts.size(0); ++v) taken += counts(v, cell.column);
  // How many of so many are right; of none there is no share.
  const auto told = [&](std::string_view name, Index label, Index of, double share, std::string_view meaning,
                        std::string_view none) {
    const auto whole = [](Index n) { return widgets::word(core::grouped(n)); };
    PlainLine line;
    line << name << widgets::word(class_name(s, label), Role::kOutput);
    if (of == 0)
      line << none;
    else
      line << " = " << widgets::fraction(whole(counts(label, label)), whole(of)) << " = "
           << widgets::number(share, Role::kText, 3) << meaning;
    return line.done();
  };
  const auto row = score(cell.row), column = score(cell.column);
  return {{told("recall of ", cell.row, row.images, row.recall, " of its images are found",
                ": there is no image of it"),
           told("precision of ", cell.column, taken, column.precision, " of what is called so is right",
                ": nothing is taken for it")},
          core::grouped(counts(cell.row, cell.column)) + " of " + core::grouped(row.images) + " " +
              class_name(s, cell.row) + " are taken for " + class_name(s, cell.column) +
              ": click to see them"};
}

}  // namespace vitrine::labs::inside
