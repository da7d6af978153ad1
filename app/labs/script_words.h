// What scripts of several labs say: a picture's numbers, a window's arguments and its padding, a shift; as in
// torch.nn.functional (PyTorch's documentation, "Convolution functions", "Pooling functions", "pad").
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/labs/script.h"
#include "engine/signal/perturb.h"
#include "engine/signal/pooling.h"
#include "engine/signal/window.h"

namespace vitrine::labs {

inline constexpr core::Index kMostLiterals = 4'096;          // numbers of an input that are written out
inline constexpr core::Index kMostPrintedNumbers = 100'000;  // of a tensor that the code prints

// The numbers of an input, or where they are too many a line that loads them from name.npy.
void add_input(Script& script, std::string_view name, const core::Tensor<double>& values);
void add_input(Script& script, std::string_view name, const core::Tensor<float>& values);

// A window along one axis, or along rows and columns, before and in a layer's brackets.
struct WindowWords {
  std::string padding;    // what F.pad is told; empty where the layer pads by itself
  std::string arguments;  // ", stride=2, padding=1, dilation=(1, 2)", what is not 1 or 0
  // x, or F.pad(x, ...).
  std::string over(std::string_view x) const;
};
// Of a convolution; axes: columns, or rows and columns.
WindowWords convolution_words(const std::vector<signal::WindowSpec>& axes, signal::Boundary boundary);
// Of a largest number, which no padding is; the stride is always said. columns_only: of a signal.
WindowWords max_pool_words(const signal::PoolSpec& pool, bool columns_only = false);
// Of a mean by F.avg_pool, which has one padding for both sides and no dilation.
bool has_average_pool(const signal::PoolSpec& pool);
WindowWords average_pool_words(const signal::PoolSpec& pool, signal::CountPadding count,
                               bool columns_only = false);
// "(3, 3)", or "3" of a signal.
std::string kernel_words(const signal::PoolSpec& pool, bool columns_only = false);
// "(1, 1)": F.pad's numbers, from the last axis to the first.
std::string pad_numbers(const std::vector<signal::WindowSpec>& axes);

// x [.., H, W], as x is called there, moved down and to the right.
std::string shifted_words(std::string_view x, core::Index height, core::Index width, core::Index rows,
                          core::Index columns, signal::ShiftFill fill);

}  // namespace vitrine::labs
