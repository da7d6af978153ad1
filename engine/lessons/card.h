// Card: an exercise, its questions and its solution as steps in a lab. Lesson: a guided walk of steps. Both
// are one JSON file; docs/teaching.md tells how to write one.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/lessons/question.h"

namespace vitrine::lessons {

// A state of a lab and what to say of it. What it leaves out stays as the step before had it.
struct Step {
  std::string say;               // two or three sentences
  std::string lab;               // its id
  std::string preset;            // of that lab, by its name
  std::vector<std::string> set;  // fields of the lab, "params.stride=2"
  double at = 0;                 // where the playhead stands, in steps
  double until = 0;              // above `at`: it plays from there to here

  // Of a lesson: before `say` is shown and the state is set, the learner predicts.
  std::vector<Question> predict;  // none or one
  // Of a lesson: what the learner is to do in the lab by hand, and how it is known to be done, an expression
  // of the lab's numbers.
  std::string task, done;
  std::vector<std::string> doing;       // fields of the lab that do it, for who asks to be shown
  std::vector<std::string> hide, lock;  // controls of the lab, by name
  std::string point;                    // a part of the window, by name: a ring is drawn around it

  void describe(core::Fields& f);
};

struct Card {
  std::string id;                // the file's name without its ending
  std::filesystem::path folder;  // the file's; its steps may name files in it
  std::string title;
  std::string lab;          // beside which it is shown
  std::int64_t number = 0;  // its place in the list
  std::vector<Question> questions;
  std::vector<Step> solution;

  void describe(core::Fields& f);
};

struct Lesson {
  std::string id;
  std::filesystem::path folder;
  std::string title;
  std::string about;        // one sentence
  std::int64_t number = 0;  // its place in the list
  std::vector<Step> steps;

  void describe(core::Fields& f);
};

// The whole state of a step, whatever was done in the lab meanwhile: its own words, on its lab and the preset
// that it or a step before it loads, all that is set from there on, and the tasks on the way as if done.
Step whole_state(const std::vector<Step>& steps, std::size_t at);

inline constexpr std::string_view kCardEnding = ".card.json", kLessonEnding = ".lesson.json";

// Throw io::FileError: it cannot be read, is larger than a mebibyte, is no JSON of a card (a lesson), or
// problems() finds something, of which the first is said.
Card read_card(const std::filesystem::path& file);
Lesson read_lesson(const std::filesystem::path& file);

// What is wrong, a line each, as far as it can be told without the labs.
std::vector<std::string> problems(const Card& card);
std::vector<std::string> problems(const Lesson& lesson);
// Of a file of either kind, by its ending; also that it cannot be read.
std::vector<std::string> problems(const std::filesystem::path& file);

// All of a folder by their number; what cannot be read is left out and said.
template <class Kind>
struct Shelf {
  std::vector<Kind> all;
  std::vector<std::string> refused;
};
Shelf<Card> read_cards(const std::filesystem::path& folder);
Shelf<Lesson> read_lessons(const std::filesystem::path& folder);

}  // namespace vitrine::lessons
