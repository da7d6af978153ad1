#include "tests/bench/fma_peak.h"

#include <algorithm>
#include <chrono>

#include "engine/core/vector.h"
#include "engine/core/workers.h"

namespace vitrine::bench {
namespace {

using namespace core;

constexpr int kChains = kRegisters / 2, kRounds = 100'000, kRepetitions = 20;

// x = factor x + term over and over in every chain; the result is read so that nothing is left out.
float multiply_and_add(float factor, float term) {
  Vector<float> x[kChains];
  for (auto& chain : x) chain = broadcast(term);
  const Vector<float> a = broadcast(factor), b = broadcast(term);
  for (int round = 0; round < kRounds; ++round)
    unrolled<kChains>([&](auto i) VITRINE_INLINE { x[i] = x[i] * a + b; });
  Vector<float> sum{};
  for (const auto& chain : x) sum += chain;
  return lane_sum<float>(sum);
}

}  // namespace

double fma_peak(int threads) {
  volatile float factor = 0.999f, term = 0.001f, sink = 0;
  Workers workers(threads);
  double least_s = 1e9;
  for (int repetition = 0; repetition < kRepetitions; ++repetition) {
    const auto begin = std::chrono::steady_clock::now();
    workers.run(threads, [&](int) { sink = multiply_and_add(factor, term); });
    least_s =
        std::min(least_s, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return 2.0 * kLanes<float> * kChains * kRounds * threads / least_s;
}

}  // namespace vitrine::bench
