// The processor's peak: what a kernel that only multiplies and adds reaches, for the share of it that a
// training step does.
#pragma once

namespace vitrine::bench {

// Float operations a second of so many threads at once: the best of some rounds. Each of a register's lanes
// does a product and a sum an instruction, in sixteen independent chains, more than the units' latency needs.
double fma_peak(int threads);

}  // namespace vitrine::bench
