// Panels: a matrix packed once for many products with its transpose. Panel j holds kPanel of its rows side by
// side, number p of each next to each other, so that the product's register tile reads it in order. Source:
// Goto, van de Geijn 2008, "Anatomy of high-performance matrix multiplication", section 4.
#pragma once

#include "engine/core/matrix.h"
#include "engine/core/tensor.h"
#include "engine/core/vector.h"

namespace vitrine::sequence {

using core::Index;

// The rows of a panel: the columns of a register tile.
inline constexpr Index kPanel = core::kTileVectors * core::kLanes<double>;
// As many of the inner size as a product takes at a time: so much of a panel stays in the first-level cache.
inline constexpr Index kDepth = 128;

// The same block of the inner size by block, where the second factor need not be packed:
// c[i,j] = sum_p a[i,p] b[p,j]    a [m,k], b [k,n], c [m,n].
void product_by_depth(core::MatrixView<const double> a, core::MatrixView<const double> b,
                      core::MatrixView<double> c);

class Panels {
 public:
  Panels() = default;
  // b [n, k], copied.
  explicit Panels(core::MatrixView<const double> b);
  // n rounded up to whole panels; the rows that are not b's are zeros.
  Index padded() const { return core::round_up(rows_, kPanel); }
  // c[i,j] = start[i,j] + sum_p a[i,p] b[j,p]    a [m, k]; c [m, at most padded()]; start as product()'s.
  void product(core::MatrixView<const double> a, core::MatrixView<const double> start,
               core::MatrixView<double> c) const;

 private:
  Index rows_ = 0, inner_ = 0;
  core::Tensor<double> packed_;  // [panels, k, kPanel]
};

}  // namespace vitrine::sequence
