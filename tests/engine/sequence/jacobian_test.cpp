#include "engine/sequence/jacobian.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/engine/sequence/drawn.h"

namespace vitrine::sequence::jacobian_test {
namespace {

using core::Tensor;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(SpectralNorm, OfMatricesWhoseStretchIsKnown) {
  EXPECT_EQ(spectral_norm(Tensor<double>({1, 1}, {-2.5})), 2.5);
  EXPECT_DOUBLE_EQ(spectral_norm(Tensor<double>({2, 2}, {0.5, 0, 0, 0.5})), 0.5);
  EXPECT_DOUBLE_EQ(spectral_norm(Tensor<double>({2, 2}, {3, 4, 0, 0})), 5);
  EXPECT_DOUBLE_EQ(spectral_norm(Tensor<double>({2, 2}, {1, 1, 1, 1})), 2);
  EXPECT_NEAR(spectral_norm(Tensor<double>({2, 2}, {1, 1, 0, 1})), (1 + std::sqrt(5)) / 2, 1e-15);
  EXPECT_EQ(spectral_norm(Tensor<double>({3, 2})), 0);
}

// No vector is stretched by more, and one is stretched by as much: that which power iteration finds.
TEST(SpectralNorm, IsTheLargestStretchOfRandomMatrices) {
  for (std::uint64_t draw = 0; draw < 40; ++draw) {
    const auto rows = static_cast<Index>(1 + draw % 5), columns = static_cast<Index>(1 + draw % 4);
    const Tensor<double> m = drawn({rows, columns}, draw);
    Tensor<double> x = drawn({columns, 1}, 100 + draw);
    double stretch = 0;
    for (int i = 0; i < 5000; ++i) {
      const Tensor<double> y = product(m, x);
      Tensor<double> next({columns, 1});
      double length = 0, image = 0;
      for (Index r = 0; r < rows; ++r) image += y[r] * y[r];
      for (Index c = 0; c < columns; ++c) length += x[c] * x[c];
      stretch = std::sqrt(image / length);
      for (Index r = 0; r < rows; ++r)
        for (Index c = 0; c < columns; ++c) next[c] += m(r, c) * y[r] / image;
      x = next;
    }
    EXPECT_NEAR(spectral_norm(m), stretch, 1e-9) << draw;
  }
}

TEST(SpectralNorm, NeitherOverflowsNorHidesWhatIsNotFinite) {
  EXPECT_DOUBLE_EQ(spectral_norm(Tensor<double>({2, 2}, {3e300, 4e300, 0, 0})), 5e300);
  EXPECT_DOUBLE_EQ(spectral_norm(Tensor<double>({2, 2}, {3e-300, 4e-300, 0, 0})), 5e-300);
  EXPECT_EQ(spectral_norm(Tensor<double>({1, 2}, {-kInfinity, 1})), kInfinity);
  EXPECT_TRUE(std::isnan(spectral_norm(Tensor<double>({1, 2}, {kInfinity, std::nan("")}))));
  EXPECT_THROW(spectral_norm(Tensor<double>(core::Shape{2})), core::ShapeError);
}

TEST(SpectralNorms, OneAMatrix) {
  EXPECT_THAT(spectral_norms(Tensor<double>({2, 1, 2}, {3, 4, 0, -1})).values(), testing::ElementsAre(5, 1));
}

TEST(Product, OfTwoMatrices) {
  EXPECT_EQ(product(Tensor<double>({1, 2}, {1, 2}), Tensor<double>({2, 2}, {3, 4, 5, 6})),
            Tensor<double>({1, 2}, {13, 16}));
  EXPECT_EQ(product(identity_matrix(2), Tensor<double>({2, 1}, {3, 4})), Tensor<double>({2, 1}, {3, 4}));
  EXPECT_THROW(product(identity_matrix(2), identity_matrix(3)), core::ShapeError);
}

TEST(FirstNotFinite, NamesTheRow) {
  EXPECT_EQ(first_not_finite(Tensor<double>({2, 2}, {1, 2, 3, 4})), std::nullopt);
  EXPECT_EQ(first_not_finite(Tensor<double>({2, 2}, {1, 2, 3, kInfinity})), 1);
  EXPECT_EQ(first_not_finite(Tensor<double>({3, 1}, {1, std::nan(""), kInfinity})), 1);
}

}  // namespace
}  // namespace vitrine::sequence::jacobian_test
