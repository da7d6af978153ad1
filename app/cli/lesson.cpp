#include "app/cli/lesson.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>
#include <ostream>

#include "app/cli/subcommand.h"
#include "engine/core/text.h"
#include "engine/io/assets.h"
#include "engine/io/files.h"
#include "engine/lessons/card.h"

namespace vitrine::cli {
namespace {

namespace fs = std::filesystem;
using lessons::Card;
using lessons::Question;

constexpr int kNotRight = 1;
constexpr const char* kUsage =
    R"(Exercises from a shell. docs/teaching.md tells how cards and lessons are written.

  vitrine lesson check FILE...        says what is wrong with a card's or a lesson's file, a line each
  vitrine lesson list                 the cards and lessons that come with Vitrine
  vitrine lesson grade CARD           asks the card's question
  vitrine lesson grade CARD ANSWER    grades an answer to it

  grade: CARD             its id as list names it, or the file of one of your own
         --question N     of a card with several, the one to be answered; 1 if not given
         --seed N         the same question with fresh numbers, which depend on N alone
         An answer that begins with a - stands behind --: grade CARD -- -3/2

Exit codes: 0 done, or the answer is right; 1 the answer is not right; 2 what was given is wrong.
)";

struct Arguments {
  std::vector<std::string> files;  // check
  std::string card;                // grade
  std::optional<std::string> answer;
  std::size_t question = 1;
  std::optional<std::uint64_t> seed;
};

Arguments parse(std::span<const std::string> args) {
  Arguments a;
  CLI::App app("", "vitrine lesson");
  app.set_help_flag();
  app.add_subcommand("check")->add_option("files", a.files)->required();
  app.add_subcommand("list");
  CLI::App* grade = app.add_subcommand("grade");
  grade->add_option("card", a.card)->required();
  grade->add_option("answer", a.answer);
  grade->add_option("--question", a.question);
  grade->add_option("--seed", a.seed);
  app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
  return a;
}

int check(const Arguments& a, std::ostream& out, std::ostream& err) {
  int code = 0;
  for (const fs::path file : a.files) {
    const auto found = lessons::problems(file);
    for (const std::string& words : found) err << "vitrine: lesson: " << words << '\n';
    if (found.empty())
      out << core::printable(file.string()) << ": sound\n";
    else
      code = 2;
  }
  return code;
}

fs::path house() { return io::asset("assets/lessons"); }

int list(std::ostream& out, std::ostream& err) {
  const auto cards = lessons::read_cards(house());
  const auto walks = lessons::read_lessons(house());
  for (const auto& lesson : walks.all)
    out << "lesson " << lesson.number << "  " << lesson.id << ": " << lesson.title << ", "
        << lesson.steps.size() << " steps\n";
  for (const Card& card : cards.all)
    out << "card " << card.number << "  " << card.id << ": " << card.title << " (" << card.lab << ")\n";
  for (const auto& refused : {cards.refused, walks.refused})
    for (const std::string& words : refused) err << "vitrine: lesson: " << words << '\n';
  return cards.refused.empty() && walks.refused.empty() ? 0 : 2;
}

Card card_named(const std::string& name) {
  if (name.find('/') != name.npos || name.ends_with(lessons::kCardEnding)) return lessons::read_card(name);
  const fs::path file = house() / (name + std::string(lessons::kCardEnding));
  std::error_code error;
  if (!fs::exists(file, error))
    throw std::invalid_argument("there is no card \"" + core::printable(name, 60) +
                                "\"; vitrine lesson list names them");
  return lessons::read_card(file);
}

int grade(const Arguments& a, std::ostream& out) {
  const Card card = card_named(a.card);
  if (a.question < 1 || a.question > card.questions.size())
    throw std::invalid_argument("--question: the card has " + std::to_string(card.questions.size()) +
                                (card.questions.size() == 1 ? " question" : " questions"));
  Question question = card.questions[a.question - 1];
  if (a.seed) {
    if (!question.has_variant()) throw std::invalid_argument("--seed: this question has no variant");
    question = lessons::variant_of(question, *a.seed);
  }
  if (!a.answer) {
    out << question.ask << '\n';
    for (std::size_t i = 0; i < question.options.size(); ++i)
      out << static_cast<char>('a' + i) << ") " << question.options[i] << '\n';
    return 0;
  }
  const lessons::Grade given = lessons::grade(question, *a.answer);
  out << given.reply << '\n';
  return given.verdict == lessons::Verdict::kRight ? 0 : kNotRight;
}

}  // namespace

int lesson_command(std::span<const std::string> args, std::ostream& out, std::ostream& err) {
  const std::string verb = args.empty() ? "" : args.front();
  const auto end = std::ranges::find(args, "--");
  const auto asks = [](const std::string& arg) { return arg == "--help" || arg == "-h"; };
  if (std::any_of(args.begin(), end, asks)) {
    out << kUsage;
    return 0;
  }
  return subcommand("lesson", err, [&] {
    if (verb != "check" && verb != "list" && verb != "grade")
      throw std::invalid_argument("needs check, list or grade (vitrine lesson --help)");
    const Arguments a = parse(args);
    if (verb == "check") return check(a, out, err);
    if (verb == "list") return list(out, err);
    return grade(a, out);
  });
}

}  // namespace vitrine::cli
