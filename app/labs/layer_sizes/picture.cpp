// The picture of "Layer sizes": the stack as a chain of slabs, to scale, with the window of the lit layer and
// what it sees of the input; under it the table of figures, a row a layer.
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "app/labs/layer_sizes/lab.h"
#include "app/labs/layer_sizes/table.h"
#include "app/widgets/pointing.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::grouped;
using core::Index;
using core::Shape;
using signal::LayerFigures;
using widgets::Align;
using widgets::Canvas;
using widgets::Face;
using widgets::Paint;
using widgets::Point;
using widgets::Rect;
using widgets::Role;
using widgets::TextStyle;

namespace {

using Result = LayerSizes::Result;
using Focus = LayerSizes::Focus;
using Dimensions = LayerSizes::Dimensions;

constexpr float kLeastChain = 100;
constexpr float kNotReached = 0.4f;  // how much is to be seen of a layer that is still to come

// [C, H, W] on the stage: the face is H x W and the depth goes back for C; of a signal the face is C x L.
struct Slab {
  Rect face{};
  float depth = 0;  // of the edges that go back, along x
  static constexpr float kRise = 0.5f;
  float right() const { return face.right() + depth; }
  Rect box() const { return {face.x, face.y - depth * kRise, face.w + depth, face.h + depth * kRise}; }
};

class Chain {
 public:
  Chain(const Canvas& canvas, const Rect& area, const Result& r)
      : area_(area), two_(r.params.dimensions == Dimensions::kTwo) {
    shapes_.push_back(r.params.input());
    for (const LayerFigures& f : r.figures.layers) shapes_.push_back(f.output);
    failed_ = r.layers.size() + 1 - shapes_.size();
    const float slots = static_cast<float>(r.layers.size() + 1);
    gap_ = std::clamp(area.w / slots * 0.42f, 34.0f, 120.0f);
    const float width = area.w - gap_ * (slots - 1) - kFault * static_cast<float>(failed_);
    lay_out(width);
    for (std::size_t i = 0; i < count(); ++i)
      crowded_ |= canvas.text_width(shape_words(i), shape_style()) > shape_room(i);
    if (!crowded_) return;
    below_ += kShapeLine;
    lay_out(width);
  }
  std::size_t count() const { return slabs_.size(); }
  const Slab& operator[](std::size_t i) const { return slabs_[i]; }
  std::string shape_words(std::size_t i) const {
    return LayerSizes::size_words(shapes_[i], two_ ? Dimensions::kTwo : Dimensions::kOne);
  }
  // Between the middles of the gaps on both sides of a slab.
  float shape_room(std::size_t i) const { return slabs_[i].face.w + slabs_[i].depth + gap_ - 10; }
  // The shapes do not fit on one line, so they stand on two in turn.
  bool crowded() const { return crowded_; }
  float gap() const { return gap_; }
  // The room of a layer's name: from the middle of a slab to that of the next.
  float name_width() const {
    float narrowest = failed_ > 0 ? kFault : area_.w;
    for (const Slab& s : slabs_) narrowest = std::min(narrowest, s.box().w);
    return gap_ + narrowest - 4;
  }
  float middle() const { return area_.y + kAbove + (area_.h - kAbove - below_) / 2; }
  // The one line of the layers' names, and that of the shapes.
  float names_y() const { return top_ - 26; }
  float shapes_y() const { return bottom_ + 16; }
  // So many cells of a slab's face, about its middle: what a window or a receptive field covers.
  Rect cells(std::size_t i, Index rows, Index columns) const {
    const Slab& s = slabs_[i];
    const float h = two_ ? std::clamp(static_cast<float>(rows) * scale_, 3.0f, s.face.h) : s.face.h,
                w = std::clamp(static_cast<float>(columns) * scale_, 3.0f, s.face.w);
    const Point m = s.face.center();
    return {m.x - w / 2, m.y - h / 2, w, h};
  }
  // The room of a layer that fails, behind the slab before it.
  Rect fault_box(std::size_t index) const {
    const float from =
        slabs_.back().right() + gap_ + (gap_ + kFault) * static_cast<float>(index - slabs_.size());
    return {from, middle() - kFault / 2, kFault, kFault};
  }
  static constexpr float kFault = 30, kShapeLine = 16;
  static TextStyle shape_style() {
    return {widgets::kQuietSize_px, Face::kNumbers, Role::kOutput, Align::kCenter};
  }

 private:
  static constexpr float kAbove = 42;                                            // the layers' names
  static constexpr float kLeast = 3, kWidestChannel = 24, kDeepestChannel = 10;  // of a signal, of a picture
  float face_width(const Shape& s) const { return std::max(kLeast, static_cast<float>(s[2]) * scale_); }
  float face_height(const Shape& s) const {
    return std::max(kLeast,
                    two_ ? static_cast<float>(s[1]) * scale_ : static_cast<float>(s[0]) * channel_scale_);
  }
  float depth(const Shape& s) const {
    return two_ ? std::max(kLeast, static_cast<float>(s[0]) * channel_scale_) : 0;
  }
  void lay_out(float width) {
    scale_to(width, area_.h - kAbove - below_);
    slabs_.clear();
    place();
  }
  // The largest scales at which the chain fits.
  void scale_to(float width, float height) {
    Index side = 1, channels = 1;
    for (const Shape& s : shapes_) {
      side = std::max({side, s[2], two_ ? s[1] : 1});
      channels = std::max(channels, s[0]);
    }
    const float each = width / static_cast<float>(shapes_.size());
    const float deepest = two_ ? std::min(0.3f * height, 0.5f * each) : std::min(0.6f * height, 200.0f);
    channel_scale_ =
        std::min(deepest / static_cast<float>(channels), two_ ? kDeepestChannel : kWidestChannel);
    scale_ = (two_ ? std::min(height - deepest * Slab::kRise, 420.0f) : width) / static_cast<float>(side);
    const auto needed = [&] {
      float sum = 0;
      for (const Shape& s : shapes_) sum += face_width(s) + depth(s);
      return sum;
    };
    while (needed() > width && scale_ * static_cast<float>(side) > kLeast) scale_ *= 0.97f;
    while (needed() > width && channel_scale_ * static_cast<float>(channels) > kLeast)
      channel_scale_ *= 0.97f;
  }
  void place() {
    float used =
        gap_ * static_cast<float>(shapes_.size() - 1) + (gap_ + kFault) * static_cast<float>(failed_);
    for (const Shape& s : shapes_) used += face_width(s) + depth(s);
    float x = area_.x + std::max(0.0f, (area_.w - used) / 2);
    top_ = bottom_ = middle();
    for (const Shape& s : shapes_) {
      const float w = face_width(s), h = face_height(s), d = depth(s);
      const Slab& slab = slabs_.emplace_back(
          Slab{{std::floor(x), std::floor(middle() - h / 2 + d * Slab::kRise / 2), w, h}, d});
      top_ = std::min(top_, slab.box().y);
      bottom_ = std::max(bottom_, slab.face.bottom());
      x += w + d + gap_;
    }
  }

  Rect area_;
  bool two_, crowded_ = false;
  float below_ = 24;        // the shapes
  std::size_t failed_ = 0;  // layers without a slab: the one that does not fit and those behind it
  float gap_ = 0, scale_ = 1, channel_scale_ = 1, top_ = 0, bottom_ = 0;
  std::vector<Shape> shapes_;
  std::vector<Slab> slabs_;
};

void draw_slab(Canvas& c, const Slab& s, Role role, float alpha) {
  const auto tone = [&](float strength) {
    return Paint(gpu::mixed(c.theme()[Role::kPanel], c.theme()[role], strength), alpha);
  };
  const float dx = s.depth, dy = -s.depth * Slab::kRise;
  const Point a{s.face.x, s.face.y}, b{s.face.right(), s.face.y}, d{s.face.right(), s.face.bottom()};
  if (dx > 0) {
    const std::array<Point, 4> top{{a, b, {b.x + dx, b.y + dy}, {a.x + dx, a.y + dy}}};
    const std::array<Point, 4> side{{b, d, {d.x + dx, d.y + dy}, {b.x + dx, b.y + dy}}};
    c.polygon(top, tone(0.55f));
    c.polygon(side, tone(0.22f));
    const std::array<Point, 5> edge{{a, {a.x + dx, a.y + dy}, {b.x + dx, b.y + dy}, {d.x + dx, d.y + dy}, d}};
    c.polyline(edge, {role, 0.8f * alpha}, 1);
    c.line(b, {b.x + dx, b.y + dy}, {role, 0.8f * alpha});
  }
  c.fill(s.face, tone(0.38f));
  c.stroke(s.face, {role, 0.9f * alpha});
}

// The layer's name above the gap before its slab, in two lines.
void draw_name(Canvas& c, const Result& r, std::size_t layer, Point middle, float width, Paint ink) {
  const signal::StackLayer& l = r.layers[layer];
  const std::string kind(l.kind == signal::LayerKind::kAveragePool ? "avg"
                         : l.kind == signal::LayerKind::kMaxPool   ? "max"
                         : l.kind == signal::LayerKind::kDense     ? "dense"
                                                                   : "conv");
  const std::string whole = LayerSizes::name_of(l, r.params.dimensions);
  const TextStyle strong{widgets::kQuietSize_px - 1, Face::kStrong, ink, Align::kCenter};
  TextStyle quiet{widgets::kQuietSize_px - 2, Face::kNumbers, {Role::kQuiet, ink.alpha}, Align::kCenter};
  std::string size = whole.substr(whole.find_last_of(' ', whole.find(" × ") - 1) + 1);
  if (l.has_window() && l.columns.dilation > 1) size += " d" + grouped(l.columns.dilation);
  if (l.has_window() && l.columns.stride > 1) size += " /" + grouped(l.columns.stride);
  c.text({middle.x, middle.y - 8}, elided(c, kind, strong, width), strong);
  while (quiet.size > 8 && c.text_width(size, quiet) > width) quiet.size -= 0.5f;
  c.text({middle.x, middle.y + 8}, elided(c, size, quiet, width), quiet);
}

// The lit layer's window on its input's slab, and the cell that it becomes, on its way there.
void draw_window(Canvas& c, const Chain& chain, const Result& r, const Focus& f) {
  const signal::StackLayer& layer = r.layers[f.layer];
  const LayerFigures& figures = r.figures.layers[f.layer];
  const Index rows =
      layer.has_window() ? signal::kernel_extent(layer.kernel_rows, layer.rows.dilation) : figures.input[1];
  const Index columns = layer.has_window()
                            ? signal::kernel_extent(layer.kernel_columns, layer.columns.dilation)
                            : figures.input[2];
  const Rect from = chain.cells(f.layer, rows, columns), to = chain.cells(f.layer + 1, 1, 1);
  const Rect now = mix(from, to, f.progress);
  const Paint ray{Role::kKernel, 0.55f};
  c.line({from.right(), from.y}, {now.x, now.y}, ray);
  c.line({from.right(), from.bottom()}, {now.x, now.bottom()}, ray);
  c.fill(from, {Role::kKernel, 0.3f});
  c.stroke(from, Role::kKernel, 1.5f);
  c.fill(now, {Role::kFocus, 0.9f});
  c.stroke(now, Role::kFocus, 1.5f);
  const Rect seen = chain.cells(0, figures.rows.size, figures.columns.size);
  c.stroke(seen.inset(-1), Role::kFocus, 2);
}

// The shapes under the slabs: on two lines in turn where one has no room for all; smaller where one must be,
// and left out where it cannot be: the table has it too.
void draw_shapes(Canvas& c, const Chain& chain, const std::vector<float>& alphas) {
  TextStyle style = Chain::shape_style();
  for (std::size_t i = 0; i < chain.count(); ++i) {
    const std::string words = chain.shape_words(i);
    const bool lower = chain.crowded() && i % 2 == 1;
    const float width = chain.shape_room(i) * (chain.crowded() ? 1.9f : 1.0f);
    style.size = widgets::kQuietSize_px;
    while (style.size > 9 && c.text_width(words, style) > width) style.size -= 0.5f;
    const float needed = c.text_width(words, style);
    if (needed > width) continue;
    style.paint = {i == 0 ? Role::kInput : Role::kOutput, std::max(alphas[i], 0.7f)};
    const float x = std::min(chain[i].box().center().x, c.area().right() - needed / 2 - 6);
    c.text({x, chain.shapes_y() + (lower ? Chain::kShapeLine : 0.0f)}, words, style);
  }
}

void draw_chain(Canvas& c, const Chain& chain, const Result& r, const Focus& f) {
  std::vector<float> alphas;
  for (std::size_t i = 0; i < chain.count(); ++i) {
    const bool arriving = i == f.layer + 1;
    const float alpha = i <= f.layer ? 1
                        : arriving   ? kNotReached + (1 - kNotReached) * f.progress
                                     : kNotReached;
    const Slab& s = chain[i];
    draw_slab(c, s, i == 0 ? Role::kInput : Role::kOutput, alpha);
    alphas.push_back(alpha);
    if (i == 0) continue;
    const float x = s.face.x - chain.gap() / 2;
    draw_name(c, r, i - 1, {x, chain.names_y()}, chain.name_width(),
              i == f.layer + 1 ? Role::kFocus : Role::kText);
    if (i != f.layer + 1)
      arrow(c, {chain[i - 1].right() + 6, chain.middle()}, {s.face.x - 6, chain.middle()},
            {Role::kQuiet, alpha});
  }
  draw_shapes(c, chain, alphas);
  if (f.layer < r.figures.layers.size()) draw_window(c, chain, r, f);
  for (std::size_t i = chain.count(); i <= r.layers.size(); ++i) {  // behind a fault
    const Rect box = chain.fault_box(i);
    const bool failed = i == chain.count();
    const Paint ink{failed ? Role::kTrouble : Role::kQuiet, failed ? 1.0f : 0.6f};
    dashed(c, box, ink);
    draw_name(c, r, i - 1, {box.x - chain.gap() / 2, chain.names_y()}, chain.name_width(), ink);
    if (!failed) continue;
    c.line({box.x + 6, box.y + 6}, {box.right() - 6, box.bottom() - 6}, ink, 2);
    c.line({box.right() - 6, box.y + 6}, {box.x + 6, box.bottom() - 6}, ink, 2);
  }
}

// Touching a row or a slab lights its layer; a click pins it and shows its controls.
void touch(Canvas& c, const std::optional<Chain>& chain, const FigureTable& table, const Result& r,
           LayerSizes::View& v) {
  v.hovered.reset();
  const auto touched = [&](std::string_view id, const Rect& box, std::size_t layer) {
    const widgets::Touch t = c.touch(id, box);
    if (!t.hovered) return;
    widgets::point_at(layer, t.clicked, v.hovered, v.pinned);
    if (t.clicked) v.clicked = layer;
  };
  for (std::size_t i = 0; i < r.layers.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    touched("layer row " + number, table.row_of_layer(i), i);
    if (chain && i + 1 < chain->count()) touched("layer slab " + number, (*chain)[i + 1].box().inset(-4), i);
  }
}

}  // namespace

void LayerSizes::draw(const std::shared_ptr<const Result>& result, View& view, Canvas& canvas) {
  const Result& r = *result;
  const Rect area = canvas.area().inset(14);
  const float lines = static_cast<float>(r.layers.size() + 3);
  float height = lines * std::clamp(area.h * 0.5f / lines, 13.0f, 25.0f);
  const bool has_chain = area.h - height > kLeastChain;  // a low stage is the table's alone
  if (!has_chain) height = std::min(area.h, 25 * lines);
  const FigureTable table(canvas, r, {area.x, area.bottom() - height, area.w, height});
  std::optional<Chain> chain;
  if (has_chain) chain.emplace(canvas, Rect{area.x + 10, area.y, area.w - 20, area.h - height - 8}, r);
  touch(canvas, chain, table, r, view);
  const Focus f = focus(r, view, canvas.reduce_motion());
  if (chain) draw_chain(canvas, *chain, r, f);
  table.draw(canvas, r, f);
}

}  // namespace vitrine::labs
