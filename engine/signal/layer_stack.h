// A stack of layers as sizes only: what each one costs and what one of its numbers sees, with nothing
// allocated.
//   H' = floor((H + p_top + p_bottom - (d(Kh-1)+1)) / S) + 1,  parameters = F C/groups Kh Kw + F,
//   multiply-adds = F H' W' C/groups Kh Kw; a dense layer is one whose kernel is its whole input.
// Source: Dumoulin, Visin 2016, "A guide to convolution arithmetic for deep learning", sections 2 and 3.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/signal/receptive_field.h"
#include "engine/signal/window.h"

namespace vitrine::signal {

enum class LayerKind { kConvolution, kMaxPool, kAveragePool, kDense };
inline constexpr std::string_view kLayerKindNames[] = {"conv", "max pool", "average pool", "dense"};

// One layer over an input [C, H, W]; one dimension is H = kernel_rows = 1.
struct StackLayer {
  LayerKind kind = LayerKind::kConvolution;
  Index filters = 1;  // F of a convolution, the units of a dense layer
  Index kernel_rows = 3,
        kernel_columns = 3;  // of a convolution and of pooling, like all that follows but bias
  WindowSpec rows{}, columns{};
  Index groups = 1;  // of a convolution
  bool bias = true;  // of a convolution and of a dense layer

  // The window moves: a dense layer has none.
  bool has_window() const { return kind != LayerKind::kDense; }
  bool has_weights() const { return kind == LayerKind::kConvolution || kind == LayerKind::kDense; }
  void describe(core::Fields& f);
  bool operator==(const StackLayer&) const = default;
};

// A count that may pass 2^63: then there is none.
using Count = std::optional<Index>;

struct LayerFigures {
  core::Shape input, output;            // [C, H, W]; of a dense layer [F, 1, 1]
  Count weights, parameters, macs;      // pooling: 0; padding is counted
  Count dense_weights, dense_bytes;     // of the dense layer between the same two sizes
  Count output_bytes, parameter_bytes;  // as 32-bit floats
  Count bytes;                          // both
  ReceptiveField rows, columns;         // of the stack's input, seen by one number of the output
};

// Which inequality a layer breaks: have < need.
struct StackFault {
  enum class Kind {
    kRows,           // need: the kernel's extent d(K-1)+1; have: H + p_top + p_bottom
    kColumns,        // the same of W
    kChannelGroups,  // need: groups, which do not divide the channels (have)
    kFilterGroups,   // need: groups, which do not divide the filters (have)
    kRowPadding,     // pooling where a window covers padding only; have: the extent, need: the padding + 1
    kColumnPadding,
    kRowHoles,  // the same between two taps; have: H, need: the dilation
    kColumnHoles,
  };
  std::size_t layer;
  Kind kind;
  Index have, need;
};

struct StackFigures {
  std::vector<LayerFigures> layers;  // those before the fault
  std::optional<StackFault> fault;
  Count input_bytes;                       // as 32-bit floats
  Count weights, parameters, macs, bytes;  // of all layers above; bytes with the input's
};

// input [C, H, W]. Throws ShapeError if a size is smaller than 1, and if the number of values of an input or
// an output, or a receptive field passes 2^63. Cost linear in the number of layers, and of outputs where a
// pooling dilation is larger than its input.
StackFigures stack_figures(const core::Shape& input, std::span<const StackLayer> layers);

}  // namespace vitrine::signal
