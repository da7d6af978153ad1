// The training lab's set-up: its controls under a hand, its problems, its price and its presets.
#include "app/labs/training/setup.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "app/labs/training/lab.h"
#include "app/labs/training/presets.h"
#include "app/labs/workbench/setup_problems.h"
#include "engine/core/text.h"
#include "tests/app/app_driver.h"

namespace vitrine::labs::setup_test {
namespace {

using train::TrainConfig;

TrainConfig small_config() {
  TrainConfig config = train::preset("demo").value();
  config.dataset = {train::DatasetKind::kDigits, "", 256, 64};
  config.model.depth = 2;
  config.model.embed_dim = 16;
  config.model.mlp_dim = 16;
  config.threads = 1;
  return config;
}

// The lab on a small model, in a window tall enough for all of its controls.
struct Driver : AppDriver {
  Driver() : AppDriver(one(), 1280, 4000) {
    bench().adopt({small_config(), {}});
    settle();
  }
  Workbench& bench() { return dynamic_cast<Training&>(lab()).bench(); }
  const TrainConfig& edit() { return bench().params().config; }
  const TrainConfig& run() { return bench().snapshot()->config; }
  bool shows(const std::string& control) { return app().items().find(control).has_value(); }

 private:
  static std::vector<std::unique_ptr<Lab>> one() {
    std::vector<std::unique_ptr<Lab>> labs;
    labs.push_back(std::make_unique<Training>(std::make_shared<Workbench>(nullptr)));
    return labs;
  }
};

constexpr std::string_view kOfEveryModel[] = {"Learning rate", "Schedule",    "Warm-up steps", "Weight decay",
                                              "Clip norm",     "Dropout",     "Batch size",    "Data set",
                                              "Images",        "To validate", "Model",         "Optimizer",
                                              "Epochs",        "Seed",        "Threads"};

TEST(Setup, HasEveryFieldOfAVit) {
  Driver d;
  for (const std::string_view name : kOfEveryModel) EXPECT_TRUE(d.shows(std::string(name))) << name;
  for (const char* name : {"Patch size", "Embed dim", "Depth", "Heads", "Head dim", "MLP dim", "QKV bias",
                           "Pool", "Positions", "Betas[1]", "Betas[2]", "Epsilon"})
    EXPECT_TRUE(d.shows(name)) << name;
  EXPECT_FALSE(d.shows("Layer"));
  EXPECT_FALSE(d.shows("Momentum")) << "Adam has none";
  EXPECT_TRUE(d.shows("Lowest rate")) << "the demo's rate falls";
  EXPECT_FALSE(d.shows("Folder")) << "digits are drawn";
  d.type("MLP dim", "24");
  d.type("Betas[2]", "0.99");
  d.click("QKV bias=on");
  EXPECT_EQ(d.edit().model.mlp_dim, 24);
  EXPECT_EQ(d.edit().optimizer.betas[1], 0.99);
  EXPECT_TRUE(d.edit().model.qkv_bias);
  d.click("reset MLP dim");
  EXPECT_EQ(d.edit().model.mlp_dim, 128);
}

TEST(Setup, AnOptimizerHasItsOwnFields) {
  Driver d;
  d.click("Optimizer=sgd");
  EXPECT_TRUE(d.shows("Momentum"));
  EXPECT_FALSE(d.shows("Epsilon"));
  EXPECT_FALSE(d.shows("Betas[1]"));
  d.type("Momentum", "0.9");
  EXPECT_EQ(d.edit().optimizer.momentum, 0.9);
}

TEST(Setup, ACnnsLayersAreAddedMovedChangedAndRemoved) {
  Driver d;
  d.click("Model=cnn");
  ASSERT_EQ(d.edit().model, train::ModelConfig::of(train::ModelKind::kCnn));
  for (const std::string_view name : kOfEveryModel) EXPECT_TRUE(d.shows(std::string(name))) << name;
  EXPECT_FALSE(d.shows("Patch size"));
  for (const char* name : {"Layer", "Kind", "Filters", "Kernel", "Stride", "Padding", "Frozen"})
    EXPECT_TRUE(d.shows(name)) << name;
  const auto& layers = d.edit().model.layers;
  d.type("Filters", "4");
  d.click("Frozen=on");
  EXPECT_EQ(layers[0].filters, 4);
  EXPECT_FALSE(layers[0].learns());
  d.click("Add");
  ASSERT_EQ(layers.size(), 7u);
  EXPECT_EQ(layers[1], layers[0]);
  d.click("Kind");
  d.click("Kind=average_pool");
  EXPECT_EQ(layers[1], nn::LayerSpec::of(nn::LayerKind::kAveragePool));
  EXPECT_FALSE(d.shows("Filters"));
  d.click("Move down");
  EXPECT_EQ(layers[2].kind, nn::LayerKind::kAveragePool);
  d.click("Remove");
  EXPECT_EQ(layers.size(), 6u);
  d.click("Layer");
  d.click("Layer=1  conv 4");
  EXPECT_TRUE(d.shows("Filters"));
}

TEST(Setup, AnMlpHasLayersWithoutAWindow) {
  Driver d;
  d.click("Model=mlp");
  EXPECT_TRUE(d.shows("Units"));
  EXPECT_FALSE(d.shows("Kind=conv"));
  d.type("Units", "12");
  EXPECT_EQ(d.edit().model.layers[0].units, 12);
  d.click("Remove");
  d.click("Remove");
  EXPECT_TRUE(d.edit().model.layers.empty());
  EXPECT_TRUE(d.says("pixels go straight to the classes"));
  EXPECT_FALSE(d.shows("Kind"));
  d.click("Add");
  EXPECT_EQ(d.edit().model.layers.size(), 1u);
  d.click("Reset");
  ASSERT_TRUE(d.until([&] { return d.run() == d.edit(); }));
  d.click("Model=vit");
  EXPECT_TRUE(d.shows("Patch size"));
}

TEST(Setup, WhatIsImpossibleIsSaidBesideItsControlAndNoRunBeginsSo) {
  Driver d;
  const TrainConfig before = d.run();
  d.type("Patch size", "5");
  EXPECT_TRUE(d.says("Patch size\nPatch size 5: does not divide an image of 28 x 28\n"));
  EXPECT_TRUE(d.says("No run can begin so. Patch size 5: does not divide an image of 28 x 28"));
  d.click("Reset");
  d.frames(5);
  EXPECT_EQ(d.run(), before);
  d.type("Patch size", "7");
  d.type("Betas[1]", "1");
  EXPECT_TRUE(d.says("Betas 1: must be at least 0 and below 1"));
  d.type("Betas[1]", "0.9");
  EXPECT_FALSE(d.says("No run can begin so"));
  d.click("Model=cnn");
  d.type("Kernel", "40");
  EXPECT_TRUE(d.says("Layer\nLayer 1 conv: kernel 40 is larger than its input of 28 x 28 with padding 2\n"));
}

TEST(Setup, TheScheduleIsLiveAndTheRestWaits) {
  Driver d;
  d.click("Schedule");
  d.click("Schedule=linear");
  ASSERT_TRUE(d.until([&] { return d.run().schedule.kind == nn::ScheduleKind::kLinear; }));
  d.type("Warm-up steps", "7");
  ASSERT_TRUE(d.until([&] { return d.run().schedule.warmup_steps == 7; }));
  EXPECT_FALSE(d.bench().needs_reset());
  EXPECT_FALSE(d.says("Reset to apply"));
  d.type("Depth", "3");
  EXPECT_TRUE(d.bench().needs_reset());
  EXPECT_TRUE(d.says("Reset to apply: depth 2 → 3")) << d.app().transcript();
  d.click("Reset");
  ASSERT_TRUE(d.until([&] { return d.run().model.depth == 3; }));
  d.frames(2);
  EXPECT_FALSE(d.says("Reset to apply"));
}

TEST(Setup, ThePriceIsThatOfTheEdit) {
  Driver d;
  const auto price = [&] {
    return train::price_of(train::question_of(d.edit(), 1, *train::known_pictures(d.edit().dataset)));
  };
  const auto parameters = [&] { return "Parameters " + core::grouped(price().parameters) + "\n"; };
  ASSERT_TRUE(d.until([&] { return d.says(" on 1 thread; validation included"); })) << d.app().transcript();
  ASSERT_TRUE(d.until([&] { return d.says(parameters()); }));
  EXPECT_TRUE(d.says("Steps an epoch 8\n"));
  EXPECT_TRUE(d.says("Tokens an image 17\n"));
  EXPECT_TRUE(d.says("Images: train, validate 256, 64\n"));
  EXPECT_TRUE(d.says("All 10 epochs"));
  EXPECT_TRUE(d.says("An epoch, about "));
  EXPECT_FALSE(d.says("measuring"));
  EXPECT_FALSE(d.says("Attention, 2 of them"));
  d.click("Parameters by part");
  EXPECT_TRUE(d.says("Attention, 2 of them " + core::grouped(price().parts[3].parameters)));
  d.click("Parameters by part");
  EXPECT_FALSE(d.says("Attention, 2 of them"));
  d.click("Memory by use");
  EXPECT_TRUE(d.says("Activations of 1 thread"));
  const std::string before = parameters();
  d.type("Embed dim", "24");
  ASSERT_TRUE(d.until([&] { return d.says(parameters()); }));
  EXPECT_NE(parameters(), before);
  d.click("Model=mlp");
  ASSERT_TRUE(d.until([&] { return d.says(parameters()); }));
  EXPECT_FALSE(d.says("Tokens an image"));
  d.click("Parameters by part");
  EXPECT_TRUE(d.says("Layer 1: dense 256 200,960")) << d.app().transcript();
}

TEST(Setup, APictureFoldersPriceIsKnownOnceItIsLoaded) {
  TrainConfig config = small_config();
  config.dataset = {train::DatasetKind::kFolder, "/nowhere", 0, 0};
  PriceFinder finder;
  finder.look(config, nullptr);
  EXPECT_NE(finder.priced().error.find("once the pictures are loaded"), std::string::npos);
  EXPECT_FALSE(finder.priced().price);
  train::TrainSnapshot loaded;
  loaded.config = config;
  auto pictures = std::make_shared<train::Dataset>();
  pictures->train = {core::Tensor<std::uint8_t>({30, 3, 14, 21}), core::Tensor<std::uint8_t>({30})};
  pictures->validation = {core::Tensor<std::uint8_t>({4, 3, 14, 21}), core::Tensor<std::uint8_t>({4})};
  pictures->classes = 3;
  loaded.dataset = pictures;
  loaded.status = train::TrainStatus::kPaused;
  for (int i = 0; i < 60'000 && !(finder.priced().price && finder.priced().epoch_s); ++i) {
    finder.look(config, &loaded);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ASSERT_TRUE(finder.priced().price);
  EXPECT_EQ(finder.priced().price->tokens, 7);
  EXPECT_TRUE(finder.priced().epoch_s);
  // While the run trains as the edit says, its own speed counts.
  loaded.status = train::TrainStatus::kRunning;
  loaded.images_per_second = 1234;
  finder.look(config, &loaded);
  EXPECT_EQ(finder.priced().measured, "the run's own 1,234 images a second");
  config.batch_size = 16;
  finder.look(config, &loaded);
  EXPECT_NE(finder.priced().measured, "the run's own 1,234 images a second");
  // A rule that only the loaded pictures can break.
  config.model.patch_size = 2;
  ASSERT_TRUE(train::validate(config).empty());
  const auto problems = setup_problems(config, pictures_for(config, &loaded));
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].control, "Patch size");
  EXPECT_EQ(problems[0].words, "Patch size 2: does not divide an image of 14 x 21");
}

TEST(Setup, WaitingWordsLeaveOutWhatIsLive) {
  const TrainConfig run = small_config();
  TrainConfig edit = run;
  edit.optimizer.learning_rate = 1;
  edit.schedule = {};
  edit.batch_size = 3;
  EXPECT_EQ(waiting_words(run, edit), "");
  edit.seed = 4;
  edit.model.heads = 2;
  EXPECT_EQ(waiting_words(run, edit), "heads 4 → 2, seed 0 → 4");
}

TEST(Setup, EveryPresetCanRunAndSaysWhatToWatch) {
  std::set<std::string_view> names;
  for (const TrainingPreset& preset : training_presets()) {
    const TrainConfig config = preset.config();
    EXPECT_TRUE(train::validate(config).empty()) << preset.name;
    EXPECT_TRUE(names.insert(preset.name).second) << preset.name;
    EXPECT_GT(preset.watch.size(), 40u) << preset.name;
    EXPECT_EQ(training_preset(config), &preset);
    EXPECT_EQ(training_preset(preset.name), &preset);
  }
  EXPECT_EQ(training_preset("none"), nullptr);
  EXPECT_EQ(training_preset(small_config()), nullptr);
  Driver d;
  ASSERT_TRUE(d.lab().load_preset("One patch"));
  d.frames(2);
  EXPECT_TRUE(d.says("attention has nothing to compare"));
  EXPECT_EQ(d.edit().model.patch_size, 28);
}

}  // namespace
}  // namespace vitrine::labs::setup_test
