// How a window finds what the last one left: closed properly, killed, or still open.
#include "app/shell/last_session.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "app/labs/labs.h"
#include "app/shell/session.h"
#include "engine/io/files.h"
#include "tests/app/app_driver.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::shell {
namespace {

namespace fs = std::filesystem;

// A window from its start to its end; without end() it was killed.
struct Window {
  explicit Window(const fs::path& file) : last(file) {
    words = last.begin(d.app());
    d.frames(3);
  }
  bool asks() { return d.app().items().find("Restore").has_value(); }
  void answer(const std::string& button) {
    d.click(button);
    words = last.frame(d.app());
    d.frames(3);
  }
  AppDriver d{labs::all_labs({}), 1280, 900};
  LastSession last;
  std::string words;
};

class LastSessionTest : public testing::Test {
 protected:
  // Somebody at work in the attention lab, in the light theme, until the power fails.
  void leave_behind() {
    Window killed(file);
    EXPECT_EQ(killed.words, "");
    killed.d.app().select("attention");
    killed.d.app().settings().light = true;
    killed.d.app().settings().text_scale = 1.2;
    EXPECT_EQ(save_session(file, killed.d.app()), "");
  }
  const io::TemporaryFolder folder;
  const fs::path file = folder / "state" / "session.json";
};

TEST_F(LastSessionTest, ThatClosedProperlyComesBackUnasked) {
  {
    Window first(file);
    EXPECT_TRUE(first.last.keeps());
    first.d.app().select("attention");
    EXPECT_EQ(first.last.end(first.d.app()), "");
  }
  Window next(file);
  EXPECT_EQ(next.words, "");
  EXPECT_FALSE(next.asks());
  EXPECT_EQ(next.d.lab().info().id, "attention");
}

TEST_F(LastSessionTest, ThatWasKilledIsAskedAboutAndRestored) {
  leave_behind();
  const std::string left = io::read_file(file);
  Window next(file);
  ASSERT_TRUE(next.asks());
  EXPECT_FALSE(next.last.keeps()) << "nothing is written over it";
  EXPECT_EQ(next.d.lab().info().id, "image") << "nor restored";
  EXPECT_TRUE(next.d.app().settings().light) << "but the settings are";
  EXPECT_EQ(next.d.app().settings().text_scale, 1.2);
  next.d.key(Key::kEscape);
  next.d.click(widgets::Point{5, 5});
  next.d.key(Key::kDigit3);
  EXPECT_TRUE(next.asks());
  EXPECT_EQ(next.d.lab().info().id, "image") << "keys are the question's";
  EXPECT_EQ(next.last.frame(next.d.app()), "");
  EXPECT_EQ(io::read_file(file), left);
  next.answer("Restore");
  EXPECT_FALSE(next.asks());
  EXPECT_TRUE(next.last.keeps());
  EXPECT_EQ(next.d.lab().info().id, "attention");
  EXPECT_EQ(next.last.end(next.d.app()), "");
  Window after(file);
  EXPECT_FALSE(after.asks());
}

TEST_F(LastSessionTest, TheQuestionStaysUntilItIsAnswered) {
  leave_behind();
  const std::string left = io::read_file(file);
  { EXPECT_TRUE(Window(file).asks()); }  // killed while it asks
  {
    Window closed(file);
    EXPECT_TRUE(closed.asks());
    EXPECT_EQ(closed.last.end(closed.d.app()), "");
  }
  EXPECT_TRUE(Window(file).asks());
  EXPECT_EQ(io::read_file(file), left);
}

TEST_F(LastSessionTest, StartingNewKeepsWhatWasLeftAside) {
  leave_behind();
  const std::string left = io::read_file(file);
  {
    Window next(file);
    next.answer("Start new");
    EXPECT_TRUE(next.last.keeps());
    EXPECT_EQ(next.d.lab().info().id, "image");
    EXPECT_NE(next.words.find("session.json.before"), std::string::npos) << next.words;
    EXPECT_EQ(io::read_file(folder / "state" / "session.json.before"), left);
    EXPECT_EQ(next.last.end(next.d.app()), "");
  }
  Window after(file);
  EXPECT_FALSE(after.asks());
  EXPECT_EQ(after.d.lab().info().id, "image");
}

TEST_F(LastSessionTest, ASecondWindowIsNoCrashAndKeepsNothing) {
  Window first(file);
  first.d.app().select("attention");
  first.d.app().settings().light = true;
  ASSERT_EQ(save_session(file, first.d.app()), "");
  const std::string saved = io::read_file(file);
  {
    Window second(file);
    EXPECT_NE(second.words.find("Another window"), std::string::npos) << second.words;
    EXPECT_FALSE(second.asks());
    EXPECT_FALSE(second.last.keeps());
    EXPECT_EQ(second.d.lab().info().id, "image");
    EXPECT_TRUE(second.d.app().settings().light);
    EXPECT_EQ(second.last.end(second.d.app()), "");
  }
  EXPECT_EQ(io::read_file(file), saved);
  EXPECT_TRUE(fs::exists(folder / "state" / "session.json.open")) << "it is the first one's";
  EXPECT_TRUE(first.last.keeps());
}

TEST_F(LastSessionTest, ThatIsDamagedIsNotAskedAbout) {
  leave_behind();
  io::write_file(file, "{\"settings\": ");
  Window next(file);
  EXPECT_FALSE(next.asks());
  EXPECT_TRUE(next.last.keeps());
  EXPECT_NE(next.words.find("cannot be restored"), std::string::npos) << next.words;
  EXPECT_TRUE(fs::exists(folder / "state" / "session.json.damaged"));
}

TEST_F(LastSessionTest, ThatWasKilledBeforeAnythingWasSavedIsForgotten) {
  { Window killed(file); }
  Window next(file);
  EXPECT_FALSE(next.asks());
  EXPECT_TRUE(next.last.keeps());
}

TEST_F(LastSessionTest, WithoutAPlaceNothingIsKeptAndNothingAsked) {
  Window none{fs::path()};
  EXPECT_EQ(none.words, "");
  EXPECT_FALSE(none.asks());
  EXPECT_FALSE(none.last.keeps());
  EXPECT_EQ(none.last.end(none.d.app()), "");
  io::write_file(folder / "state", "no folder");
  Window refused(file);
  EXPECT_FALSE(refused.asks());
  EXPECT_NE(refused.last.end(refused.d.app()).find("cannot be saved"), std::string::npos);
}

}  // namespace
}  // namespace vitrine::shell
