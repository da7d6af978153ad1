#include "engine/lessons/card.h"

#include <algorithm>
#include <cmath>

#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/io/json_fields.h"

namespace vitrine::lessons {

namespace fs = std::filesystem;

void Step::describe(core::Fields& f) {
  f.field("say", say);
  f.field("lab", lab);
  f.field("preset", preset);
  f.raw_values("set", set);
  f.field("at", at);
  f.field("until", until);
  f.list("predict", predict);
  f.field("task", task);
  f.field("done", done);
  f.raw_values("doing", doing);
  f.raw_values("hide", hide);
  f.raw_values("lock", lock);
  f.field("point", point);
}
void Card::describe(core::Fields& f) {
  f.field("title", title);
  f.field("lab", lab);
  f.field("number", number);
  f.list("questions", questions);
  f.list("solution", solution);
}
void Lesson::describe(core::Fields& f) {
  f.field("title", title);
  f.field("about", about);
  f.field("number", number);
  f.list("steps", steps);
}

namespace {

constexpr Index kLargestCard_bytes = Index{1} << 20;
constexpr double kLatest = 1e9;                           // step of a lab
constexpr std::size_t kFewestSteps = 6, kMostSteps = 12;  // of a lesson

void put(std::vector<std::string>& all, const std::string& where, const std::vector<std::string>& found) {
  for (const std::string& words : found) all.push_back(where + ": " + words);
}

std::vector<std::string> problems_of(const Step& step) {
  std::vector<std::string> found;
  if (step.say.empty()) found.push_back("say: there are no words");
  if (!(step.at >= 0 && step.at <= kLatest) || !(std::abs(step.until) <= kLatest))
    found.push_back("at, until: steps are counted from 0, and no lab has 1e9 of them");
  if (step.until != 0 && step.until < step.at) found.push_back("until: it is before at");
  const auto check_fields = [&](std::string_view name, const std::vector<std::string>& fields) {
    for (const std::string& set : fields)
      if (set.find('=') == set.npos || set.starts_with('='))
        found.push_back(std::string(name) + ": \"" + core::printable(set, 60) +
                        "\" is not of the form field=value");
  };
  check_fields("set", step.set);
  check_fields("doing", step.doing);
  if (step.predict.size() > 1) found.push_back("predict: there is more than one question");
  for (const Question& question : step.predict) put(found, "predict", problems(question));
  if (step.task.empty() != step.done.empty()) found.push_back("task, done: one without the other");
  if (!step.task.empty() && step.doing.empty()) found.push_back("doing: nothing does the task for who asks");
  return found;
}

std::string numbered(std::string_view name, std::size_t i) {
  return std::string(name) + "[" + std::to_string(i + 1) + "]";
}

// Whatever problems it has. Throws io::FileError.
template <class Kind>
Kind read_unchecked(const fs::path& file, std::string_view ending) {
  const std::string text = io::read_file(file, kLargestCard_bytes);
  Kind kind;
  try {
    io::from_json(text, kind, io::Unknown::kRefuse);
  } catch (const io::FormatError& wrong) {
    throw io::FileError(file, wrong.what());
  }
  kind.id = file.filename().string();
  kind.folder = file.parent_path();
  if (kind.id.ends_with(ending)) kind.id.resize(kind.id.size() - ending.size());
  return kind;
}

template <class Kind>
Kind read(const fs::path& file, std::string_view ending) {
  Kind kind = read_unchecked<Kind>(file, ending);
  if (const auto found = problems(kind); !found.empty()) throw io::FileError(file, found.front());
  return kind;
}

template <class Kind>
Shelf<Kind> read_all(const fs::path& folder, std::string_view ending) {
  Shelf<Kind> shelf;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (!entry.path().filename().string().ends_with(ending)) continue;
    try {
      shelf.all.push_back(read<Kind>(entry.path(), ending));
    } catch (const io::FileError& wrong) {
      shelf.refused.push_back(wrong.what());
    }
  }
  std::ranges::sort(shelf.all, [](const Kind& a, const Kind& b) {
    return a.number != b.number ? a.number < b.number : a.id < b.id;
  });
  std::ranges::sort(shelf.refused);
  return shelf;
}

}  // namespace

Step whole_state(const std::vector<Step>& steps, std::size_t at) {
  std::vector<std::string> labs;  // of each step
  for (const Step& step : steps) labs.push_back(step.lab.empty() && !labs.empty() ? labs.back() : step.lab);
  std::size_t from = at;
  while (from > 0 && steps[from].preset.empty() && labs[from - 1] == labs[at]) --from;
  Step state = steps.at(at);
  state.lab = labs[at];
  state.preset = steps[from].preset;
  state.set.clear();
  for (std::size_t i = from; i <= at; ++i) {
    state.set.insert(state.set.end(), steps[i].set.begin(), steps[i].set.end());
    if (i < at) state.set.insert(state.set.end(), steps[i].doing.begin(), steps[i].doing.end());
  }
  return state;
}

std::vector<std::string> problems(const Card& card) {
  std::vector<std::string> found;
  if (card.title.empty()) found.push_back("title: there is none");
  if (card.lab.empty()) found.push_back("lab: there is none");
  if (card.questions.empty()) found.push_back("questions: there is none");
  if (card.solution.empty()) found.push_back("solution: there is none");
  for (std::size_t i = 0; i < card.questions.size(); ++i)
    put(found, numbered("questions", i), problems(card.questions[i]));
  for (std::size_t i = 0; i < card.solution.size(); ++i) {
    put(found, numbered("solution", i), problems_of(card.solution[i]));
    if (!card.solution[i].predict.empty() || !card.solution[i].task.empty())
      found.push_back(numbered("solution", i) + ": only a lesson asks on its way");
  }
  return found;
}

std::vector<std::string> problems(const Lesson& lesson) {
  std::vector<std::string> found;
  if (lesson.title.empty()) found.push_back("title: there is none");
  if (lesson.about.empty()) found.push_back("about: there is no sentence");
  if (lesson.steps.size() < kFewestSteps || lesson.steps.size() > kMostSteps)
    found.push_back("steps: there are " + std::to_string(lesson.steps.size()) + ", and a lesson has 6 to 12");
  if (!lesson.steps.empty() && lesson.steps.front().lab.empty())
    found.push_back("steps[1]: lab: there is none");
  for (std::size_t i = 0; i < lesson.steps.size(); ++i)
    put(found, numbered("steps", i), problems_of(lesson.steps[i]));
  return found;
}

std::vector<std::string> problems(const fs::path& file) {
  const std::string name = file.filename().string(), where = core::printable(file.string());
  std::vector<std::string> found;
  try {
    if (name.ends_with(kCardEnding))
      put(found, where, problems(read_unchecked<Card>(file, kCardEnding)));
    else if (name.ends_with(kLessonEnding))
      put(found, where, problems(read_unchecked<Lesson>(file, kLessonEnding)));
    else
      found.push_back(where + ": is neither a " + std::string(kCardEnding) + " nor a " +
                      std::string(kLessonEnding));
  } catch (const io::FileError& wrong) {
    found.push_back(wrong.what());
  }
  return found;
}

Card read_card(const fs::path& file) { return read<Card>(file, kCardEnding); }
Lesson read_lesson(const fs::path& file) { return read<Lesson>(file, kLessonEnding); }
Shelf<Card> read_cards(const fs::path& folder) { return read_all<Card>(folder, kCardEnding); }
Shelf<Lesson> read_lessons(const fs::path& folder) { return read_all<Lesson>(folder, kLessonEnding); }

}  // namespace vitrine::lessons
