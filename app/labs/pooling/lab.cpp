#include "app/labs/pooling/lab.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/labs/resized.h"
#include "app/labs/window_controls.h"
#include "engine/core/text.h"
#include "engine/signal/fast_pooling.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using signal::ShiftFill;
using widgets::Cell;
using widgets::Role;

namespace {

constexpr Index kLargestMatrix = 16;
constexpr WindowLimits kWindow{16, 8, 8};
constexpr widgets::IntegerRange kSide{1, kLargestMatrix, 5}, kKernel{1, 16, 3}, kShift{-64, 64, 0},
    kPixels{0, 10'000, 0}, kSeed{0, 9'999, 1};
constexpr widgets::RealRange kStrayValue{-10, 10, 1, 0.1}, kNoise{0, 2, 0, 0.01};

constexpr std::string_view kInputIds[] = {"matrix", "picture"}, kInputs[] = {"Matrix", "Picture"};
constexpr std::string_view kFillIds[] = {"zeros", "wrap"}, kFills[] = {"zeros", "what left"};

// The draws of one seed that must not be the same numbers.
enum Draw : std::uint64_t { kLostDraw, kStrayDraw, kNoiseDraw };

bool any(const Tensor<std::uint8_t>& mask) {
  return std::any_of(mask.values().begin(), mask.values().end(), [](std::uint8_t set) { return set != 0; });
}

double kept(double value, const widgets::RealRange& range) {
  return std::isfinite(value) ? std::clamp(value, range.low, range.high) : range.reset;
}

Tensor<double> as_image(const Tensor<double>& m) { return m.reshaped({1, m.size(0), m.size(1)}); }
template <class T>
Tensor<T> as_matrix(const Tensor<T>& image) {
  return image.reshaped({image.size(1), image.size(2)});
}

// x [1, H, W] as the harm leaves it; clicked pixels only where the masks cover it.
Tensor<double> harmed(const Tensor<double>& x, const Pooling::Harm& harm, bool clicked) {
  const core::Rng rng(static_cast<std::uint64_t>(harm.seed), core::RngStream::kLab);
  const core::Shape pixels{x.size(1), x.size(2)};
  Tensor<double> y = signal::shifted(x, harm.shift_rows, harm.shift_columns, harm.fill);
  if (clicked) {
    y = signal::with_value_at(std::move(y), harm.lost, 0);
    y = signal::with_value_at(std::move(y), harm.stray, harm.stray_value);
  }
  const auto lost = signal::random_cells(pixels, harm.random_lost, rng, kLostDraw);
  y = signal::with_value_at(std::move(y), lost, 0);
  const auto stray = signal::random_cells(pixels, harm.random_stray, rng, kStrayDraw);
  y = signal::with_value_at(std::move(y), stray, harm.stray_value);
  return signal::with_noise(std::move(y), harm.noise, rng, kNoiseDraw);
}

// Of a picture by the float path, so that large ones follow the hand; a matrix is exact.
Pooling::Side pooled(Tensor<double> input, const Pooling::Params& p, core::Workers& workers,
                     std::stop_token stop) {
  Pooling::Side side;
  if (p.input == Pooling::Input::kMatrix) {
    side.largest = as_matrix(signal::max_pool(input, p.pool, stop).output);
    side.mean = as_matrix(signal::average_pool(input, p.pool, p.count(), stop));
    side.sums = Tensor<double>(side.mean.shape());
    side.counts = Tensor<Index>(side.mean.shape());
    for (Index i = 0; i < side.mean.size(0); ++i)
      for (Index j = 0; j < side.mean.size(1); ++j) {
        const signal::PoolWindow window = signal::pool_window(input, p.pool, p.count(), 0, i, j);
        side.sums(i, j) = window.sum;
        side.counts(i, j) = window.count;
      }
  } else {
    const Tensor<float> pixels = input.cast<float>();
    side.input_pixels = as_matrix(pixels);
    side.largest_pixels = as_matrix(signal::max_pool_fast(pixels, p.pool, workers, stop));
    side.mean_pixels = as_matrix(signal::average_pool_fast(pixels, p.pool, p.count(), workers, stop));
    side.largest = side.largest_pixels.cast<double>();
    side.mean = side.mean_pixels.cast<double>();
  }
  side.input = std::move(input);
  return side;
}

Pooling::Change change(const Tensor<double>& copy, const Tensor<double>& original, bool as_pixels) {
  Pooling::Change c{signal::difference(copy, original), {}};
  if (as_pixels) c.pixels = c.difference.values.cast<float>();
  return c;
}

}  // namespace

void Pooling::Harm::describe(core::Fields& f) {
  f.field("shift_rows", shift_rows);
  f.field("shift_columns", shift_columns);
  f.choice("fill", fill, kFillIds);
  f.field("lost", lost);
  f.field("stray", stray);
  f.field("random_lost", random_lost);
  f.field("random_stray", random_stray);
  f.field("stray_value", stray_value);
  f.field("noise", noise);
  f.field("seed", seed);
}

void Pooling::Harm::fit(Index rows, Index columns) {
  for (auto* mask : {&lost, &stray}) *mask = resized<std::uint8_t>(*mask, rows, columns, 0);
  for (Index* shift : {&shift_rows, &shift_columns}) *shift = kShift.clamped(*shift);
  for (Index* pixels : {&random_lost, &random_stray}) *pixels = kPixels.clamped(*pixels);
  stray_value = kept(stray_value, kStrayValue);
  noise = kept(noise, kNoise);
  seed = kSeed.clamped(seed);
}

void Pooling::Params::describe(core::Fields& f) {
  f.choice("input", input, kInputIds);
  f.field("matrix", matrix);
  f.group("picture", picture);
  f.choice("channel", plane, kPlanes);
  f.group("pool", pool);
  f.field("count_padding", count_padding);
  f.field("sums", sums);
  f.field("compare", compare);
  f.group("harm", harm);
  fit();
}

void Pooling::Params::fit() {
  const Index rows = size_within(matrix, 0, kLargestMatrix), columns = size_within(matrix, 1, kLargestMatrix);
  matrix = resized(matrix, rows, columns, 0.0);
  pool.kernel_rows = kKernel.clamped(pool.kernel_rows);
  pool.kernel_columns = kKernel.clamped(pool.kernel_columns);
  pool.columns = within(pool.columns, kWindow);
  pool.rows = within(pool.rows, kWindow);
  pool.rows.stride = pool.columns.stride;
  pool.rows.dilation = pool.columns.dilation;
  harm.fit(rows, columns);
}

std::vector<Preset<Pooling::Params>> Pooling::presets() {
  Params first;
  first.matrix = Tensor<double>({5, 5}, {1, 1, 1, 0, 1,  //
                                         1, 0, 1, 0, 1,  //
                                         1, 1, 1, 0, 1,  //
                                         0, 0, 0, 0, 1,  //
                                         1, 1, 1, 1, 1});
  first.fit();
  Params ring = first;
  ring.matrix = Tensor<double>({5, 5}, {0, 0, 0, 0, 0,  //
                                        0, 1, 1, 1, 0,  //
                                        0, 1, 0, 1, 0,  //
                                        0, 1, 1, 1, 0,  //
                                        0, 0, 0, 0, 0});
  Params lost = first;
  lost.compare = true;
  lost.harm.lost(0, 0) = 1;
  Params shared = first;
  shared.compare = shared.sums = true;
  shared.harm.lost(2, 2) = 1;
  Params moved = ring;
  moved.compare = moved.sums = true;
  moved.harm.shift_columns = 1;
  Params stray = ring;
  stray.compare = true;
  stray.harm.stray(0, 0) = 1;
  stray.harm.stray_value = 5;
  Params means = first;
  means.matrix = Tensor<double>({3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  means.pool = {2, 2, {}, {}};
  means.fit();
  Params picture = first;
  picture.input = Input::kPicture;
  picture.pool = {4, 4, {.stride = 4}, {.stride = 4}};
  picture.compare = true;
  picture.harm.random_lost = 1'000;
  picture.harm.random_stray = 100;
  return {{"First matrix", first},   {"Ring", ring},
          {"Drop a pixel", lost},    {"Drop the shared pixel", shared},
          {"Shift the ring", moved}, {"Stray pixel", stray},
          {"Mean of 2 × 2", means},  {"Harmed picture", picture}};
}

namespace {

void input_controls(Pooling::Params& p, widgets::Controls& c) {
  c.section("Input");
  c.choice("Input", p.input, kInputs, Pooling::Input::kMatrix, "A small matrix of your own, or a picture");
  if (p.input == Pooling::Input::kPicture) {
    picture_controls(c, p.picture);
    c.choice("Channel", p.plane, kPlanes, Plane::kGrey,
             "The plane of the picture that is pooled; grey is the eye's mix of all three");
    return;
  }
  Index rows = p.matrix.size(0), columns = p.matrix.size(1);
  c.integer("Rows", rows, kSide, "The matrix's height");
  c.integer("Columns", columns, kSide, "Its width");
  p.matrix = resized(p.matrix, rows, columns, 0.0);
  c.matrix("x", p.matrix, Role::kInput,
           "Drag a number, step it with the wheel, or double-click to type; a click in the picture switches "
           "between 0 and 1");
}

void harm_controls(Pooling::Params& p, widgets::Controls& c) {
  Pooling::Harm& h = p.harm;
  c.section("Experiment");
  c.toggle("Altered copy", p.compare, false, "Pools an altered copy as well and shows what has changed");
  if (!p.compare) return;
  c.integer("Shift down", h.shift_rows, kShift, "Rows by which the copy is moved; negative: up");
  c.integer("Shift right", h.shift_columns, kShift, "Columns by which the copy is moved; negative: left");
  if (h.shift_rows != 0 || h.shift_columns != 0)
    c.choice("Comes in", h.fill, kFills, ShiftFill::kZeros,
             "What fills the edge that the shift leaves empty: zeros, or what left at the other edge");
  c.integer("Pixels lost", h.random_lost, kPixels, "Pixels set to 0, drawn at random");
  c.integer("Stray pixels", h.random_stray, kPixels, "Pixels set to the stray value, drawn at random");
  c.real("Stray value", h.stray_value, kStrayValue, "The number of every stray pixel");
  c.real("Noise", h.noise, kNoise, "The standard deviation of what is added to every pixel");
  c.integer("Seed", h.seed, kSeed, "Another seed draws other pixels and other noise");
  if (p.input == Pooling::Input::kPicture) return;
  if (any(h.lost) || any(h.stray)) {
    if (c.button("Restore clicked pixels", "Takes back what was clicked on the copy")) h.lost = h.stray = {};
  } else {
    c.note("Click a pixel of the copy: it is lost, or stray where it was 0.");
  }
}

// A window that sees nothing but padding, along one axis; nothing when there is none.
std::optional<Problem> empty_window(std::string_view before, std::string_view after, Index input,
                                    Index kernel, const signal::WindowSpec& spec) {
  const signal::WindowAxis axis(input, kernel, spec);
  for (Index o = 0; o < axis.outputs(); ++o) {
    const auto [first, last] = axis.taps_inside(o);
    if (first < last) continue;
    return Problem{
        std::string(axis.position(o, 0) < 0 ? before : after),
        "Window " + std::to_string(o + 1) +
            " would see nothing but padding, which has no largest number: make the padding smaller."};
  }
  return std::nullopt;
}

}  // namespace

void Pooling::controls(Params& p, widgets::Controls& c) {
  input_controls(p, c);
  c.section("Window");
  c.integer("Kernel rows", p.pool.kernel_rows, kKernel, "The window's height");
  c.integer("Kernel columns", p.pool.kernel_columns, kKernel, "The window's width");
  window_controls(c, p.pool.rows, p.pool.columns, p.pool.kernel_rows, p.pool.kernel_columns, kWindow);
  c.toggle("Count padding", p.count_padding, true,
           "On: the mean divides by every cell of the window, padding as zeros. Off: by the cells inside the "
           "input. Padding never is the largest");
  if (p.input == Input::kMatrix)
    c.toggle("Show sums", p.sums, false,
             "Shows the sum of every window instead of the mean: whole numbers instead of fractions");
  harm_controls(p, c);
  p.fit();
}

namespace {

// Why the window does not fit an input of this size; `what` is its name in the words.
std::vector<Problem> size_problems(const signal::PoolSpec& pool, const std::string& what, Index rows,
                                   Index columns) {
  std::vector<Problem> problems;
  const auto say = [&](std::optional<Problem> problem) {
    if (problem) problems.push_back(std::move(*problem));
  };
  say(window_problem("Kernel rows", what + "'s height", rows, pool.kernel_rows, pool.rows));
  say(window_problem("Kernel columns", what + "'s width", columns, pool.kernel_columns, pool.columns));
  if (!problems.empty()) return problems;
  say(empty_window("Padding top", "Padding bottom", rows, pool.kernel_rows, pool.rows));
  say(empty_window("Padding left", "Padding right", columns, pool.kernel_columns, pool.columns));
  return problems;
}

}  // namespace

std::vector<Problem> Pooling::validate(const Params& p) {
  if (p.input == Input::kMatrix) return size_problems(p.pool, "matrix", p.matrix.size(0), p.matrix.size(1));
  // Whether the window fits a picture is known once it is read.
  if (const auto problem = picture_problem(p.picture)) return {*problem};
  return {};
}

Pooling::Result Pooling::compute(const Params& p, std::stop_token stop) {
  const bool picture = p.input == Input::kPicture;
  Result r;
  r.params = p;
  Tensor<double> input =
      picture ? plane_of(reader_.read(p.picture), p.plane).cast<double>() : as_image(p.matrix);
  if (const auto problems = size_problems(p.pool, "picture", input.size(1), input.size(2)); !problems.empty())
    throw std::invalid_argument(problems.front().words);
  if (p.compare) {
    Tensor<double> copy = harmed(input, p.harm, !picture);
    if (!picture) {
      const signal::Difference harm = signal::difference(copy, input);
      r.harmed = Tensor<std::uint8_t>(p.matrix.shape());
      for (Index i = 0; i < r.harmed.count(); ++i) r.harmed[i] = harm.values[i] != 0 ? 1 : 0;
    }
    r.copy = pooled(std::move(copy), p, workers_, stop);
  }
  r.original = pooled(std::move(input), p, workers_, stop);
  if (r.copy) {
    r.largest = change(r.copy->largest, r.original.largest, picture);
    r.mean = p.shows_sums() ? change(r.copy->sums, r.original.sums, false)
                            : change(r.copy->mean, r.original.mean, picture);
  }
  return r;
}

signal::PoolWindow Pooling::Result::window(const Side& side, Cell output) const {
  return signal::pool_window(side.input, params.pool, params.count(), 0, output.row, output.column);
}

int Pooling::last_step(const Result& r) {
  return static_cast<int>(std::min<Index>(r.original.mean.count() - 1, widgets::kLastStep));
}

bool Pooling::open(const std::filesystem::path& path, Params& p) {
  if (!open_picture(path, p.picture)) return false;
  p.input = Input::kPicture;
  return true;
}

StageEdit Pooling::edit_on_stage(View& view, Params& p) {
  const auto click = std::exchange(view.click, std::nullopt);
  if (!click || click->cell.row >= p.matrix.size(0) || click->cell.column >= p.matrix.size(1))
    return StageEdit::kNone;
  const auto [row, column] = click->cell;
  if (!click->on_copy) {
    double& value = p.matrix(row, column);
    value = value == 0 ? 1 : 0;
    return StageEdit::kNew;
  }
  std::uint8_t &lost = p.harm.lost(row, column), &stray = p.harm.stray(row, column);
  if (lost != 0 || stray != 0) {
    lost = stray = 0;
    return StageEdit::kNew;
  }
  const Tensor<double> moved =
      signal::shifted(as_image(p.matrix), p.harm.shift_rows, p.harm.shift_columns, p.harm.fill);
  (moved(0, row, column) == 0 ? stray : lost) = 1;
  return StageEdit::kNew;
}

Pooling::Focus Pooling::focus(const Result& r, const View& v, bool reduce_motion) {
  const Index columns = r.columns(), last = r.original.mean.count() - 1;
  const widgets::Lit lit = widgets::lit_at(v.playhead, reduce_motion);
  const Index step = std::min<Index>(lit.step, last), before = std::max<Index>(step - 1, 0);
  const auto cell = [&](Index at) { return Cell{at / columns, at % columns}; };
  Focus f{cell(step), cell(before), lit.progress, static_cast<int>(step)};
  for (const auto& chosen : {v.pinned, v.hovered})
    if (chosen && chosen->row < r.rows() && chosen->column < columns) {
      f.cell = f.from = *chosen;
      f.progress = 1;
      f.reached = std::max(f.reached, static_cast<int>(chosen->row * columns + chosen->column));
      break;
    }
  return f;
}

}  // namespace vitrine::labs
