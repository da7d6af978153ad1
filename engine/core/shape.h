// Shape: the sizes of a tensor's axes, outermost first, and the checked arithmetic on them.
// Sizes come from users and files, so products that would pass 2^63 throw instead of wrapping.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace vitrine::core {

using Index = std::int64_t;

// Two shapes do not fit together; the message holds both.
class ShapeError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

// a*b and a+b for sizes >= 0. Throws ShapeError when the result passes 2^63 - 1.
Index checked_mul(Index a, Index b);
Index checked_add(Index a, Index b);
// a / b rounded up, and a rounded up to a multiple of b; a >= 0, b >= 1.
constexpr Index divide_up(Index a, Index b) { return a / b + (a % b != 0 ? 1 : 0); }
constexpr Index round_up(Index a, Index b) { return divide_up(a, b) * b; }
// Throws ShapeError ("stride 0 is smaller than 1") unless value >= least.
void require_at_least(Index least, const char* name, Index value);

class Shape {
 public:
  Shape() = default;
  // Throws ShapeError if a size is negative or the number of elements passes 2^63 - 1.
  Shape(std::initializer_list<Index> sizes) : Shape(std::vector<Index>(sizes)) {}
  explicit Shape(std::vector<Index> sizes);

  std::size_t rank() const { return sizes_.size(); }
  Index operator[](std::size_t axis) const { return sizes_[axis]; }
  // The number of elements; 1 for rank 0.
  Index count() const { return count_; }
  std::span<const Index> sizes() const { return sizes_; }
  bool operator==(const Shape& other) const { return sizes_ == other.sizes_; }

 private:
  std::vector<Index> sizes_;
  Index count_ = 1;
};

// "[3, 32, 32]"
std::string to_string(const Shape& shape);

// Throw ShapeError: "key [4, 2] does not fit query [3, 3]" unless `fits`; the same unless a is the expected
// shape, which is b's or follows from it; "query [3] is not a matrix with rows and columns".
void require_fit(bool fits, std::string_view a, const Shape& a_shape, std::string_view b,
                 const Shape& b_shape);
void require_shape(std::string_view a, const Shape& a_shape, std::string_view b, const Shape& expected);
void require_matrix(std::string_view name, const Shape& shape);

// The most numbers that one result may hold when its sizes come from a user.
inline constexpr Index kResultLimit = Index{1} << 28;
// The shape itself, to be asked before memory is. Throws ShapeError if it holds more than kResultLimit
// numbers.
const Shape& within_limit(const Shape& shape);

}  // namespace vitrine::core
