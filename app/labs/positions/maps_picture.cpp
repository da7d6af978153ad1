// The picture of a learned table over the picture that its patches are cut from: of every patch the cosines
// of its row with all others' rows, a map where that patch stands; and one of the maps enlarged. Dosovitskiy
// et al. 2020, "An image is worth 16x16 words", figure 7.
#include <algorithm>

#include "app/labs/positions/picture.h"
#include "app/widgets/large_matrix.h"
#include "app/widgets/pointing.h"
#include "engine/core/text.h"

namespace vitrine::labs::positions_picture {

using core::Index;
using core::Tensor;
using widgets::Canvas;
using widgets::Cell;
using widgets::Face;
using widgets::LargeMatrix;
using widgets::MatrixLayout;
using widgets::Rect;
using widgets::Role;
using widgets::TextStyle;

namespace {

using Focus = Positions::Focus;
using Panel = Positions::Panel;
using Result = Positions::Result;
using Spot = Positions::Spot;

constexpr gpu::Range kCosines{-1, 1};
constexpr float kTitle = widgets::kTitleHeight_px + 8, kLegend = 40, kGap = 34, kLegendWidth = 130;
constexpr float kLeastWords = 54;

class Picture {
 public:
  Picture(Canvas& canvas, const Rect& area, std::shared_ptr<const Result> result, Positions::View& view)
      : c_(canvas), area_(area), result_(std::move(result)), r_(*result_), all_(all_maps()) {
    all_layout_ = widgets::layout(all_);
    f_ = Positions::focus(r_, {view.playhead, {}, view.pinned}, true);
    view.hovered.reset();
    touch_all(view);
    touch_one(view);
    f_ = Positions::focus(r_, view, c_.reduce_motion());
  }

  void draw() {
    draw_all();
    draw_one();
    draw_words();
  }

 private:
  Index rows() const { return r_.maps.front().size(0); }
  Index columns() const { return r_.maps.front().size(1); }
  Index first_patch() const { return r_.params.table.first_patch; }
  bool is_patch(Index token) const { return token >= first_patch(); }
  // Where the token's patch stands in the picture.
  Cell place(Index token) const {
    const Index patch = token - first_patch();
    return {patch / columns(), patch % columns()};
  }
  Index token_at(Cell place) const { return first_patch() + place.row * columns() + place.column; }

  // --- all maps ---

  float side() const {
    const float w = (area_.w - 2 * kMargin - kGap) * 0.54f;
    return std::max(std::min(w, area_.h - kTitle - kLegend - 8), 20.0f);
  }
  LargeMatrix all_maps() const {
    return {.id = "positions maps",
            .values = &r_.all_maps,
            .source = result_,
            .range = kCosines,
            .box = {area_.x + kMargin, area_.y + kTitle, side(), side()},
            .look = [](Cell) { return widgets::CellLook{}; }};
  }
  Rect tile(Cell place) const {
    const float w = all_layout_.cell * px(columns()), h = all_layout_.cell * px(rows());
    return {all_layout_.cells.x + w * px(place.column), all_layout_.cells.y + h * px(place.row), w, h};
  }

  void touch_all(Positions::View& v) {
    const widgets::Touch t = c_.touch(all_.id, all_layout_.cells);
    if (!t.hovered) return;
    const Cell at = widgets::cell_under(all_layout_, t.at);
    const Index map = token_at({at.row / rows(), at.column / columns()});
    const Index patch = token_at({at.row % rows(), at.column % columns()});
    widgets::point_at(Spot{Panel::kProducts, {map, patch}}, t.clicked, v.hovered, v.pinned);
  }

  void draw_all() {
    widgets::draw_title(
        c_, {all_layout_.cells.x, area_.y + kTitle - 16}, "A map for every patch", Role::kText,
        widgets::shape_words({rows(), columns()}) + " maps of " + widgets::shape_words({rows(), columns()}),
        all_layout_.cells.w);
    widgets::draw(c_, all_);
    c_.numbers({"cosines", all_layout_.cells, &r_.cosines});
    for (Index i = 0; i <= rows(); ++i) draw_gap(tile({i, 0}), true);
    for (Index j = 0; j <= columns(); ++j) draw_gap(tile({0, j}), false);
    if (is_patch(f_.position)) {
      const Rect lit = tile(place(f_.position));
      outline(c_, lit);
      if (is_patch(f_.other)) outline(c_, inside(lit, place(f_.other)), false);
    }
    const Rect& cells = all_layout_.cells;
    widgets::legend(c_, {cells.x, cells.bottom() + 8, std::min(kLegendWidth, cells.w), 20},
                    gpu::Colormap::kDiverging, kCosines);
  }

  // A cell of the map that is drawn in this rectangle.
  Rect inside(const Rect& map, Cell at) const {
    const float w = map.w / px(columns()), h = map.h / px(rows());
    return {map.x + w * px(at.column), map.y + h * px(at.row), w, h};
  }

  // The stage shows between two maps.
  void draw_gap(const Rect& behind, bool lying) {
    const Rect& cells = all_layout_.cells;
    const float gap = std::min(4.0f, all_layout_.cell * 0.6f);
    if (lying)
      c_.fill({cells.x - gap, behind.y - gap / 2, cells.w + 2 * gap, gap}, Role::kStage);
    else
      c_.fill({behind.x - gap / 2, cells.y - gap, gap, cells.h + 2 * gap}, Role::kStage);
  }

  // --- the lit one ---

  Rect one_box() const {
    const float left = all_layout_.cells.right() + kGap, width = area_.right() - kMargin - left;
    const float most = area_.h - kTitle - kLeastWords;
    const float cell = std::min(width / px(columns()), most / px(rows()));
    return {left, area_.y + kTitle, cell * px(columns()), cell * px(rows())};
  }
  LargeMatrix one_map(const Rect& box) const {
    const Tensor<float>& map = r_.maps[static_cast<std::size_t>(f_.position)];
    return {.id = "positions map",
            .values = &map,
            .source = std::shared_ptr<const void>(result_, &map),
            .range = kCosines,
            .box = box,
            .max_cell = box.w,
            .number = [this](Cell at) { return r_.cosines(f_.position, token_at(at)); },
            .look = [](Cell) { return widgets::CellLook{}; }};
  }

  // A cell of the enlarged map lights that patch within it.
  void touch_one(Positions::View& v) {
    const MatrixLayout m = widgets::layout(one_map(one_box()));
    const widgets::Touch t = c_.touch("positions map", m.cells);
    if (!t.hovered) return;
    const Spot spot{Panel::kProducts, {f_.position, token_at(widgets::cell_under(m, t.at))}};
    widgets::point_at(spot, t.clicked, v.hovered, v.pinned);
  }

  // It grows out of its place among all maps.
  void draw_one() {
    const Rect whole = one_box();
    const bool grows = is_patch(f_.position) && !f_.pointed && f_.progress < 1;
    const Rect box = grows ? widgets::mix(tile(place(f_.position)), whole, f_.progress) : whole;
    widgets::draw_title(c_, {whole.x, area_.y + kTitle - 16}, title(), Role::kFocus,
                        "cosine with every patch,  " + widgets::shape_words({rows(), columns()}),
                        area_.right() - whole.x);
    const LargeMatrix one = one_map(box);
    const MatrixLayout m = widgets::layout(one);
    widgets::draw(c_, one);
    c_.numbers({"cosines with " + r_.name(f_.position), m.cells, one.values});
    if (grows) c_.stroke(m.cells, Role::kFocus, 2);
    if (is_patch(f_.position)) outline(c_, m.at(place(f_.position)), false);
    if (is_patch(f_.other)) outline(c_, m.at(place(f_.other)));
  }

  std::string title() const {
    std::string name = r_.name(f_.position);
    name.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(name.front())));
    return name;
  }

  void draw_words() {
    const Rect one = one_box();
    const float top = one.bottom() + 16, width = area_.right() - kMargin - one.x;
    const std::string words =
        is_patch(f_.position)
            ? "Nobody told the model where a patch stands. Where a map is bright beside its own patch, along "
              "its "
              "row or its column, the model has found the picture's two dimensions by itself."
            : "The class token stands nowhere in the picture: no patch needs to be like it.";
    const TextStyle style{widgets::kQuietSize_px, Face::kWords, Role::kQuiet};
    draw_words_within(c_, {one.x, top, width, area_.bottom() - top}, words, style);
  }

  Canvas& c_;
  Rect area_;
  std::shared_ptr<const Result> result_;
  const Result& r_;
  LargeMatrix all_;
  MatrixLayout all_layout_;
  Focus f_;
};

}  // namespace

void draw_maps(const std::shared_ptr<const Result>& result, const Rect& area, Positions::View& view,
               Canvas& canvas) {
  Picture(canvas, area, result, view).draw();
}

}  // namespace vitrine::labs::positions_picture
