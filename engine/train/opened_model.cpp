#include "engine/train/opened_model.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/io/json_text.h"
#include "engine/nn/batch_pass.h"
#include "engine/train/fitted_picture.h"
#include "engine/train/memory_needs.h"
#include "engine/train/price.h"
#include "engine/train/run_folder.h"
#include "engine/train/run_record.h"
#include "engine/train/state_dict.h"

namespace vitrine::train {

using core::checked_add;
using core::checked_mul;
using core::Shape;
using core::Tensor;
using nlohmann::json;

namespace {

namespace fs = std::filesystem;

// What a config.json says.
struct Recorded {
  VitHints hints;
  std::optional<Normalisation> normalisation;
};

bool usable(const Normalisation& n) {
  const auto finite = [](double value) { return std::isfinite(value); };
  return !n.mean.empty() && n.mean.size() == n.deviation.size() && std::ranges::all_of(n.mean, finite) &&
         std::ranges::all_of(n.deviation, [&](double value) { return finite(value) && value > 0; });
}

Recorded recorded_run(const fs::path& file) {
  const RunRecord record = read_record(file);
  const ModelConfig& model = record.config.model;
  if (model.kind != ModelKind::kVit)
    throw io::FileError(file, "model.kind is " +
                                  std::string(kModelKinds[static_cast<std::size_t>(model.kind)]) +
                                  "; only a Vision Transformer can be opened");
  Recorded recorded{{model.heads, nn::LayerNorm<float>::kEpsilon, model.positions, std::nullopt}, {}};
  if (const auto pictures = known_pictures(record.config.dataset)) recorded.hints.image = pictures->image;
  const Normalisation normalisation{{record.run.mean}, {record.run.deviation}};
  if (!record.run.version.empty() && usable(normalisation)) recorded.normalisation = normalisation;
  return recorded;
}

// timm's "pretrained_cfg": {"mean": [0.5, 0.5, 0.5], "std": [...]}; whatever else it holds does not matter.
std::optional<Normalisation> pretrained_normalisation(const json& config) {
  const auto numbers = [&](const char* name) {
    const auto list = config.find(name);
    std::vector<double> values;
    if (list != config.end() && list->is_array())
      for (const json& value : *list) values.push_back(io::number_from(value, io::NamedNumbers::kRefuse));
    return values;
  };
  const Normalisation found{numbers("mean"), numbers("std")};
  return usable(found) ? std::optional(found) : std::nullopt;
}

Recorded recorded_beside(const fs::path& weights) {
  constexpr Index kLimit_bytes = 1 << 20;
  const fs::path file = weights.parent_path() / kConfigFile;
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return {};
  try {
    const json config = io::parse_json(io::read_file(file, kLimit_bytes));
    if (!config.is_object()) return {};
    if (const auto model = config.find("model"); model != config.end() && model->is_object())
      return recorded_run(file);
    if (const auto timm = config.find("pretrained_cfg"); timm != config.end() && timm->is_object())
      return {{}, pretrained_normalisation(*timm)};
  } catch (const io::FormatError& error) {
    throw io::FileError(file, error.what());
  }
  return {};
}

std::vector<std::string> class_names_beside(const fs::path& weights, Index classes, std::string& note) {
  const fs::path own = weights.stem().string() + ".labels.txt";
  std::error_code ignored;
  for (const fs::path& name : {own, fs::path("labels.txt")}) {
    const fs::path file = weights.parent_path() / name;
    if (!fs::exists(file, ignored)) continue;
    try {
      return read_labels(file, classes);
    } catch (const io::FileError& error) {  // of another model, perhaps
      note += (note.empty() ? "" : "; ") + std::string(error.what());
    }
  }
  std::vector<std::string> names;
  for (Index v = 0; v < classes; ++v) names.push_back("class " + std::to_string(v));
  return names;
}

}  // namespace

Normalisation Normalisation::half() { return {{0.5}, {0.5}}; }
Normalisation Normalisation::imagenet() { return {{0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}}; }

Tensor<float> Normalisation::of(Tensor<float> pixels) const {
  const Index channels = pixels.size(0), each = channels > 0 ? pixels.count() / channels : 0;
  for (Index c = 0; c < channels; ++c) {
    const std::size_t i = std::min(static_cast<std::size_t>(c), mean.size() - 1);
    const auto m = static_cast<float>(mean[i]), d = static_cast<float>(deviation[i]);
    for (float& pixel :
         pixels.values().subspan(static_cast<std::size_t>(c * each), static_cast<std::size_t>(each)))
      pixel = (pixel - m) / d;
  }
  return pixels;
}

Index opening_bytes(const nn::Vit<float>& vit, Index file_bytes) {
  const nn::VitSizes& s = vit.sizes();
  const Index tokens = vit.tokens(), model = vit.layout().size(),
              weights = checked_add(model, vit.layout().transposed_size());
  const Index lens = Shape{s.depth + 1, tokens, s.classes}.count();
  const Index attention = checked_mul(Shape{tokens, tokens}.count(), checked_mul(s.depth, s.heads + 2));
  const Index streams = Shape{s.depth + 1, tokens, 4 * s.embed_dim + s.mlp_dim}.count();
  const auto bytes = [](Index numbers) { return checked_mul(numbers, sizeof(float)); };
  // The pass' gradient of shards, which a look does without, is not counted.
  const Index pass = nn::BatchPass<float>::needed_bytes(vit, 1, 1) - bytes(model);
  const Index looking = checked_add(
      pass, bytes(checked_add(checked_add(checked_mul(2, lens), attention), checked_add(streams, weights))));
  const Index numbers = bytes(vit.layout().count());
  const Index reading = checked_add(file_bytes, numbers), filling = checked_add(numbers, bytes(weights));
  return std::max({reading, filling, looking});
}

OpenedModel open_model(const fs::path& path, const OpenOptions& options) {
  Recorded recorded = recorded_beside(path);
  OpenedModel opened{.path = path,
                     .model = {},
                     .weights = {},
                     .normalisation = {},
                     .class_names = {},
                     .heads_known = recorded.hints.heads.has_value(),
                     .note = {}};
  if (!recorded.hints.heads) recorded.hints.heads = options.heads;
  const auto facts = io::read_safetensors_header(path);
  try {
    TimmVit vit = timm_vit(facts, recorded.hints);
    if (vit.sizes.channels != 1 && vit.sizes.channels != 3)
      throw std::invalid_argument("patch_embed.proj.weight: takes pictures of " +
                                  core::grouped(vit.sizes.channels) +
                                  " channels; grey ones have 1, coloured ones 3");
    opened.model = std::make_shared<const nn::Vit<float>>(vit.sizes);
    opened.note = std::move(vit.note);
  } catch (const std::invalid_argument& error) {  // a ShapeError is one
    throw io::FileError(path, error.what());
  }
  const auto file_bytes = static_cast<Index>(fs::file_size(path));
  refuse_too_large(opening_bytes(*opened.model, file_bytes), "the model");
  auto tensors = io::read_safetensors(path, file_bytes);
  const auto as_announced = [](const io::TensorFacts& a, const io::NamedTensor& b) {
    return a.name == b.name && a.shape == b.values.shape();
  };
  if (!std::ranges::equal(facts, tensors, as_announced))
    throw io::FileError(path, "was replaced while it was read; open it again");
  try {
    fold_layer_scale(tensors);
    opened.weights =
        std::make_shared<const nn::Weights<float>>(weights_from(opened.model->layout(), tensors));
  } catch (const std::invalid_argument& error) {
    throw io::FileError(path, error.what());
  }
  opened.normalisation =
      options.normalisation.value_or(recorded.normalisation.value_or(Normalisation::half()));
  opened.class_names = class_names_beside(path, opened.model->classes(), opened.note);
  return opened;
}

std::vector<std::string> read_labels(const fs::path& path, Index classes) {
  constexpr Index kLimit_bytes = 8 << 20;
  const std::string text = io::read_file(path, kLimit_bytes);
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view name = std::string_view(text).substr(begin, end - begin);
    if (name.ends_with('\r')) name.remove_suffix(1);
    constexpr std::size_t kLongest_bytes = 80;
    names.push_back(core::printable(name, kLongest_bytes));
    begin = end + 1;
  }
  while (!names.empty() && names.back().empty()) names.pop_back();
  if (std::ssize(names) != classes)
    throw io::FileError(path, "names " + core::grouped(std::ssize(names)) + " classes, the model has " +
                                  core::grouped(classes) + "; one a line is expected");
  return names;
}

Tensor<float> centre_cropped(const Tensor<float>& pixels, const nn::ImageSizes& sizes) {
  if (pixels.rank() != 3 || pixels.empty() || pixels.size(0) > 3 || sizes.count() == 0)
    throw core::ShapeError("a picture of shape " + to_string(pixels.shape()) +
                           " cannot become one of shape " +
                           to_string(Shape{sizes.channels, sizes.height, sizes.width}));
  const auto rows = static_cast<double>(pixels.size(1)), columns = static_cast<double>(pixels.size(2));
  const auto height = static_cast<double>(sizes.height), width = static_cast<double>(sizes.width);
  const double scale = std::min(rows / height, columns / width);  // picture's pixels in one of the result
  const PictureWindow window{(rows - scale * height) / 2, (columns - scale * width) / 2, scale * height,
                             scale * width};
  const float nothing[3] = {};
  const Tensor<float> cropped = averaged(pixels, window, sizes.height, sizes.width, nothing);
  return fitted(cropped, sizes, Fit::kWhole);  // its channels: the size is right already
}

}  // namespace vitrine::train
