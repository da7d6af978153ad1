// EditedPicture: the probe as it is edited now, of which a look may still be under way, and as it was before
// the last edit, whoever made it: a stroke, undo, another lab.
#pragma once

#include <memory>

#include "app/labs/workbench/looked.h"

namespace vitrine::labs {

class EditedPicture {
 public:
  // What the next change of the probe is: by itself an edit, unless it shows another validation image.
  enum class Change { kEdit, kMoreOfTheEdit, kAnotherPicture };
  void expect(Change change) { next_ = change; }
  void follow(const Probe& probe, const std::shared_ptr<const train::Dataset>& dataset);

  bool loaded() const { return dataset_ != nullptr; }
  const train::Dataset& dataset() const { return *dataset_; }
  const Probe& probe() const { return probe_; }
  core::Index image() const;                                      // the validation image's number
  const core::Tensor<float>& pixels() const { return *pixels_; }  // [C, H, W], 0 to 1
  // The same for a heatmap: [H, W] where it is grey.
  const std::shared_ptr<const core::Tensor<float>>& shown() const { return shown_; }
  // As pixels(); empty: the picture is as it came.
  const core::Tensor<float>& before() const { return before_; }

 private:
  Probe probe_;
  std::shared_ptr<const train::Dataset> dataset_;
  std::shared_ptr<const core::Tensor<float>> pixels_, shown_;
  core::Tensor<float> before_;
  Change next_ = Change::kEdit;
};

// The number counted round.
core::Index wrapped(core::Index image, core::Index count);

}  // namespace vitrine::labs
