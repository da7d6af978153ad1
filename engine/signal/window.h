// The sliding window of convolution and pooling along one axis, and its trace: which input cell meets which
// kernel cell at which output. position(o, k) = o*S - padding_before + k*dilation. Source: Dumoulin, Visin
// 2016, "A guide to convolution arithmetic for deep learning", section 2.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/core/fields.h"
#include "engine/core/tensor.h"

namespace vitrine::signal {

using core::Index;

// How a window moves along one axis.
struct WindowSpec {
  Index stride = 1, dilation = 1;
  Index padding_before = 0, padding_after = 0;

  void describe(core::Fields& f);
  bool operator==(const WindowSpec&) const = default;
};

// What lies in the padding: nothing, or the input continued.
enum class Boundary { kZeros, kReflect, kReplicate, kCircular };
inline constexpr std::string_view kBoundaryNames[] = {"zeros", "reflect", "replicate", "circular"};

// The paddings that have a name: none; as many outputs as inputs at stride 1, d(K-1) in all with the smaller
// half before; and d(K-1) on either side, so that every tap meets every cell.
enum class NamedPadding { kValid, kSame, kFull };
inline constexpr std::string_view kPaddingNames[] = {"valid", "same", "full"};

// The spec with both paddings by their name. Throws ShapeError as kernel_extent.
WindowSpec padded_by_name(NamedPadding name, Index kernel, WindowSpec spec);
// The first name that the spec's paddings have, if any.
std::optional<NamedPadding> padding_name(Index kernel, const WindowSpec& spec);

// d(K-1)+1: the cells from a kernel's first to its last. Throws ShapeError if it passes 2^63.
Index kernel_extent(Index kernel, Index dilation);

// One axis of a window over an input, checked once: sizes are at least 1, the kernel fits, and a boundary has
// enough input to continue.
class WindowAxis {
 public:
  static constexpr Index kNone = -1;  // the source of a zero in the padding

  // Throws ShapeError ("kernel 5 does not fit input 3 with padding 0").
  WindowAxis(Index input, Index kernel, const WindowSpec& spec, Boundary boundary = Boundary::kZeros);

  Index input() const { return input_; }
  Index kernel() const { return kernel_; }
  // floor((L + p_before + p_after - (d(K-1)+1)) / S) + 1
  Index outputs() const { return outputs_; }
  // The position that a tap sees at an output; outside [0, input) it is padding.
  Index position(Index output, Index tap) const {
    return output * spec_.stride - spec_.padding_before + tap * spec_.dilation;
  }
  // The input cell whose value lies there, or kNone.
  Index source(Index output, Index tap) const { return source_at(position(output, tap)); }
  // The same for any position of the padded input.
  Index source_at(Index position) const;
  // The outputs at which the tap lies inside the input: [first, last), perhaps empty.
  struct Range {
    Index first, last;
  };
  Range inside(Index tap) const;
  // The taps that lie inside the input at an output: [first, last), perhaps empty.
  Range taps_inside(Index output) const;
  // How far the source moves from one output to the next, inside.
  Index stride() const { return spec_.stride; }
  // How many input cells at least one tap of one output reads. Cost outputs * kernel, for zeros in the
  // padding input * kernel at most.
  Index touched() const;

 private:
  Index input_, kernel_, outputs_;
  WindowSpec spec_;
  Boundary boundary_;
};

// WindowAxis's number of outputs, for zeros in the padding. Throws ShapeError.
Index output_size(Index input, Index kernel, const WindowSpec& spec);

// One kernel cell over one input position.
struct Tap {
  Index kernel_row, kernel_column;
  Index row, column;                // may lie in the padding
  Index source_row, source_column;  // the cell whose value lies there; kNone, both, for a zero
  bool inside;                      // not in the padding
  bool operator==(const Tap&) const = default;
};

// The tap of one kernel cell at one output cell; the indices are not checked.
Tap tap_at(const WindowAxis& rows, const WindowAxis& columns, Index output_row, Index output_column,
           Index kernel_row, Index kernel_column);

// The taps of one output cell, in the kernel's row-major order. Throws ShapeError if there is no such output.
std::vector<Tap> taps(const WindowAxis& rows, const WindowAxis& columns, Index output_row,
                      Index output_column);

}  // namespace vitrine::signal
