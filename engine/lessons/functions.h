// The functions that an expression may call: a calculator's, and the engine's own, so that what a card calls
// right is computed by what the labs show.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>

#include "engine/lessons/expression.h"

namespace vitrine::lessons {

struct Function {
  std::string_view name;
  std::size_t fewest, most;  // arguments
  Value (*call)(std::span<const Value> arguments);
};

// Null: there is none.
const Function* find_function(std::string_view name);
std::span<const Function> functions();

// The matrix product and its kin: numbers scale, vectors are columns. Throws ExpressionError.
Value product(const Value& a, const Value& b);
Value transpose(const Value& a);
// Of two of equal shape, or with a number.
Value each(const Value& a, const Value& b, double (*f)(double, double));

}  // namespace vitrine::lessons
