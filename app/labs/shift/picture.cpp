// The picture of "Shift": the input and its moved copy, what f makes of both, and the difference; below, how
// far from equivariant every shift is, and why. A signal's rows lie one under another, cell below cell; a
// picture's maps side by side.
#include <algorithm>
#include <array>
#include <cmath>

#include "app/labs/shift/board.h"
#include "app/widgets/pointing.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using widgets::Align;
using widgets::Canvas;
using widgets::Cell;
using widgets::Face;
using widgets::Point;
using widgets::Rect;
using widgets::Role;
using widgets::Shade;
using widgets::TextStyle;

namespace {

using Focus = ShiftLab::Focus;
using Result = ShiftLab::Result;
using Step = ShiftLab::Step;
using Part = ShiftBoard::Part;
using enum ShiftBoard::Part;

constexpr float kNarrowestLegend = 76;
constexpr float kNarrowWords = 340;
constexpr gpu::Range kUnit{0, 1};

using widgets::as_float;

// In the order of ShiftBoard::Part.
constexpr std::array<std::string_view, kParts> kNames{"x", "T x", "f(x)", "T′ f(x)", "f(T x)", "Difference"};
constexpr std::array<std::string_view, kParts> kIds{"shift x",     "shift T x",   "shift f x",
                                                    "shift T f x", "shift f T x", "shift difference"};
constexpr std::array<Role, kParts> kRoles{Role::kInput,  Role::kInput,  Role::kOutput,
                                          Role::kOutput, Role::kOutput, Role::kText};

gpu::Range symmetric(gpu::Range range) {
  const float most = std::max({std::abs(range.lo), std::abs(range.hi), 1e-12f});
  return {-most, most};
}

// How a channel's numbers become colours: with signs or without.
struct Look {
  gpu::Colormap map;
  gpu::Range range;
};
Look shown(gpu::Range range) {
  if (range.lo < 0) return {gpu::Colormap::kDiverging, symmetric(range)};
  return {gpu::Colormap::kGrey, {0, range.hi > 0 ? range.hi : 1}};
}

class Picture {
 public:
  Picture(Canvas& canvas, std::shared_ptr<const Result> result, const ShiftBoard& board, const Focus& focus)
      : c_(canvas),
        result_(std::move(result)),
        r_(*result_),
        b_(board),
        focus_(focus),
        now_(r_.steps[focus.step]),
        before_(r_.steps[focus.step > 0 ? focus.step - 1 : 0]) {
    outputs_.reserve(r_.output_ranges.size());
    for (const gpu::Range& range : r_.output_ranges) outputs_.push_back(shown(range));
    const gpu::Range part = r_.difference_ranges[static_cast<std::size_t>(focus.map)];
    difference_range_ = part.lo < part.hi ? symmetric(part) : gpu::Range{-1, 1};
  }

  void draw() {
    if (r_.is_picture())
      draw_pictures();
    else
      draw_rows();
    offer_numbers();
    if (r_.maps() > 1) draw_tiles();
    draw_pointed();
    if (b_.bars.h <= 0) return;
    draw_bars();
    const TextStyle title{widgets::kTextSize_px, Face::kStrong, Role::kOutput};
    c_.text({b_.words.x, b_.words.y + 8},
            widgets::elided(c_, "f: " + ShiftLab::words_of(r_.params), title, b_.words.w), title);
    if (c_.area().h < ShiftBoard::kLowStage) return;
    widgets::paragraph(c_, {b_.words.x, b_.words.y + 22}, b_.words.w, ShiftLab::why(r_, now_),
                       {b_.words.w < kNarrowWords ? widgets::kQuietSize_px : widgets::kTextSize_px});
  }

 private:
  std::string beside(Part part) const {
    switch (part) {
      case kMoved:
        return ShiftLab::words_of(now_.shift);
      case kMovedOfX:
        return ShiftLab::words_of(now_.answer.output_shift);
      case kDifference:
        // Of several maps one is shown, and the strip below says it of all.
        return r_.output.size(0) > 1 ? "" : "at most " + core::shown(now_.answer.difference.largest, 3);
      case kX:
        return r_.is_picture() ? widgets::shape_words({r_.input().size(1), r_.input().size(2)})
                               : core::grouped(r_.input().size(2));
      default:
        return r_.is_picture() ? widgets::shape_words({r_.output.size(1), r_.output.size(2)})
                               : core::grouped(r_.output.size(2));
    }
  }

  // How far a part that glides still is from its place, in cells: 0 when it has arrived.
  Point lag(const signal::Shift& from, const signal::Shift& to) const {
    const float rest = 1 - focus_.progress;
    return {rest * as_float(from.columns - to.columns), rest * as_float(from.rows - to.rows)};
  }

  // What stands in the parts: all channels, of which one is shown.
  void offer_numbers() {
    c_.numbers({"x", b_.boxes[kX], &r_.input()});
    c_.numbers({"Tx", b_.boxes[kMoved], &now_.input});
    c_.numbers({"fx", b_.boxes[kOfX], &r_.output});
    c_.numbers({"Tfx", b_.boxes[kMovedOfX], &now_.answer.shifted_output});
    c_.numbers({"fTx", b_.boxes[kOfMoved], &now_.answer.of_shifted});
    c_.numbers({"Difference", b_.boxes[kDifference], &now_.answer.difference.values});
  }

  // --- a signal -------------------------------------------------------------------------------------------

  void draw_rows() {
    const Shade input = widgets::tinted(Role::kInput, r_.input());
    const gpu::Range range = r_.output_ranges[static_cast<std::size_t>(focus_.map)];
    const Tensor<double> ends({2}, {range.lo, range.hi});
    const Shade output = widgets::tinted(Role::kOutput, ends);
    const Shade difference = widgets::mapped(gpu::Colormap::kDiverging, difference_range_);
    for (int part = 0; part < kParts; ++part) {
      const Rect& box = b_.boxes[static_cast<std::size_t>(part)];
      widgets::draw_title(c_, {b_.bars.x, box.center().y}, kNames[static_cast<std::size_t>(part)],
                          kRoles[static_cast<std::size_t>(part)], row_words(static_cast<Part>(part)),
                          box.x - b_.bars.x - 8);
    }
    draw_cells(kX, r_.input(), 0, input, 1);
    draw_gliding(kMoved, now_.input, before_.input, 0, input, lag(before_.shift, now_.shift));
    draw_cells(kOfX, r_.output, focus_.map, output, 1);
    const signal::Equivariance &now = now_.answer, &before = before_.answer;
    draw_gliding(kMovedOfX, now.shifted_output, before.shifted_output, focus_.map, output,
                 lag(before.output_shift, now.output_shift));
    draw_cells(kOfMoved, now.of_shifted, focus_.map, output, focus_.progress);
    draw_cells(kDifference, now.difference.values, focus_.map, difference, focus_.progress);
    outline_border();
  }

  std::string row_words(Part part) const { return part == kMoved || part == kMovedOfX ? beside(part) : ""; }

  void draw_cells(Part part, const Tensor<double>& values, Index map, const Shade& shade, float alpha) {
    for (Index i = 0; i < values.size(2); ++i) {
      const double value = values(map, 0, i);
      widgets::draw_cell(c_, b_.at(part, 0, i), value,
                         {.alpha = alpha, .plain = part == kDifference && value == 0}, shade);
    }
  }

  // The new values slide in from where they were; the old ones show what slides out.
  void draw_gliding(Part part, const Tensor<double>& values, const Tensor<double>& old, Index map,
                    const Shade& shade, Point lag) {
    const Rect& box = b_.boxes[part];
    if (lag.x == 0) {
      draw_cells(part, values, map, shade, 1);
      return;
    }
    const float width = b_.at(part, 0, 0).w;
    c_.push_clip(box);
    draw_cells(part, old, map, shade, 0.25f);
    for (Index i = 0; i < values.size(2); ++i) {
      Rect place = b_.at(part, 0, i);
      place.x += lag.x * width;
      widgets::draw_cell(c_, place, values(map, 0, i), {}, shade);
    }
    c_.pop_clip();
    c_.stroke(box, Role::kHairline);
  }

  // --- a picture ------------------------------------------------------------------------------------------

  void draw_pictures() {
    for (int p = 0; p < kParts; ++p) {
      const auto part = static_cast<Part>(p);
      widgets::draw_title(c_, {b_.boxes[part].x, b_.boxes[part].y - ShiftBoard::kTitle / 2}, kNames[part],
                          kRoles[part], beside(part), b_.boxes[kOfX].x - b_.boxes[kX].x - 8);
    }
    const auto map = static_cast<std::size_t>(focus_.map);
    const Look output = outputs_[map];
    draw_map(kX, r_.steps.front().input_pixels, gpu::Colormap::kGrey, kUnit);
    draw_gliding(kMoved, now_.input_pixels, lag(before_.shift, now_.shift), gpu::Colormap::kGrey, kUnit);
    draw_map(kOfX, r_.output_maps[map], output.map, output.range);
    draw_gliding(kMovedOfX, now_.shifted_output[map],
                 lag(before_.answer.output_shift, now_.answer.output_shift), output.map, output.range);
    draw_map(kOfMoved, now_.of_shifted[map], output.map, output.range);
    draw_map(kDifference, now_.difference[map], gpu::Colormap::kDiverging, difference_range_);
    outline_border();
    legend(kMoved, gpu::Colormap::kGrey, kUnit);
    legend(kOfMoved, output.map, output.range);
    legend(kDifference, gpu::Colormap::kDiverging, difference_range_);
    const auto arrow = [&](Part from, Part to, std::string_view name) {
      const Rect &a = b_.boxes[from], &b = b_.boxes[to];
      const float y = a.center().y;
      widgets::arrow(c_, {a.right() + 5, y}, {b.x - 5, y}, {Role::kQuiet, 0.9f});
      c_.text({(a.right() + b.x) / 2, y - 12}, name,
              {widgets::kTextSize_px, Face::kStrong, Role::kQuiet, Align::kCenter});
    };
    arrow(kX, kOfX, "f");
    arrow(kMoved, kOfMoved, "f");
    arrow(kOfX, kMovedOfX, "T′");
  }

  void legend(Part part, gpu::Colormap map, gpu::Range range) {
    const Rect& box = b_.boxes[part];
    if (box.w < kNarrowestLegend) return;
    widgets::legend(c_, {box.x, box.bottom() + 7, std::min(110.0f, box.w), 20}, map, range);
  }

  // The tensor stands for itself, so that another step is another texture.
  std::shared_ptr<const void> source(const Tensor<float>& values) const { return {result_, &values}; }

  void draw_map(Part part, const Tensor<float>& values, gpu::Colormap map, gpu::Range range) {
    c_.heatmap({kIds[part], b_.boxes[part], &values, map, range, source(values)});
  }

  // The whole map on its way; what is still to come in is dark.
  void draw_gliding(Part part, const Tensor<float>& values, Point lag, gpu::Colormap map, gpu::Range range) {
    const Rect& box = b_.boxes[part];
    if (lag.x == 0 && lag.y == 0) {
      draw_map(part, values, map, range);
      return;
    }
    const Rect cell = b_.at(part, 0, 0);
    c_.push_clip(box);
    c_.fill(box, widgets::value_color(c_.theme(), map, range, 0));
    c_.heatmap({kIds[part],
                {box.x + lag.x * cell.w, box.y + lag.y * cell.h, box.w, box.h},
                &values,
                map,
                range,
                source(values)});
    c_.pop_clip();
  }

  void draw_tiles() {
    widgets::draw_title(c_, {b_.tile(r_, 0).x, b_.tiles.y + ShiftBoard::kTitle / 2}, "Feature maps of f(T x)",
                        Role::kOutput, widgets::shape_words(r_.output.shape()) + ", a click shows one above",
                        b_.tiles.right() - b_.tile(r_, 0).x);
    for (Index map = 0; map < r_.maps(); ++map) {
      const Rect box = b_.tile(r_, map);
      const Look& look = outputs_[static_cast<std::size_t>(map)];
      const std::string id = "shift map " + std::to_string(map + 1);
      if (r_.is_picture()) {
        const Tensor<float>& values = now_.of_shifted[static_cast<std::size_t>(map)];
        c_.heatmap({id, box, &values, look.map, look.range, source(values)});
      } else {
        const Index n = r_.output.size(2);
        for (Index i = 0; i < n; ++i)
          c_.fill({box.x + box.w * as_float(i) / as_float(n), box.y, box.w / as_float(n), box.h},
                  widgets::value_color(c_.theme(), look.map, look.range, now_.answer.of_shifted(map, 0, i)));
      }
      c_.numbers({"fTx", box, &now_.answer.of_shifted});
      c_.stroke(box.inset(-2), map == focus_.map ? Role::kFocus : Role::kHairline,
                map == focus_.map ? 2.0f : 1.0f);
    }
  }

  // --- of both --------------------------------------------------------------------------------------------

  // What meets the border, in dashes: each cell of a signal, the edge of the region in a picture.
  void outline_border() {
    const Tensor<std::uint8_t>& border = now_.answer.border;
    const signal::Departure cause = now_.answer.cause;
    const bool explains = cause == signal::Departure::kBorder || cause == signal::Departure::kNone;
    if (now_.shift == signal::Shift{} || !explains || focus_.progress < 1) return;
    for (const Part part : {kOfMoved, kMovedOfX, kDifference}) {
      if (!r_.is_picture()) {
        for (Index i = 0; i < border.size(1); ++i)
          if (border(0, i) != 0) outline(b_.at(part, 0, i));
        continue;
      }
      if (part != kDifference) continue;
      const auto set = [&](Index i, Index j) {
        return i >= 0 && j >= 0 && i < border.size(0) && j < border.size(1) && border(i, j) != 0;
      };
      for (Index i = 0; i <= border.size(0); ++i)
        for (Index j = 0; j <= border.size(1); ++j) {
          const Rect cell = b_.at(part, i, j);
          if (j < border.size(1) && set(i, j) != set(i - 1, j))
            c_.line({cell.x, cell.y}, {cell.right(), cell.y}, {Role::kText, 0.8f});
          if (i < border.size(0) && set(i, j) != set(i, j - 1))
            c_.line({cell.x, cell.y}, {cell.x, cell.bottom()}, {Role::kText, 0.8f});
        }
    }
  }

  void outline(const Rect& cell) {
    const bool small = cell.h < 24;
    widgets::dashed(c_, cell.inset(small ? 1 : 2.5f), Role::kText, small ? 3 : 4, small ? 1 : 1.5f);
  }

  // The cell under the pointer in all outputs, and where it was before the shift.
  void draw_pointed() {
    if (!focus_.cell) return;
    const auto [row, column] = *focus_.cell;
    for (const Part part : {kMovedOfX, kOfMoved, kDifference})
      c_.stroke(b_.at(part, row, column).inset(-2), Role::kFocus, 2);
    const signal::Shift& moved = now_.answer.output_shift;
    const Rect was = b_.at(kOfX, row - moved.rows, column - moved.columns);
    if (b_.boxes[kOfX].contains(was.center())) c_.stroke(was.inset(-2), {Role::kFocus, 0.8f}, 2);
  }

  // The departure of every step; a step is a shift.
  void draw_bars() {
    const Rect& box = b_.bars;
    c_.text({box.x, box.y + 8}, "How far from equivariant",
            {widgets::kTextSize_px, Face::kStrong, Role::kText});
    const float base = box.bottom() - 20, top = box.y + 38, most = static_cast<float>(r_.largest_departure);
    const auto count = static_cast<float>(r_.steps.size());
    const float slot = box.w / count, bar = std::clamp(slot * 0.7f, 2.0f, 42.0f);
    const auto bar_of = [&](std::size_t k) {
      const double departure = r_.steps[k].answer.difference.relative;
      const float part = !std::isfinite(departure) ? 1 : most > 0 ? static_cast<float>(departure) / most : 0;
      const float height = std::max((base - top) * part, 2.0f);
      return Rect{box.x + slot * (static_cast<float>(k) + 0.5f) - bar / 2, base - height, bar, height};
    };
    c_.line({box.x, base}, {box.right(), base}, Role::kHairline);
    for (std::size_t k = 0; k < r_.steps.size(); ++k) {
      const bool lit = k == focus_.step, finite = std::isfinite(r_.steps[k].answer.difference.relative);
      const Rect rect = bar_of(k);
      c_.fill(rect, !finite ? Role::kTrouble : lit ? Role::kFocus : Role::kQuiet);
      if (lit || slot >= 26)
        c_.text({rect.center().x, base + 11}, core::grouped(static_cast<Index>(k)),
                {widgets::kQuietSize_px, Face::kNumbers, lit ? Role::kText : Role::kQuiet, Align::kCenter});
    }
    // The lit one's number, above every bar that it would cover.
    const std::string number = core::shown(r_.steps[focus_.step].answer.difference.relative, 3);
    const TextStyle style{widgets::kQuietSize_px, Face::kNumbers, Role::kText, Align::kCenter};
    const float half = c_.text_width(number, style) / 2 + 2;
    const float x = std::clamp(bar_of(focus_.step).center().x, box.x + half, box.right() - half);
    float above = base;
    for (std::size_t k = 0; k < r_.steps.size(); ++k)
      if (const Rect rect = bar_of(k); rect.right() > x - half && rect.x < x + half)
        above = std::min(above, rect.y);
    c_.text({x, above - 9}, number, style);
  }

  Canvas& c_;
  std::shared_ptr<const Result> result_;
  const Result& r_;
  const ShiftBoard& b_;
  const Focus& focus_;
  const Step &now_, &before_;
  std::vector<Look> outputs_;  // of each channel
  gpu::Range difference_range_;
};

void touch(Canvas& c, const ShiftBoard& b, const Result& r, ShiftLab::View& v) {
  v.hovered.reset();
  const Index map = std::clamp<Index>(v.map, 0, r.maps() - 1);
  for (const Part part : {kMovedOfX, kOfMoved, kDifference}) {
    const Rect& box = b.boxes[part];
    const auto t = c.touch(kIds[part], box);
    if (!t.hovered) continue;
    const auto index = [](float offset, float side, Index n) {
      return std::clamp<Index>(static_cast<Index>(offset / side), 0, n - 1);
    };
    const ShiftLab::Spot spot{
        map,
        {index(t.at.y - box.y, b.out_h, r.output.size(1)), index(t.at.x - box.x, b.out_w, r.output.size(2))}};
    widgets::point_at(spot, t.clicked, v.hovered, v.pinned);
  }
  if (r.maps() > 1)
    for (Index i = 0; i < r.maps(); ++i)
      if (c.touch("shift map " + std::to_string(i + 1), b.tile(r, i)).clicked) {
        v.map = i;
        v.pinned.reset();
      }
  if (b.bars.h <= 0) return;
  if (const auto t = c.touch("shift bars", b.bars); t.clicked) {
    const float slot = b.bars.w / static_cast<float>(r.steps.size());
    v.playhead.t =
        std::clamp(std::floor((t.at.x - b.bars.x) / slot), 0.0f, static_cast<float>(r.steps.size() - 1));
    v.playhead.playing = false;
  }
}

}  // namespace

void ShiftLab::draw(const std::shared_ptr<const Result>& result, View& view, Canvas& canvas) {
  const ShiftBoard board(canvas.area(), *result);
  touch(canvas, board, *result, view);
  const Focus lit = focus(*result, view, canvas.reduce_motion());
  Picture(canvas, result, board, lit).draw();
}

}  // namespace vitrine::labs
