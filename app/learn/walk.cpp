#include "app/learn/walk.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "app/labs/shown_step.h"
#include "engine/core/text.h"

namespace vitrine::learn {

using lessons::Step;

Walk::Walk(std::vector<Step> steps, std::string lab, std::filesystem::path folder)
    : steps_(std::move(steps)), folder_(std::move(folder)), made_(steps_.size()) {
  if (steps_.empty()) throw std::invalid_argument("Walk: there is no step");
  for (Step& step : steps_) {
    if (step.lab.empty()) step.lab = lab;
    lab = step.lab;
  }
}

void Walk::go_to(std::size_t step, Hall& hall) {
  if (step >= steps_.size()) return;
  const bool is_next = step == at_ + 1;
  // What comes next stands on the task, whoever did it; in another lab it has no other way to.
  if (is_next && made().revealed && !made().done && !this->step().task.empty() && is_here(hall))
    do_task(hall);
  at_ = step;
  trouble_.clear();
  unknown_.clear();
  arriving_.reset();
  if (this->step().predict.empty()) made().revealed = true;
  if (made().revealed)
    show(at_, hall);
  else if (!is_next && step > 0)
    show(step - 1, hall);
}

void Walk::predict(Hall& hall) {
  if (!asks()) return;
  made().grade = lessons::grade(step().predict.front(), made().answer);
  if (made().grade->verdict != lessons::Verdict::kUnreadable) reveal(hall);
}

void Walk::reveal(Hall& hall) {
  made().revealed = true;
  show(at_, hall);
}

void Walk::show_again(Hall& hall) {
  if (made().revealed) show(at_, hall);
}

void Walk::show(std::size_t step, Hall& hall) {
  const Step state = lessons::whole_state(steps_, step);
  trouble_.clear();
  unknown_.clear();
  arriving_.reset();
  fresh_ = true;
  if (!hall.select(state.lab)) {
    trouble_ = "There is no lab \"" + core::printable(state.lab, 60) + "\".";
    return;
  }
  try {
    labs::show(hall.lab(), state, folder_);
    arriving_ = {state.lab, hall.lab().playhead()};
    if (step != at_)  // as it was left
      arriving_->playhead = {std::max(state.at, state.until), arriving_->playhead.speed, false};
  } catch (const std::exception& wrong) {
    trouble_ = wrong.what();
  }
}

void Walk::do_task(Hall& hall) {
  if (!is_here(hall)) show_again(hall);
  if (!trouble_.empty() || !is_here(hall)) return;
  try {
    labs::set_fields(hall.lab(), step().doing, folder_);
  } catch (const std::exception& wrong) {
    trouble_ = wrong.what();
  }
}

bool Walk::is_here(Hall& hall) const { return step().lab == hall.lab().info().id; }

void Walk::frame(Hall& hall) {
  labs::Lab& lab = hall.lab();
  widgets::Playhead& playhead = lab.playhead();
  if (arriving_ && arriving_->lab == lab.info().id && !lab.numbers().empty()) {
    playhead = arriving_->playhead;
    playhead.t = std::clamp<double>(playhead.t, 0, lab.last_step());
    arriving_.reset();
  }
  if (!made().revealed || !trouble_.empty() || !is_here(hall)) return;
  const bool plays = step().until > step().at;
  if (plays && playhead.playing && playhead.t >= step().until)
    playhead = {step().until, playhead.speed, false};
  if (!arriving_ && !step().done.empty() && !made().done) look_after_task(lab);
}

void Walk::look_after_task(const labs::Lab& lab) {
  const lessons::Symbols numbers = lab.numbers();
  if (numbers.empty()) return;
  std::string why;
  made().done = holds(step().done, numbers, why);
  // Later a lab may lack a number for a while: then the task is not done yet.
  if (why.empty() || fresh_) unknown_ = why;
  fresh_ = false;
}

bool holds(const std::string& expression, const lessons::Symbols& numbers, std::string& why) {
  std::set<std::string> names;
  for (const auto& [name, value] : numbers) names.insert(name);
  std::optional<lessons::Expression> check;
  try {
    check.emplace(expression, names);
  } catch (const lessons::ExpressionError& wrong) {
    why = "done: " + std::string(wrong.what()) + "; the lab's numbers are";
    for (const std::string& name : names) why += " " + name;
    return false;
  }
  try {
    const lessons::Value value = check->evaluate(numbers);
    return value.count() == 1 && value[0] == 1;
  } catch (const lessons::ExpressionError&) {
    return false;  // y[5] of four numbers: not done yet
  }
}

}  // namespace vitrine::learn
