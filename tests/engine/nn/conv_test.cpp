#include "engine/nn/conv.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/product.h"
#include "tests/engine/nn/numbers.h"

namespace vitrine::nn {
namespace {

struct Row {
  std::string name;
  Window window;
  Index filters;
};

// A convolution of `images` images [C, H, W] through the layer, [images, F, H', W'].
template <class T>
std::vector<T> through_the_layer(const Row& row, const Weights<T>& weights, const Conv<T>& conv, Index images,
                                 const std::vector<T>& x) {
  const auto& [channels, height, width] = row.window.in;
  const Index places = row.window.out_places();
  std::vector<T> inside(x.size()), y(static_cast<std::size_t>(images * places * row.filters)), out(y.size());
  std::vector<T> padded(static_cast<std::size_t>(images * conv.padded_count())),
      scratch(static_cast<std::size_t>(conv.scratch_count()));
  for (Index i = 0; i < images; ++i)
    core::transpose<T>({x.data() + i * row.window.in.count(), channels, height * width},
                       {inside.data() + i * row.window.in.count(), height * width, channels});
  const Pass<T> pass{weights.values.data(), weights.transposed.data(), nullptr, images, 0, images, {}};
  conv.forward(pass, inside.data(), padded.data(), scratch.data(), y.data());
  for (Index i = 0; i < images; ++i)
    core::transpose<T>({y.data() + i * places * row.filters, places, row.filters},
                       {out.data() + i * places * row.filters, row.filters, places});
  return out;
}

template <class T>
void expect_its_definition(const Row& row, double tolerance) {
  constexpr Index kImages = 3;
  ParameterLayout layout;
  const Conv<T> conv(layout, "conv", row.window, row.filters, Trains::kYes);
  const auto weights = wild_weights<T>(layout, 1);
  const auto x = normal_numbers<T>(kImages * row.window.in.count(), 2);
  const auto found = through_the_layer(row, weights, conv, kImages, x);
  const auto weight = parameter<T>(layout.infos()[0], weights.values),
             bias = parameter<T>(layout.infos()[1], weights.values);
  std::vector<T> expected(found.size());
  const Index each = row.window.out_places() * row.filters;
  for (Index i = 0; i < kImages; ++i)
    naive_conv(row.window, row.filters, x.data() + i * row.window.in.count(), weight.data(), bias.data(),
               expected.data() + i * each);
  for (std::size_t i = 0; i < found.size(); ++i) ASSERT_NEAR(found[i], expected[i], tolerance) << i;
}

class ConvTable : public testing::TestWithParam<Row> {};

TEST_P(ConvTable, IsItsDefinition) {
  expect_its_definition<double>(GetParam(), 1e-12);
  expect_its_definition<float>(GetParam(), 1e-4);
}

INSTANTIATE_TEST_SUITE_P(Table, ConvTable,
                         testing::Values(Row{"one_channel", {{1, 12, 9}, 5, 1, 2}, 16},
                                         Row{"channels", {{16, 7, 7}, 5, 1, 2}, 32},
                                         Row{"no_padding", {{3, 6, 8}, 3, 1, 0}, 5},
                                         Row{"stride_leaves_cells_out", {{2, 8, 9}, 3, 2, 1}, 7},
                                         Row{"stride_passes_the_kernel", {{3, 11, 10}, 2, 5, 1}, 4},
                                         Row{"kernel_of_one", {{4, 3, 5}, 1, 1, 0}, 6},
                                         Row{"kernel_of_one_strided", {{4, 5, 5}, 1, 3, 0}, 6},
                                         Row{"padding_wider_than_the_kernel", {{2, 2, 3}, 2, 1, 3}, 3},
                                         Row{"kernel_covers_the_image", {{2, 4, 4}, 4, 1, 0}, 3},
                                         Row{"many_filters", {{2, 5, 5}, 3, 1, 1}, 70}),
                         [](const auto& row) { return row.param.name; });

// Vincent Dumoulin's and Francesco Visin's example by hand: 0 1 2 / 3 4 5 / 6 7 8 under 0 1 / 2 3.
TEST(Conv, KnownValues) {
  const Window window{{1, 3, 3}, 2, 1, 0};
  const double x[] = {0, 1, 2, 3, 4, 5, 6, 7, 8}, weight[] = {0, 1, 2, 3}, bias[] = {0.5};
  double y[4];
  naive_conv(window, 1, x, weight, bias, y);
  EXPECT_EQ(std::vector<double>(y, y + 4), (std::vector<double>{19.5, 25.5, 37.5, 43.5}));
}

TEST(Conv, StartsAsPyTorchDoes) {
  ParameterLayout layout;
  const Conv<float> conv(layout, "layers.0", {{4, 9, 9}, 5, 1, 2}, 400, Trains::kYes);
  EXPECT_EQ(layout.infos()[0].shape, (core::Shape{400, 4, 5, 5}));
  const auto weights = Weights<float>::initial(layout, 0);
  for (const ParameterInfo& info : layout.infos()) {
    const auto values = parameter<float>(info, weights.values);
    double squares = 0;
    for (Index i = 0; i < values.count(); ++i) {
      EXPECT_LE(std::abs(values[i]), 0.1f);  // 1 / sqrt(4 * 5 * 5)
      squares += values[i] * values[i];
    }
    EXPECT_NEAR(std::sqrt(squares / static_cast<double>(values.count())), 0.1 / std::sqrt(3), 0.01)
        << info.name;
  }
}

}  // namespace
}  // namespace vitrine::nn
