#include "engine/io/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include "tests/engine/io/damage.h"
#include "tests/engine/io/faults.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::io {
namespace {

namespace fs = std::filesystem;

std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(Files, RoundTripAndReplaceKeepEveryByte) {
  TemporaryFolder folder;
  std::string bytes(200000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7);
  write_file(folder / "a.bin", bytes);
  EXPECT_EQ(read_file(folder / "a.bin"), bytes);
  write_file(folder / "a.bin", "");
  EXPECT_EQ(read_file(folder / "a.bin"), "");
  EXPECT_EQ(entries(folder.path()), 1u);
}

TEST(Files, ReadingNamesPathAndReason) {
  TemporaryFolder folder;
  const auto reason = [&](const fs::path& path, core::Index limit) {
    return error_of<FileError>([&] { read_file(path, limit); });
  };
  EXPECT_EQ(reason(folder / "none", 10), (folder / "none").string() + ": No such file or directory");
  EXPECT_EQ(reason(folder.path(), 10), folder.path().string() + ": Is a directory");
  write_file(folder / "five", "12345");
  EXPECT_EQ(read_file(folder / "five", 5), "12345");
  EXPECT_EQ(reason(folder / "five", 4),
            (folder / "five").string() + ": holds 5 bytes or more, the limit is 4");
  EXPECT_THAT(reason("/dev/zero", 1000), testing::HasSubstr("the limit is 1000"));
}

TEST(Files, PathsPrintOnOneLine) {
  EXPECT_EQ(error_of<FileError>([] { read_file("a\nb"); }), "a\\nb: No such file or directory");
}

TEST(Files, AFailedWriteLeavesTheOldFileAndNothingElse) {
  TemporaryFolder folder;
  write_file(folder / "kept", "old");
  struct rlimit old_limit {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old_limit), 0);
  const struct rlimit small = {1000, old_limit.rlim_max};
  const auto old_handler = signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string error = error_of<FileError>([&] { write_file(folder / "kept", std::string(5000, 'x')); });
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &old_limit), 0);
  signal(SIGXFSZ, old_handler);
  EXPECT_EQ(error, (folder / "kept").string() + ": File too large");
  EXPECT_EQ(read_file(folder / "kept"), "old");
  EXPECT_EQ(entries(folder.path()), 1u);
}

TEST(Files, OnlyRegularFilesAreReplaced) {
  TemporaryFolder folder;
  EXPECT_THAT(error_of<FileError>([&] { write_file(folder.path(), "x"); }),
              testing::HasSubstr("not a regular file"));
  EXPECT_THAT(error_of<FileError>([&] { write_file(folder / "no" / "such", "x"); }),
              testing::HasSubstr("No such file or directory"));
  EXPECT_THAT(error_of<FileError>([] { write_file("/dev/full", "x"); }),
              testing::HasSubstr("not a regular file"));
}

TEST(Files, PiecesAreWrittenOneAfterTheOther) {
  TemporaryFolder folder;
  write_file(folder / "a", {"one", "", " two"});
  EXPECT_EQ(read_file(folder / "a"), "one two");
}

TEST(Files, AnEndIsReplaced) {
  TemporaryFolder folder;
  replace_end(folder / "log", 100, "one\n");  // there is none yet
  replace_end(folder / "log", 100, "two\n");
  EXPECT_EQ(read_file(folder / "log"), "one\ntwo\n");
  replace_end(folder / "log", 4, "three\n");
  EXPECT_EQ(read_file(folder / "log"), "one\nthree\n");
  replace_end(folder / "log", 4, "");
  EXPECT_EQ(read_file(folder / "log"), "one\n");
  const std::string much(200'000, 'x');  // more than is copied at a time
  write_file(folder / "log", much);
  replace_end(folder / "log", 150'000, "end");
  EXPECT_EQ(read_file(folder / "log"), much.substr(0, 150'000) + "end");
  EXPECT_EQ(entries(folder.path()), 1u);
}

TEST(Files, AReplacedFileKeepsItsMode) {
  TemporaryFolder folder;
  write_file(folder / "a", "1");
  fs::permissions(folder / "a", fs::perms::owner_read | fs::perms::owner_write);
  write_file(folder / "a", "2");
  EXPECT_EQ(fs::status(folder / "a").permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST(Files, AFileAsideReplacesOrLeavesNothing) {
  TemporaryFolder folder;
  write_file(folder / "a", "old");
  {
    const FileAside unfinished(folder / "a");
    write_file(unfinished.path(), "half");
  }
  EXPECT_EQ(read_file(folder / "a"), "old");
  EXPECT_EQ(entries(folder.path()), 1u);
  FileAside aside(folder / "a");
  write_file(aside.path(), "new");
  aside.replace();
  EXPECT_EQ(read_file(folder / "a"), "new");
  EXPECT_EQ(entries(folder.path()), 1u);
  EXPECT_EQ(error_of<FileError>([&] { FileAside(folder / "b").replace(); }),
            (folder / "b").string() + ": No such file or directory");
}

TEST(Files, AnEndingIsOfSmallLetters) {
  EXPECT_EQ(ending_of("a.b/C.PNG"), ".png");
  EXPECT_EQ(ending_of("a.b/c"), "");
}

TEST(Files, AFolderIsMadeOnce) {
  const TemporaryFolder folder;
  EXPECT_TRUE(make_folder(folder / "a/b"));
  EXPECT_FALSE(make_folder(folder / "a/b"));
  write_file(folder / "file", "");
  EXPECT_THAT(error_of<FileError>([&] { make_folder(folder / "file"); }),
              testing::HasSubstr("file: cannot be made: "));
}

TEST(Files, LeftoversOfKilledWritersGo) {
  TemporaryFolder folder;
  for (const char* name : {".vitrine-77.tmp", ".vitrine", "a.tmp"}) write_file(folder / name, "x");
  remove_leftovers(folder.path());
  EXPECT_FALSE(fs::exists(folder / ".vitrine-77.tmp"));
  EXPECT_EQ(entries(folder.path()), 2u);
}

// Whatever call fails: the old file or the new one, whole, and nothing beside it.
TEST(Files, EveryFaultLeavesTheOldFileOrTheNewOne) {
  const std::string old_text(100'000, 'o'), new_text(100'000, 'n');
  const auto replace_all = [&](const fs::path& file) { write_file(file, {new_text, "!"}); };
  const auto replace_most = [&](const fs::path& file) { replace_end(file, 70'000, new_text); };
  const std::string by_all = new_text + "!", by_most = old_text.substr(0, 70'000) + new_text;
  using Change = std::pair<std::function<void(const fs::path&)>, std::string>;
  for (const auto& [change, changed] : {Change{replace_all, by_all}, Change{replace_most, by_most}}) {
    int errors = 0, last = 0;
    for (bool happened = true; happened;) {
      TemporaryFolder folder;
      put_file(folder / "file", old_text);
      std::string error;
      {
        const FaultAt fault(Fault::kError, ++last);
        error = error_of<FileError>([&] { change(folder / "file"); });
        happened = fault.happened();
      }
      if (!error.empty()) {
        EXPECT_EQ(error, (folder / "file").string() + ": No space left on device") << last;
      }
      errors += !error.empty();
      EXPECT_EQ(read_file(folder / "file"), error.empty() ? changed : old_text) << last;
      EXPECT_EQ(entries(folder.path()), 1u) << last;
    }
    EXPECT_GE(errors, 5);  // two writes, fsync, linkat, rename
    EXPECT_GE(last, 7);
  }
}

TEST(Files, AWriteThatTakesAPartGoesOn) {
  TemporaryFolder folder;
  const FaultAt fault(Fault::kShortWrite, 2);
  write_file(folder / "file", {"one ", "and two"});
  EXPECT_TRUE(fault.happened());
  EXPECT_EQ(read_file(folder / "file"), "one and two");
}

TEST(Files, AKillAtAnyCallLeavesTheOldFileOrTheNewOne) {
  TemporaryFolder folder;
  const std::string old_text(100'000, 'o'), new_text(100'000, 'n');
  int call = 0, replaced = 0;
  for (bool was_killed = true; was_killed;) {
    put_file(folder / "file", old_text);
    was_killed = killed([&] {
      const FaultAt fault(Fault::kKill, call + 1);
      write_file(folder / "file", new_text);
    });
    ++call;
    const std::string text = read_file(folder / "file");
    EXPECT_TRUE(text == old_text || text == new_text) << call;
    replaced += text == new_text;
    remove_leftovers(folder.path());
    EXPECT_EQ(entries(folder.path()), 1u) << call;
  }
  EXPECT_GE(call, 6);
  EXPECT_GE(replaced,
            2);  // by the one that was let go on, and by the one killed after the new name was there
}

TEST(Files, ASymbolicLinkStays) {
  TemporaryFolder folder;
  write_file(folder / "target", "old");
  fs::create_symlink("target", folder / "link");
  write_file(folder / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(read_file(folder / "target"), "new");
}

}  // namespace
}  // namespace vitrine::io
