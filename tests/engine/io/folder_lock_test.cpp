#include "engine/io/folder_lock.h"

#include <gmock/gmock.h>

#include "tests/engine/io/temporary_folder.h"

namespace vitrine::io {
namespace {

TEST(FolderLock, IsHeldByOneAtATime) {
  TemporaryFolder folder;
  {
    const FolderLock first(folder.path());
    EXPECT_EQ(error_of<FileError>([&] { FolderLock second(folder.path()); }),
              folder.path().string() +
                  ": another program writes into it; wait until it ends or choose another folder");
  }
  EXPECT_NO_THROW(FolderLock(folder.path()));
}

TEST(FolderLock, NeedsAFolder) {
  TemporaryFolder folder;
  EXPECT_EQ(error_of<FileError>([&] { FolderLock lock(folder / "none"); }),
            (folder / "none").string() + ": No such file or directory");
  write_file(folder / "file", "");
  EXPECT_THAT(error_of<FileError>([&] { FolderLock lock(folder / "file"); }),
              testing::HasSubstr("Not a directory"));
}

}  // namespace
}  // namespace vitrine::io
