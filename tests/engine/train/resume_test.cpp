#include "engine/train/resume.h"

#include <gmock/gmock.h>

#include "engine/core/instruction_set.h"
#include "tests/engine/io/temporary_folder.h"
#include "tests/engine/train/tiny.h"

namespace vitrine::train {
namespace {

using io::error_of;
using testing::HasSubstr;

class Resume : public testing::Test {
 protected:
  Trainer trainer(const TrainConfig& config) {
    return Trainer(config, tiny_dataset(config, workers_), workers_);
  }
  Checkpoint after(Trainer& trainer, Index steps) {
    while (trainer.step() < steps) trainer.advance();
    return {record_of(trainer), trainer.state()};
  }

  core::Workers workers_{1};
};

TEST_F(Resume, GoesOnWithTheSameBits) {
  Trainer whole = trainer(tiny_config()), second = trainer(tiny_config());
  resume(second, after(whole, 25));
  EXPECT_EQ(second.state(), whole.state());
  after(whole, 45);
  after(second, 45);
  EXPECT_EQ(second.weights().values, whole.weights().values);
}

TEST_F(Resume, ChangedHyperParamsHoldFromThere) {
  Trainer first = trainer(tiny_config());
  const Checkpoint checkpoint = after(first, 3);
  TrainConfig config = tiny_config();
  config.optimizer.learning_rate = 5e-4;
  Trainer second = trainer(config);
  resume(second, checkpoint);
  EXPECT_EQ(second.config(), config);
  EXPECT_EQ(second.advance()->learning_rate, 5e-4);
}

TEST_F(Resume, AChangedScheduleHoldsFromThereAsAChangeOfTheRunDoes) {
  Trainer first = trainer(tiny_config());
  const Checkpoint checkpoint = after(first, 30);
  TrainConfig config = tiny_config();
  config.schedule = {nn::ScheduleKind::kCosine, 35, 1e-5};
  Trainer second = trainer(config);
  resume(second, checkpoint);
  first.set(config.hyper());
  EXPECT_DOUBLE_EQ(second.advance()->learning_rate, config.optimizer.learning_rate * 31 / 36);
  after(first, 45);
  after(second, 45);
  EXPECT_EQ(second.weights().values, first.weights().values);
  EXPECT_EQ(record_of(first).config, config);
}

TEST_F(Resume, OnlyWhatKeepsTheRunMayChange) {
  const TrainConfig before = tiny_config();
  const auto may = [&](const std::function<void(TrainConfig&)>& change) {
    TrainConfig after = before;
    change(after);
    EXPECT_FALSE(after == before);
    return may_go_on_as(before, after);
  };
  EXPECT_TRUE(may([](TrainConfig& c) { c.epochs = 9; }));
  EXPECT_TRUE(may([](TrainConfig& c) { c.threads = 3; }));
  EXPECT_TRUE(may([](TrainConfig& c) { c.optimizer.learning_rate = 1; }));
  EXPECT_TRUE(may([](TrainConfig& c) { c.optimizer.weight_decay = 1; }));
  EXPECT_TRUE(may([](TrainConfig& c) { c.optimizer.clip_norm = 1; }));
  EXPECT_TRUE(may([](TrainConfig& c) { c.model.dropout = 0.5; }));
  EXPECT_TRUE(may([](TrainConfig& c) { c.schedule = {nn::ScheduleKind::kLinear, 1, 1e-5}; }));
  EXPECT_TRUE(may([](TrainConfig& c) { c.dataset.path = "elsewhere"; }));
  EXPECT_FALSE(may([](TrainConfig& c) { c.batch_size = 7; }));
  EXPECT_FALSE(may([](TrainConfig& c) { c.seed = 1; }));
  EXPECT_FALSE(may([](TrainConfig& c) { c.model.depth = 1; }));
  EXPECT_FALSE(may([](TrainConfig& c) { c.dataset.kind = DatasetKind::kShapes; }));
  EXPECT_FALSE(may([](TrainConfig& c) { c.dataset.train_limit = 1; }));
  EXPECT_FALSE(may([](TrainConfig& c) { c.optimizer.kind = nn::OptimizerKind::kSgd; }));
}

TEST_F(Resume, RefusesOtherDataAndFewerEpochs) {
  Trainer first = trainer(tiny_config());
  const Checkpoint checkpoint = after(first, 40);  // two epochs
  TrainConfig config = tiny_config();
  config.seed = 1;
  Trainer other_data = trainer(config);
  EXPECT_THAT(error_of<std::invalid_argument>([&] { resume(other_data, checkpoint); }),
              HasSubstr("dataset: its pictures are not those that the run began with"));
  config = tiny_config();
  config.epochs = 1;
  Trainer shorter = trainer(config);
  EXPECT_EQ(error_of<std::invalid_argument>([&] { resume(shorter, checkpoint); }),
            "epochs 1: the run has done 2");
}

TEST_F(Resume, WarnsWhereBitsMayDiffer) {
  Trainer first = trainer(tiny_config());
  RunFacts run = record_of(first).run;
  EXPECT_EQ(rounding_warning(run), "");
  run.instruction_set = "SSE9";
  EXPECT_THAT(rounding_warning(run), testing::AllOf(HasSubstr("SSE9"), HasSubstr(core::instruction_set())));
  run = record_of(first).run;
  run.version = "0.0.1";
  EXPECT_THAT(rounding_warning(run), HasSubstr("0.0.1"));
}

}  // namespace
}  // namespace vitrine::train
