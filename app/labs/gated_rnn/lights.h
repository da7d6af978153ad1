// What is lit in "Gated RNN": a number or a step's numbers, and what each of them is made of.
#pragma once

#include <vector>

#include "app/labs/gated_rnn/lab.h"

namespace vitrine::labs {

struct GatedLights {
  std::vector<GatedRnn::Spot> targets;  // strong: what becomes
  std::vector<GatedRnn::Spot> causes;   // faint: what it is made of
  bool is_target(const GatedRnn::Spot& s) const;
  bool is_cause(const GatedRnn::Spot& s) const;
};

GatedLights gated_lights(const GatedRnn::Result& result, const GatedRnn::Focus& focus);

}  // namespace vitrine::labs
