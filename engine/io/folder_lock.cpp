#include "engine/io/folder_lock.h"

#include <sys/file.h>

#include <cerrno>

namespace vitrine::io {

FolderLock::FolderLock(const std::filesystem::path& folder)
    : folder_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (!folder_.open()) throw_errno(folder, errno);
  if (::flock(folder_.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    throw FileError(folder, "another program writes into it; wait until it ends or choose another folder");
}

}  // namespace vitrine::io
