#include "engine/train/resume.h"

#include "engine/core/instruction_set.h"

namespace vitrine::train {

bool may_go_on_as(const TrainConfig& before, TrainConfig after) {
  HyperParams hyper = before.hyper();
  hyper.batch_size = after.batch_size;
  after.set(hyper);
  after.epochs = before.epochs;
  after.threads = before.threads;
  after.dataset.path = before.dataset.path;
  return after == before;
}

std::string fields_that_may_change() {
  return "epochs, threads, optimizer.learning_rate, optimizer.weight_decay, optimizer.clip_norm, "
         "model.dropout, schedule and dataset.path";
}

void resume(Trainer& trainer, Checkpoint checkpoint) {
  const auto& [record, state] = checkpoint;
  if (record.run.dataset_checksum != trainer.dataset().checksum)
    throw std::invalid_argument("dataset: its pictures are not those that the run began with (" +
                                trainer.dataset().checksum + ", not " + record.run.dataset_checksum + ")");
  if (trainer.config().epochs < state.epoch)
    throw std::invalid_argument("epochs " + std::to_string(trainer.config().epochs) + ": the run has done " +
                                std::to_string(state.epoch));
  checkpoint.state.hyper = trainer.config().hyper();
  trainer.restore(checkpoint.state);
}

std::string rounding_warning(const RunFacts& run) {
  const std::string_view instructions = core::instruction_set();
  if (run.version == VITRINE_VERSION && run.instruction_set == instructions) return "";
  return "the run was at vitrine " + run.version + " (" + run.instruction_set +
         "), this is " VITRINE_VERSION " (" + std::string(instructions) +
         "): from here on its results agree to rounding, not to the bit";
}

}  // namespace vitrine::train
