#include "engine/signal/pool_window.h"

#include <cmath>
#include <numeric>
#include <string>

namespace vitrine::signal {

using core::ShapeError;
using core::Tensor;

std::optional<Ratio> exact_ratio(double sum, Index count) {
  constexpr double kWholeLimit = 0x1p53;
  if (!(std::abs(sum) <= kWholeLimit) || sum != std::trunc(sum)) return std::nullopt;
  const auto above = static_cast<Index>(sum);
  const Index divisor = std::gcd(above, count);
  return Ratio{above / divisor, count / divisor};
}

PoolWindow pool_window(const Tensor<double>& input, const PoolSpec& spec, CountPadding count, Index channel,
                       Index output_row, Index output_column) {
  if (input.rank() != 3 || channel < 0 || channel >= input.size(0))
    throw ShapeError("input " + to_string(input.shape()) + " has no channel " + std::to_string(channel));
  const WindowAxis rows(input.size(1), spec.kernel_rows, spec.rows);
  const WindowAxis columns(input.size(2), spec.kernel_columns, spec.columns);
  PoolWindow window;
  Index inside = 0;
  for (const Tap& tap : taps(rows, columns, output_row, output_column)) {
    const double value = tap.inside ? input(channel, tap.row, tap.column) : 0;
    if (tap.inside) {
      const bool wins =
          inside == 0 || value > window.largest || (std::isnan(value) && !std::isnan(window.largest));
      if (wins) {
        window.winner = window.cells.size();
        window.largest = value;
      }
      window.sum += value;
      ++inside;
    }
    window.cells.push_back({tap, value});
  }
  if (inside == 0)
    throw ShapeError("the window of output (" + std::to_string(output_row) + ", " +
                     std::to_string(output_column) + ") covers nothing but padding");
  window.count = count == CountPadding::kYes ? static_cast<Index>(window.cells.size()) : inside;
  window.mean = window.sum / static_cast<double>(window.count);
  return window;
}

}  // namespace vitrine::signal
