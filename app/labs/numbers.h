// What labs share to name their numbers for lessons.
#pragma once

#include <concepts>
#include <string>

#include "engine/lessons/expression.h"

namespace vitrine::labs {

// The tensor under this name, where it is there and has at most so many numbers.
template <class T>
void add_tensor(lessons::Symbols& all, const std::string& name, const core::Tensor<T>& values,
                core::Index most) {
  if (values.empty() || values.count() > most) return;
  if constexpr (std::same_as<T, double>)
    all.emplace(name, values);
  else
    all.emplace(name, values.template cast<double>());
}

}  // namespace vitrine::labs
