#include "engine/train/idx_folder.h"

#include <algorithm>
#include <cstdlib>

#include "engine/io/idx.h"

namespace vitrine::train {
namespace {

namespace fs = std::filesystem;
using io::FileError;

constexpr std::array<std::string_view, kMnistClasses> kFashionNames{
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"};

constexpr const char* kFashionPackage = "/usr/share/datasets/fashion-mnist";  // of Debian

// A variable of the environment as a path; not set: empty.
fs::path variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// A file of a split by the start of its name and "images" or "labels"; empty if there is none.
fs::path find_file(const fs::path& folder, std::string_view start, std::string_view what) {
  std::vector<fs::path> found;
  std::error_code ignored;  // a folder that cannot be read has no files
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    const bool whole = !name.ends_with(".part");  // what a download has left
    if (whole && name.starts_with(start) && name.find(what) != std::string::npos)
      found.push_back(entry.path());
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

// The folder with the four files, or what would bring them there.
fs::path folder_of(const DatasetConfig& config) {
  const auto places = places_of(config);
  if (const auto found = first_with_idx_files(places)) return *found;
  std::string searched;
  for (const auto& place : places) searched += (searched.empty() ? "" : ", ") + place.string();
  const std::string needed =
      "no IDX files here; needed are train-images-idx3-ubyte, train-labels-idx1-ubyte, "
      "t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte (with .gz or without)";
  const std::string says_where = "dataset.path says where";
  switch (config.kind) {
    case DatasetKind::kMnist:
      throw FileError(searched, needed + "; vitrine data fetch mnist gets them, " + says_where);
    case DatasetKind::kFashionMnist:
      throw FileError(searched,
                      "no Fashion-MNIST here; install the package dataset-fashion-mnist, or vitrine "
                      "data fetch fashion-mnist gets it, " +
                          says_where);
    default:
      throw FileError(searched, needed + "; " + says_where);
  }
}

// The first `shape.count()` numbers under this shape.
core::Tensor<std::uint8_t> first_of(const core::Tensor<std::uint8_t>& all, const core::Shape& shape) {
  return {shape, all.values().first(static_cast<std::size_t>(shape.count()))};
}

// Images and labels that belong together.
struct Pair {
  core::Tensor<std::uint8_t> images, labels;  // [N, H, W], [N]

  Split first(Index limit) const {
    const Index all = images.size(0), count = limit ? std::min(limit, all) : all;
    return {first_of(images, {count, 1, images.size(1), images.size(2)}), first_of(labels, {count})};
  }
};

Pair read_pair(const SplitFiles& files, std::stop_token stop, core::Progress& progress) {
  Pair pair{io::read_idx_images(files.images, {io::kFileLimit_bytes, stop, &progress}),
            io::read_idx_labels(files.labels, {io::kFileLimit_bytes, stop})};
  if (pair.images.size(0) != pair.labels.size(0))
    throw FileError(files.images, "holds " + std::to_string(pair.images.size(0)) + " images, but " +
                                      files.labels.filename().string() + " " +
                                      std::to_string(pair.labels.size(0)) +
                                      " labels; both must be of one data set");
  if (pair.images.empty()) throw FileError(files.images, "holds no images");
  return pair;
}

void check_labels(const fs::path& file, const core::Tensor<std::uint8_t>& labels, Index classes) {
  for (Index i = 0; i < labels.count(); ++i)
    if (labels[i] >= classes)
      throw FileError(file, "label " + std::to_string(labels[i]) + " of image " + std::to_string(i) +
                                " is outside the " + std::to_string(classes) + " classes, 0 to " +
                                std::to_string(classes - 1));
}

// MNIST's and Fashion-MNIST's are known; any other set has those of its training labels.
Index classes_of(DatasetKind kind, const core::Tensor<std::uint8_t>& labels) {
  if (kind != DatasetKind::kIdx) return kMnistClasses;
  return std::max<Index>(2, *std::max_element(labels.values().begin(), labels.values().end()) + 1);
}

std::vector<std::string> class_names(DatasetKind kind, Index classes) {
  if (kind == DatasetKind::kFashionMnist) return {kFashionNames.begin(), kFashionNames.end()};
  return numbered_classes(classes);
}

}  // namespace

std::vector<fs::path> own_places(DatasetKind kind) {
  const std::string_view name = kDatasetKinds[static_cast<std::size_t>(kind)];
  std::vector<fs::path> places;
  if (const auto data = variable("VITRINE_DATA"); !data.empty()) places.push_back(data / name);
  if (const auto share = variable("XDG_DATA_HOME"); !share.empty())
    places.push_back(share / "vitrine" / name);
  else if (const auto home = variable("HOME"); !home.empty())
    places.push_back(home / ".local/share/vitrine" / name);
  return places;
}

std::vector<fs::path> usual_places(DatasetKind kind) {
  auto places = own_places(kind);
  if (kind == DatasetKind::kFashionMnist)
    places.insert(places.end(), {kFashionPackage, "data/fashion-mnist", "data/FashionMNIST/raw"});
  else
    places.insert(places.end(), {"/usr/share/datasets/mnist", "data/mnist", "data/MNIST/raw"});
  return places;
}

std::vector<fs::path> places_of(const DatasetConfig& config) {
  return config.path.empty() ? usual_places(config.kind) : std::vector<fs::path>{fs::path(config.path)};
}

std::optional<fs::path> first_with_idx_files(const std::vector<fs::path>& places) {
  for (const auto& place : places)
    if (train_files(place).complete() && validation_files(place).complete()) return place;
  return std::nullopt;
}

IdxSizes idx_sizes(const fs::path& folder) {
  return {io::idx_images_shape(train_files(folder).images),
          io::idx_images_shape(validation_files(folder).images)};
}

Dataset load_idx_folder(const DatasetConfig& config, std::stop_token stop, core::Progress& progress) {
  const fs::path folder = folder_of(config);
  const SplitFiles train = train_files(folder), validation = validation_files(folder);
  progress.stage_until(0.75);
  const Pair to_train = read_pair(train, stop, progress);
  progress.stage_until(0.9);
  const Pair to_validate = read_pair(validation, stop, progress);
  for (const std::size_t axis : {1, 2})
    if (to_validate.images.size(axis) != to_train.images.size(axis))
      throw FileError(validation.images,
                      "images of " + to_string(to_validate.images.shape()) + " beside training images of " +
                          to_string(to_train.images.shape()) + "; all must be of one size");
  const Index classes = classes_of(config.kind, to_train.labels);
  check_labels(train.labels, to_train.labels, classes);
  check_labels(validation.labels, to_validate.labels, classes);
  Dataset dataset;
  dataset.train = to_train.first(config.train_limit);
  dataset.validation = to_validate.first(config.validation_limit);
  dataset.classes = classes;
  dataset.class_names = class_names(config.kind, classes);
  dataset.split = validation.images.filename().string() + " validates";
  return dataset;
}

}  // namespace vitrine::train
