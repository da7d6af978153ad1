// FolderLock: one program at a time may write into a folder. The kernel holds the lock on the folder itself,
// so nothing lies in it and nothing is left when the program dies, however it dies.
#pragma once

#include "engine/io/descriptor.h"

namespace vitrine::io {

class FolderLock {
 public:
  // Throws FileError when the folder cannot be opened or another holds it. Where the file system knows no
  // locks, as some networks' do not, nothing is held.
  explicit FolderLock(const std::filesystem::path& folder);

 private:
  Descriptor folder_;
};

}  // namespace vitrine::io
