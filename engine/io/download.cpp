#include "engine/io/download.h"

#include <curl/curl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <exception>
#include <memory>

#include "engine/core/stop.h"
#include "engine/core/text.h"
#include "engine/io/descriptor.h"
#include "engine/io/sha256.h"

namespace vitrine::io {
namespace {

namespace fs = std::filesystem;
using core::Index;

// FILE.part: written at its end only, by one program at a time, and gone with its owner when nothing is in
// it.
class PartFile {
 public:
  explicit PartFile(const fs::path& file)
      : file_(file), part_(fs::path(file) += ".part"), descriptor_(::open(part_.c_str(), kFlags, kMode)) {
    if (!descriptor_.open()) throw_errno(part_, errno);
    if (::flock(descriptor_.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) throw_errno(part_, errno);
      throw FileError(part_, "another program is downloading it; wait for it or stop it");
    }
    struct stat status {};
    if (::fstat(descriptor_.get(), &status) != 0) throw_errno(part_, errno);
    size_bytes_ = status.st_size;
  }
  ~PartFile() {
    if (size_bytes_ == 0) ::unlink(part_.c_str());
  }
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  Index size_bytes() const { return size_bytes_; }
  const fs::path& path() const { return part_; }

  void append(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_.get(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) throw_errno(part_, errno);
      bytes.remove_prefix(static_cast<std::size_t>(written));
      size_bytes_ += written;
    }
  }
  void clear() {
    if (::ftruncate(descriptor_.get(), 0) != 0) throw_errno(part_, errno);
    size_bytes_ = 0;
  }
  void become_the_file() const {
    if (::fsync(descriptor_.get()) != 0) throw_errno(part_, errno);
    if (::rename(part_.c_str(), file_.c_str()) != 0) throw_errno(file_, errno);
  }

 private:
  static constexpr int kFlags = O_CREAT | O_APPEND | O_WRONLY | O_NOFOLLOW | O_CLOEXEC;
  static constexpr mode_t kMode = 0666;  // less the user's umask

  const fs::path file_, part_;
  const Descriptor descriptor_;
  Index size_bytes_ = 0;
};

// One request and what becomes of its answer.
class Transfer {
 public:
  Transfer(const std::string& url, PartFile& part, Index size_bytes, const DownloadOptions& how)
      : url_(url),
        part_(part),
        size_bytes_(size_bytes),
        how_(how),
        handle_(curl_easy_init(), curl_easy_cleanup) {
    if (!handle_) throw std::bad_alloc();
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, 1L);
    set(CURLOPT_MAXREDIRS, 10L);
    set(CURLOPT_FAILONERROR, 1L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_USERAGENT, "vitrine");
    set(CURLOPT_CONNECTTIMEOUT, how.connect_s);
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);  // bytes a second
    set(CURLOPT_LOW_SPEED_TIME, how.stall_s);
    set(CURLOPT_ERRORBUFFER, error_);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_WRITEFUNCTION, &Transfer::on_bytes);
    set(CURLOPT_XFERINFODATA, this);
    set(CURLOPT_XFERINFOFUNCTION, &Transfer::on_time);
    set(CURLOPT_NOPROGRESS, 0L);
  }

  // Brings the part file up to the whole size.
  void run() {
    const Index had_bytes = part_.size_bytes();
    if (had_bytes > 0) set(CURLOPT_RANGE, (std::to_string(had_bytes) + "-").c_str());
    const CURLcode code = curl_easy_perform(handle_.get());
    if (failure_) std::rethrow_exception(failure_);
    constexpr long kRangeNotSatisfiable = 416;
    if (had_bytes > 0 && status() == kRangeNotSatisfiable)
      return part_.clear();  // it is no start of this file
    if (code != CURLE_OK) throw DownloadError(url_, reason(code));
    if (part_.size_bytes() < size_bytes_)
      throw DownloadError(url_, "ends after " + core::grouped(part_.size_bytes()) + " of " +
                                    core::grouped(size_bytes_) + " bytes");
  }

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    if (const CURLcode code = curl_easy_setopt(handle_.get(), option, value); code != CURLE_OK)
      throw DownloadError(url_, curl_easy_strerror(code));
  }
  long status() const {
    long status = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    return status;
  }
  std::string reason(CURLcode code) const {
    if (code == CURLE_HTTP_RETURNED_ERROR) return "the server answers " + std::to_string(status());
    return error_[0] != '\0' ? error_ : curl_easy_strerror(code);
  }
  std::string header(const char* name) const {
    curl_header* found = nullptr;
    const auto code = curl_easy_header(handle_.get(), name, 0, CURLH_HEADER, -1, &found);
    return code == CURLHE_OK ? found->value : "";
  }

  // What has to hold before the first byte of an answer is kept.
  void begin_answer() {
    constexpr long kPartial = 206;
    const Index from = status() == kPartial ? part_.size_bytes() : 0;
    const std::string range = header("Content-Range"), wanted = "bytes " + std::to_string(from) + "-";
    if (status() == kPartial && !range.starts_with(wanted))
      throw DownloadError(url_, "answers with the range \"" + range + "\", not " + wanted);
    curl_off_t length = -1;  // unknown
    curl_easy_getinfo(handle_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (length >= 0 && from + length != size_bytes_)
      throw DownloadError(url_, "is of " + core::grouped(from + length) + " bytes, " +
                                    core::grouped(size_bytes_) + " are expected");
    if (from == 0) part_.clear();
  }
  void take(std::string_view bytes) {
    if (!answered_) begin_answer();
    answered_ = true;
    if (part_.size_bytes() + std::ssize(bytes) > size_bytes_) {
      part_.clear();
      throw DownloadError(url_, "holds more than the " + core::grouped(size_bytes_) + " bytes expected");
    }
    part_.append(bytes);
  }
  void tell() const {
    how_.watch(part_.size_bytes());
    core::throw_if_stopped(how_.stop);
  }

  // No exception passes through libcurl: it is kept, and the transfer ended.
  template <class Work>
  bool kept(const Work& work) {
    try {
      work();
    } catch (const std::exception&) {
      failure_ = std::current_exception();
    }
    return failure_ == nullptr;
  }
  static std::size_t on_bytes(char* bytes, std::size_t, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    return transfer.kept([&] { transfer.take({bytes, count}); }) ? count : CURL_WRITEFUNC_ERROR;
  }
  static int on_time(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    auto& transfer = *static_cast<Transfer*>(self);
    return transfer.kept([&] { transfer.tell(); }) ? 0 : 1;
  }

  const std::string url_;
  PartFile& part_;
  const Index size_bytes_;
  const DownloadOptions& how_;
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle_;
  char error_[CURL_ERROR_SIZE] = "";
  std::exception_ptr failure_;
  bool answered_ = false;
};

}  // namespace

DownloadError::DownloadError(const std::string& url, const std::string& reason)
    : std::runtime_error(core::printable(url) + ": " + core::printable(reason)) {}

void download(const std::string& url, const fs::path& file, const Expected& expected,
              const DownloadOptions& how) {
  PartFile part(file);
  if (part.size_bytes() > expected.size_bytes) part.clear();
  while (true) {
    const bool resumed = part.size_bytes() > 0;
    if (part.size_bytes() < expected.size_bytes) Transfer(url, part, expected.size_bytes, how).run();
    const std::string digest = sha256_of(part.path(), how.stop);
    if (digest == expected.sha256) return part.become_the_file();
    part.clear();
    if (!resumed)
      throw DownloadError(url, "is another file: its SHA-256 is " + digest + ", not " + expected.sha256);
  }
}

}  // namespace vitrine::io
