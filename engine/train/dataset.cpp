#include "engine/train/dataset.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "engine/io/idx.h"
#include "engine/train/digits.h"

namespace vitrine::train {
namespace {

namespace fs = std::filesystem;
using io::FileError;

constexpr std::array<std::string_view, 10> kFashionNames{
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"};
constexpr Index kDrawnToTrain = 20'000, kDrawnToValidate = 4'000;

// A file of a split by the start of its name and "images" or "labels"; empty if there is none.
fs::path find_file(const fs::path& folder, std::string_view start, std::string_view what) {
  std::vector<fs::path> found;
  std::error_code ignored;  // a folder that cannot be read has no files
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(start) && name.find(what) != std::string::npos) found.push_back(entry.path());
  }
  return found.empty() ? fs::path() : *std::min_element(found.begin(), found.end());
}

struct SplitFiles {
  fs::path images, labels;
  bool complete() const { return !images.empty() && !labels.empty(); }
};

SplitFiles find_split(const fs::path& folder, std::initializer_list<std::string_view> starts) {
  for (const auto start : starts) {
    const SplitFiles files{find_file(folder, start, "images"), find_file(folder, start, "labels")};
    if (files.complete()) return files;
  }
  return {};
}

SplitFiles train_files(const fs::path& folder) { return find_split(folder, {"train"}); }
SplitFiles validation_files(const fs::path& folder) {
  return find_split(folder, {"t10k", "test", "validation"});
}

// Where a data set may lie when no path is given.
std::vector<fs::path> usual_places(DatasetKind kind) {
  if (kind == DatasetKind::kFashionMnist) return {"/usr/share/datasets/fashion-mnist", "data/fashion-mnist"};
  std::vector<fs::path> places;
  if (const char* data = std::getenv("VITRINE_DATA")) places.push_back(fs::path(data) / "mnist");
  if (const char* home = std::getenv("HOME")) places.push_back(fs::path(home) / ".local/share/vitrine/mnist");
  places.insert(places.end(), {"/usr/share/datasets/mnist", "data/mnist", "data/MNIST/raw"});
  return places;
}

fs::path folder_of(const DatasetConfig& config) {
  const auto places =
      config.path.empty() ? usual_places(config.kind) : std::vector<fs::path>{fs::path(config.path)};
  for (const auto& place : places)
    if (train_files(place).complete() && validation_files(place).complete()) return place;
  std::string searched;
  for (const auto& place : places) searched += (searched.empty() ? "" : ", ") + place.string();
  if (config.kind == DatasetKind::kFashionMnist && config.path.empty())
    throw FileError(searched, "no Fashion-MNIST here; install the package dataset-fashion-mnist");
  throw FileError(
      searched,
      "no IDX files here; needed are train-images-idx3-ubyte, train-labels-idx1-ubyte, "
      "t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte (with .gz or without); dataset.path says where");
}

// The first `shape.count()` numbers under this shape.
core::Tensor<std::uint8_t> first_of(const core::Tensor<std::uint8_t>& all, const core::Shape& shape) {
  return {shape, all.values().first(static_cast<std::size_t>(shape.count()))};
}

// Reads a split and raises `classes` to hold its labels, also those that `limit` leaves out.
Split read_split(const SplitFiles& files, Index limit, Index& classes) {
  const auto images = io::read_idx_images(files.images);
  const auto labels = io::read_idx_labels(files.labels);
  const Index all = images.size(0), count = limit ? std::min(limit, all) : all;
  if (all != labels.size(0))
    throw FileError(files.images, "holds " + std::to_string(all) + " images, but " +
                                      files.labels.filename().string() + " " +
                                      std::to_string(labels.size(0)) + " labels");
  if (images.empty()) throw FileError(files.images, "holds no images");
  classes = std::max<Index>(classes, *std::max_element(labels.values().begin(), labels.values().end()) + 1);
  return {first_of(images, {count, 1, images.size(1), images.size(2)}), first_of(labels, {count})};
}

Split drawn_split(std::uint64_t seed, Index first, Index all, Index limit, core::Workers& workers,
                  std::stop_token stop) {
  return draw_digits(seed, first, limit ? std::min(limit, all) : all, workers, stop);
}

std::vector<std::string> class_names(DatasetKind kind, Index classes) {
  if (kind == DatasetKind::kFashionMnist && classes == std::ssize(kFashionNames))
    return {kFashionNames.begin(), kFashionNames.end()};
  std::vector<std::string> names;
  for (Index i = 0; i < classes; ++i) names.push_back(std::to_string(i));
  return names;
}

void set_normalisation(Dataset& dataset) {
  std::uint64_t sum = 0, squares = 0;  // exact: below 2^63 for 10^14 pixels
  for (const std::uint64_t pixel : dataset.train.images.values()) {
    sum += pixel;
    squares += pixel * pixel;
  }
  const auto count = static_cast<double>(dataset.train.images.count());
  const double mean = static_cast<double>(sum) / count;
  const double variance = static_cast<double>(squares) / count - mean * mean;
  dataset.mean = mean / 255;
  dataset.deviation = variance > 0 ? std::sqrt(variance) / 255 : 1;  // of one single colour: only shifted
}

// FNV-1a (Fowler, Noll, Vo), 64 bits.
class Checksum {
 public:
  void add(std::span<const std::uint8_t> bytes) {
    for (const std::uint8_t byte : bytes) hash_ = (hash_ ^ byte) * 0x100000001b3u;
  }
  std::string text() const {
    std::string digits(16, '0');
    std::uint64_t rest = hash_;
    for (auto at = digits.rbegin(); at != digits.rend(); ++at, rest >>= 4)
      *at = "0123456789abcdef"[rest & 15];
    return "fnv1a64:" + digits;
  }

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325u;
};

}  // namespace

void Dataset::normalise(const std::uint8_t* pixels, Index count, float* out) const {
  const auto scale = static_cast<float>(1 / (255 * deviation)), shift = static_cast<float>(mean / deviation);
  for (Index i = 0; i < count; ++i) out[i] = static_cast<float>(pixels[i]) * scale - shift;
}

std::shared_ptr<const Dataset> load_dataset(const DatasetConfig& config, std::uint64_t seed,
                                            core::Workers& workers, std::stop_token stop) {
  auto dataset = std::make_shared<Dataset>();
  dataset->name = kDatasetKinds[static_cast<std::size_t>(config.kind)];
  if (config.kind == DatasetKind::kDigits) {
    dataset->classes = 10;
    dataset->train = drawn_split(seed, 0, kDrawnToTrain, config.train_limit, workers, stop);
    dataset->validation =
        drawn_split(seed, kDrawnToTrain, kDrawnToValidate, config.validation_limit, workers, stop);
  } else {
    const fs::path folder = folder_of(config);
    const SplitFiles validation = validation_files(folder);
    dataset->classes = 2;
    dataset->train = read_split(train_files(folder), config.train_limit, dataset->classes);
    if (stop.stop_requested()) return dataset;
    dataset->validation = read_split(validation, config.validation_limit, dataset->classes);
    if (dataset->validation.images.size(2) != dataset->height() ||
        dataset->validation.images.size(3) != dataset->width())
      throw FileError(validation.images, "images of " + to_string(dataset->validation.images.shape()) +
                                             " beside training images of " +
                                             to_string(dataset->train.images.shape()));
  }
  if (stop.stop_requested()) return dataset;
  dataset->class_names = class_names(config.kind, dataset->classes);
  Checksum checksum;
  for (const Split* split : {&dataset->train, &dataset->validation}) {
    checksum.add(split->images.values());
    checksum.add(split->labels.values());
  }
  dataset->checksum = checksum.text();
  set_normalisation(*dataset);
  return dataset;
}

}  // namespace vitrine::train
