#include "app/labs/gated_rnn/lab.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "app/shell/session.h"
#include "tests/app/app_driver.h"

namespace vitrine::labs::gated_rnn_lab_test {
namespace {

using core::Tensor;
using testing::HasSubstr;
using Driver = LabDriver<GatedRnn>;
using Part = GatedRnn::Part;
using Phase = GatedRnn::Phase;

std::string formula(Driver& d) { return widgets::plain_text(d.lab().explain()); }
std::string words(Driver& d) { return d.lab().explain().words; }

TEST(GatedRnnLab, TheGradientVanishesBehindAGateOfOneHalf) {
  Driver d;
  d.click("Vanishing");
  ASSERT_EQ(d.result().from_start.size(), 11u);
  EXPECT_DOUBLE_EQ(d.result().from_start[10], 9.765625e-4);
  EXPECT_DOUBLE_EQ(d.result().to_end[10], 9.765625e-4);
  EXPECT_THAT(words(d), HasSubstr("‖∂h[10]/∂h[0]‖ = 0.0009766: it shrinks"));
  d.click("A gradient that is lost");
  d.lab().playhead().t = d.lab().last_step() - 2;  // step 1: delta
  EXPECT_EQ(formula(d), "δ[1] = local + Jᵀδ[2] = [0] + [0.5][0.003906] = [0.001953]");
}

TEST(GatedRnnLab, TheGradientExplodesThroughTheGatesWeight) {
  Driver d;
  d.click("Exploding");
  const GatedRnn::Result& r = d.result();
  for (const double h : r.states.h.values()) EXPECT_LT(std::abs(h), 1);
  EXPECT_NEAR(r.from_start[5], 6.46e2, 0.5);
  EXPECT_NEAR(r.from_start[10], 7.24e5, 0.5e3);
  EXPECT_NEAR(r.from_start[20], 7.01e11, 0.5e9);
  EXPECT_EQ(formula(d), "J[20] = diag(c) + diag((h[t−1] − u) ⊙ c ⊙ (1 − c))W_h = [4.5]");
  EXPECT_THAT(words(d), HasSubstr("it grows"));
  // With Wh taken away the same inputs no longer explode: the scale goes from one to the other.
  d.type("Scale of Wh", "0");
  EXPECT_EQ(d.result().weights.w_h[0], 0);
  EXPECT_LT(d.result().from_start[20], 1);
}

TEST(GatedRnnLab, AnOpenGateRemembers) {
  Driver d;
  d.click("Remembering");
  EXPECT_NEAR(d.result().from_start[10], std::pow(1 / (1 + std::exp(-4)), 10), 1e-12);
}

TEST(GatedRnnLab, EveryStepIsExplainedWithItsNumbers) {
  Driver d;
  d.click("A small net");
  ASSERT_EQ(d.lab().last_step(), 4 * 6 - 1);
  const auto at = [&](int step) {
    d.lab().playhead().t = step;
    return formula(d);
  };
  EXPECT_EQ(at(0), "c[1] = σ(W_cx[1] + W_hh[0]) = σ([1.25; 0.55]) = [0.7773; 0.6341]");
  EXPECT_EQ(at(1), "u[1] = W_xx[1] = [1, −0.5; 0.4, 0.9][1; 0] = [1; 0.4]");
  EXPECT_EQ(at(2),
            "h[1] = c[1] ⊙ h[0] + (1 − c[1]) ⊙ u[1] = [0.7773; 0.6341] ⊙ [0.5; −0.5] + (1 − "
            "[0.7773; 0.6341]) ⊙ [1; 0.4] = [0.6114; −0.1707]");
  EXPECT_THAT(at(3), HasSubstr("J[1] = diag(c)"));
  EXPECT_THAT(words(d), HasSubstr("The product so far: ‖∂h[1]/∂h[0]‖"));
}

TEST(GatedRnnLab, BackThroughTimeIsTermsThatAddUpAndAreChecked) {
  Driver d;
  d.click("Back through time");
  const GatedRnn::Result& r = d.result();
  ASSERT_EQ(d.lab().last_step(), 2 * 6);
  EXPECT_LT(r.largest_error, 1e-8);
  EXPECT_THAT(formula(d), HasSubstr("dL/dW_x = sum of 6 terms = [0.0241, 0.4494"));
  for (core::Index i = 0; i < 2; ++i)
    for (core::Index j = 0; j < 2; ++j) {
      double sum = 0;
      for (core::Index t = 5; t >= 0; --t) {
        sum += (1 - r.states.gate(t, i)) * r.gradients.total(t, i) * r.params.input(t, j);
        EXPECT_NEAR(r.partial(t, i, j), sum, 1e-14) << "from step 6 down to " << t + 1;
      }
      EXPECT_NEAR(r.gradient()(i, j), sum, 1e-14);
      EXPECT_NEAR(r.check()(i, j), sum, 1e-8);
    }
  d.lab().playhead().t = 0;
  EXPECT_THAT(words(d), HasSubstr("nothing comes back from later"));
  d.lab().playhead().t = 1;
  EXPECT_THAT(formula(d), HasSubstr("term 6 = ((1 − c) ⊙ δ)x[6]ᵀ = [0.6504; 0.2928]"));
  d.click("Gradient of=Wh");
  EXPECT_EQ(d.result().terms().shape(), (core::Shape{6, 2, 2}));
  EXPECT_THAT(formula(d), HasSubstr("h[5]ᵀ"));
  EXPECT_EQ(&d.result().gradient(), &d.result().gradients.w_h);
  d.click("Gradient of=Wc");
  EXPECT_EQ(&d.result().check(), &d.result().checks.w_c);
}

TEST(GatedRnnLab, PointingExplainsAnyNumberAndAClickPinsIt) {
  Driver d;
  d.click("A small net");
  const auto spot = [&](GatedRnn::Spot s) {
    GatedRnn::View view;
    view.pinned = s;
    return widgets::plain_text(GatedRnn::explain(d.result(), view));
  };
  EXPECT_THAT(spot({Part::kGate, 1, 0}), HasSubstr("0.6 · 1 + (−0.4) · 0 + 0.5 · 0.5 + (−0.8) · (−0.5)"));
  EXPECT_THAT(spot({Part::kJacobian, 1, 0, 1}), HasSubstr("· (−0.8) = 0.0692"));
  EXPECT_THAT(spot({Part::kTotal, 6, 1}), HasSubstr("check: nudge h[6]"));
  EXPECT_THAT(spot({Part::kState, 0, 1}), HasSubstr("h[0] = [0.5; −0.5]"));
  EXPECT_THAT(spot({Part::kWeightH, 0, 0, 1}), HasSubstr("= −0.8"));
  const widgets::Rect h = d.find("gated h");
  d.click(widgets::Point{h.x + 3, h.y + 3});
  ASSERT_TRUE(d.topic().view().pinned);
  EXPECT_EQ(*d.topic().view().pinned, (GatedRnn::Spot{Part::kState, 0, 0}));
  d.point_at(widgets::Point{1, 1});
  d.settle();
  EXPECT_THAT(words(d), HasSubstr("The state before the first step"));
  d.key(shell::Key::kEscape);
  EXPECT_FALSE(d.topic().view().pinned);
}

TEST(GatedRnnLab, AWeightOnTheStageLightsWhatUsesIt) {
  Driver d;
  d.click("A small net");
  d.click("gated Wx");
  ASSERT_TRUE(d.topic().view().pinned);
  EXPECT_EQ(d.topic().view().pinned->part, Part::kWeightX);
  EXPECT_THAT(words(d), HasSubstr("Every step's offer"));
}

TEST(GatedRnnLab, TheScaleOfWhGoesFromVanishingToExplodingWhileTheStatesStay) {
  Driver d;
  d.click("Drag the scale of Wh");
  const Tensor<double> states = d.result().states.h;
  EXPECT_NEAR(d.result().from_start.back(), 0.001316, 1e-6);
  const std::vector<widgets::Sample> gains = d.result().gains;  // results go with the next edit
  EXPECT_EQ(gains.front().x, 0);
  EXPECT_NEAR(gains.front().y, std::pow(0.5, 10), 1e-12);
  EXPECT_NEAR(gains.back().x, 20, 1e-9);
  EXPECT_GT(gains.back().y, 1e7);
  for (std::size_t i = 1; i < gains.size(); ++i) {
    if (gains[i].x < 2.1) continue;
    EXPECT_GE(gains[i].y, gains[i - 1].y) << gains[i].x;
  }
  d.type("Scale of Wh", "20");
  EXPECT_NEAR(d.result().from_start.back(), gains.back().y, 1e-6 * gains.back().y);
  EXPECT_EQ(d.result().states.h, states);
}

TEST(GatedRnnLab, TheScaleIsDraggedAlongTheStripOnTheStage) {
  Driver d;
  d.click("Drag the scale of Wh");
  const widgets::Rect strip = d.find("gated scale");
  d.drag("gated scale", 0.4f * strip.w);
  EXPECT_GT(d.params().h_scale, 5);
  EXPECT_GT(d.result().from_start.back(), 10);
  const double scale = d.params().h_scale;
  EXPECT_EQ(scale, std::round(scale * 100) / 100) << "two digits";
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.params().h_scale, 1) << "one drag is one edit";
  d.click(widgets::Point{strip.x + 3, strip.center().y});
  EXPECT_EQ(d.params().h_scale, 0);
  EXPECT_FALSE(d.topic().view().pinned);
  d.point_at("gated scale");
  d.settle();
  EXPECT_THAT(words(d), HasSubstr("its scale counts 10 times"));
}

TEST(GatedRnnLab, NumbersOnTheStageAreDragged) {
  Driver d;
  d.click("A small net");
  const GatedRnn::Params before = d.params();
  d.drag("gated Wx", 0);
  EXPECT_EQ(d.params(), before);
  const widgets::Rect weights = d.find("gated Wh");
  d.drag_from({weights.x + 4, weights.y + 4}, 40);  // 5 steps of 0.1
  EXPECT_NEAR(d.params().w_h(0, 0), 1, 1e-12);
  EXPECT_EQ(d.params().w_h(1, 1), before.w_h(1, 1));
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.params(), before) << "one drag is one edit";
  const widgets::Rect x = d.find("gated x");
  d.drag_from({x.x + 4, x.bottom() - 4}, -16);
  EXPECT_NEAR(d.params().input(0, 1), -0.2, 1e-12);
  const widgets::Rect h = d.find("gated h");
  d.drag_from({h.x + 4, h.y + 4}, 16);
  EXPECT_NEAR(d.params().h0[0], 0.7, 1e-12);
  const GatedRnn::Params edited = d.params();
  d.drag_from({h.right() - 4, h.y + 4}, 16);
  EXPECT_EQ(d.params(), edited) << "a state that was computed";
  // What is shown is the product with the scale.
  d.type("Scale of Wh", "2");
  d.drag_from({weights.x + 4, weights.y + 4}, 8);
  EXPECT_NEAR(d.params().w_h(0, 0) * 2, 1.1, 1e-12);
  d.type("Scale of Wh", "0");
  const GatedRnn::Params none = d.params();
  d.drag_from({weights.x + 4, weights.y + 4}, 8);
  EXPECT_EQ(d.params(), none);
  d.click("Back through time");
  const widgets::Rect local = d.find("gated local");
  d.drag_from({local.right() - 4, local.bottom() - 4}, 8);
  EXPECT_NEAR(d.params().local(5, 1), 1.1, 1e-12);
}

TEST(GatedRnnLab, WhatIsPointedAtIsShownAheadOfThePlayhead) {
  Driver d;
  d.settle();
  GatedRnn::View view;
  view.hovered = GatedRnn::Spot{Part::kState, 4, 1};
  EXPECT_EQ(GatedRnn::focus(d.result(), view, true).reached, 4 * 3 + 2);
  view.hovered = GatedRnn::Spot{Part::kState, 7, 1};  // of a longer net before
  EXPECT_FALSE(GatedRnn::focus(d.result(), view, true).spot);
}

TEST(GatedRnnLab, SizesAlwaysFitAndTheLossStaysAtTheEnd) {
  Driver d;
  d.click("A small net");
  d.click("Steps less");
  EXPECT_EQ(d.params().local.shape(), (core::Shape{5, 2}));
  EXPECT_EQ(d.params().local(4, 1), 1) << "the loss of the last state";
  EXPECT_EQ(d.params().local(2, 1), -1);
  d.click("Size of h more");
  EXPECT_EQ(d.params().w_h.shape(), (core::Shape{3, 3}));
  EXPECT_EQ(d.params().w_x.shape(), (core::Shape{3, 2}));
  EXPECT_EQ(d.result().states.jacobian.shape(), (core::Shape{5, 3, 3}));
  d.click("Size of x less");
  EXPECT_EQ(d.params().w_c.shape(), (core::Shape{3, 1}));
  for (int i = 0; i < 5; ++i) d.click("Steps less");
  EXPECT_EQ(d.params().steps(), 1);
  for (int i = 0; i < 6 + 1; ++i) d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.params(), GatedRnn::Params{});
}

TEST(GatedRnnLab, AFileWithWhatDoesNotFitIsMadeToFit) {
  Driver d;
  shell::load_state(R"({"params": {"input": [[1, 2, 3, 4], [5, 6, 7, 8]], "h0": [1], "w_c": [1, 2, 3],
                        "w_h": [[1, 2], [3, 4]], "w_x": [[7]], "h_scale": 1e9, "grad_h": [[2]],
                        "pass": "backward", "gradient_of": "w_h"}})",
                    d.lab());
  d.settle();
  EXPECT_EQ(d.params().input.shape(), (core::Shape{2, 3}));
  EXPECT_EQ(d.params().w_c.shape(), (core::Shape{1, 3}));
  EXPECT_EQ(d.params().w_x, Tensor<double>({1, 3}, {7, 0, 0}));
  EXPECT_EQ(d.params().w_h, Tensor<double>({1, 1}, {1}));
  EXPECT_EQ(d.params().local, Tensor<double>({2, 1}, {0, 2}));
  EXPECT_EQ(d.params().h_scale, GatedRnn::kLargestScale);
  EXPECT_EQ(d.params().weight, GatedRnn::Weight::kState);
}

TEST(GatedRnnLab, WhatIsNotFiniteIsCarriedAndSaid) {
  Driver d;
  d.click("A small net");
  d.type("x[3,1]", "nan");
  EXPECT_TRUE(d.says("A number above is not finite"));
  EXPECT_EQ(d.result().overflow, 3);
  EXPECT_TRUE(d.result().given_not_finite);
  EXPECT_TRUE(std::isfinite(d.result().states.h(1, 0)));
  EXPECT_TRUE(std::isnan(d.result().states.h(2, 0)));
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.result().overflow, std::nullopt);
}

// Few enough vertices for 16-bit indices, and sentences short enough for the narrowest window.
TEST(GatedRnnLab, EveryMomentOfEveryPresetCanBeDrawn) {
  Driver d;
  for (const std::string& preset : d.lab().presets()) {
    d.click(preset);
    for (double t = 0; t <= d.lab().last_step(); t += 0.37) {
      d.lab().playhead().t = t;
      d.frames(1);
      EXPECT_FALSE(formula(d).empty()) << preset << " at " << t;
      EXPECT_LE(words(d).size(), 90u) << words(d);
    }
  }
  EXPECT_LT(d.most_vertices(), 60000);
}

}  // namespace
}  // namespace vitrine::labs::gated_rnn_lab_test
