#include "app/labs/image/lab.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "app/labs/resized.h"
#include "app/labs/window_controls.h"
#include "engine/core/text.h"
#include "engine/lessons/expression.h"
#include "engine/signal/fast_convolution.h"
#include "engine/signal/kernels.h"
#include "engine/signal/reduced.h"

namespace vitrine::labs {

using core::Index;
using core::Shape;
using core::Tensor;
using widgets::Cell;
using widgets::Math;
using widgets::Role;

namespace {

constexpr Index kLargestKernel = 15, kMostFilters = 64;
constexpr Index kLargestTexture = 4'096, kTilePixels = 256, kFiltersAtOnce = 8;
constexpr WindowLimits kWindow{.stride = 32, .dilation = 16, .padding = 64};
constexpr std::string_view kPlaneNames[] = {"grey", "red", "green", "blue", "red, green, blue"};
constexpr std::string_view kKernelNames[] = {"k red", "k green", "k blue"};

Index channels_of(ImageConvolution::Planes planes) {
  return planes == ImageConvolution::Planes::kRgb ? 3 : 1;
}

// Kernels that answer noise with noise of the same variance.
Tensor<double> random_kernels(const Shape& shape, Index seed) {
  return signal::untrained_weights(shape, 1, {static_cast<std::uint64_t>(seed), core::RngStream::kLab}, 0);
}

// The kernels at other sizes. What fits is kept; a filter that is new is random; three channels share what
// one had, and one has what three had together, so that a grey picture answers alike.
Tensor<double> refitted(const Tensor<double>& k, const Shape& shape, Index seed) {
  Tensor<double> out(shape);
  const Tensor<double> fresh = random_kernels(shape, seed);
  const Index channels = std::min(k.size(1), shape[1]);
  const double share = static_cast<double>(channels) / static_cast<double>(shape[1]);
  for (Index f = 0; f < shape[0]; ++f)
    for (Index c = 0; c < shape[1]; ++c)
      for (Index u = 0; u < shape[2]; ++u)
        for (Index v = 0; v < shape[3]; ++v) {
          if (f >= k.size(0)) {
            out(f, c, u, v) = fresh(f, c, u, v);
          } else if (u < k.size(2) && v < k.size(3)) {
            for (Index from = c % channels; from < k.size(1); from += shape[1])
              out(f, c, u, v) += share * k(f, from, u, v);
          }
        }
  return out;
}

// From zero if nothing is below it, else symmetric about zero.
gpu::Range map_range(std::span<const float> map) {
  float lo = 0, hi = 0;
  for (const float v : map)
    if (std::isfinite(v)) lo = std::min(lo, v), hi = std::max(hi, v);
  const float most = std::max({-lo, hi, 1e-12f});
  return {lo < -1e-6f * most ? -most : 0, most};
}

Tensor<float> plane_at(const Tensor<float>& maps, Index i) {
  const Shape plane{maps.size(1), maps.size(2)};
  return Tensor<float>(plane, maps.values().subspan(static_cast<std::size_t>(i * plane.count()),
                                                    static_cast<std::size_t>(plane.count())));
}

// Adds maps [n, Ho, Wo] at few pixels.
void add_tiles(const Tensor<float>& maps, core::Workers& workers, ImageConvolution::Tiles& tiles) {
  const Tensor<float> small = signal::reduced(maps, kTilePixels, workers);
  const auto each = static_cast<std::size_t>(maps.count() / maps.size(0));
  for (Index i = 0; i < maps.size(0); ++i) {
    const gpu::Range range = map_range(maps.values().subspan(static_cast<std::size_t>(i) * each, each));
    tiles.maps.push_back(plane_at(small, i));
    tiles.below_zero.push_back(range.lo < 0);
    tiles.most = std::max(tiles.most, range.hi);
  }
}

template <class Change>
void change_shown_kernel(ImageConvolution::Params& p, Change change) {
  for (Index c = 0; c < p.kernels.size(1); ++c) p.set_kernel(c, change(p.kernel(c)));
}

}  // namespace

void ImageConvolution::Params::describe(core::Fields& f) {
  f.group("picture", picture);
  f.choice("planes", planes, kPlaneNames);
  f.field("kernels", kernels);
  f.field("filter", filter);
  f.field("random_seed", random_seed);
  f.group("rows", rows);
  f.group("columns", columns);
  f.choice("boundary", boundary, signal::kBoundaryNames);
  fit();
}

void ImageConvolution::Params::fit() {
  picture.fit();
  if (kernels.rank() != 4 || kernels.empty()) kernels = Params{}.kernels;
  const auto kept = [&](std::size_t axis, Index most) { return std::min(kernels.size(axis), most); };
  const Shape shape{kept(0, kMostFilters), channels_of(planes), kept(2, kLargestKernel),
                    kept(3, kLargestKernel)};
  random_seed = std::clamp<Index>(random_seed, 1, 1'000'000);
  if (kernels.shape() != shape) kernels = refitted(kernels, shape, random_seed);
  filter = std::clamp<Index>(filter, 0, kernels.size(0) - 1);
  rows = within(rows, kWindow);
  columns = within(columns, kWindow);
}

Tensor<double> ImageConvolution::Params::kernel(Index channel) const {
  const Index cells = kernels.size(2) * kernels.size(3);
  return Tensor<double>(
      Shape{kernels.size(2), kernels.size(3)},
      kernels.values().subspan(static_cast<std::size_t>((filter * kernels.size(1) + channel) * cells),
                               static_cast<std::size_t>(cells)));
}

void ImageConvolution::Params::set_kernel(Index channel, const Tensor<double>& kernel) {
  std::copy_n(kernel.data(), kernel.count(), &kernels(filter, channel, 0, 0));
}

std::vector<Preset<ImageConvolution::Params>> ImageConvolution::presets() {
  using Kind = PictureSource::Kind;
  using signal::NamedKernel;
  const auto with = [](Kind kind, NamedKernel kernel, Index size) {
    Params p;
    p.picture.kind = kind;
    const Tensor<double> k = signal::named_kernel(kernel, size);
    p.kernels = k.reshaped({1, 1, k.size(0), k.size(1)});
    return p;
  };
  Params edges = with(Kind::kFashion, NamedKernel::kSobelX, 3),
         mean = with(Kind::kFashion, NamedKernel::kBox, 4);
  edges.rows = edges.columns = signal::padded_by_name(signal::NamedPadding::kSame, 3, {});
  mean.rows.stride = mean.columns.stride = 4;

  Params bank;  // one of each name
  bank.kernels = Tensor<double>(Shape{static_cast<Index>(std::size(signal::kNamedKernels)), 1, 3, 3});
  for (bank.filter = 0; bank.filter < bank.kernels.size(0); ++bank.filter)
    bank.set_kernel(0, signal::named_kernel(static_cast<NamedKernel>(bank.filter), 3));
  bank.filter = static_cast<Index>(NamedKernel::kSobelX);
  bank.rows = bank.columns = signal::padded_by_name(signal::NamedPadding::kSame, 3, {});
  bank.boundary = signal::Boundary::kReplicate;

  Params colour;  // the exercise's layer: 32 filters of 5 x 5 on three planes, stride 2
  colour.planes = Planes::kRgb;
  colour.kernels = random_kernels({32, 3, 5, 5}, 1);
  colour.rows.stride = colour.columns.stride = 2;

  Params drawing;  // the exercise's 3 x 3 picture under a 2 x 2 mean, its numbers in tenths
  drawing.picture.kind = Kind::kDrawing;
  drawing.picture.drawing_rows = drawing.picture.drawing_columns = 3;
  for (Index i = 0; i < 9; ++i) drawing.picture.paint(i / 3, i % 3, 0, static_cast<double>(i + 1) / 10);
  drawing.kernels = signal::named_kernel(NamedKernel::kBox, 2).reshaped({1, 1, 2, 2});
  return {{"Edges", with(Kind::kStillLife, NamedKernel::kSobelX, 3)},
          {"Blur", with(Kind::kStillLife, NamedKernel::kGaussian, 7)},
          {"Eight kernels", bank},
          {"Colour, 32 filters", colour},
          {"Boot, edges", edges},
          {"Boot, 4 × 4 mean", mean},
          {"Moving average", drawing}};
}

void ImageConvolution::controls(Params& p, widgets::Controls& c) {
  c.section("Picture");
  picture_controls(c, p.picture);
  if (c.choice("Planes", p.planes, kPlaneNames, Planes::kGrey,
               "What of the picture is convolved: one plane, or all three at once. Grey is the eye's mix"))
    p.fit();

  c.section("Filters");
  Index filters = p.kernels.size(0), rows = p.kernels.size(2), columns = p.kernels.size(3),
        shown = p.filter + 1;
  bool resized = c.integer("Filters", filters, {1, kMostFilters, 1},
                           "How many kernels slide over the picture, each with a map of its own");
  if (filters > 1 && c.integer("Filter shown", shown, {1, filters, 1},
                               "Which one is edited here and shown large; a click on its map chooses it too"))
    p.filter = shown - 1;
  resized |= c.integer("Kernel rows", rows, {1, kLargestKernel, 3}, "The kernel's height");
  resized |= c.integer("Kernel columns", columns, {1, kLargestKernel, 3}, "The kernel's width");
  const auto resize = [&](Index to_rows, Index to_columns) {
    p.kernels = refitted(p.kernels, {filters, p.kernels.size(1), to_rows, to_columns}, p.random_seed);
    p.filter = std::min(p.filter, filters - 1);
  };
  if (resized) resize(rows, columns);
  if (const auto pressed =
          c.buttons(signal::kNamedKernels, "A kernel with a name; box and Gaussian keep the size")) {
    Tensor<double> named =
        signal::named_kernel(static_cast<signal::NamedKernel>(*pressed), std::max(rows, columns));
    for (double& k : named.values()) k /= static_cast<double>(p.kernels.size(1));
    resize(named.size(0), named.size(1));
    change_shown_kernel(p, [&](const Tensor<double>&) { return named; });
  }
  constexpr std::string_view kChanges[] = {"÷ 2", "× 2", "× −1", "Normalise", "Turn 180°"};
  if (const auto pressed = c.buttons(
          kChanges,
          "Normalise: so that the weights sum to 1, or their magnitudes if they sum to 0. Turned by "
          "180° a correlation is the textbook's convolution"))
    change_shown_kernel(p, [&](Tensor<double> k) {
      constexpr double kFactors[] = {0.5, 2, -1};
      if (*pressed == 4) std::reverse(k.values().begin(), k.values().end());
      if (*pressed < 3)
        for (double& weight : k.values()) weight *= kFactors[*pressed];
      return *pressed == 3 ? signal::normalised(k) : k;
    });
  constexpr std::string_view kRandom[] = {"Random", "All random"};
  if (const auto pressed = c.buttons(kRandom,
                                     "Weights of a layer that was never trained: normal, with the "
                                     "variance 1 / (weights of one filter)")) {
    const Tensor<double> fresh = random_kernels(p.kernels.shape(), p.random_seed++);
    const Tensor<double> old = std::exchange(p.kernels, fresh);
    if (*pressed == 0)
      for (Index f = 0; f < old.size(0); ++f)
        if (f != p.filter) std::copy_n(&old(f, 0, 0, 0), old.count() / old.size(0), &p.kernels(f, 0, 0, 0));
  }
  for (Index channel = 0; channel < p.kernels.size(1); ++channel) {
    Tensor<double> k = p.kernel(channel);
    if (c.matrix(p.kernels.size(1) == 1 ? "k" : kKernelNames[channel], k, Role::kKernel,
                 "The weights. Drag a number, step it with the wheel, or double-click to type"))
      p.set_kernel(channel, k);
  }

  c.section("Window");
  window_controls(c, p.rows, p.columns, p.kernels.size(2), p.kernels.size(3), kWindow);
  boundary_control(c, p.boundary);
}

std::vector<Problem> ImageConvolution::validate(const Params& p) {
  if (const auto problem = picture_problem(p.picture)) return {*problem};
  return {};  // whether the kernel fits is known once the picture is read
}

bool ImageConvolution::Tiles::any_below_zero() const {
  return std::find(below_zero.begin(), below_zero.end(), true) != below_zero.end();
}

signal::ConvSpec ImageConvolution::Params::continuation() const {
  if (boundary == signal::Boundary::kZeros) return {};
  const auto padding = [](const signal::WindowSpec& spec) {
    return signal::WindowSpec{1, 1, spec.padding_before, spec.padding_after};
  };
  return {padding(rows), padding(columns), kernels.size(1), boundary};
}

const std::shared_ptr<const ImageConvolution::Input>& ImageConvolution::input_of(
    const Params& p, const Tensor<float>& pixels) {
  const auto same = [&](const Params& other) {
    return p.picture == other.picture && p.planes == other.planes && p.continuation() == other.continuation();
  };
  if (input_ && same(input_params_)) return input_;
  auto input = std::make_shared<Input>();
  if (p.planes != Planes::kRgb) {
    input->planes = plane_of(pixels, static_cast<Plane>(p.planes));
  } else if (pixels.size(0) == 3) {
    input->planes = pixels;
  } else {
    input->planes = Tensor<float>(Shape{3, pixels.size(1), pixels.size(2)});
    for (Index c = 0; c < 3; ++c) std::copy_n(pixels.data(), pixels.count(), &input->planes(c, 0, 0));
  }
  const Index channels = input->planes.size(0);
  const auto shown = [&](const Tensor<float>& planes) {
    const Tensor<float> small = signal::reduced(planes, kLargestTexture / channels, workers_);
    return channels == 1 ? plane_at(small, 0) : small;
  };
  input->with_padding = p.boundary != signal::Boundary::kZeros;
  if (input->with_padding)  // a kernel of a single 1 for every plane only pads
    input->shown = shown(signal::correlate_fast(input->planes, Tensor<float>({channels, 1, 1, 1}, 1.0f),
                                                Tensor<float>(), p.continuation(), workers_));
  else
    input->shown = shown(input->planes);
  input_ = std::move(input);
  input_params_ = p;
  return input_;
}

ImageConvolution::Result ImageConvolution::compute(const Params& p, std::stop_token stop,
                                                   core::Progress& progress) {
  Result r;
  r.params = p;
  const Tensor<float>& pixels = reader_.read(p.picture);
  const Index kernel_rows = p.kernels.size(2), kernel_columns = p.kernels.size(3);
  for (const auto& problem :
       {window_problem("Kernel rows", "height", pixels.size(1), kernel_rows, p.rows, p.boundary),
        window_problem("Kernel columns", "width", pixels.size(2), kernel_columns, p.columns, p.boundary)})
    if (problem) throw std::invalid_argument(problem->words);
  r.input = input_of(p, pixels);
  const Tensor<float>& x = r.input->planes;
  r.counts = signal::conv_counts(x.shape(), p.kernels.shape(), false, p.spec());

  const auto filters = [&](Index first, Index count) {
    const Index each = p.kernels.count() / p.kernels.size(0);
    const auto weights = p.kernels.values().subspan(static_cast<std::size_t>(first * each),
                                                    static_cast<std::size_t>(count * each));
    return Tensor<double>(Shape{count, p.kernels.size(1), kernel_rows, kernel_columns}, weights)
        .cast<float>();
  };
  // Of the time the shown filter takes its share, its parts as much, and all maps the rest.
  const Index count = p.kernels.size(0);
  const double runs = 1 + (x.size(0) > 1 ? 1 : 0) + (count > 1 ? static_cast<double>(count) : 0);
  double done = 0;
  const auto convolved = [&](const Tensor<float>& weight, const signal::ConvSpec& spec, Index filters_done) {
    done += static_cast<double>(filters_done);
    progress.stage_until(done / runs);
    return signal::correlate_fast(x, weight, Tensor<float>(), spec, workers_, stop, &progress);
  };
  const Tensor<float> shown = convolved(filters(p.filter, 1), p.spec(), 1);
  r.range = map_range(shown.values());
  r.response = plane_at(shown, 0);
  r.shown = plane_at(signal::reduced(shown, kLargestTexture, workers_), 0);
  if (x.size(0) > 1) {
    signal::ConvSpec apart = p.spec();
    apart.groups = x.size(0);
    add_tiles(convolved(filters(p.filter, 1).reshaped({x.size(0), 1, kernel_rows, kernel_columns}), apart, 1),
              workers_, r.parts);
  }
  for (Index first = 0; count > 1 && first < count; first += kFiltersAtOnce) {
    const Index some = std::min(kFiltersAtOnce, count - first);
    add_tiles(convolved(filters(first, some), p.spec(), some), workers_, r.maps);
  }
  return r;
}

int ImageConvolution::last_step(const Result& r) {
  return static_cast<int>(std::min<Index>(r.response.count() - 1, widgets::kLastStep));
}

ImageConvolution::LitPixel ImageConvolution::lit_pixel(const Result& r, const View& v, bool reduce_motion) {
  for (const auto& chosen : {v.pinned, v.hovered})
    if (chosen && chosen->row < r.rows() && chosen->column < r.columns()) return {*chosen, *chosen, 1};
  const widgets::Lit lit = widgets::lit_at(v.playhead, reduce_motion);
  const Index step = std::min<Index>(lit.step, r.response.count() - 1), before = std::max<Index>(step - 1, 0);
  return {
      {step / r.columns(), step % r.columns()}, {before / r.columns(), before % r.columns()}, lit.progress};
}

StageEdit ImageConvolution::edit_on_stage(View& view, Params& p) {
  Strokes strokes = std::exchange(view.strokes, {});
  const Params before = p;
  if (strokes.filter) p.filter = std::clamp<Index>(*strokes.filter, 0, p.kernels.size(0) - 1);
  if (view.pen)
    for (const Cell dab : strokes.dabs) p.picture.paint(dab.row, dab.column, strokes.radius, *view.pen);
  if (strokes.kernel_channel && view.kernel_pen && *strokes.kernel_channel < p.kernels.size(1) &&
      strokes.kernel_cell.row < p.kernels.size(2) && strokes.kernel_cell.column < p.kernels.size(3))
    p.kernels(p.filter, *strokes.kernel_channel, strokes.kernel_cell.row, strokes.kernel_cell.column) =
        *view.kernel_pen;
  if (p == before) return StageEdit::kNone;
  return strokes.goes_on ? StageEdit::kMore : StageEdit::kNew;
}

widgets::Equation ImageConvolution::explain(const Result& r, const View& view) {
  const Params& p = r.params;
  const Cell at = lit_pixel(r, view, true).cell;
  const auto terms = signal::terms(r.input->planes, p.kernels, p.spec(), p.filter, at.row, at.column);
  const signal::ChannelSums sums = signal::channel_sums(terms);
  const std::string place = std::to_string(at.row + 1) + "," + std::to_string(at.column + 1);
  const std::string index = (p.kernels.size(0) > 1 ? std::to_string(p.filter + 1) + "," : "") + place;
  constexpr std::size_t kShown = 16;  // products; the magnifier shows all of them
  widgets::Sum sum(kShown);
  if (sums.sums.size() > 1) {
    constexpr const char* kNames[] = {"red", "green", "blue"};
    for (std::size_t c = 0; c < sums.sums.size(); ++c)
      sum.add({widgets::scripts(widgets::factor(sums.sums[c], Role::kOutput, 4), widgets::word(kNames[c]))});
  } else {
    for (const signal::Term& t : terms)
      if (!sum.add({widgets::factor(t.weight, Role::kKernel, 3), widgets::word("·"),
                    widgets::factor(t.input, t.tap.inside ? Role::kInput : Role::kQuiet, 3)}))
        break;
  }
  std::vector<Math> line{widgets::symbol("y", index, Role::kOutput), widgets::word("=")};
  for (Math& part : sum.parts()) line.push_back(std::move(part));
  line.push_back(widgets::word("="));
  line.push_back(widgets::number(sums.total, Role::kOutput, 5));
  const Shape& x = r.input->planes.shape();
  return {{widgets::row(std::move(line))},
          "Rows " + size_formula(x[1], p.kernels.size(2), p.rows) + ", columns " +
              size_formula(x[2], p.kernels.size(3), p.columns)};
}

bool ImageConvolution::open(const std::filesystem::path& path, Params& params) {
  return open_picture(path, params.picture);
}

}  // namespace vitrine::labs
