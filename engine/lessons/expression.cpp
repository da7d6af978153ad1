#include "engine/lessons/expression.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "engine/core/text.h"
#include "engine/lessons/expression_tree.h"
#include "engine/lessons/spelling.h"

namespace vitrine::lessons {
namespace {

constexpr Index kMostOperations = 1'000'000, kMostNumbers = 1 << 20;

[[noreturn]] void fail(const std::string& words) { throw ExpressionError(words); }

std::string shape_words(const Value& value) {
  if (value.rank() == 0) return "a number";
  if (value.rank() == 1) return "a vector of " + std::to_string(value.size(0));
  std::string words = std::to_string(value.size(0));
  for (std::size_t i = 1; i < value.rank(); ++i) words += " x " + std::to_string(value.size(i));
  return value.rank() == 2 ? "a " + words + " matrix" : "a " + words + " tensor";
}

double as_number(const Value& value, std::string_view what) {
  if (value.count() != 1) fail(std::string(what) + " must be a number, not " + shape_words(value));
  return value[0];
}

class Evaluation {
 public:
  explicit Evaluation(const Symbols& values) : values_(values) {}

  Value of(const Expression::Node& node) {
    if (++operations_ > kMostOperations) fail("it takes too long to compute");
    Value value = computed(node);
    if (value.count() > kMostNumbers) fail("it becomes too large to compute");
    return value;
  }

 private:
  Value computed(const Expression::Node& node) {
    const auto argument = [&](std::size_t i) { return of(node.arguments[i]); };
    const auto each_of = [&](double (*f)(double, double)) { return each(argument(0), argument(1), f); };
    switch (node.op) {
      case Op::kNumber:
        return number(node.number);
      case Op::kName:
        return named(node.name);
      case Op::kCall:
        return called(node);
      case Op::kIndex:
        return part(node);
      case Op::kSum:
        return summed(node);
      case Op::kAdd:
        return each_of([](double a, double b) { return a + b; });
      case Op::kSubtract:
        return each_of([](double a, double b) { return a - b; });
      case Op::kMultiply:
        return product(argument(0), argument(1));
      case Op::kEach:
        return each_of([](double a, double b) { return a * b; });
      case Op::kDivide: {
        Value value = argument(0);
        const double by = as_number(argument(1), "what one divides by");
        for (double& x : value.values()) x /= by;
        return value;
      }
      case Op::kPower:
        return number(
            std::pow(as_number(argument(0), "the base of a power"), as_number(argument(1), "an exponent")));
      case Op::kTranspose:
        return transpose(argument(0));
      case Op::kNegate:
        return each(number(0), argument(0), [](double, double b) { return -b; });
      case Op::kList:
        return list(node);
      case Op::kRange:
        fail("a range stands in brackets: [1..9]");
      case Op::kEqual:
        return number(equal(argument(0), argument(1)) ? 1 : 0);
      case Op::kLess:
        return number(compared(node) < 0 ? 1 : 0);
      case Op::kLessOrEqual:
        return number(compared(node) <= 0 ? 1 : 0);
      case Op::kAnd:
        return number(as_number(argument(0), "what stands before \"and\"") != 0 &&
                              as_number(argument(1), "what stands behind \"and\"") != 0
                          ? 1
                          : 0);
    }
    fail("it cannot be computed");
  }

  Value named(const std::string& name) const {
    const auto bound = bound_.find(name);
    if (bound != bound_.end() && !bound->second.empty()) return number(bound->second.back());
    const auto found = values_.find(name);
    if (found == values_.end()) fail("\"" + name + "\" has no value");
    return found->second;
  }

  Value called(const Expression::Node& node) {
    std::vector<Value> arguments;
    for (const auto& argument : node.arguments) arguments.push_back(of(argument));
    try {
      return node.function->call(arguments);
    } catch (const ExpressionError&) {
      throw;
    } catch (const std::invalid_argument& wrong) {  // what the engine refuses
      fail(std::string(node.function->name) + "(): " + wrong.what());
    }
  }

  Value part(const Expression::Node& node) {
    const Value whole = of(node.arguments[0]);
    const std::size_t given = node.arguments.size() - 1;
    if (given > whole.rank())
      fail(std::to_string(given) + (given == 1 ? " index" : " indices") + " for " + shape_words(whole));
    Index at = 0;
    for (std::size_t axis = 0; axis < given; ++axis) {
      const double index = as_number(of(node.arguments[axis + 1]), "an index");
      if (!(index >= 1 && index <= static_cast<double>(whole.size(axis))) || index != std::floor(index))
        fail("index " + core::shown(index, 6) + " is not in 1 to " + std::to_string(whole.size(axis)));
      at = at * whole.size(axis) + static_cast<Index>(index) - 1;
    }
    const auto sizes = whole.shape().sizes().subspan(given);
    const core::Shape shape(std::vector<Index>(sizes.begin(), sizes.end()));
    return Value(shape, whole.values().subspan(static_cast<std::size_t>(at * shape.count()),
                                               static_cast<std::size_t>(shape.count())));
  }

  Value summed(const Expression::Node& node) {
    const double first = as_number(of(node.arguments[0]), "where a sum begins"),
                 last = as_number(of(node.arguments[1]), "where a sum ends");
    if (!(last - first < static_cast<double>(kMostOperations))) fail("a sum is too long");
    auto& values = bound_[node.name];
    std::optional<Value> sum;
    for (double k = first; k <= last; ++k) {
      values.push_back(k);
      Value next = of(node.arguments[2]);
      values.pop_back();
      sum = sum ? each(*sum, next, [](double a, double b) { return a + b; }) : std::move(next);
    }
    return sum.value_or(number(0));
  }

  Value list(const Expression::Node& node) {
    std::vector<Value> items;
    for (const auto& item : node.arguments) {
      if (item.op != Op::kRange) {
        items.push_back(of(item));
        continue;
      }
      const double first = as_number(of(item.arguments[0]), "where a range begins"),
                   last = as_number(of(item.arguments[1]), "where a range ends");
      if (!(last - first < static_cast<double>(kMostNumbers))) fail("a range is too long");
      for (double x = first; x <= last; ++x) items.push_back(number(x));
    }
    std::vector<Index> sizes{static_cast<Index>(items.size())};
    for (const Index size : items.front().shape().sizes()) sizes.push_back(size);
    if (sizes.size() > 3) fail("brackets are nested too deeply");
    std::vector<double> numbers;
    for (const Value& item : items) {
      if (!(item.shape() == items.front().shape()))
        fail("the rows of a list differ: " + shape_words(items.front()) + " and " + shape_words(item));
      numbers.insert(numbers.end(), item.values().begin(), item.values().end());
    }
    return Value(core::Shape(std::move(sizes)), numbers);
  }

  static bool equal(const Value& a, const Value& b) {
    return a.shape() == b.shape() && std::ranges::equal(a.values(), b.values());
  }
  int compared(const Expression::Node& node) {
    const double a = as_number(of(node.arguments[0]), "what is compared"),
                 b = as_number(of(node.arguments[1]), "what is compared");
    return a < b ? -1 : a == b ? 0 : 1;
  }

  const Symbols& values_;
  std::map<std::string, std::vector<double>> bound_;
  Index operations_ = 0;
};

}  // namespace

Value number(double value) { return Value(core::Shape{}, {value}); }

Expression::Expression(std::string_view text, const std::set<std::string>& symbols)
    : root_(std::make_unique<const Node>(parsed(text, symbols))) {}

Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;
Expression::~Expression() = default;

Value Expression::evaluate(const Symbols& values) const {
  Symbols known;
  for (const auto& [name, value] : values) known.emplace(without_subscripts(plain(name)), value);
  return Evaluation(known).of(*root_);
}

Value evaluated(std::string_view text) { return Expression(text, {}).evaluate({}); }

}  // namespace vitrine::lessons
