// Files of cards and lessons: what they hold, and one line for each that is damaged.
#include "engine/lessons/card.h"

#include <gmock/gmock.h>

#include "engine/io/files.h"
#include "tests/engine/io/damage.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::lessons {
namespace {

namespace fs = std::filesystem;
using io::error_of;
using testing::HasSubstr;

constexpr std::string_view kCard = R"json({
  "title": "Nine numbers, three weights", "lab": "sliding-window", "number": 1,
  "questions": [{"ask": "How many outputs?", "kind": "number", "is": "7", "hint": "W - K + 1."}],
  "solution": [{"say": "The kernel stops at seven places.", "lab": "sliding-window", "set": ["params.stride=1"],
                "at": 0, "until": 6}]
})json";

std::string lesson(int steps) {
  std::string text = R"({"title": "Sliding", "about": "A kernel slides.", "number": 1, "steps": [)";
  for (int i = 0; i < steps; ++i)
    text += (i == 0 ? "" : ",") + std::string(R"({"say": "Look.", "lab": "sliding-window"})");
  return text + "]}";
}

TEST(Cards, AreReadByTheirNumberAndTheDamagedAreSaid) {
  const io::TemporaryFolder folder;
  std::string second(kCard);
  second.replace(second.find("\"number\": 1"), 11, "\"number\": 0");
  io::write_file(folder / "a.card.json", kCard);
  io::write_file(folder / "b.card.json", second);
  io::write_file(folder / "c.card.json", "{");
  io::write_file(folder / "d.lesson.json", lesson(6));
  io::write_file(folder / "notes.txt", "");
  const auto cards = read_cards(folder.path());
  ASSERT_EQ(cards.all.size(), 2u);
  EXPECT_EQ(cards.all[0].id, "b");
  EXPECT_EQ(cards.all[1].id, "a");
  EXPECT_EQ(cards.all[1].solution[0].until, 6);
  ASSERT_EQ(cards.refused.size(), 1u);
  EXPECT_THAT(cards.refused[0], HasSubstr("c.card.json"));
  EXPECT_EQ(read_lessons(folder.path()).all.size(), 1u);
  EXPECT_TRUE(read_cards(folder / "nowhere").all.empty());
}

TEST(Cards, WhatIsWrongIsSaidWithItsPlace) {
  const io::TemporaryFolder folder;
  const auto reason = [&](std::string_view from, std::string_view to) {
    std::string text(kCard);
    text.replace(text.find(from), from.size(), to);
    io::write_file(folder / "x.card.json", text);
    return error_of<io::FileError>([&] { read_card(folder / "x.card.json"); });
  };
  EXPECT_THAT(reason(R"("is": "7")", R"("is": "7 +")"),
              HasSubstr("x.card.json: questions[1]: is: it ends too early"));
  EXPECT_THAT(reason(R"("title": "Nine numbers, three weights", )", ""), HasSubstr("title: there is none"));
  EXPECT_THAT(reason("params.stride=1", "rm -rf"),
              HasSubstr("solution[1]: set: \"rm -rf\" is not of the form"));
  EXPECT_THAT(reason(R"("until": 6)", R"("until": -6)"), HasSubstr("until: it is before at"));
  EXPECT_THAT(reason(R"("until": 6)", R"("until": 1e300)"), HasSubstr("at, until: steps are counted from 0"));
  EXPECT_THAT(reason(R"("until": 6)", R"("task": "Do it.")"), HasSubstr("task, done: one without the other"));
  EXPECT_THAT(reason(R"("number": 1)", R"("number": "one")"), HasSubstr("number"));
  EXPECT_THAT(reason(R"("number": 1)", R"("command": "rm")"), HasSubstr("command"));
}

TEST(Cards, DamagedEnormousAndDeeplyNestedFilesAreRefused) {
  const io::TemporaryFolder folder;
  const fs::path file = folder / "x.card.json";
  const auto refused = [&](const std::string& text) {
    io::write_file(file, text);
    return error_of<io::FileError>([&] { read_card(file); });
  };
  io::expect_prefixes_refused<io::FileError>(std::string(kCard), [&](const std::string& text) {
    io::write_file(file, text);
    read_card(file);
  });
  EXPECT_THAT(refused(std::string(2 << 20, ' ')), HasSubstr("x.card.json"));
  EXPECT_THAT(refused(std::string(100'000, '[')), HasSubstr("x.card.json"));
  EXPECT_THAT(refused("\xff\xfe{}"), HasSubstr("x.card.json"));
  EXPECT_THAT(refused("[]"), HasSubstr("an object is expected"));
  EXPECT_THAT(error_of<io::FileError>([&] { read_card(folder / "none.card.json"); }),
              HasSubstr("none.card.json"));
}

TEST(Lessons, HaveSixToTwelveSteps) {
  const io::TemporaryFolder folder;
  const fs::path file = folder / "x.lesson.json";
  for (const int steps : {6, 12}) {
    io::write_file(file, lesson(steps));
    EXPECT_EQ(read_lesson(file).steps.size(), static_cast<std::size_t>(steps));
  }
  for (const int steps : {0, 5, 13}) {
    io::write_file(file, lesson(steps));
    EXPECT_THAT(error_of<io::FileError>([&] { read_lesson(file); }), HasSubstr("and a lesson has 6 to 12"));
  }
}

TEST(Step, TheWholeStateHoldsWhatCameBefore) {
  std::vector<Step> steps(4);
  steps[0].lab = "a";
  steps[0].preset = "first";
  steps[0].set = {"x=1"};
  steps[1].set = {"y=2"};
  steps[1].doing = {"y=3"};
  steps[2].set = {"z=4"};
  steps[3].lab = "b";
  steps[3].set = {"w=5"};
  const Step state = whole_state(steps, 2);
  EXPECT_EQ(state.lab, "a");
  EXPECT_EQ(state.preset, "first");
  EXPECT_EQ(state.set, (std::vector<std::string>{"x=1", "y=2", "y=3", "z=4"}));
  EXPECT_EQ(whole_state(steps, 1).set, (std::vector<std::string>{"x=1", "y=2"}))
      << "its own task is still to do";
  EXPECT_EQ(whole_state(steps, 3).set, (std::vector<std::string>{"w=5"}));
  EXPECT_EQ(whole_state(steps, 3).preset, "");
}

}  // namespace
}  // namespace vitrine::lessons
