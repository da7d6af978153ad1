#include "engine/core/shape.h"

namespace vitrine::core {

Index checked_mul(Index a, Index b) {
  Index product;
  if (__builtin_mul_overflow(a, b, &product))
    throw ShapeError(std::to_string(a) + " x " + std::to_string(b) + " passes 2^63");
  return product;
}

Index checked_add(Index a, Index b) {
  Index sum;
  if (__builtin_add_overflow(a, b, &sum))
    throw ShapeError(std::to_string(a) + " + " + std::to_string(b) + " passes 2^63");
  return sum;
}

void require_at_least(Index least, const char* name, Index value) {
  if (value < least)
    throw ShapeError(std::string(name) + " " + std::to_string(value) + " is smaller than " +
                     std::to_string(least));
}

Shape::Shape(std::vector<Index> sizes) : sizes_(std::move(sizes)) {
  for (Index size : sizes_) {
    if (size < 0) throw ShapeError("a size of " + std::to_string(size) + " is negative");
    count_ = checked_mul(count_, size);
  }
}

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
    if (axis > 0) text += ", ";
    text += std::to_string(shape[axis]);
  }
  return text + "]";
}

void require_fit(bool fits, std::string_view a, const Shape& a_shape, std::string_view b,
                 const Shape& b_shape) {
  if (!fits)
    throw ShapeError(std::string(a) + " " + to_string(a_shape) + " does not fit " + std::string(b) + " " +
                     to_string(b_shape));
}

void require_shape(std::string_view a, const Shape& a_shape, std::string_view b, const Shape& expected) {
  require_fit(a_shape == expected, a, a_shape, b, expected);
}

void require_matrix(std::string_view name, const Shape& shape) {
  if (shape.rank() != 2 || shape.count() == 0)
    throw ShapeError(std::string(name) + " " + to_string(shape) + " is not a matrix with rows and columns");
}

const Shape& within_limit(const Shape& shape) {
  if (shape.count() > kResultLimit)
    throw ShapeError("a result of shape " + to_string(shape) + " passes the limit of 2^28 numbers");
  return shape;
}

}  // namespace vitrine::core
