#include "app/labs/workbench/looked.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/labs/picture_source.h"
#include "app/labs/probe_picture.h"
#include "engine/train/models.h"
#include "engine/train/trainer.h"

namespace vitrine::labs {

using core::Index;

void Probe::describe(core::Fields& f) {
  f.field("probe", image);
  f.field("probe_pixels", own);
  f.field("probe_label", label);
  fit();
}

void Probe::fit() {
  for (double& pixel : own.values()) pixel = std::isfinite(pixel) ? std::clamp(pixel, 0.0, 1.0) : 0;
  label = std::max<Index>(label, -1);
}

core::Tensor<float> Looked::normalised(core::Tensor<float> of_pixels) const {
  return opened ? opened->normalisation.of(std::move(of_pixels)) : dataset->normalised(std::move(of_pixels));
}

Looked look(const LookQuestion& q) {
  const train::Dataset& data = *q.dataset;
  Looked looked;
  looked.run_id = q.run_id;
  looked.step = q.at.step;
  looked.dataset = q.dataset;
  looked.model =
      train::make_model<float>(q.model, {data.channels(), data.height(), data.width()}, data.classes);
  looked.weights = std::make_shared<const nn::Weights<float>>(train::weights_of(*looked.model, *q.at.values));
  const core::Shape shape{data.channels(), data.height(), data.width()};
  if (q.probe.own.shape() == shape) {
    looked.pixels = q.probe.own.cast<float>();
    looked.label = q.probe.label < data.classes ? q.probe.label : -1;
  } else {
    const Index count = data.validation.count();
    looked.image = (q.probe.image % count + count) % count;
    looked.label = data.validation.labels[looked.image];
    looked.pixels = data.validation.picture(looked.image);
  }
  looked.inside = train::look_inside(*looked.model, *looked.weights, looked.normalised(looked.pixels),
                                     looked.label < 0 ? std::nullopt : std::optional(looked.label));
  looked.grey = plane_of(looked.pixels, Plane::kGrey).reshaped({data.height(), data.width()});
  if (!looked.inside.attention.empty()) looked.mosaic = head_mosaic(looked.inside.attention);
  looked.layers = layer_maps(*looked.model, looked.inside);
  return looked;
}

}  // namespace vitrine::labs
