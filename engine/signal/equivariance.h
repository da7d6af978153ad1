// How far a network of layers f is from moving its output along when its input is moved. With T_s a shift by
// s cells and S the total stride:
//   departure = ||f(T_s x) - T_{s/S} f(x)||_2 / ||T_{s/S} f(x)||_2
// Cohen, Welling 2016, "Group equivariant convolutional networks", section 2; Zhang 2019, "Making
// convolutional networks shift-invariant again", section 3.
#pragma once

#include "engine/signal/network.h"
#include "engine/signal/perturb.h"

namespace vitrine::signal {

struct Shift {
  Index rows = 0, columns = 0;  // cells, down and to the right
  bool operator==(const Shift&) const = default;
};

// Why f(T x) and the shifted f(x) are not the same.
enum class Departure {
  kNone,    // they are
  kDense,   // a fully connected layer has other weights for every place
  kStride,  // the shift is no whole number of output cells
  kBorder,  // only outputs that meet the border differ
};

struct Equivariance {
  core::Tensor<double> of_shifted;      // f(T_s x) [C', H', W']
  Shift output_shift;                   // s/S; where that is not whole, of its whole neighbours the best
  bool whole = true;                    // s/S is whole
  core::Tensor<double> shifted_output;  // T_{s/S} f(x)
  Difference difference;                // of_shifted - shifted_output; `relative` is the departure
  // [H', W']: outputs that meet the border, before or after the shift, or that the shift brings in.
  core::Tensor<std::uint8_t> border;
  Departure cause = Departure::kNone;
};

// x [C, H, W] and output = output_of(network, x), which many shifts share. Both are shifted by the same rule.
// The best neighbour is that of the smallest departure, the nearer to zero of equals. Throws as output_of.
Equivariance equivariance(const Network& network, const core::Tensor<double>& x,
                          const core::Tensor<double>& output, Shift shift, ShiftFill fill,
                          std::stop_token stop = {});

}  // namespace vitrine::signal
