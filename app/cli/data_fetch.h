// Data sets from the web: which files, with which digests, and who is known to give them.
#pragma once

#include <array>
#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

#include "engine/io/download.h"
#include "engine/train/config.h"

namespace vitrine::cli {

struct RemoteFile {
  std::string name;
  io::Expected expected;
};

struct RemoteSet {
  train::DatasetKind kind = train::DatasetKind::kMnist;
  std::vector<std::string> mirrors;  // folders, asked in turn
  std::vector<RemoteFile> files;
};

// mnist or fashion-mnist. Throws std::invalid_argument on any other.
RemoteSet remote_set(const std::string& kind);

// Brings the files into a folder, which is made; what is there and right is not fetched again. A mirror that
// fails is a line on `err`, and the next is asked. Returns 0, 2 (no mirror gives a file) or 130 (Ctrl-C; what
// has come is kept). Throws io::FileError where nothing can be written.
int fetch(RemoteSet set, const std::filesystem::path& folder, std::ostream& out, std::ostream& err);

}  // namespace vitrine::cli
