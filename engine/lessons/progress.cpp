#include "engine/lessons/progress.h"

#include <algorithm>

#include "engine/io/files.h"
#include "engine/io/json_fields.h"

namespace vitrine::lessons {

void Answered::describe(core::Fields& f) {
  f.field("card", card);
  f.field("question", question);
  f.field("attempts", attempts);
  f.field("solved", solved);
  f.field("shown", shown);
  f.field("variants", variants);
  f.field("last", last);
}
void Walked::describe(core::Fields& f) {
  f.field("lesson", lesson);
  f.field("step", step);
  f.field("done", done);
}
void Progress::describe(core::Fields& f) {
  f.list("answers", answers_);
  f.list("lessons", walks_);
}

namespace {

constexpr Index kLargestProgress_bytes = Index{16} << 20;
constexpr std::int64_t kVersion = 1;

// The file: the version comes first, so that one of another version is known as such.
struct Versioned {
  std::int64_t version = kVersion;
  Progress progress;

  void describe(core::Fields& f) {
    f.field("version", version);
    progress.describe(f);
  }
};

struct VersionOnly {
  std::int64_t version = 0;
  void describe(core::Fields& f) { f.field("version", version); }
};

// "a ""b""" as a cell of CSV
std::string csv_cell(std::string_view text) {
  std::string cell = "\"";
  for (const char c : text) {
    if (c == '"') cell += '"';
    cell += c;
  }
  return cell + "\"";
}

}  // namespace

Answered Progress::answered(std::string_view card, std::int64_t question) const {
  for (const Answered& a : answers_)
    if (a.card == card && a.question == question) return a;
  return {std::string(card), question};
}

Walked Progress::walked(std::string_view lesson) const {
  const auto found = std::ranges::find(walks_, lesson, &Walked::lesson);
  return found == walks_.end() ? Walked{std::string(lesson)} : *found;
}

Answered& Progress::entry(std::string_view card, std::int64_t question) {
  for (Answered& a : answers_)
    if (a.card == card && a.question == question) return a;
  return answers_.emplace_back(Answered{std::string(card), question});
}

void Progress::note(std::string_view card, std::int64_t question, std::string_view answer, Verdict verdict) {
  if (verdict == Verdict::kUnreadable) return;
  Answered& a = entry(card, question);
  if (a.solved) return;
  ++a.attempts;
  a.last = answer;
  a.solved = verdict == Verdict::kRight;
}

void Progress::note_variant(std::string_view card, std::int64_t question) {
  ++entry(card, question).variants;
}

void Progress::note_solution(std::string_view card, std::int64_t question) {
  Answered& a = entry(card, question);
  if (!a.solved) a.shown = true;
}

void Progress::note_step(std::string_view lesson, std::int64_t step, bool last) {
  auto found = std::ranges::find(walks_, lesson, &Walked::lesson);
  if (found == walks_.end()) found = walks_.insert(walks_.end(), Walked{std::string(lesson)});
  found->step = std::max(found->step, step);
  found->done = found->done || last;
}

std::int64_t Progress::solved(const Card& card) const {
  std::int64_t count = 0;
  for (std::size_t i = 1; i <= card.questions.size(); ++i)
    if (answered(card.id, static_cast<std::int64_t>(i)).solved) ++count;
  return count;
}

Progress read_progress(const std::filesystem::path& file) {
  std::error_code none;
  if (!std::filesystem::exists(file, none)) return {};
  const std::string text = io::read_file(file, kLargestProgress_bytes);
  try {
    VersionOnly found;
    io::from_json(text, found, io::Unknown::kCollect);
    if (found.version > kVersion)
      throw io::FormatError("is of a newer version of Vitrine (" + std::to_string(found.version) +
                            "); it is left as it is");
    Versioned known;
    io::from_json(text, known, io::Unknown::kRefuse);
    return known.progress;
  } catch (const io::FormatError& wrong) {
    throw io::FileError(file, wrong.what());
  }
}

void write_progress(const std::filesystem::path& file, const Progress& progress) {
  io::make_folder(file.parent_path());
  io::write_file(file, io::to_json(Versioned{kVersion, progress}));
}

std::string progress_csv(const Progress& progress, const std::vector<Card>& cards) {
  std::string table = "card,question,solved,attempts,variants,solution_shown,last\n";
  for (const Card& card : cards)
    for (std::size_t i = 1; i <= card.questions.size(); ++i) {
      const Answered a = progress.answered(card.id, static_cast<std::int64_t>(i));
      table += csv_cell(card.id) + "," + std::to_string(i) + "," + (a.solved ? "yes" : "no") + "," +
               std::to_string(a.attempts) + "," + std::to_string(a.variants) + "," +
               (a.shown ? "yes" : "no") + "," + csv_cell(a.last) + "\n";
    }
  return table;
}

}  // namespace vitrine::lessons
