#include "engine/nn/sparse_gradient.h"

#include <gtest/gtest.h>

#include "tests/engine/nn/numbers.h"

namespace vitrine::nn::sparse_gradient_test {
namespace {

struct Row {
  std::string name;
  Window window;
  Index filters;
};

class SparseGradientTable : public testing::TestWithParam<Row> {};

// Against the sums by their definition; a list of numbers that are not zero is full more than once.
TEST_P(SparseGradientTable, IsItsDefinition) {
  const auto& [name, window, filters] = GetParam();
  const Patches patches(window);
  const Index channels = window.in.channels, width = window.in.width + 2 * window.padding,
              count = (window.in.height + 2 * window.padding) * width * channels,
              patch = window.kernel * window.kernel * channels;
  auto dy = normal_numbers<double>(window.out_places() * filters, 1);
  for (std::size_t i = 0; i < dy.size(); ++i) dy[i] = i % 3 == 1 ? dy[i] : 0;
  const auto x = normal_numbers<double>(count, 2), weight = normal_numbers<double>(filters * patch, 3);
  auto d_weight = normal_numbers<double>(filters * patch, 4), dx = normal_numbers<double>(count, 5);
  auto expected_weight = d_weight, expected_x = dx;
  for (Index i = 0; i < window.out_height(); ++i)
    for (Index j = 0; j < window.out_width(); ++j)
      for (Index f = 0; f < filters; ++f)
        for (Index at = 0; at < patch; ++at) {
          const Index u = at / (window.kernel * channels), v = at / channels % window.kernel,
                      c = at % channels;
          const auto from = static_cast<std::size_t>(
              ((i * window.stride + u) * width + j * window.stride + v) * channels + c);
          const auto number = static_cast<std::size_t>((i * window.out_width() + j) * filters + f);
          const auto of_weight = static_cast<std::size_t>(f * patch + at);
          expected_weight[of_weight] += dy[number] * x[from];
          expected_x[from] += dy[number] * weight[of_weight];
        }
  add_sparse_weight_gradient(patches, filters, dy.data(), x.data(), d_weight.data());
  add_sparse_input_gradient(patches, filters, dy.data(), weight.data(), dx.data());
  for (std::size_t i = 0; i < d_weight.size(); ++i) ASSERT_NEAR(d_weight[i], expected_weight[i], 1e-10) << i;
  for (std::size_t i = 0; i < dx.size(); ++i) ASSERT_NEAR(dx[i], expected_x[i], 1e-10) << i;
}

INSTANTIATE_TEST_SUITE_P(Table, SparseGradientTable,
                         testing::Values(Row{"preset", {{16, 14, 14}, 5, 1, 2}, 32},
                                         Row{"more_places_than_a_list", {{3, 30, 40}, 3, 1, 1}, 2},
                                         Row{"more_filters_than_a_list", {{3, 3, 4}, 2, 1, 0}, 900},
                                         Row{"strided", {{7, 9, 8}, 3, 2, 0}, 5},
                                         Row{"one_channel", {{1, 6, 6}, 3, 1, 1}, 4}),
                         [](const auto& row) { return row.param.name; });

TEST(SparseGradient, IsForGradientsThatAreMostlyZeros) {
  const Window window{{16, 6, 6}, 3, 1, 1};
  std::vector<float> dy(36 * 4);
  for (std::size_t i = 0; i < dy.size(); i += 4) dy[i] = 1;
  EXPECT_TRUE(is_sparse(Patches(window), 4, dy.data()));
  for (std::size_t i = 0; i < dy.size(); i += 2) dy[i] = 1;
  EXPECT_FALSE(is_sparse(Patches(window), 4, dy.data()));
}

}  // namespace
}  // namespace vitrine::nn::sparse_gradient_test
