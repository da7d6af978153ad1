// "Image convolution" in PyTorch: conv2d of the picture with the filter that is shown.
#include "app/labs/image/lab.h"
#include "app/labs/script_words.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;

std::string ImageConvolution::code(const Result& r, const View&) {
  const Params& p = r.params;
  const core::Shape& shape = p.kernels.shape();
  const core::Shape one{shape[1], shape[2], shape[3]};
  const auto weights = p.kernels.values().subspan(static_cast<std::size_t>(p.filter * one.count()),
                                                  static_cast<std::size_t>(one.count()));
  const WindowWords words = convolution_words({p.rows, p.columns}, p.boundary);
  Script s;
  s.comment("the picture, [channels, height, width]");
  add_input(s, "x", r.input->planes);
  s.comment("the filter, [channels, rows, columns]" +
            (shape[0] > 1 ? ": number " + python(p.filter + 1) + " of " + python(shape[0]) : ""));
  s.tensor("k", Tensor<double>(one, weights));
  s.code("\n# a correlation: the kernel is not turned round");
  s.code("y = F.conv2d(" + words.over("x[None]") + ", k[None]" + words.arguments + ")[0, 0]");
  s.show("rows", "y.shape[0]").show("columns", "y.shape[1]");
  if (r.response.count() <= kMostPrintedNumbers) s.show("y");
  return s.text();
}

}  // namespace vitrine::labs
