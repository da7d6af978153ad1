// What the picture of a lab shows can be taken along: the tensors that it offers over its parts.
#include <gtest/gtest.h>

#include <algorithm>

#include "app/labs/labs.h"
#include "app/labs/learning_lab.h"
#include "app/labs/trio/lab.h"
#include "tests/app/recording_canvas.h"

namespace vitrine::labs {
namespace {

// The learning wing on few digits and a small ViT, so that a step takes little time.
train::TrainConfig few_digits() {
  train::TrainConfig run = train::preset("demo").value();
  run.dataset = {train::DatasetKind::kDigits, "", 320, 128};
  run.model.depth = 2;
  run.model.embed_dim = 16;
  run.model.mlp_dim = 16;
  run.threads = 1;
  return run;
}

// One lab at its last step; of the learning wing after two.
void open_at_the_end(Lab& lab) {
  if (auto* learning = dynamic_cast<LearningLab*>(&lab)) {
    Workbench::Params params;
    params.config = few_digits();
    learning->bench().adopt(params);
    return lab.settle(2);
  }
  if (auto* trio = dynamic_cast<Trio*>(&lab)) {
    Trio::Params params;
    params.contest.reference = few_digits();
    params.reach = 2;
    params.shift_images = 64;
    trio->adopt(params);
    return lab.settle(2);
  }
  ASSERT_TRUE(lab.load_preset(lab.presets().front()));
  lab.settle(0);
  lab.settle(lab.last_step());
}

// Their stages show figures, words and curves of points, no tensor.
bool has_no_tensor(const Lab& lab) {
  return lab.info().id == "layer-sizes" || lab.info().id == "runs" || lab.info().id == "trio";
}

class NumbersOnStage : public testing::TestWithParam<std::size_t> {
 protected:
  NumbersOnStage() : lab_(*labs_[GetParam()]) {
    open_at_the_end(lab_);
    lab_.draw(canvas_);
  }
  bool is_drawn(const std::string& words) const { return canvas_.find(words) != nullptr; }

  std::vector<std::unique_ptr<Lab>> labs_ = all_labs({}, {});
  Lab& lab_;
  RecordingCanvas canvas_;
};

TEST_P(NumbersOnStage, AreOffered) { EXPECT_EQ(canvas_.offers.empty(), has_no_tensor(lab_)); }

TEST_P(NumbersOnStage, StandInARectangleAndAreThere) {
  for (const auto& offer : canvas_.offers) {
    EXPECT_GT(offer.box.w, 0) << offer.name;
    EXPECT_GT(offer.box.h, 0) << offer.name;
    EXPECT_GT(offer.count, 0) << offer.name;
  }
}

TEST_P(NumbersOnStage, BearALessonsNameOrTheTitleAboveThem) {
  const lessons::Symbols named = lab_.numbers();
  for (const auto& offer : canvas_.offers) {
    EXPECT_FALSE(offer.name.empty());
    if (offer.name.find(' ') != std::string::npos) continue;
    EXPECT_TRUE(named.contains(offer.name) || is_drawn(offer.name)) << offer.name;
  }
}

std::string name_of(const testing::TestParamInfo<std::size_t>& info) {
  std::string name(all_labs({}, {})[info.param]->info().id);
  std::ranges::replace(name, '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(OfEveryLab, NumbersOnStage, testing::Range<std::size_t>(0, 19), name_of);

TEST(NumbersOnStageOf, EveryLab) { EXPECT_EQ(all_labs({}, {}).size(), 19u); }

}  // namespace
}  // namespace vitrine::labs
