#include "app/cli/train_progress.h"

#include <gmock/gmock.h>

#include <sstream>

#include "tests/engine/train/tiny.h"

namespace vitrine::cli {
namespace {

using namespace train;
using testing::HasSubstr;

// 600 images in batches of 32: 19 steps an epoch, 3 epochs.
class Progress : public testing::Test {
 protected:
  // Brings the trainer behind a step, at so many seconds of work.
  MetricPoint step(Index step, double loss, double seconds) {
    TrainerState state = trainer_.state();
    state.step = step;
    state.epoch = step / 19;
    state.position = step % 19 * 32;
    trainer_.restore(state);
    return {0, step, (step - 1) / 19 + 1, MetricSplit::kTrain, loss, 0, 1e-3, 1, 12345.6, seconds};
  }
  std::string shown() {
    const std::string text = out_.str();
    out_.str("");
    return text;
  }

  std::ostringstream out_;
  core::Workers workers_{1};
  Trainer trainer_{tiny_config(), tiny_dataset(tiny_config(), workers_), workers_};
};

TEST_F(Progress, IsALineAnEpochWherePiped) {
  TrainProgress progress(out_, trainer_, 0);
  EXPECT_THAT(shown(), HasSubstr("digits: 600 images to train on, 150 to validate with; "));
  progress.show(step(18, 3, 1));
  progress.show(step(19, 2, 2));
  EXPECT_EQ(shown(), "");
  progress.show({0, 19, 1, MetricSplit::kValidation, 1.25, 0.875, 1e-3, 0, 12345.6, 2.5});
  progress.end();
  EXPECT_EQ(shown(),
            "epoch 1/3  step 19  train loss 2.5  validation loss 1.25  accuracy 87.5 %  12,346 images/s  "
            "2.5 s\n");
}

TEST_F(Progress, IsABarOnATerminal) {
  TrainProgress progress(out_, trainer_, 100);
  shown();
  progress.show(step(20, 3, 10));  // goes on in the second epoch
  EXPECT_EQ(shown(), "\r\x1b[Kepoch 2/3 [#...................] loss 3  12,346 images/s");
  progress.show(step(21, 2, 10.05));
  EXPECT_EQ(shown(), "");          // too soon
  progress.show(step(30, 1, 30));  // two seconds a step, 27 steps left
  EXPECT_EQ(shown(), "\r\x1b[Kepoch 2/3 [###########.........] loss 2  12,346 images/s  0:54 left");
}

TEST_F(Progress, TimeLeftFollowsABatchSizeThatChanged) {
  HyperParams hyper = trainer_.config().hyper();
  hyper.batch_size = 300;
  trainer_.set(hyper);
  TrainProgress progress(out_, trainer_, 100);
  progress.show(step(50, 3, 10));
  shown();
  progress.show(step(51, 2, 20));  // 184 images left
  EXPECT_EQ(shown(), "\r\x1b[Kepoch 3/3 [##########..........] loss 2.5  12,346 images/s  0:10 left");
  progress.show(step(57, 2.5, 80));
  EXPECT_EQ(shown(), "\r\x1b[Kepoch 3/3 [####################] loss 2.5  12,346 images/s  0:00 left");
}

TEST_F(Progress, ABarStaysOnOneLineAndIsLeftOnce) {
  {
    TrainProgress progress(out_, trainer_, 20);
    shown();
    progress.show(step(1, 3, 10));
    EXPECT_EQ(shown(), "\r\x1b[Kepoch 1/3 [#.......");
    progress.end();
    EXPECT_EQ(shown(), "\n");
    progress.show(step(2, 3, 20));
    shown();
  }
  EXPECT_EQ(shown(), "\n");  // also where the run ends with an error
}

}  // namespace
}  // namespace vitrine::cli
