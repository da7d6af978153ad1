#include "app/labs/numbers.h"
#include "app/labs/image/lab.h"

namespace vitrine::labs {

using core::Shape;
using core::Tensor;

lessons::Symbols ImageConvolution::numbers(const Result& r, const View& view, core::Index most) {
  using lessons::number;
  const Params& p = r.params;
  const Shape& k = p.kernels.shape();
  const Tensor<float>& x = r.input->planes;
  lessons::Symbols all{
      {"k", Tensor<double>(Shape{k[1], k[2], k[3]},
                           p.kernels.values().subspan(static_cast<std::size_t>(p.filter * k[1] * k[2] * k[3]),
                                                      static_cast<std::size_t>(k[1] * k[2] * k[3])))},
      {"rows", number(r.rows())},
      {"columns", number(r.columns())},
      {"height", number(x.size(1))},
      {"width", number(x.size(2))},
      {"channels", number(k[1])},
      {"filters", number(k[0])},
      {"filter", number(p.filter + 1)},
      {"kernel_rows", number(k[2])},
      {"kernel_columns", number(k[3])},
      {"stride", number(p.columns.stride)},
      {"dilation", number(p.columns.dilation)},
      {"padding_left", number(p.columns.padding_before)},
      {"padding_right", number(p.columns.padding_after)},
      {"padding_top", number(p.rows.padding_before)},
      {"padding_bottom", number(p.rows.padding_after)},
      {"boundary", number(static_cast<int>(p.boundary))},
      {"parameters", number(r.counts.parameters)},
      {"macs", number(r.counts.macs)},
      {"dense_weights", number(r.counts.dense_weights)},
      {"range_low", number(r.range.lo)},
      {"range_high", number(r.range.hi)},
      {"pinned_row", number(view.pinned ? view.pinned->row + 1 : 0)},
      {"pinned_column", number(view.pinned ? view.pinned->column + 1 : 0)}};
  add_tensor(all, "x", x, most);
  add_tensor(all, "y", r.response, most);
  return all;
}

}  // namespace vitrine::labs
