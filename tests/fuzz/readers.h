// The readers of files and texts as functions of bytes: each answers or throws an error of one line.
// libFuzzer feeds them what it finds (one program a reader), corpus_test.cpp the files of corpus/.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/tensor.h"
#include "engine/io/files.h"
#include "engine/io/idx.h"
#include "engine/io/image.h"
#include "engine/io/json_fields.h"
#include "engine/io/matrix_text.h"
#include "engine/io/npy.h"
#include "engine/io/safetensors.h"
#include "engine/train/run_metrics.h"

namespace vitrine::fuzz {

// The reader answered what it should not have: fails both libFuzzer and the test.
inline void require(bool holds, const char* what) {
  if (!holds) throw std::logic_error(what);
}

inline void require_one_line(std::string_view message) {
  require(!message.empty() && message.find('\n') == message.npos, "an error is not one line");
}

// What `call` answers; that it refuses is an error of the writer or the reader, not of the bytes.
template <class Call>
auto read_back(const Call& call, const char* what) {
  try {
    return call();
  } catch (const io::FormatError&) {
    throw std::logic_error(what);
  }
}

using Reader = void (*)(std::string_view bytes);

// True where the reader answers, false where it refuses in one line. Throws std::logic_error otherwise.
inline bool reads(Reader reader, std::string_view bytes) {
  try {
    reader(bytes);
    return true;
  } catch (const io::FormatError& error) {
    require_one_line(error.what());
  } catch (const io::FileError& error) {
    require_one_line(error.what());
  } catch (const core::ShapeError& error) {
    require_one_line(error.what());
  }
  return false;
}

// Equal shapes and numbers; any NaN is every other.
inline bool same_numbers(const core::Tensor<double>& a, const core::Tensor<double>& b) {
  if (a.shape() != b.shape()) return false;
  for (core::Index i = 0; i < a.count(); ++i)
    if (a[i] != b[i] && !(std::isnan(a[i]) && std::isnan(b[i]))) return false;
  return true;
}

// Not so near a double's range that four digits leave it.
inline bool rounds_within_range(const core::Tensor<double>& tensor) {
  constexpr double kLargest = 1.797e308, kSmallest = 1e-320;
  const auto within = [](double v) {
    return !std::isfinite(v) || v == 0 || (std::abs(v) <= kLargest && std::abs(v) >= kSmallest);
  };
  return std::all_of(tensor.values().begin(), tensor.values().end(), within);
}

inline void read_npy(std::string_view bytes) {
  const core::Tensor<double> read = io::decode_npy(bytes);
  const auto again = [&] { return io::decode_npy(io::encode_npy(read)); };
  require(read_back(again, "a written .npy is refused") == read, "a written .npy reads back as another");
}

inline void read_npz(std::string_view bytes) { io::decode_npz(bytes); }

inline void read_matrix_text(std::string_view bytes) {
  using enum io::MatrixFormat;
  const core::Tensor<double> read = io::parse_matrix(bytes);
  for (const io::MatrixFormat format : {kNumPy, kMatlab, kCsv}) {
    const std::string text = io::matrix_text(read, format);
    if (format != kNumPy && read.rank() > 2) continue;
    const auto parse = [&] { return io::parse_matrix(text); };
    core::Tensor<double> again = read_back(parse, "a written matrix is refused");
    if (format == kCsv && read.shape() == core::Shape{1}) again = again.reshaped({1});
    require(same_numbers(again, read), "a written matrix reads back as another");
  }
  const std::string latex = io::matrix_text(read, kLatex);
  if (read.rank() <= 2)  // the largest numbers, rounded, pass a double's range
    require(reads([](std::string_view text) { io::parse_matrix(text); }, latex) || !rounds_within_range(read),
            "written LaTeX is refused");
}

inline void read_image(std::string_view bytes) {
  const core::Tensor<float> pixels = io::decode_image(bytes).pixels;
  for (const float value : pixels.values()) require(value >= 0 && value <= 1, "a pixel is not in 0 to 1");
}

inline void read_safetensors(std::string_view bytes) { io::decode_safetensors(bytes); }

// Every kind of field, groups within groups and lists of structs that hold lists.
struct Leaf {
  std::string name;
  double number = 0;
  std::vector<std::string> values;
  void describe(core::Fields& f) {
    f.field("name", name);
    f.field("number", number);
    f.raw_values("values", values);
  }
};
struct Branch {
  enum class Kind { kOne, kTwo } kind = Kind::kOne;
  std::int64_t whole = 0;
  std::vector<Leaf> leaves;
  void describe(core::Fields& f) {
    static constexpr std::string_view kNames[] = {"one", "two"};
    f.choice("kind", kind, kNames);
    f.field("whole", whole);
    f.list("leaves", leaves);
  }
};
struct Tree {
  bool flag = false;
  std::string file;
  core::Tensor<double> numbers;
  core::Tensor<std::uint8_t> flags;
  Branch branch;
  std::vector<Branch> branches;
  void describe(core::Fields& f) {
    f.field("flag", flag);
    f.file("file", file);
    f.field("numbers", numbers);
    f.field("flags", flags);
    f.group("branch", branch);
    f.list("branches", branches);
  }
};

inline void read_json(std::string_view bytes) {
  Tree tree;
  io::JsonReader reader(bytes, io::Unknown::kCollect);
  reader.files_only_of("folder");
  tree.describe(reader);
  reader.finish();
  const std::string text = io::to_json(tree);
  const auto parse = [&] {
    Tree again;
    io::from_json(text, again, io::Unknown::kRefuse);
    return io::to_json(again);
  };
  require(read_back(parse, "written JSON is refused") == text, "written JSON reads back as another");
}

// A file without a place on the disk, while it lives.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : file_(::memfd_create("vitrine", MFD_CLOEXEC)) {
    require(file_ >= 0 && ::write(file_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()),
            "no memory for a file");
  }
  ~MemoryFile() { ::close(file_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::string path() const { return "/proc/self/fd/" + std::to_string(file_); }

 private:
  int file_;
};

inline const io::IdxOptions kIdxLimit{.limit_bytes = core::Index{1} << 24};

// Images, and where the file holds none, labels.
inline void read_idx(std::string_view bytes) {
  const MemoryFile file(bytes);
  const auto read_images = [](std::string_view path) { io::read_idx_images(path, kIdxLimit); };
  if (!reads(read_images, file.path())) io::read_idx_labels(file.path(), kIdxLimit);
}

inline void read_metrics(std::string_view bytes) {
  const train::MetricPoint point = train::metric_from(bytes);
  const std::string line = train::metric_line(point);
  const auto parse = [&] { return train::metric_from(line.substr(0, line.size() - 1)); };
  require(train::metric_line(read_back(parse, "a written line is refused")) == line,
          "a written line reads back as another");
}

}  // namespace vitrine::fuzz
