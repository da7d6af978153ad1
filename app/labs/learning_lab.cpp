#include "app/labs/learning_lab.h"

#include "app/labs/pasted.h"
#include "app/labs/workbench/run_files.h"
#include "engine/train/foreign_runs.h"

namespace vitrine::labs {

void LearningLab::controls(widgets::Controls& controls) {
  Workbench::Params params = bench_->params();
  edit_controls(controls, params);
  for (const auto& pasted : std::exchange(controls.state().reshapes, {}))
    controls.complain_of(pasted.name, no_room(pasted.values.shape(), pasted.grid));
  if (!(params == bench_->params())) {
    bench_->edit(std::move(params), controls.editing() && gesture_);
    gesture_ = controls.editing();
  } else if (!controls.editing()) {
    gesture_ = false;
  }
}

bool LearningLab::open(const std::filesystem::path& path) {
  auto run = train::run_at(path);
  if (!run || train::seem_foreign(path)) return false;
  bench_->go_on(std::move(*run));
  return true;
}

std::string LearningLab::code() const { return run_script(*bench_); }

std::string LearningLab::model_file(std::string_view extension) const {
  return labs::model_file(*bench_, extension);
}

std::string LearningLab::nothing_words() const {
  const train::TrainSnapshot* snapshot = bench_->snapshot().get();
  const bool failed = snapshot && snapshot->status == train::TrainStatus::kFailed;
  return failed ? snapshot->message : "Loading the pictures …";
}

}  // namespace vitrine::labs
