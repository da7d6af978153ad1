// Question: what is asked, what is right, which wrong answers have a name, and the grading of an answer.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/fields.h"
#include "engine/lessons/expression.h"

namespace vitrine::lessons {

enum class AnswerKind : std::uint8_t { kNumber, kShape, kVector, kMatrix, kFormula, kChoice, kText };
inline constexpr std::string_view kAnswerKinds[] = {"number",  "shape",  "vector", "matrix",
                                                    "formula", "choice", "text"};

// A symbol with numbers drawn for it: those at which formulas are compared, those of a variant.
struct Drawn {
  std::string name;
  Value shape{core::Shape{0}};  // [3, 5]; empty: a number
  double low = -2, high = 2;
  bool whole = false;

  void describe(core::Fields& f);
};

struct WrongAnswer {
  std::string is;  // in the words of Question::is; of a text, alternatives of words as in Point
  std::string reply;

  void describe(core::Fields& f);
};

// What a text should say.
struct Point {
  std::string say;
  // Alternatives; one is made when each of its parts, between +, occurs: "gradient + small".
  std::vector<std::string> words;

  void describe(core::Fields& f);
};

// The same question with fresh numbers.
struct Variant {
  std::vector<Drawn> let;
  std::string when;  // an expression that the numbers must meet; empty: any will do
  std::string ask;   // "{n}" stands for n's value
  std::string is;    // an expression of the symbols in `let`

  void describe(core::Fields& f);
};

struct Question {
  std::string ask;
  AnswerKind kind = AnswerKind::kNumber;
  // The right answer: an expression; of a shape an expression of a vector, of a choice one of `options`. Of a
  // text it stands for all points in a full sentence or two.
  std::string is;
  std::int64_t digits = 0;  // significant ones that will do for a number that is not met exactly; 0: none
  std::vector<std::string> options;  // of a choice
  std::vector<Drawn> symbols;        // of a formula
  std::vector<Point> points;         // of a text
  std::vector<WrongAnswer> wrong;
  std::string hint;
  Variant variant;  // without `is`: there is none

  Symbols given = {};  // of a variant: what its symbols are

  bool has_variant() const { return !variant.is.empty(); }
  void describe(core::Fields& f);
};

enum class Verdict : std::uint8_t { kRight, kPartly, kNamed, kWrong, kUnreadable };

struct Grade {
  Verdict verdict = Verdict::kWrong;
  std::string reply;
};

// Never throws for any answer; the question must be sound.
Grade grade(const Question& question, std::string_view answer);

// The right answer in print.
std::string right_answer(const Question& question);

// A variant's question; the numbers are a function of `seed`. Throws ExpressionError when none of many draws
// meets the condition.
Question variant_of(const Question& question, std::uint64_t seed);

// What is wrong with a question, a line each; none: it is sound. Its right answer is then graded right and
// each wrong one gets its own reply.
std::vector<std::string> problems(const Question& question);

}  // namespace vitrine::lessons
