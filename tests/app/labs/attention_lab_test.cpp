#include "app/labs/attention/lab.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "app/shell/session.h"
#include "tests/app/app_driver.h"

namespace vitrine::labs::attention_lab_test {
namespace {

using core::Tensor;
using testing::ElementsAre;
using testing::HasSubstr;
using Driver = LabDriver<Attention>;
using Panel = Attention::Panel;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

void expect_row(const Tensor<double>& matrix, core::Index row, std::initializer_list<double> expected,
                double tolerance = 1e-6) {
  core::Index column = 0;
  for (const double value : expected) {
    EXPECT_NEAR(matrix(row, column), value, tolerance) << "row " << row << ", column " << column;
    ++column;
  }
}

// The middle of a cell of a picture of 3 x 3 cells (or of another number of columns).
widgets::Point cell_of(const Driver& d, const std::string& picture, int row, int column, int columns = 3) {
  const widgets::Rect r = d.find(picture);
  return {r.x + r.w * (static_cast<float>(column) + 0.5f) / static_cast<float>(columns),
          r.y + r.h * (static_cast<float>(row) + 0.5f) / 3};
}

widgets::Equation explained(Driver& d) { return d.lab().explain(); }
std::string formula(Driver& d) { return widgets::plain_text(explained(d)); }

TEST(AttentionLab, OpensWithTheExercise) {
  Driver d;
  d.settle();
  EXPECT_EQ(d.result().attention.dots, Tensor<double>({3, 3}, {2, 3, 9, 4, 7, 8, 8, 6, 6}));
  const sequence::Attention& a = d.result().attention;
  expect_row(a.weights, 1, {0.013213, 0.265388, 0.721399});
  expect_row(a.output, 0, {1.008576, 2.009229, 4.003379});
  expect_row(a.output, 1, {1.583627, 2.822590, 4.278601});
  expect_row(a.output, 2, {4.360958, 3.893493, 4.893493});
  EXPECT_NEAR(a.entropy[0], 0.0246, 5e-5);
  EXPECT_NEAR(a.entropy[1], 0.6448, 5e-5);
  EXPECT_NEAR(a.entropy[2], 0.6656, 5e-5);
}

TEST(AttentionLab, ScaledPreset) {
  Driver d;
  d.click("Scaled");
  const sequence::Attention& a = d.result().attention;
  expect_row(a.weights, 1, {0.059806, 0.338040, 0.602154});
  expect_row(a.output, 0, {1.126698, 2.123034, 4.046596});
  expect_row(a.output, 1, {1.915305, 3.133732, 4.397846});
  expect_row(a.output, 2, {3.840148, 3.806691, 4.806691});
  EXPECT_NEAR(a.entropy[0], 0.2188, 5e-5);
  EXPECT_NEAR(a.entropy[1], 0.8405, 5e-5);
  EXPECT_NEAR(a.entropy[2], 0.9352, 5e-5);
}

TEST(AttentionLab, CausalPreset) {
  Driver d;
  d.click("Causal");
  expect_row(d.result().attention.weights, 1, {0.047426, 0.952574, 0});
  expect_row(d.result().attention.output, 0, {5, 4, 5}, 0);
  expect_row(d.result().attention.output, 1, {3.094852, 4.952574, 5});
  expect_row(d.result().attention.output, 2, {4.360958, 3.893493, 4.893493});
  d.click("Causal, scaled");
  EXPECT_EQ(d.params().scale, Attention::Scale::kRsqrt);
  expect_row(d.result().attention.weights, 1, {0.150325, 0.849675, 0});
  expect_row(d.result().attention.output, 1, {3.300651, 4.849675, 5});
}

TEST(AttentionLab, LookingUpWithOneHotQueries) {
  Driver d;
  d.click("Identity");
  EXPECT_THAT(d.result().attention.output.values(), ElementsAre(10, 20, 30));
  EXPECT_THAT(d.result().attention.weights.values(), ElementsAre(1, 0, 0, 0, 1, 0, 0, 0, 1));
  d.click("Permutation");
  EXPECT_THAT(d.result().attention.output.values(), ElementsAre(20, 30, 10));
}

TEST(AttentionLab, TheTemperatureGoesFromTheMeanToAChoice) {
  Driver d;
  d.click("Soft");
  EXPECT_TRUE(d.says("β = 0: every visible key weighs the same"));
  expect_row(d.result().attention.output, 1, {3, 11.0 / 3, 14.0 / 3}, 1e-12);
  d.lab().playhead().t = d.lab().last_step();
  EXPECT_THAT(explained(d).words, HasSubstr("β = 0: all 3 keys weigh the same"));
  const std::pair<const char*, std::array<double, 3>> answers[] = {
      {"0.1", {2.7440, 3.5747, 4.6117}},     {"0.5", {2.0072, 3.2, 4.4259}},
      {"1", {1.583627, 2.822590, 4.278601}}, {"2", {1.2395, 2.3581, 4.1195}},
      {"5", {1.0134, 2.0201, 4.0067}},       {"inf", {1, 2, 4}}};
  for (const auto& [beta, answer] : answers) {
    d.type("β", beta);
    expect_row(d.result().attention.output, 1, {answer[0], answer[1], answer[2]}, 5.1e-5);
  }
  EXPECT_EQ(d.result().beta, kInfinity);
  d.type("β", "0");
  EXPECT_EQ(d.result().beta, 0);
  d.type("β", "-1");
  EXPECT_TRUE(d.says("−1 is not from 0 to 1000, or inf")) << d.app().transcript();
  d.type("β", "5000");
  EXPECT_EQ(d.result().beta, 0);
  d.type("β", "nan");
  EXPECT_EQ(d.result().beta, 0);
}

TEST(AttentionLab, AtInfinityOneValueIsCopiedAndTiesShare) {
  Driver d;
  d.click("Hard");
  EXPECT_EQ(d.result().beta, kInfinity);
  EXPECT_TRUE(d.says("β = ∞: the best key takes all"));
  expect_row(d.result().attention.output, 1, {1, 2, 4}, 0);
  EXPECT_EQ(explained(d).words, "Key 3 takes everything: a choice, no longer a mix");
  d.lab().playhead().t = 7 + 3;  // query 2, scaled
  EXPECT_EQ(formula(d), "s_2 = ∞ · (e_2 − max e_2) = [−∞, −∞, 0]");
  d.type("K[2,1]", "3.5");  // the second query's products: 4, 8, 8
  expect_row(d.result().attention.weights, 1, {0, 0.5, 0.5}, 0);
  expect_row(d.result().attention.output, 1, {2, 3.5, 4.5}, 0);
  d.lab().playhead().t = 7 + 5;
  EXPECT_EQ(explained(d).words, "β = ∞: 2 keys tie for the best and share the weight equally");
}

TEST(AttentionLab, TheSliderGoesFromZeroToInfinityAndStopsAtItsNotches) {
  Driver d;
  d.drag("slide β", -2000);
  EXPECT_EQ(d.params().beta, 0);
  d.drag("slide β", 2000);
  EXPECT_EQ(d.params().beta, kInfinity);
  d.scroll("β", -1);
  EXPECT_EQ(d.params().beta, Attention::kLargestBeta);
  d.scroll("β", 1);
  EXPECT_EQ(d.params().beta, kInfinity);
  d.key(shell::Key::kZ, true);
  d.click("reset β");
  EXPECT_EQ(d.params().beta, 1);
}

// 1/√d stays that when d changes, also when it comes from an old file.
TEST(AttentionLab, OneOverTheRootIsAPlaceAndNotANumber) {
  Driver d;
  const widgets::Rect slider = d.find("slide β");
  const auto x_of = [&](double beta) {  // between the ends for 0 and infinity
    const double unit = 0.06 + 0.88 * std::log(beta / 0.01) / std::log(1000 / 0.01);
    return slider.x + 7 + (slider.w - 14) * static_cast<float>(unit);
  };
  d.click(widgets::Point{x_of(1 / std::sqrt(3.0)) + 2, slider.center().y});
  EXPECT_EQ(d.params().scale, Attention::Scale::kRsqrt);
  EXPECT_DOUBLE_EQ(d.result().beta, 1 / std::sqrt(3.0));
  d.click("Size of q, k more");
  EXPECT_EQ(d.result().beta, 0.5);
  d.type("β", "2");
  EXPECT_EQ(d.params().scale, Attention::Scale::kBeta);
  shell::load_state(R"({"params": {"scale": "rsqrt", "beta": 7}})", d.lab());
  d.settle();
  EXPECT_EQ(d.result().beta, 0.5);
  shell::load_state(R"({"params": {"scale": "none", "beta": 7}})", d.lab());
  d.settle();
  EXPECT_EQ(d.result().beta, 1);
}

TEST(AttentionLab, EachStepOfARowIsExplainedWithItsNumbers) {
  Driver d;
  d.click("Causal");
  ASSERT_EQ(d.lab().last_step(), 3 * (3 + 5) - 1);
  const auto at = [&](int step) {
    d.lab().playhead().t = 8 + step;  // of query 2
    return formula(d);
  };
  EXPECT_EQ(at(1),
            "e_22 = q_2 · k_2 = q_21 · k_21 + q_22 · k_22 + q_23 · k_23\n"
            "e_22 = 2 · 3 + (−1) · (−1) + 3 · 0 = 7");
  EXPECT_EQ(at(3), "s_2 = β · e_2 = 1 · [4, 7, 8] = [4, 7, 8]");
  EXPECT_EQ(at(4), "s_2 = [4, 7, 8] → [4, 7, −∞]");
  EXPECT_EQ(explained(d).words, "Hidden from query 2: key 3. exp(−∞) is exactly 0");
  EXPECT_THAT(at(5), HasSubstr("x_2 = [0.04979, 1, 0],  Σ = 1.05"));
  EXPECT_EQ(at(6),
            "α_22 = (exp(7))/(exp(4) + exp(7) + exp(−∞)) = (1)/(1.05) = 0.9526\n"
            "α_2 = [0.04743, 0.9526, 0]");
  EXPECT_EQ(explained(d).words, "Query 2: weights sum to 1, entropy 0.1909 of ln 2 = 0.6931 nats");
  EXPECT_EQ(at(7),
            "y_2 = α_21 · v_1 + α_22 · v_2 + α_23 · v_3\n"
            "y_2 = 0.04743 · [5, 4, 5] + 0.9526 · [3, 5, 5] + 0 · [1, 2, 4] = [3.095, 4.953, 5]");
  d.lab().playhead().t = 7;  // of query 1
  EXPECT_EQ(explained(d).words, "Query 1 may see only key 1: its weight is 1, the output is value 1");
  d.click("Scaled");
  d.lab().playhead().t = 7 + 3;
  EXPECT_EQ(formula(d), "s_2 = β · e_2 = (1)/(√(3)) · [4, 7, 8] = [2.309, 4.041, 4.619]");
}

TEST(AttentionLab, AllAtOnceIsSixStepsOfMatrices) {
  Driver d;
  d.click("Causal");
  d.click("Steps=at once");
  ASSERT_EQ(d.lab().last_step(), 5);
  d.lab().playhead().t = 0;
  EXPECT_EQ(formula(d),
            "E = QKᵀ = [1, 0, 4; 2, −1, 3; 4, 6, 1][2, 3, 1; 0, −1, 0; 0, 0, 2] = "
            "[2, 3, 9; 4, 7, 8; 8, 6, 6]");
  d.lab().playhead().t = 2;
  EXPECT_EQ(formula(d), "S = [2, −∞, −∞; 4, 7, −∞; 8, 6, 6]");
  d.lab().playhead().t = 5;
  EXPECT_THAT(formula(d), HasSubstr("= [5, 4, 5; 3.095, 4.953, 5; 4.361, 3.893, 4.893]"));
}

TEST(AttentionLab, PointingExplainsAnyCellAndAClickPinsIt) {
  Driver d;
  d.settle();
  EXPECT_THAT(formula(d), HasSubstr("e_11 = 1 · 2 + 0 · 0 + 4 · 0 = 2"));
  d.point_at(cell_of(d, "attention output", 1, 2));
  d.settle();
  EXPECT_THAT(formula(d), HasSubstr("y_23 = 0.01321 · 5 + 0.2654 · 5 + 0.7214 · 4 = 4.2786"));
  d.point_at(cell_of(d, "attention K", 0, 2));
  d.settle();
  EXPECT_EQ(formula(d), "k_3 = [1, 0, 2]\nv_3 = [1, 2, 4]");
  d.point_at(cell_of(d, "attention Q", 1, 0));
  d.settle();
  EXPECT_EQ(formula(d), "q_2 = [2, −1, 3]\ne_2 = q_2Kᵀ = [4, 7, 8]");
  d.point_at(cell_of(d, "attention V", 0, 0));
  d.settle();
  EXPECT_THAT(formula(d), HasSubstr("[α_11, α_21, α_31] = [0.0009088, 0.01321, 0.787]"));
  d.click(cell_of(d, "attention exp", 1, 0));
  d.point_at(widgets::Point{1, 1});
  d.settle();
  EXPECT_EQ(formula(d), "x_21 = exp(s_21 − max s_2) = exp(4 − 8) = 0.01832");
  EXPECT_EQ(d.params(), Attention::Params{}) << "without a custom mask a click changes nothing";
  d.key(shell::Key::kEscape);
  EXPECT_THAT(formula(d), HasSubstr("e_11"));
}

TEST(AttentionLab, WhatIsPointedAtIsShownAheadOfThePlayhead) {
  Driver d;
  d.settle();
  Attention::View view;
  EXPECT_EQ(Attention::focus(d.result(), view, true).step, 0);
  view.hovered = Attention::Spot{Panel::kWeights, {2, 1}};
  const Attention::Focus f = Attention::focus(d.result(), view, true);
  EXPECT_EQ(f.step, 2 * 7 + 3 + 2);  // seven steps a row; behind three scores: scale, exp, normalise
  EXPECT_EQ(f.phase, Attention::Phase::kNormalise);
  view.playhead.t = 20;
  EXPECT_EQ(Attention::focus(d.result(), view, true).step, 20);
  view.hovered = Attention::Spot{Panel::kWeights, {5, 1}};  // of a larger matrix before
  EXPECT_FALSE(Attention::focus(d.result(), view, true).pointed);
}

TEST(AttentionLab, AMaskIsClickedInTheInspectorAndInThePicture) {
  Driver d;
  d.click("Causal");
  d.click("Mask");
  d.click("Mask=custom");
  EXPECT_THAT(d.params().custom.values(), ElementsAre(1, 0, 0, 1, 1, 0, 1, 1, 1)) << "starts as it was";
  d.click("Visible keys[2,3]");
  expect_row(d.result().attention.output, 1, {1.583627, 2.822590, 4.278601});
  d.click(cell_of(d, "attention scores", 0, 2));
  EXPECT_THAT(d.params().custom.values(), ElementsAre(1, 0, 1, 1, 1, 1, 1, 1, 1));
  d.click(cell_of(d, "attention scaled", 0, 0));
  expect_row(d.result().attention.output, 0, {1, 2, 4}, 0);
  d.key(shell::Key::kZ, true);
  EXPECT_THAT(d.params().custom.values(), ElementsAre(1, 0, 1, 1, 1, 1, 1, 1, 1));
  d.key(shell::Key::kZ, true);
  d.key(shell::Key::kZ, true);
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.params().masking, Attention::Masking::kCausal);
}

TEST(AttentionLab, AQueryThatSeesNothingIsNamedBesideTheMask) {
  Driver d;
  d.click("Mask");
  d.click("Mask=custom");
  d.click("Visible keys[2,1]");
  d.click("Visible keys[2,2]");
  EXPECT_TRUE(Attention::validate(d.params()).empty());
  d.click("Visible keys[2,3]");
  const auto problems = Attention::validate(d.params());
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems.front().control, "Visible keys");
  EXPECT_THAT(problems.front().words, HasSubstr("Query 2 may see no key"));
  EXPECT_TRUE(d.says("Query 2 may see no key"));
  EXPECT_EQ(d.result().mask(1, 2), 1) << "the last good picture stays";
  d.click("Visible keys[2,1]");
  EXPECT_FALSE(d.says("may see no key"));
  expect_row(d.result().attention.output, 1, {5, 4, 5}, 0);
}

TEST(AttentionLab, SizesAlwaysFit) {
  Driver d;
  d.click("Keys more");
  EXPECT_EQ(d.params().key.shape(), (core::Shape{4, 3}));
  EXPECT_EQ(d.params().value.shape(), (core::Shape{4, 3}));
  EXPECT_EQ(d.params().custom.shape(), (core::Shape{3, 4}));
  EXPECT_EQ(d.result().attention.dots(1, 3), 0) << "a new key is 0";
  d.click("Queries less");
  d.click("Size of q, k more");
  d.click("Size of v less");
  EXPECT_EQ(d.result().attention.output.shape(), (core::Shape{2, 2}));
  EXPECT_EQ(d.params().query.shape(), (core::Shape{2, 4}));
  EXPECT_EQ(d.params().query(1, 1), -1) << "what was there stays";
  for (int i = 0; i < 6; ++i) {
    d.click("Queries less");
    d.click("Keys less");
    d.click("Size of q, k less");
    d.click("Size of v less");
  }
  EXPECT_EQ(d.result().attention.output.shape(), (core::Shape{1, 1}));
  EXPECT_EQ(d.result().attention.output[0], 5);
}

TEST(AttentionLab, AFileWithSizesThatDoNotFitIsMadeToFit) {
  Driver d;
  shell::load_state(R"({"params": {"query": [[1, 2], [3, 4]], "key": [1, 2, 3], "value": [[7], [8]],
                        "mask": "custom", "visible_keys": [[true]], "beta": 1e9}})",
                    d.lab());
  d.settle();
  EXPECT_EQ(d.params().key.shape(), (core::Shape{2, 2}));
  EXPECT_EQ(d.params().custom.shape(), (core::Shape{2, 2}));
  EXPECT_EQ(d.params().beta, Attention::kLargestBeta);
  EXPECT_THAT(d.result().attention.output.values(), ElementsAre(7.5, 7.5));
  shell::load_state(R"({"params": {"beta": "Infinity"}})", d.lab());
  EXPECT_EQ(d.params().beta, kInfinity);
  for (const char* wrong : {"\"NaN\"", "-3", "\"-Infinity\""}) {
    shell::load_state(std::string(R"({"params": {"beta": )") + wrong + "}}", d.lab());
    d.settle();
    EXPECT_GE(d.result().beta, 0) << wrong;
    EXPECT_LE(d.result().beta, 1) << wrong;
  }
}

TEST(AttentionLab, NanIsCarriedAndSaid) {
  Driver d;
  d.click("Causal");
  d.type("K[3,1]", "nan");
  EXPECT_TRUE(d.says("A number above is not finite"));
  expect_row(d.result().attention.output, 1, {3.094852, 4.952574, 5});
  EXPECT_TRUE(std::isnan(d.result().attention.output(2, 0)));
  d.lab().playhead().t = d.lab().last_step();
  EXPECT_THAT(explained(d).words, HasSubstr("Query 3 sees a number that is not finite"));
  d.type("K[3,1]", "1");
  EXPECT_FALSE(d.says("is not finite"));
  expect_row(d.result().attention.output, 2, {4.360958, 3.893493, 4.893493});
}

// Few enough vertices for 16-bit indices, and sentences short enough for the narrowest window.
TEST(AttentionLab, EveryMomentOfEveryPresetCanBeDrawn) {
  Driver d;
  for (const std::string& preset : d.lab().presets()) {
    d.click(preset);
    for (double t = 0; t <= d.lab().last_step(); t += 0.37) {
      d.lab().playhead().t = t;
      d.frames(1);
      EXPECT_FALSE(formula(d).empty()) << preset << " at " << t;
      EXPECT_LE(explained(d).words.size(), 80u) << explained(d).words;
    }
  }
  EXPECT_LT(d.most_vertices(), 60000);
}

}  // namespace
}  // namespace vitrine::labs::attention_lab_test
