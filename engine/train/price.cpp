#include "engine/train/price.h"

#include <algorithm>
#include <chrono>

#include "engine/core/rng.h"
#include "engine/core/stop.h"
#include "engine/nn/batch_pass.h"
#include "engine/nn/optimizer.h"
#include "engine/nn/vit.h"
#include "engine/train/digits.h"
#include "engine/train/evaluation.h"
#include "engine/train/idx_folder.h"
#include "engine/train/models.h"
#include "engine/train/shapes.h"

namespace vitrine::train {
namespace {

constexpr double kTimed_s = 0.12;       // of updates
constexpr double kLongUpdate_s = 0.04;  // one that is longer is timed with fewer images
constexpr std::size_t kFewestUpdates = 3;

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// A layer's part; "blocks.3.attn" is one of the copies of "attention".
std::string part_name(const nn::LayerFacts& layer) {
  const std::string& name = layer.name;
  if (name.ends_with(".attn")) return "attention";
  if (name.ends_with(".mlp")) return "mlp";
  if (name == "norm" || name.ends_with(".norm1") || name.ends_with(".norm2")) return "norms";
  if (name == "patch_embed") return "patch embedding";
  return name + (layer.words.empty() ? "" : " (" + layer.words + ")");
}

// A model at work on noise.
class Sample {
 public:
  Sample(const nn::Model<float>& model, const PriceQuestion& question, core::Workers& workers)
      : rule_{question.optimizer, 0},  // it learns nothing and computes all the same
        dropout_{question.model.dropout, 0, 0},
        workers_(workers),
        weights_(nn::Weights<float>::initial(model.layout(), 0)),
        batch_(model, workers),
        optimizer_(model.layout()) {
    const core::Rng rng(0, core::RngStream::kLab);
    for (Index i = 0; i < model.image().count(); ++i)
      image_.push_back(static_cast<float>(rng.normal(0, static_cast<std::uint64_t>(i))));
  }

  double gradient_s(Index images) {
    hold(images);
    const auto begin = Clock::now();
    batch_.loss_and_gradient(weights_, images_.data(), labels_, dropout_);
    ++dropout_.step;
    return seconds_since(begin);
  }
  double optimizer_s() {
    const auto begin = Clock::now();
    optimizer_.update(rule_, batch_.gradient().data(), 1, workers_, weights_);
    return seconds_since(begin);
  }
  double evaluation_s(Index images) {
    hold(images);
    const auto begin = Clock::now();
    batch_.loss(weights_, images_.data(), labels_);
    return seconds_since(begin);
  }

 private:
  // The same noise over and over: what an image shows does not change its time.
  void hold(Index images) {
    const auto count = static_cast<std::size_t>(images);
    labels_.resize(count);
    images_.reserve(count * image_.size());
    while (images_.size() < count * image_.size())
      images_.insert(images_.end(), image_.begin(), image_.end());
  }

  const nn::UpdateRule rule_;
  nn::DropoutDraw dropout_;
  core::Workers& workers_;
  nn::Weights<float> weights_;
  nn::BatchPass<float> batch_;
  nn::Optimizer<float> optimizer_;
  std::vector<float> image_, images_;  // [channels, height, width], as many times as are held
  std::vector<std::uint8_t> labels_;   // [images]
};

std::unique_ptr<const nn::Model<float>> model_of(const PriceQuestion& question) {
  const auto& [model, optimizer, batch_size, threads, pictures] = question;
  refuse(validate(model, pictures.image.height, pictures.image.width));
  return make_model<float>(model, pictures.image, pictures.classes);
}

}  // namespace

std::optional<Pictures> known_pictures(const DatasetConfig& config) {
  constexpr Index kMnistSide = 28, kMnistToTrain = 60'000, kMnistToValidate = 10'000;
  const auto limited = [](Index all, Index limit) { return limit > 0 ? std::min(limit, all) : all; };
  const auto pictures = [&](const nn::ImageSizes& image, Index classes, Index train, Index validation) {
    return Pictures{image, classes, limited(train, config.train_limit),
                    limited(validation, config.validation_limit)};
  };
  switch (config.kind) {
    case DatasetKind::kDigits:
      return pictures({1, kDigitSide, kDigitSide}, kDigitClasses, kDrawnToTrain, kDrawnToValidate);
    case DatasetKind::kShapes:
      return pictures({3, kShapeSide, kShapeSide}, std::ssize(kShapeNames), kDrawnToTrain, kDrawnToValidate);
    case DatasetKind::kMnist:
    case DatasetKind::kFashionMnist:
      return pictures({1, kMnistSide, kMnistSide}, kMnistClasses, kMnistToTrain, kMnistToValidate);
    case DatasetKind::kIdx:
    case DatasetKind::kFolder:
      break;
  }
  return std::nullopt;
}

Pictures pictures_of(const Dataset& dataset) {
  return {{dataset.channels(), dataset.height(), dataset.width()},
          dataset.classes,
          dataset.train.count(),
          dataset.validation.count()};
}

PriceQuestion question_of(const TrainConfig& config, int threads, const Pictures& pictures) {
  return {config.model, config.optimizer.kind, config.batch_size, threads, pictures};
}

std::vector<Part> parts_of(const nn::Model<float>& model) {
  const Index tables = model.layout().count_of("cls_token") + model.layout().count_of("pos_embed");
  std::vector<Part> parts;
  const auto add = [&](const std::string& name, Index parameters, Index multiply_adds) {
    const auto same = std::find_if(parts.begin(), parts.end(), [&](const Part& p) { return p.name == name; });
    if (same == parts.end()) {
      parts.push_back({name, 1, parameters, multiply_adds});
      return;
    }
    ++same->copies;
    same->parameters += parameters;
    same->multiply_adds += multiply_adds;
  };
  for (const nn::LayerFacts& layer : model.layers()) {
    if (layer.parameters == 0 && layer.multiply_adds == 0) continue;
    const std::string name = part_name(layer);
    const bool embedding = layer.name == "patch_embed";
    add(name, layer.parameters - (embedding ? tables : 0), layer.multiply_adds);
    if (embedding && tables > 0) add("class token and positions", tables, 0);
  }
  return parts;
}

Price price_of(const PriceQuestion& question) {
  const auto model = model_of(question);
  Price price;
  price.pictures = question.pictures;
  price.layers = model->layers();
  price.parts = parts_of(*model);
  price.parameters = model->layout().count();
  price.multiply_adds = model->multiply_adds();
  price.trained_multiply_adds = core::checked_mul(model->trained_multiply_adds(), 3);
  if (const auto* vit = dynamic_cast<const nn::Vit<float>*>(model.get())) price.tokens = vit->tokens();
  price.steps_of_epoch = core::divide_up(question.pictures.train_count, question.batch_size);
  price.memory = memory_needs(*model, question.threads, question.batch_size);
  return price;
}

std::string words_of(const Speed& speed) {
  return std::to_string(speed.updates) + " updates of " + std::to_string(speed.images) +
         (speed.images == 1 ? " image on " : " images on ") + std::to_string(speed.threads) +
         (speed.threads == 1 ? " thread" : " threads");
}

Speed measure_speed(const PriceQuestion& question, std::stop_token stop) {
  const auto model = model_of(question);
  refuse_too_large(memory_needs(*model, question.threads, question.batch_size).total(),
                   "the model or batch_size");
  core::Workers workers(question.threads);
  Sample sample(*model, question, workers);
  // Few images at first, but enough to keep all threads busy; a first time that is not counted, since memory
  // is taken in it.
  Index images = std::min<Index>(question.batch_size, model->chunk_images() * question.threads);
  sample.gradient_s(images);
  sample.optimizer_s();
  core::throw_if_stopped(stop);
  const double whole_batch = static_cast<double>(question.batch_size) / static_cast<double>(images);
  if (sample.gradient_s(images) * whole_batch <= kLongUpdate_s) {
    images = question.batch_size;
    sample.gradient_s(images);
  }
  std::vector<double> gradients, updates, evaluations;
  for (const auto begin = Clock::now();
       gradients.size() < kFewestUpdates || seconds_since(begin) < kTimed_s;) {
    core::throw_if_stopped(stop);
    gradients.push_back(sample.gradient_s(images));
    updates.push_back(sample.optimizer_s());
    if (evaluations.size() < kFewestUpdates) evaluations.push_back(sample.evaluation_s(images));
  }
  const auto batch_size = static_cast<double>(question.batch_size), timed = static_cast<double>(images);
  return {std::ssize(gradients), images, question.threads,
          median(gradients) / timed + median(updates) / batch_size, median(evaluations) / timed};
}

double epoch_s(const Pictures& pictures, const Speed& speed) {
  return static_cast<double>(pictures.train_count) * speed.trained_image_s +
         static_cast<double>(pictures.validation_count) * speed.validated_image_s;
}

}  // namespace vitrine::train
