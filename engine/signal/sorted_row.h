// The columns of a padded row, sorted by their remainder modulo the stride: what one tap of a window sees at
// neighbouring outputs then lies side by side. Inside engine/signal only.
#pragma once

#include <vector>

#include "engine/signal/window.h"

namespace vitrine::signal {

class SortedRow {
 public:
  // padding: what lies there with Boundary::kZeros. The axis must outlive this.
  SortedRow(const WindowAxis& columns, float padding);

  // Numbers in a row: a few more than there are columns, so that registers may be read past the last output,
  // and an odd number of cache lines, so that rows lie in different sets of the cache.
  Index size() const { return size_; }
  // Where in the row the first output's tap v is; the other outputs' follow.
  Index tap_at(Index v) const { return tap_at_[static_cast<std::size_t>(v)]; }
  // from: a row of the input; to: size() numbers, of which those between phases stay as they are.
  void copy(const float* from, float* to) const;

 private:
  // The columns of one remainder.
  struct Phase {
    Index start;                              // its first input column; negative: in the padding
    Index length = 0;                         // how many of its columns some tap sees
    Index at = 0;                             // where it begins in the sorted row
    Index first_inside = 0, last_inside = 0;  // of its columns, those inside the input: [first, last)
  };
  // Columns from the first tap to tap v.
  Index distance(Index v) const { return columns_.position(0, v) - columns_.position(0, 0); }
  // The index of the phase that tap v sees, made if there is none.
  std::size_t phase_of(Index v);
  void place(Phase& phase);
  void copy_border(const Phase& phase, const float* from, Index k, Index end, float* to) const;

  const WindowAxis& columns_;
  float padding_;
  std::vector<Phase> phases_;
  std::vector<Index> tap_at_;  // [kernel]
  Index size_ = 0;
};

// Whether rows copied with their padding would be many times the input: then the naive loops, which skip
// padding, are better.
bool mostly_padding(const WindowAxis& rows, const WindowAxis& columns);

}  // namespace vitrine::signal
