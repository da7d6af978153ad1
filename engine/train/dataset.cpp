#include "engine/train/dataset.h"

#include <algorithm>
#include <cmath>

#include "engine/core/checksum.h"
#include "engine/core/stop.h"
#include "engine/io/files.h"
#include "engine/train/digits.h"
#include "engine/train/idx_folder.h"
#include "engine/train/picture_folder.h"
#include "engine/train/shapes.h"

namespace vitrine::train {
namespace {

using Draw = Split(std::uint64_t seed, Index first, Index count, core::Workers& workers, std::stop_token stop,
                   core::Progress* progress);

Dataset drawn(Draw& draw, std::vector<std::string> names, const DatasetConfig& config, std::uint64_t seed,
              core::Workers& workers, std::stop_token stop, core::Progress& progress) {
  const auto limited = [](Index all, Index limit) { return limit ? std::min(limit, all) : all; };
  Dataset dataset;
  progress.stage_until(0.75);
  dataset.train = draw(seed, 0, limited(kDrawnToTrain, config.train_limit), workers, stop, &progress);
  progress.stage_until(0.9);
  dataset.validation =
      draw(seed, kDrawnToTrain, limited(kDrawnToValidate, config.validation_limit), workers, stop, &progress);
  dataset.classes = std::ssize(names);
  dataset.class_names = std::move(names);
  dataset.split = "drawn: from number " + std::to_string(kDrawnToTrain) + " on they validate";
  return dataset;
}

Dataset loaded(const DatasetConfig& config, std::uint64_t seed, core::Workers& workers, std::stop_token stop,
               core::Progress& progress) {
  switch (config.kind) {
    case DatasetKind::kDigits:
      return drawn(draw_digits, numbered_classes(kDigitClasses), config, seed, workers, stop, progress);
    case DatasetKind::kShapes:
      return drawn(draw_shapes, {kShapeNames.begin(), kShapeNames.end()}, config, seed, workers, stop,
                   progress);
    case DatasetKind::kFashionMnist:
    case DatasetKind::kMnist:
    case DatasetKind::kIdx:
      return load_idx_folder(config, stop, progress);
    case DatasetKind::kFolder:
      return load_picture_folder(config, seed, workers, stop, progress);
  }
  throw std::invalid_argument("no such kind of data set");
}

using Piece = std::span<const std::uint8_t>;

// All numbers of `tensor` in pieces, between which it stops.
template <class Work>
void for_pieces(const core::Tensor<std::uint8_t>& tensor, const std::stop_token& stop, const Work& work) {
  constexpr std::size_t kPiece_bytes = std::size_t{1} << 22;
  for (Piece rest = tensor.values(); !rest.empty();) {
    core::throw_if_stopped(stop);
    const std::size_t count = std::min(rest.size(), kPiece_bytes);
    work(rest.first(count));
    rest = rest.subspan(count);
  }
}

void set_normalisation(Dataset& dataset, const std::stop_token& stop) {
  std::uint64_t sum = 0, squares = 0;  // exact: below 2^63 for 10^14 pixels
  for_pieces(dataset.train.images, stop, [&](Piece piece) {
    for (const std::uint64_t pixel : piece) {
      sum += pixel;
      squares += pixel * pixel;
    }
  });
  const auto count = static_cast<double>(dataset.train.images.count());
  const double mean = static_cast<double>(sum) / count;
  const double variance = static_cast<double>(squares) / count - mean * mean;
  dataset.mean = mean / 255;
  dataset.deviation = variance > 0 ? std::sqrt(variance) / 255 : 1;  // of one single colour: only shifted
}

std::string hexadecimal(std::uint64_t value) {
  std::string digits(16, '0');
  for (auto at = digits.rbegin(); at != digits.rend(); ++at, value >>= 4)
    *at = "0123456789abcdef"[value & 15];
  return digits;
}

void set_checksum(Dataset& dataset, const std::stop_token& stop) {
  core::Checksum checksum;
  for (const Split* split : {&dataset.train, &dataset.validation})
    for (const auto* tensor : {&split->images, &split->labels})
      for_pieces(*tensor, stop, [&](Piece piece) {
        checksum.add({reinterpret_cast<const char*>(piece.data()), piece.size()});
      });
  dataset.checksum = "fnv1a64:" + hexadecimal(checksum.value());
}

}  // namespace

core::Tensor<float> Split::picture(Index image) const {
  core::Tensor<float> pixels({images.size(1), images.size(2), images.size(3)});
  const std::uint8_t* bytes = images.data() + image * pixels.count();
  for (Index i = 0; i < pixels.count(); ++i) pixels[i] = static_cast<float>(bytes[i]) / 255;
  return pixels;
}

void Dataset::normalise(const std::uint8_t* pixels, Index count, float* out) const {
  const auto scale = static_cast<float>(1 / (255 * deviation)), shift = static_cast<float>(mean / deviation);
  for (Index i = 0; i < count; ++i) out[i] = static_cast<float>(pixels[i]) * scale - shift;
}

core::Tensor<float> Dataset::normalised(core::Tensor<float> pixels) const {
  for (float& pixel : pixels.values())
    pixel = (pixel - static_cast<float>(mean)) / static_cast<float>(deviation);
  return pixels;
}

std::vector<std::string> numbered_classes(Index classes) {
  std::vector<std::string> names;
  for (Index i = 0; i < classes; ++i) names.push_back(std::to_string(i));
  return names;
}

std::shared_ptr<const Dataset> load_dataset(const DatasetConfig& config, std::int64_t seed,
                                            core::Workers& workers, std::stop_token stop,
                                            core::Progress* progress) {
  core::Progress unwatched;
  core::Progress& watched = progress ? *progress : unwatched;
  auto dataset =
      std::make_shared<Dataset>(loaded(config, static_cast<std::uint64_t>(seed), workers, stop, watched));
  dataset->name = kDatasetKinds[static_cast<std::size_t>(config.kind)];
  watched.begin(2);
  set_checksum(*dataset, stop);
  watched.advance();
  set_normalisation(*dataset, stop);
  watched.advance();
  return dataset;
}

std::shared_ptr<const Dataset> load_dataset_or_digits(const DatasetConfig& config, std::int64_t seed,
                                                      core::Workers& workers, std::stop_token stop,
                                                      core::Progress* progress) {
  try {
    return load_dataset(config, seed, workers, stop, progress);
  } catch (const io::FileError& error) {
    DatasetConfig digits = config;
    digits.kind = DatasetKind::kDigits;
    auto replaced = std::make_shared<Dataset>(*load_dataset(digits, seed, workers, stop, progress));
    replaced->note = std::string("generated digits instead: ") + error.what();
    return replaced;
  }
}

bool files_are_there(const DatasetConfig& config) {
  std::error_code none;
  switch (config.kind) {
    case DatasetKind::kDigits:
    case DatasetKind::kShapes:
      return true;
    case DatasetKind::kFashionMnist:
    case DatasetKind::kMnist:
    case DatasetKind::kIdx:
      return first_with_idx_files(places_of(config)).has_value();
    case DatasetKind::kFolder:
      return std::filesystem::is_directory(config.path, none);
  }
  return false;
}

}  // namespace vitrine::train
