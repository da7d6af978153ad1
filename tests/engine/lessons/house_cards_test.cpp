// The cards that come with the program: all are there, and each knows its right answer, its named wrong ones
// and rubbish.
#include <gmock/gmock.h>

#include <set>

#include "engine/io/assets.h"
#include "engine/lessons/card.h"

namespace vitrine::lessons {
namespace {

const Shelf<Card>& house() {
  static const Shelf<Card> shelf = read_cards(io::asset("assets/lessons"));
  return shelf;
}

TEST(HouseCards, AllAreThereAndSound) {
  EXPECT_THAT(house().refused, testing::IsEmpty())
      << "a right answer is not right, or a named one has another reply";
  std::set<std::int64_t> numbers;
  for (const Card& card : house().all) numbers.insert(card.number);
  EXPECT_EQ(numbers.size(), house().all.size()) << "two cards have one number";
  std::set<std::int64_t> expected;
  for (std::int64_t i = 1; i <= 61; ++i) expected.insert(i);
  EXPECT_EQ(numbers, expected);
}

TEST(HouseCards, RubbishIsNeverRightAndAlwaysAnswered) {
  const std::string rubbish[] = {"",
                                 " ",
                                 "?",
                                 "no idea",
                                 "−",
                                 "1/0",
                                 "10^400",
                                 "1e400",
                                 "nan",
                                 "inf",
                                 "((((",
                                 "[1, [2, 3]]",
                                 "1;2,3;4",
                                 "½",
                                 "\xff\xfe",
                                 "𝔸",
                                 "-7777777.125",
                                 "7777 x 7777",
                                 "7777 7777 7777",
                                 "'; DROP TABLE cards; --",
                                 std::string(3'999, '('),
                                 std::string(10'000, '9')};
  for (const Card& card : house().all) {
    for (const Question& question : card.questions) {
      SCOPED_TRACE(card.id + ": " + question.ask);
      for (const std::string& answer : rubbish) {
        const Grade given = grade(question, answer);
        EXPECT_NE(given.verdict, Verdict::kRight) << answer.substr(0, 40);
        EXPECT_FALSE(given.reply.empty());
        EXPECT_EQ(given.reply.find('\n'), std::string::npos);
        EXPECT_LT(given.reply.size(), 400u);
      }
    }
  }
}

TEST(HouseCards, VariantsAreFreshAndGradedByTheEngine) {
  int variants = 0;
  for (const Card& card : house().all) {
    for (const Question& question : card.questions) {
      if (!question.has_variant()) continue;
      SCOPED_TRACE(card.id + ": " + question.ask);
      ++variants;
      std::set<std::string> asked;
      for (std::uint64_t seed = 100; seed < 130; ++seed) {
        const Question fresh = variant_of(question, seed);
        asked.insert(fresh.ask);
        EXPECT_EQ(fresh.ask.find('{'), std::string::npos) << fresh.ask;
        EXPECT_EQ(grade(fresh, right_answer(fresh)).verdict, Verdict::kRight)
            << fresh.ask << "\n"
            << right_answer(fresh) << "\n"
            << grade(fresh, right_answer(fresh)).reply;
      }
      EXPECT_GE(asked.size(), 4u) << "hardly fresh";
    }
  }
  EXPECT_GT(variants, 100);
}

}  // namespace
}  // namespace vitrine::lessons
