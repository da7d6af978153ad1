// "Pooling" in PyTorch: max_pool2d and avg_pool2d of the input, and of its altered copy.
#include <algorithm>

#include "app/labs/pooling/lab.h"
#include "app/labs/script_words.h"

namespace vitrine::labs {

namespace {

using core::Index;
using core::Tensor;
using Result = Pooling::Result;

constexpr const char* kPicture = "x[None, None]";  // PyTorch's [images, channels, height, width]

Tensor<double> plane(const Tensor<double>& image) { return image.reshaped({image.size(1), image.size(2)}); }

void define_max(Script& s, const signal::PoolSpec& pool) {
  const WindowWords words = max_pool_words(pool);
  s.code("\ndef max_pool(x):\n    return F.max_pool2d(" + words.over(kPicture) + ", " + kernel_words(pool) +
         words.arguments + ")[0, 0]\n");
}

// The windows' sums, which need every window as a column: PyTorch has no pooling of this name.
void define_sums(Script& s, const Result& r) {
  const signal::PoolSpec& pool = r.params.pool;
  const std::vector<signal::WindowSpec> axes{pool.rows, pool.columns};
  WindowWords words = convolution_words(axes, signal::Boundary::kZeros);
  s.code("\n# every window as a column\ndef sum_pool(x):\n    windows = F.unfold(" + words.over(kPicture) +
         ", " + kernel_words(pool) + words.arguments + ")\n    return windows.sum(1).view(" +
         python(r.rows()) + ", " + python(r.columns()) + ")\n");
}

void define_mean(Script& s, const Result& r) {
  const signal::PoolSpec& pool = r.params.pool;
  if (has_average_pool(pool)) {
    const WindowWords words = average_pool_words(pool, r.params.count());
    s.code("\ndef mean_pool(x):\n    return F.avg_pool2d(" + std::string(kPicture) + ", " +
           kernel_words(pool) + words.arguments + ")[0, 0]\n");
    return;
  }
  s.code(
      "\n# avg_pool2d has no dilation, and one padding for both sides: the sums by what they count\n"
      "def mean_pool(x):\n    return sum_pool(x) / " +
      (r.params.count_padding ? python(pool.kernel_rows * pool.kernel_columns)
                              : std::string("sum_pool(torch.ones_like(x))")) +
      "\n");
}

// "[0, 2], [1, 1]": the set cells' rows and columns; empty where none is.
std::string cells_of(const Tensor<std::uint8_t>& mask) {
  std::string rows, columns;
  for (Index i = 0; i < mask.count(); ++i) {
    if (mask[i] == 0) continue;
    const std::string comma = rows.empty() ? "" : ", ";
    rows += comma + python(i / mask.size(1));
    columns += comma + python(i % mask.size(1));
  }
  return rows.empty() ? "" : "[" + rows + "], [" + columns + "]";
}

void add_copy(Script& s, const Result& r) {
  const Pooling::Harm& h = r.params.harm;
  if (h.random_lost > 0 || h.random_stray > 0 || h.noise > 0) {
    s.comment("the altered copy, with the pixels and the noise that were drawn for it");
    add_input(s, "x_altered", plane(r.copy->input));
    return;
  }
  const Tensor<double>& x = r.original.input;
  const bool moved = h.shift_rows != 0 || h.shift_columns != 0;
  s.code("x_altered = " +
         (moved ? shifted_words("x", x.size(1), x.size(2), h.shift_rows, h.shift_columns, h.fill)
                : "x.clone()"));
  if (r.params.input == Pooling::Input::kMatrix) {
    if (const std::string cells = cells_of(h.lost); !cells.empty()) s.code("x_altered[" + cells + "] = 0.0");
    if (const std::string cells = cells_of(h.stray); !cells.empty())
      s.code("x_altered[" + cells + "] = " + python(h.stray_value));
  }
  if (x.count() <= kMostPrintedNumbers) s.show("x_altered");
}

void show_side(Script& s, const Result& r, const std::string& mark, bool sums) {
  const bool small = r.original.largest.count() <= kMostPrintedNumbers;
  const auto add = [&](const std::string& name, const char* pool) {
    s.code(name + mark + " = " + pool + "(x" + mark + ")");
    if (small) s.show(name + mark);
  };
  add("largest", "max_pool");
  add("averages", "mean_pool");
  if (sums) add("sums", "sum_pool");
}

// ||altered - original|| / ||original||, where there is such a number.
void show_departure(Script& s, const char* name, const std::string& values, const Tensor<double>& original) {
  const bool none =
      std::all_of(original.values().begin(), original.values().end(), [](double v) { return v == 0; });
  if (!none)
    s.show(name,
           "torch.linalg.norm(" + values + "_altered - " + values + ") / torch.linalg.norm(" + values + ")");
}

}  // namespace

std::string Pooling::code(const Result& r, const View&) {
  const bool matrix = r.params.input == Input::kMatrix;
  Script s;
  add_input(s, "x", plane(r.original.input));
  define_max(s, r.params.pool);
  if (matrix || !has_average_pool(r.params.pool)) define_sums(s, r);
  define_mean(s, r);
  s.code("\n");
  show_side(s, r, "", matrix);
  s.show("rows", "largest.shape[0]").show("columns", "largest.shape[1]");
  if (!r.copy) return s.text();
  s.code("");
  add_copy(s, r);
  show_side(s, r, "_altered", matrix);
  show_departure(s, "departure_largest", "largest", r.original.largest);
  const bool sums = r.params.shows_sums();
  show_departure(s, "departure_averages", sums ? "sums" : "averages",
                 sums ? r.original.sums : r.original.mean);
  return s.text();
}

}  // namespace vitrine::labs
