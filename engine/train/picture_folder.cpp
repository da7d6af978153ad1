#include "engine/train/picture_folder.h"

#include <algorithm>
#include <cmath>

#include "engine/core/rng.h"
#include "engine/core/stop.h"
#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/io/image.h"

namespace vitrine::train {
namespace {

namespace fs = std::filesystem;
using io::FileError;
using Bytes = std::vector<std::uint8_t>;

enum class Entry { kFolder, kPicture, kOther };

Entry entry_of(const fs::directory_entry& entry) {
  std::error_code gone;  // what vanishes meanwhile is not there
  const fs::path& path = entry.path();
  if (path.filename().string().starts_with('.') || entry.is_symlink(gone)) return Entry::kOther;
  if (entry.is_directory(gone)) return Entry::kFolder;
  std::string ending = path.extension().string();
  for (char& c : ending)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  const bool picture = ending == ".png" || ending == ".jpg" || ending == ".jpeg";
  return picture && entry.is_regular_file(gone) ? Entry::kPicture : Entry::kOther;
}

// What a folder holds of one kind, by name.
std::vector<fs::path> entries(const fs::path& folder, Entry kind) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    if (entry_of(*at) == kind) found.push_back(at->path());
  if (error) throw FileError(folder, error.message());
  std::sort(found.begin(), found.end());
  return found;
}

struct Picture {
  fs::path file;
  std::uint8_t label;
};
using Classes = std::vector<std::vector<fs::path>>;  // the pictures of each

std::vector<fs::path> pictures_of(const fs::path& folder) {
  auto pictures = entries(folder, Entry::kPicture);
  if (pictures.empty())
    throw FileError(folder, "holds no PNG or JPEG pictures (symbolic links are not followed)");
  return pictures;
}

// The first of every class, the second of every class, ...; at most `limit` (0: all).
std::vector<Picture> dealt(const Classes& classes, Index limit) {
  std::vector<Picture> out;
  std::size_t most = 0;
  for (const auto& files : classes) most = std::max(most, files.size());
  for (std::size_t rank = 0; rank < most; ++rank)
    for (std::size_t label = 0; label < classes.size(); ++label)
      if (rank < classes[label].size())
        out.push_back({classes[label][rank], static_cast<std::uint8_t>(label)});
  if (limit > 0 && limit < std::ssize(out)) out.resize(static_cast<std::size_t>(limit));
  return out;
}

// Which files are trained on, which validate, and the words for it.
struct Plan {
  std::vector<std::string> names;  // of the classes
  Classes train, validation;
  std::string split;
};

std::vector<std::string> names_of(const fs::path& root, const std::vector<fs::path>& folders) {
  if (folders.size() < 2 || folders.size() > kMostClasses)
    throw FileError(root, "holds " + std::to_string(folders.size()) + " sub-folders, needed are 2 to " +
                              std::to_string(kMostClasses) + ": one a class, with its pictures in it");
  std::vector<std::string> names;
  for (const auto& folder : folders) names.push_back(folder.filename().string());
  return names;
}

// A folder for each split.
Plan given_split(const fs::path& train, const fs::path& validation) {
  const auto folders = entries(train, Entry::kFolder);
  Plan plan{names_of(train, folders), {}, {}, "the folder " + validation.filename().string() + " validates"};
  for (const auto& folder : folders) plan.train.push_back(pictures_of(folder));
  plan.validation.resize(folders.size());
  for (const auto& folder : entries(validation, Entry::kFolder)) {
    const auto name = std::find(plan.names.begin(), plan.names.end(), folder.filename().string());
    if (name == plan.names.end())
      throw FileError(folder, "is a class that " + train.string() + " does not have");
    plan.validation[static_cast<std::size_t>(name - plan.names.begin())] = pictures_of(folder);
  }
  return plan;
}

// Every class's tenth validates.
Plan drawn_plan(const fs::path& root, std::uint64_t seed) {
  const auto folders = entries(root, Entry::kFolder);
  Plan plan{names_of(root, folders),
            {},
            {},
            "a tenth of every class, drawn from the seed " + std::to_string(seed) + ", validates"};
  const core::Rng rng(seed, core::RngStream::kSplit);
  for (const auto& folder : folders) {
    const auto files = pictures_of(folder);
    const auto order = rng.permutation(static_cast<std::uint32_t>(files.size()),
                                       static_cast<std::uint64_t>(plan.train.size()));
    std::vector<bool> validates(files.size());
    for (std::size_t i = 0; i < std::max<std::size_t>(1, files.size() / 10); ++i) validates[order[i]] = true;
    std::vector<fs::path> train, validation;
    for (std::size_t i = 0; i < files.size(); ++i) (validates[i] ? validation : train).push_back(files[i]);
    if (train.empty())
      throw FileError(folder, "holds one picture only; one to train on and one to validate with are needed");
    plan.train.push_back(std::move(train));
    plan.validation.push_back(std::move(validation));
  }
  return plan;
}

Plan plan_of(const fs::path& root, std::uint64_t seed) {
  const auto is_folder = [](const fs::path& path) {
    std::error_code none;
    return entry_of(fs::directory_entry(path, none)) == Entry::kFolder;
  };
  for (const char* name : {"validation", "val", "valid", "test"})
    if (is_folder(root / "train") && is_folder(root / name)) return given_split(root / "train", root / name);
  return drawn_plan(root, seed);
}

core::Tensor<float> read_picture(const fs::path& file) {
  try {
    return io::decode_image(io::read_file(file, io::kImageLimit_bytes)).pixels;
  } catch (const io::FormatError& error) {
    throw FileError(file, std::string(error.what()) + "; replace or remove it");
  }
}

// A picture's samples, plane by plane.
struct Decoded {
  core::Shape shape;  // [C, H, W]
  Bytes planes;
};

Decoded decoded(const fs::path& file) {
  const core::Tensor<float> pixels = read_picture(file);
  Decoded out{pixels.shape(), Bytes(static_cast<std::size_t>(pixels.count()))};
  std::transform(pixels.values().begin(), pixels.values().end(), out.planes.begin(),
                 [](float value) { return static_cast<std::uint8_t>(std::lround(255 * value)); });
  return out;
}

std::string size_text(const core::Shape& picture) {
  return std::to_string(picture[2]) + " x " + std::to_string(picture[1]) + " pixels";
}

// All pictures, decoded by the team. The first says which size the others must have.
std::vector<Decoded> decode_all(const std::vector<Picture>& pictures, core::Workers& workers,
                                std::stop_token stop, core::Progress& progress) {
  const fs::path& first = pictures.front().file;
  const core::Shape expected = decoded(first).shape;
  const Index bytes = core::checked_mul(std::ssize(pictures), 3 * expected[1] * expected[2]);
  if (bytes > io::kFileLimit_bytes)
    throw FileError(first.parent_path().parent_path(),
                    std::to_string(pictures.size()) + " pictures of " + size_text(expected) + " are " +
                        core::grouped(bytes / 1'000'000) + " MB, the limit is " +
                        core::grouped(io::kFileLimit_bytes / 1'000'000) + " MB");
  std::vector<Decoded> out(pictures.size());
  progress.begin(std::ssize(pictures));
  workers.run(static_cast<int>(pictures.size()), [&](int i) {
    core::throw_if_stopped(stop);
    const fs::path& file = pictures[static_cast<std::size_t>(i)].file;
    Decoded picture = decoded(file);
    if (picture.shape[1] != expected[1] || picture.shape[2] != expected[2])
      throw FileError(file, "is of " + size_text(picture.shape) + ", but " + core::printable(first.string()) +
                                " of " + size_text(expected) + "; all must be of one size");
    out[static_cast<std::size_t>(i)] = std::move(picture);
    progress.advance();
  });
  return out;
}

// Pictures and what they decode to -> a split; a grey picture among coloured ones fills all planes.
Split split_of(std::span<const Picture> pictures, std::span<Decoded> decoded, Index channels) {
  const core::Shape& shape = decoded.front().shape;
  const Index area = shape[1] * shape[2];
  Split split{core::Tensor<std::uint8_t>::uninitialized({std::ssize(pictures), channels, shape[1], shape[2]}),
              core::Tensor<std::uint8_t>({std::ssize(pictures)})};
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const Bytes planes = std::move(decoded[i].planes);
    for (Index c = 0; c < channels; ++c)
      std::copy_n(planes.begin() + (std::ssize(planes) > area ? c * area : 0), area,
                  &split.images(static_cast<Index>(i), c, 0, 0));
    split.labels[static_cast<Index>(i)] = pictures[i].label;
  }
  return split;
}

}  // namespace

Dataset load_picture_folder(const DatasetConfig& config, std::uint64_t seed, core::Workers& workers,
                            std::stop_token stop, core::Progress& progress) {
  const Plan plan = plan_of(config.path, seed);
  auto pictures = dealt(plan.train, config.train_limit);
  const auto train_count = pictures.size();
  const auto to_validate = dealt(plan.validation, config.validation_limit);
  if (to_validate.empty()) throw FileError(config.path, "holds no pictures to validate with");
  pictures.insert(pictures.end(), to_validate.begin(), to_validate.end());

  progress.stage_until(0.9);
  auto all = decode_all(pictures, workers, stop, progress);
  Index channels = 1;
  for (const Decoded& picture : all) channels = std::max(channels, picture.shape[0]);
  const std::span whole_list(pictures);
  const std::span whole(all);
  Dataset dataset;
  dataset.train = split_of(whole_list.first(train_count), whole.first(train_count), channels);
  dataset.validation = split_of(whole_list.subspan(train_count), whole.subspan(train_count), channels);
  dataset.classes = std::ssize(plan.names);
  for (const auto& name : plan.names) dataset.class_names.push_back(core::printable(name));
  dataset.split = plan.split;
  return dataset;
}

}  // namespace vitrine::train
