// Formulas as hands write them: their values, and one line for what cannot be read or computed.
#include "engine/lessons/expression.h"

#include <gmock/gmock.h>

#include <cmath>

namespace vitrine::lessons {
namespace {

using testing::HasSubstr;

Value vector(std::initializer_list<double> values) {
  return Value(core::Shape{static_cast<Index>(values.size())}, values);
}

double number_of(std::string_view text, const Symbols& symbols = {}) {
  std::set<std::string> names;
  for (const auto& [name, value] : symbols) names.insert(name);
  const Value value = Expression(text, names).evaluate(symbols);
  EXPECT_EQ(value.rank(), 0u) << text;
  return value[0];
}

std::string refusal(std::string_view text, const Symbols& symbols = {}) {
  try {
    std::set<std::string> names;
    for (const auto& [name, value] : symbols) names.insert(name);
    Expression(text, names).evaluate(symbols);
  } catch (const ExpressionError& error) {
    return error.what();
  }
  return "nothing";
}

TEST(Expression, ArithmeticHasItsUsualOrder) {
  EXPECT_EQ(number_of("1 + 2 * 3"), 7);
  EXPECT_EQ(number_of("(1 + 2) * 3"), 9);
  EXPECT_EQ(number_of("2^3^2"), 64) << "from left to right";
  EXPECT_EQ(number_of("-2^2"), -4);
  EXPECT_EQ(number_of("2 - -3"), 5);
  EXPECT_EQ(number_of("8 / 2 / 2"), 2);
  EXPECT_EQ(number_of("1.5e3 + .5"), 1500.5);
  EXPECT_EQ(number_of("2(3 + 4)"), 14);
  EXPECT_EQ(number_of("floor((9 + 2*1 - 3)/2) + 1"), 5);
  EXPECT_EQ(number_of("⌊(9 + 2·1 − 3) ÷ 2⌋ + 1"), 5);
  EXPECT_EQ(number_of("√16 + 2²"), 8);
  EXPECT_EQ(number_of("10¹² + 2⁻¹"), 1e12 + 0.5);
  EXPECT_EQ(number_of("ln 4"), std::log(4));
  EXPECT_DOUBLE_EQ(number_of("e^2"), std::exp(2));
  EXPECT_EQ(number_of("2e", {{"e", number(7)}}), 14) << "e is a symbol here";
  EXPECT_EQ(number_of("max(1, 7, 3) - min([4, 2])"), 5);
}

TEST(Expression, ComparisonsAreOneOrZero) {
  EXPECT_EQ(number_of("1 < 2"), 1);
  EXPECT_EQ(number_of("2 <= 1"), 0);
  EXPECT_EQ(number_of("2 >= 2 and 3 > 1"), 1);
  EXPECT_EQ(number_of("[1, 2] == [1, 2]"), 1);
  EXPECT_EQ(number_of("[1, 2] == [1, 3]"), 0);
}

TEST(Expression, SymbolsStandSideBySideInAnySpelling) {
  const Symbols s{{"k_1", number(2)}, {"k_2", number(3)}, {"x_1", number(5)}, {"x_2", number(7)}};
  for (const char* text :
       {"k_1 x_1 + k_2 x_2", "k1x1+k2x2", "k_{1}*x_{1} + k_{2}·x_{2}", "x₁k₁ + x₂k₂", "k1 x1 + 21"})
    EXPECT_EQ(number_of(text, s), 31) << text;
  EXPECT_EQ(number_of("-2k1x1", s), -20);
  EXPECT_THAT(refusal("k_1 x_9", s), HasSubstr("there is no \"x9\" here"));
}

TEST(Expression, SumsAndIndices) {
  const Symbols s{{"x", vector({1, 2, 3, 4})}, {"W", Value(core::Shape{1, 2, 3}, {1, 2, 3, 4, 5, 6})}};
  EXPECT_EQ(number_of("x[2]", s), 2);
  EXPECT_EQ(number_of("x_{1+1}", s), 2);
  EXPECT_EQ(number_of("W[1, 2, 3]", s), 6);
  EXPECT_EQ(number_of("sum(k = 1..3, W[1,2,k] x[k+1])", s), 4 * 2 + 5 * 3 + 6 * 4);
  EXPECT_EQ(number_of("sum_{k=1}^{3} W[1,1,k] x[k]", s), 14);
  EXPECT_EQ(number_of("Σ_{k=1}^3 k² + 1"), 15) << "the sum ends at the +";
  EXPECT_EQ(number_of("sum(c = 1..2, sum(k = 1..3, W[1,c,k]))", s), 21);
  EXPECT_EQ(number_of("sum(x)", s), 10);
  EXPECT_EQ(number_of("sum(k = 3..1, k)"), 0) << "of nothing";
  EXPECT_EQ(refusal("x[5]", s), "index 5 is not in 1 to 4");
  EXPECT_EQ(refusal("x[1.5]", s), "index 1.5 is not in 1 to 4");
  EXPECT_THAT(refusal("x[1,2]", s), HasSubstr("2 indices for a vector of 4"));
}

TEST(Expression, VectorsAreColumns) {
  const Symbols s{{"Q", Value({2, 3}, {1, 0, 2, 0, 1, 1})}, {"v", vector({1, 2, 3})}, {"w", vector({4, 5})}};
  EXPECT_EQ(Expression("Q v", {"Q", "v"}).evaluate(s), vector({7, 5}));
  EXPECT_EQ(number_of("v·v", s), 14);
  EXPECT_EQ(number_of("v^T v", s), 14);
  EXPECT_EQ(Expression("w vᵀ", {"w", "v"}).evaluate(s), Value({2, 3}, {4, 8, 12, 5, 10, 15}));
  EXPECT_EQ(Expression("Q^T w", {"Q", "w"}).evaluate(s), vector({4, 5, 13}));
  EXPECT_EQ(Expression("v ⊙ v - 1", {"v"}).evaluate(s), vector({0, 3, 8}));
  EXPECT_EQ(Expression("w ⊙ Q v", {"Q", "v", "w"}).evaluate(s), vector({28, 25})) << "⊙ binds less";
  EXPECT_EQ(Expression("QᵀQ v", {"Q", "v"}).evaluate(s), Expression("Q^TQ v", {"Q", "v"}).evaluate(s));
  EXPECT_EQ(number_of("2^T", {{"T", number(3)}}), 8) << "T is a symbol here";
  EXPECT_EQ(Expression("diag(w)", {"w"}).evaluate(s), Value({2, 2}, {4, 0, 0, 5}));
  EXPECT_EQ(evaluated("[1..4]"), vector({1, 2, 3, 4}));
  EXPECT_EQ(evaluated("[[1, 2], [3, 4]]"), Value({2, 2}, {1, 2, 3, 4}));
  EXPECT_EQ(evaluated("(1, 2, 3)"), vector({1, 2, 3}));
  EXPECT_THAT(refusal("Q w", s), HasSubstr("do not suit a product"));
  EXPECT_THAT(refusal("v + w", s), HasSubstr("do not suit"));
  EXPECT_THAT(refusal("[1, [2, 3]]"), HasSubstr("the rows of a list differ"));
}

// A name with brackets is one symbol where the exercise has it.
TEST(Expression, NamesOfStatesAreSymbols) {
  const Symbols s{{"h[t]", number(2)}, {"h[t-1]", number(3)}, {"h'", number(5)}, {"δ", number(7)}};
  EXPECT_EQ(number_of("h[t-1] - h[t]", s), 1);
  EXPECT_EQ(number_of("h' δ", s), 35);
}

TEST(Expression, TheEnginesFunctionsAreThere) {
  EXPECT_EQ(evaluated("correlate([1..9], [1,2,3])"), vector({14, 20, 26, 32, 38, 44, 50}));
  EXPECT_EQ(evaluated("correlate([1..9], [1,2,3], 2, 1)"), vector({8, 20, 32, 44, 26}));
  EXPECT_EQ(evaluated("correlate([[1,2,3],[4,5,6],[7,8,9]], [[1,1],[1,1]]/4)"), Value({2, 2}, {3, 4, 6, 7}));
  EXPECT_EQ(evaluated("sizes(toeplitz([1,2,3], 9))"), vector({7, 9}));
  EXPECT_EQ(number_of("output_size(21, 4, 4)"), 5);
  EXPECT_EQ(number_of("output_size(7, 3, 2, 1)"), 4);
  EXPECT_EQ(evaluated("max_pool([[1,2],[3,4]], 2, 2)"), Value({1, 1}, {4}));
  EXPECT_EQ(evaluated("average_pool([1,2,3,4], 2, 2)"), vector({1.5, 3.5}));
  const Value a =
      evaluated("attention([4,7,8] * identity(3)[1] * 0 + [1,0,0], [[1,0,0],[0,1,0]], [[1,2],[3,4]])");
  EXPECT_EQ(a.shape(), (core::Shape{1, 2}));
  EXPECT_NEAR(evaluated("layer_norm([1,2,3,4])")[0], -1.341641, 1e-6);
  EXPECT_NEAR(number_of("softmax([0, ln 3])[2]"), 0.75, 1e-12);
  EXPECT_NEAR(number_of("positions(2, 8)[2, 1]"), std::sin(1), 1e-12);
  EXPECT_THAT(refusal("output_size(3, 5)"), HasSubstr("output_size(): "));
  EXPECT_EQ(refusal("ln(1, 2)"), "ln() takes 1 argument, not 2");
}

TEST(Expression, WhatCannotBeReadIsSaidInOneLine) {
  EXPECT_EQ(refusal(""), "it ends too early");
  EXPECT_EQ(refusal("1 +"), "it ends too early");
  EXPECT_EQ(refusal("(1"), "it ends where a ) is missing");
  EXPECT_EQ(refusal("1 ) 2"), "\") 2\" is not expected here");
  EXPECT_EQ(refusal("2 3"), "\"3\" is not expected here");
  EXPECT_EQ(refusal("foo"), "there is no \"foo\" here");
  EXPECT_EQ(refusal("1..3"), "\"..3\" is not expected here");
  EXPECT_THAT(refusal("1e999"), HasSubstr("larger than a number here can be"));
  EXPECT_EQ(refusal("[1,2] / [3,4]"), "what one divides by must be a number, not a vector of 2");
  EXPECT_THAT(refusal(std::string(500, '(')), HasSubstr("nested too deeply"));
  EXPECT_THAT(refusal(std::string(500, '-') + "1"), HasSubstr("nested too deeply"));
  EXPECT_THAT(refusal(std::string(9'000, '1')), HasSubstr("longer than 4,000"));
  EXPECT_THAT(refusal("sum(i = 1..1e9, i)"), HasSubstr("too long"));
  EXPECT_THAT(refusal("sum(i = 1..5000, sum(j = 1..5000, i j))"), HasSubstr("takes too long"));
  EXPECT_THAT(refusal("[1..1e12]"), HasSubstr("too long"));
  EXPECT_THAT(refusal("identity(1e9)"), HasSubstr("rows are expected"));
  EXPECT_THAT(refusal("sum"), HasSubstr("sum needs what it goes over"));
  EXPECT_EQ(refusal("\xff"), "\"\\xff\" is not expected here");
}

}  // namespace
}  // namespace vitrine::lessons
