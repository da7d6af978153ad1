#include "app/shell/session.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "app/labs/labs.h"
#include "engine/io/files.h"
#include "tests/app/app_driver.h"

namespace vitrine::shell {
namespace {

class Session : public testing::Test {
 protected:
  Session() {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  // One a test: they may run at the same time.
  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) /
      (std::string("vitrine_session_") + testing::UnitTest::GetInstance()->current_test_info()->name());
  const std::filesystem::path file_ = folder_ / "session.json";
};

TEST_F(Session, ComesBackAsItWasLeft) {
  {
    AppDriver d(labs::all_labs({}));
    ASSERT_TRUE(d.app().select("toeplitz"));
    d.settle();
    d.type("x[1]", "42");
    d.key(Key::kEnd);
    d.app().settings().light = true;
    EXPECT_EQ(save_session(file_, d.app()), "");
  }
  AppDriver d(labs::all_labs({}));
  EXPECT_EQ(restore_session(file_, d.app()), "");
  EXPECT_EQ(d.lab().info().id, "toeplitz");
  EXPECT_TRUE(d.app().settings().light);
  d.settle();
  EXPECT_EQ(d.lab().playhead().t, 6);
  EXPECT_NE(widgets::plain_text(d.lab().explain()).find("y_7"), std::string::npos);
  d.key(Key::kHome);
  EXPECT_NE(widgets::plain_text(d.lab().explain()).find("1 · 42"), std::string::npos);
}

TEST_F(Session, DamagedFileIsSetAsideAndSaid) {
  for (const char* damage : {"", "{", "[1, 2]", "{\"settings\": {\"light\": \"yes\"}}", "\xff\xfe\x00"}) {
    std::ofstream(file_) << damage;
    AppDriver d(labs::all_labs({}));
    const std::string words = restore_session(file_, d.app());
    EXPECT_NE(words.find("cannot be restored"), std::string::npos) << damage;
    EXPECT_FALSE(std::filesystem::exists(file_));
    EXPECT_TRUE(std::filesystem::exists(folder_ / "session.json.damaged"));
    d.settle();
    EXPECT_FALSE(d.lab().info().id.empty());
  }
}

TEST_F(Session, FieldsOfOtherVersionsArePassedOver) {
  std::ofstream(file_) << R"({"settings": {"light": true, "hologram": 3}})";
  AppDriver d(labs::all_labs({}));
  EXPECT_NE(restore_session(file_, d.app()).find("hologram"), std::string::npos);
  EXPECT_TRUE(d.app().settings().light);
}

TEST_F(Session, NumbersOutOfRangeAreBroughtBack) {
  std::ofstream(file_) << R"({
    "settings": {"text_scale": "NaN"},
    "image": {"params": {"item": -7, "kernel": [1, 2, 3], "stride": 0, "dilation": -1, "left": 99999},
              "view": {"playhead": {"t": "NaN", "speed": "Infinity"}}},
    "toeplitz": {"params": {"input": [[1, 2], [3, 4]], "kernel": [], "unshared": 5, "share_weights": false,
                            "dilation": 9223372036854775807, "padding_before": 9223372036854775807}},
    "training": {"view": {"layer": 1000000, "head": -1}}})";
  AppDriver d(labs::all_labs({}));
  EXPECT_EQ(restore_session(file_, d.app()), "");
  EXPECT_EQ(d.app().settings().text_scale, 1);
  for (const char* lab : {"image", "toeplitz"}) {
    ASSERT_TRUE(d.app().select(lab));
    d.settle();
    EXPECT_EQ(d.lab().playhead().t, 0) << lab;
    EXPECT_NE(widgets::plain_text(d.lab().explain()), "") << lab;
  }
  EXPECT_EQ(save_session(file_, d.app()), "");
  const std::string saved = io::read_file(file_);
  for (const char* kept : {"\"item\": 0", "\"stride\": 1", "\"left\": 32", "\"dilation\": 8", "\"speed\": 1"})
    EXPECT_NE(saved.find(kept), std::string::npos) << kept;
}

TEST_F(Session, ReadOnlyFolderIsSaidNotThrown) {
  AppDriver d(labs::all_labs({}));
  EXPECT_NE(save_session("/proc/nowhere/session.json", d.app()).find("cannot be saved"), std::string::npos);
}

}  // namespace
}  // namespace vitrine::shell
