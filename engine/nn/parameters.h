// A model's parameters: one flat buffer, a name and a shape for every part of it (the names of timm's state
// dict, so that its checkpoints load), and the values that training starts from.
// Source of names and initial values: timm, vision_transformer.py.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/tensor.h"

namespace vitrine::nn {

using core::Index;

// What a parameter starts as.
enum class Initial { kZero, kOne, kNormal, kUniform };

// Whether training moves a parameter.
enum class Trains { kNo, kYes };

// Inside the flat buffer some parameters lie in the order that products want, not in the state dict's: an
// index of the state dict is read as four digits, and they are put side by side in another order.
struct StoredOrder {
  std::array<Index, 4> sizes;         // of the digits, outermost first
  std::array<std::size_t, 4> digits;  // which digit of the state dict stands first, second, ...
};

// The heads of a projection lie interleaved, (part, dim, head), because the attention works on all heads at
// once; in the state dict they lie one after the other, (part, head, dim).
struct HeadOrder {
  int axis = -1;  // of the shape; -1: no heads
  Index parts = 1, heads = 1, head_dim = 1;

  // Of a parameter with that shape.
  std::optional<StoredOrder> of(const core::Shape& shape) const;
};

struct ParameterInfo {
  std::string name;
  core::Shape shape;  // as in the state dict
  Initial initial;
  double scale = 0;     // kNormal: the standard deviation; kUniform: between -scale and scale
  bool decays = false;  // weight decay acts on it: the weights of products, not biases, norms, positions
  std::optional<StoredOrder> order = {};
  bool trains = true;    // false: keeps its initial values
  bool written = false;  // its gradient needs no zeros before the first chunk: see Pass::begins_gradient
  Index offset = 0;      // of its first value in the flat buffer; a multiple of 16
};

// A weight that forward passes read transposed: [rows, columns] at `offset`, its transpose at `transposed`.
struct TransposedInfo {
  Index offset, rows, columns, transposed;
};

// Which parameter lies where. Layers add theirs when they are built, in reading order.
class ParameterLayout {
 public:
  // Returns the offset. Throws ShapeError when the sizes pass 2^63.
  Index add(ParameterInfo info);
  // Returns where in the second buffer the transpose of the [rows, columns] weight at `offset` is kept.
  Index add_transposed(Index offset, Index rows, Index columns);

  const std::vector<ParameterInfo>& infos() const { return infos_; }
  const std::vector<TransposedInfo>& transposed() const { return transposed_; }
  Index count() const { return count_; }  // parameters
  Index trainable_count() const;          // of those, the ones that training moves
  // Of those whose names are `name` or begin with it and a dot.
  Index count_of(std::string_view name) const;
  Index size() const { return size_; }                        // numbers in the flat buffer, gaps included
  Index transposed_size() const { return transposed_size_; }  // numbers in the second buffer

 private:
  std::vector<ParameterInfo> infos_;
  std::vector<TransposedInfo> transposed_;
  Index count_ = 0, size_ = 0, transposed_size_ = 0;
};

// The numbers of one model.
template <class T>
struct Weights {
  core::AlignedVector<T> values;      // [layout.size()]
  core::AlignedVector<T> transposed;  // [layout.transposed_size()], follows values through refresh()

  // A ViT as timm begins: weights of products normal with deviation 0.02 (timm cuts at 2, a hundred
  // deviations away), biases 0, norms 1 and 0, the patch projection uniform within 1/sqrt(inputs), class
  // token and positions normal with deviations 1e-6 and 0.02. A CNN
  // and an MLP begin as kernel.h says. A number is a function of (seed, parameter, index).
  static Weights initial(const ParameterLayout& layout, std::uint64_t seed);
  // Brings one of layout.transposed() up to date after `values` changed; all: every one.
  void refresh(const TransposedInfo& info);
  void refresh_all(const ParameterLayout& layout);
};

// One parameter (or its gradient) out of a flat buffer, in the state dict's order and shape.
template <class T>
core::Tensor<T> parameter(const ParameterInfo& info, std::span<const T> flat);
// Writes it back. Throws ShapeError when the shape is not info.shape.
template <class T>
void set_parameter(const ParameterInfo& info, const core::Tensor<T>& value, std::span<T> flat);

}  // namespace vitrine::nn
