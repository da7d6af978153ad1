#include "engine/io/files.h"

#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <cerrno>

#include "engine/core/text.h"
#include "engine/io/descriptor.h"

namespace vitrine::io {

namespace {

namespace fs = std::filesystem;

// The name of a file that is being written.
const std::string kBesideBegins = ".vitrine-", kBesideEnds = ".tmp";
constexpr std::size_t kPiece_bytes = std::size_t{1} << 16;

// At most `bytes`, and none only at the file's end.
std::size_t read_some(const fs::path& path, int file, char* to, std::size_t bytes) {
  while (true) {
    const ssize_t got = ::read(file, to, bytes);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) throw_errno(path, errno);
  }
}

fs::path folder_of(const fs::path& target) {
  return target.has_parent_path() ? target.parent_path() : fs::path(".");
}

// A thread's id is one in the whole system, so no two writers share a name.
fs::path name_beside(const fs::path& target) {
  return folder_of(target) / (kBesideBegins + std::to_string(::gettid()) + kBesideEnds);
}

// The file `name`, open as `file` and to be what `target` is: flushed, with the mode of the old one, renamed.
void put_in_place(int file, const fs::path& name, const fs::path& target) {
  if (struct stat old{}; ::stat(target.c_str(), &old) == 0) ::fchmod(file, old.st_mode & 0777);
  if (::fsync(file) != 0 || ::rename(name.c_str(), target.c_str()) != 0) throw_errno(target, errno);
  const Descriptor folder(::open(folder_of(target).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.open()) ::fsync(folder.get());  // the new name outlives a power cut, where the system can do it
}

// A new file beside `target`, without a name where the system can do that: then even kill -9 leaves nothing.
class FileBeside {
 public:
  explicit FileBeside(const fs::path& target)
      : target_(target), folder_(folder_of(target)), name_(name_beside(target)), file_(open_file()) {
    if (!file_.open()) throw_errno(target_, errno);
  }
  ~FileBeside() {
    if (named_) ::unlink(name_.c_str());
  }
  FileBeside(const FileBeside&) = delete;
  FileBeside& operator=(const FileBeside&) = delete;

  void write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) throw_errno(target_, errno);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  // The first bytes of the file that will be replaced.
  void write_beginning(core::Index bytes) const {
    const Descriptor old(::open(target_.c_str(), O_RDONLY | O_CLOEXEC));
    if (!old.open() && errno == ENOENT) return;
    if (!old.open()) throw_errno(target_, errno);
    std::string piece(kPiece_bytes, '\0');
    while (bytes > 0) {
      const auto most = static_cast<std::size_t>(std::min<core::Index>(bytes, std::ssize(piece)));
      const std::size_t got = read_some(target_, old.get(), piece.data(), most);
      if (got == 0) return;
      write(std::string_view(piece).substr(0, got));
      bytes -= static_cast<core::Index>(got);
    }
  }
  void replace_target() {
    if (!named_) {
      const std::string self = "/proc/self/fd/" + std::to_string(file_.get());
      ::unlink(name_.c_str());  // a leftover of a killed process with the same id
      if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name_.c_str(), AT_SYMLINK_FOLLOW) != 0)
        throw_errno(target_, errno);
      named_ = true;
    }
    put_in_place(file_.get(), name_, target_);
    named_ = false;
  }

 private:
  int open_file() {
    constexpr mode_t kMode = 0666;  // less the user's umask
#ifdef O_TMPFILE
    if (::access("/proc/self/fd", X_OK) == 0) {
      const int fd = ::open(folder_.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, kMode);
      if (fd >= 0) return fd;
    }
#endif
    const int fd = ::open(name_.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, kMode);
    named_ = fd >= 0;
    return fd;
  }

  fs::path target_, folder_, name_;
  bool named_ = false;
  Descriptor file_;
};

// The regular file that `path` names, or where a new one may be.
fs::path target_of(const fs::path& path) {
  std::error_code error;
  const fs::path target = fs::is_symlink(path, error) ? fs::weakly_canonical(path, error) : path;
  if (fs::exists(target, error) && !fs::is_regular_file(target, error))
    throw FileError(path, "is not a regular file");
  return target;
}

}  // namespace

FileError::FileError(const fs::path& path, std::string_view reason)
    : std::runtime_error(core::printable(path.string()) + ": " + std::string(reason)) {}

std::string ending_of(const fs::path& path) {
  std::string ending = path.extension().string();
  std::ranges::transform(ending, ending.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return ending;
}

std::string read_file(const fs::path& path, core::Index limit_bytes) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) throw_errno(path, errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw_errno(path, errno);
  const auto refuse_size = [&](core::Index size) {
    throw FileError(path, "holds " + std::to_string(size) + " bytes or more, the limit is " +
                              std::to_string(limit_bytes));
  };
  if (S_ISREG(status.st_mode) && status.st_size > limit_bytes) refuse_size(status.st_size);

  std::string bytes;
  std::size_t filled = 0;
  const auto limit = static_cast<std::size_t>(limit_bytes);
  while (true) {
    if (filled == bytes.size()) {
      const auto known = static_cast<std::size_t>(std::max<off_t>(status.st_size, 0));
      bytes.resize(std::max({filled + kPiece_bytes, 2 * filled, std::min(known, limit) + 1}));
    }
    const std::size_t got = read_some(path, file.get(), bytes.data() + filled, bytes.size() - filled);
    if (got == 0) break;
    filled += got;
    if (filled > limit) refuse_size(static_cast<core::Index>(filled));
  }
  bytes.resize(filled);
  return bytes;
}

void write_file(const fs::path& path, std::string_view bytes) { write_file(path, {bytes}); }

void write_file(const fs::path& path, std::initializer_list<std::string_view> pieces) {
  FileBeside beside(target_of(path));
  for (const std::string_view piece : pieces) beside.write(piece);
  beside.replace_target();
}

void replace_end(const fs::path& path, core::Index keep_bytes, std::string_view bytes) {
  FileBeside beside(target_of(path));
  beside.write_beginning(keep_bytes);
  beside.write(bytes);
  beside.replace_target();
}

FileAside::FileAside(const fs::path& target) : target_(target_of(target)), path_(name_beside(target_)) {}

FileAside::~FileAside() { ::unlink(path_.c_str()); }

void FileAside::replace() {
  const Descriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) throw_errno(target_, errno);
  put_in_place(file.get(), path_, target_);
}

bool make_folder(const fs::path& folder) {
  std::error_code error;
  const bool made = fs::create_directories(folder, error);
  if (error) throw FileError(folder, "cannot be made: " + error.message());
  return made;
}

void remove_leftovers(const fs::path& folder) {
  std::error_code error, kept;  // what cannot be removed does no harm
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name.starts_with(kBesideBegins) && name.ends_with(kBesideEnds)) fs::remove(at->path(), kept);
  }
}

}  // namespace vitrine::io
