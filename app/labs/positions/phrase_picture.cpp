// The picture of a phrase that moves: the sentence at its first place and at the present one, the products of
// the phrase's positions at both, and their difference.
#include <algorithm>
#include <cmath>

#include "app/labs/positions/picture.h"
#include "app/widgets/pointing.h"
#include "engine/core/text.h"

namespace vitrine::labs::positions_picture {

using core::Index;
using core::Tensor;
using widgets::Align;
using widgets::Canvas;
using widgets::Cell;
using widgets::Face;
using widgets::MatrixLayout;
using widgets::MatrixPicture;
using widgets::Point;
using widgets::Rect;
using widgets::Role;
using widgets::TextStyle;

namespace {

using Focus = Positions::Focus;
using Kind = Positions::Kind;
using Panel = Positions::Panel;
using Result = Positions::Result;

constexpr float kTokenHeight = 30, kRow = 72;
constexpr float kWords = 44, kLowStage = 400;
constexpr float kLegendWidth = 130;
constexpr float kNumbers = 18;  // of the positions, under a matrix
constexpr float kLargestCell = 90;
constexpr int kPanels = 3;

class Picture {
 public:
  Picture(Canvas& canvas, const Result& result, Positions::View& view)
      : c_(canvas), r_(result), area_(canvas.area()), low_(area_.h < kLowStage), top_(area_.y + 8 + spare()) {
    // The playhead's place stays while the pointer lights a cell.
    step_ = Positions::focus(r_, {view.playhead, {}, {}}, c_.reduce_motion());
    for (int i = 0; i < kPanels; ++i) {
      matrices_.push_back(matrix(static_cast<Panel>(static_cast<int>(Panel::kFirst) + i)));
      layouts_.push_back(widgets::layout(matrices_.back()));
    }
    view.hovered.reset();
    for (std::size_t i = 0; i < matrices_.size(); ++i) {
      const widgets::Touch t = c_.touch(matrices_[i].id, layouts_[i].cells);
      if (t.hovered)
        widgets::point_at(Positions::Spot{static_cast<Panel>(static_cast<std::size_t>(Panel::kFirst) + i),
                                          widgets::cell_under(layouts_[i], t.at)},
                          t.clicked, view.hovered, view.pinned);
    }
    const Focus lit = Positions::focus(r_, view, true);
    cell_ = {lit.position, lit.other};
  }

  void draw() {
    draw_sentence(top_, "The sentence", 0, 1);
    draw_sentence(top_ + kRow, place_name(), step_.step, step_.progress);
    for (std::size_t i = 0; i < matrices_.size(); ++i) draw_matrix(i);
    draw_arrow();
    if (!low_) draw_words();
  }

 private:
  // What stands under the matrices.
  float below() const { return kNumbers + (low_ ? 16 : kWords); }
  // Room that is left above and below all: a third of it above.
  float spare() const {
    const float block = 2 * kRow + 8 + (area_.w - 2 * kMargin) / kPanels + below();
    return std::clamp((area_.h - block) / 3, 0.0f, 60.0f);
  }
  Index words() const { return std::ssize(r_.phrase.words); }
  Index rest() const { return std::ssize(r_.phrase.rest); }
  const Positions::Place& here() const { return r_.phrase.places[static_cast<std::size_t>(step_.step)]; }
  // The number of the w-th word's position.
  Index number(Index w) const { return r_.params.kind == Kind::kSinusoidal ? r_.params.start + w : w + 1; }

  std::string place_name() const {
    if (step_.step == 0) return "The phrase has not moved yet";
    return "The phrase " + core::grouped(step_.step) + (step_.step == 1 ? " word later" : " words later");
  }

  // Where the word stands when the phrase stands behind `before` words.
  Index place_of_phrase(Index i, Index before) const { return before + i; }
  Index place_of_rest(Index j, Index before) const { return j < before ? j : j + words(); }

  Rect token(float top, float place) const {
    const float width = std::min((area_.w - 2 * kMargin) / px(words() + rest()), 110.0f);
    const float left = area_.x + (area_.w - width * px(words() + rest())) / 2;
    return {left + width * place, top + 22, width, kTokenHeight};
  }

  void draw_sentence(float top, const std::string& title, Index before, float progress) {
    widgets::draw_title(c_, {token(top, 0).x, top + 10}, title, Role::kText, "");
    const Index from = std::max<Index>(before - 1, 0);
    for (Index w = 0; w < words() + rest(); ++w) {
      const Rect slot = token(top, px(w));
      c_.text({slot.center().x, slot.bottom() + 9}, core::grouped(number(w)),
              {widgets::kQuietSize_px - 2, Face::kNumbers, Role::kQuiet, Align::kCenter});
    }
    for (Index j = 0; j < rest(); ++j)
      draw_token(token(top, std::lerp(px(place_of_rest(j, from)), px(place_of_rest(j, before)), progress)),
                 r_.phrase.rest[static_cast<std::size_t>(j)], false, false);
    for (Index i = 0; i < words(); ++i)
      draw_token(
          token(top, std::lerp(px(place_of_phrase(i, from)), px(place_of_phrase(i, before)), progress)),
          r_.phrase.words[static_cast<std::size_t>(i)], true, cell_.row == i || cell_.column == i);
  }

  void draw_token(const Rect& slot, const std::string& word, bool of_phrase, bool lit) {
    const Rect box = slot.inset(1.5f);
    c_.fill(box, Role::kStage);
    c_.fill(box, {of_phrase ? Role::kInput : Role::kHairline, of_phrase ? 0.3f : 0.6f});
    c_.stroke(box, of_phrase ? Role::kInput : Role::kHairline);
    if (lit) outline(c_, box);
    const TextStyle style{slot.w < 64 ? widgets::kQuietSize_px - 1 : widgets::kTextSize_px, Face::kWords,
                          of_phrase ? Role::kText : Role::kQuiet, Align::kCenter, true};
    c_.text(box.center(), widgets::elided(c_, word, style, box.w - 4), style);
  }

  MatrixPicture matrix(Panel panel) const {
    const int place = static_cast<int>(panel) - static_cast<int>(Panel::kFirst);
    const float gap = std::clamp(area_.w * 0.05f, 40.0f, 64.0f);
    const float width = (area_.w - 2 * kMargin - 2 * gap) / kPanels;
    const Tensor<double>& first = r_.phrase.places[0].products;
    MatrixPicture m;
    m.id = panel == Panel::kFirst  ? "positions first"
           : panel == Panel::kHere ? "positions here"
                                   : "positions difference";
    const auto span = [&](Index before) {
      return std::to_string(number(before)) + " to " + std::to_string(number(before + words() - 1));
    };
    m.title = panel == Panel::kFirst  ? "at " + span(0)
              : panel == Panel::kHere ? "at " + span(step_.step)
                                      : "the second − the first";
    m.values = panel == Panel::kFirst  ? &first
               : panel == Panel::kHere ? &here().products
                                       : &here().difference;
    m.shade = widgets::mapped(gpu::Colormap::kDiverging, r_.phrase.range);
    const float top = top_ + 2 * kRow + 8;
    m.box = {area_.x + kMargin + (width + gap) * static_cast<float>(place), top, width,
             std::min(area_.bottom() - top - below(), width + widgets::kTitleHeight_px)};
    m.max_cell = kLargestCell;
    m.show_shape = width > (panel == Panel::kDifference ? 250 : 170);
    m.look = [this, panel](Cell at) {
      const bool new_here = panel != Panel::kFirst && step_.progress < 1;
      return widgets::CellLook{.alpha = new_here ? step_.progress : 1, .lit = cell_ == at};
    };
    return m;
  }

  void draw_matrix(std::size_t i) {
    widgets::draw(c_, matrices_[i]);
    draw_numbers(layouts_[i], static_cast<Panel>(static_cast<std::size_t>(Panel::kFirst) + i));
    const bool moves = static_cast<int>(i) == 1 && step_.progress < 1;
    if (!moves) return;
    // The words come down from where they have arrived, each to its row.
    for (Index w = 0; w < words(); ++w) {
      const Rect from = token(top_ + kRow, px(step_.step + w)), to = layouts_[i].at({w, 0});
      const Rect box = widgets::mix(from, to, step_.progress).inset(2);
      const float alpha = 1 - step_.progress;
      c_.fill(box, {Role::kInput, 0.5f * alpha});
      c_.stroke(box, {Role::kFocus, 0.3f + 0.7f * alpha}, 1.5f);
      const TextStyle style{
          widgets::kQuietSize_px - 1, Face::kWords, {Role::kText, alpha}, Align::kCenter, true};
      c_.text(box.center(), widgets::elided(c_, r_.phrase.words[static_cast<std::size_t>(w)], style, box.w),
              style);
    }
  }

  // The positions of the phrase's words beside and under the products.
  void draw_numbers(const MatrixLayout& m, Panel panel) {
    if (panel == Panel::kDifference) {
      const Rect bar{m.cells.x, m.cells.bottom() + 6, std::min(m.cells.w, kLegendWidth), 20};
      return widgets::legend(c_, bar, gpu::Colormap::kDiverging, r_.phrase.range);
    }
    const Index first = panel == Panel::kHere ? step_.step : 0;
    for (Index i = 0; i < words(); ++i) {
      const bool row = cell_.row == i, column = cell_.column == i;
      const std::string words = core::grouped(number(first + i));
      const auto style = [](bool lit, Align align) {
        return TextStyle{widgets::kQuietSize_px - 2, Face::kNumbers, lit ? Role::kFocus : Role::kQuiet,
                         align};
      };
      c_.text({m.cells.x - 5, m.at({i, 0}).center().y}, words, style(row, Align::kRight));
      c_.text({m.at({0, i}).center().x, m.cells.bottom() + 9}, words, style(column, Align::kCenter));
    }
  }

  void draw_arrow() {
    const TextStyle style{widgets::kTitleSize_px, Face::kWords, Role::kQuiet, Align::kCenter};
    const Rect &first = layouts_[0].cells, &here = layouts_[1].cells;
    c_.text({(first.right() + here.x) / 2 - 5, first.center().y}, "→", style);
  }

  void draw_words() {
    const double apart = here().largest_difference;
    const bool same = r_.params.kind == Kind::kSinusoidal;
    const std::string words =
        step_.step == 0
            ? "Every cell is the dot product of the codes of two of the phrase's words. Move the phrase: "
              "press Right or play."
        : same ? "The phrase keeps its inner products wherever it stands: at most " + core::shown(apart, 2) +
                     " apart, a double's rounding."
               : "The same words, but other products: up to " + core::shown(apart, 4) +
                     " apart. With this encoding the phrase is not the same phrase at another place.";
    widgets::paragraph(
        c_, {area_.x + kMargin, layouts_[0].cells.bottom() + kNumbers + 14}, area_.w - 2 * kMargin, words,
        {widgets::kTextSize_px, Face::kWords, step_.step > 0 && !same ? Role::kText : Role::kQuiet});
  }

  Canvas& c_;
  const Result& r_;
  Rect area_;
  bool low_;
  float top_;
  Focus step_;  // of the playhead
  std::vector<MatrixPicture> matrices_;
  std::vector<MatrixLayout> layouts_;
  Cell cell_;  // lit: two words of the phrase
};

}  // namespace

void draw_phrase(const Result& result, Positions::View& view, Canvas& canvas) {
  Picture(canvas, result, view).draw();
}

}  // namespace vitrine::labs::positions_picture
