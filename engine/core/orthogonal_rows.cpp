#include "engine/core/orthogonal_rows.h"

#include <cmath>

namespace vitrine::core {
namespace {

struct Products {
  double pp = 0, qq = 0, pq = 0;
};

Products products_of(const double* p, const double* q, Index n) {
  Products sums;
  for (Index i = 0; i < n; ++i) {
    sums.pp += p[i] * p[i];
    sums.qq += q[i] * q[i];
    sums.pq += p[i] * q[i];
  }
  return sums;
}

// Turns rows p and q of the matrix until they are at right angles; false where they already were.
bool turn_apart(double* p, double* q, Index n) {
  const auto [pp, qq, pq] = products_of(p, q, n);
  if (std::abs(pq) <= 1e-15 * std::sqrt(pp * qq)) return false;
  const double zeta = (qq - pp) / (2 * pq);
  const double tangent = (zeta >= 0 ? 1 : -1) / (std::abs(zeta) + std::hypot(1, zeta));
  const double cosine = 1 / std::hypot(1, tangent), sine = cosine * tangent;
  for (Index i = 0; i < n; ++i) {
    const double before = p[i];
    p[i] = cosine * before - sine * q[i];
    q[i] = sine * before + cosine * q[i];
  }
  return true;
}

}  // namespace

void turn_rows_apart(Tensor<double>& m) {
  if (m.rank() != 2) throw ShapeError("shape " + to_string(m.shape()) + " where a matrix is expected");
  constexpr int kMostSweeps = 40;  // they converge quadratically: a handful is enough
  const Index rows = m.size(0), columns = m.size(1);
  bool turned = true;
  for (int sweep = 0; sweep < kMostSweeps && turned; ++sweep) {
    turned = false;
    for (Index p = 0; p + 1 < rows; ++p)
      for (Index q = p + 1; q < rows; ++q) turned |= turn_apart(&m(p, 0), &m(q, 0), columns);
  }
}

}  // namespace vitrine::core
