// Progress: which questions were answered and how, and how far each lesson was walked. One JSON file a
// learner, which can be taken along; what a newer version has put into it is kept.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/lessons/card.h"

namespace vitrine::lessons {

struct Answered {
  std::string card;           // its id
  std::int64_t question = 1;  // the first is 1
  std::int64_t attempts = 0;  // gradings that could be read
  bool solved = false;
  bool shown = false;         // its solution was looked at before it was solved
  std::int64_t variants = 0;  // solved with fresh numbers
  std::string last = {};      // the answer that was graded last

  bool operator==(const Answered&) const = default;
  void describe(core::Fields& f);
};

struct Walked {
  std::string lesson;     // its id
  std::int64_t step = 0;  // the furthest that was reached, the first is 1
  bool done = false;

  bool operator==(const Walked&) const = default;
  void describe(core::Fields& f);
};

class Progress {
 public:
  // What is known of a question or a lesson; as new where there is nothing.
  Answered answered(std::string_view card, std::int64_t question) const;
  Walked walked(std::string_view lesson) const;

  // An answer was graded: counted unless it was unreadable or the question is solved already.
  void note(std::string_view card, std::int64_t question, std::string_view answer, Verdict verdict);
  void note_variant(std::string_view card, std::int64_t question);
  void note_solution(std::string_view card, std::int64_t question);
  void note_step(std::string_view lesson, std::int64_t step, bool last);

  // How many of a card's questions are solved.
  std::int64_t solved(const Card& card) const;

  bool operator==(const Progress&) const = default;
  void describe(core::Fields& f);

 private:
  Answered& entry(std::string_view card, std::int64_t question);

  std::vector<Answered> answers_;
  std::vector<Walked> walks_;
};

// An empty one where there is no file. Throws io::FileError: it is damaged, larger than a learner's can be or
// of a newer version; nothing is then to be written over it.
Progress read_progress(const std::filesystem::path& file);
// Replaces the file as a whole. Throws io::FileError.
void write_progress(const std::filesystem::path& file, const Progress& progress);

// A line a question, for a table of a teacher's: card,question,solved,attempts,variants,solution_shown,last
std::string progress_csv(const Progress& progress, const std::vector<Card>& cards);

}  // namespace vitrine::lessons
