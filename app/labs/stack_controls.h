// The controls of a list of layers: which one is edited, and adding, removing and moving it.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "app/widgets/controls.h"

namespace vitrine::labs {

struct StackLimits {
  core::Index least = 1, most = 12;  // layers
};

// names: one of each layer. `edited` stays one of the list; an empty list is added to with `fresh`.
template <class Layer>
void stack_controls(widgets::Controls& c, const std::vector<std::string>& names, std::vector<Layer>& layers,
                    core::Index& edited, const Layer& fresh, const StackLimits& limits) {
  const core::Index count = std::ssize(layers);
  edited = std::clamp<core::Index>(edited, 0, std::max<core::Index>(0, count - 1));
  std::vector<std::string> numbered;
  for (const std::string& name : names) numbered.push_back(std::to_string(numbered.size() + 1) + "  " + name);
  if (numbered.empty()) numbered.emplace_back("none");
  const std::vector<std::string_view> views(numbered.begin(), numbered.end());
  c.choice("Layer", edited, views, edited, "Which layer the controls below are of");
  static constexpr std::string_view kOrders[] = {"Add", "Remove", "Move up", "Move down"};
  const auto pressed =
      c.buttons(kOrders, "Add: a copy behind this layer. Move: earlier or later in the stack");
  if (!pressed) return;
  const auto at = layers.begin() + edited;
  if (*pressed == 0 && count == 0) {
    layers.push_back(fresh);
  } else if (*pressed == 0 && count < limits.most) {
    layers.insert(at + 1, Layer(*at));
    ++edited;
  } else if (*pressed == 1 && count > limits.least) {
    layers.erase(at);
    edited = std::max<core::Index>(0, std::min(edited, count - 2));
  } else if (*pressed == 2 && edited > 0) {
    std::iter_swap(at, at - 1);
    --edited;
  } else if (*pressed == 3 && edited + 1 < count) {
    std::iter_swap(at, at + 1);
    ++edited;
  }
}

}  // namespace vitrine::labs
