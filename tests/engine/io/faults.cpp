#include "tests/engine/io/faults.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>

namespace vitrine::io {
namespace {

std::atomic<int> calls_left = 0;  // 0: no fault to come
std::atomic<Fault> coming;

// True when this call is to have the fault; a process that is to be killed does not return.
bool due(Fault kind) {
  if (coming != kind || calls_left == 0 || --calls_left > 0) return false;
  if (kind == Fault::kKill) ::raise(SIGKILL);
  errno = ENOSPC;
  return true;
}

// Makes the call unless it fails.
template <class... Arguments>
long call(long number, Arguments... arguments) {
  due(Fault::kKill);
  return due(Fault::kError) ? -1 : ::syscall(number, arguments...);
}

}  // namespace

FaultAt::FaultAt(Fault fault, int call) {
  coming = fault;
  calls_left = call;
}
FaultAt::~FaultAt() { calls_left = 0; }
bool FaultAt::happened() const { return calls_left == 0; }

}  // namespace vitrine::io

using vitrine::io::call;

extern "C" {

int open(const char* path, int flags, ...) {
  std::va_list more;
  va_start(more, flags);
  const mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
  va_end(more);
  const bool writes = (flags & O_ACCMODE) != O_RDONLY;
  return static_cast<int>(writes ? call(SYS_openat, AT_FDCWD, path, flags, mode)
                                 : ::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}
ssize_t write(int file, const void* bytes, size_t count) {
  const bool part = count > 1 && vitrine::io::due(vitrine::io::Fault::kShortWrite);
  return call(SYS_write, file, bytes, part ? count / 2 : count);
}
// Without waiting for the disk: a killed process, unlike a power cut, loses nothing that it wrote.
int fsync(int file) { return call(SYS_fcntl, file, F_GETFD) < 0 ? -1 : 0; }
int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) noexcept {
  return static_cast<int>(call(SYS_linkat, from_folder, from, to_folder, to, flags));
}
int rename(const char* from, const char* to) noexcept {
  return static_cast<int>(call(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}
int unlink(const char* path) noexcept { return static_cast<int>(call(SYS_unlinkat, AT_FDCWD, path, 0)); }
int mkdir(const char* path, mode_t mode) noexcept {
  return static_cast<int>(call(SYS_mkdirat, AT_FDCWD, path, mode));
}
int remove(const char* path) noexcept {
  const int done = ::unlink(path);
  return done != 0 && errno == EISDIR ? ::rmdir(path) : done;
}

}  // extern "C"
