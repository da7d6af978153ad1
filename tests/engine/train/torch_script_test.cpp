// What the PyTorch program of a run says; tests/reference/check_exports.py runs such programs.
#include "engine/train/torch_script.h"

#include <gmock/gmock.h>

#include "tests/engine/train/tiny.h"

namespace vitrine::train {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string script(const TrainConfig& config) {
  RunRecord record;
  record.config = config;
  record.run.mean = 0.25;
  record.run.deviation = 0.5;
  return torch_script(record, {1, 28, 28}, 10);
}

TEST(TorchScript, HasEverySettingOfTheRun) {
  TrainConfig config = tiny_config();
  config.batch_size = 48;
  config.seed = 5;
  config.optimizer.learning_rate = 0.125;
  config.optimizer.weight_decay = 0.0625;
  config.schedule = {nn::ScheduleKind::kCosine, 70, 0.03125};
  const std::string text = script(config);
  EXPECT_THAT(
      text, AllOf(HasSubstr("MEAN, DEVIATION = 0.25, 0.5"), HasSubstr("EPOCHS, BATCH_SIZE, SEED = 3, 48, 5"),
                  HasSubstr("MIN_LEARNING_RATE, WARMUP_STEPS = 0.125, 0.03125, 70"),
                  HasSubstr("WEIGHT_DECAY = 0.0625"), HasSubstr("math.cos(math.pi * u)"),
                  HasSubstr("HEAD_DIM, MLP_DIM = 14, 16, 2, 2, 8, 24"), HasSubstr("torch.optim.AdamW(")));
  EXPECT_THAT(text, Not(HasSubstr("clip_grad_norm_")));
  config.optimizer.clip_norm = 1.5;
  config.optimizer.kind = nn::OptimizerKind::kSgd;
  config.optimizer.momentum = 0.75;
  EXPECT_THAT(script(config), AllOf(HasSubstr("clip_grad_norm_(model.parameters(), max_norm=1.5)"),
                                    HasSubstr("torch.optim.SGD(groups, lr=LEARNING_RATE, momentum=0.75)")));
}

TEST(TorchScript, LeavesNoPlaceholder) {
  for (const std::string_view name : preset_names()) {
    std::string text = script(preset(name).value());
    for (const std::string_view at : {"\n@torch.no_grad()", "(q @ k", "(weights @ v"}) {
      const std::size_t found = text.find(at);
      if (found != text.npos) text.erase(found, at.size());
    }
    EXPECT_EQ(text.find('@'), text.npos) << name;
  }
}

TEST(TorchScript, AStackIsItsLayersAndWhatIsFrozenStays) {
  TrainConfig config;
  config.model = ModelConfig::of(ModelKind::kCnn);
  config.model.layers[0].frozen = true;
  EXPECT_THAT(script(config), AllOf(HasSubstr("nn.Conv2d(1, 16, 5, stride=1, padding=2),\n"),
                                    HasSubstr("self.layers[0].requires_grad_(False)"),
                                    HasSubstr("self.head = nn.Linear(1568, CLASSES)")));
}

TEST(TorchScript, RefusesWhatCannotRun) {
  TrainConfig config = tiny_config();
  config.model.patch_size = 5;
  EXPECT_THROW(script(config), std::invalid_argument);
}

}  // namespace
}  // namespace vitrine::train
