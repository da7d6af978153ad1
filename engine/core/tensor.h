// Tensor<T>: a dense, row-major array that owns its numbers. A value: copying copies, comparing compares.
// The buffer is 64-byte aligned, so that vector code gives the same bits wherever the allocator puts it.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>
#include <span>
#include <vector>

#include "engine/core/memory.h"
#include "engine/core/shape.h"

namespace vitrine::core {

// The allocator behind every tensor: cache-line aligned.
template <class T>
struct AlignedAllocator {
  using value_type = T;
  AlignedAllocator() = default;
  template <class U>
  AlignedAllocator(const AlignedAllocator<U>&) {}
  T* allocate(std::size_t n) { return static_cast<T*>(allocate_numbers(n * sizeof(T))); }
  void deallocate(T* p, std::size_t n) { free_numbers(p, n * sizeof(T)); }
  bool operator==(const AlignedAllocator&) const = default;
};
// The same, for a vector that leaves new numbers uninitialised unless it is told a value.
template <class T>
struct UninitializedAllocator : AlignedAllocator<T> {
  UninitializedAllocator() = default;
  template <class U>
  UninitializedAllocator(const UninitializedAllocator<U>&) {}
  template <class U>
  void construct(U* at) {
    ::new (static_cast<void*>(at)) U;
  }
};

template <class T>
using AlignedVector = std::vector<T, AlignedAllocator<T>>;

template <class T>
class Tensor {
 public:
  Tensor() : shape_({0}) {}
  explicit Tensor(Shape shape, T fill = T{})
      : shape_(std::move(shape)), values_(static_cast<std::size_t>(shape_.count()), fill) {}
  // Throws ShapeError if the number of values is not the shape's count.
  Tensor(Shape shape, std::span<const T> values)
      : shape_(std::move(shape)), values_(values.begin(), values.end()) {
    if (shape_.count() != static_cast<Index>(values_.size()))
      throw ShapeError("shape " + to_string(shape_) + " does not hold " + std::to_string(values_.size()) +
                       " values");
  }
  Tensor(Shape shape, std::initializer_list<T> values)
      : Tensor(std::move(shape), std::span<const T>(values.begin(), values.size())) {}
  // For a result that writes every number itself: nothing is filled.
  static Tensor uninitialized(Shape shape) {
    Tensor tensor;
    tensor.values_.resize(static_cast<std::size_t>(shape.count()));
    tensor.shape_ = std::move(shape);
    return tensor;
  }

  const Shape& shape() const { return shape_; }
  std::size_t rank() const { return shape_.rank(); }
  Index size(std::size_t axis) const { return shape_[axis]; }
  Index count() const { return shape_.count(); }
  bool empty() const { return count() == 0; }

  T* data() { return values_.data(); }
  const T* data() const { return values_.data(); }
  std::span<T> values() { return values_; }
  std::span<const T> values() const { return values_; }

  T& operator[](Index i) { return values_[static_cast<std::size_t>(i)]; }
  const T& operator[](Index i) const { return values_[static_cast<std::size_t>(i)]; }
  // (row, column), (channel, row, column), ...: as many indices as axes, not range-checked.
  template <class... I>
  T& operator()(I... indices) {
    return (*this)[offset({static_cast<Index>(indices)...})];
  }
  template <class... I>
  const T& operator()(I... indices) const {
    return (*this)[offset({static_cast<Index>(indices)...})];
  }

  void fill(T value) { std::fill(values_.begin(), values_.end(), value); }
  // The same numbers under another shape. Throws ShapeError if the counts differ.
  Tensor reshaped(Shape shape) const { return Tensor(std::move(shape), values()); }
  template <class U>
  Tensor<U> cast() const {
    Tensor<U> out(shape_);
    std::transform(values_.begin(), values_.end(), out.data(), [](T v) { return static_cast<U>(v); });
    return out;
  }
  // Equal shapes and equal bits: a NaN cell equals itself, so an unchanged edit is never computed twice.
  bool operator==(const Tensor& other) const {
    return shape_ == other.shape_ &&
           (empty() || std::memcmp(data(), other.data(), values_.size() * sizeof(T)) == 0);
  }

 private:
  Index offset(std::initializer_list<Index> indices) const {
    Index at = 0;
    std::size_t axis = 0;
    for (Index i : indices) at = at * shape_[axis++] + i;
    return at;
  }

  Shape shape_;
  std::vector<T, UninitializedAllocator<T>> values_;
};

// Neither a NaN nor an infinity among them.
template <class T>
bool all_finite(std::span<const T> values) {
  return std::all_of(values.begin(), values.end(), [](T value) { return std::isfinite(value); });
}
template <class T>
bool all_finite(const Tensor<T>& tensor) {
  return all_finite(tensor.values());
}

}  // namespace vitrine::core
