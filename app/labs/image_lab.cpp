#include "app/labs/image_lab.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "app/labs/resized.h"
#include "app/widgets/file_browser.h"
#include "engine/core/text.h"
#include "engine/io/assets.h"
#include "engine/io/idx.h"
#include "engine/io/image.h"
#include "engine/signal/kernels.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using widgets::Cell;
using widgets::Face;
using widgets::Math;
using widgets::Point;
using widgets::Rect;
using widgets::Role;

namespace {

constexpr Index kLargestKernel = 9;
constexpr widgets::IntegerRange kItem{0, 9'999, 0}, kStride{1, 32, 1}, kDilation{1, 16, 1},
    kPadding{0, 32, 0};
constexpr std::string_view kSources[] = {"Still life", "Fashion-MNIST", "File"};
constexpr std::string_view kChannels[] = {"grey", "red", "green", "blue"};
constexpr std::string_view kFashionFile = "/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz";

Tensor<float> read_fashion(Index item) {
  std::error_code none;
  if (!std::filesystem::exists(kFashionFile, none))
    throw io::FileError(kFashionFile, "not there; apt-get install dataset-fashion-mnist brings it");
  const Tensor<std::uint8_t> images = io::read_idx_images(kFashionFile);
  if (item >= images.size(0))
    throw std::invalid_argument("there are only " + core::grouped(images.size(0)) + " images");
  const Index rows = images.size(1), columns = images.size(2);
  Tensor<float> out(core::Shape{1, rows, columns});
  std::transform(&images(item, 0, 0), &images(item, 0, 0) + rows * columns, out.data(),
                 [](std::uint8_t byte) { return static_cast<float>(byte) / 255; });
  return out;
}

// One plane of a picture: a colour, or grey by Rec. 601's luma.
Tensor<double> channel_of(const Tensor<float>& pixels, ImageConvolution::Channel channel) {
  const Index rows = pixels.size(1), columns = pixels.size(2), area = rows * columns;
  Tensor<double> plane(core::Shape{1, rows, columns});
  if (pixels.size(0) == 1) {
    std::copy_n(pixels.data(), area, plane.data());
  } else if (channel != ImageConvolution::Channel::kGrey) {
    std::copy_n(pixels.data() + (static_cast<Index>(channel) - 1) * area, area, plane.data());
  } else {
    for (Index i = 0; i < area; ++i)
      plane[i] = 0.299 * pixels[i] + 0.587 * pixels[area + i] + 0.114 * pixels[2 * area + i];
  }
  return plane;
}

}  // namespace

void ImageConvolution::Params::describe(core::Fields& f) {
  f.choice("source", source, kSources);
  f.field("item", item);
  f.field("file", file);
  f.choice("channel", channel, kChannels);
  f.field("kernel", kernel);
  f.field("stride", stride);
  f.field("dilation", dilation);
  f.field("top", top);
  f.field("bottom", bottom);
  f.field("left", left);
  f.field("right", right);
  fit();
}

void ImageConvolution::Params::fit() {
  item = kItem.clamped(item);
  kernel =
      resized(kernel, size_within(kernel, 0, kLargestKernel), size_within(kernel, 1, kLargestKernel), 0.0);
  stride = kStride.clamped(stride);
  dilation = kDilation.clamped(dilation);
  for (Index* padding : {&top, &bottom, &left, &right}) *padding = kPadding.clamped(*padding);
}

std::vector<Preset<ImageConvolution::Params>> ImageConvolution::presets() {
  const auto with = [](Source source, Index item, signal::NamedKernel kernel, Index size) {
    Params p;
    p.source = source;
    p.item = item;
    p.kernel = signal::named_kernel(kernel, size);
    return p;
  };
  Params same = with(Source::kFashion, 0, signal::NamedKernel::kSobelX, 3), strided = same;
  same.top = same.bottom = same.left = same.right = 1;
  strided.kernel = signal::named_kernel(signal::NamedKernel::kBox, 4);
  strided.stride = 4;
  return {{"Edges", with(Source::kStillLife, 0, signal::NamedKernel::kSobelX, 3)},
          {"Blur", with(Source::kStillLife, 0, signal::NamedKernel::kGaussian, 7)},
          {"Boot, edges", same},
          {"Boot, 4 × 4 mean", strided}};
}

void ImageConvolution::controls(Params& p, widgets::Controls& c) {
  c.section("Picture");
  c.choice("Source", p.source, kSources, Source::kStillLife,
           "A picture that comes with Vitrine, Fashion-MNIST's test images, or a PNG or JPEG file of yours "
           "(drop it on the window)");
  if (p.source == Source::kFashion) c.integer("Image", p.item, kItem, "Which of the 10,000 test images");
  if (p.source == Source::kFile)
    widgets::file_control(c, "File", p.file, {".png", ".jpg", ".jpeg"}, "A PNG or JPEG file");
  if (p.source != Source::kFashion)
    c.choice("Channel", p.channel, kChannels, Channel::kGrey,
             "The plane of the picture that is convolved; grey is the eye's mix of all three");

  c.section("Kernel");
  Index rows = p.kernel.size(0), columns = p.kernel.size(1);
  if (const auto pressed =
          c.buttons(signal::kNamedKernels, "A kernel with a name; box and Gaussian keep the size"))
    p.kernel = signal::named_kernel(static_cast<signal::NamedKernel>(*pressed), std::max(rows, columns));
  const bool taller = c.integer("Rows", rows, {1, kLargestKernel, 3}, "The kernel's height");
  const bool wider = c.integer("Columns", columns, {1, kLargestKernel, 3}, "The kernel's width");
  if (taller || wider) p.kernel = resized(p.kernel, rows, columns, 0.0);
  c.matrix("k", p.kernel, Role::kKernel,
           "The weights. Drag a number, step it with the wheel, or double-click to type");

  c.section("Window");
  c.integer("Stride", p.stride, kStride, "How far the window moves, to the right and down");
  c.integer("Dilation", p.dilation, kDilation,
            "The distance between two taps of the kernel; 1 = side by side");
  c.integer("Padding top", p.top, kPadding, "Rows of zeros above the picture");
  c.integer("Padding bottom", p.bottom, kPadding, "Rows of zeros below it");
  c.integer("Padding left", p.left, kPadding, "Columns of zeros to its left");
  c.integer("Padding right", p.right, kPadding, "Columns of zeros to its right");
}

std::vector<Problem> ImageConvolution::validate(const Params& p) {
  if (p.source == Source::kFile && p.file.empty())
    return {{"File", "Choose a PNG or JPEG file, or drop one on the window."}};
  return {};  // whether the kernel fits is known once the picture is read
}

ImageConvolution::Result ImageConvolution::compute(const Params& p, std::stop_token stop) {
  const std::string name = std::to_string(static_cast<int>(p.source)) +
                           (p.source == Source::kFile ? p.file : std::to_string(p.item));
  if (name != pixels_name_) {
    pixels_ = p.source == Source::kFashion ? read_fashion(p.item)
              : p.source == Source::kFile
                  ? io::read_image(p.file).pixels
                  : io::read_image(io::asset("assets/pictures/still-life.png")).pixels;
    pixels_name_ = name;
  }
  Result r;
  r.params = p;
  r.input = channel_of(pixels_, p.channel);
  r.weight = p.kernel.reshaped({1, 1, p.kernel.size(0), p.kernel.size(1)});
  const Tensor<double> output = signal::correlate(r.input, r.weight, Tensor<double>(), p.spec(), stop);
  r.output = output.reshaped({output.size(1), output.size(2)});
  r.picture = r.input.reshaped({r.input.size(1), r.input.size(2)}).cast<float>();
  r.response = r.output.cast<float>();
  r.range = widgets::symmetric_range(r.output);
  r.signed_response =
      std::any_of(r.output.values().begin(), r.output.values().end(), [](double v) { return v < -1e-9; });
  if (!r.signed_response) r.range.lo = 0;
  return r;
}

int ImageConvolution::last_step(const Result& r) {
  return static_cast<int>(std::min<Index>(r.output.count() - 1, widgets::kLastStep));
}

namespace {

using Result = ImageConvolution::Result;
using View = ImageConvolution::View;

struct LitPixel {
  Cell cell, from;  // from: where the window comes from
  float progress;
};

LitPixel lit_pixel(const Result& r, const View& v, bool reduce_motion) {
  const Index columns = r.output.size(1);
  for (const auto& chosen : {v.pinned, v.hovered})
    if (chosen && chosen->row < r.output.size(0) && chosen->column < columns) return {*chosen, *chosen, 1};
  const widgets::Lit lit = widgets::lit_at(v.playhead, reduce_motion);
  const Index step = std::min<Index>(lit.step, r.output.count() - 1), before = std::max<Index>(step - 1, 0);
  return {{step / columns, step % columns}, {before / columns, before % columns}, lit.progress};
}

// The two pictures to one scale, the magnifier below them.
struct Board {
  float pixel;                 // side of one pixel of either picture, px
  Rect padded, input, output;  // padded: the input with its padding
  Rect magnifier;

  Board(const Rect& area, const Result& r) {
    const auto& p = r.params;
    const float titles = widgets::kTitleHeight_px + 34, gap = 56, margin = 28;
    const auto rows = static_cast<float>(r.picture.size(0) + p.top + p.bottom),
               columns = static_cast<float>(r.picture.size(1) + p.left + p.right);
    const auto out_rows = static_cast<float>(r.output.size(0)),
               out_columns = static_cast<float>(r.output.size(1));
    const float magnifier_height = std::clamp(area.h * 0.30f, 120.0f, 240.0f);
    const float w = area.w - 2 * margin - gap, h = area.h - magnifier_height - titles - 14;
    pixel = std::min(w / (columns + out_columns), h / std::max(rows, out_rows));
    if (pixel >= 4) pixel = std::floor(pixel);
    const float width = pixel * (columns + out_columns) + gap;
    const float left = std::floor(area.x + (area.w - width) / 2),
                top = std::floor(area.y + widgets::kTitleHeight_px + 14 +
                                 std::max(0.0f, (h - pixel * rows) / 2));
    padded = {left, top, pixel * columns, pixel * rows};
    input = {left + pixel * static_cast<float>(p.left), top + pixel * static_cast<float>(p.top),
             pixel * static_cast<float>(r.picture.size(1)), pixel * static_cast<float>(r.picture.size(0))};
    output = {padded.right() + gap, top, pixel * out_columns, pixel * out_rows};
    magnifier = {area.x + margin, area.bottom() - magnifier_height, area.w - 2 * margin,
                 magnifier_height - 8};
  }
  Rect pixel_of(Cell c) const {
    return {output.x + pixel * static_cast<float>(c.column), output.y + pixel * static_cast<float>(c.row),
            pixel, pixel};
  }
  Rect window_of(Cell c, const ImageConvolution::Params& p) const {
    const auto extent = [&](Index taps) {
      return pixel * static_cast<float>(signal::kernel_extent(taps, p.dilation));
    };
    const float step = pixel * static_cast<float>(p.stride);
    return {padded.x + step * static_cast<float>(c.column), padded.y + step * static_cast<float>(c.row),
            extent(p.kernel.size(1)), extent(p.kernel.size(0))};
  }
};

// A frame that stays visible around a window of a few pixels.
void frame(widgets::Canvas& c, const Rect& r) { c.stroke(r.inset(-2), Role::kFocus, 2); }

void draw_pictures(widgets::Canvas& c, const Board& b, const std::shared_ptr<const Result>& result,
                   const LitPixel& lit, bool sweeping) {
  const Result& r = *result;
  const gpu::Range unit{0, 1};
  widgets::draw_title(c, {b.padded.x, b.padded.y - 13}, "x", Role::kInput,
                      widgets::shape_words(r.picture.shape()) +
                          (b.padded.w > b.input.w || b.padded.h > b.input.h ? ", padded" : ""));
  if (b.padded.w > b.input.w || b.padded.h > b.input.h) widgets::dashed(c, b.padded, Role::kQuiet);
  c.heatmap({"image x", b.input, &r.picture, gpu::Colormap::kGrey, unit, result});
  widgets::legend(c, {b.padded.x, b.padded.bottom() + 8, std::min(120.0f, b.padded.w), 20},
                  gpu::Colormap::kGrey, unit);

  widgets::draw_title(c, {b.output.x, b.output.y - 13}, "y", Role::kOutput,
                      widgets::shape_words(r.output.shape()));
  const gpu::Colormap map = r.signed_response ? gpu::Colormap::kDiverging : gpu::Colormap::kGrey;
  c.heatmap({"image y", b.output, &r.response, map, r.range, result});
  if (sweeping) {  // what the window has not reached yet is there, but in the dark
    const Rect now = b.pixel_of(lit.cell);
    c.fill({now.right(), now.y, b.output.right() - now.right(), now.h}, {Role::kStage, 0.7f});
    c.fill({b.output.x, now.bottom(), b.output.w, b.output.bottom() - now.bottom()}, {Role::kStage, 0.7f});
  }
  widgets::legend(c, {b.output.x, b.output.bottom() + 8, std::min(120.0f, b.output.w), 20}, map, r.range);

  const Rect window = mix(b.window_of(lit.from, r.params), b.window_of(lit.cell, r.params), lit.progress);
  const Rect target = mix(b.pixel_of(lit.from), b.pixel_of(lit.cell), lit.progress);
  c.line({window.right(), window.y}, {target.x, target.y}, {Role::kFocus, 0.35f});
  c.line({window.right(), window.bottom()}, {target.x, target.bottom()}, {Role::kFocus, 0.35f});
  frame(c, window);
  frame(c, target);
}

// What the window sees, times the kernel, is the products; their sum is the pixel.
void draw_magnifier(widgets::Canvas& c, const Board& b, const Result& r, const LitPixel& lit) {
  const Index rows = r.params.kernel.size(0), columns = r.params.kernel.size(1);
  const auto terms = signal::terms(r.input, r.weight, r.params.spec(), 0, lit.cell.row, lit.cell.column);
  Tensor<double> seen(core::Shape{rows, columns}), products(core::Shape{rows, columns});
  Tensor<std::uint8_t> outside(core::Shape{rows, columns});
  for (const signal::Term& t : terms) {
    seen(t.tap.kernel_row, t.tap.kernel_column) = t.input;
    products(t.tap.kernel_row, t.tap.kernel_column) = t.product;
    outside(t.tap.kernel_row, t.tap.kernel_column) = t.tap.inside ? 0 : 1;
  }
  const float sign = 34, sum_width = 110;
  const float each = (b.magnifier.w - 3 * sign - sum_width) / 3;
  const float cell = std::min({(b.magnifier.h - widgets::kTitleHeight_px) / static_cast<float>(rows),
                               each / static_cast<float>(columns), 52.0f});
  const float width = cell * static_cast<float>(columns);
  float x = b.magnifier.x + (b.magnifier.w - 3 * (width + sign) - sum_width) / 2;
  const float middle =
      b.magnifier.y + widgets::kTitleHeight_px + (b.magnifier.h - widgets::kTitleHeight_px) / 2;
  const auto panel = [&](std::string id, std::string name, Role role, const Tensor<double>& values,
                         const widgets::Shade& shade, const char* after, bool padding) {
    widgets::MatrixPicture m{std::move(id),
                             std::move(name),
                             role,
                             &values,
                             shade,
                             {x, middle - cell * static_cast<float>(rows) / 2 - widgets::kTitleHeight_px,
                              width, cell * static_cast<float>(rows) + widgets::kTitleHeight_px}};
    m.max_cell = cell;
    m.show_shape = false;
    if (padding)
      m.look = [&](Cell at) { return widgets::CellLook{.dashed = outside(at.row, at.column) != 0}; };
    draw(c, m);
    c.text({x + width + sign / 2, middle}, after,
           {widgets::kTitleSize_px, Face::kWords, Role::kQuiet, widgets::Align::kCenter});
    x += width + sign;
  };
  panel("image window", "Window of x", Role::kInput, seen, widgets::mapped(gpu::Colormap::kGrey, {0, 1}), "⊙",
        true);
  panel("image kernel", "k", Role::kKernel, r.params.kernel, widgets::tinted(Role::kKernel, r.params.kernel),
        "=", false);
  panel("image products", "Products", Role::kText, products,
        widgets::mapped(gpu::Colormap::kDiverging, widgets::symmetric_range(products)), "→", false);
  const double value = r.output(lit.cell.row, lit.cell.column);
  const Rect box{x + 6, middle - 24, 84, 48};
  c.text({box.x, box.y - 13}, "Sum", {widgets::kTextSize_px, Face::kStrong, Role::kOutput});
  const gpu::Colormap map = r.signed_response ? gpu::Colormap::kDiverging : gpu::Colormap::kGrey;
  widgets::draw_cell(c, box, value, {}, widgets::mapped(map, r.range));
  frame(c, box);
}

// Touching y chooses its pixel; touching x chooses the window whose middle is nearest.
void touch(widgets::Canvas& c, const Board& b, const Result& r, View& v) {
  v.hovered.reset();
  const auto choose = [&](const widgets::Touch& t, float row, float column) {
    v.hovered = Cell{std::clamp<Index>(static_cast<Index>(std::floor(row)), 0, r.output.size(0) - 1),
                     std::clamp<Index>(static_cast<Index>(std::floor(column)), 0, r.output.size(1) - 1)};
    if (t.clicked) v.pinned = v.pinned == v.hovered ? std::nullopt : v.hovered;
  };
  if (const auto t = c.touch("image y", b.output); t.hovered)
    choose(t, (t.at.y - b.output.y) / b.pixel, (t.at.x - b.output.x) / b.pixel);
  if (const auto t = c.touch("image x", b.padded); t.hovered) {
    const Rect window = b.window_of({0, 0}, r.params);
    const float step = b.pixel * static_cast<float>(r.params.stride);
    choose(t, (t.at.y - b.padded.y - window.h / 2) / step + 0.5f,
           (t.at.x - b.padded.x - window.w / 2) / step + 0.5f);
  }
}

}  // namespace

void ImageConvolution::draw(const std::shared_ptr<const Result>& result, View& view,
                            widgets::Canvas& canvas) {
  const Board board(canvas.area(), *result);
  touch(canvas, board, *result, view);
  const LitPixel lit = lit_pixel(*result, view, canvas.reduce_motion());
  draw_pictures(canvas, board, result, lit, !view.hovered && !view.pinned && view.playhead.t > 0);
  draw_magnifier(canvas, board, *result, lit);
}

widgets::Equation ImageConvolution::explain(const Result& r, const View& view) {
  const Cell at = lit_pixel(r, view, true).cell;
  const auto terms = signal::terms(r.input, r.weight, r.params.spec(), 0, at.row, at.column);
  const std::string index = std::to_string(at.row + 1) + "," + std::to_string(at.column + 1);
  std::vector<Math> sum{widgets::symbol("y", index, Role::kOutput), widgets::word("=")};
  constexpr std::size_t kShown = 16;  // products; the magnifier shows all of them
  for (std::size_t i = 0; i < std::min(terms.size(), kShown); ++i) {
    if (i > 0) sum.push_back(widgets::word("+"));
    sum.push_back(widgets::factor(terms[i].weight, Role::kKernel, 3));
    sum.push_back(widgets::word("·"));
    sum.push_back(widgets::factor(terms[i].input, terms[i].tap.inside ? Role::kInput : Role::kQuiet, 3));
  }
  if (terms.size() > kShown) {
    sum.push_back(widgets::word("+"));
    sum.push_back(widgets::word("…"));
  }
  sum.push_back(widgets::word("="));
  sum.push_back(widgets::number(r.output(at.row, at.column), Role::kOutput, 5));
  const auto size = [&](Index in, Index padding, Index taps, Index out) {
    return "⌊(" + core::grouped(in) + " + " + core::grouped(padding) + " − " +
           core::grouped(signal::kernel_extent(taps, r.params.dilation)) + ") / " +
           core::grouped(r.params.stride) + "⌋ + 1 = " + core::grouped(out);
  };
  const auto& p = r.params;
  return {{widgets::row(std::move(sum))},
          "Rows " + size(r.input.size(1), p.top + p.bottom, p.kernel.size(0), r.output.size(0)) +
              ", columns " + size(r.input.size(2), p.left + p.right, p.kernel.size(1), r.output.size(1))};
}

bool ImageConvolution::open(const std::filesystem::path& path, Params& params) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  if (ending != ".png" && ending != ".jpg" && ending != ".jpeg") return false;
  params.source = Source::kFile;
  params.file = path.string();
  return true;
}

}  // namespace vitrine::labs
