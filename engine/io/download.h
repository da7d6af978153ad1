// Files from the web by HTTP and HTTPS. What a cut download leaves stays beside the file as FILE.part, and
// the next one goes on from there; the file itself appears whole and with the right digest, or not at all.
// Source: RFC 9110, section 14 (range requests).
#pragma once

#include <filesystem>
#include <functional>
#include <stdexcept>
#include <stop_token>
#include <string>

#include "engine/core/shape.h"

namespace vitrine::io {

// A server does not give the file: one line, "URL: reason". Another server may.
class DownloadError : public std::runtime_error {
 public:
  DownloadError(const std::string& url, const std::string& reason);
};

struct Expected {
  core::Index size_bytes = 0;
  std::string sha256;  // 64 hexadecimal digits
};

struct DownloadOptions {
  std::stop_token stop = {};
  std::function<void(core::Index done_bytes)> watch = [](core::Index) {};  // at least once a second
  long connect_s = 15;  // how long a server may take to answer at all
  long stall_s = 30;    // how long it may send nothing
};

// Fetches `url` into `file`, which is replaced. Redirections are followed to http and https only; never more
// than the expected size is taken. A server that does not resume sends the file from its start again, and
// so does one whose rest does not fit to what FILE.part holds.
// Throws DownloadError; FileError where FILE.part cannot be written or another program is writing it;
// core::Stopped within about a second of a stop. After any of them FILE.part holds what has come, unless its
// digest was wrong.
void download(const std::string& url, const std::filesystem::path& file, const Expected& expected,
              const DownloadOptions& how = {});

}  // namespace vitrine::io
