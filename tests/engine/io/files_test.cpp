#include "engine/io/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

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

TEST(Files, LeftoversOfKilledWritersGo) {
  TemporaryFolder folder;
  for (const char* name : {".vitrine-77.tmp", ".vitrine", "a.tmp"}) write_file(folder / name, "x");
  remove_leftovers(folder.path());
  EXPECT_FALSE(fs::exists(folder / ".vitrine-77.tmp"));
  EXPECT_EQ(entries(folder.path()), 2u);
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
