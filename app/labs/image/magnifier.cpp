// The magnifier of the image lab: the products under the lit window and their sum.
#include <algorithm>
#include <cmath>
#include <utility>

#include "app/labs/image/board.h"
#include "app/widgets/palette.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using widgets::Cell;
using widgets::Face;
using widgets::Point;
using widgets::Rect;
using widgets::Role;

namespace {

using Result = ImageConvolution::Result;
using View = ImageConvolution::View;
using LitPixel = ImageConvolution::LitPixel;

const widgets::TextStyle kSign{widgets::kTitleSize_px, Face::kWords, Role::kQuiet, widgets::Align::kCenter};

// Returns where the row ends.
float draw_kernel_pens(widgets::Canvas& c, Point at, View& v) {
  constexpr double kValues[] = {-1, 0, 1};
  std::vector<widgets::Swatch> values;
  for (const double value : kValues)
    values.push_back({"paint k " + core::shown(value, 2),
                      widgets::value_color(c.theme(), gpu::Colormap::kDiverging, {-1, 1}, value),
                      core::shown(value, 2), v.kernel_pen == value});
  const widgets::PaletteTouch touch = widgets::draw_palette(c, at, "Paint k", values);
  if (touch.clicked) View::choose(v.kernel_pen, kValues[*touch.clicked]);
  return touch.right;
}

// One channel of the window: what it sees, its kernel, the products.
struct Panel {
  Tensor<double> seen, products;
  Tensor<std::uint8_t> outside;  // of the padding
  double sum = 0;
};

struct Window {
  std::vector<Panel> channels;
  double total;
};

Window window_at(const Result& r, Cell lit) {
  const auto& p = r.params;
  const auto terms = signal::terms(r.input->planes, p.kernels, p.spec(), p.filter, lit.row, lit.column);
  const signal::ChannelSums sums = signal::channel_sums(terms);
  const core::Shape shape{p.kernels.size(2), p.kernels.size(3)};
  Window window{{}, sums.total};
  std::vector<Panel>& panels = window.channels;
  for (const double sum : sums.sums)
    panels.push_back({Tensor<double>(shape), Tensor<double>(shape), Tensor<std::uint8_t>(shape), sum});
  for (const signal::Term& t : terms) {
    Panel& panel = panels[static_cast<std::size_t>(t.channel)];
    panel.seen(t.tap.kernel_row, t.tap.kernel_column) = t.input;
    panel.products(t.tap.kernel_row, t.tap.kernel_column) = t.product;
    panel.outside(t.tap.kernel_row, t.tap.kernel_column) = t.tap.inside ? 0 : 1;
  }
  return window;
}

// What the window sees, times the kernel, is the products; their sum is the pixel. Of several channels each
// has its sum, and the pixel is theirs: there x stands above k.
class Magnifier {
 public:
  Magnifier(widgets::Canvas& canvas, const ImageBoard& board, const Result& result, View& view)
      : c_(canvas), b_(board), r_(result), view_(view) {
    if (board.magnifier.w < 640 && result.input->planes.size(0) > 1) widths_ = {16, 50, 66, 58};
  }

  void draw(const LitPixel& lit) {
    const Window window = window_at(r_, lit.cell);
    const std::vector<Panel>& channels = window.channels;
    const bool alone = channels.size() == 1;
    const auto rows = static_cast<float>(r_.params.kernels.size(2)),
               columns = static_cast<float>(r_.params.kernels.size(3)),
               count = static_cast<float>(channels.size()), across = alone ? 3.0f : count,
               down = alone ? 1.0f : 2.0f;
    const float between = alone ? 3 * widths_.sign : count * (2 * widths_.sign + widths_.sum);
    const float height = b_.magnifier.h - down * widgets::kTitleHeight_px - kPens_px;
    cell_ = std::min(
        {height / (down * rows), (b_.magnifier.w - between - widths_.total) / (across * columns), 52.0f});
    if (cell_ >= 4) cell_ = std::floor(cell_);
    width_ = std::max(cell_ * columns, widths_.panel);
    x_ = b_.magnifier.x + (b_.magnifier.w - across * width_ - between - widths_.total) / 2;
    middle_ = b_.magnifier.y + (b_.magnifier.h - kPens_px + widgets::kTitleHeight_px) / 2;
    if (alone)
      draw_products(channels.front());
    else
      for (std::size_t i = 0; i < channels.size(); ++i) draw_channel(channels, i);
    draw_number(alone ? "Sum" : "y", window.total, r_.range, widths_.total, true);
    draw_foot();
  }

 private:
  static constexpr float kPens_px = 30, kDigitsFrom_px = 26;
  // How wide what stands between the cells is, and a title at least.
  struct Widths {
    float sign, sum, total, panel;
  };

  // The pens for k, and what the layer costs.
  void draw_foot() {
    const float y = b_.magnifier.bottom() - kPens_px / 2 + 6;
    const float pens_right = draw_kernel_pens(c_, {b_.magnifier.x, y}, view_);
    const widgets::TextStyle style{widgets::kQuietSize_px, Face::kWords, Role::kQuiet,
                                   widgets::Align::kRight};
    const std::string words =
        core::grouped(r_.counts.weights) + " weights  ·  " + core::grouped(r_.counts.macs) + " multiply-adds";
    const float right = b_.magnifier.right();
    c_.text({right, y}, elided(c_, words, style, right - pens_right - 16), style);
  }

  float panel_height() const { return cell_ * static_cast<float>(r_.params.kernels.size(2)); }

  void draw_products(const Panel& panel) {
    const float top = middle_ - panel_height() / 2;
    cells("image window", "Window", Role::kInput, panel.seen, widgets::mapped(gpu::Colormap::kGrey, {0, 1}),
          "x", r_.input->planes, top, &panel.outside);
    advance("⊙");
    draw_kernel("image kernel", "k", 0, top);
    advance("=");
    cells("image products", "Products", Role::kText, panel.products,
          widgets::mapped(gpu::Colormap::kDiverging, widgets::symmetric_range(panel.products)), "y",
          r_.response, top);
    advance("→");
  }

  void draw_channel(const std::vector<Panel>& channels, std::size_t i) {
    const std::string name = kChannelNames[i];
    const float lower = middle_ + widgets::kTitleHeight_px / 2;
    cells("image window " + name, "x " + name, Role::kInput, channels[i].seen,
          widgets::mapped(gpu::Colormap::kGrey, {0, 1}), "x", r_.input->planes,
          lower - widgets::kTitleHeight_px - panel_height(), &channels[i].outside);
    draw_kernel("image kernel " + name, "k " + name, static_cast<Index>(i), lower);
    advance("=");
    draw_number(name, channels[i].sum, r_.parts.range(r_.parts.any_below_zero()), widths_.sum, false);
    sign(i + 1 < channels.size() ? "+" : "=");
  }

  void draw_kernel(const std::string& id, const std::string& name, Index channel, float top) {
    const Tensor<double> kernel = r_.params.kernel(channel);
    // Where there is no room for a sign, the colour has it.
    const bool digits = cell_ * c_.zoom() >= kDigitsFrom_px;
    const widgets::Shade shade =
        digits ? widgets::tinted(Role::kKernel, kernel)
               : widgets::mapped(gpu::Colormap::kDiverging, widgets::symmetric_range(kernel));
    const widgets::MatrixLayout k =
        cells(id, name, Role::kKernel, kernel, shade, "k", r_.params.kernels, top);
    paint(k, id, channel);
  }

  // A title and cells below it from `top` on, at the left end of what is not yet drawn. whole: the result's
  // tensor that the values are a part of, for they do not outlive the drawing.
  widgets::MatrixLayout cells(const std::string& id, const std::string& name, Role role,
                              const Tensor<double>& values, const widgets::Shade& shade, const char* letter,
                              const auto& whole, float top, const Tensor<std::uint8_t>* dashed = nullptr) {
    widgets::MatrixPicture m{id,
                             name,
                             role,
                             &values,
                             shade,
                             {x_, top - widgets::kTitleHeight_px, cell_ * static_cast<float>(values.size(1)),
                              panel_height() + widgets::kTitleHeight_px}};
    m.max_cell = cell_;
    m.show_shape = false;
    if (dashed)
      m.look = [dashed](Cell at) { return widgets::CellLook{.dashed = (*dashed)(at.row, at.column) != 0}; };
    widgets::draw(c_, m);
    const widgets::MatrixLayout drawn = widgets::layout(m);
    c_.numbers({letter, drawn.cells, &whole});
    return drawn;
  }

  void advance(std::string_view words) {
    x_ += width_;
    sign(words);
  }
  void sign(std::string_view words) {
    c_.text({x_ + widths_.sign / 2, middle_}, words, kSign);
    x_ += widths_.sign;
  }

  void draw_number(const std::string& name, double value, gpu::Range range, float width, bool lit) {
    const Rect box{x_ + 4, middle_ - 22, width - 8, 44};
    c_.text({box.x, box.y - 13}, name,
            {lit ? widgets::kTextSize_px : widgets::kQuietSize_px, Face::kStrong, Role::kOutput});
    widgets::draw_cell(c_, box, value, {}, widgets::mapped(map_of(range), range));
    if (lit) frame(c_, box);
    x_ += width;
  }

  void paint(const widgets::MatrixLayout& k, const std::string& id, Index channel) {
    if (!view_.kernel_pen) return;
    const widgets::Touch t = c_.grab(id + " pen", k.cells);
    view_.held |= t.held;
    if (!t.held || !k.cells.contains(t.at)) return;
    view_.strokes.goes_on = std::exchange(view_.stroke_under_way, true);
    view_.strokes.kernel_channel = channel;
    view_.strokes.kernel_cell = {static_cast<Index>((t.at.y - k.cells.y) / k.cell),
                                 static_cast<Index>((t.at.x - k.cells.x) / k.cell)};
  }

  widgets::Canvas& c_;
  const ImageBoard& b_;
  const Result& r_;
  View& view_;
  Widths widths_{26, 66, 88, 64};
  float cell_ = 0, width_ = 0;  // of a cell, of a panel
  float x_ = 0, middle_ = 0;    // the left end of what is not yet drawn, and its middle line
};

}  // namespace

void draw_magnifier(widgets::Canvas& canvas, const ImageBoard& board, const Result& result, View& view,
                    const LitPixel& lit) {
  Magnifier(canvas, board, result, view).draw(lit);
}

}  // namespace vitrine::labs
