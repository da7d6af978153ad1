#include "app/labs/probe/edited_picture.h"

#include <utility>

namespace vitrine::labs {

using core::Index;
using core::Tensor;

Index wrapped(Index image, Index count) { return (image % count + count) % count; }

Index EditedPicture::image() const { return wrapped(probe_.image, dataset_->validation.count()); }

void EditedPicture::follow(const Probe& probe, const std::shared_ptr<const train::Dataset>& dataset) {
  const Change change = std::exchange(next_, Change::kEdit);
  const bool same_data = dataset_ == dataset;
  if (same_data && probe_ == probe) return;
  if (!same_data || probe_.image != probe.image || change == Change::kAnotherPicture)
    before_ = {};
  else if (change == Change::kEdit)
    before_ = *pixels_;
  probe_ = probe;
  dataset_ = dataset;
  const Index channels = dataset->channels(), height = dataset->height(), width = dataset->width();
  const bool own = probe.own.shape() == core::Shape{channels, height, width};
  pixels_ = std::make_shared<const Tensor<float>>(own ? probe.own.cast<float>()
                                                      : dataset->validation.picture(image()));
  shown_ = channels > 1 ? pixels_ : std::make_shared<const Tensor<float>>(pixels_->reshaped({height, width}));
}

}  // namespace vitrine::labs
