// The lessons that come with the program, each played from its first step to its last as a learner does.
#include <gmock/gmock.h>

#include <set>

#include "app/labs/labs.h"
#include "engine/io/assets.h"
#include "tests/app/app_driver.h"

namespace vitrine::learn {
namespace {

using lessons::Lesson;
using lessons::Question;

const lessons::Shelf<Lesson>& house() {
  static const auto shelf = lessons::read_lessons(io::asset("assets/lessons"));
  return shelf;
}

std::vector<std::string> ids() {
  std::vector<std::string> all;
  for (const Lesson& lesson : house().all) all.push_back(lesson.id);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  std::erase(all, "training-a-vit");  // its thousand updates take minutes there; the monkey trains too
#endif
  return all;
}

struct Driver : AppDriver {
  Driver() : AppDriver(labs::all_labs({})) {}
  Walk& walk() { return *app().panel().walk(); }
  std::string said() { return app().panel().transcript(); }
  void give(const Question& question) {
    const std::string right = lessons::right_answer(question);
    if (question.kind == lessons::AnswerKind::kChoice) {
      const auto at = std::ranges::find(question.options, question.is);
      click("option " + std::string(1, static_cast<char>('A' + (at - question.options.begin()))));
    } else {
      walk().made().answer = right;
    }
    click("Predict");
  }
};

class HouseLesson : public testing::TestWithParam<std::string> {};

TEST_P(HouseLesson, CanBePlayedToItsEnd) {
  Driver d;
  ASSERT_TRUE(d.app().panel().open_lesson(GetParam(), d.app()));
  d.settle();
  const std::size_t count = d.walk().size();
  for (std::size_t i = 0; i < count; ++i) {
    SCOPED_TRACE("step " + std::to_string(i + 1));
    ASSERT_EQ(d.walk().at(), i);
    const lessons::Step step = d.walk().step();
    if (d.walk().asks()) {
      EXPECT_EQ(d.said().find(step.say), std::string::npos) << "it is given away";
      d.give(step.predict.front());
      ASSERT_TRUE(d.walk().made().grade);
      EXPECT_EQ(d.walk().made().grade->verdict, lessons::Verdict::kRight) << d.walk().made().grade->reply;
    }
    d.settle();
    EXPECT_EQ(d.walk().trouble(), "");
    EXPECT_EQ(d.app().message(), "");
    EXPECT_THAT(d.said(), testing::HasSubstr(step.say));
    EXPECT_TRUE(d.walk().is_here(d.app()));
    const bool learns = d.lab().info().wing == labs::Wing::kLearning;
    if (!learns) {
      EXPECT_LE(std::max(step.at, step.until), d.lab().last_step());
      for (const std::string& name : step.hide) EXPECT_FALSE(d.app().items().find(name)) << name;
    }
    if (!step.point.empty()) {
      EXPECT_TRUE(d.app().items().find(step.point)) << "it points to " << step.point;
    }
    if (!step.task.empty()) {
      EXPECT_FALSE(d.walk().made().done) << "there is nothing to do: " << step.done;
      d.click("Do it for me");
      EXPECT_TRUE(d.until([&] { return d.walk().made().done; })) << step.done;
      EXPECT_EQ(d.walk().trouble(), "");
    }
    if (i + 1 < count) d.click("Next");
  }
  EXPECT_TRUE(d.app().panel().learner().progress().walked(GetParam()).done);
}

INSTANTIATE_TEST_SUITE_P(All, HouseLesson, testing::ValuesIn(ids()), [](const auto& info) {
  std::string name = info.param;
  std::erase(name, '-');
  return name;
});

TEST(HouseLessons, AreTheTourAndEightMore) {
  EXPECT_THAT(house().refused, testing::IsEmpty());
  EXPECT_EQ(house().all.size(), 9u);
  EXPECT_EQ(house().all.front().id, "tour");
  for (std::size_t i = 0; i < house().all.size(); ++i)
    EXPECT_EQ(house().all[i].number, static_cast<std::int64_t>(i));
}

TEST(HouseLessons, EachAsksAndSetsTasks) {
  for (const Lesson& lesson : house().all) {
    if (lesson.id == "tour") continue;
    const auto asked = std::ranges::count_if(lesson.steps, [](const auto& s) { return !s.predict.empty(); });
    const auto tasks = std::ranges::count_if(lesson.steps, [](const auto& s) { return !s.task.empty(); });
    EXPECT_GE(asked, 3) << lesson.id;
    EXPECT_GE(tasks, 2) << lesson.id;
  }
}

}  // namespace
}  // namespace vitrine::learn
