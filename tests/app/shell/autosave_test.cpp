// The session on disk while the window is open.
#include "app/shell/autosave.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>
#include <thread>

#include "app/labs/labs.h"
#include "app/shell/session.h"
#include "engine/io/files.h"
#include "tests/app/app_driver.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::shell {
namespace {

constexpr double kEvery_s = Autosave::kEvery_s;

// A disk that keeps what is written to it.
struct Disk {
  std::mutex mutex;
  std::vector<std::string> texts;
  void write(const std::string& text) {
    std::lock_guard lock(mutex);
    texts.push_back(text);
  }
  std::size_t count() {
    std::lock_guard lock(mutex);
    return texts.size();
  }
};

template <class Done>
bool until(Done done) {
  for (int i = 0; i < 600'000 && !done(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return done();
}

TEST(Autosave, WritesWhenItIsTimeAndOnlyWhatChanged) {
  AppDriver d(labs::all_labs({}));
  Disk disk;
  Autosave autosave([&](const std::string& text) { disk.write(text); });
  EXPECT_EQ(autosave.tick(kEvery_s - 0.1, d.app()), "");
  EXPECT_NEAR(autosave.due_in_s(kEvery_s - 0.1), 0.1, 1e-9);
  autosave.tick(kEvery_s, d.app());
  EXPECT_EQ(autosave.due_in_s(kEvery_s), kEvery_s);
  ASSERT_TRUE(until([&] { return disk.count() == 1; })) << "and not before";
  autosave.tick(2 * kEvery_s, d.app());
  d.app().settings().light = true;
  autosave.tick(3 * kEvery_s, d.app());
  ASSERT_TRUE(until([&] { return disk.count() >= 2; }));
  EXPECT_EQ(disk.count(), 2u) << "the same is not written twice";
  EXPECT_NE(disk.texts[0].find("\"light\": false"), std::string::npos);
  EXPECT_NE(disk.texts[1].find("\"light\": true"), std::string::npos);
}

TEST(Autosave, TheWindowDoesNotWaitForTheDisk) {
  AppDriver d(labs::all_labs({}));
  Disk disk;
  std::promise<void> ready;
  const auto disk_is_ready = ready.get_future().share();
  std::atomic<bool> begun = false;
  Autosave autosave([&](const std::string& text) {
    begun = true;
    disk_is_ready.wait();
    disk.write(text);
  });
  for (int i = 1; i <= 3; ++i) {
    d.app().settings().text_scale = 1 + 0.1 * i;
    EXPECT_EQ(autosave.tick(i * kEvery_s, d.app()), "");
    d.frames(2);
    ASSERT_TRUE(until([&] { return begun.load(); })) << "else the newest of all three is the first";
  }
  EXPECT_EQ(disk.count(), 0u);
  ready.set_value();
  ASSERT_TRUE(until([&] { return disk.count() == 2; })) << "the first and, of those that waited, the newest";
  EXPECT_NE(disk.texts[1].find("\"text_scale\": 1.3"), std::string::npos) << disk.texts[1].substr(0, 400);
}

TEST(Autosave, AFailureIsSaidOnceAndTriedAgain) {
  const io::TemporaryFolder folder;
  const auto file = folder / "state" / "session.json";
  io::write_file(folder / "state", "no folder");
  AppDriver d(labs::all_labs({}));
  ASSERT_TRUE(d.app().select("attention"));
  Autosave autosave([&](const std::string& text) { write_session(file, text); });
  std::vector<std::string> said;
  double now_s = 0;
  for (int i = 0; i < 20; ++i) {
    now_s += kEvery_s;
    if (auto words = autosave.tick(now_s, d.app()); !words.empty()) said.push_back(words);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ASSERT_TRUE(until([&] {
    if (auto words = autosave.tick(now_s, d.app()); !words.empty()) said.push_back(words);
    return !said.empty();
  }));
  EXPECT_EQ(said.size(), 1u);
  EXPECT_NE(said[0].find("The session cannot be saved: "), std::string::npos) << said[0];
  std::filesystem::remove(folder / "state");
  ASSERT_TRUE(until([&] {
    EXPECT_EQ(autosave.tick(now_s += kEvery_s, d.app()), "");
    return std::filesystem::exists(file);
  })) << "nothing was edited meanwhile";
  AppDriver later(labs::all_labs({}));
  EXPECT_EQ(restore_session(file, later.app()), "");
  EXPECT_EQ(later.lab().info().id, "attention");
}

}  // namespace
}  // namespace vitrine::shell
