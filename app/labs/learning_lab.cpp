#include "app/labs/learning_lab.h"

namespace vitrine::labs {

void LearningLab::controls(widgets::Controls& controls) {
  Workbench::Params params = bench_->params();
  edit_controls(controls, params);
  if (!(params == bench_->params())) {
    bench_->edit(std::move(params), controls.editing() && gesture_);
    gesture_ = controls.editing();
  } else if (!controls.editing()) {
    gesture_ = false;
  }
}

std::string LearningLab::nothing_words() const {
  const train::TrainSnapshot* snapshot = bench_->snapshot().get();
  const bool failed = snapshot && snapshot->status == train::TrainStatus::kFailed;
  return failed ? snapshot->message : "Loading the pictures …";
}

}  // namespace vitrine::labs
