// What a learner has done is counted, kept in a file as a whole, and a file that is damaged or newer is left
// alone.
#include "engine/lessons/progress.h"

#include <gmock/gmock.h>

#include "engine/io/files.h"
#include "tests/engine/io/damage.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::lessons {
namespace {

using io::error_of;
using testing::HasSubstr;

Card card_of(std::size_t questions) {
  Card card;
  card.id = "sizes";
  card.questions.resize(questions);
  return card;
}

Progress some() {
  Progress progress;
  progress.note("sizes", 1, "4", Verdict::kWrong);
  progress.note("sizes", 1, "5", Verdict::kRight);
  progress.note("sizes", 2, "a, \"b\"", Verdict::kNamed);
  progress.note_solution("sizes", 2);
  progress.note_variant("sizes", 1);
  progress.note_step("sliding", 3, false);
  return progress;
}

TEST(Progress, CountsAnswersUntilOneIsRight) {
  Progress progress = some();
  EXPECT_EQ(progress.answered("sizes", 1), (Answered{"sizes", 1, 2, true, false, 1, "5"}));
  progress.note("sizes", 1, "7", Verdict::kWrong);
  EXPECT_TRUE(progress.answered("sizes", 1).solved) << "once solved it stays so";
  progress.note("sizes", 2, "((", Verdict::kUnreadable);
  EXPECT_EQ(progress.answered("sizes", 2).attempts, 1);
  EXPECT_TRUE(progress.answered("sizes", 2).shown);
  EXPECT_EQ(progress.answered("other", 1), (Answered{"other", 1}));
  EXPECT_EQ(progress.solved(card_of(2)), 1);
}

TEST(Progress, ALessonsFurthestStepIsKept) {
  Progress progress = some();
  progress.note_step("sliding", 2, false);
  EXPECT_EQ(progress.walked("sliding"), (Walked{"sliding", 3, false}));
  progress.note_step("sliding", 8, true);
  progress.note_step("sliding", 1, false);
  EXPECT_EQ(progress.walked("sliding"), (Walked{"sliding", 8, true}));
  EXPECT_EQ(progress.walked("attention"), (Walked{"attention", 0, false}));
}

TEST(Progress, IsKeptInAFile) {
  const io::TemporaryFolder folder;
  const auto file = folder / "new" / "progress.json";
  EXPECT_EQ(read_progress(file), Progress{});
  write_progress(file, some());
  EXPECT_EQ(read_progress(file), some());
}

TEST(Progress, ADamagedOrNewerFileIsSaidInOneLine) {
  const io::TemporaryFolder folder;
  const auto file = folder / "progress.json";
  write_progress(file, some());
  const std::string whole = io::read_file(file, 1 << 20);
  io::expect_prefixes_refused<io::FileError>(whole.substr(0, whole.find_last_of('}') + 1),
                                             [&](const std::string& text) {
                                               io::write_file(file, text);
                                               read_progress(file);
                                             });
  const auto reason = [&](const std::string& text) {
    io::write_file(file, text);
    return error_of<io::FileError>([&] { read_progress(file); });
  };
  EXPECT_THAT(reason(R"({"version": 2, "medals": []})"), HasSubstr("is of a newer version of Vitrine (2)"));
  EXPECT_THAT(reason(R"({"version": 1, "medals": []})"), HasSubstr("medals"));
  EXPECT_THAT(reason(R"({"version": "one"})"), HasSubstr("version"));
  EXPECT_THAT(reason(std::string(1000, '[')), HasSubstr("progress.json"));
}

TEST(Progress, ATeachersTableHasALineAQuestion) {
  EXPECT_EQ(progress_csv(some(), {card_of(2)}),
            "card,question,solved,attempts,variants,solution_shown,last\n"
            "\"sizes\",1,yes,2,1,no,\"5\"\n"
            "\"sizes\",2,no,1,0,yes,\"a, \"\"b\"\"\"\n");
}

}  // namespace
}  // namespace vitrine::lessons
