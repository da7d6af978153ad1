// The solutions of all cards in their labs: every preset and field exists, every state can be computed and
// drawn from where its step begins to where it ends.
#include "app/labs/shown_step.h"

#include <gmock/gmock.h>

#include "app/labs/labs.h"
#include "engine/io/assets.h"
#include "engine/io/files.h"
#include "tests/app/recording_canvas.h"

namespace vitrine::labs {
namespace {

using testing::HasSubstr;

Lab* find(const std::vector<std::unique_ptr<Lab>>& labs, std::string_view id) {
  const auto found = std::ranges::find_if(labs, [&](const auto& lab) { return lab->info().id == id; });
  return found == labs.end() ? nullptr : found->get();
}

std::string trouble(Lab& lab) {
  RecordingCanvas canvas;
  lab.draw(canvas);
  for (std::size_t i = 0; i < canvas.texts.size(); ++i)
    if (canvas.texts[i].words.find("cannot be") != std::string::npos)
      return canvas.texts[i].words + (i + 1 < canvas.texts.size() ? " " + canvas.texts[i + 1].words : "");
  return lab.take_words();
}

TEST(ShownStep, EverySolutionCanBePlayed) {
  const auto labs = all_labs({});
  const auto cards = lessons::read_cards(io::asset("assets/lessons"));
  ASSERT_FALSE(cards.all.empty());
  for (const lessons::Card& card : cards.all) {
    Lab* lab = find(labs, card.lab);
    ASSERT_NE(lab, nullptr) << card.id << ": there is no lab " << card.lab;
    for (std::size_t i = 0; i < card.solution.size(); ++i) {
      const lessons::Step& step = card.solution[i];
      SCOPED_TRACE(card.id + ", step " + std::to_string(i + 1) + " in " + std::string(lab->info().id));
      if (!step.lab.empty()) lab = find(labs, step.lab);
      ASSERT_NE(lab, nullptr) << "there is no lab " << step.lab;
      try {
        show(*lab, step, card.folder);
      } catch (const std::exception& error) {
        ADD_FAILURE() << error.what();
        continue;
      }
      if (lab->info().wing == Wing::kLearning) continue;  // to train takes its time
      for (const double t : {step.at, std::max(step.at, step.until)}) {
        lab->settle(t);
        EXPECT_LE(t, lab->last_step()) << "time ends before";
        EXPECT_EQ(trouble(*lab), "");
        EXPECT_FALSE(lab->explain().lines.empty() && lab->explain().words.empty());
      }
    }
  }
}

TEST(ShownStep, WhatALabDoesNotHaveIsSaid) {
  const auto labs = all_labs({});
  Lab& lab = *find(labs, "sliding-window");
  lessons::Step step;
  step.preset = "Never heard of";
  EXPECT_THROW(show(lab, step, {}), std::invalid_argument);
  step.preset.clear();
  step.set = {"params.mood=1"};
  try {
    show(lab, step, {});
    FAIL();
  } catch (const io::FormatError& error) {
    EXPECT_THAT(error.what(), HasSubstr("mood"));
  }
}

}  // namespace
}  // namespace vitrine::labs
