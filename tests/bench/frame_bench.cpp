// What a frame of each lab costs the processor: building it (Frame), and an edit with its result in the same
// frame (Edit). Drawing is the graphics driver's and not counted.
#include <benchmark/benchmark.h>

#include "app/labs/labs.h"
#include "tests/app/app_driver.h"

namespace vitrine {
namespace {

void Frame(benchmark::State& state, const std::string& lab) {
  AppDriver driver(labs::all_labs({}), 1280, 800);
  driver.app().select(lab);
  driver.frames(1);
  driver.settle();
  for (auto _ : state) driver.frames(1);
  state.counters["frame_ms"] = driver.app().frame_ms();
}

void Edit(benchmark::State& state, const std::string& lab, const std::string& first,
          const std::string& second) {
  AppDriver driver(labs::all_labs({}), 1280, 800);
  driver.app().select(lab);
  driver.settle();
  bool odd = false;
  for (auto _ : state) {
    driver.lab().load_preset((odd = !odd) ? first : second);
    driver.frames(1);  // the edit is asked for, computed and drawn in it
  }
}

BENCHMARK_CAPTURE(Frame, image, "image")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Frame, sliding_window, "sliding-window")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Frame, attention, "attention")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Frame, training, "training")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Edit, image, "image", "Edges", "Blur")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Edit, sliding_window, "sliding-window", "Same", "Full")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Edit, attention, "attention", "By hand", "Causal")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace vitrine

BENCHMARK_MAIN();
