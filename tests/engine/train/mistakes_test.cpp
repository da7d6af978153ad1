#include "engine/train/mistakes.h"

#include <gtest/gtest.h>

#include "engine/core/stop.h"
#include "engine/train/evaluation.h"
#include "engine/train/models.h"
#include "tests/engine/train/tiny.h"

namespace vitrine::train::mistakes_test {
namespace {

struct Subject {
  Subject() {
    TrainConfig config = tiny_config();
    dataset = tiny_dataset(config, workers);
    model = make_model<float>(config.model, {1, 28, 28}, dataset->classes);
    weights = nn::Weights<float>::initial(model->layout(), 3);
  }
  std::optional<Index> next(const Split& split, Index from) const {
    return next_mistake(*model, weights, *dataset, split, from);
  }
  core::Workers workers{1};
  std::shared_ptr<const Dataset> dataset;
  std::unique_ptr<const nn::Model<float>> model;
  nn::Weights<float> weights;
};

// What it says of every place is what an evaluation says of all images.
TEST(NextMistake, IsTheFirstThatAnEvaluationCallsWrong) {
  const Subject s;
  const Split& split = s.dataset->validation;
  core::Workers workers(1);
  const auto images = evaluate(*s.model, s.weights, *s.dataset, split, workers).images;
  Index right = 0;
  for (Index from = 0; from < split.count(); ++from) {
    Index expected = (from + 1) % split.count();
    while (images[static_cast<std::size_t>(expected)].correct) expected = (expected + 1) % split.count();
    ASSERT_EQ(s.next(split, from), expected) << "after " << from;
    right += images[static_cast<std::size_t>(from)].correct;
  }
  EXPECT_GT(right, 0) << "some are right by chance, so that some are passed over";
}

TEST(NextMistake, IsNothingWhereAllAreRightAndItselfWhereItIsTheOnlyOne) {
  const Subject s;
  Split split = s.dataset->validation;
  core::Workers workers(1);
  const auto images = evaluate(*s.model, s.weights, *s.dataset, split, workers).images;
  for (Index i = 0; i < split.count(); ++i)
    split.labels[i] = static_cast<std::uint8_t>(images[static_cast<std::size_t>(i)].prediction);
  EXPECT_EQ(s.next(split, 5), std::nullopt);
  split.labels[5] = static_cast<std::uint8_t>((split.labels[5] + 1) % s.dataset->classes);
  EXPECT_EQ(s.next(split, 5), 5);
  EXPECT_EQ(s.next(split, 140), 5);
}

TEST(NextMistake, Stops) {
  const Subject s;
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(next_mistake(*s.model, s.weights, *s.dataset, s.dataset->validation, 0, stop.get_token()),
               core::Stopped);
}

}  // namespace
}  // namespace vitrine::train::mistakes_test
