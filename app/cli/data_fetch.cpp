#include "app/cli/data_fetch.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ostream>

#include "app/cli/interrupt.h"
#include "app/cli/train_progress.h"
#include "engine/core/stop.h"
#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/io/sha256.h"
#include "engine/train/idx_folder.h"

namespace vitrine::cli {
namespace {

namespace fs = std::filesystem;
using core::Index;

// LeCun, Cortes, Burges, "The MNIST database of handwritten digits".
RemoteSet mnist() {
  return {train::DatasetKind::kMnist,
          {"https://storage.googleapis.com/cvdf-datasets/mnist/",
           "https://ossci-datasets.s3.amazonaws.com/mnist/"},
          {{"train-images-idx3-ubyte.gz",
            {9'912'422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"}},
           {"train-labels-idx1-ubyte.gz",
            {28'881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"}},
           {"t10k-images-idx3-ubyte.gz",
            {1'648'877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"}},
           {"t10k-labels-idx1-ubyte.gz",
            {4'542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"}}}};
}

// Xiao, Rasul, Vollgraf 2017, "Fashion-MNIST: a novel image dataset for benchmarking".
RemoteSet fashion_mnist() {
  return {train::DatasetKind::kFashionMnist,
          {"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
           "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/"},
          {{"train-images-idx3-ubyte.gz",
            {26'421'880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"}},
           {"train-labels-idx1-ubyte.gz",
            {29'515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"}},
           {"t10k-images-idx3-ubyte.gz",
            {4'422'102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"}},
           {"t10k-labels-idx1-ubyte.gz",
            {5'148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"}}}};
}

std::string url_of(const std::string& mirror, const std::string& name) {
  return mirror + (mirror.ends_with('/') ? "" : "/") + name;
}

bool is_there(const fs::path& file, const io::Expected& expected) {
  std::error_code none;
  return fs::file_size(file, none) == static_cast<std::uintmax_t>(expected.size_bytes) && !none &&
         io::sha256_of(file) == expected.sha256;
}

// One file's way: a line that changes on a terminal; piped, only how it ended.
class FileProgress {
 public:
  FileProgress(std::ostream& out, const RemoteFile& file)
      : out_(out), file_(file), columns_(static_cast<std::size_t>(terminal_columns(out))) {}

  void show(Index done_bytes) {
    const auto now = Clock::now();
    if (done_bytes < begun_bytes_ || begun_bytes_ < 0) {  // the start, or begun anew
      begun_bytes_ = done_bytes;
      begun_ = now;
    }
    if (columns_ == 0 || now - drawn_ < std::chrono::milliseconds(100)) return;
    drawn_ = now;
    out_ << kNewLine
         << line(done_bytes, std::chrono::duration<double>(now - begun_).count()).substr(0, columns_ - 1)
         << std::flush;
  }
  void clear() {
    if (columns_ > 0) out_ << kNewLine << std::flush;
  }
  void end(const std::string& words) {
    clear();
    out_ << file_.name << ": " << words << '\n' << std::flush;
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr const char* kNewLine = "\r\x1b[K";

  // "name  42 %  4,163 of 9,912 kB  1,040 kB/s  0:06 left"
  std::string line(Index done_bytes, double seconds) const {
    const Index all_bytes = file_.expected.size_bytes;
    std::string text = file_.name + "  " + std::to_string(100 * done_bytes / all_bytes) + " %  " +
                       core::grouped(done_bytes / 1000) + " of " + core::grouped(all_bytes / 1000) + " kB";
    const double bytes_per_second = static_cast<double>(done_bytes - begun_bytes_) / std::max(seconds, 0.1);
    if (bytes_per_second > 0)
      text += "  " + core::grouped(std::llround(bytes_per_second / 1000)) + " kB/s  " +
              core::clock_text(static_cast<double>(all_bytes - done_bytes) / bytes_per_second) + " left";
    return text;
  }

  std::ostream& out_;
  const RemoteFile& file_;
  const std::size_t columns_;  // 0: no terminal
  Index begun_bytes_ = -1;     // what a download before this one has left
  Clock::time_point begun_{}, drawn_{};
};

// Whether one of the mirrors gave it; that one is then the first. Throws core::Stopped on Ctrl-C.
bool fetch_file(const RemoteFile& file, std::vector<std::string>& mirrors, const fs::path& folder,
                const Interrupt& interrupt, std::ostream& out, std::ostream& err) {
  FileProgress progress(out, file);
  if (is_there(folder / file.name, file.expected)) {
    progress.end("is there already");
    return true;
  }
  std::stop_source stop;
  const auto watch = [&](Index done_bytes) {
    progress.show(done_bytes);
    if (interrupt.requested()) stop.request_stop();
  };
  for (auto mirror = mirrors.begin(); mirror != mirrors.end(); ++mirror) {
    try {
      io::download(url_of(*mirror, file.name), folder / file.name, file.expected, {stop.get_token(), watch});
      progress.end(core::grouped(file.expected.size_bytes) + " bytes from " + core::printable(*mirror));
      std::rotate(mirrors.begin(), mirror, mirrors.end());
      return true;
    } catch (const io::DownloadError& error) {
      progress.clear();
      err << "vitrine: data fetch: " << error.what() << "\n";
    }
  }
  return false;
}

bool is_looked_through(train::DatasetKind kind, const fs::path& folder) {
  const auto places = train::usual_places(kind);
  return std::find(places.begin(), places.end(), folder) != places.end();
}

}  // namespace

RemoteSet remote_set(const std::string& kind) {
  if (kind == "mnist") return mnist();
  if (kind == "fashion-mnist") return fashion_mnist();
  throw std::invalid_argument("fetch knows mnist and fashion-mnist, not \"" + kind + "\"");
}

int fetch(RemoteSet set, const fs::path& folder, std::ostream& out, std::ostream& err) {
  io::make_folder(folder);
  const Interrupt interrupt;
  try {
    for (const RemoteFile& file : set.files)
      if (!fetch_file(file, set.mirrors, folder, interrupt, out, err)) return 2;
  } catch (const core::Stopped&) {
    err << "vitrine: data fetch: interrupted; the same command goes on from here\n";
    return 130;
  }
  const std::string_view kind = train::kDatasetKinds[static_cast<std::size_t>(set.kind)];
  const std::string where = core::printable(folder.string(), 1000);
  out << kind << " is in " << where << "; train it with --set dataset.kind=" << kind;
  if (!is_looked_through(set.kind, folder)) out << " --set dataset.path=" << where;
  out << "\n";
  return 0;
}

}  // namespace vitrine::cli
