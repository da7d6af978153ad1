#include "app/learn/walk.h"

#include <gmock/gmock.h>

#include "app/labs/labs.h"
#include "app/learn/desk.h"
#include "tests/app/learn/test_hall.h"

namespace vitrine::learn {
namespace {

using lessons::Step;
using lessons::Verdict;

Step step(std::string say, std::vector<std::string> set) {
  Step s;
  s.say = std::move(say);
  s.set = std::move(set);
  return s;
}

// Stride 2, a prediction about padding, a task: five outputs.
std::vector<Step> three_steps() {
  std::vector<Step> steps{
      step("Stride 2.", {"params.window.stride=2"}),
      step("With padding.", {"params.window.padding_before=1", "params.window.padding_after=1"}),
      step("Stride 1 again.", {"params.window.stride=1"})};
  steps[0].lab = "sliding-window";
  steps[0].preset = "Valid";
  steps[0].until = 2;
  lessons::Question question;
  question.ask = "How many?";
  question.is = "5";
  steps[1].predict = {question};
  steps[2].task = "Set the stride to 3.";
  steps[2].done = "stride == 3 and outputs == 3";
  steps[2].doing = {"params.window.stride=3"};
  return steps;
}

double shown(TestHall& hall, const std::string& name) {
  const auto numbers = hall.lab().numbers();
  return numbers.at(name)[0];
}

TEST(Walk, AStepSetsItsStateAndStopsWhereItEnds) {
  TestHall hall;
  Walk walk(three_steps(), "", {});
  walk.go_to(0, hall);
  hall.settle(walk);
  EXPECT_EQ(walk.trouble(), "");
  EXPECT_EQ(hall.lab().info().id, "sliding-window");
  EXPECT_EQ(shown(hall, "stride"), 2);
  EXPECT_TRUE(hall.lab().playhead().playing);
  hall.lab().playhead().t = 2.2;
  walk.frame(hall);
  EXPECT_EQ(hall.lab().playhead().t, 2);
  EXPECT_FALSE(hall.lab().playhead().playing);
}

TEST(Walk, APredictionComesBeforeWhatItIsAbout) {
  TestHall hall;
  Walk walk(three_steps(), "", {});
  walk.go_to(0, hall);
  hall.settle(walk);
  walk.go_to(1, hall);
  hall.settle(walk);
  EXPECT_TRUE(walk.asks());
  EXPECT_EQ(shown(hall, "padding_left"), 0) << "nothing is given away";
  walk.made().answer = "no number";
  walk.predict(hall);
  EXPECT_TRUE(walk.asks()) << "what cannot be read is no prediction";
  EXPECT_EQ(walk.made().grade->verdict, Verdict::kUnreadable);
  walk.made().answer = "4";
  walk.predict(hall);
  hall.settle(walk);
  EXPECT_FALSE(walk.asks());
  EXPECT_EQ(walk.made().grade->verdict, Verdict::kWrong);
  EXPECT_EQ(shown(hall, "padding_left"), 1);
  EXPECT_EQ(shown(hall, "stride"), 2) << "as the step before had it";
  EXPECT_EQ(shown(hall, "outputs"), 5);
}

TEST(Walk, ATaskIsDoneWhenTheLabSaysSo) {
  TestHall hall;
  Walk walk(three_steps(), "", {});
  walk.go_to(2, hall);
  hall.settle(walk);
  EXPECT_FALSE(walk.made().done);
  labs::set_fields(hall.lab(), {"params.window.stride=4"}, {});
  hall.settle(walk);
  EXPECT_FALSE(walk.made().done) << "four is not three";
  walk.do_task(hall);
  hall.settle(walk);
  EXPECT_TRUE(walk.made().done);
}

TEST(Walk, WhatComesNextStandsOnTheTask) {
  TestHall hall;
  std::vector<Step> steps = three_steps();
  steps.push_back(step("Elsewhere.", {}));
  steps.back().lab = "attention";
  Walk walk(steps, "", {});
  walk.go_to(2, hall);
  hall.settle(walk);
  walk.go_to(3, hall);
  hall.settle(walk);
  EXPECT_EQ(hall.lab().info().id, "attention");
  hall.select("sliding-window");
  hall.lab().settle(0);
  EXPECT_EQ(shown(hall, "stride"), 3) << "though nobody did it";
}

TEST(Walk, AStepThatWasLeftFindsItsStateAgain) {
  TestHall hall;
  Walk walk(three_steps(), "", {});
  walk.go_to(1, hall);
  walk.reveal(hall);
  hall.settle(walk);
  labs::set_fields(hall.lab(), {"params.window.stride=5"}, {});
  hall.select("attention");
  walk.frame(hall);
  EXPECT_FALSE(walk.is_here(hall));
  walk.show_again(hall);
  hall.settle(walk);
  EXPECT_TRUE(walk.is_here(hall));
  EXPECT_EQ(shown(hall, "stride"), 2);
  EXPECT_EQ(shown(hall, "outputs"), 5);
}

TEST(Walk, AnotherLabsPlayheadIsLeftAlone) {
  TestHall hall;
  Walk walk(three_steps(), "", {});
  walk.go_to(0, hall);
  hall.select("attention");
  hall.lab().settle(5);
  walk.frame(hall);
  EXPECT_EQ(hall.lab().playhead().t, 5);
  hall.select("sliding-window");
  hall.settle(walk);
  EXPECT_TRUE(hall.lab().playhead().playing);
}

TEST(Walk, ATaskOutlivesANumberThatIsMissing) {
  TestHall hall;
  std::vector<Step> steps{step("A copy.", {})};
  steps[0].lab = "pooling";
  steps[0].preset = "Stray pixel";
  steps[0].task = "Make the copies differ.";
  steps[0].done = "changed_largest > 1000";
  steps[0].doing = {"params.altered=true"};
  Walk walk(steps, "", {});
  walk.go_to(0, hall);
  hall.settle(walk);
  EXPECT_EQ(walk.trouble(), "");
  hall.lab().load_preset("Ring");  // has no copy
  hall.settle(walk);
  EXPECT_EQ(walk.trouble(), "");
  EXPECT_FALSE(walk.made().done);
}

TEST(Walk, WhatCannotBeShownIsSaid) {
  TestHall hall;
  std::vector<Step> steps = three_steps();
  steps[0].set = {"params.no_such=1"};
  Walk bad_field(steps, "", {});
  bad_field.go_to(0, hall);
  EXPECT_THAT(bad_field.trouble(), testing::HasSubstr("no_such"));
  steps = three_steps();
  steps[0].lab = "no-such-lab";
  Walk bad_lab(steps, "", {});
  bad_lab.go_to(0, hall);
  EXPECT_THAT(bad_lab.trouble(), testing::HasSubstr("no-such-lab"));
  steps = three_steps();
  steps[2].done = "no_such_number == 1";
  Walk bad_check(steps, "", {});
  bad_check.go_to(2, hall);
  hall.settle(bad_check);
  EXPECT_THAT(bad_check.trouble(), testing::HasSubstr("outputs"));
}

TEST(Walk, AStepReadsNoFileOutsideItsFolder) {
  TestHall hall;
  for (const std::string file : {"/etc/hostname", "../secret.png", "a/b.png", ".hidden"}) {
    std::vector<Step> steps{
        step("A picture.", {"params.picture.source=File", "params.picture.file=" + file})};
    steps[0].lab = "image";
    Walk walk(steps, "", "/the/folder");
    walk.go_to(0, hall);
    EXPECT_THAT(walk.trouble(), testing::HasSubstr("same folder")) << file;
  }
}

TEST(Desk, GradesKeepsProgressAndAsksAnew) {
  const auto shelf = lessons::read_cards(io::asset("assets/lessons"));
  const auto card = std::ranges::find(shelf.all, "stride-and-padding", &lessons::Card::id);
  ASSERT_NE(card, shelf.all.end());
  Learner learner({});
  Desk desk(*card);
  desk.work().answer = "6";
  desk.check(learner);
  EXPECT_EQ(desk.work().grade->verdict, Verdict::kNamed);
  desk.work().answer = "5";
  desk.check(learner);
  EXPECT_TRUE(desk.work().right());
  EXPECT_EQ(learner.progress().answered(card->id, 1).attempts, 2);
  EXPECT_TRUE(learner.progress().answered(card->id, 1).solved);
  const std::string first = desk.work().question.ask;
  desk.ask_anew(learner);
  EXPECT_NE(desk.work().question.ask, first);
  EXPECT_EQ(desk.work().answer, "");
  desk.work().answer = lessons::right_answer(desk.work().question);
  desk.check(learner);
  EXPECT_EQ(learner.progress().answered(card->id, 1).variants, 1);
  const std::string second = desk.work().question.ask;
  desk.ask_anew(learner);
  EXPECT_NE(desk.work().question.ask, second) << "never the same numbers twice";
  desk.ask_as_written();
  EXPECT_EQ(desk.work().question.ask, first);
}

TEST(Desk, AQuestionWithoutOtherNumbersStays) {
  lessons::Card card;
  lessons::Question question;
  question.ask = "How many?";
  question.is = "3";
  question.variant = {{{"n", lessons::Value(core::Shape{0}), 1, 3, true}}, "n > 5", "{n}?", "n"};
  card.id = "none";
  card.questions = {question};
  Learner learner({});
  Desk desk(card);
  desk.ask_anew(learner);
  EXPECT_EQ(desk.work().question.ask, "How many?");
  EXPECT_EQ(desk.work().seed, 0u) << "it is still the card's";
  EXPECT_THAT(desk.work().grade->reply, testing::HasSubstr("No other numbers"));
}

}  // namespace
}  // namespace vitrine::learn
