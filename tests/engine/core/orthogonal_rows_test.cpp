#include "engine/core/orthogonal_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/engine/core/numbers.h"

namespace vitrine::core {
namespace {

double dot(const Tensor<double>& m, Index a, Index b) {
  double sum = 0;
  for (Index i = 0; i < m.size(1); ++i) sum += m(a, i) * m(b, i);
  return sum;
}

// [[3, 0], [4, 5]] has the singular values 3 sqrt(5) and sqrt(5); the longer right vector is (1, 1) /
// sqrt(2).
TEST(OrthogonalRows, SingularValuesAndVectorsByHand) {
  Tensor<double> m({2, 2}, {3, 0, 4, 5});
  turn_rows_apart(m);
  EXPECT_NEAR(dot(m, 0, 1), 0, 1e-14);
  const Index longer = dot(m, 0, 0) > dot(m, 1, 1) ? 0 : 1;
  EXPECT_NEAR(dot(m, longer, longer), 45, 1e-13);
  EXPECT_NEAR(dot(m, 1 - longer, 1 - longer), 5, 1e-13);
  EXPECT_NEAR(m(longer, 0), m(longer, 1), 1e-14);
}

// M^T M is what a rotation of the rows leaves as it was; then it is the sum of squares along its own axes.
TEST(OrthogonalRows, ManyRowsAndMoreRowsThanRank) {
  for (const auto& [rows, columns] : std::vector<std::pair<Index, Index>>{{5, 9}, {12, 7}}) {
    const Tensor<double> before({rows, columns}, normal_numbers<double>(rows * columns, 4));
    Tensor<double> m = before;
    turn_rows_apart(m);
    Index not_zero = 0;
    for (Index a = 0; a < rows; ++a) {
      not_zero += dot(m, a, a) > 1e-20;
      for (Index b = 0; b < a; ++b) EXPECT_NEAR(dot(m, a, b), 0, 1e-13) << a << " " << b;
    }
    EXPECT_EQ(not_zero, std::min(rows, columns));
    for (Index i = 0; i < columns; ++i)
      for (Index j = 0; j < columns; ++j) {
        double old = 0, now = 0;
        for (Index r = 0; r < rows; ++r) old += before(r, i) * before(r, j), now += m(r, i) * m(r, j);
        EXPECT_NEAR(now, old, 1e-12) << i << " " << j;
      }
  }
}

TEST(OrthogonalRows, RefusesWhatIsNoMatrix) {
  Tensor<double> vector({3});
  EXPECT_THROW(turn_rows_apart(vector), ShapeError);
}

}  // namespace
}  // namespace vitrine::core
