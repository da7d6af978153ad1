#include "engine/nn/parameters.h"

#include "engine/core/product.h"
#include "engine/core/rng.h"

namespace vitrine::nn {

using core::transpose;
namespace {

using core::Shape;
using core::ShapeError;

// Offsets are multiples of a cache line of floats, so that registers load whole lines.
Index rounded_up(Index count) {
  constexpr Index kLine = 16;
  return core::checked_add(count, kLine - 1) / kLine * kLine;
}

// Where element i of a parameter in the state dict's order lies in the flat buffer.
Index flat_index(const ParameterInfo& info, Index i) {
  if (!info.order) return info.offset + i;
  const auto& [sizes, digits] = *info.order;
  std::array<Index, 4> digit;
  for (std::size_t d = sizes.size(); d-- > 0; i /= sizes[d]) digit[d] = i % sizes[d];
  Index stored = 0;
  for (const std::size_t d : digits) stored = stored * sizes[d] + digit[d];
  return info.offset + stored;
}

double initial_value(const ParameterInfo& info, const core::Rng& rng, std::uint64_t parameter, Index i) {
  const auto index = static_cast<std::uint64_t>(i);
  switch (info.initial) {
    case Initial::kZero:
      return 0;
    case Initial::kOne:
      return 1;
    case Initial::kNormal:
      return info.scale * rng.normal(parameter, index);
    case Initial::kUniform:
      return info.scale * (2 * rng.uniform(parameter, index) - 1);
  }
  return 0;
}

}  // namespace

std::optional<StoredOrder> HeadOrder::of(const Shape& shape) const {
  if (axis < 0) return std::nullopt;
  if (axis == 0) return StoredOrder{{parts, heads, head_dim, shape.count() / shape[0]}, {0, 2, 1, 3}};
  return StoredOrder{{shape[0], parts, heads, head_dim}, {0, 1, 3, 2}};
}

Index ParameterLayout::trainable_count() const {
  Index sum = 0;
  for (const auto& info : infos_)
    if (info.trains) sum += info.shape.count();
  return sum;
}

Index ParameterLayout::add(ParameterInfo info) {
  info.offset = size_;
  count_ = core::checked_add(count_, info.shape.count());
  size_ = core::checked_add(size_, rounded_up(info.shape.count()));
  infos_.push_back(std::move(info));
  return infos_.back().offset;
}

Index ParameterLayout::count_of(std::string_view name) const {
  Index sum = 0;
  for (const auto& info : infos_) {
    const bool of_it =
        info.name.starts_with(name) && (info.name.size() == name.size() || info.name[name.size()] == '.');
    if (of_it) sum += info.shape.count();
  }
  return sum;
}

Index ParameterLayout::add_transposed(Index offset, Index rows, Index columns) {
  const Index at = transposed_size_;
  transposed_.push_back({offset, rows, columns, at});
  transposed_size_ = core::checked_add(at, rounded_up(core::checked_mul(rows, columns)));
  return at;
}

template <class T>
Weights<T> Weights<T>::initial(const ParameterLayout& layout, std::uint64_t seed) {
  Weights weights;
  weights.values.resize(static_cast<std::size_t>(layout.size()));
  weights.transposed.resize(static_cast<std::size_t>(layout.transposed_size()));
  const core::Rng rng(seed, core::RngStream::kInit);
  std::uint64_t number = 0;
  for (const auto& info : layout.infos()) {
    for (Index i = 0; i < info.shape.count(); ++i)
      weights.values[static_cast<std::size_t>(flat_index(info, i))] =
          static_cast<T>(initial_value(info, rng, number, i));
    ++number;
  }
  weights.refresh_all(layout);
  return weights;
}

template <class T>
void Weights<T>::refresh(const TransposedInfo& info) {
  transpose<T>({values.data() + info.offset, info.rows, info.columns},
               {transposed.data() + info.transposed, info.columns, info.rows});
}

template <class T>
void Weights<T>::refresh_all(const ParameterLayout& layout) {
  for (const auto& info : layout.transposed()) refresh(info);
}

template <class T>
core::Tensor<T> parameter(const ParameterInfo& info, std::span<const T> flat) {
  core::Tensor<T> out(info.shape);
  for (Index i = 0; i < out.count(); ++i) out[i] = flat[static_cast<std::size_t>(flat_index(info, i))];
  return out;
}

template <class T>
void set_parameter(const ParameterInfo& info, const core::Tensor<T>& value, std::span<T> flat) {
  if (!(value.shape() == info.shape))
    throw ShapeError(info.name + " has shape " + to_string(info.shape) + ", not " + to_string(value.shape()));
  for (Index i = 0; i < value.count(); ++i) flat[static_cast<std::size_t>(flat_index(info, i))] = value[i];
}

#define VITRINE_INSTANTIATE(T)                                                  \
  template struct Weights<T>;                                                   \
  template core::Tensor<T> parameter(const ParameterInfo&, std::span<const T>); \
  template void set_parameter(const ParameterInfo&, const core::Tensor<T>&, std::span<T>);
VITRINE_INSTANTIATE(float)
VITRINE_INSTANTIATE(double)
#undef VITRINE_INSTANTIATE

}  // namespace vitrine::nn
