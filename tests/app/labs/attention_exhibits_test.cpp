// What "Attention by hand" shows beside its steps: made Q, K and V, the wrong mask, the plane, nudges, slopes
// and costs; and the presets that open with them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "app/labs/attention/lab.h"
#include "app/shell/session.h"
#include "tests/app/app_driver.h"

namespace vitrine::labs {
namespace {

using core::Tensor;
using testing::ElementsAre;
using testing::HasSubstr;
using Driver = LabDriver<Attention>;
using Exhibit = Attention::Exhibit;
using Phase = Attention::Phase;

void expect_numbers(std::span<const double> numbers, std::initializer_list<double> expected,
                    double tolerance = 6e-7) {
  ASSERT_EQ(numbers.size(), expected.size());
  std::size_t i = 0;
  for (const double value : expected) {
    EXPECT_NEAR(numbers[i], value, tolerance) << "number " << i;
    ++i;
  }
}

std::span<const double> row_of(const Tensor<double>& m, core::Index row) {
  return m.values().subspan(static_cast<std::size_t>(row * m.size(1)), static_cast<std::size_t>(m.size(1)));
}

std::string formula(Driver& d) { return widgets::plain_text(d.lab().explain()); }
std::string words(Driver& d) { return d.lab().explain().words; }

// --- where Q, K and V come from ---

TEST(AttentionMade, FromHTheyAreTheOnesOfTheExercise) {
  Driver d;
  d.settle();
  const sequence::Attention typed = d.result().attention;
  d.click("From H");
  EXPECT_EQ(d.params().source, Attention::Source::kSelf);
  EXPECT_EQ(d.result().query, d.params().query);
  EXPECT_EQ(d.result().key, d.params().key);
  EXPECT_EQ(d.result().value, d.params().value);
  EXPECT_EQ(d.result().attention.output, typed.output);
}

TEST(AttentionMade, EachProductIsAStep) {
  Driver d;
  d.click("From H");
  ASSERT_EQ(d.lab().last_step(), 3 * 3 + 3 * (3 + 4) - 1);
  EXPECT_EQ(d.lab().playhead().t, 1) << "opens while query 2 is made";
  EXPECT_EQ(formula(d), "q_2 = W_qh_2 = [−3, −2, 4; −6, −7, 6; 3, 2, 1] · [0, 1, 1] = [2, −1, 3]");
  d.lab().playhead().t = 3 + 1;
  EXPECT_EQ(formula(d), "k_2 = W_kh_2 = [1, 2, 1; 0, −1, 0; −2, −2, 2] · [0, 1, 1] = [3, −1, 0]");
  d.lab().playhead().t = 6 + 2;
  EXPECT_EQ(formula(d), "v_3 = W_vh_3 = [4, 2, 1; 2, 3, 2; 1, 1, 4] · [0, 0, 1] = [1, 2, 4]");
  d.lab().playhead().t = 9;
  EXPECT_THAT(formula(d), HasSubstr("e_11 = 1 · 2 + 0 · 0 + 4 · 0 = 2"));
  d.click("Steps=at once");
  ASSERT_EQ(d.lab().last_step(), 3 + 5 - 1);
  d.lab().playhead().t = 0;
  EXPECT_THAT(formula(d), HasSubstr("Q = HW_q^ᵀ = [1, 0, 1; 0, 1, 1; 0, 0, 1]"));
}

TEST(AttentionMade, AWeightThatChangesChangesEveryToken) {
  Driver d;
  d.click("From H");
  d.type("W_v[1,3]", "2");  // one more for every token, whose third number is 1
  EXPECT_THAT(d.result().value.values(), ElementsAre(6, 4, 5, 4, 5, 5, 2, 2, 4));
  d.type("W_q[1,1]", "nan");
  EXPECT_TRUE(d.says("A number above is not finite"));
  EXPECT_TRUE(std::isnan(d.result().query(0, 0)));
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.result().query, d.params().query);
}

TEST(AttentionMade, CrossAttentionReadsAnotherSequence) {
  Driver d;
  d.click("Cross");
  EXPECT_EQ(d.result().attention.dots.shape(), (core::Shape{2, 4}));
  EXPECT_EQ(d.result().query, Tensor<double>({2, 2}, {2, 0, 0, 2}));
  EXPECT_EQ(d.result().key, Tensor<double>({4, 2}, {1, 0, 0, 1, -1, 1, 1, 1}));
  EXPECT_EQ(d.result().value, Tensor<double>({4, 2}, {4, 0, 0, 3, 2, 1, 4, 3}));
  EXPECT_EQ(d.result().attention.dots, Tensor<double>({2, 4}, {2, 0, -2, 2, 0, 2, 2, 2}));
  EXPECT_EQ(formula(d), "k_2 = W_km_2 = [1, 0, −1; 0, 1, 1] · [0, 1, 0] = [0, 1]");
  d.click("Keys less");
  EXPECT_EQ(d.params().memory.shape(), (core::Shape{3, 3}));
  d.click("Size of h less");
  EXPECT_EQ(d.params().memory.shape(), (core::Shape{3, 2}));
  EXPECT_EQ(d.params().w_key.shape(), (core::Shape{2, 2}));
  EXPECT_EQ(d.result().attention.output.shape(), (core::Shape{2, 2}));
}

TEST(AttentionMade, WhatIsTypedIsKeptWhileItIsNotShown) {
  Driver d;
  d.type("Q[1,1]", "9");
  d.click("Keys more");
  const Tensor<double> typed = d.params().key;
  d.click("Q, K, V");
  d.click("Q, K, V=from H");
  EXPECT_EQ(d.result().keys(), 3);
  d.click("Q, K, V");
  d.click("Q, K, V=typed");
  EXPECT_EQ(d.params().key, typed);
  EXPECT_EQ(d.result().query(0, 0), 9);
}

TEST(AttentionMade, PointingAtAMadeNumberShowsItsProduct) {
  Driver d;
  d.click("From H");
  const widgets::Rect q = d.find("attention Q");
  d.point_at(widgets::Point{q.x + q.w * 0.5f, q.y + q.h * 0.5f});
  d.settle();
  EXPECT_EQ(formula(d),
            "q_22 = w_21 · h_21 + w_22 · h_22 + w_23 · h_23\nq_22 = (−6) · 0 + (−7) · 1 + 6 · 1 = −1");
  d.point_at("attention W_v");
  d.settle();
  EXPECT_EQ(formula(d), "w_2 = [2, 3, 2]");
  d.point_at("attention H");
  d.settle();
  EXPECT_THAT(words(d), HasSubstr("Token 2 becomes query 2"));
}

// --- masks ---

TEST(AttentionMask, AfterTheSoftmaxRowsNoLongerSumToOne) {
  Driver d;
  d.click("Wrong mask");
  EXPECT_EQ(d.topic().view().exhibit, Exhibit::kMask);
  EXPECT_TRUE(d.says("Wrong: a row that hides a key no longer sums to 1"));
  const Attention::Result& r = d.result();
  expect_numbers(row_of(r.attention.weights, 1), {0.013213, 0.265388, 0});
  expect_numbers(row_of(r.attention.output, 1), {0.862228, 1.379791, 1.393004});
  EXPECT_NEAR(r.late.sums[1], 0.278601, 6e-7);
  expect_numbers(row_of(r.right.output, 1), {3.094852, 4.952574, 5});
  EXPECT_NEAR(r.right_sums[1], 1, 1e-15);
  EXPECT_THAT(words(d), HasSubstr("Wrong: row 2 of the weights sums to 0.278601, not to 1"));
  // The steps of query 2: three scores, scale, exp, normalise, mask, mix.
  d.lab().playhead().t = 8 + 5;
  EXPECT_THAT(formula(d), HasSubstr("α_2 = [0.01321, 0.2654, 0.7214]"));
  d.lab().playhead().t = 8 + 6;
  EXPECT_EQ(formula(d), "α_2 = [0.01321, 0.2654, 0.7214] → [0.01321, 0.2654, 0],  Σ = 0.278601");
  d.click("Hidden");
  d.click("Hidden=before softmax");
  expect_numbers(row_of(d.result().attention.output, 1), {3.094852, 4.952574, 5});
}

TEST(AttentionMask, TheWrongOutputLeavesTheHull) {
  Driver d;
  d.click("Wrong mask");
  const Attention::Plane& wrong = d.result().plane({});
  EXPECT_GT(wrong.outside[1], 0.5);
  EXPECT_LT(wrong.outside[2], 1e-12);
  d.click("Causal");
  for (const Attention::Plane& plane : d.result().planes)
    for (const double outside : plane.outside) EXPECT_LT(outside, 1e-12);
}

// --- the plane ---

TEST(AttentionMix, ThePlaneShowsTwoComponentsOfValuesAndOutputs) {
  Driver d;
  d.click("Hard");
  EXPECT_EQ(d.topic().view().exhibit, Exhibit::kMix);
  const auto& plane = [&]() -> const Attention::Plane& { return d.result().plane(d.topic().view()); };
  EXPECT_THAT(plane().values, ElementsAre(sequence::PlanePoint{5, 4}, sequence::PlanePoint{3, 5},
                                          sequence::PlanePoint{1, 2}));
  EXPECT_EQ(plane().hull.size(), 3u);
  EXPECT_EQ(plane().outputs[1], (sequence::PlanePoint{1, 2})) << "a copy of value 3";
  d.click("attention up");
  EXPECT_EQ(d.topic().view().up, 2);
  EXPECT_EQ(plane().values[0], (sequence::PlanePoint{5, 5}));
  d.click("attention across");
  EXPECT_EQ(plane().values[0], (sequence::PlanePoint{4, 5}));
  EXPECT_FALSE(d.lab().can_undo() && d.params() == Attention::Params{}) << "looking is no edit";
  for (int i = 0; i < 3; ++i) d.click("Size of v less");
  EXPECT_EQ(plane().values[0], (sequence::PlanePoint{5, 0})) << "one component is a line";
}

TEST(AttentionMix, PointingAtAPointLightsItsRow) {
  Driver d;
  d.click("Soft");
  d.point_at("attention plane v1");
  d.settle();
  EXPECT_THAT(formula(d), HasSubstr("v_1 = [5, 4, 5]"));
  d.point_at("attention plane y1");
  d.settle();
  EXPECT_THAT(formula(d), HasSubstr("· 5 + 0.3333 · 3 + 0.3333 · 1 = 3"));
}

// --- slopes ---

TEST(AttentionNudge, TheSameNudgeAtFiveTemperatures) {
  Driver d;
  d.click("A tie, nudged");
  EXPECT_EQ(d.topic().view().exhibit, Exhibit::kNudge);
  const Attention::NudgeStudy& study = d.result().nudges[0];
  ASSERT_EQ(study.table.size(), 5u);
  const double changes[] = {0.0002, 0.0025, 0.025, 0.245, 0.987},
               half_digits[] = {6e-5, 5e-5, 5e-4, 5e-4, 5e-4};
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(study.table[i].change[0], changes[i], half_digits[i]);
  EXPECT_DOUBLE_EQ(study.here.change[0], study.table[4].change[0]);
  EXPECT_EQ(study.change.front().x, 0.01);
  EXPECT_EQ(study.change.back().x, 1000);
  EXPECT_DOUBLE_EQ(study.change.back().y, study.here.change[0]);
  EXPECT_EQ(d.result().attention.dots(0, 0), 1) << "the key itself stays";
}

TEST(AttentionNudge, ANudgedComponentMovesTheScoreByTheQuerysComponent) {
  Driver d;
  d.click("Key more");
  d.click("Component more");
  d.type("ε", "0.5");
  EXPECT_EQ(d.params().nudged_key, 1);
  EXPECT_EQ(d.params().nudged_component, 1);
  for (core::Index t = 0; t < 3; ++t)
    EXPECT_EQ(d.result().nudges[static_cast<std::size_t>(t)].here.step, 0.5 * d.params().query(t, 1));
  Attention::Params moved = d.params();
  moved.key(1, 1) += 0.5;
  const Attention::Result there = Attention::compute(moved, {});
  for (std::size_t s = 0; s < 3; ++s)
    EXPECT_NEAR(d.result().nudges[1].here.after[s], there.attention.weights(1, static_cast<core::Index>(s)),
                1e-15);
  for (int i = 0; i < 2; ++i) d.click("Keys less");
  EXPECT_EQ(d.params().nudged_key, 0) << "there is only one key left";
}

TEST(AttentionJacobian, ACellIsExplainedWithItsNumbers) {
  Driver d;
  d.click("Scaled");
  d.click("show Jacobian");
  EXPECT_EQ(d.topic().view().exhibit, Exhibit::kJacobian);
  d.lab().playhead().t = 7 + 5;
  const Tensor<double>& jacobian = d.result().jacobians[1];
  const double beta = 1 / std::sqrt(3.0), a = d.result().attention.weights(1, 0),
               b = d.result().attention.weights(1, 2);
  EXPECT_DOUBLE_EQ(jacobian(0, 0), beta * (a * (1 - a)));
  EXPECT_DOUBLE_EQ(jacobian(0, 2), -beta * (a * b));
  d.settle();
  const widgets::Rect cells = d.find("attention jacobian");
  d.point_at(widgets::Point{cells.x + cells.w * 5 / 6, cells.y + cells.h / 6});
  d.settle();
  EXPECT_THAT(formula(d), HasSubstr("= − 0.5774 · 0.05981 · 0.6022 = −0.02079"));
  d.point_at(widgets::Point{cells.x + cells.w / 6, cells.y + cells.h / 6});
  d.settle();
  EXPECT_THAT(formula(d), HasSubstr("= 0.5774 · 0.05981 · (1 −0.05981) = 0.03246"));
}

TEST(AttentionJacobian, ItIsHeldAgainstFiniteDifferences) {
  Driver d;
  d.click("Causal, scaled");
  const auto& r = d.result();
  ASSERT_EQ(r.checks.size(), 3u);
  for (std::size_t t = 0; t < 3; ++t) {
    EXPECT_LT(r.check_errors[t], 1e-9);
    for (core::Index i = 0; i < 9; ++i) EXPECT_NEAR(r.jacobians[t][i], r.checks[t][i], r.check_errors[t]);
  }
  Attention::View view;
  view.playhead.t = 14;
  view.exhibit = Attention::Exhibit::kJacobian;
  view.pinned = Attention::Spot{Attention::Panel::kJacobian, {0, 1}};
  EXPECT_THAT(Attention::explain(r, view).words, HasSubstr("Finite difference: "));
  d.click("Hard");
  EXPECT_TRUE(d.result().checks.empty()) << "at infinity a weight jumps";
}

TEST(AttentionBoard, ALowStageKeepsWhatThePlayheadDoes) {
  const auto shown = [](float height, Phase phase) {
    std::vector<std::unique_ptr<Lab>> labs;
    labs.push_back(std::make_unique<ComputeLab<Attention>>());
    AppDriver d(std::move(labs), 1024, height);
    d.lab().load_preset("From H");
    const auto& lab = dynamic_cast<const ComputeLab<Attention>&>(d.lab());
    d.lab().settle(Attention::Timeline(lab.params()).arrival(phase, 1, 1));
    d.frames(3);
    const auto has = [&](const char* panel) { return d.app().items().find(panel).has_value(); };
    return std::vector<bool>{has("attention H"), has("attention Q"), has("attention output")};
  };
  EXPECT_THAT(shown(800, Phase::kMakeQuery), ElementsAre(true, true, true));
  EXPECT_THAT(shown(560, Phase::kMakeQuery), ElementsAre(true, true, false));
  EXPECT_THAT(shown(560, Phase::kMakeValue), ElementsAre(true, false, true));
  EXPECT_THAT(shown(560, Phase::kMix), ElementsAre(false, true, true));
  EXPECT_THAT(shown(400, Phase::kScore), ElementsAre(false, true, false));
  EXPECT_THAT(shown(300, Phase::kExp), ElementsAre(false, false, true)) << "never none";
}

// --- cost ---

TEST(AttentionCost, TheTwoTermsAndWhereTheyCross) {
  Driver d;
  d.click("Cost of a ViT");
  EXPECT_EQ(d.topic().view().exhibit, Exhibit::kCost);
  EXPECT_EQ(d.result().cost.projections, 348'585'984);
  EXPECT_EQ(d.result().cost.mixing, 59'610'624);
  EXPECT_EQ(d.result().cost.equal_tokens, 1152);
  d.type("Tokens", "17");
  d.type("Size", "64");
  EXPECT_EQ(d.result().cost.projections, 208'896);
  EXPECT_EQ(d.result().cost.mixing, 36'992);
  d.type("Tokens", "10000");
  EXPECT_EQ(d.result().cost.projections, 122'880'000);
  EXPECT_EQ(d.result().cost.mixing, 12'800'000'000);
  d.type("Tokens", "1000000");
  d.type("Size", "1000000");
  EXPECT_EQ(d.result().cost.total, 5'000'000'000'000'000'000);
  EXPECT_EQ(d.result().mixing.size(), d.result().projections.size());
  EXPECT_EQ(d.result().mixing.back().x, 1e6);
}

// --- presets that are answers ---

TEST(AttentionPresets, EqualWeightsOverAMaskAreABoxFilter) {
  Driver d;
  const auto outputs = [&] { return d.result().attention.output.values(); };
  d.click("Running mean");
  expect_numbers(outputs(), {1, 1.5, 2, 2.5, 3}, 1e-14);
  d.click("Box of three");
  expect_numbers(outputs(), {1.5, 2, 3, 4, 4.5}, 1e-14);
  for (core::Index t = 0; t < 5; ++t) EXPECT_NEAR(d.result().right_sums[t], 1, 1e-14);
  d.click("Box, zero-padded");
  expect_numbers(outputs(), {1, 2, 3, 4, 3}, 1e-14);
}

TEST(AttentionPresets, OneHeadIsOneTapOfAConvolution) {
  Driver d;
  d.click("One tap");
  EXPECT_THAT(d.result().attention.output.values(), ElementsAre(6, 9, 12, 15, 0));
  EXPECT_THAT(words(d), HasSubstr("Query 5 may see only key 6"));
  // The other taps of (1, 2, 3) on (1, 2, 3, 4, 5), zero-padded: with them it is the convolution.
  const double first[] = {0, 1, 2, 3, 4}, second[] = {2, 4, 6, 8, 10}, whole[] = {8, 14, 20, 26, 14};
  for (core::Index t = 0; t < 5; ++t)
    EXPECT_EQ(first[t] + second[t] + d.result().attention.output[t], whole[t]);
}

TEST(AttentionPresets, EachOpensAtTheStepThatItIsAbout) {
  Driver d;
  for (const auto& preset : Attention::presets()) {
    if (preset.name == "By hand") continue;
    d.click(preset.name);
    EXPECT_GT(d.lab().playhead().t, 0) << preset.name;
    EXPECT_EQ(d.lab().playhead().t, preset.at) << preset.name;
    EXPECT_EQ(static_cast<int>(d.topic().view().exhibit), preset.exhibit) << preset.name;
  }
  d.click("Causal");
  EXPECT_EQ(Attention::focus(d.result(), d.topic().view(), true).phase, Phase::kMask);
}

// --- whatever is shown, it can be drawn ---

TEST(AttentionExhibits, EveryOneCanBeDrawnAtEverySizeAndWithBadNumbers) {
  Driver d;
  const char* tabs[] = {"show Mix",  "show Nudge", "show Jacobian",
                        "show Mask", "show Cost",  "show Steps only"};
  for (const std::string& preset : d.lab().presets()) {
    d.click(preset);
    for (const char* tab : tabs) {
      d.click(tab);
      for (const double t : {0.0, 3.4, 1e9}) {
        d.lab().playhead().t = std::min<double>(t, d.lab().last_step());
        d.frames(1);
      }
      EXPECT_LE(words(d).size(), 90u) << words(d);
    }
  }
  const char* states[] = {
      R"({"params": {"query": [["NaN", 1, 2]], "value": [["Infinity", 2], [1, "-Infinity"]], "beta": "Infinity"}})",
      R"({"params": {"query": [[1e300, 1e5, 2]], "key": [[1e5, 1e-300, 3]], "value": [[1e308], [-1e308]]}})",
      R"({"params": {"source": "cross", "hidden": [[1e308, 1e308]], "memory": [["NaN"]], "w_query": [[1e308]]}})",
      R"({"params": {"mask": "causal", "mask_place": "after softmax", "beta": "Infinity", "nudge": "NaN"},
          "view": {"exhibit": "mix", "across": -5, "up": 99}})"};
  for (const char* state : states) {
    shell::load_state(state, d.lab());
    for (const char* tab : tabs) d.click(tab);
    EXPECT_FALSE(formula(d).empty());
  }
  EXPECT_LT(d.most_vertices(), 60000);
}

TEST(AttentionExhibits, ARowThatSeesNothingIsNamedAndTheLastPictureStays) {
  Driver d;
  d.click("Wrong mask");
  shell::load_state(
      R"({"params": {"mask": "custom", "visible_keys": [[true, true, true], [false, false, false],
                                                                       [true, true, true]]}})",
      d.lab());
  d.settle();
  const auto problems = Attention::validate(d.params());
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_THAT(problems.front().words, HasSubstr("Query 2 may see no key"));
  EXPECT_THAT(problems.front().words, HasSubstr("Until then the last picture stays"));
  EXPECT_EQ(d.result().params.masking, Attention::Masking::kCausal);
  d.key(shell::Key::kZ, true);
  EXPECT_TRUE(Attention::validate(d.params()).empty());
}

TEST(AttentionExhibits, ANumberTooLargeForProductsIsNamed) {
  Driver d;
  d.type("K[2,1]", "1e200");
  const auto problems = Attention::validate(d.params());
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems.front().control, "K");
  EXPECT_THAT(problems.front().words, HasSubstr("K[2,1] is 1e200"));
  EXPECT_TRUE(d.says("Type one up to 1e50"));
  EXPECT_EQ(d.result().key(1, 0), 3) << "the last picture stays";
  d.type("K[2,1]", "1e50");
  EXPECT_FALSE(d.says("Type one up to 1e50"));
  EXPECT_EQ(d.result().attention.output(0, 0), 3) << "key 2 takes everything";
  d.click("From H");
  d.type("W_v[1,1]", "-1e51");
  ASSERT_EQ(Attention::validate(d.params()).size(), 1u);
  EXPECT_EQ(Attention::validate(d.params()).front().control, "W_v");
}

TEST(AttentionExhibits, WhatIsLookedAtIsSavedWithTheView) {
  Driver d;
  d.click("show Cost");
  EXPECT_FALSE(d.lab().can_undo());
  shell::load_state(R"({"view": {"exhibit": "jacobian", "across": 1, "up": 0}})", d.lab());
  EXPECT_EQ(d.topic().view().exhibit, Exhibit::kJacobian);
  EXPECT_EQ(d.topic().view().across, 1);
}

}  // namespace
}  // namespace vitrine::labs
