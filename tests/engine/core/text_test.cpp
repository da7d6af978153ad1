#include "engine/core/text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace vitrine::core {
namespace {

TEST(Text, ExactReadsBackToTheSameBits) {
  for (const double value : {0.1, 1.0 / 3, 1e300, -5e-324, 99883155456.0})
    EXPECT_EQ(*parse_number(exact(value)), value);
}

TEST(Text, ShownUsesFewDigitsAndARealMinus) {
  EXPECT_EQ(shown(-1.0 / 3, 3), "−0.333");
  EXPECT_EQ(shown(2.5, 4), "2.5");
  EXPECT_EQ(shown(-0.0, 4), "0");
  EXPECT_EQ(shown(1e30, 4), "1e30");
  EXPECT_EQ(shown(1e-7, 4), "1e−7");
  EXPECT_EQ(shown(1e100, 4), "1e100");
  EXPECT_EQ(shown(std::nan(""), 4), "NaN");
  EXPECT_EQ(shown(-std::numeric_limits<double>::infinity(), 4), "−∞");
}

TEST(Text, GroupsThousands) {
  EXPECT_EQ(grouped(508032), "508,032");
  EXPECT_EQ(grouped(-1234567), "-1,234,567");
  EXPECT_EQ(grouped(12), "12");
}

TEST(Text, LabelsGroupLargeNumbers) {
  EXPECT_EQ(labelled(10'000, 4), "10,000");
  EXPECT_EQ(labelled(11173.02, 4), "11,170");
  EXPECT_EQ(labelled(6283.19, 4), "6,283");
  EXPECT_EQ(labelled(-2000, 4), "−2,000");
  EXPECT_EQ(labelled(62.8319, 4), "62.83");
  EXPECT_EQ(labelled(0.05, 4), "0.05");
  EXPECT_EQ(labelled(1e12, 4), shown(1e12, 4));
  EXPECT_EQ(labelled(std::nan(""), 4), shown(std::nan(""), 4));
}

TEST(Text, ParsesWhatPeopleTypeAndNothingElse) {
  EXPECT_EQ(parse_number(" −2,5 "), -2.5);
  EXPECT_EQ(parse_number("+4"), 4);
  for (const char* wrong : {"+-4", "", " ", "abc", "1 2", "0x10", "1e", "--1", "1..2"})
    EXPECT_FALSE(parse_number(wrong)) << wrong;
}

TEST(Text, PrintableIsOneShortLine) {
  EXPECT_EQ(printable("a\nb\x1b[31m"), "a\\nb\\x1b[31m");
  EXPECT_LE(printable(std::string(10'000, 'x')).size(), 203u);
  EXPECT_EQ(printable("−é字😀"), "−é字😀");
  EXPECT_EQ(printable("\xA1z\xC3"), "\\xa1z\\xc3");  // a character's middle; its start alone
  EXPECT_EQ(printable("\xC0\xAF"), "\\xc0\\xaf");    // longer than it need be
  EXPECT_EQ(printable("\xED\xA0\x80"), "\\xed\\xa0\\x80");
  EXPECT_EQ(printable("\xF4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // past the last
  EXPECT_EQ(printable("\xC2\x9Bm"), "\\xc2\\x9bm");                  // a control character of two bytes
}

TEST(ClockText, HasMinutesAndWhereNeededHours) {
  EXPECT_EQ(clock_text(0.4), "0:00");
  EXPECT_EQ(clock_text(7), "0:07");
  EXPECT_EQ(clock_text(725), "12:05");
  EXPECT_EQ(clock_text(3600 * 26 + 61), "26:01:01");
}

}  // namespace
}  // namespace vitrine::core
