// What the curves panel of a run of a million steps costs the processor in a frame while it is zoomed and
// moved, and what a point costs that arrives. Drawing is the graphics driver's and not counted.
#include <benchmark/benchmark.h>
#include <imgui.h>

#include <cmath>

#include "app/labs/training/curves_panel.h"

namespace vitrine {
namespace {

constexpr core::Index kEpoch = 1'000;  // steps

train::MetricPoint point(core::Index step) {
  train::MetricPoint p;
  p.step = step;
  p.epoch = (step - 1) / kEpoch + 1;
  const auto noise = static_cast<double>(static_cast<std::uint32_t>(step) * 2654435761u) / 4294967296.0;
  p.loss = 2.3 * std::exp(-static_cast<double>(step) / 3e5) + 0.3 * noise;
  p.accuracy = 1 - p.loss / 3;
  p.learning_rate = 1e-3 * (1 - static_cast<double>(step) / 2e6);
  p.grad_norm = 1 + noise;
  p.images_per_second = 5'000 + 100 * noise;
  return p;
}

labs::Curves curves_of(core::Index steps) {
  labs::Curves curves;
  for (core::Index step = 1; step <= steps; ++step) curves.add(point(step));
  return curves;
}

// A screen of 1280 x 800 without a window.
struct Screen {
  Screen() : context(ImGui::CreateContext()) {
    ImGuiIO& io = ImGui::GetIO();
    io.IniFilename = nullptr;
    io.DisplaySize = {1280, 800};
    unsigned char* pixels;
    int width, height;
    io.Fonts->GetTexDataAsRGBA32(&pixels, &width, &height);
  }
  ~Screen() { ImGui::DestroyContext(context); }
  ImGuiContext* context;
  const widgets::Fonts fonts{};
  widgets::Items items;
  widgets::Words words;
  const widgets::Screen screen{widgets::dark_theme(), fonts, nullptr, items, words, 1, false};
};

// From all steps to a thousand and back, moving on, a notch of the wheel a frame.
void Frame(benchmark::State& state) {
  const auto steps = state.range(0);
  const labs::Curves curves = curves_of(steps);
  Screen s;
  labs::CurvesView view;
  view.speed = true;
  labs::CurvesPicture picture{.box = {18, 18, 600, 560},
                              .runs = {{.id = 1, .name = "Run 1", .curves = &curves}}};
  picture.step = steps;
  int frame = 0;
  for (auto _ : state) {
    state.PauseTiming();
    ImGui::NewFrame();
    state.ResumeTiming();
    const double share = std::pow(1.25, -std::abs(frame % 62 - 31)), low = 0.01 * (frame % 100) * (1 - share);
    const auto all = static_cast<double>(steps);
    view.plots.zoom = widgets::Interval{low * all, (low + share) * all};
    ++frame;
    widgets::ImGuiCanvas canvas(s.screen, ImGui::GetBackgroundDrawList(), {0, 0, 1280, 800}, true);
    benchmark::DoNotOptimize(labs::draw(canvas, picture, view));
    state.PauseTiming();
    ImGui::Render();
    state.ResumeTiming();
  }
}
BENCHMARK(Frame)->Arg(1'000)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

void Append(benchmark::State& state) {
  labs::Curves curves;
  core::Index step = 0;
  for (auto _ : state) curves.add(point(++step));
}
BENCHMARK(Append)->Iterations(1'000'000);

// Another smoothing factor, a piece a frame.
void Smooth(benchmark::State& state) {
  labs::Curves curves = curves_of(1'000'000);
  bool odd = false;
  for (auto _ : state)
    if (curves.smooth(odd ? 0.9 : 0.5)) odd = !odd;
}
BENCHMARK(Smooth)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace vitrine

BENCHMARK_MAIN();
