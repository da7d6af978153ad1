#include "engine/sequence/panels.h"

#include <algorithm>

#include "engine/core/product.h"

namespace vitrine::sequence {

using core::MatrixView;

namespace {

// Columns [first, first + count) of a matrix; of one without numbers nothing.
template <class T>
MatrixView<T> columns_of(MatrixView<T> m, Index first, Index count) {
  return {m.data ? m.data + first : nullptr, m.rows, count, m.stride};
}

// c = start + a b in blocks of kDepth of the inner size; block(p, depth) is b's rows [p, p + depth).
template <class Block>
void add_by_depth(MatrixView<const double> a, MatrixView<const double> start, MatrixView<double> c,
                  const Block& block) {
  for (Index p = 0; p < a.columns; p += kDepth) {
    const Index depth = std::min(kDepth, a.columns - p);
    core::product<double>(columns_of(a, p, depth), block(p, depth), start, c);
    start = c;
  }
}

}  // namespace

void product_by_depth(MatrixView<const double> a, MatrixView<const double> b, MatrixView<double> c) {
  add_by_depth(a, {nullptr, 0, 0}, c, [&](Index p, Index depth) {
    return MatrixView<const double>(&b(p, 0), depth, b.columns, b.stride);
  });
}

Panels::Panels(MatrixView<const double> b)
    : rows_(b.rows),
      inner_(b.columns),
      packed_(core::Tensor<double>::uninitialized({core::divide_up(rows_, kPanel), inner_, kPanel})) {
  for (Index first = 0; first < rows_; first += kPanel) {
    double* const panel = packed_.data() + first * inner_;
    const Index rows = std::min(kPanel, rows_ - first);
    if (rows < kPanel) std::fill_n(panel, inner_ * kPanel, 0.0);
    core::transpose<double>({&b(first, 0), rows, inner_, b.stride}, {panel, inner_, rows, kPanel});
  }
}

void Panels::product(MatrixView<const double> a, MatrixView<const double> start, MatrixView<double> c) const {
  for (Index first = 0; first < c.columns; first += kPanel) {
    const Index columns = std::min(kPanel, c.columns - first);
    const double* const panel = packed_.data() + first * inner_;
    add_by_depth(a, columns_of(start, first, columns), columns_of(c, first, columns),
                 [&](Index p, Index depth) {
                   return MatrixView<const double>(panel + p * kPanel, depth, columns, kPanel);
                 });
  }
}

}  // namespace vitrine::sequence
