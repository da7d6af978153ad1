#include "app/learn/desk.h"

#include <algorithm>
#include <utility>

namespace vitrine::learn {

Desk::Desk(lessons::Card card) : card_(std::move(card)) {
  for (const lessons::Question& question : card_.questions) works_.push_back({question, 0, "", {}, false});
}

void Desk::check(Learner& learner) {
  Work& w = work();
  w.grade = lessons::grade(w.question, w.answer);
  lessons::Progress progress = learner.progress();
  if (w.seed == 0)
    progress.note(card_.id, number(), w.answer, w.grade->verdict);
  else if (w.right())
    progress.note_variant(card_.id, number());
  learner.note(progress);
}

void Desk::ask_anew(const Learner& learner) {
  const auto solved = static_cast<std::uint64_t>(learner.progress().answered(card_.id, number()).variants);
  const std::uint64_t seed = std::max(work().seed, solved) + 1;
  try {
    work() = {lessons::variant_of(card_.questions[at_], seed), seed, "", {}, false};
  } catch (const lessons::ExpressionError&) {
    work().grade = {lessons::Verdict::kUnreadable, "No other numbers are found that suit this question."};
  }
}

std::string Desk::right_answer() const {
  try {
    return lessons::right_answer(works_[at_].question);
  } catch (const lessons::ExpressionError&) {
    return "";
  }
}

void Desk::ask_as_written() { work() = {card_.questions[at_], 0, "", {}, false}; }

void Desk::show_solution(Learner& learner, Hall& hall) {
  lessons::Progress progress = learner.progress();
  for (std::size_t i = 0; i < works_.size(); ++i)
    progress.note_solution(card_.id, static_cast<std::int64_t>(i) + 1);
  learner.note(progress);
  solution_.emplace(card_.solution, card_.lab, card_.folder);
  solution_->go_to(0, hall);
}

}  // namespace vitrine::learn
