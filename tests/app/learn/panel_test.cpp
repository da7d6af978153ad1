#include "app/learn/panel.h"

#include <gmock/gmock.h>

#include <fstream>

#include "app/labs/labs.h"
#include "engine/io/assets.h"
#include "engine/io/files.h"
#include "tests/app/app_driver.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::learn::panel_test {
namespace {

namespace fs = std::filesystem;
using shell::Key;
using testing::HasSubstr;

struct Driver : AppDriver {
  explicit Driver(fs::path folder = {}) : AppDriver(labs::all_labs({}), 1280, 2400, std::move(folder)) {}
  Panel& panel() { return app().panel(); }
  std::string said() { return panel().transcript(); }
  void press(const std::string& letters) { write(letters); }
  // The list, when it has been read.
  void open_list() {
    press("l");
    ASSERT_TRUE(until([&] { return !panel().reading(); }));
    settle();
  }
  void answer(const std::string& words) {
    click("Answer");
    key(Key::kA, true);
    write(words);
    key(Key::kEnter);
  }
};

TEST(Panel, TheKeyLOpensTheListAndClosesIt) {
  Driver d;
  EXPECT_FALSE(d.panel().is_open());
  d.open_list();
  EXPECT_TRUE(d.panel().is_open());
  EXPECT_TRUE(d.app().items().find("lesson sliding-window"));
  EXPECT_TRUE(d.app().items().find("card valid-convolution"));
  EXPECT_FALSE(d.app().items().find("lab sliding-window")) << "the list of labs makes room";
  d.press("l");
  EXPECT_FALSE(d.panel().is_open());
  EXPECT_TRUE(d.app().items().find("lab sliding-window"));
}

TEST(Panel, ACardIsAnsweredBesideItsLab) {
  Driver d;
  d.open_list();
  d.click("card stride-and-padding");
  EXPECT_EQ(d.lab().info().id, "sliding-window");
  d.answer("6");
  EXPECT_THAT(d.said(), HasSubstr("counted twice"));
  EXPECT_FALSE(d.panel().desk()->work().right());
  d.write("4");  // the field still has the keyboard, and what it holds is chosen
  d.key(Key::kEnter);
  EXPECT_THAT(d.said(), HasSubstr("are both 4"));
  d.answer("½ kg");
  EXPECT_EQ(d.panel().desk()->work().grade->verdict, lessons::Verdict::kUnreadable);
  d.click("Hint");
  EXPECT_THAT(d.said(), HasSubstr("Hint: "));
  d.answer("5");
  EXPECT_TRUE(d.panel().desk()->work().right());
  d.click("Next question");
  EXPECT_EQ(d.panel().desk()->at(), 1u);
  d.answer("k3 x2 + k2 x1");
  EXPECT_TRUE(d.panel().desk()->work().right()) << "however it is written";
  EXPECT_EQ(d.panel().learner().progress().answered("stride-and-padding", 1).attempts, 3)
      << "what cannot be read is no attempt";
  d.click("Overview");
  EXPECT_THAT(d.said(), HasSubstr("2 / "));
}

TEST(Panel, ASolutionIsPlayedInTheLab) {
  Driver d;
  ASSERT_TRUE(d.panel().open_card("stride-and-padding", d.app()));
  d.settle();
  d.click("Solution");
  ASSERT_TRUE(d.panel().walk());
  const std::size_t count = d.panel().walk()->size();
  EXPECT_EQ(d.panel().walk()->at(), 0u);
  d.click("Next step");
  EXPECT_EQ(d.panel().walk()->at(), 1u);
  d.key(Key::kPageUp);
  EXPECT_EQ(d.panel().walk()->at(), 0u);
  for (std::size_t i = 1; i < count; ++i) d.key(Key::kPageDown);
  EXPECT_TRUE(d.panel().walk()->is_last());
  EXPECT_EQ(d.panel().walk()->trouble(), "");
  EXPECT_THAT(d.said(), HasSubstr("The answer: 5"));
  EXPECT_TRUE(d.panel().learner().progress().answered("stride-and-padding", 1).shown);
}

TEST(Panel, ProgressIsKeptAndWrittenAsATable) {
  const io::TemporaryFolder folder;
  {
    Driver d(folder.path());
    ASSERT_TRUE(d.panel().open_card("stride-and-padding", d.app()));
    d.settle();
    d.answer("5");
  }
  Driver d(folder.path());
  EXPECT_TRUE(d.panel().learner().progress().answered("stride-and-padding", 1).solved);
  const fs::path table = folder / "table.csv";
  d.panel().learner().write_table(table, {});
  d.open_list();
  EXPECT_THAT(d.said(), HasSubstr("Solved 1 of "));
}

TEST(Panel, ADamagedProgressIsSaidAndLeftAlone) {
  const io::TemporaryFolder folder;
  const fs::path file = folder / "progress.json";
  for (const std::string text : {"{\"version\": 1, \"answers\": [", "{\"version\": 99}", "[[[["}) {
    std::ofstream(file) << text;
    Driver d(folder.path());
    EXPECT_THAT(d.app().message(), HasSubstr("progress.json")) << text;
    EXPECT_EQ(d.app().message().find('\n'), std::string::npos);
    ASSERT_TRUE(d.panel().open_card("stride-and-padding", d.app()));
    d.settle();
    d.answer("5");
    EXPECT_EQ(io::read_file(file), text);
  }
}

TEST(Panel, ATeachersFileOpensAndABadOneIsSaidInALine) {
  const io::TemporaryFolder folder;
  Driver d;
  const std::string card = io::read_file(io::asset("assets/lessons/valid-convolution.card.json"));
  std::ofstream(folder / "mine.card.json") << card;
  d.app().open(folder / "mine.card.json");
  d.settle();
  ASSERT_TRUE(d.panel().desk());
  EXPECT_EQ(d.panel().desk()->card().id, "mine");
  std::string nested;
  for (int i = 0; i < 50'000; ++i) nested += "[";
  const std::pair<std::string, std::string> bad[] = {
      {"cut.card.json", card.substr(0, card.size() / 2)},
      {"nested.card.json", nested},
      {"typed.card.json", R"({"title": 3})"},
      {"huge.card.json", std::string(3 << 20, ' ')},
      {"empty.lesson.json", ""},
      {"short.lesson.json", R"({"title": "a", "about": "b", "steps": []})"}};
  for (const auto& [name, text] : bad) {
    std::ofstream(folder / name) << text;
    d.app().open(folder / name);
    d.settle();
    EXPECT_THAT(d.app().message(), HasSubstr(name));
    EXPECT_EQ(d.app().message().find('\n'), std::string::npos) << name;
    EXPECT_LT(d.app().message().size(), 400u);
    EXPECT_EQ(d.panel().desk()->card().id, "mine") << "nothing is lost";
  }
  d.app().open(folder / "missing.lesson.json");
  d.settle();
  EXPECT_THAT(d.app().message(), HasSubstr("missing.lesson.json"));
}

TEST(Panel, ALessonThatBecameShorterGoesOnAtItsEnd) {
  const io::TemporaryFolder folder;
  lessons::Progress progress;
  progress.note_step("sliding-window", 40, false);
  lessons::write_progress(folder / "progress.json", progress);
  Driver d(folder.path());
  ASSERT_TRUE(d.panel().open_lesson("sliding-window", d.app()));
  d.settle();
  EXPECT_TRUE(d.panel().walk()->is_last());
}

TEST(Panel, ALecturerWalksWithTheKeysInThePresenter) {
  Driver d;
  ASSERT_TRUE(d.panel().open_lesson("sliding-window", d.app()));
  d.key(Key::kF11);
  EXPECT_TRUE(d.app().settings().presenter);
  EXPECT_TRUE(d.app().items().find("step 1"));
  const std::size_t count = d.panel().walk()->size();
  std::size_t keys = 0;
  for (; !d.panel().walk()->is_last() && keys < 3 * count; ++keys) d.key(Key::kPageDown);
  EXPECT_TRUE(d.panel().walk()->is_last());
  EXPECT_GT(keys, count - 1) << "a prediction is a stop of its own";
  d.key(Key::kDigit3, true);
  EXPECT_EQ(d.panel().walk()->at(), 2u);
  EXPECT_EQ(d.panel().walk()->trouble(), "");
}

TEST(Panel, AStepHidesAndLocksAndLeavingItSetsFree) {
  const io::TemporaryFolder folder;
  std::string steps;
  for (int i = 0; i < 6; ++i)
    steps +=
        std::string(i ? "," : "") + R"({"say": "Look.")" +
        (i == 0 ? R"(, "lab": "sliding-window", "preset": "Valid", "hide": ["Stride"], "lock": ["Dilation"])"
                : "") +
        "}";
  std::ofstream(folder / "hide.lesson.json")
      << R"({"title": "Hiding", "about": "What a step hides.", "number": 70, "steps": [)" + steps + "]}";
  Driver d;
  d.app().open(folder / "hide.lesson.json");
  d.settle();
  d.frames(3);
  EXPECT_FALSE(d.app().items().find("Stride"));
  const auto before = d.lab().numbers();
  d.scroll("Dilation", 1);
  EXPECT_EQ(d.lab().numbers().at("dilation")[0], before.at("dilation")[0]) << "it is locked";
  d.click("Next");
  d.frames(3);
  EXPECT_TRUE(d.app().items().find("Stride"));
  d.scroll("Dilation", 1);
  EXPECT_EQ(d.lab().numbers().at("dilation")[0], before.at("dilation")[0] + 1);
}

TEST(Classroom, AnyControlIsHiddenOrLockedByARightClick) {
  Driver d;
  d.app().select("sliding-window");
  d.settle();
  const auto right_click = [&](const std::string& name) {
    d.point_at("name of " + name);
    d.push(shell::ButtonInput{1, true});
    d.push(shell::ButtonInput{1, false});
    d.settle();
  };
  right_click("Stride");
  d.click("hide control");
  d.settle();
  EXPECT_FALSE(d.app().items().find("Stride"));
  right_click("Dilation");
  d.click("lock control");
  const double before = d.lab().numbers().at("dilation")[0];
  d.scroll("Dilation", 1);
  EXPECT_EQ(d.lab().numbers().at("dilation")[0], before);
  d.click("Show hidden controls");
  d.settle();
  EXPECT_TRUE(d.app().items().find("Stride"));
}

TEST(Classroom, AFrozenAnswerIsShownWhenItIsAskedFor) {
  Driver d;
  d.app().select("sliding-window");
  d.settle();
  const std::string before = plain_text(d.lab().explain());
  d.press("f");
  EXPECT_TRUE(d.app().frozen());
  d.point_at("Stride");
  d.push(shell::ScrollInput{{0, 1}});
  d.flush();
  d.frames(30);
  EXPECT_EQ(plain_text(d.lab().explain()), before);
  EXPECT_TRUE(d.lab().numbers().empty()) << "what is shown is not the answer to the edit";
  d.press("f");
  d.settle();
  EXPECT_EQ(d.lab().numbers().at("stride")[0], 2);
}

TEST(Panel, TheFirstStartOffersATour) {
  Driver d;
  d.panel().welcome();
  d.frames(2);
  d.click("Take the tour");
  ASSERT_TRUE(d.panel().walk());
  EXPECT_EQ(d.panel().walk()->at(), 0u);
  EXPECT_NE(d.panel().pointed(), "");
}

}  // namespace
}  // namespace vitrine::learn::panel_test
