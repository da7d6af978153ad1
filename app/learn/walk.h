// Walk: the steps of a lesson or of a card's solution, one of which is shown: its state is put into its lab,
// its playhead stops where the step ends, and a task is looked after until the lab's numbers say that it is
// done. A step can be left, played with and returned to: it then finds its whole state again.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/learn/hall.h"
#include "engine/lessons/card.h"

namespace vitrine::learn {

class Walk {
 public:
  // Steps that name no lab are of `lab`; files that they name are in `folder`.
  Walk(std::vector<lessons::Step> steps, std::string lab, std::filesystem::path folder);

  std::size_t size() const { return steps_.size(); }
  std::size_t at() const { return at_; }
  const lessons::Step& step() const { return steps_[at_]; }
  bool is_last() const { return at_ + 1 == steps_.size(); }

  // What the learner has made of the step. Its words and its state are shown from `revealed` on: at once, or
  // when a prediction has been given or passed over.
  struct Made {
    std::string answer;
    std::optional<lessons::Grade> grade;  // of the prediction
    bool revealed = false;
    bool hint = false;
    bool done = false;  // the task
  };
  Made& made() { return made_[at_]; }
  const Made& made() const { return made_[at_]; }
  bool asks() const { return !step().predict.empty() && !made().revealed; }

  // Goes to the step and shows its state; if it asks first, what was shown before it.
  void go_to(std::size_t step, Hall& hall);
  // Grades the prediction and reveals; an answer that cannot be read stays a question.
  void predict(Hall& hall);
  void reveal(Hall& hall);
  // The step's state once more, whatever was done meanwhile.
  void show_again(Hall& hall);
  // Does the task as the file says.
  void do_task(Hall& hall);

  // Once a frame, after the lab has been polled.
  void frame(Hall& hall);
  // The lab that is open is the step's.
  bool is_here(Hall& hall) const;
  // Why the step cannot be shown, or its task not be looked after; mostly empty.
  const std::string& trouble() const { return trouble_.empty() ? unknown_ : trouble_; }

 private:
  void show(std::size_t step, Hall& hall);
  void look_after_task(const labs::Lab& lab);

  std::vector<lessons::Step> steps_;
  std::filesystem::path folder_;
  std::size_t at_ = 0;
  std::vector<Made> made_;
  std::string trouble_;
  std::string unknown_;  // what is wrong with `done` in the very state that the step sets
  // While a step's state is being computed: where the playhead of its lab is then to be.
  struct Arrival {
    std::string lab;
    widgets::Playhead playhead;
  };
  std::optional<Arrival> arriving_;
  bool fresh_ = false;  // nothing of the step's task has been looked at yet
};

// Whether the expression of the lab's numbers is 1, which it is not where it has no value. One that is no
// expression of them is said in `why`.
bool holds(const std::string& expression, const lessons::Symbols& numbers, std::string& why);

}  // namespace vitrine::learn
