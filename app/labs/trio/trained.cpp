#include "app/labs/trio/trained.h"

#include "engine/train/inside.h"
#include "engine/train/models.h"

namespace vitrine::labs {
namespace {

using core::Index;

nn::ImageSizes sizes_of(const train::Dataset& d) { return {d.channels(), d.height(), d.width()}; }

}  // namespace

ShiftAnswer answer(const ShiftQuestion& question, std::stop_token stop, core::Progress& progress) {
  const train::Dataset& data = *question.dataset;
  core::Workers workers(train::threads_for({}, 1));
  ShiftAnswer out{question, {}, {}, {}};
  for (const Trained& trained : question.models) {
    const auto model = train::make_model<float>(trained.model, sizes_of(data), data.classes);
    const auto done = static_cast<double>(out.maps.size() + 1);
    progress.stage_until(done / static_cast<double>(question.models.size()));
    out.maps.push_back(train::shift_test(*model, *trained.weights, data, data.validation, question.images,
                                         question.reach, workers, stop, &progress));
    const core::Tensor<double>& accuracy = out.maps.back().accuracy;
    core::Tensor<float> picture(accuracy.shape());
    for (Index i = 0; i < accuracy.count(); ++i) picture[i] = static_cast<float>(100 * accuracy[i]);
    out.pictures.push_back(std::move(picture));
    out.by_distance.push_back(out.maps.back().by_distance());
  }
  return out;
}

ProbeAnswer answer(const ProbeQuestion& question) {
  const train::Dataset& data = *question.dataset;
  const nn::ImageSizes sizes = sizes_of(data);
  const Index image = question.image % data.validation.count();
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(sizes.count()));
  train::shift_image(data.validation.images.data() + image * sizes.count(), sizes, question.shift,
                     bytes.data());
  core::Tensor<float> pixels({sizes.channels, sizes.height, sizes.width});
  for (Index i = 0; i < pixels.count(); ++i)
    pixels[i] = static_cast<float>(bytes[static_cast<std::size_t>(i)]) / 255;

  ProbeAnswer out{question, image, data.validation.labels[image], {}, {}};
  const core::Tensor<float> normalised = data.normalised(pixels);
  for (const Trained& trained : question.models) {
    const auto model = train::make_model<float>(trained.model, sizes, data.classes);
    out.probabilities.push_back(train::look_inside(*model, *trained.weights, normalised).probabilities);
  }
  out.picture = sizes.channels == 1 ? std::move(pixels).reshaped({sizes.height, sizes.width}) : pixels;
  return out;
}

}  // namespace vitrine::labs
