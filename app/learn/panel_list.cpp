// The panel's list of lessons and exercises, the first page of all, and what the learner has done so far.
#include <algorithm>

#include "app/learn/panel.h"
#include "app/widgets/file_browser.h"
#include "engine/core/text.h"
#include "engine/io/files.h"

namespace vitrine::learn {

using lessons::Card;
using lessons::Lesson;
using widgets::Controls;
using widgets::Role;

namespace {

constexpr std::string_view kTour = "tour";
constexpr std::string_view kShows[] = {"all", "this lab", "to do"};

// "2 / 3", or a mark where all is done.
std::string share_words(std::int64_t done, std::size_t all) {
  if (done == static_cast<std::int64_t>(all)) return "✓";
  return done == 0 ? "" : std::to_string(done) + " / " + std::to_string(all);
}

}  // namespace

void Panel::draw_head(Controls& c) {
  static constexpr std::string_view kOverview[] = {"Close"}, kElsewhere[] = {"Overview", "Close"};
  const bool elsewhere = page_ == Page::kCard || page_ == Page::kLesson;
  const auto pressed = elsewhere ? c.buttons(kElsewhere, "The list; the key L closes and opens this column")
                                 : c.buttons(kOverview, "The key L opens it again");
  if (!pressed) return;
  if (!elsewhere || *pressed == 1) return close();
  wish_ = [this](Hall& hall) {
    leave_lesson(hall);
    desk_.reset();
    begin_page(Page::kList);
  };
}

void Panel::draw_welcome(Controls& c) {
  library_if_read();  // the tour is to begin at once
  c.note("Welcome to Vitrine", Role::kText, widgets::kTitleSize_px);
  c.note(
      "A glass case for looking into convolution, attention and Vision Transformers: everything you see is "
      "computed while you watch, and every number can be changed.",
      Role::kText, widgets::kTextSize_px);
  c.note("The tour takes two minutes. Lessons and exercises wait under the key L.", Role::kText,
         widgets::kTextSize_px);
  static constexpr std::string_view kOffers[] = {"Take the tour", "Look around alone"};
  const auto pressed =
      c.buttons(kOffers, "The tour is the first of the lessons: it can be taken at any time");
  if (!pressed) return;
  wish_ = [this, tour = *pressed == 0](Hall& hall) {
    if (!tour || !open_lesson(kTour, hall)) close();
  };
}

void Panel::draw_list(Controls& c, Hall& hall) {
  c.note("Lessons and exercises", Role::kText, widgets::kExplainSize_px);
  const Library* read = library_if_read();
  if (!read) return c.note("They are being read.");
  const Library& all = *read;
  const lessons::Progress& progress = learner_.progress();
  c.section("Lessons");
  for (const Lesson& lesson : all.lessons) {
    const lessons::Walked walked = progress.walked(lesson.id);
    const std::string how = walked.done ? "✓"
                            : walked.step == 0
                                ? ""
                                : std::to_string(walked.step) + " / " + std::to_string(lesson.steps.size());
    if (c.entry("lesson " + lesson.id, lesson.title, how, lesson.about))
      wish_ = [this, id = lesson.id](Hall& h) { open_lesson(id, h); };
  }
  c.section("Exercises");
  c.choice("Show", show_, kShows, Show::kAll, "All of them, those of the open lab, or those not solved yet");
  const labs::LabInfo& here = hall.lab().info();
  for (const labs::LabInfo* lab : hall.labs())
    if (show_ != Show::kHere || lab->id == here.id) draw_cards(c, *lab);
  draw_progress(c);
}

void Panel::draw_cards(Controls& c, const labs::LabInfo& lab) {
  bool headed = false;
  for (const Card& card : library().cards) {
    const std::int64_t solved = learner_.progress().solved(card);
    if (card.lab != lab.id) continue;
    if (show_ == Show::kOpen && solved == static_cast<std::int64_t>(card.questions.size())) continue;
    if (!headed) c.note(lab.title);
    headed = true;
    if (c.entry("card " + card.id, card.title, share_words(solved, card.questions.size()),
                "Exercise " + std::to_string(card.number) + ": " + card.questions.front().ask))
      wish_ = [this, id = card.id](Hall& h) { open_card(id, h); };
  }
}

void Panel::draw_progress(Controls& c) {
  std::int64_t solved = 0, questions = 0;
  for (const Card& card : library().cards) {
    solved += learner_.progress().solved(card);
    questions += static_cast<std::int64_t>(card.questions.size());
  }
  c.section("Your progress");
  c.share("Solved", core::grouped(solved) + " of " + core::grouped(questions),
          static_cast<double>(solved) / static_cast<double>(std::max<std::int64_t>(questions, 1)));
  c.text("Table", table_, "Where the table of your answers is written: CSV, a line a question");
  if (!table_.empty() && c.button("Write table", "Question, solved or not, attempts, your last answer")) {
    try {
      learner_.write_table(table_, library().cards);
      words_ = "Your answers are in " + core::printable(table_, 200);
    } catch (const io::FileError& wrong) {
      words_ = wrong.what();
    }
  }
  c.section("From elsewhere");
  const std::string before = opened_;
  static constexpr std::string_view kEndings[] = {".json"};
  widgets::file_control(c, "Open", opened_, kEndings,
                        "A card's or a lesson's file; dropping it on the window does the same");
  if (opened_ == before || opened_.empty()) return;
  wish_ = [this, file = opened_](Hall& hall) {
    if (!open_file(file, hall))
      words_ = core::printable(file, 120) + ": a card's name ends in .card.json, a lesson's in .lesson.json";
  };
}

}  // namespace vitrine::learn
