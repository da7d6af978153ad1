// An open file descriptor, closed with its owner; and the error that a system call left, as the file's.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "engine/io/files.h"

namespace vitrine::io {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }

 private:
  int fd_;
};

[[noreturn]] inline void throw_errno(const std::filesystem::path& path, int code) {
  throw FileError(path, std::generic_category().message(code));
}

}  // namespace vitrine::io
