#include "engine/lessons/question.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>

#include "engine/core/rng.h"
#include "engine/core/text.h"
#include "engine/lessons/spelling.h"
#include "engine/lessons/typed_numbers.h"

namespace vitrine::lessons {

void Drawn::describe(core::Fields& f) {
  f.field("name", name);
  f.field("shape", shape);
  f.field("low", low);
  f.field("high", high);
  f.field("whole", whole);
}
void WrongAnswer::describe(core::Fields& f) {
  f.field("is", is);
  f.field("reply", reply);
}
void Point::describe(core::Fields& f) {
  f.field("say", say);
  f.raw_values("words", words);
}
void Variant::describe(core::Fields& f) {
  f.list("let", let);
  f.field("when", when);
  f.field("ask", ask);
  f.field("is", is);
}
void Question::describe(core::Fields& f) {
  f.field("ask", ask);
  f.choice("kind", kind, kAnswerKinds);
  f.field("is", is);
  f.field("digits", digits);
  f.raw_values("options", options);
  f.list("symbols", symbols);
  f.list("points", points);
  f.list("wrong", wrong);
  f.field("hint", hint);
  f.group("variant", variant);
}

namespace {

constexpr std::size_t kLongestAnswer = 4'000;
constexpr std::uint64_t kComparisons = 5;  // values at which two formulas are compared
constexpr std::uint64_t kDraws = 1'000;    // for one that meets a variant's condition

// The numbers of `all` as draw number `step`.
Symbols drawn(std::span<const Drawn> all, std::uint64_t seed, std::uint64_t step) {
  const core::Rng rng(seed, core::RngStream::kLesson);
  Symbols symbols;
  std::uint64_t index = 0;
  for (const Drawn& d : all) {
    std::vector<Index> sizes;
    for (const double size : d.shape.values()) sizes.push_back(static_cast<Index>(size));
    Value value{core::Shape(std::move(sizes))};
    for (double& x : value.values()) {
      const double u = rng.uniform(step, index++);
      x = d.whole ? std::floor(d.low + u * (d.high - d.low + 1)) : d.low + u * (d.high - d.low);
    }
    symbols.emplace(d.name, std::move(value));
  }
  return symbols;
}
std::set<std::string> names_of(std::span<const Drawn> all) {
  std::set<std::string> names;
  for (const Drawn& d : all) names.insert(d.name);
  return names;
}
std::set<std::string> names_of(const Symbols& symbols) {
  std::set<std::string> names;
  for (const auto& [name, value] : symbols) names.insert(name);
  return names;
}

Value right_value(const Question& q, std::string_view is) {
  return Expression(is, names_of(q.given)).evaluate(q.given);
}

// "the 3rd"
std::string ordinal(std::size_t n) {
  const std::size_t tens = n % 100, ones = n % 10;
  const char* ending = tens / 10 == 1 ? "th" : ones == 1 ? "st" : ones == 2 ? "nd" : ones == 3 ? "rd" : "th";
  return std::to_string(n) + ending;
}

// What was typed, as numbers in a row; `places` says what to call the first wrong one.
struct TypedValue {
  std::vector<TypedNumber> numbers;
  std::vector<Index> sizes;  // of the answer; none: a number
};

TypedValue typed(AnswerKind kind, std::string_view answer) {
  TypedValue typed;
  if (kind == AnswerKind::kNumber) {
    typed.numbers = {typed_number(answer)};
  } else if (kind == AnswerKind::kShape) {
    for (const Index size : typed_shape(answer))
      typed.numbers.push_back({static_cast<double>(size), 0, TypedNumber::kExact});
    typed.sizes = {static_cast<Index>(typed.numbers.size())};
  } else if (kind == AnswerKind::kVector) {
    typed.numbers = typed_vector(answer);
    typed.sizes = {static_cast<Index>(typed.numbers.size())};
  } else {
    const auto rows = typed_matrix(answer);
    for (const auto& row : rows) typed.numbers.insert(typed.numbers.end(), row.begin(), row.end());
    typed.sizes = {static_cast<Index>(rows.size()), static_cast<Index>(rows.front().size())};
  }
  return typed;
}

bool same_sizes(const TypedValue& typed, const Value& right) {
  return std::ranges::equal(typed.sizes, right.shape().sizes()) ||
         (typed.sizes.empty() && right.count() == 1);
}

// The worst of all numbers, and where it is.
std::pair<Closeness, std::size_t> closeness(const TypedValue& typed, const Value& right, int digits) {
  Closeness worst = Closeness::kRight;
  std::size_t place = 0;
  for (std::size_t i = 0; i < typed.numbers.size(); ++i) {
    const Closeness c = compare(typed.numbers[i], right[static_cast<Index>(i)], digits);
    if (c > worst) worst = c, place = i;
  }
  return {worst, place};
}

std::string size_words(const TypedValue& typed, AnswerKind kind) {
  if (kind == AnswerKind::kShape)
    return "A shape of " + std::to_string(typed.numbers.size()) +
           " sizes is not right: it has another number of axes.";
  if (kind == AnswerKind::kMatrix)
    return "The matrix is not of " + std::to_string(typed.sizes[0]) + " × " + std::to_string(typed.sizes[1]) +
           ".";
  return "There are not " + std::to_string(typed.numbers.size()) + " numbers.";
}

Grade grade_numbers(const Question& q, std::string_view answer) {
  const TypedValue numbers = typed(q.kind, answer);
  const Value right = right_value(q, q.is);
  const int digits = static_cast<int>(q.digits);
  const bool fits = same_sizes(numbers, right);
  const auto [close, place] =
      fits ? closeness(numbers, right, digits) : std::pair(Closeness::kWrong, std::size_t{0});
  if (close == Closeness::kRight) return {Verdict::kRight, "Right."};
  for (const WrongAnswer& wrong : q.wrong) {
    const Value value = right_value(q, wrong.is);
    if (!same_sizes(numbers, value)) continue;
    // It may be rounded, but what is right but for its digits must be met exactly.
    const int enough = close == Closeness::kWrong ? std::min(digits, 2) : 0;
    if (closeness(numbers, value, enough).first == Closeness::kRight) return {Verdict::kNamed, wrong.reply};
  }
  if (close == Closeness::kTooFewDigits)
    return {Verdict::kPartly, digits == 0
                                  ? "That is rounded; the exact value is asked for."
                                  : "So far right; " + std::to_string(digits) + " digits are asked for."};
  if (!fits) return {Verdict::kWrong, size_words(numbers, q.kind)};
  if (numbers.numbers.size() == 1) return {Verdict::kWrong, "That is not it."};
  if (q.kind != AnswerKind::kMatrix)
    return {Verdict::kWrong, "The " + ordinal(place + 1) + " number is not right."};
  const std::size_t columns = static_cast<std::size_t>(numbers.sizes[1]);
  return {Verdict::kWrong, "Row " + std::to_string(place / columns + 1) + ", column " +
                               std::to_string(place % columns + 1) + " is not right."};
}

bool nearly(const Value& a, const Value& b) {
  // A row is as good as its column, and one number as a vector of one.
  const auto flat = [](const Value& v) {
    return v.rank() <= 1 || (v.rank() == 2 && (v.size(0) == 1 || v.size(1) == 1));
  };
  const bool shapes = a.shape() == b.shape() || (a.count() == b.count() && flat(a) && flat(b));
  if (!shapes) return false;
  double difference = 0, scale = 0;
  for (Index i = 0; i < a.count(); ++i) {
    if (!std::isfinite(a[i]) || !std::isfinite(b[i])) return false;
    difference = std::max(difference, std::abs(a[i] - b[i]));
    scale = std::max({scale, std::abs(a[i]), std::abs(b[i])});
  }
  return difference <= 1e-9 * scale;
}

// Equal at all of a few random values of the symbols.
bool same_formula(const Question& q, const Expression& a, std::string_view b) {
  const Expression other(b, names_of(q.symbols));
  for (std::uint64_t i = 0; i < kComparisons; ++i) {
    const Symbols values = drawn(q.symbols, 1, i);
    if (!nearly(a.evaluate(values), other.evaluate(values))) return false;
  }
  return true;
}

Grade grade_formula(const Question& q, std::string_view answer) {
  // "y_1 = k_1 x_1 + ...": what stands before is what is asked for.
  const std::string text = plain(answer);
  const std::size_t equals = text.rfind('=');
  const bool sum = text.find("sum") != text.npos;
  const Expression given(equals == text.npos || sum ? text : text.substr(equals + 1), names_of(q.symbols));
  if (same_formula(q, given, q.is)) return {Verdict::kRight, "Right."};
  for (const WrongAnswer& wrong : q.wrong)
    if (same_formula(q, given, wrong.is)) return {Verdict::kNamed, wrong.reply};
  const Symbols values = drawn(q.symbols, 1, 0);
  const Value right = Expression(q.is, names_of(q.symbols)).evaluate(values), value = given.evaluate(values);
  if (right.count() != value.count())
    return {Verdict::kWrong, "That has the shape " + core::to_string(value.shape()) + " where " +
                                 core::to_string(right.shape()) + " is expected."};
  return {Verdict::kWrong, "That is another formula: at some values of its symbols it differs."};
}

std::string lowered(std::string_view text) {
  std::string out;
  bool blank = false;
  for (const char c : plain(text)) {
    if (std::isspace(static_cast<unsigned char>(c))) {
      blank = !out.empty();
      continue;
    }
    if (blank) out += ' ';
    blank = false;
    out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return out;
}

// One alternative: all of its parts occur.
bool says(const std::string& text, std::string_view alternative) {
  const std::string parts = lowered(alternative);
  for (std::size_t begin = 0; begin <= parts.size();) {
    const std::size_t end = std::min(parts.find('+', begin), parts.size());
    std::string part = parts.substr(begin, end - begin);
    part.erase(0, part.find_first_not_of(' '));
    part.erase(part.find_last_not_of(' ') + 1);
    if (part.empty() || text.find(part) == text.npos) return false;
    begin = end + 1;
  }
  return true;
}

std::vector<std::string> alternatives(std::string_view text) {
  std::vector<std::string> found;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('|', begin), text.size());
    found.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return found;
}

Grade grade_text(const Question& q, std::string_view answer) {
  const std::string text = lowered(answer);
  for (const WrongAnswer& wrong : q.wrong)
    for (const std::string& alternative : alternatives(wrong.is))
      if (says(text, alternative)) return {Verdict::kNamed, wrong.reply};
  std::vector<std::string> made;
  for (const Point& point : q.points)
    if (std::ranges::any_of(point.words, [&](const std::string& words) { return says(text, words); }))
      made.push_back(point.say);
  if (made.size() == q.points.size()) return {Verdict::kRight, "Right: it makes every point."};
  std::string words;
  for (const std::string& say : made) words += (words.empty() ? " There is: " : "; ") + say;
  return {
      made.empty() ? Verdict::kWrong : Verdict::kPartly,
      std::to_string(made.size()) + " of " + std::to_string(q.points.size()) + " points are made." + words};
}

// "b", "2" or an option's own words.
std::optional<std::size_t> chosen(const Question& q, std::string_view answer) {
  const std::string text = lowered(answer);
  for (std::size_t i = 0; i < q.options.size(); ++i) {
    const std::string letter(1, static_cast<char>('a' + i));
    if (text == lowered(q.options[i]) || text == letter || text == letter + ")" ||
        text == std::to_string(i + 1))
      return i;
  }
  return std::nullopt;
}

Grade grade_choice(const Question& q, std::string_view answer) {
  const auto index = chosen(q, answer);
  if (!index)
    return {Verdict::kUnreadable, "That is none of the " + std::to_string(q.options.size()) + " options."};
  const std::string& option = q.options[*index];
  if (option == q.is) return {Verdict::kRight, "Right."};
  const auto wrong = std::ranges::find(q.wrong, option, &WrongAnswer::is);
  return wrong == q.wrong.end() ? Grade{Verdict::kWrong, "That is not it."}
                                : Grade{Verdict::kNamed, wrong->reply};
}

std::string shown_value(const Value& value, int digits) {
  const auto number_words = [&](double x) {
    const bool whole = x == std::round(x) && std::abs(x) < 1e15;
    if (!whole) return core::shown(x, std::max(digits, std::abs(x) < 1e4 ? 7 : 10));
    return (x < 0 ? "−" : "") + core::grouped(std::llround(std::abs(x)));
  };
  if (value.rank() == 0) return number_words(value[0]);
  std::string words;
  const Index count = value.size(0), inner = count == 0 ? 0 : value.count() / count;
  for (Index i = 0; i < count; ++i) {
    words += i == 0 ? "" : value.rank() == 1 ? ", " : "\n";
    if (value.rank() == 1) {
      words += number_words(value[i]);
      continue;
    }
    for (Index j = 0; j < inner; ++j) words += (j == 0 ? "" : ", ") + number_words(value[i * inner + j]);
  }
  return words;
}

std::string with_values(std::string text, const Symbols& symbols) {
  for (const auto& [name, value] : symbols) {
    const std::string place = "{" + name + "}";
    std::string words = shown_value(value, 4);
    for (std::size_t at = 0; (at = words.find('\n', at)) != words.npos; at += 2) words.replace(at, 1, "; ");
    if (value.rank() > 0) words = "(" + words + ")";
    for (std::size_t at = 0; (at = text.find(place, at)) != text.npos; at += words.size())
      text.replace(at, place.size(), words);
  }
  return text;
}

}  // namespace

Grade grade(const Question& q, std::string_view answer) {
  if (answer.size() > kLongestAnswer)
    return {Verdict::kUnreadable, "An answer has at most " + core::grouped(kLongestAnswer) + " characters."};
  if (lowered(answer).empty()) return {Verdict::kUnreadable, "There is no answer yet."};
  try {
    switch (q.kind) {
      case AnswerKind::kFormula:
        return grade_formula(q, answer);
      case AnswerKind::kChoice:
        return grade_choice(q, answer);
      case AnswerKind::kText:
        return grade_text(q, answer);
      default:
        return grade_numbers(q, answer);
    }
  } catch (const ExpressionError& wrong) {
    std::string words = wrong.what();
    words.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(words.front())));
    return {Verdict::kUnreadable, words + "."};
  }
}

std::string right_answer(const Question& q) {
  switch (q.kind) {
    case AnswerKind::kFormula:
    case AnswerKind::kChoice:
    case AnswerKind::kText:
      return q.is;
    default:
      break;
  }
  std::string words = shown_value(right_value(q, q.is), static_cast<int>(q.digits));
  if (q.kind != AnswerKind::kShape) return words;
  for (std::size_t at = 0; (at = words.find(", ")) != words.npos;) words.replace(at, 2, " × ");
  return words;
}

Question variant_of(const Question& q, std::uint64_t seed) {
  const auto names = names_of(q.variant.let);
  for (std::uint64_t draw = 0; draw < kDraws; ++draw) {
    Symbols values = drawn(q.variant.let, seed, draw);
    if (!q.variant.when.empty() && Expression(q.variant.when, names).evaluate(values)[0] == 0) continue;
    Question fresh = q;
    fresh.given = std::move(values);
    fresh.ask = with_values(q.variant.ask, fresh.given);
    fresh.is = q.variant.is;
    fresh.wrong.clear();
    fresh.variant = {};
    return fresh;
  }
  throw ExpressionError("variant.when: no draw meets it");
}

}  // namespace vitrine::lessons
