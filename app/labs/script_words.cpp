#include "app/labs/script_words.h"

#include <algorithm>
#include <cstdlib>

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using signal::Boundary;
using signal::PoolSpec;
using signal::WindowSpec;

namespace {

constexpr const char* kNumPy = "import numpy as np";

template <class T>
void add_values(Script& script, std::string_view name, const Tensor<T>& values) {
  if (values.count() <= kMostLiterals) {
    script.tensor(name, values);
    return;
  }
  const std::string file = std::string(name) + ".npy", shape = to_string(values.shape());
  script.comment(file + ": " + shape +
                 " numbers, too many to be written out here; \"Numbers (NumPy)\" saves them");
  if (script.text().find(kNumPy) == std::string::npos) script.code(kNumPy);
  script.code(std::string(name) + " = torch.from_numpy(np.load(\"" + file + "\")).double()");
}

// ", stride=2": one number where the axes agree, nothing where they are `usual`.
std::string argument(std::string_view name, const std::vector<Index>& values, Index usual) {
  const bool alike = std::all_of(values.begin(), values.end(), [&](Index v) { return v == values.front(); });
  if (alike && values.front() == usual) return "";
  return ", " + std::string(name) + "=" + (alike ? python(values.front()) : python(values));
}

std::vector<Index> of_each(const std::vector<WindowSpec>& axes, Index WindowSpec::*number) {
  std::vector<Index> values;
  for (const WindowSpec& axis : axes) values.push_back(axis.*number);
  return values;
}

bool padded(const std::vector<WindowSpec>& axes) {
  return std::any_of(axes.begin(), axes.end(),
                     [](const WindowSpec& w) { return w.padding_before > 0 || w.padding_after > 0; });
}

bool padded_alike(const std::vector<WindowSpec>& axes) {
  return std::all_of(axes.begin(), axes.end(),
                     [](const WindowSpec& w) { return w.padding_before == w.padding_after; });
}

std::vector<WindowSpec> axes_of(const PoolSpec& pool, bool columns_only) {
  if (columns_only) return {pool.columns};
  return {pool.rows, pool.columns};
}

// A pooling's own padding is at most half of its window.
bool pools_padding(const PoolSpec& pool) {
  return padded_alike({pool.rows, pool.columns}) && 2 * pool.rows.padding_before <= pool.kernel_rows &&
         2 * pool.columns.padding_before <= pool.kernel_columns;
}

// A pooling's stride is its window's size unless it is said.
std::string stride_of(const std::vector<WindowSpec>& axes) {
  return argument("stride", of_each(axes, &WindowSpec::stride), 0);
}

}  // namespace

void add_input(Script& script, std::string_view name, const Tensor<double>& values) {
  add_values(script, name, values);
}
void add_input(Script& script, std::string_view name, const Tensor<float>& values) {
  add_values(script, name, values);
}

std::string WindowWords::over(std::string_view x) const {
  return padding.empty() ? std::string(x) : "F.pad(" + std::string(x) + ", " + padding + ")";
}

std::string pad_numbers(const std::vector<WindowSpec>& axes) {
  std::vector<Index> numbers;
  for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis)
    numbers.insert(numbers.end(), {axis->padding_before, axis->padding_after});
  return python(numbers);
}

WindowWords convolution_words(const std::vector<WindowSpec>& axes, Boundary boundary) {
  WindowWords words;
  words.arguments = argument("stride", of_each(axes, &WindowSpec::stride), 1);
  if (padded(axes) && boundary != Boundary::kZeros)
    words.padding = pad_numbers(axes) + ", mode=\"" +
                    std::string(signal::kBoundaryNames[static_cast<std::size_t>(boundary)]) + "\"";
  else if (!padded_alike(axes))
    words.padding = pad_numbers(axes);
  else
    words.arguments += argument("padding", of_each(axes, &WindowSpec::padding_before), 0);
  words.arguments += argument("dilation", of_each(axes, &WindowSpec::dilation), 1);
  return words;
}

WindowWords max_pool_words(const PoolSpec& pool, bool columns_only) {
  const std::vector<WindowSpec> axes = axes_of(pool, columns_only);
  WindowWords words;
  words.arguments = stride_of(axes);
  if (pools_padding(pool))
    words.arguments += argument("padding", of_each(axes, &WindowSpec::padding_before), 0);
  else
    words.padding = pad_numbers(axes) + ", value=float(\"-inf\")";
  words.arguments += argument("dilation", of_each(axes, &WindowSpec::dilation), 1);
  return words;
}

bool has_average_pool(const PoolSpec& pool) {
  return pools_padding(pool) && pool.rows.dilation == 1 && pool.columns.dilation == 1;
}

WindowWords average_pool_words(const PoolSpec& pool, signal::CountPadding count, bool columns_only) {
  const std::vector<WindowSpec> axes = axes_of(pool, columns_only);
  WindowWords words;
  words.arguments = stride_of(axes) + argument("padding", of_each(axes, &WindowSpec::padding_before), 0);
  if (count == signal::CountPadding::kNo) words.arguments += ", count_include_pad=False";
  return words;
}

std::string kernel_words(const PoolSpec& pool, bool columns_only) {
  if (columns_only || pool.kernel_rows == pool.kernel_columns) return python(pool.kernel_columns);
  return python(std::vector<Index>{pool.kernel_rows, pool.kernel_columns});
}

std::string shifted_words(std::string_view x, Index height, Index width, Index rows, Index columns,
                          signal::ShiftFill fill) {
  const std::string name(x);
  if (fill == signal::ShiftFill::kWrap)
    return "torch.roll(" + name + ", " + python(std::vector<Index>{rows, columns}) + ", (-2, -1))";
  if (std::abs(rows) >= height || std::abs(columns) >= width) return "torch.zeros_like(" + name + ")";
  return "F.pad(" + name + ", " + python(std::vector<Index>{columns, -columns, rows, -rows}) + ")";
}

}  // namespace vitrine::labs
