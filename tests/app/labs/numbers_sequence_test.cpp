// Lab::numbers() of attention, sequences and training: what a lesson looks at is what the engine computes.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "app/labs/attention/lab.h"
#include "app/labs/attention_rnn/lab.h"
#include "app/labs/encoder/lab.h"
#include "app/labs/gated_rnn/lab.h"
#include "app/labs/heads/lab.h"
#include "app/labs/positions/lab.h"
#include "app/labs/scaling/lab.h"
#include "app/labs/training/lab.h"
#include "engine/io/json_fields.h"
#include "engine/lessons/expression.h"

namespace vitrine::labs::numbers_sequence_test {
namespace {

using core::Index;
using core::Shape;
using core::Tensor;
using lessons::Symbols;

template <class Topic>
struct Opened {
  explicit Opened(const std::string& preset) {
    EXPECT_TRUE(lab.load_preset(preset));
    lab.settle(lab.playhead().t);
    numbers = lab.numbers(kMostOfAFrame);
  }
  const typename Topic::Params& params() const { return lab.params(); }
  const Tensor<double>& of(const std::string& name) const {
    static const Tensor<double> kMissing;
    const auto found = numbers.find(name);
    EXPECT_NE(found, numbers.end()) << name;
    return found == numbers.end() ? kMissing : found->second;
  }
  double number(const std::string& name) const {
    const Tensor<double>& value = of(name);
    EXPECT_EQ(value.count(), 1) << name;
    return value.count() == 1 ? value[0] : std::nan("");
  }
  // Of an expression over the numbers, as a lesson's check is.
  double check(const std::string& text) const {
    std::set<std::string> names;
    for (const auto& [name, value] : numbers) names.insert(name);
    return lessons::Expression(text, names).evaluate(numbers)[0];
  }
  ComputeLab<Topic> lab;
  Symbols numbers;
};

void expect_near(const Tensor<double>& found, const Tensor<double>& expected) {
  ASSERT_EQ(found.shape(), expected.shape());
  for (Index i = 0; i < found.count(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-6) << i;
}

template <class Topic>
class SequenceNumbers : public testing::Test {};
using Topics = testing::Types<Attention, ManyHeads, Positions, Scaling, Encoder, GatedRnn, AttentionRnn>;
TYPED_TEST_SUITE(SequenceNumbers, Topics);

TYPED_TEST(SequenceNumbers, EveryPresetNamesItsOwn) {
  for (const auto& preset : TypeParam::presets()) {
    const Opened<TypeParam> lab(preset.name);
    EXPECT_EQ(lab.number("t"), preset.at) << preset.name;
    EXPECT_GT(lab.numbers.size(), 8u) << preset.name;
    for (const auto& [name, value] : lab.numbers) {
      EXPECT_LE(value.rank(), 3u) << name;
      EXPECT_LE(value.count(), 100'000) << preset.name << ": " << name;
      EXPECT_FALSE(value.empty()) << preset.name << ": " << name;
      EXPECT_NO_THROW(lessons::Expression(name + " == 0", {name})) << name;
    }
  }
}

TEST(AttentionNumbers, AreThoseOfTheScaledExercise) {
  const Opened<Attention> d("Causal, scaled");
  const auto& p = d.params();
  const sequence::Attention expected =
      sequence::attention(p.query, p.key, p.value, 1 / std::sqrt(3), sequence::causal_mask(3, 3));
  expect_near(d.of("dots"), expected.dots);
  expect_near(d.of("weights"), expected.weights);
  expect_near(d.of("output"), expected.output);
  EXPECT_EQ(d.check("queries == 3 and keys == 3 and d == 3 and causal == 1 and weights[1, 3] == 0"), 1);
  EXPECT_EQ(Opened<Attention>("Wrong mask").check("masks_late == 1 and row_sums[1] < 0.1"), 1);
}

TEST(ManyHeadsNumbers, AreThoseOfTheWeights) {
  const Opened<ManyHeads> d("Shapes");
  const auto& p = d.params();
  const sequence::MultiHead expected =
      sequence::multi_head_attention(d.of("X"), d.of("X"), p.matrices(), p.heads, 1 / std::sqrt(2),
                                     sequence::no_mask(d.of("X").size(0), d.of("X").size(0)));
  expect_near(d.of("concat"), expected.concat);
  expect_near(d.of("output"), expected.output);
  expect_near(d.of("Q"), sequence::head_columns(expected.query, p.heads, 0));
  EXPECT_EQ(d.check("tokens == 4 and heads == 2 and head_dim == 2 and inner == 4"), 1);
}

TEST(PositionsNumbers, AreThoseOfTheWaves) {
  const Opened<Positions> waves("Waves"), distances("Distances"), phrase("A phrase moves");
  expect_near(waves.of("PE"), sequence::sinusoidal_encoding(16, 8, 10'000, 1));
  expect_near(distances.of("products"),
              sequence::row_products(sequence::sinusoidal_encoding(40, 8, 10'000, 1)));
  EXPECT_EQ(waves.number("places"), 16);
  EXPECT_LT(distances.number("largest_spread"), 1e-9);
  EXPECT_EQ(phrase.check("max(moved) < 0.001"), 1);
  EXPECT_EQ(Opened<Positions>("The same by index").check("max(moved) > 1"), 1);
}

TEST(ScalingNumbers, AreThoseOfTheMoments) {
  const Opened<Scaling> d("μ = 0.5, d = 16");
  const sequence::Moments expected = sequence::expected_dot_product({0.5, 1}, 16);
  EXPECT_EQ(d.number("raw_expected_mean"), expected.mean);
  EXPECT_EQ(d.number("raw_expected_variance"), expected.variance);
  EXPECT_NEAR(d.number("raw_variance") / 16, d.number("scaled_variance"), 1e-9);
  EXPECT_EQ(d.check("d == 16 and samples == 4000 and raw_largest == max(raw_weights)"), 1);
}

TEST(EncoderNumbers, AreThoseOfTheBlock) {
  const Opened<Encoder> d("Backward");
  const auto& p = d.params();
  const sequence::EncoderBlock expected = sequence::encoder_block(p.input, p.weights, p.spec);
  expect_near(d.of("weights"), expected.nodes[sequence::EncoderNode::kWeights]);
  expect_near(d.of("output"), expected.nodes[sequence::EncoderNode::kOutput]);
  EXPECT_EQ(d.of("dx").shape(), p.input.shape());
  EXPECT_EQ(d.check("backward == 1 and heads == 2 and largest_error < 0.00001"), 1);
  EXPECT_EQ(d.number("counted_parameters"),
            d.number("counted_attention") + 2 * d.number("counted_norm") + d.number("counted_mlp"));
}

TEST(GatedRnnNumbers, AreThoseOfTheNet) {
  const Opened<GatedRnn> d("A small net");
  const auto& p = d.params();
  const sequence::GatedStates expected = sequence::gated_rnn(p.weights(), p.input, p.h0);
  expect_near(d.of("h"), expected.h);
  expect_near(d.of("gate"), expected.gate);
  expect_near(d.of("J"), expected.jacobian);
  EXPECT_EQ(d.check("steps == 6 and m == 2 and h_scale == 1 and from_start[1] == 1"), 1);
  EXPECT_EQ(Opened<GatedRnn>("Vanishing").check("gain < 0.01"), 1);
  EXPECT_EQ(Opened<GatedRnn>("Exploding").check("gain > 100"), 1);
}

TEST(AttentionRnnNumbers, AreThoseOfTheNet) {
  const Opened<AttentionRnn> d("Two states back");
  const auto& p = d.params();
  const sequence::AttentionRnnStates expected = sequence::attention_rnn(p.weights(), p.input);
  expect_near(d.of("h"), expected.h);
  expect_near(d.of("weights"), expected.weights);
  EXPECT_EQ(d.number("memory"), 2);
  EXPECT_EQ(d.of("reach").shape(), (Shape{p.steps()}));
  EXPECT_EQ(Opened<AttentionRnn>("All of the past").check("all_of_the_past == 1 and memory == steps"), 1);
}

// A run of tiny pictures' worth of work: generated digits, one block.
Workbench::Params tiny() {
  Workbench::Params params;
  params.config = train::preset("demo").value();
  params.config.dataset = {train::DatasetKind::kDigits, "", 256, 64};
  params.config.model.depth = 1;
  params.config.model.embed_dim = 16;
  params.config.model.mlp_dim = 16;
  params.config.epochs = 2;
  params.config.threads = 1;
  return params;
}

double value_of(const Symbols& numbers, const std::string& name) {
  const auto found = numbers.find(name);
  EXPECT_NE(found, numbers.end()) << name;
  return found == numbers.end() || found->second.count() != 1 ? std::nan("") : found->second[0];
}

TEST(TrainingNumbers, FollowTheRun) {
  Training lab(std::make_shared<Workbench>(nullptr));
  EXPECT_TRUE(lab.numbers(kMostOfAFrame).empty()) << "before there is a run";
  lab.bench().adopt(tiny());
  lab.settle(0);
  Symbols numbers = lab.numbers(kMostOfAFrame);
  EXPECT_EQ(value_of(numbers, "step"), 0);
  EXPECT_TRUE(std::isnan(value_of(numbers, "loss"))) << "of no update";
  EXPECT_EQ(value_of(numbers, "last_step"), 16);
  EXPECT_EQ(value_of(numbers, "tokens"), 17);

  lab.settle(10);
  numbers = lab.numbers(kMostOfAFrame);
  EXPECT_EQ(value_of(numbers, "step"), 10);
  EXPECT_EQ(value_of(numbers, "t"), 10);
  EXPECT_EQ(value_of(numbers, "epoch"), 1);
  EXPECT_EQ(value_of(numbers, "loss"), lab.bench().runs().back().curves.loss.raw().back().y);
  EXPECT_NEAR(value_of(numbers, "loss"), std::log(10), 1);
  EXPECT_GE(value_of(numbers, "validation_accuracy"), 0);
  EXPECT_EQ(value_of(numbers, "learning_rate"), 2e-3);
  EXPECT_EQ(value_of(numbers, "batch_size"), 32);
  EXPECT_EQ(value_of(numbers, "running"), 0);
  EXPECT_EQ(value_of(numbers, "diverged"), 0);
  EXPECT_GT(value_of(numbers, "parameters"), 1000);
  EXPECT_GT(value_of(numbers, "largest_weight"), 0.05);

  Workbench::Params other = tiny();
  other.config.seed = 1;
  lab.bench().adopt(other);
  EXPECT_TRUE(lab.numbers(kMostOfAFrame).empty()) << "the numbers are those of the run before";
}

// What does a task of a lesson for who asks.
TEST(TrainingNumbers, ALessonTrainsToAStep) {
  Training lab(std::make_shared<Workbench>(nullptr));
  lab.bench().adopt(tiny());
  io::JsonReader field("view.train_to", "5");
  lab.describe(field);
  EXPECT_EQ(lab.view().train_to, 5);
  const auto ready = [&] {
    const auto numbers = lab.numbers(kMostOfAFrame);
    return lab.view().train_to == 0 && !numbers.empty() && value_of(numbers, "step") == 5 &&
           value_of(numbers, "running") == 0;
  };
  while (!ready()) lab.poll(std::chrono::milliseconds(1));
  EXPECT_EQ(value_of(lab.numbers(kMostOfAFrame), "step"), 5);
  EXPECT_EQ(value_of(lab.numbers(kMostOfAFrame), "running"), 0);
}

}  // namespace
}  // namespace vitrine::labs::numbers_sequence_test
