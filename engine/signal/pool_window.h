// One window of pooling taken apart: the cells it sees, the one that wins, and the mean as a sum over a
// count. max = x[winner], mean = (1/n) sum over the cells inside; the same layer as in
// engine/signal/pooling.h.
#pragma once

#include <optional>
#include <vector>

#include "engine/signal/pooling.h"

namespace vitrine::signal {

// A whole number over another, in lowest terms.
struct Ratio {
  Index above, below;
  bool operator==(const Ratio&) const = default;
};
// sum / count as such, where the sum is a whole number that a double holds exactly; count >= 1.
std::optional<Ratio> exact_ratio(double sum, Index count);

struct PoolCell {
  Tap tap;
  double value;  // 0 in the padding
};

struct PoolWindow {
  std::vector<PoolCell> cells;  // in the kernel's row-major order
  std::size_t winner = 0;       // among the cells: the first of the largest, or the first NaN
  double largest = 0, sum = 0;
  Index count = 0;  // what the mean divides by
  double mean = 0;
};

// input [C, H, W]. Throws ShapeError as the poolings do, and if there is no such channel or output.
PoolWindow pool_window(const core::Tensor<double>& input, const PoolSpec& spec, CountPadding count,
                       Index channel, Index output_row, Index output_column);

}  // namespace vitrine::signal
