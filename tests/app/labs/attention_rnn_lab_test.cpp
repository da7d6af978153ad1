#include "app/labs/attention_rnn/lab.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "app/shell/session.h"
#include "engine/sequence/jacobian.h"
#include "tests/app/app_driver.h"

namespace vitrine::labs::attention_rnn_lab_test {
namespace {

using core::Tensor;
using testing::HasSubstr;
using Driver = LabDriver<AttentionRnn>;
using Part = AttentionRnn::Part;
using Phase = AttentionRnn::Phase;

std::string formula(Driver& d) { return widgets::plain_text(d.lab().explain()); }
std::string words(Driver& d) { return d.lab().explain().words; }

TEST(AttentionRnnLab, AMemoryOfTwoWeighsThreeThings) {
  Driver d;
  d.click("Two states back");
  const AttentionRnn::Result& r = d.result();
  ASSERT_EQ(r.states.weights.shape(), (core::Shape{6, 3}));
  EXPECT_EQ(r.sources(1), 3) << "zero states take part";
  for (core::Index t = 0; t < 6; ++t)
    EXPECT_NEAR(r.states.weights(t, 0) + r.states.weights(t, 1) + r.states.weights(t, 2), 1, 1e-15);
  EXPECT_EQ(r.states.weights(0, 1), r.states.weights(0, 2));
}

TEST(AttentionRnnLab, EveryPastStateShareOneSetOfWeights) {
  Driver d;
  d.click("All of the past");
  EXPECT_EQ(d.params().query.shape(), (core::Shape{2, 2, 2}));
  for (core::Index t = 1; t <= 8; ++t) EXPECT_EQ(d.result().sources(t), t);
  EXPECT_EQ(d.result().states.weights(0, 0), 1);
}

TEST(AttentionRnnLab, TheJacobianIsItsFormula) {
  Driver d;
  d.click("Two states back");
  const AttentionRnn::Result& r = d.result();
  const AttentionRnn::Params& p = d.params();
  const core::Index t = 3;
  for (core::Index i = 0; i < 2; ++i)
    for (core::Index j = 0; j < 2; ++j) {
      double slope = 0;  // (Q^T K + K^T Q) h[t-1], number j
      for (core::Index c = 0; c < 2; ++c)
        for (core::Index o = 0; o < 2; ++o)
          slope +=
              (p.query(1, o, j) * p.key(1, o, c) + p.key(1, o, j) * p.query(1, o, c)) * r.states.h(t - 1, c);
      const double a = r.states.weights(t, 1);
      EXPECT_NEAR(r.states.jacobian_previous(t, i, j),
                  a * p.value(1, i, j) + a * (r.states.values(t, 1, i) - r.states.h(t, i)) * slope, 1e-14);
    }
  EXPECT_EQ(r.jacobian(t + 1, 1), sequence::matrix_at(r.states.jacobian_previous, t));
}

TEST(AttentionRnnLab, TheGradientIsASumOverTheNextKSteps) {
  Driver d;
  d.click("The gradient's many ways");
  const AttentionRnn::Result& r = d.result();
  EXPECT_LT(r.largest_error, 1e-8);
  for (core::Index t = 1; t <= 6; ++t) {
    EXPECT_EQ(r.readers(t), std::min<core::Index>(2, 6 - t));
    for (core::Index c = 0; c < 2; ++c) {
      double sum = r.params.local(t - 1, c);
      for (core::Index i = 1; i <= r.readers(t); ++i)
        for (core::Index k = 0; k < 2; ++k)
          sum += r.jacobian(t + i, i)(k, c) * r.gradients.total(t + i - 1, k);
      EXPECT_NEAR(r.gradients.total(t - 1, c), sum, 1e-14);
      EXPECT_NEAR(r.check(t - 1, c), sum, 1e-8);
    }
  }
  EXPECT_EQ(formula(d), "dL/dh[2] = local + later = [1; 0] + [0.4029; −0.1842] = [1.403; −0.1842]");
  d.lab().playhead().t = 8;
  EXPECT_THAT(words(d), HasSubstr("A sum over the states 3 to 4 that looked at h[2]"));
  d.lab().playhead().t = 0;
  EXPECT_THAT(words(d), HasSubstr("Nobody reads h[6]"));
  d.lab().playhead().t = 2;
  EXPECT_THAT(formula(d), HasSubstr("(∂h[6]/∂h[5])ᵀδ[6] ="));
}

// Nine steps back: through the gate half of a half of a half..., through attention in one step.
TEST(AttentionRnnLab, AttentionReachesFartherThanTheGate) {
  Driver d;
  d.click("Recall");
  const AttentionRnn::Result& r = d.result();
  ASSERT_EQ(r.reach.size(), 10u);
  ASSERT_EQ(r.gated_reach.size(), 10u);
  EXPECT_EQ(r.reach[0], 1);
  EXPECT_EQ(r.gated_reach[0], 1);
  EXPECT_DOUBLE_EQ(r.gated_reach[9], std::pow(0.5, 9));
  EXPECT_GT(r.reach[9], 0.9);
  d.type("Wh[1,1]", "3");
  EXPECT_NE(d.result().gated_reach[9], std::pow(0.5, 9));
}

TEST(AttentionRnnLab, EveryStepIsExplainedWithItsNumbers) {
  Driver d;
  d.click("Two states back");
  ASSERT_EQ(d.lab().last_step(), 4 * 6 - 1);
  const auto at = [&](int step) {
    d.lab().playhead().t = step;
    return formula(d);
  };
  EXPECT_THAT(at(12), HasSubstr("w = [0.0144, −4.606, 0.02106]"));
  EXPECT_THAT(at(13), HasSubstr("a = [0.4959, 0.004886, 0.4992]"));
  EXPECT_THAT(words(d), HasSubstr("Step 4 gives h[2] the weight 0.499 of 1, the most of all"));
  EXPECT_EQ(at(14),
            "h[4] = 0.4959 · [0.47; 0.06] + 0.004886 · [−0.3273; −3.65] + 0.4992 · [0.06231; 0.02077] = "
            "[0.2626; 0.02229]");
  EXPECT_THAT(at(15), HasSubstr("J[4] = a_1V_1 + a_1(v_1 − h[4])h[3]ᵀ(Q_1^TK_1 + K_1^TQ_1) = ["));
}

TEST(AttentionRnnLab, PointingExplainsAnyNumberAndAClickPinsIt) {
  Driver d;
  d.click("Two states back");
  const auto spot = [&](AttentionRnn::Spot s) {
    AttentionRnn::View view;
    view.pinned = s;
    return widgets::plain_text(AttentionRnn::explain(d.result(), view));
  };
  EXPECT_THAT(spot({Part::kState, 4, 0, 1}), HasSubstr("h[4]_2 = 0.4959 · 0.06 + 0.004886 · (−3.6"));
  EXPECT_THAT(spot({Part::kScore, 4, 0}), HasSubstr("w_0 = q_0 · k_0 = "));
  EXPECT_THAT(spot({Part::kValue, 4, 1}), HasSubstr("v_1 = V_1h[3] = [−0.3273; −3.65]"));
  EXPECT_THAT(spot({Part::kTotal, 6, 0, 1}), HasSubstr("check: nudge h[6]"));
  EXPECT_THAT(spot({Part::kJacobian, 4, 0, 0, 1}), HasSubstr("(∂h[4]_1)/(∂h[3]_2) ="));
  d.click("attending weights");
  ASSERT_TRUE(d.topic().view().pinned);
  EXPECT_EQ(*d.topic().view().pinned, (AttentionRnn::Spot{Part::kWeight, 4, 1}));
  d.point_at(widgets::Point{1, 1});
  d.settle();
  EXPECT_EQ(words(d), "Step 4 gives h[3] the weight 0.00489 of 1");
  d.key(shell::Key::kEscape);
  EXPECT_FALSE(d.topic().view().pinned);
}

TEST(AttentionRnnLab, TheHeatmapsCellsAreThoseOfTheWeights) {
  Driver d;
  d.click("Two states back");
  // By time the columns are 1 - k .. T: x[t] stands in column t, h[t-1] left of it.
  const auto click_cell = [&](int row, int column, int columns) {
    const widgets::Rect r = d.find("attending heatmap");
    d.click(widgets::Point{r.x + r.w * (static_cast<float>(column) + 0.5f) / static_cast<float>(columns),
                           r.y + r.h * (static_cast<float>(row) + 0.5f) / 6});
    return d.topic().view().pinned.value_or(AttentionRnn::Spot{});
  };
  EXPECT_EQ(click_cell(4, 6, 8), (AttentionRnn::Spot{Part::kWeight, 5, 0}));
  EXPECT_EQ(click_cell(4, 4, 8), (AttentionRnn::Spot{Part::kWeight, 5, 2}));
  d.click("Columns=by age");
  EXPECT_EQ(click_cell(4, 1, 3), (AttentionRnn::Spot{Part::kWeight, 5, 1}));
}

TEST(AttentionRnnLab, SizesAndMemoryAlwaysFit) {
  Driver d;
  d.click("Two states back");
  d.click("k more");
  EXPECT_EQ(d.params().value.shape(), (core::Shape{4, 2, 2}));
  for (core::Index i = 0; i < 4; ++i)
    EXPECT_EQ(d.params().value[12 + i], d.params().value[8 + i]) << "a new source is like the last";
  d.click("Memory=all");
  EXPECT_EQ(d.params().key.shape(), (core::Shape{2, 2, 2}));
  EXPECT_EQ(d.result().weights.memory, std::nullopt);
  d.click("Size more");
  EXPECT_EQ(d.params().key.shape(), (core::Shape{2, 3, 3}));
  EXPECT_EQ(d.params().gated_x.shape(), (core::Shape{3, 3}));
  EXPECT_EQ(d.result().states.h.shape(), (core::Shape{6, 3}));
  d.click("Steps less");
  EXPECT_EQ(d.params().local(4, 0), 1) << "the loss stays at the end";
  for (int i = 0; i < 5; ++i) d.click("Steps less");
  EXPECT_EQ(d.params().steps(), 1);
  EXPECT_EQ(d.result().readers(1), 0);
  for (int i = 0; i < 8; ++i) d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.params(), AttentionRnn::Params{});
}

TEST(AttentionRnnLab, AMemoryOfNothingIsRefusedBesideItsControl) {
  Driver d;
  d.click("Two states back");
  d.type("k", "0");
  EXPECT_TRUE(d.says("k: 0 is not a whole number from 1 to 4; it stays 2")) << d.app().transcript();
  EXPECT_EQ(d.params().k, 2) << "what was there stays";
}

TEST(AttentionRnnLab, AFileWithWhatDoesNotFitIsMadeToFit) {
  Driver d;
  shell::load_state(R"({"params": {"memory": "number", "k": 0, "input": [[1, 2], [3, 4], [5, 6]],
                        "w_query": [[1, 2], [3, 4]], "w_value": [[[1, 2, 3], [4, 5, 6]]], "grad_h": 3}})",
                    d.lab());
  d.settle();
  EXPECT_EQ(d.params().k, 1) << "a memory of 0 is no memory";
  EXPECT_EQ(d.params().query, Tensor<double>({2, 2, 2})) << "of another rank: nothing of it fits";
  EXPECT_EQ(d.params().value, Tensor<double>({2, 2, 2}, {1, 2, 4, 5, 1, 2, 4, 5}));
  EXPECT_EQ(d.params().local.shape(), (core::Shape{3, 2}));
}

TEST(AttentionRnnLab, StatesThatOverflowAreCarriedAndSaid) {
  Driver d;
  // Each state is 1e15 times the last one and takes all the weight, until its score, a square, is too large.
  shell::load_state(R"({"params": {"memory": "all", "w_query": [[[0]], [[1]]], "w_key": [[[0]], [[1]]],
                        "w_value": [[[1e15]], [[1e15]]],
                        "input": [[1e15], [0], [0], [0], [0], [0], [0], [0], [0], [0], [0], [0]]}})",
                    d.lab());
  d.settle();
  ASSERT_EQ(d.result().overflow, 11);
  EXPECT_NEAR(d.result().states.h(9, 0), 1e165, 1e152);
  EXPECT_TRUE(std::isnan(d.result().states.h(10, 0)));
  EXPECT_FALSE(d.result().given_not_finite);
  d.lab().playhead().t = d.lab().last_step();
  d.frames(2);
  EXPECT_FALSE(formula(d).empty());
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.result().overflow, std::nullopt);
  d.type("x[2,1]", "nan");
  EXPECT_TRUE(d.says("A number above is not finite"));
  EXPECT_TRUE(d.result().given_not_finite);
}

TEST(AttentionRnnLab, InputsAndTheLossAreDraggedOnTheStage) {
  Driver d;
  d.click("Two states back");
  const AttentionRnn::Params before = d.params();
  const widgets::Rect x = d.find("attending x");
  d.drag_from({x.x + 4, x.y + 4}, 16);
  EXPECT_NEAR(d.params().input(0, 0), before.input(0, 0) + 0.2, 1e-12);
  EXPECT_EQ(d.result().params, d.params());
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.params(), before);
  d.click("The gradient's many ways");
  const widgets::Rect local = d.find("attending local");
  d.drag_from({local.x + 4, local.y + 4}, -8);
  EXPECT_NEAR(d.params().local(0, 0), -0.1, 1e-12);
}

TEST(AttentionRnnLab, BackwardTheHeatmapPointsAtWhatComesBack) {
  Driver d;
  d.click("Recall");
  const widgets::Rect map = d.find("attending heatmap");
  const auto cell = [&](float step, float column) {
    return widgets::Point{map.x + (column - 0.5f) * map.w / 10, map.y + (step - 0.5f) * map.h / 10};
  };
  d.click(cell(6, 1));  // h[6] looked at h[1]
  EXPECT_EQ(d.topic().view().pinned, (AttentionRnn::Spot{Part::kTerm, 1, 5}));
  EXPECT_THAT(d.lab().explain().words, HasSubstr("h[6] looked at h[1] with a = 0.2"));
  d.click(cell(6, 6));  // its own input
  EXPECT_EQ(d.topic().view().pinned, (AttentionRnn::Spot{Part::kWeight, 6, 0}));
}

TEST(AttentionRnnLab, TheGatedNetStandsBesideOnTheSameInput) {
  Driver d;
  d.click("Two states back");
  const AttentionRnn::Result& r = d.result();
  for (core::Index i = 0; i < 2; ++i) EXPECT_NEAR(r.gated.h(0, i), 0.5 * r.params.input(0, i), 1e-12);
  d.click(widgets::Point{d.find("attending gated h").x + 4, d.find("attending gated h").y + 4});
  ASSERT_TRUE(d.topic().view().pinned);
  EXPECT_THAT(formula(d), HasSubstr("h[1]_1 = 0.5 · 0 + (1 − 0.5) · (−1.6) = −0.8"));
  d.key(shell::Key::kEscape);
  d.point_at(widgets::Point{d.find("attending gated J").x + 4, d.find("attending gated J").y + 4});
  d.settle();
  EXPECT_THAT(formula(d), HasSubstr("0.5"));
  EXPECT_THAT(d.lab().explain().words, HasSubstr("from step to step only"));
}

// Few enough vertices for 16-bit indices, and sentences short enough for the narrowest window.
TEST(AttentionRnnLab, EveryMomentOfEveryPresetCanBeDrawn) {
  Driver d;
  for (const std::string& preset : d.lab().presets()) {
    d.click(preset);
    for (double t = 0; t <= d.lab().last_step(); t += 0.37) {
      d.lab().playhead().t = t;
      d.frames(1);
      EXPECT_FALSE(formula(d).empty()) << preset << " at " << t;
      EXPECT_LE(words(d).size(), 95u) << words(d);
    }
  }
  EXPECT_LT(d.most_vertices(), 60000);
}

}  // namespace
}  // namespace vitrine::labs::attention_rnn_lab_test
