// Grading: what is right, which wrong answers get their own reply, what cannot be read; variants; what is
// wrong with a question.
#include "engine/lessons/question.h"

#include <gmock/gmock.h>

#include "engine/io/json_fields.h"
#include "engine/lessons/typed_numbers.h"

namespace vitrine::lessons {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Question question(std::string_view json) {
  Question q;
  io::from_json(json, q, io::Unknown::kRefuse);
  return q;
}

Question values() {
  return question(
      R"json({"ask": "How many values?", "kind": "number", "is": "32*126*126", "hint": "Multiply.",
                      "wrong": [{"is": "508302", "reply": "Two digits are swapped."},
                                {"is": "126*126", "reply": "That is one filter's."}],
                      "variant": {"let": [{"name": "F", "low": 2, "high": 9, "whole": true},
                                          {"name": "n", "low": 5, "high": 40, "whole": true},
                                          {"name": "K", "low": 1, "high": 7, "whole": true}],
                                  "when": "K <= n", "ask": "{F} filters of {K} over {n} numbers: how many values?",
                                  "is": "F * output_size(n, K)"
}
})json");
}

std::string graded(const Question& q, std::string_view answer) {
  static constexpr const char* kNames[] = {"right", "partly", "named", "wrong", "unreadable"};
  const Grade g = grade(q, answer);
  return std::string(kNames[static_cast<int>(g.verdict)]) + ": " + g.reply;
}

TEST(Question, ANumberIsRightOrNamedOrWrong) {
  const Question q = values();
  EXPECT_THAT(problems(q), IsEmpty());
  EXPECT_EQ(graded(q, "508,032"), "right: Right.");
  EXPECT_EQ(graded(q, "508302"), "named: Two digits are swapped.");
  EXPECT_EQ(graded(q, "15 876"), "named: That is one filter's.");
  EXPECT_EQ(graded(q, "7"), "wrong: That is not it.");
  EXPECT_EQ(graded(q, "5.08e5"), "partly: That is rounded; the exact value is asked for.");
  EXPECT_EQ(graded(q, ""), "unreadable: There is no answer yet.");
  EXPECT_EQ(graded(q, " \t "), "unreadable: There is no answer yet.");
  EXPECT_THAT(graded(q, "10^400"), HasSubstr("unreadable: \"10^400\" is larger than a number here can be."));
  EXPECT_THAT(graded(q, std::string(5'000, '1')), HasSubstr("at most 4,000 characters"));
  EXPECT_EQ(right_answer(q), "508,032");
}

TEST(Question, DigitsSayHowExactlyANumberIsWanted) {
  Question q = values();
  q.is = "99883155456";
  q.wrong = {{"99936239616", "That comes of 508,302."}};
  q.digits = 4;
  EXPECT_THAT(problems(q), IsEmpty());
  EXPECT_EQ(graded(q, "9.988e10"), "right: Right.");
  EXPECT_EQ(graded(q, "9.99e10"), "partly: So far right; 4 digits are asked for.");
  EXPECT_EQ(graded(q, "9.9936e10"), "named: That comes of 508,302.");
  EXPECT_EQ(graded(q, "9.994e10"), "named: That comes of 508,302.");
}

TEST(Question, OfAVectorAndAMatrixTheFirstWrongPlaceIsSaid) {
  Question q = values();
  q.variant = {};
  q.kind = AnswerKind::kVector;
  q.is = "correlate([1..9], [1,2,3])";
  q.wrong = {{"correlate([1..9], [3,2,1])", "The kernel is turned."}};
  EXPECT_THAT(problems(q), IsEmpty());
  EXPECT_EQ(right_answer(q), "14, 20, 26, 32, 38, 44, 50");
  EXPECT_EQ(graded(q, "(14, 20, 26, 32, 38, 44, 50)"), "right: Right.");
  EXPECT_EQ(graded(q, "14 20 27 32 38 44 50"), "wrong: The 3rd number is not right.");
  EXPECT_EQ(graded(q, "14, 20"), "wrong: There are not 2 numbers.");
  EXPECT_EQ(graded(q, "10, 16, 22, 28, 34, 40, 46"), "named: The kernel is turned.");
  q.is = "[1562.5, -2]";
  q.wrong = {};
  EXPECT_EQ(right_answer(q), "1562.5, −2");
  EXPECT_EQ(graded(q, right_answer(q)), "right: Right.");
  q.kind = AnswerKind::kMatrix;
  q.is = "[[8/9, 2/3], [2/3, 2/3]]";
  q.wrong = {};
  EXPECT_EQ(graded(q, "8/9 2/3; 2/3 2/3"), "right: Right.");
  EXPECT_EQ(graded(q, "8/9 2/3; 1/3 2/3"), "wrong: Row 2, column 1 is not right.");
  q.digits = 3;
  q.wrong = {{"[[1, 1], [1, 1]]", "That is max pooling."}};
  EXPECT_EQ(graded(q, "1 1; 1 1"), "named: That is max pooling.");
  EXPECT_EQ(graded(q, "0.889 0.667; 0.667 0.667"), "right: Right.");
  EXPECT_EQ(graded(q, "1 2 3"), "wrong: The matrix is not of 1 × 3.");
  q.kind = AnswerKind::kShape;
  q.is = "[32, 126, 126]";
  EXPECT_EQ(right_answer(q), "32 × 126 × 126");
  EXPECT_EQ(graded(q, "32x126x126"), "right: Right.");
  EXPECT_EQ(graded(q, "32x126"), "wrong: A shape of 2 sizes is not right: it has another number of axes.");
}

TEST(Question, AFormulaMayBeWrittenInAnyWay) {
  const Question q =
      question(R"json({"ask": "Attention?", "kind": "formula", "is": "softmax(Q K^T / sqrt(d)) V",
      "symbols": [{"name": "Q", "shape": [4, 3]}, {"name": "K", "shape": [5, 3]}, {"name": "V", "shape": [5, 2]},
                  {"name": "d", "low": 1, "high": 9}],
      "hint": "Weights first.",
      "wrong": [{"is": "softmax(Q K^T) V", "reply": "The scale is missing."}]})json");
  EXPECT_THAT(problems(q), IsEmpty());
  EXPECT_EQ(graded(q, "softmax(QKᵀ/√d)·V"), "right: Right.");
  EXPECT_EQ(graded(q, "A = softmax(Q K^T d^(-1/2)) V"), "right: Right.");
  EXPECT_EQ(graded(q, "softmax(Q K^T) V"), "named: The scale is missing.");
  EXPECT_EQ(graded(q, "Q"), "wrong: That has the shape [4, 3] where [4, 2] is expected.");
  EXPECT_EQ(graded(q, "2 softmax(Q K^T / sqrt(d)) V"),
            "wrong: That is another formula: at some values of its symbols it differs.");
  EXPECT_EQ(graded(q, "softmax(Q K) V"), "unreadable: The shapes [4, 3] and [5, 3] do not suit a product.");
  EXPECT_EQ(graded(q, "softmax(Q M)"), "unreadable: There is no \"M\" here.");
}

TEST(Question, AChoiceIsMadeByItsLetterNumberOrWords) {
  const Question q = question(R"json({"ask": "Which?", "kind": "choice", "is": "both", "hint": "Try.",
      "options": ["it vanishes", "it explodes", "both"],
      "wrong": [{"is": "it vanishes", "reply": "W_h is in the Jacobian."}]})json");
  EXPECT_THAT(problems(q), IsEmpty());
  for (const char* answer : {"c", "C)", "3", "both", " Both "})
    EXPECT_EQ(graded(q, answer), "right: Right.") << answer;
  EXPECT_EQ(graded(q, "a"), "named: W_h is in the Jacobian.");
  EXPECT_EQ(graded(q, "it explodes"), "wrong: That is not it.");
  EXPECT_EQ(graded(q, "d"), "unreadable: That is none of the 3 options.");
}

TEST(Question, ATextMakesItsPoints) {
  const Question q = question(R"json({"ask": "Why spikes?", "kind": "text", "hint": "Think of a cliff.",
      "is": "The step is too large, so the gradient explodes; a smaller learning rate helps.",
      "points": [{"say": "the step is too large", "words": ["step + large", "learning rate + high"]},
                 {"say": "a fix", "words": ["smaller learning rate", "clip"]}],
      "wrong": [{"is": "underparam | too few parameters", "reply": "A small model learns slowly; it does not spike."}]})json");
  EXPECT_THAT(problems(q), IsEmpty());
  EXPECT_EQ(graded(q, "The STEP was  too large, so clip the gradient"),
            "right: Right: it makes every point.");
  EXPECT_EQ(graded(q, "clip it"), "partly: 1 of 2 points are made. There is: a fix");
  EXPECT_EQ(graded(q, "no idea"), "wrong: 0 of 2 points are made.");
  EXPECT_EQ(graded(q, "too few  parameters"), "named: A small model learns slowly; it does not spike.");
}

TEST(Question, AVariantHasFreshNumbersAndTheEnginesAnswer) {
  const Question q = values();
  std::set<std::string> asked;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const Question fresh = variant_of(q, seed);
    EXPECT_EQ(fresh.ask, variant_of(q, seed).ask) << "the seed decides";
    asked.insert(fresh.ask);
    EXPECT_EQ(fresh.ask.find('{'), std::string::npos) << fresh.ask;
    const double F = fresh.given.at("F")[0], n = fresh.given.at("n")[0], K = fresh.given.at("K")[0];
    EXPECT_LE(K, n);
    EXPECT_EQ(graded(fresh, std::to_string(static_cast<int>(F * (n - K + 1)))), "right: Right.");
    EXPECT_THAT(graded(fresh, "508,032"), HasSubstr("wrong"));
  }
  EXPECT_GT(asked.size(), 25u);
}

TEST(Question, WhatIsWrongWithOneIsSaid) {
  Question q = values();
  q.is = "32*126*";
  EXPECT_THAT(problems(q), ElementsAre(HasSubstr("is: it ends too early")));
  q = values();
  q.ask = q.hint = "";
  q.wrong.push_back({"5", ""});
  q.options = {"a"};
  EXPECT_THAT(problems(q), ElementsAre("ask: there is no question", "hint: there is none",
                                       "wrong: \"5\" has no reply", "options: only a choice has them"));
  q = values();
  q.wrong.push_back({"508032", "Never said."});
  EXPECT_THAT(problems(q), ElementsAre("wrong: \"508032\" does not get its reply: Right."));
  q = values();
  q.variant.when = "K > n and K < n";
  EXPECT_THAT(problems(q), ElementsAre("variant: variant.when: no draw meets it"));
  q = values();
  q.variant.is = "F / 7";
  EXPECT_THAT(problems(q), ElementsAre(HasSubstr("variant.is: it is not graded as right: That is rounded")));
  q = values();
  q.variant.let[0].shape = Value(core::Shape{2}, {1e5, 1e5});
  EXPECT_THAT(problems(q), ElementsAre(HasSubstr("holds more than 10,000")));
}

TEST(Question, JsonIsReadStrictly) {
  const auto reason = [](std::string_view json) -> std::string {
    try {
      question(json);
    } catch (const io::FormatError& error) {
      return error.what();
    }
    return "nothing";
  };
  EXPECT_THAT(reason(R"({"ask": 3})"), HasSubstr("ask"));
  EXPECT_THAT(reason(R"({"kind": "essay"})"), HasSubstr("\"essay\" is not one of number, shape"));
  EXPECT_THAT(reason(R"({"wrong": [{"is": "1", "mood": 2}]})"), HasSubstr("mood"));
  EXPECT_THAT(reason(R"({"command": "rm"})"), HasSubstr("command"));
}

}  // namespace
}  // namespace vitrine::lessons
