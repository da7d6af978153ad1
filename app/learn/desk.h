// Desk: a card that is being worked on: the answer to each question and its grade, fresh numbers, and the
// solution as it is played.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/learn/learner.h"
#include "app/learn/walk.h"
#include "engine/lessons/card.h"

namespace vitrine::learn {

class Desk {
 public:
  explicit Desk(lessons::Card card);

  const lessons::Card& card() const { return card_; }

  struct Work {
    lessons::Question question;  // as it is asked: the card's, or with fresh numbers
    std::uint64_t seed = 0;      // of those; 0: the card's
    std::string answer;
    std::optional<lessons::Grade> grade;
    bool hint = false;
    bool right() const { return grade && grade->verdict == lessons::Verdict::kRight; }
  };
  std::size_t at() const { return at_; }
  void go_to(std::size_t question) { at_ = question; }
  Work& work() { return works_[at_]; }
  // The question's number in the learner's progress.
  std::int64_t number() const { return static_cast<std::int64_t>(at_) + 1; }

  void check(Learner& learner);
  // The right answer in print; empty where it has none, as of a stranger's card.
  std::string right_answer() const;
  // The same question with other numbers than ever before, if there are any; with the card's again.
  void ask_anew(const Learner& learner);
  void ask_as_written();

  std::optional<Walk>& solution() { return solution_; }
  void show_solution(Learner& learner, Hall& hall);

 private:
  lessons::Card card_;
  std::size_t at_ = 0;
  std::vector<Work> works_;  // of each question
  std::optional<Walk> solution_;
};

}  // namespace vitrine::learn
