// vitrine lesson: what it says of good and bad files, cards and answers.
#include "app/cli/lesson.h"

#include <gmock/gmock.h>

#include "engine/io/files.h"
#include "tests/cli/subcommand.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::cli {
namespace {

using testing::HasSubstr;

constexpr std::string_view kCard = R"json({
  "title": "Strides", "lab": "sliding-window", "number": 2,
  "questions": [
    {"ask": "How many outputs?", "kind": "number", "is": "output_size(9, 3, 2, 1)", "hint": "Count.",
     "wrong": [{"is": "9", "reply": "That is stride 1."}],
     "variant": {"let": [{"name": "n", "low": 6, "high": 20, "whole": true}], "ask": "Of {n} numbers?",
                 "is": "output_size(n, 3, 2)"}},
    {"ask": "Which?", "kind": "choice", "is": "both", "options": ["one", "both"], "hint": "Try."}],
  "solution": [{"say": "Five places."}]
})json";

Answer run(const std::vector<std::string>& args) { return answer_of(lesson_command, args); }

class LessonCommand : public testing::Test {
 protected:
  LessonCommand() { io::write_file(card_, kCard); }
  Answer grade(std::vector<std::string> args) {
    args.insert(args.begin(), {"grade", card_.string()});
    return run(args);
  }
  io::TemporaryFolder folder_;
  std::filesystem::path card_ = folder_ / "strides.card.json";
};

TEST_F(LessonCommand, GradesAnAnswer) {
  EXPECT_EQ(grade({"5"}).code, 0);
  EXPECT_EQ(grade({"5"}).out, "Right.\n");
  EXPECT_EQ(grade({"9"}).code, 1);
  EXPECT_EQ(grade({"9"}).out, "That is stride 1.\n");
  EXPECT_EQ(grade({"--", "-3/2"}).out, "That is not it.\n");
  EXPECT_THAT(grade({"10^400"}).out, HasSubstr("larger than a number here can be"));
  EXPECT_EQ(grade({"--question", "2", "b"}).code, 0);
}

TEST_F(LessonCommand, AsksAndAsksWithFreshNumbers) {
  EXPECT_EQ(grade({}).out, "How many outputs?\n");
  EXPECT_EQ(grade({"--question", "2"}).out, "Which?\na) one\nb) both\n");
  const Answer fresh = grade({"--seed", "7"});
  EXPECT_THAT(fresh.out, testing::StartsWith("Of "));
  EXPECT_EQ(fresh.out, grade({"--seed", "7"}).out);
}

TEST_F(LessonCommand, ChecksFiles) {
  EXPECT_EQ(run({"check", card_.string()}).code, 0);
  EXPECT_THAT(run({"check", card_.string()}).out, HasSubstr("strides.card.json: sound"));
  io::write_file(folder_ / "bad.card.json",
                 R"({"title": "", "lab": "x", "questions": [{"ask": "?", "is": "1"}]})");
  const Answer bad = run({"check", (folder_ / "bad.card.json").string()});
  EXPECT_EQ(bad.code, 2);
  EXPECT_EQ(bad.out, "");
  EXPECT_THAT(bad.err, HasSubstr("bad.card.json: title: there is none\n"));
  EXPECT_THAT(bad.err, HasSubstr("bad.card.json: questions[1]: hint: there is none\n"));
  EXPECT_THAT(bad.err, HasSubstr("bad.card.json: solution: there is none\n"));
  expect_refusal(run({"check", "notes.txt"}), "vitrine: lesson: ", "notes.txt: is neither a .card.json nor");
  expect_refusal(run({"check", "none.card.json"}), "vitrine: lesson: ", "none.card.json");
}

TEST_F(LessonCommand, RefusesWhatIsWrongInOneLine) {
  expect_refusal(run({}), "vitrine: lesson: ", "needs check, list or grade");
  expect_refusal(run({"sing"}), "vitrine: lesson: ", "needs check, list or grade");
  expect_refusal(run({"grade", "no-such-card", "1"}),
                 "vitrine: lesson: ", "there is no card \"no-such-card\"");
  expect_refusal(grade({"--question", "3", "1"}), "vitrine: lesson: ", "the card has 2 questions");
  expect_refusal(grade({"--question", "2", "--seed", "1", "a"}), "vitrine: lesson: ", "has no variant");
  expect_refusal(grade({"--mood", "1"}), "vitrine: lesson: ", "--mood");
  EXPECT_EQ(run({"--help"}).code, 0);
}

}  // namespace
}  // namespace vitrine::cli
