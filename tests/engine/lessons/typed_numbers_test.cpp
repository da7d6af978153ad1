// Numbers as hands type them: groups, fractions, minus signs of print, commas, and how exactly they are
// meant.
#include "engine/lessons/typed_numbers.h"

#include <gmock/gmock.h>

#include <cmath>

namespace vitrine::lessons {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

template <class Read>
std::string refusal(const Read& read) {
  try {
    read();
  } catch (const ExpressionError& error) {
    return error.what();
  }
  return "nothing";
}

TEST(TypedNumbers, OneNumberInManySpellings) {
  for (const char* text : {"508032", "508,032", "508 032", "508'032", " 508032 ", "+508032", "5.08032e5",
                           "= 508032", "32*126*126", "32 × 126²", "508\u2009032", "508032."})
    EXPECT_EQ(typed_number(text).value, 508032) << text;
  for (const char* text : {"-1.5", "−1.5", "–1,5", "-3/2", "−1,5"})
    EXPECT_EQ(typed_number(text).value, -1.5) << text;
  for (const char* text : {"0.25", "1/4", "25 %", "25%", ".25", "0,25"})
    EXPECT_EQ(typed_number(text).value, 0.25) << text;
  for (const char* text : {"9.988e10", "9.988 x 10^10", "9.988·10¹⁰", "9.988 × 10^{10}"})
    EXPECT_DOUBLE_EQ(typed_number(text).value, 9.988e10) << text;
  EXPECT_EQ(typed_number("1,234,567").value, 1234567);
  EXPECT_EQ(typed_number("1,23").value, 1.23);
  EXPECT_EQ(typed_number("ln 4").value, std::log(4));
}

TEST(TypedNumbers, HowExactlyOneIsMeant) {
  EXPECT_EQ(typed_number("1.50").digits, 3);
  EXPECT_DOUBLE_EQ(typed_number("1.50").slack, 0.005);
  EXPECT_EQ(typed_number("0.0013").digits, 2);
  EXPECT_EQ(typed_number("9.988e10").digits, 4);
  EXPECT_DOUBLE_EQ(typed_number("9.988e10").slack, 5e6);
  EXPECT_EQ(typed_number("41,620,000").digits, 4);
  EXPECT_DOUBLE_EQ(typed_number("41,620,000").slack, 5e3);
  EXPECT_EQ(typed_number("10").slack, 0) << "10 is 10";
  EXPECT_EQ(typed_number("8/9").digits, TypedNumber::kExact);
  EXPECT_EQ(typed_number("8/9").slack, 0);
}

TEST(TypedNumbers, RightToTheLastPlaceTyped) {
  const auto close = [](std::string_view text, double right, int digits) {
    return compare(typed_number(text), right, digits);
  };
  EXPECT_EQ(close("1.5836", 1.583627, 4), Closeness::kRight);
  EXPECT_EQ(close("1.584", 1.583627, 4), Closeness::kRight);
  EXPECT_EQ(close("1.58", 1.583627, 4), Closeness::kTooFewDigits);
  EXPECT_EQ(close("1.583", 1.583627, 4), Closeness::kWrong) << "cut, not rounded";
  EXPECT_EQ(close("508032", 508032, 0), Closeness::kRight);
  EXPECT_EQ(close("5.08e5", 508032, 0), Closeness::kTooFewDigits);
  EXPECT_EQ(close("508302", 508032, 0), Closeness::kWrong);
  EXPECT_EQ(close("508000", 508032, 0), Closeness::kTooFewDigits);
  EXPECT_EQ(close("508000", 508000, 0), Closeness::kRight);
  EXPECT_EQ(close("41,620,000", 41'617'981.44, 4), Closeness::kRight);
  EXPECT_EQ(close("99,880,000,000", 99'883'155'456, 4), Closeness::kRight);
  EXPECT_EQ(close("12", 10, 0), Closeness::kWrong);
  EXPECT_EQ(close("10", 12, 0), Closeness::kWrong);
  EXPECT_EQ(close("8/9", 8.0 / 9, 0), Closeness::kRight);
  EXPECT_EQ(close("0.8889", 8.0 / 9, 0), Closeness::kTooFewDigits);
  EXPECT_EQ(close("0.8889", 8.0 / 9, 3), Closeness::kRight);
  EXPECT_EQ(close("0.5", 0.5, 4), Closeness::kRight) << "what is met exactly needs no more digits";
  EXPECT_EQ(close("0.001", 0.0009999998, 3), Closeness::kRight);
  EXPECT_EQ(close("0.001", 0.00099, 3), Closeness::kTooFewDigits);
  EXPECT_EQ(close("0", 0, 0), Closeness::kRight);
}

TEST(TypedNumbers, Shapes) {
  for (const char* text : {"32x126x126", "32 × 126 × 126", "(32, 126, 126)", "[32 126 126]", "R^{32x126x126}",
                           "ℝ^(32 × 126 × 126)", "32 by 126 by 126", "32*126*126"})
    EXPECT_THAT(typed_shape(text), ElementsAre(32, 126, 126)) << text;
  EXPECT_THAT(typed_shape("2,048 × 512 x 1"), ElementsAre(2048, 512, 1));
  EXPECT_THAT(typed_shape("3"), ElementsAre(3));
  EXPECT_THAT(typed_shape("R^3"), ElementsAre(3));
  EXPECT_THAT(refusal([] { typed_shape("3 x -2"); }), HasSubstr("sizes are whole numbers"));
  EXPECT_THAT(refusal([] { typed_shape("x"); }), HasSubstr("there is no number"));
}

std::vector<double> values(const std::vector<TypedNumber>& numbers) {
  std::vector<double> all;
  for (const TypedNumber& n : numbers) all.push_back(n.value);
  return all;
}

TEST(TypedNumbers, VectorsAndMatrices) {
  for (const char* text :
       {"1, 2, 3", "(1,2,3)", "[1 2 3]", "1 2 3", "[1; 2; 3]", "1\n2\n3", "{1, 2, 3}", "[1, 2, 3]^T"})
    EXPECT_THAT(values(typed_vector(text)), ElementsAre(1, 2, 3)) << text;
  EXPECT_THAT(values(typed_vector("1/2, -2/3, sqrt(4)")), ElementsAre(0.5, -2.0 / 3, 2));
  EXPECT_THAT(values(typed_vector("0,5; 1,5")), ElementsAre(0.5, 1.5)) << "decimal commas between semicolons";
  for (const char* text : {"208,896, 36,992", "208,896 36,992", "208896,36992", "(208896, 36,992)"})
    EXPECT_THAT(values(typed_vector(text)), ElementsAre(208896, 36992)) << text;
  EXPECT_THAT(values(typed_vector("1,2, 3")), ElementsAre(1, 2, 3));
  for (const char* text :
       {"1 2; 3 4", "[[1, 2], [3, 4]]", "[1, 2; 3, 4]", "1 2\n3 4", "((1,2),(3,4))", "[[1 2] [3 4]]"}) {
    const auto rows = typed_matrix(text);
    ASSERT_EQ(rows.size(), 2u) << text;
    EXPECT_THAT(values(rows[0]), ElementsAre(1, 2)) << text;
    EXPECT_THAT(values(rows[1]), ElementsAre(3, 4)) << text;
  }
  EXPECT_EQ(typed_matrix("1 2 3").size(), 1u);
  EXPECT_THAT(refusal([] { typed_matrix("1 2; 3"); }), HasSubstr("the rows differ: 2 and 1 numbers"));
}

TEST(TypedNumbers, RubbishIsRefusedInOneLine) {
  const auto number = [](const std::string& text) { return refusal([&] { typed_number(text); }); };
  EXPECT_EQ(number(""), "there is no number");
  EXPECT_EQ(number(" \n"), "there is no number");
  EXPECT_THAT(number("ten"), HasSubstr("\"ten\" is not a number: "));
  EXPECT_THAT(number("10^400"), HasSubstr("larger than a number here can be"));
  EXPECT_THAT(number("1e400"), HasSubstr("larger than a number here can be"));
  EXPECT_THAT(number("1/0"), HasSubstr("larger"));
  EXPECT_THAT(number("0/0"), HasSubstr("is not a number"));
  EXPECT_THAT(number("1,2,3"), HasSubstr("is not a number"));
  EXPECT_THAT(number("\xff\xfe"), HasSubstr("is not a number"));
  EXPECT_THAT(number("½"), HasSubstr("is not a number"));
  EXPECT_THAT(refusal([] { typed_vector("()"); }), HasSubstr("there is no number"));
  EXPECT_THAT(refusal([] { typed_vector("1, , 2"); }), HasSubstr("there is no number"));
}

}  // namespace
}  // namespace vitrine::lessons
