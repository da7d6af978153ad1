// What taking a lab out of the window costs: a picture of 1920 x 1080 pixels, vectors, an animation of five
// seconds. Drawing and writing into memory; the disk is not counted.
#include <benchmark/benchmark.h>

#include <algorithm>

#include "app/figures/painter.h"
#include "app/figures/parcel.h"
#include "app/figures/svg.h"
#include "app/labs/labs.h"

namespace vitrine::figures {
namespace {

// A settled lab in the middle of its time.
struct Exhibit {
  explicit Exhibit(const std::string& id) : labs(labs::all_labs({})) {
    lab = std::ranges::find_if(labs, [&](const auto& l) { return l->info().id == id; })->get();
    lab->settle(0);
    lab->settle(lab->last_step() / 2);
  }
  std::vector<std::unique_ptr<labs::Lab>> labs;
  labs::Lab* lab;
};

constexpr FigureOptions kStage{.width = 1920, .height = 1080};

void Png(benchmark::State& state, const std::string& id) {
  const Exhibit exhibit(id);
  const Typefaces typefaces;
  for (auto _ : state)
    benchmark::DoNotOptimize(png(painted(draw_figure(*exhibit.lab, kStage, typefaces, {}), typefaces, 1)));
}

void Svg(benchmark::State& state, const std::string& id) {
  const Exhibit exhibit(id);
  const Typefaces typefaces;
  for (auto _ : state) benchmark::DoNotOptimize(svg(draw_figure(*exhibit.lab, kStage, typefaces, {})));
}

void Gif(benchmark::State& state, const std::string& id) {
  const Exhibit exhibit(id);
  const Typefaces typefaces;
  for (auto _ : state) {
    Filming filming(*exhibit.lab, {.seconds = 5}, {});
    while (!filming.done()) filming.take(*exhibit.lab, typefaces, {});
    core::Progress progress;
    benchmark::DoNotOptimize(gif(std::move(filming).film(), typefaces, {}, progress));
  }
}

}  // namespace
}  // namespace vitrine::figures

int main(int argc, char** argv) {
  using namespace vitrine;
  for (const auto& lab : labs::all_labs({})) {
    const std::string id(lab->info().id);
    for (const auto& [name, run] :
         {std::pair{"Png/", &figures::Png}, {"Svg/", &figures::Svg}, {"Gif/", &figures::Gif}})
      benchmark::RegisterBenchmark((name + id).c_str(), run, id)->Unit(benchmark::kMillisecond);
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
