#include "app/labs/workbench/opened_look.h"

#include <algorithm>

#include "app/labs/probe_picture.h"
#include "engine/io/files.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;

namespace {

std::shared_ptr<const train::Dataset> dataset_of(const train::OpenedModel& opened) {
  const auto& [channels, height, width] = opened.model->image();
  auto data = std::make_shared<train::Dataset>();
  data->name = opened.path.filename().string();
  constexpr std::uint8_t kGrey = 128;
  data->validation.images = Tensor<std::uint8_t>({1, channels, height, width}, kGrey);
  data->validation.labels = Tensor<std::uint8_t>({1});
  data->train.images = Tensor<std::uint8_t>({0, channels, height, width});
  data->train.labels = Tensor<std::uint8_t>({0});
  data->classes = opened.model->classes();
  data->class_names = opened.class_names;
  return data;
}

}  // namespace

OpenedLook::OpenedLook(const std::function<void()>& wake)
    : read_job_(
          [](const ReadQuestion& question, std::stop_token, core::Progress&) { return read_model(question); },
          wake),
      look_job_([this](const PictureQuestion& question, std::stop_token,
                       core::Progress&) { return look_at(question); },
                wake) {}

OpenedLook::Model OpenedLook::read_model(const ReadQuestion& q) {
  train::OpenOptions options;
  if (q.files.heads > 0) options.heads = q.files.heads;
  if (q.files.normalisation == Normalising::kHalf) options.normalisation = train::Normalisation::half();
  if (q.files.normalisation == Normalising::kImagenet)
    options.normalisation = train::Normalisation::imagenet();
  train::OpenedModel opened = train::open_model(q.files.weights, options);
  if (!q.files.labels.empty())
    opened.class_names = train::read_labels(q.files.labels, opened.model->classes());
  Model model{-q.number, std::make_shared<const train::OpenedModel>(std::move(opened)), nullptr};
  model.dataset = dataset_of(*model.opened);
  return model;
}

Looked OpenedLook::look_at(const PictureQuestion& q) {
  const train::OpenedModel& opened = *q.model.opened;
  const nn::ImageSizes& sizes = opened.model->image();
  Looked looked;
  looked.run_id = q.model.id;
  looked.step = q.number;
  looked.dataset = q.model.dataset;
  looked.opened = q.model.opened;
  looked.model = opened.model;
  looked.weights = opened.weights;
  looked.pixels = train::centre_cropped(reader_.read(q.picture), sizes);
  looked.inside = train::look_inside(*opened.model, *opened.weights, looked.normalised(looked.pixels));
  looked.grey = plane_of(looked.pixels, Plane::kGrey).reshaped({sizes.height, sizes.width});
  return looked;
}

bool OpenedLook::open(const std::filesystem::path& path) {
  if (io::ending_of(path) != ".safetensors") return false;
  read({.weights = path});
  return true;
}

bool OpenedLook::open_part(const std::filesystem::path& path) {
  if (!model_.opened) return false;
  if (io::ending_of(path) == ".txt") {
    Files files = kept_;
    files.labels = path;
    read(std::move(files));
    return true;
  }
  if (!open_picture(path, picture_)) return false;
  ++pictures_;
  return true;
}

void OpenedLook::Files::describe(core::Fields& f) {
  std::string weights_name = weights.string(), labels_name = labels.string();
  f.file("weights", weights_name);
  f.file("class_names", labels_name);
  f.field("heads", heads);
  f.choice("normalisation", normalisation, kNormalisations);
  weights = weights_name;
  labels = labels_name;
  heads = std::max<Index>(heads, 0);
}

void OpenedLook::describe(core::Fields& f) {
  Files files = files_;
  PictureSource picture = picture_;
  files.describe(f);
  f.group("picture", picture);
  if (!(files == files_)) files.weights.empty() ? close() : read(std::move(files));
  if (picture == picture_) return;
  picture_ = std::move(picture);
  ++pictures_;
}

void OpenedLook::read(Files files) {
  files_ = std::move(files);
  reading_ = true;
  read_job_.request({files_, ++reads_});
}

void OpenedLook::close() {
  reading_ = false;
  files_ = kept_ = {};
  model_ = {};
  looked_ = nullptr;
  error_.clear();
}

bool OpenedLook::busy() const {
  return reading_ || (model_.opened && error_.empty() && (!looked_ || look_job_.busy()));
}

void OpenedLook::poll(std::chrono::microseconds patience) {
  if (const auto answer = read_job_.poll(reading_ ? patience : std::chrono::microseconds{});
      answer && reading_ && answer->params.number == reads_) {
    reading_ = false;
    if (answer->result) {
      if (kept_.weights != files_.weights) looked_ = nullptr;
      model_ = *answer->result;
      kept_ = files_;
    } else {
      words_ = "This model cannot be opened. " + answer->error;
      files_ = kept_;
    }
  }
  if (!model_.opened) return;
  look_job_.request({model_, picture_, pictures_});
  const auto answer = look_job_.poll(patience);
  if (!answer || answer->params.model.opened != model_.opened) return;
  error_ = answer->error;
  if (answer->result) looked_ = answer->result;
}

}  // namespace vitrine::labs
