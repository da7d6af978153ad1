// What a frame of each lab costs the processor: building it (Frame), and an edit with its result in the same
// frame (Edit; `late` is the share of edits whose result came in a later one). Drawing is the graphics
// driver's and not counted.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <filesystem>

#include "app/labs/attention/lab.h"
#include "app/labs/attention_rnn/lab.h"
#include "app/labs/encoder/lab.h"
#include "app/labs/gated_rnn/lab.h"
#include "app/labs/heads/lab.h"
#include "app/labs/image/lab.h"
#include "app/labs/labs.h"
#include "app/labs/positions/lab.h"
#include "app/labs/sliding/lab.h"
#include "engine/io/image.h"
#include "engine/io/json_fields.h"
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

template <class Topic>
void Edit(benchmark::State& state, const std::string& first, const std::string& second) {
  AppDriver driver(labs::all_labs({}), 1280, 800);
  driver.app().select(Topic::kInfo.id);
  driver.settle();
  const auto& lab = dynamic_cast<labs::ComputeLab<Topic>&>(driver.lab());
  bool odd = false;
  double late = 0;
  for (auto _ : state) {
    driver.lab().load_preset((odd = !odd) ? first : second);
    driver.frames(1);  // the edit is asked for, computed and drawn in it
    if (!(lab.result()->params == lab.params())) ++late;
  }
  state.counters["late"] = benchmark::Counter(late, benchmark::Counter::kAvgIterations);
}

// A kernel value that is dragged over a picture of 1,024 x 1,024: from the edit to the frame with its result.
// frame_ms: a frame's own work, which 99 of 100 frames keep within; longest_ms may hold time that a virtual
// machine was denied.
void Drag(benchmark::State& state, const std::string& planes) {
  const auto path = std::filesystem::temp_directory_path() / "vitrine_bench.png";
  constexpr core::Index kSide = 1024;
  std::vector<std::uint8_t> bytes(3 * kSide * kSide);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 2654435761u >> 24);
  io::write_png(path, kSide, kSide, 3, bytes);
  AppDriver driver(labs::all_labs({}), 1280, 800);
  auto& lab = dynamic_cast<labs::ComputeLab<labs::ImageConvolution>&>(driver.lab());
  const auto set = [&](const std::string& params) {
    io::JsonReader reader("{\"params\": {" + params + "}}", io::Unknown::kRefuse);
    lab.describe(reader);
  };
  set(R"("planes": ")" + planes + R"(", "picture": {"source": "File", "file": ")" + path.string() + R"("})");
  driver.settle();
  double weight = 0;
  std::vector<double> frames_ms;
  for (auto _ : state) {
    weight += 0.01;
    set("\"kernels\": [[[[-1, 0, 1], [-2, " + std::to_string(weight) + ", 2], [-1, 0, 1]]]]");
    do {
      driver.frames(1);
      frames_ms.push_back(driver.app().frame_ms());
    } while (!(lab.result()->params == lab.params()));
  }
  std::sort(frames_ms.begin(), frames_ms.end());
  state.counters["frame_ms"] = frames_ms[frames_ms.size() * 99 / 100];
  state.counters["longest_ms"] = frames_ms.back();
  std::filesystem::remove(path);
}

BENCHMARK_CAPTURE(Drag, one_plane, "grey")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Drag, three_planes, "red, green, blue")->Unit(benchmark::kMillisecond);

template <class Topic>
void register_edit(const char* first, const char* second) {
  benchmark::RegisterBenchmark(("Edit/" + std::string(Topic::kInfo.id)).c_str(), Edit<Topic>,
                               std::string(first), std::string(second))
      ->Unit(benchmark::kMillisecond);
}

}  // namespace

void register_all() {
  for (const auto& lab : labs::all_labs({})) {
    const std::string id(lab->info().id);
    benchmark::RegisterBenchmark(("Frame/" + id).c_str(), Frame, id)->Unit(benchmark::kMillisecond);
  }
  register_edit<labs::ImageConvolution>("Edges", "Blur");
  register_edit<labs::SlidingWindow>("Same", "Full");
  register_edit<labs::Attention>("By hand", "Causal");
  register_edit<labs::ManyHeads>("Sentence", "Same word");
  register_edit<labs::Positions>("Waves", "Distances");
  register_edit<labs::Encoder>("One block", "Equal tokens");
  register_edit<labs::GatedRnn>("Vanishing", "Exploding");
  register_edit<labs::AttentionRnn>("Two states back", "All of the past");
}

}  // namespace vitrine

int main(int argc, char** argv) {
  vitrine::register_all();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
