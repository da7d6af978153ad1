#include "engine/nn/patches.h"

#include <gtest/gtest.h>

#include "tests/engine/nn/numbers.h"

namespace vitrine::nn {
namespace {

struct Row {
  std::string name;
  Window window;
  Index filters;
};

class PatchesTable : public testing::TestWithParam<Row> {};

// The matrix that is never built, [places, inputs].
std::vector<double> built(const Window& w, const std::vector<double>& x) {
  const Index channels = w.in.channels, width = w.in.width + 2 * w.padding;
  std::vector<double> matrix;
  for (Index i = 0; i < w.out_height(); ++i)
    for (Index j = 0; j < w.out_width(); ++j)
      for (Index u = 0; u < w.kernel; ++u)
        for (Index v = 0; v < w.kernel; ++v)
          for (Index c = 0; c < channels; ++c)
            matrix.push_back(
                x[static_cast<std::size_t>(((i * w.stride + u) * width + j * w.stride + v) * channels + c)]);
  return matrix;
}

TEST_P(PatchesTable, ProductsAreThoseOfTheMatrix) {
  const auto& [name, window, filters] = GetParam();
  const Patches patches(window);
  const Index places = patches.places(), inputs = patches.inputs(),
              count = (window.in.height + 2 * window.padding) * patches.to_next_row;
  const auto x = normal_numbers<double>(count, 1), w = normal_numbers<double>(inputs * filters, 2),
             start = normal_numbers<double>(filters, 3), dy = normal_numbers<double>(places * filters, 4);
  const auto matrix = built(window, x);
  std::vector<double> y(dy.size()), d_w(w.size()), expected_y, expected_d_w(w.size()),
      scratch(static_cast<std::size_t>(patches.scratch_count<double>()));
  for (Index place = 0; place < places; ++place)
    for (Index f = 0; f < filters; ++f) {
      double sum = start[static_cast<std::size_t>(f)];
      for (Index input = 0; input < inputs; ++input) {
        const double number = matrix[static_cast<std::size_t>(place * inputs + input)];
        const auto of_w = static_cast<std::size_t>(input * filters + f);
        sum += number * w[of_w];
        expected_d_w[of_w] += number * dy[static_cast<std::size_t>(place * filters + f)];
      }
      expected_y.push_back(sum);
    }
  patches_times<double>(patches, x.data(), {w.data(), inputs, filters}, start.data(), scratch.data(),
                        {y.data(), places, filters});
  patches_transposed_times<double>(patches, x.data(), {dy.data(), places, filters}, scratch.data(),
                                   {d_w.data(), inputs, filters});
  for (std::size_t i = 0; i < y.size(); ++i) ASSERT_NEAR(y[i], expected_y[i], 1e-10) << i;
  for (std::size_t i = 0; i < d_w.size(); ++i) ASSERT_NEAR(d_w[i], expected_d_w[i], 1e-10) << i;
}

// Every width of a tile, whole and ragged; fewer places or inputs than a tile has rows.
INSTANTIATE_TEST_SUITE_P(
    Table, PatchesTable,
    testing::Values(Row{"one_channel", {{1, 12, 9}, 5, 1, 2}, 16}, Row{"channels", {{16, 7, 7}, 5, 1, 2}, 32},
                    Row{"one_filter", {{3, 6, 8}, 3, 1, 0}, 1}, Row{"strided", {{2, 8, 9}, 3, 2, 1}, 24},
                    Row{"one_place", {{2, 4, 4}, 4, 1, 0}, 8}, Row{"one_input", {{1, 5, 5}, 1, 1, 0}, 40},
                    Row{"many_filters", {{2, 5, 5}, 3, 1, 1}, 71}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace vitrine::nn
