// An expression as it was read: what to do with which parts.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/lessons/expression.h"
#include "engine/lessons/functions.h"

namespace vitrine::lessons {

enum class Op {
  kNumber,
  kName,
  kCall,
  kIndex,  // of the first argument by the others
  kSum,    // over `name` from the first argument to the second: the third
  kAdd,
  kSubtract,
  kMultiply,
  kEach,
  kDivide,
  kPower,
  kTranspose,
  kNegate,
  kList,
  kRange,
  kEqual,
  kLess,
  kLessOrEqual,
  kAnd,
};

struct Expression::Node {
  Op op = Op::kNumber;
  double number = 0;
  std::string name = {};
  const Function* function = nullptr;
  std::vector<Node> arguments = {};
};

// Throws ExpressionError.
Expression::Node parsed(std::string_view text, const std::set<std::string>& symbols);

}  // namespace vitrine::lessons
