// Panel: the column beside the stage in which a learner chooses an exercise or a lesson, answers and reads.
// It knows the labs only as a Hall, and what was answered it leaves to the Learner.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/learn/desk.h"
#include "app/learn/hall.h"
#include "app/learn/learner.h"
#include "app/learn/library.h"
#include "app/learn/walk.h"

namespace vitrine::learn {

class Panel {
 public:
  // `folder`: of the learner's progress and own lessons; empty keeps nothing.
  explicit Panel(std::filesystem::path folder);

  bool is_open() const { return page_ != Page::kClosed; }
  // The list is on its way.
  bool reading() const { return reading_.busy(); }
  void close();
  // The list; closes it where it is open.
  void toggle();
  // What somebody sees who is here for the first time.
  void welcome() { page_ = Page::kWelcome; }
  // False: there is none of this id.
  bool open_card(std::string_view id, Hall& hall);
  bool open_lesson(std::string_view id, Hall& hall);
  // A card's or a lesson's file, by its ending; false for any other. What is wrong with it is said.
  bool open_file(const std::filesystem::path& file, Hall& hall);

  // Once a frame: what was pressed in the last one; when the lab has been polled, what it shows of the step;
  // then the drawing.
  void act(Hall& hall);
  void frame(Hall& hall);
  void draw(const widgets::Screen& screen, const widgets::Rect& place_px, Hall& hall, float scroll_px);

  // By key: reveals what is predicted, then the next step; the one before. False: no steps are shown.
  bool next(Hall& hall);
  bool previous(Hall& hall);
  bool jump(std::size_t step, Hall& hall);

  // The name of the part of the window that the step points to; mostly empty.
  std::string_view pointed() const;
  std::string take_words();
  const std::string& transcript() const { return transcript_; }
  Desk* desk() { return desk_ ? &*desk_ : nullptr; }
  Walk* walk();
  // The id of the lesson that stands open; empty: none.
  std::string_view lesson() const;
  const Learner& learner() const { return learner_; }

 private:
  enum class Page { kClosed, kWelcome, kList, kCard, kLesson };
  enum class Show { kAll, kHere, kOpen };

  // Waits until it is read.
  Library& library();
  // Null while it is read.
  const Library* library_if_read();
  void begin_page(Page page);
  void leave_lesson(Hall& hall);
  void arrange(Hall& hall);
  void note_step();

  void draw_head(widgets::Controls& c);
  void draw_welcome(widgets::Controls& c);
  void draw_list(widgets::Controls& c, Hall& hall);
  void draw_cards(widgets::Controls& c, const labs::LabInfo& lab);
  void draw_progress(widgets::Controls& c);
  void draw_card(widgets::Controls& c);
  void draw_solution(widgets::Controls& c);
  void draw_lesson(widgets::Controls& c, Hall& hall);
  void draw_prediction(widgets::Controls& c);
  void draw_task(widgets::Controls& c);

  const std::filesystem::path folder_;
  Learner learner_;
  std::optional<Library> library_;  // read when it is first asked for
  core::Job<std::filesystem::path, Library> reading_;
  Page page_ = Page::kClosed;
  Show show_ = Show::kAll;
  std::optional<Desk> desk_;
  // What a step has hidden and locked in a lab.
  struct Arranged {
    std::string lab;
    std::size_t step = 0;
    std::vector<std::string> hidden, locked;
  };
  struct Course {
    lessons::Lesson lesson;
    Walk walk;
    Arranged arranged = {};
  };
  std::optional<Course> course_;
  std::optional<std::function<void(Hall&)>> wish_;  // what was pressed: done before the next frame is drawn
  widgets::ControlState state_;
  std::string opened_, table_, words_, transcript_;
};

// A question's field: a line, several lines for a text, the options of a choice. True when Enter was pressed
// or an option chosen.
bool answer_field(widgets::Controls& c, const lessons::Question& question, std::string& answer);
// The reply to an answer, in the colour of its verdict.
void show_grade(widgets::Controls& c, const lessons::Grade& grade);

}  // namespace vitrine::learn
