#include <algorithm>
#include <cmath>

#include "engine/core/text.h"
#include "engine/lessons/question.h"
#include "engine/lessons/typed_numbers.h"

namespace vitrine::lessons {
namespace {

constexpr std::uint64_t kTriedVariants = 20;
constexpr double kMostDrawn = 10'000;

class Check {
 public:
  explicit Check(const Question& question) : q_(question) {}

  std::vector<std::string> problems() {
    if (q_.ask.empty()) say("ask: there is no question");
    if (q_.is.empty()) say("is: there is no answer");
    if (q_.hint.empty()) say("hint: there is none");
    if (q_.digits < 0 || q_.digits > 15) say("digits: it is from 0 to 15");
    drawn("symbols", q_.symbols);
    drawn("variant.let", q_.variant.let);
    for (const WrongAnswer& wrong : q_.wrong)
      if (wrong.reply.empty()) say("wrong: \"" + core::printable(wrong.is, 40) + "\" has no reply");
    belongs("options", !q_.options.empty(), AnswerKind::kChoice);
    belongs("symbols", !q_.symbols.empty(), AnswerKind::kFormula);
    belongs("points", !q_.points.empty(), AnswerKind::kText);
    if (found_.empty()) answers();
    if (found_.empty() && q_.has_variant()) variants();
    return std::move(found_);
  }

 private:
  void say(std::string words) { found_.push_back(std::move(words)); }

  void belongs(const std::string& field, bool there, AnswerKind kind) {
    const bool needed = q_.kind == kind;
    const std::string name(kAnswerKinds[static_cast<std::size_t>(kind)]);
    if (there && !needed) say(field + ": only a " + name + " has them");
    if (!there && needed) say(field + ": a " + name + " needs them");
  }

  void drawn(const std::string& field, const std::vector<Drawn>& all) {
    for (const Drawn& d : all) {
      const std::string name = field + ": " + core::printable(d.name, 40);
      double count = 1;
      bool sizes = d.shape.rank() == 1 && d.shape.count() <= 3;
      for (const double size : d.shape.values()) {
        sizes = sizes && size >= 1 && size == std::floor(size);
        count *= size;
      }
      if (d.name.empty()) say(field + ": a name is missing");
      if (!sizes) say(name + ": its shape is a list of one to three sizes, or is left out");
      if (count > kMostDrawn) say(name + ": its shape holds more than " + core::grouped(10'000) + " numbers");
      if (!(d.low <= d.high) || !std::isfinite(d.low) || !std::isfinite(d.high))
        say(name + ": low must not be above high");
    }
  }

  // What a hand would type.
  std::string typed_right() const {
    if (q_.kind == AnswerKind::kText) return all_points();
    return right_answer(q_);
  }
  std::string all_points() const {
    std::string text;
    for (const Point& point : q_.points)
      if (!point.words.empty()) text += point.words.front() + " ";
    std::ranges::replace(text, '+', ' ');
    return text;
  }

  void answers() {
    if (q_.kind == AnswerKind::kChoice) {
      if (std::ranges::find(q_.options, q_.is) == q_.options.end()) say("is: it is none of the options");
      for (const WrongAnswer& wrong : q_.wrong)
        if (std::ranges::find(q_.options, wrong.is) == q_.options.end())
          say("wrong: \"" + core::printable(wrong.is, 40) + "\" is none of the options");
    }
    for (const Point& point : q_.points)
      if (point.words.empty())
        say("points: \"" + core::printable(point.say, 40) + "\" has no words to be told by");
    if (!found_.empty()) return;
    try {
      const Grade right = grade(q_, typed_right());
      if (right.verdict != Verdict::kRight) say("is: it is not graded as right: " + right.reply);
      if (q_.kind == AnswerKind::kText && grade(q_, q_.is).verdict != Verdict::kRight)
        say("is: it does not make every point: " + grade(q_, q_.is).reply);
      for (const WrongAnswer& wrong : q_.wrong) named(wrong);
    } catch (const ExpressionError& error) {
      say(std::string("is: ") + error.what());
    }
  }

  void named(const WrongAnswer& wrong) {
    Question as_right = q_;
    as_right.is = wrong.is;
    std::string typed = wrong.is;
    if (q_.kind == AnswerKind::kText) {
      typed = wrong.is.substr(0, wrong.is.find('|'));
      std::ranges::replace(typed, '+', ' ');
    } else if (q_.kind != AnswerKind::kFormula && q_.kind != AnswerKind::kChoice) {
      typed = right_answer(as_right);
    }
    const Grade grade_of = grade(q_, typed);
    if (grade_of.verdict != Verdict::kNamed || grade_of.reply != wrong.reply)
      say("wrong: \"" + core::printable(wrong.is, 40) + "\" does not get its reply: " + grade_of.reply);
  }

  void variants() {
    if (q_.kind == AnswerKind::kFormula || q_.kind == AnswerKind::kChoice || q_.kind == AnswerKind::kText)
      return say("variant: only numbers, shapes, vectors and matrices have one");
    if (q_.variant.ask.empty()) return say("variant.ask: there is no question");
    try {
      for (std::uint64_t seed = 1; seed <= kTriedVariants; ++seed) {
        const Question fresh = variant_of(q_, seed);
        const Grade right = grade(fresh, right_answer(fresh));
        if (right.verdict != Verdict::kRight)
          return say("variant.is: it is not graded as right: " + right.reply);
      }
    } catch (const ExpressionError& error) {
      say(std::string("variant: ") + error.what());
    }
  }

  const Question& q_;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> problems(const Question& question) { return Check(question).problems(); }

}  // namespace vitrine::lessons
