#include "app/labs/encoder/lab.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/text.h"
#include "engine/io/json_fields.h"
#include "tests/app/app_driver.h"

namespace vitrine::labs::encoder_lab_test {
namespace {

using core::Index;
using core::Shape;
using core::Tensor;
using testing::HasSubstr;
using Driver = LabDriver<Encoder>;
using Node = Encoder::Node;
using Section = Encoder::Section;
using Spot = Encoder::Spot;
using Step = Encoder::Step;
using Weight = Encoder::Weight;

std::string explained(Driver& d) {
  const widgets::Equation e = d.lab().explain();
  return e.words + "\n" + widgets::plain_text(e);
}

const Tensor<double>& node(Driver& d, Node n) { return d.result().block.nodes[n]; }

// The step that makes this tensor, or this part of it.
int step_of(Driver& d, const Encoder::Which& which, Index part = 0) {
  const auto& steps = d.result().steps;
  return static_cast<int>(std::find(steps.begin(), steps.end(), Step{which, part}) - steps.begin());
}

void scrub_to(Driver& d, const Encoder::Which& which, Index part = 0) {
  d.lab().settle(step_of(d, which, part));
}

TEST(EncoderLab, OpensWithABlockThatIsItsEquation) {
  Driver d;
  d.settle();
  EXPECT_EQ(d.result().block.sizes,
            (sequence::EncoderSizes{.tokens = 3, .embed_dim = 4, .heads = 2, .head_dim = 2, .mlp_dim = 6}));
  EXPECT_EQ(node(d, Node::kInput), d.params().input);
  for (Index i = 0; i < 12; ++i) {
    EXPECT_EQ(node(d, Node::kMiddle)[i], d.params().input[i] + node(d, Node::kProjected)[i]);
    EXPECT_EQ(node(d, Node::kOutput)[i], node(d, Node::kMiddle)[i] + node(d, Node::kMlp)[i]);
  }
  // x, six steps of a norm, q k v, two heads' S, alpha and o, a, x', six steps of a norm, u r m, y.
  EXPECT_EQ(d.lab().last_step() + 1, 1 + 6 + 3 + 2 * 3 + 1 + 1 + 6 + 3 + 1);
  d.click("One block");
  EXPECT_EQ(d.lab().playhead().t, step_of(d, Node::kWeights));
}

TEST(EncoderLab, LayerNormOfOneTwoThreeFour) {
  Driver d;
  d.click("LayerNorm of 1 2 3 4");
  const double expected[] = {-1.341641, -0.447214, 0.447214, 1.341641};
  for (Index c = 0; c < 4; ++c) {
    EXPECT_NEAR(node(d, Node::kNormalised1)(0, c), expected[c], 5e-7);
    EXPECT_NEAR(node(d, Node::kNormalised1)(1, c), expected[c], 5e-7) << "20 40 60 80 is the same";
    EXPECT_EQ(node(d, Node::kNormalised1)(2, c), 0) << "a constant token";
  }
  EXPECT_EQ(node(d, Node::kMean1)[0], 2.5);
  EXPECT_EQ(node(d, Node::kVariance1)[0], 1.25);
  EXPECT_NEAR(std::sqrt(node(d, Node::kVariance1)[0]), 1.118034, 5e-7);
  EXPECT_THAT(explained(d), HasSubstr("−1.5"));
  EXPECT_THAT(explained(d), HasSubstr("= −1.34164"));
  scrub_to(d, Node::kMean1);
  EXPECT_THAT(explained(d), HasSubstr("(1 + 2 + 3 + 4) / 4 = 2.5"));
}

TEST(EncoderLab, EachStepSaysHowItsNumberIsMade) {
  Driver d;
  d.click("One block");
  d.point_at(widgets::Point{600, 2350});  // away from the stage
  d.settle();
  EXPECT_THAT(explained(d), HasSubstr("Head 1: row t is how much token t takes of each"));
  EXPECT_THAT(explained(d), HasSubstr("softmax(S_1)"));
  d.key(shell::Key::kRight);
  EXPECT_THAT(explained(d), HasSubstr("Head 2"));
  scrub_to(d, Node::kQuery);
  EXPECT_THAT(explained(d), HasSubstr("1 × 1 convolution"));
  const double expected = node(d, Node::kQuery)(0, 0);
  EXPECT_THAT(explained(d), HasSubstr("= " + core::shown(expected, 6)));
  scrub_to(d, Node::kMiddle);
  EXPECT_THAT(explained(d), HasSubstr("x′ = x + a"));
  scrub_to(d, Node::kActivated);
  EXPECT_THAT(explained(d), HasSubstr("r = GELU(u)"));
  for (const std::string& preset : d.lab().presets()) {  // no step is mute
    d.click(preset);
    for (int step = 0; step <= d.lab().last_step(); ++step) {
      d.lab().settle(step);
      EXPECT_FALSE(d.lab().explain().words.empty()) << preset << " " << step;
      EXPECT_FALSE(d.lab().explain().lines.empty()) << preset << " " << step;
    }
  }
}

TEST(EncoderLab, TheFeedForwardLayerOfTheExercise) {
  Driver d;
  d.click("Same MLP for all");
  EXPECT_EQ(d.result().counted[Section::kMlp], 2'099'712);
  EXPECT_TRUE(d.says("2,099,712")) << d.app().transcript();
  EXPECT_THAT(explained(d), HasSubstr("The same weights for every token"));
  d.type("M", "128");
  EXPECT_EQ(d.result().counted[Section::kMlp], 512 * 128 + 128 + 128 * 512 + 512);
  EXPECT_EQ(node(d, Node::kHidden).size(1), 6) << "the drawn block is another one";
  // 8 heads of 64 with a bias: 3 (512 512 + 512) + 512 512 + 512.
  EXPECT_EQ(d.result().counted[Section::kAttention], 4 * (512 * 512 + 512));
  EXPECT_EQ(d.result().drawn[Section::kMlp], 4 * 6 + 6 + 6 * 4 + 4);
  EXPECT_EQ(d.result().drawn.total, 8 + 80 + 8 + 58);
}

TEST(EncoderLab, DropoutAtItsThreePlaces) {
  Driver d;
  d.click("Three dropouts");
  EXPECT_EQ(d.params().spec.activation, sequence::Activation::kRelu);
  const auto dropped = [&](Node before, Node after, sequence::DropoutPlace place) {
    Index count = 0;
    for (Index i = 0; i < node(d, before).count(); ++i) {
      const double factor = d.result().block.factors[place][i];
      EXPECT_TRUE(factor == 0 || factor == 1 / 0.75);
      EXPECT_EQ(node(d, after)[i], factor * node(d, before)[i]);
      count += factor == 0 ? 1 : 0;
    }
    return count;
  };
  using sequence::DropoutPlace;
  const Index all = dropped(Node::kProjected, Node::kDropped1, DropoutPlace::kAfterAttention) +
                    dropped(Node::kActivated, Node::kKept, DropoutPlace::kInsideMlp) +
                    dropped(Node::kMlp, Node::kDropped2, DropoutPlace::kAfterMlp);
  EXPECT_GT(all, 0);
  EXPECT_LT(all, 42);
  // h = x' + B ReLU(A z): no bias takes part.
  for (const Weight w : {Weight::kFc1Bias, Weight::kFc2Bias})
    for (const double v : d.params().weights[w].values()) EXPECT_EQ(v, 0);
  EXPECT_THAT(explained(d), HasSubstr("drop r"));
  const auto before = d.result().block.factors;
  d.type("Seed", "4");
  EXPECT_FALSE(d.result().block.factors == before);
  d.type("Dropout", "0");
  EXPECT_EQ(step_of(d, Node::kKept), d.lab().last_step() + 1) << "no such step any more";
}

TEST(EncoderLab, EqualTokensCannotBeToldApart) {
  Driver d;
  d.click("Equal tokens");
  for (Index c = 0; c < 4; ++c) EXPECT_EQ(node(d, Node::kOutput)(0, c), node(d, Node::kOutput)(2, c));
  EXPECT_THAT(explained(d), HasSubstr("Tokens 1 and 3 are equal, and so are their outputs"));
}

TEST(EncoderLab, WhatIsLitIsTelling) {
  Driver d;
  d.click("Three dropouts");  // r 1,1 is 0 and would stay 0
  EXPECT_NE(node(d, Node::kActivated)[1], 0);
  EXPECT_EQ(Encoder::focus(d.result(), d.topic().view(), true).cell, 1);
  d.click("Dead ReLUs");  // nothing comes back: the strongest that was sent
  const Index lit = Encoder::focus(d.result(), d.topic().view(), true).cell;
  const Tensor<double>& sent = d.result().gradients.nodes[Node::kActivated];
  for (Index i = 0; i < sent.count(); ++i) EXPECT_LE(std::abs(sent[i]), std::abs(sent[lit]));
  EXPECT_GT(std::abs(sent[lit]), 0.5);
  EXPECT_EQ(d.result().gradients.nodes[Node::kHidden][lit], 0);
}

TEST(EncoderLab, AFiniteDifferenceOverReLUsBendIsExplained) {
  Driver d;
  d.click("Backward");
  scrub_to(d, Node::kHidden);
  EXPECT_FALSE(d.result().bend.has_value()) << "GELU has none";
  Encoder::Params p = d.params();
  p.spec.activation = sequence::Activation::kRelu;
  const std::stop_token never;
  EXPECT_FALSE(Encoder::compute(p, never).bend.has_value()) << "no hidden number is near 0";
  for (Index c = 0; c < 4; ++c) p.weights[Weight::kFc1Weight](0, c) = 0;
  p.weights[Weight::kFc1Bias][0] = 0;
  const Encoder::Result r = Encoder::compute(p, never);
  ASSERT_EQ(r.bend, 0) << "u 1,1 is 0";
  const Spot lit{Node::kHidden, 6};  // of the output's token
  EXPECT_TRUE(r.is_suspicious(lit));
  EXPECT_NEAR(2 * r.check(Node::kHidden)[6], r.gradient(Node::kActivated)[6], 1e-6) << "half of each slope";
  Encoder::View view;
  view.pinned = lit;
  EXPECT_THAT(Encoder::explain(r, view).words, HasSubstr("over ReLU's bend: u 1,1 = 0"));
}

TEST(EncoderLab, EveryGradientIsCheckedByFiniteDifferences) {
  Driver d;
  for (const char* preset : {"Backward", "Only the skip", "Dead ReLUs"}) {
    d.click(preset);
    const auto& r = d.result();
    EXPECT_LT(r.largest_error, 1e-6) << preset;
    for (std::size_t i = 0; i < sequence::kEncoderNodes; ++i)
      for (Index j = 0; j < r.gradients.nodes.all[i].count(); ++j)
        EXPECT_NEAR(r.gradients.nodes.all[i][j], r.checks.nodes.all[i][j], 1e-6) << preset << " " << i;
    const Tensor<double>& seed = r.gradients.nodes[Node::kOutput];
    for (Index j = 0; j < 12; ++j) EXPECT_EQ(seed[j], j == 1 * 4 + 2 ? 1 : 0);
  }
}

TEST(EncoderLab, TheSkipAndTheBranchAddUp) {
  Driver d;
  d.click("Backward");
  EXPECT_EQ(d.lab().playhead().t, step_of(d, Node::kMiddle));
  const auto& g = d.result().gradients;
  for (Index i = 0; i < 12; ++i) {
    EXPECT_EQ(g.nodes[Node::kMiddle][i], g.nodes[Node::kOutput][i] + g.middle_branch[i]);
    EXPECT_EQ(g.nodes[Node::kInput][i], g.nodes[Node::kMiddle][i] + g.input_branch[i]);
  }
  EXPECT_THAT(explained(d), HasSubstr("dL/dx′ = dL/dy + branch"));
  d.click("Only the skip");
  EXPECT_EQ(node(d, Node::kOutput), d.params().input);
  EXPECT_EQ(d.result().gradients.nodes[Node::kInput], d.result().gradients.nodes[Node::kOutput]);
  EXPECT_THAT(explained(d), HasSubstr("= 1 + 0 = 1"));
  d.click("Dead ReLUs");
  for (const double v : node(d, Node::kActivated).values()) EXPECT_EQ(v, 0);
  for (const double v : d.result().gradients.weights[Weight::kFc1Weight].values()) EXPECT_EQ(v, 0);
  d.type("Output token", "1");
  EXPECT_EQ(d.result().gradients.nodes[Node::kOutput](0, 2), 1);
}

TEST(EncoderLab, HoverLightsANumberAndAClickPinsIt) {
  Driver d;
  d.click("One block");
  const auto q = d.find("encoder q");
  d.click(widgets::Point{q.x + q.w * 2.5f / 4, q.y + q.h * 1.5f / 3});
  ASSERT_TRUE(d.topic().view().pinned);
  EXPECT_EQ(*d.topic().view().pinned, (Spot{Node::kQuery, 1 * 4 + 2}));
  EXPECT_THAT(explained(d), HasSubstr("q_2,3"));
  d.key(shell::Key::kEscape);
  EXPECT_FALSE(d.topic().view().pinned);
  // A weight says that it serves all tokens, and shows what it makes.
  const auto w = d.find("encoder Wk");
  d.point_at(widgets::Point{w.x + w.w * 1.5f / 4, w.y + w.h * 0.5f / 4});
  d.settle();
  EXPECT_THAT(explained(d), HasSubstr("Wk 2,1 = "));
  EXPECT_THAT(explained(d), HasSubstr("one number that serves every token"));
  EXPECT_THAT(explained(d), HasSubstr("k_1,2"));
  // A number of the large matrices: the pinned tensor changes, not what is shown.
  d.point_at("encoder x");
  d.settle();
  EXPECT_THAT(explained(d), HasSubstr("One row for each token"));
  d.point_at(widgets::Point{600, 2350});
  d.settle();
  scrub_to(d, Node::kScores, 1);
  d.settle();
  const auto result = d.find("encoder detail result");
  d.point_at(widgets::Point{result.x + result.w * 0.5f / 3, result.y + result.h * 2.5f / 3});
  d.settle();
  EXPECT_THAT(explained(d), HasSubstr("S_2 3,1"));
  d.click("encoder detail 2");
  ASSERT_TRUE(d.topic().view().pinned);
  EXPECT_TRUE(d.topic().view().pinned->which.is(Node::kKey));
}

TEST(EncoderLab, AWeightOfTheBackwardPassIsExplainedToo) {
  Driver d;
  d.click("Backward");
  for (const char* name :
       {"encoder Wq", "encoder γ", "encoder W2", "encoder β′", "encoder b2", "encoder bv"}) {
    d.point_at(name);
    d.settle();
    EXPECT_THAT(explained(d), HasSubstr("serves all tokens")) << name;
  }
}

TEST(EncoderLab, SizesKeepWhatFits) {
  Driver d;
  d.click("One block");
  const auto before = d.params().weights;
  d.type("Heads", "3");
  EXPECT_EQ(d.params().weights[Weight::kQkvWeight].shape(), (Shape{18, 4}));
  for (Index i = 0; i < 4; ++i)
    for (Index c = 0; c < 4; ++c) {
      EXPECT_EQ(d.params().weights[Weight::kQkvWeight](6 + i, c), before[Weight::kQkvWeight](4 + i, c))
          << "keys stay keys";
      EXPECT_EQ(d.params().weights[Weight::kProjWeight](c, i), before[Weight::kProjWeight](c, i));
    }
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.params().weights, before);
  d.type("Wq[1,1]", "2.5");
  EXPECT_EQ(d.params().weights[Weight::kQkvWeight](0, 0), 2.5);
  d.type("Tokens", "8");
  d.type("Embedding", "8");
  d.type("MLP size", "16");
  d.type("Heads", "4");
  EXPECT_EQ(node(d, Node::kOutput).shape(), (Shape{8, 8}));
  EXPECT_EQ(d.params().weights[Weight::kQkvWeight](0, 0), 2.5);
  d.click("Direction");
  EXPECT_LT(d.most_vertices(), 120'000);
}

TEST(EncoderLab, NotANumberIsCarriedHonestly) {
  Driver d;
  d.click("One block");
  d.type("x[2,1]", "nan");
  EXPECT_TRUE(std::isnan(node(d, Node::kNorm1)(1, 0)));
  EXPECT_FALSE(std::isnan(node(d, Node::kValue)(0, 0)));
  EXPECT_TRUE(std::isnan(node(d, Node::kOutput)(0, 0)));
  EXPECT_TRUE(d.says("A number of x is not finite")) << d.app().transcript();
  d.type("x[2,1]", "1e200");
  EXPECT_THAT(d.topic().error(), HasSubstr("the variance of row 1 passes a double's range"));
  d.key(shell::Key::kZ, true);
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.topic().error(), "");
}

TEST(EncoderLab, AFileOfRubbishIsBroughtIntoRange) {
  Encoder::Params p = Encoder::presets()[5].params, read;
  io::from_json(io::to_json(p), read, io::Unknown::kRefuse);
  EXPECT_EQ(read, p);
  io::from_json(
      R"({"input": [[1,2],[3,4],[5,6]], "heads": 99, "eps": -1, "dropout": 7, "dropout_seed": -5,
          "output_token": 9, "output_component": -3, "attn.qkv.weight": [[1],[2],[3],[4],[5]],
          "mlp.fc1.weight": [1, 2], "counted_mlp_dim": 0})",
      read, io::Unknown::kCollect);
  EXPECT_EQ(read.input.shape(), (Shape{3, 2}));
  EXPECT_EQ(read.spec.heads, 4);
  EXPECT_EQ(read.weights[Weight::kQkvWeight].shape(), (Shape{12, 2}));
  EXPECT_EQ(read.weights[Weight::kFc1Weight].shape(), (Shape{1, 2}));
  EXPECT_EQ(read.spec.eps, 1e-12);
  EXPECT_EQ(read.spec.dropout.rate, 0.9);
  EXPECT_EQ(read.spec.dropout.seed, 0u);
  EXPECT_EQ(read.output_token, 2);
  EXPECT_EQ(read.output_component, 0);
  EXPECT_EQ(read.counted.mlp_dim, 1);
}

}  // namespace
}  // namespace vitrine::labs::encoder_lab_test
