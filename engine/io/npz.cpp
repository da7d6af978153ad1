// .npz, NumPy's archive of arrays: the second half of npy.h.

#include <zip.h>

#include <memory>
#include <set>

#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/io/npy.h"
#include "engine/io/npy_limited.h"

namespace vitrine::io {

namespace {

using core::Index;

constexpr std::string_view kSuffix = ".npy";
constexpr zip_uint64_t kHeaders_bytes = zip_uint64_t{1} << 20;  // of all entries
constexpr zip_uint64_t kLimit_bytes = kNpyLimit_numbers * sizeof(double) + kHeaders_bytes;
constexpr zip_uint64_t kMostFromOneByte = 1032;  // deflate's best

struct CloseArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseEntry {
  void operator()(zip_file_t* entry) const { zip_fclose(entry); }
};
using Archive = std::unique_ptr<zip_t, CloseArchive>;
using OpenEntry = std::unique_ptr<zip_file_t, CloseEntry>;

// An entry as the directory states it.
struct Entry {
  zip_uint64_t index;
  std::string name;  // without .npy
  std::size_t size_bytes;
};

FormatError refused(const std::string& name, std::string_view reason) {
  return FormatError(core::printable(name, 60) + ": " + core::printable(reason));
}

Archive open_archive(std::string_view bytes) {
  if (bytes.empty())
    throw FormatError("is not a .npz archive: it is empty");  // to libzip one without entries
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  zip_t* archive = source != nullptr ? zip_open_from_source(source, ZIP_RDONLY, &error) : nullptr;
  if (archive == nullptr && source != nullptr) zip_source_free(source);
  const std::string reason = zip_error_strerror(&error);
  zip_error_fini(&error);
  if (archive == nullptr) throw FormatError("is not a .npz archive: " + core::printable(reason));
  return Archive(archive);
}

Entry entry_of(zip_t& archive, zip_uint64_t index, std::size_t archive_bytes) {
  zip_stat_t stat;
  constexpr zip_uint64_t kNeeded = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE;
  if (zip_stat_index(&archive, index, 0, &stat) != 0 || (stat.valid & kNeeded) != kNeeded)
    throw FormatError("entry " + std::to_string(index + 1) + " of the archive has no name or no size");
  const std::string_view name = stat.name;
  if (!name.ends_with(kSuffix)) throw refused(stat.name, "is no .npy");
  if (stat.comp_size > archive_bytes) throw refused(stat.name, "is cut short");
  const std::string would = "would unpack to " + std::to_string(stat.size) + " bytes";
  if (stat.size > kLimit_bytes)
    throw refused(stat.name, would + ", the limit is " + std::to_string(kLimit_bytes));
  if (stat.size / kMostFromOneByte > stat.comp_size)
    throw refused(stat.name, would + ", more than ZIP can make of " + std::to_string(stat.comp_size));
  return {index, std::string(name.substr(0, name.size() - kSuffix.size())), stat.size};
}

// All that the directory states, within the limits.
std::vector<Entry> entries_of(zip_t& archive, std::size_t archive_bytes) {
  const zip_int64_t count = zip_get_num_entries(&archive, 0);
  if (count > kNpzLimit_entries)
    throw FormatError("holds " + std::to_string(count) + " arrays, the limit is " +
                      std::to_string(kNpzLimit_entries));
  std::vector<Entry> entries;
  std::set<std::string> names;
  zip_uint64_t total_bytes = 0;
  for (zip_int64_t i = 0; i < count; ++i) {
    entries.push_back(entry_of(archive, static_cast<zip_uint64_t>(i), archive_bytes));
    if (!names.insert(entries.back().name).second) throw refused(entries.back().name, "is there twice");
    total_bytes += entries.back().size_bytes;  // at most 1000 times kLimit_bytes
  }
  if (total_bytes > kLimit_bytes)
    throw FormatError("would unpack to " + std::to_string(total_bytes) + " bytes, the limit is " +
                      std::to_string(kLimit_bytes));
  return entries;
}

// As many bytes as `out` holds, and then the end with its checksum.
void read_exactly(zip_file_t& from, const std::string& name, std::string& out) {
  for (std::size_t at = 0; at < out.size();) {
    const zip_int64_t got = zip_fread(&from, out.data() + at, out.size() - at);
    if (got < 0) throw refused(name, zip_file_strerror(&from));
    if (got == 0) throw refused(name, "holds less than the directory says");
    at += static_cast<std::size_t>(got);
  }
  char one;
  const zip_int64_t more = zip_fread(&from, &one, 1);
  if (more < 0) throw refused(name, zip_file_strerror(&from));
  if (more > 0) throw refused(name, "holds more than the directory says");
}

std::string unpacked(zip_t& archive, const Entry& entry) {
  const OpenEntry open(zip_fopen_index(&archive, entry.index, 0));
  if (open == nullptr) throw refused(entry.name, zip_strerror(&archive));
  std::string bytes(entry.size_bytes, '\0');
  read_exactly(*open, entry.name, bytes);
  return bytes;
}

}  // namespace

std::vector<NamedArray> decode_npz(std::string_view bytes) {
  const Archive archive = open_archive(bytes);
  std::vector<NamedArray> arrays;
  Index numbers_left = kNpyLimit_numbers;
  for (const Entry& entry : entries_of(*archive, bytes.size())) {
    const std::string file = unpacked(*archive, entry);
    try {
      arrays.push_back({entry.name, decode_npy_within(file, numbers_left)});
    } catch (const FormatError& error) {
      throw refused(entry.name, error.what());
    }
    numbers_left -= arrays.back().values.count();
  }
  return arrays;
}

std::vector<NamedArray> read_npz(const std::filesystem::path& path) {
  const std::string bytes = read_file(path, kNpyLimit_bytes);
  try {
    return decode_npz(bytes);
  } catch (const FormatError& error) {
    throw FileError(path, error.what());
  }
}

}  // namespace vitrine::io
