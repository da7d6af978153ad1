#include "engine/core/product.h"

#include <gtest/gtest.h>

#include "tests/engine/core/numbers.h"

namespace vitrine::core {
namespace {

// Every remainder of tile rows and register columns, and more inner numbers than one piece of a copy.
struct Sizes {
  Index m, k, n;
};
constexpr Sizes kCases[] = {{1, 1, 1},    {6, 64, 64}, {7, 5, 3},     {68, 64, 192}, {17, 49, 65},
                            {11, 300, 9}, {3, 8, 48},  {10, 7, 1000}, {5, 600, 519}, {64, 68, 49}};

template <class T>
void expect_like_naive(T tolerance) {
  for (const auto [m, k, n] : kCases) {
    const auto a = normal_numbers<T>(m * k, 1), b = normal_numbers<T>(k * n, 2),
               start = normal_numbers<T>(m * n, 3);
    const MatrixView<const T> plain(a.data(), m, k), transposed(a.data(), k, m), right(b.data(), k, n);
    const MatrixView<const T> starts[] = {{nullptr, 0, n}, {start.data(), 1, n, 0}, {start.data(), m, n}};
    for (const auto& from : starts) {
      std::vector<T> fast(static_cast<std::size_t>(m * n)), truth = fast;
      const auto expect_equal = [&](const char* what) {
        for (std::size_t i = 0; i < fast.size(); ++i)
          ASSERT_NEAR(fast[i], truth[i], tolerance * static_cast<T>(k)) << what << m << " " << k << " " << n;
      };
      product<T>(plain, right, from, {fast.data(), m, n});
      naive_product<T>(plain, right, from, {truth.data(), m, n});
      expect_equal("product ");
      product_transposed<T>(transposed, right, from, {fast.data(), m, n});
      naive_product_transposed<T>(transposed, right, from, {truth.data(), m, n});
      expect_equal("product_transposed ");
    }
  }
}

TEST(Product, FloatIsTheNaiveOne) { expect_like_naive<float>(1e-6f); }
TEST(Product, DoubleIsTheNaiveOne) { expect_like_naive<double>(1e-15); }

TEST(Product, AccumulatesInPlace) {
  const std::vector<double> a{1, 2, 3, 4}, b{5, 6, 7, 8};
  std::vector<double> c{100, 200, 300, 400};
  const MatrixView<double> view(c.data(), 2, 2);
  product<double>({a.data(), 2, 2}, {b.data(), 2, 2}, view, view);
  EXPECT_EQ(c, (std::vector<double>{119, 222, 343, 450}));
}

TEST(Product, WritesOnlyItsOwnColumns) {
  const auto a = normal_numbers<float>(8 * 20, 1), b = normal_numbers<float>(20 * 40, 2);
  std::vector<float> c(8 * 50, 7.0f);
  product<float>({a.data(), 8, 20}, {b.data(), 20, 40}, {nullptr, 0, 40}, {c.data() + 5, 8, 40, 50});
  for (Index row = 0; row < 8; ++row)
    for (Index column = 0; column < 50; ++column)
      EXPECT_EQ(c[static_cast<std::size_t>(row * 50 + column)] == 7.0f, column < 5 || column >= 45);
}

TEST(Product, SizesThatDoNotFitAreNamed) {
  std::vector<double> n(64);
  const MatrixView<double> two_three(n.data(), 2, 3), two_two(n.data(), 2, 2);
  try {
    product<double>(two_three, two_three, {nullptr, 0, 3}, two_three);
    FAIL() << "accepted";
  } catch (const core::ShapeError& error) {
    EXPECT_NE(std::string(error.what()).find("[2, 3] and [2, 3]"), std::string::npos) << error.what();
  }
  EXPECT_THROW(product_transposed<double>(two_three, two_two, {nullptr, 0, 2}, two_two), core::ShapeError);
}

TEST(Transpose, TurnsRowsIntoColumns) {
  const auto a = normal_numbers<float>(33 * 18, 1);
  std::vector<float> b(a.size());
  transpose<float>({a.data(), 33, 18}, {b.data(), 18, 33});
  for (std::size_t i = 0; i < 33; ++i)
    for (std::size_t j = 0; j < 18; ++j) ASSERT_EQ(b[j * 33 + i], a[i * 18 + j]);
}

}  // namespace
}  // namespace vitrine::core
