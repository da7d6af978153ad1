// What one frame of "Attention RNN" draws with, and the panels under the unrolled net.
#pragma once

#include <algorithm>
#include <string>

#include "app/labs/attention_rnn/lab.h"
#include "app/labs/unrolled.h"

namespace vitrine::labs {

// What source i of step t is: "x[3]", "h[2]", "zeros" before the first step.
inline std::string source_words(core::Index t, core::Index i) {
  if (i == 0) return "x[" + std::to_string(t) + "]";
  return t - i < 1 ? "zeros" : "h[" + std::to_string(t - i) + "]";
}

struct AttentionScene {
  widgets::Canvas& c;
  const AttentionRnn::Result& r;
  const AttentionRnn::Focus& f;
  const Unrolled& net;
  const std::vector<AttentionRnn::Part>& parts;  // the net's rows

  std::size_t row(AttentionRnn::Part part) const {
    return static_cast<std::size_t>(std::find(parts.begin(), parts.end(), part) - parts.begin());
  }
  widgets::Shade shade_of(AttentionRnn::Part part) const;
  // 0 not yet, 1 there, between the two on its way.
  float presence(const AttentionRnn::Spot& spot) const;
  // What becomes: the number that is pointed at, or all that the phase makes in its step.
  bool is_target(const AttentionRnn::Spot& spot) const;
  // One source only, where the pointer is on it.
  std::optional<core::Index> lit_source() const;
};

// panels.cpp. The lit step taken apart: forward a row for each source with its score, weight and value;
// backward local + a column for each later state = total, and the check beside.
void draw_sources(const AttentionScene& scene, const widgets::Rect& box, AttentionRnn::View& view);
void draw_terms(const AttentionScene& scene, const widgets::Rect& box, AttentionRnn::View& view);
// All weights over time, a row a step.
void draw_weights(const AttentionScene& scene, const widgets::Rect& box, AttentionRnn::View& view);
// |dh[T]/dh[t]| here and in the gated net.
void draw_reach(const AttentionScene& scene, const widgets::Rect& box);

}  // namespace vitrine::labs
