// The panel's two pages to work on: a card, and a lesson.
#include "app/learn/panel.h"
#include "engine/core/text.h"

namespace vitrine::learn {

using lessons::AnswerKind;
using lessons::Question;
using lessons::Verdict;
using widgets::Controls;
using widgets::kExplainSize_px;
using widgets::kTextSize_px;
using widgets::Role;

namespace {

std::string_view how_to_write(AnswerKind kind) {
  switch (kind) {
    case AnswerKind::kNumber:
      return "A number: 508,032, 8/9, 1.5e-3, 32·126²";
    case AnswerKind::kShape:
      return "A shape: 32 x 126 x 126";
    case AnswerKind::kVector:
      return "Numbers with commas between: 8, 20, 32";
    case AnswerKind::kMatrix:
      return "Rows with semicolons between: 1, 0; 0, 1";
    case AnswerKind::kFormula:
      return "In the letters of the question: k₁ x₁ + k₂ x₂ or k1 x1 + k2 x2";
    case AnswerKind::kChoice:
      return "";
    case AnswerKind::kText:
      return "A sentence or two in your own words";
  }
  return "";
}

Role role_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kRight:
      return Role::kOutput;
    case Verdict::kPartly:
      return Role::kKernel;
    case Verdict::kNamed:
    case Verdict::kWrong:
      return Role::kTrouble;
    case Verdict::kUnreadable:
      return Role::kQuiet;
  }
  return Role::kText;
}

// An answer as it was meant: of a choice, the option's words.
std::string in_words(const Question& question, const std::string& answer) {
  const std::size_t option = answer.size() == 1 ? static_cast<std::size_t>(answer[0] - 'A') : 0;
  const bool is_letter = question.kind == AnswerKind::kChoice && answer.size() == 1;
  return is_letter && option < question.options.size() ? question.options[option]
                                                       : core::printable(answer, 80);
}

void say(Controls& c, std::string_view words) { c.note(words, Role::kText, kTextSize_px); }

}  // namespace

bool answer_field(Controls& c, const Question& question, std::string& answer) {
  if (question.kind == AnswerKind::kChoice) {
    bool chosen = false;
    for (std::size_t i = 0; i < question.options.size(); ++i) {
      const std::string letter(1, static_cast<char>('A' + i));
      if (!c.entry("option " + letter, letter + "  " + question.options[i], "", "", answer == letter))
        continue;
      answer = letter;
      chosen = true;
    }
    return chosen;
  }
  const std::string_view help = how_to_write(question.kind);
  if (question.kind == AnswerKind::kText) {
    c.long_text("Answer", answer, help);
    return false;
  }
  return c.answer("Answer", answer, help);
}

void show_grade(Controls& c, const lessons::Grade& grade) {
  c.note(grade.reply, role_of(grade.verdict), kTextSize_px);
}

void Panel::draw_card(Controls& c) {
  const lessons::Card& card = desk_->card();
  c.note("Exercise " + std::to_string(card.number));
  c.note(card.title, Role::kText, kExplainSize_px);
  if (card.questions.size() > 1) {
    std::vector<std::string> marks;
    for (std::size_t i = 0; i < card.questions.size(); ++i)
      marks.push_back(
          std::to_string(i + 1) +
          (learner_.progress().answered(card.id, static_cast<std::int64_t>(i) + 1).solved ? "✓" : ""));
    const std::vector<std::string_view> names(marks.begin(), marks.end());
    const auto at = static_cast<int>(desk_->at());
    int question = at;
    if (c.choice("Question", question, names, at,
                 "One of the exercise's questions; a mark is one you have solved"))
      desk_->go_to(static_cast<std::size_t>(question));
  }
  Desk::Work& work = desk_->work();
  if (work.seed != 0) c.note("With fresh numbers");
  say(c, work.question.ask);
  bool check = answer_field(c, work.question, work.answer);

  std::vector<std::string_view> names{"Check"};
  if (!work.hint && !work.question.hint.empty()) names.push_back("Hint");
  if (card.questions[desk_->at()].has_variant()) names.push_back("Fresh numbers");
  if (work.seed != 0) names.push_back("First numbers");
  if (!desk_->solution()) names.push_back("Solution");
  if (const auto pressed =
          c.buttons(names, "Enter checks an answer. A solution can be looked at at any time")) {
    const std::string_view name = names[*pressed];
    if (name == "Check") check = true;
    if (name == "Hint") work.hint = true;
    if (name == "Fresh numbers") wish_ = [this](Hall&) { desk_->ask_anew(learner_); };
    if (name == "First numbers") wish_ = [this](Hall&) { desk_->ask_as_written(); };
    if (name == "Solution") wish_ = [this](Hall& h) { desk_->show_solution(learner_, h); };
  }
  if (check) wish_ = [this](Hall&) { desk_->check(learner_); };
  if (work.hint) c.note("Hint: " + work.question.hint, Role::kText);
  if (work.grade) show_grade(c, *work.grade);
  if (work.right() && work.seed == 0 && desk_->at() + 1 < card.questions.size() &&
      c.button("Next question", "The exercise has more than one"))
    desk_->go_to(desk_->at() + 1);
  if (desk_->solution()) draw_solution(c);
}

void Panel::draw_solution(Controls& c) {
  Walk& walk = *desk_->solution();
  c.section("Solution, step " + std::to_string(walk.at() + 1) + " of " + std::to_string(walk.size()));
  say(c, walk.step().say);
  if (!walk.trouble().empty()) c.note(walk.trouble(), Role::kTrouble);
  static constexpr std::string_view kNames[] = {"Back", "Next step", "Once more"};
  if (const auto pressed = c.buttons(kNames, "Page Up and Page Down do the same")) {
    wish_ = [this, which = *pressed](Hall& hall) {
      if (which == 0) previous(hall);
      if (which == 1) next(hall);
      if (which == 2) desk_->solution()->show_again(hall);
    };
  }
  if (walk.is_last() && !desk_->work().right())
    c.note("The answer: " + desk_->right_answer(), Role::kOutput, kTextSize_px);
}

void Panel::draw_lesson(Controls& c, Hall& hall) {
  Walk& walk = course_->walk;
  c.note(course_->lesson.title);
  if (const auto chosen =
          c.steps("step", walk.size(), walk.at(), "A step of the lesson; Ctrl and its digit do the same"))
    wish_ = [this, step = *chosen](Hall& h) { jump(step, h); };
  if (walk.asks()) {
    draw_prediction(c);
  } else {
    const Walk::Made& made = walk.made();
    if (made.grade) {
      c.note("Your prediction: " + in_words(walk.step().predict.front(), made.answer), Role::kQuiet);
      show_grade(c, *made.grade);
    }
    say(c, walk.step().say);
    if (!walk.step().task.empty()) draw_task(c);
  }
  if (!walk.trouble().empty()) c.note(walk.trouble(), Role::kTrouble);
  std::vector<std::string_view> names;
  if (walk.at() > 0) names.push_back("Back");
  if (walk.asks())
    names.push_back("Show me");
  else if (!walk.is_last())
    names.push_back("Next");
  if (!walk.asks()) names.push_back(walk.is_here(hall) ? "Set it again" : "Back to its lab");
  const auto pressed = c.buttons(
      names, "Page Up and Page Down do the same. Play with the lab as you like: a step can be set again");
  if (!pressed) return;
  wish_ = [this, name = names[*pressed]](Hall& h) {
    if (name == "Back") previous(h);
    if (name == "Next" || name == "Show me") next(h);
    if (name == "Set it again" || name == "Back to its lab") course_->walk.show_again(h);
  };
}

void Panel::draw_prediction(Controls& c) {
  Walk& walk = course_->walk;
  const Question& question = walk.step().predict.front();
  c.section("What do you expect?");
  say(c, question.ask);
  bool given = answer_field(c, question, walk.made().answer) && question.kind != AnswerKind::kChoice;
  std::vector<std::string_view> names{"Predict"};
  if (!walk.made().hint && !question.hint.empty()) names.push_back("Hint");
  if (const auto pressed = c.buttons(names, "Say first what you expect, then see")) {
    given |= *pressed == 0;
    walk.made().hint |= *pressed == 1;
  }
  if (walk.made().hint) c.note("Hint: " + question.hint, Role::kText);
  if (walk.made().grade) show_grade(c, *walk.made().grade);  // it could not be read
  if (given)
    wish_ = [this](Hall& hall) {
      course_->walk.predict(hall);
      note_step();
    };
}

void Panel::draw_task(Controls& c) {
  Walk& walk = course_->walk;
  c.section("Your turn");
  say(c, walk.step().task);
  if (walk.made().done) {
    c.note("Done.", Role::kOutput, kTextSize_px);
  } else if (c.button("Do it for me", "Sets what the task asks for")) {
    wish_ = [this](Hall& hall) { course_->walk.do_task(hall); };
  }
}

}  // namespace vitrine::learn
