#include "app/learn/panel.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <stop_token>
#include <thread>
#include <utility>

#include "app/widgets/column.h"
#include "engine/io/assets.h"
#include "engine/io/files.h"

namespace vitrine::learn {

namespace fs = std::filesystem;

namespace {

Library read_library(const fs::path& folder) {
  Library library;
  library.add_folder(io::asset("assets/lessons"));
  if (!folder.empty()) library.add_folder(folder / "lessons");
  return library;
}

}  // namespace

Panel::Panel(fs::path folder)
    : folder_(std::move(folder)),
      learner_(folder_.empty() ? fs::path() : folder_ / "progress.json"),
      reading_([](const fs::path& own, std::stop_token, core::Progress&) { return read_library(own); }) {
  const char* home = std::getenv("HOME");
  if (home && !folder_.empty()) table_ = (fs::path(home) / "vitrine-progress.csv").string();
}

const Library* Panel::library_if_read() {
  if (library_) return &*library_;
  reading_.request(folder_);
  if (const auto answer = reading_.poll({})) {
    library_ = answer->result ? *answer->result : Library{{}, {}, {answer->error}};
    const auto& refused = library_->refused;
    if (!refused.empty())
      words_ = refused.front() +
               (refused.size() > 1 ? " (and " + std::to_string(refused.size() - 1) + " more files)" : "");
  }
  return library_ ? &*library_ : nullptr;
}

Library& Panel::library() {
  while (!library_if_read()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  return *library_;
}

void Panel::begin_page(Page page) {
  page_ = page;
  state_ = {};
  wish_.reset();  // it was about another page
}

void Panel::close() { page_ = Page::kClosed; }

void Panel::toggle() {
  if (is_open())
    close();
  else
    page_ = course_ ? Page::kLesson : desk_ ? Page::kCard : Page::kList;
}

bool Panel::open_card(std::string_view id, Hall& hall) {
  const lessons::Card* card = library().card(id);
  if (!card) return false;
  leave_lesson(hall);
  desk_.emplace(*card);
  hall.select(card->lab);
  begin_page(Page::kCard);
  return true;
}

std::string_view Panel::lesson() const {
  return page_ == Page::kLesson && course_ ? std::string_view(course_->lesson.id) : std::string_view();
}

bool Panel::open_lesson(std::string_view id, Hall& hall) {
  const lessons::Lesson* lesson = library().lesson(id);
  if (!lesson) return false;
  leave_lesson(hall);
  desk_.reset();
  course_.emplace(Course{*lesson, Walk(lesson->steps, "", lesson->folder)});
  begin_page(Page::kLesson);
  const lessons::Walked walked = learner_.progress().walked(lesson->id);
  const std::size_t reached = walked.done || walked.step < 1 ? 0 : static_cast<std::size_t>(walked.step) - 1;
  jump(std::min(reached, lesson->steps.size() - 1), hall);
  return true;
}

bool Panel::open_file(const fs::path& file, Hall& hall) {
  const std::string name = file.filename().string();
  const bool is_card = name.ends_with(lessons::kCardEnding);
  if (!is_card && !name.ends_with(lessons::kLessonEnding)) return false;
  try {
    if (is_card)
      open_card(library().add_card(file).id, hall);
    else
      open_lesson(library().add_lesson(file).id, hall);
  } catch (const io::FileError& wrong) {
    words_ = wrong.what();
  }
  return true;
}

Walk* Panel::walk() {
  if (page_ == Page::kLesson && course_) return &course_->walk;
  if (page_ == Page::kCard && desk_ && desk_->solution()) return &*desk_->solution();
  return nullptr;
}

void Panel::act(Hall& hall) {
  if (reading_.busy()) library_if_read();
  if (auto wish = std::exchange(wish_, std::nullopt)) (*wish)(hall);
}

void Panel::frame(Hall& hall) {
  if (Walk* shown = walk()) shown->frame(hall);
  if (course_) arrange(hall);
}

void Panel::arrange(Hall& hall) {
  const Walk& walk = course_->walk;
  const bool wanted = page_ == Page::kLesson && walk.made().revealed;
  const std::string lab = wanted ? std::string(hall.lab().info().id) : "";
  const std::vector<std::string> none;
  const bool here = wanted && walk.is_here(hall);
  const auto& hide = here ? walk.step().hide : none;
  const auto& lock = here ? walk.step().lock : none;
  Arranged* arranged = &course_->arranged;
  if (arranged->lab == lab && arranged->step == walk.at()) return;
  if (widgets::ControlState* before = hall.controls_of(arranged->lab)) {
    for (const std::string& name : arranged->hidden) before->hidden.erase(name);
    for (const std::string& name : arranged->locked) before->locked.erase(name);
  }
  *arranged = {lab, walk.at(), {}, {}};
  if (widgets::ControlState* now = hall.controls_of(lab)) {
    // What the lecturer has hidden or locked stays so.
    for (const std::string& name : hide)
      if (now->hidden.insert(name).second) arranged->hidden.push_back(name);
    for (const std::string& name : lock)
      if (now->locked.insert(name).second) arranged->locked.push_back(name);
  }
}

void Panel::leave_lesson(Hall& hall) {
  if (!course_) return;
  page_ = Page::kList;
  arrange(hall);
  course_.reset();
}

void Panel::note_step() {
  if (!course_ || !course_->walk.made().revealed) return;
  lessons::Progress progress = learner_.progress();
  progress.note_step(course_->lesson.id, static_cast<std::int64_t>(course_->walk.at()) + 1,
                     course_->walk.is_last());
  learner_.note(progress);
}

bool Panel::jump(std::size_t step, Hall& hall) {
  Walk* shown = walk();
  if (!shown || step >= shown->size()) return false;
  shown->go_to(step, hall);
  note_step();
  return true;
}

bool Panel::next(Hall& hall) {
  Walk* shown = walk();
  if (!shown) return false;
  if (shown->asks())
    shown->reveal(hall);
  else if (!shown->is_last())
    shown->go_to(shown->at() + 1, hall);
  note_step();
  return true;
}

bool Panel::previous(Hall& hall) {
  Walk* shown = walk();
  return shown && (shown->at() == 0 || jump(shown->at() - 1, hall));
}

std::string_view Panel::pointed() const {
  if (page_ != Page::kLesson || !course_ || !course_->walk.made().revealed) return "";
  return course_->walk.step().point;
}

std::string Panel::take_words() {
  if (!words_.empty()) return std::exchange(words_, "");
  return learner_.take_words();
}

void Panel::draw(const widgets::Screen& screen, const widgets::Rect& place, Hall& hall, float scroll_px) {
  // Each page, question and step begins at its top.
  std::string page = std::to_string(static_cast<int>(page_));
  if (page_ == Page::kCard) page += desk_->card().id + std::to_string(desk_->at());
  if (page_ == Page::kLesson) page += course_->lesson.id + std::to_string(course_->walk.at());
  state_.has_menus = false;  // what is hidden here could not be brought back
  const widgets::Column column(screen, place, "learn " + page, state_, scroll_px);
  widgets::Controls c(screen, state_, column.width_px());
  draw_head(c);
  switch (page_) {
    case Page::kClosed:
      break;
    case Page::kWelcome:
      draw_welcome(c);
      break;
    case Page::kList:
      draw_list(c, hall);
      break;
    case Page::kCard:
      draw_card(c);
      break;
    case Page::kLesson:
      draw_lesson(c, hall);
      break;
  }
  transcript_ = c.transcript();
}

}  // namespace vitrine::learn
