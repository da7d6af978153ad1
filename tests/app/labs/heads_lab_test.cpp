#include "app/labs/heads/lab.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "app/labs/heads/links.h"
#include "engine/core/text.h"
#include "tests/app/app_driver.h"

namespace vitrine::labs::heads_lab_test {
namespace {

using core::Index;
using core::Tensor;
using testing::HasSubstr;
using Driver = LabDriver<ManyHeads>;
using Panel = ManyHeads::Panel;
using Phase = ManyHeads::Phase;

std::string words(Driver& d) { return d.lab().explain().words; }
std::string formula(Driver& d) { return widgets::plain_text(d.lab().explain()); }

// The middle of a cell of a picture of rows x columns cells.
widgets::Point cell_of(const Driver& d, const std::string& picture, Index row, Index column, Index rows,
                       Index columns) {
  const widgets::Rect r = d.find(picture);
  return {r.x + r.w * (static_cast<float>(column) + 0.5f) / static_cast<float>(columns),
          r.y + r.h * (static_cast<float>(row) + 0.5f) / static_cast<float>(rows)};
}

TEST(HeadsLab, OpensWithASentence) {
  Driver d;
  d.settle();
  const auto& r = d.result();
  EXPECT_EQ(r.tokens(), 13);
  EXPECT_EQ(r.words[1], "cat");
  EXPECT_EQ(r.heads.size(), 4u);
  EXPECT_EQ(r.concat.values.shape(), (core::Shape{13, 32}));
  EXPECT_EQ(r.output.values.shape(), (core::Shape{13, 32}));
  EXPECT_NEAR(r.most_entropy, std::log(13), 1e-12);
  for (const auto& head : r.heads) {
    EXPECT_GT(head.mean_entropy, 0);
    EXPECT_LT(head.mean_entropy, r.most_entropy + 1e-12);
    for (Index t = 0; t < 13; ++t) {
      double sum = 0;
      for (Index s = 0; s < 13; ++s) sum += static_cast<double>(head.weights(t, s));
      EXPECT_NEAR(sum, 1, 1e-6);
    }
  }
  // Head 2's part of the concatenation is its own weights times its own values.
  const auto& head = r.heads[1];
  double mixed = 0;
  for (Index s = 0; s < 13; ++s) mixed += static_cast<double>(head.weights(5, s)) * head.value.values(s, 3);
  EXPECT_NEAR(r.concat.values(5, 8 + 3), mixed, 1e-6);
}

TEST(HeadsLab, TheHeadsOfTheFirstSentenceHaveJobs) {
  Driver d;
  d.settle();
  const auto& r = d.result();
  const char* jobs[] = {"before", "same", "after", "even"};
  for (std::size_t h = 0; h < 4; ++h) EXPECT_EQ(r.heads[h].job, jobs[h]);
  EXPECT_EQ(r.heads[0].strongest[8], 7);
  EXPECT_EQ(r.heads[2].strongest[8], 9);
  EXPECT_NEAR(r.heads[3].mean_entropy, std::log(13), 1e-9);
  EXPECT_EQ(r.telling, 3) << "it occurs again, and its heads look at four different tokens";
  EXPECT_THAT(words(d), HasSubstr("“on” looks most at"));
  EXPECT_THAT(formula(d), HasSubstr("head 1: “sat” " + core::shown(r.heads[0].weights(3, 2), 3)));
  EXPECT_THAT(formula(d), HasSubstr("head 4: all alike 0.0769"));
  // Without a position none of them knows the order; added to the word they miss it.
  d.click("Positions");
  d.click("Positions=none");
  EXPECT_NEAR(d.result().heads[0].weights(8, 3), 1.0 / 13, 1e-6);
  d.click("Positions");
  d.click("Positions=added");
  EXPECT_TRUE(d.says("Added to the word they miss it"));
  d.click("Weights");
  d.click("Weights=untrained");
  EXPECT_EQ(d.result().heads[0].job, "");
}

TEST(HeadsLab, TheSameWordGetsTheSameAnswerWithoutPositions) {
  Driver d;
  d.click("Same word");
  const auto& y = d.result().output.values;
  for (Index i = 0; i < y.size(1); ++i) EXPECT_EQ(y(1, i), y(12, i)) << "cat, cat";
  EXPECT_EQ(d.result().heads[0].weights(1, 1), d.result().heads[0].weights(1, 12));
  d.click("Positions");
  d.click("Positions=added");
  EXPECT_NE(d.result().output.values(1, 0), d.result().output.values(12, 0));
}

TEST(HeadsLab, ShapesOfTheExercise) {
  Driver d;
  d.click("Shapes");
  const auto& r = d.result();
  for (const auto& head : r.heads) {
    EXPECT_EQ(head.query.values.shape(), (core::Shape{4, 2})) << "T x d of each head";
    EXPECT_EQ(head.key.values.shape(), (core::Shape{4, 2}));
    EXPECT_EQ(head.value.values.shape(), (core::Shape{4, 2}));
    EXPECT_EQ(head.w_query.values.shape(), (core::Shape{2, 4}));
  }
  EXPECT_EQ(r.concat.values.shape(), (core::Shape{4, 4}));
  EXPECT_EQ(r.w_out.values.shape(), (core::Shape{4, 4}));
  EXPECT_EQ(d.lab().playhead().t, static_cast<double>(Phase::kConcat));
  EXPECT_THAT(words(d), HasSubstr("4 × 2 of each head, side by side: 4 × 4"));
  for (Index i = 0; i < 4; ++i)
    EXPECT_THAT(formula(d), HasSubstr(core::shown(r.concat.values(r.telling, i), 3))) << i;
}

TEST(HeadsLab, NothingNeedDivide) {
  Driver d;
  d.click("Shapes");
  d.type("Heads", "3");
  d.type("Head dim d", "5");
  EXPECT_EQ(d.topic().error(), "");
  EXPECT_EQ(d.result().concat.values.shape(), (core::Shape{4, 15}));
  EXPECT_EQ(d.result().output.values.shape(), (core::Shape{4, 4}));
  EXPECT_TRUE(d.says("D need not be a multiple of the heads"));
}

TEST(HeadsLab, OneHeadATapIsAConvolution) {
  Driver d;
  d.click("Convolution");
  const double expected[] = {1, 2, 3, 4, 3};
  for (Index t = 0; t < 5; ++t) {
    EXPECT_NEAR(d.result().output.values(t, 0), expected[t], 1e-15) << t;
    EXPECT_NEAR(d.result().output.values(t, 0), d.result().correlated.values(t, 0), 1e-15) << t;
  }
  EXPECT_EQ(d.result().heads.size(), 3u);
  EXPECT_EQ(d.result().heads[0].weights(2, 1), 1) << "the first head looks one to the left";
  EXPECT_EQ(d.result().heads[0].weights(0, 5), 1) << "left of the first is the padding";
  d.type("Taps", "4");
  d.type("k[4]", "-2.5");
  d.type("x[2]", "7");
  d.type("Length", "9");
  ASSERT_EQ(d.result().correlated.rows(), 9);
  for (Index t = 0; t < 9; ++t)
    EXPECT_NEAR(d.result().output.values(t, 0), d.result().correlated.values(t, 0), 1e-14) << t;
  EXPECT_NEAR(d.result().output.values(0, 0), 1.0 / 3 + 7.0 / 3 - 2.5 * 3, 1e-14);
  EXPECT_THAT(words(d), HasSubstr("Y is the convolution"));
}

TEST(HeadsLab, PatchesOfAPicture) {
  Driver d;
  d.click("Digit");
  const auto& r = d.result();
  EXPECT_EQ(r.tokens(), 49);
  EXPECT_EQ(r.patch_rows, 7);
  EXPECT_EQ(r.input.values.shape(), (core::Shape{49, 16}));
  EXPECT_EQ(r.picture.shape(), (core::Shape{28, 28}));
  d.type("Patch size", "7");
  EXPECT_EQ(d.result().tokens(), 16);
  d.type("Patch size", "30");
  EXPECT_THAT(d.topic().error(), HasSubstr("30 × 30 pixels does not fit into a picture of 28 × 28"));
  EXPECT_EQ(d.result().tokens(), 16) << "the last answer stays";
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.topic().error(), "");
}

TEST(HeadsLab, TooManyPatchesSayWhichPatchWouldDo) {
  Driver d;
  d.click("Tokens");
  d.click("Tokens=Picture");
  d.type("Patch size", "4");
  EXPECT_THAT(d.topic().error(), HasSubstr("make 2,700 tokens of this picture of 180 × 240"));
  EXPECT_THAT(d.topic().error(), HasSubstr("a patch of 5 pixels or more"));
  d.type("Patch size", "5");
  EXPECT_EQ(d.topic().error(), "");
  EXPECT_EQ(d.result().tokens(), 36 * 48);
}

TEST(HeadsLab, TwoThousandTokensDrawNoMoreThanOthers) {
  Driver d;
  d.click("2,048 tokens");
  EXPECT_EQ(d.result().tokens(), 2'048);
  EXPECT_EQ(d.result().heads.size(), 8u);
  EXPECT_FALSE(d.result().has_scores());
  EXPECT_LE(d.result().heads[0].thumbnail.size(0), 96);
  EXPECT_LT(d.most_vertices(), 60'000);
  d.click("heads head 5");
  EXPECT_EQ(d.topic().view().head, 4);
  const auto before = d.topic().result();
  d.scroll(d.find("heads weights").center(), 30);
  EXPECT_EQ(d.topic().result(), before) << "zooming computes nothing";
  EXPECT_LT(d.most_vertices(), 200'000);
}

TEST(HeadsLab, MoreWeightsThanAreKeptAreRefusedInWords) {
  ManyHeads::Params p;
  p.text.clear();
  for (int i = 0; i < 2'048; ++i) p.text += "a ";
  p.heads = 8;
  EXPECT_TRUE(ManyHeads::validate(p).empty());
  p.heads = 9;
  const auto problems = ManyHeads::validate(p);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].control, "Heads");
  EXPECT_THAT(problems[0].words, HasSubstr("9 heads × 2,048 × 2,048 weights are 37,748,736 numbers"));
  EXPECT_THAT(problems[0].words, HasSubstr("take fewer heads or fewer tokens"));
}

TEST(HeadsLab, ALongTextSaysHowManyWordsAreUsed) {
  ManyHeads::Params p;
  p.text.clear();
  for (int i = 0; i < 10'000; ++i) p.text += "w" + std::to_string(i % 7) + " ";
  p.heads = 1;
  EXPECT_TRUE(ManyHeads::validate(p).empty());
  ManyHeads lab;
  core::Progress progress;
  const auto r = lab.compute(p, {}, progress);
  EXPECT_EQ(r.tokens(), 2'048);
  EXPECT_EQ(r.words_in_text, 10'000);
  EXPECT_NEAR(progress.fraction(), 1, 1e-9);
}

TEST(HeadsLab, EmptyTextNamesTheControl) {
  ManyHeads::Params p;
  for (const char* text : {"", "  \n\t"}) {
    p.text = text;
    const auto problems = ManyHeads::validate(p);
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_EQ(problems[0].control, "Text");
    EXPECT_THAT(problems[0].words, HasSubstr("type at least one"));
  }
}

TEST(HeadsLab, WordsThatTheFontsLackAreBoxes) {
  EXPECT_EQ(written("caf\u00E9"), "caf\u00E9");
  EXPECT_EQ(written("\u05E9\u05DC"), "\u25A1\u25A1") << "right-to-left letters";
  EXPECT_EQ(written("\U0001F469\u200D\U0001F4BB!"), "\u25A1\u25A1!") << "emoji; what joins them is not shown";
  EXPECT_EQ(written("a\xFFz"), "a\u25A1z") << "no UTF-8";
  ManyHeads lab;
  ManyHeads::Params p;
  p.text = "\U0001F642 \u0634\u0645\u0633 \xC3 word";
  core::Progress progress;
  const auto r = lab.compute(p, {}, progress);
  ASSERT_EQ(r.tokens(), 4);
  EXPECT_EQ(token_name(r, 0), "“\u25A1”");
  EXPECT_EQ(token_name(r, 3), "“word”");
}

TEST(HeadsLab, PointingAtAWeightShowsItsScoreAndItsSoftmax) {
  Driver d;
  d.click("Shapes");
  d.point_at(cell_of(d, "heads weights", 3, 2, 4, 4));
  d.settle();
  const auto& head = d.result().heads[0];
  EXPECT_EQ(words(d), "“better” looks at “are” in head 1");
  EXPECT_THAT(formula(d), HasSubstr(core::shown(head.scores.values(3, 2), 4)));
  EXPECT_THAT(formula(d), HasSubstr(core::shown(static_cast<double>(head.weights(3, 2)), 4)));
  EXPECT_NEAR(head.scores.values(3, 2),
              d.result().beta * (head.query.values(3, 0) * head.key.values(2, 0) +
                                 head.query.values(3, 1) * head.key.values(2, 1)),
              1e-12);
}

TEST(HeadsLab, EveryNumberOfTheWaySaysWhereItComesFrom) {
  Driver d;
  d.click("Shapes");
  const auto pointed = [&](const char* sheet, Index row, Index column, Index rows, Index columns) {
    d.point_at(cell_of(d, sheet, row, column, rows, columns));
    d.settle();
    return words(d) + " | " + formula(d);
  };
  const auto& r = d.result();
  EXPECT_THAT(pointed("heads q", 1, 0, 4, 2), HasSubstr("the query of “heads” in head 1"));
  EXPECT_THAT(pointed("heads q", 1, 0, 4, 2), HasSubstr(core::shown(r.heads[0].query.values(1, 0), 4)));
  EXPECT_THAT(pointed("heads concat", 2, 3, 4, 4), HasSubstr("what head 2 found for “are”"));
  EXPECT_THAT(pointed("heads concat", 2, 3, 4, 4), HasSubstr(core::shown(r.concat.values(2, 3), 4)));
  EXPECT_THAT(pointed("heads WO", 0, 3, 4, 4),
              HasSubstr("How much number 2 of head 2 counts in number 1 of y"));
  EXPECT_THAT(pointed("heads Y", 3, 1, 4, 4), HasSubstr("W_O mixes what all heads found for “better”"));
  EXPECT_THAT(pointed("heads Y", 3, 1, 4, 4), HasSubstr(core::shown(r.output.values(3, 1), 6)));
  EXPECT_THAT(pointed("heads X", 0, 2, 4, 4), HasSubstr("Number 3 of “many”"));
  EXPECT_THAT(pointed("heads queries", 1, 0, 4, 1), HasSubstr("How widely “heads” looks in each head"));
  EXPECT_THAT(pointed("heads keys", 1, 0, 4, 1), HasSubstr("How much “heads” is looked at in head 1"));
}

TEST(HeadsLab, AMixSaysItsLargestTermsFirst) {
  Driver d;
  d.point_at(cell_of(d, "heads concat", 8, 3, 13, 32));
  d.settle();
  const auto& head = d.result().heads[0];
  EXPECT_THAT(formula(d), HasSubstr("= " + core::shown(static_cast<double>(head.weights(8, 7)), 4) + " · "))
      << "the token before, which is the eighth term by place";
}

TEST(HeadsLab, AClickPinsATokenAndEscLetsItGo) {
  Driver d;
  d.settle();
  d.click(cell_of(d, "heads queries", 8, 0, 13, 1));
  d.point_at(widgets::Point{2, 2});
  d.settle();
  EXPECT_EQ(d.topic().view().pinned, (ManyHeads::Spot{Panel::kQueryToken, {8, 0}}));
  EXPECT_THAT(words(d), HasSubstr("“dog”"));
  d.click("heads head 3");
  EXPECT_EQ(d.topic().view().head, 2);
  EXPECT_THAT(words(d), HasSubstr("“dog”")) << "a token stays lit in another head";
  d.key(shell::Key::kEscape);
  EXPECT_FALSE(d.topic().view().pinned);
}

TEST(HeadsLab, ThePlayheadTellsTheWay) {
  Driver d;
  d.settle();
  d.lab().playhead().t = 0;
  ASSERT_EQ(d.lab().last_step(), ManyHeads::kPhases - 1 + 13);
  const auto& r = d.result();
  const auto& head = r.heads[0];
  const auto row = [](const Tensor<double>& m, int digits) { return core::shown(m(3, 0), digits); };
  // What a step says, and the number of the token that it is told of.
  const std::pair<const char*, std::string> story[] = {
      {"13 tokens, each a row", row(r.input.values, 3)},
      {"Each head has its own rows", row(head.query.values, 4)},
      {"Every query meets every key of head 1: here “on” meets “sat”",
       core::shown(head.scores.values(3, 2), 4)},
      {"Every row of head 1's weights sums to 1: “on” looks at “sat” most",
       core::shown(static_cast<double>(head.weights(3, 2)), 4)},
      {"Each token takes the values it looks at", row(r.concat.values, 4)},
      {"All 4 heads do the same", core::shown(r.heads[1].entropy[3], 3)},
      {"Nothing is added up yet", row(r.concat.values, 3)},
      {"W_O mixes the heads", row(r.output.values, 6)},
      {"Token 1 of 13: “the” looks most at", core::shown(head.weights(0, head.strongest[0]), 3)},
      {"Token 2 of 13: “cat” looks most at", core::shown(head.weights(1, head.strongest[1]), 3)}};
  for (const auto& [words_of_step, number] : story) {
    EXPECT_THAT(words(d), HasSubstr(words_of_step));
    EXPECT_THAT(formula(d), HasSubstr(number)) << words_of_step;
    d.key(shell::Key::kRight);
  }
  ManyHeads::View view;
  view.playhead.t = 2.25;
  const auto f = ManyHeads::focus(d.result(), view, false);
  EXPECT_EQ(f.phase, Phase::kWeights) << "on its way";
  EXPECT_EQ(f.of(Phase::kScores), 1);
  EXPECT_EQ(f.of(Phase::kWeights), 0.5f);
  EXPECT_EQ(f.of(Phase::kMix), 0);
  view.playhead.t = 2;
  EXPECT_EQ(ManyHeads::focus(d.result(), view, false).phase, Phase::kScores);
  view.playhead.t = 12;
  EXPECT_EQ(ManyHeads::focus(d.result(), view, false).query, 4) << "one token after the other";
  view.pinned = ManyHeads::Spot{Panel::kQueryToken, {9, 0}};
  EXPECT_EQ(ManyHeads::focus(d.result(), view, false).query, 9) << "but for the one that is held";
}

TEST(HeadsLab, CausalHidesWhatComesLater) {
  Driver d;
  d.click("Causal=on");
  const auto& head = d.result().heads[0];
  for (Index t = 0; t < 13; ++t)
    for (Index s = t + 1; s < 13; ++s) EXPECT_EQ(head.weights(t, s), 0);
  EXPECT_EQ(head.weights(0, 0), 1);
  d.point_at(cell_of(d, "heads weights", 2, 5, 13, 13));
  d.settle();
  EXPECT_THAT(words(d), HasSubstr("hidden, for it comes later"));
}

TEST(HeadsLab, TypedWeightsStartFromWhatWasThere) {
  Driver d;
  d.click("Shapes");
  const Tensor<double> before = d.result().output.values, out = d.result().w_out.values;
  d.click("Weights");
  d.click("Weights=typed");
  EXPECT_EQ(d.result().output.values, before);
  EXPECT_EQ(d.result().heads[0].job, "");
  d.type("W_O[1,1]", "100");
  EXPECT_NEAR(d.result().output.values(2, 0) - before(2, 0),
              (100 - out(0, 0)) * d.result().concat.values(2, 0), 1e-9);
  EXPECT_EQ(d.result().output.values(2, 1), before(2, 1));
  d.type("Embedding D", "9");
  EXPECT_TRUE(d.says("Typed matrices have at most 8 rows and columns, but D is 9")) << d.app().transcript();
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.result().w_out.values(0, 0), 100) << "undo brings the typed ones back";
}

TEST(HeadsLab, ValuesFromAFileAreBroughtIntoRange) {
  ManyHeads::Params p;
  p.heads = 1'000'000;
  p.head_dim = 0;
  p.embed_dim = -3;
  p.patch = 0;
  p.seed = -1;
  p.beta = std::numeric_limits<double>::quiet_NaN();
  p.signal = Tensor<double>({3, 3});
  p.taps = Tensor<double>({100}, 1.0);
  p.text = std::string(300'000, 'x') + "\u20AC";
  p.fit();
  EXPECT_EQ(p.heads, 16);
  EXPECT_EQ(p.head_dim, 1);
  EXPECT_EQ(p.embed_dim, 1);
  EXPECT_EQ(p.patch, 1);
  EXPECT_EQ(p.seed, 1);
  EXPECT_EQ(p.beta, 1);
  EXPECT_EQ(p.signal.shape(), core::Shape{1});
  EXPECT_EQ(p.taps.shape(), core::Shape{7});
  EXPECT_EQ(p.text.size(), 200'000u);
}

TEST(HeadsLab, ANanInTheSignalIsCarried) {
  Driver d;
  d.click("Convolution");
  d.type("x[3]", "nan");
  EXPECT_EQ(d.topic().error(), "");
  EXPECT_TRUE(std::isnan(d.result().output.values(2, 0)));
  EXPECT_TRUE(std::isnan(d.result().output.values(0, 0))) << "every row, for its key is NaN";
  EXPECT_EQ(d.result().correlated.values(0, 0), 1) << "the convolution has it in three windows only";
  EXPECT_FALSE(d.result().correlates);
  EXPECT_EQ(d.result().weight_range().hi, 1);
  EXPECT_TRUE(d.says("0 · NaN is NaN")) << d.app().transcript();
  EXPECT_THAT(words(d), HasSubstr("x3 is not finite, and 0 times it is NaN: its key makes every row NaN"));
  d.key(shell::Key::kZ, true);
  EXPECT_TRUE(d.result().correlates);
  EXPECT_FALSE(d.says("0 · NaN is NaN"));
}

TEST(HeadsLab, ASentenceOfFortyWordsIsTypedAndSeen) {
  Driver d;
  d.settle();
  const float before = d.find("Text").h;
  d.click("Text");
  d.key(shell::Key::kA, true);
  std::string text;
  for (int i = 1; i <= 40; ++i) text += (i > 1 ? " word" : "word") + std::to_string(i);
  d.write(text.substr(0, 20));
  EXPECT_EQ(d.result().tokens(), 4) << "as it is typed";
  d.write(text.substr(20));
  d.key(shell::Key::kEnter);
  EXPECT_EQ(d.params().text, text) << "lines that are broken are no line ends";
  EXPECT_EQ(d.result().tokens(), 40);
  EXPECT_GT(d.find("Text").h, before) << "it has as many lines as it needs";
  EXPECT_EQ(d.lab().last_step(), ManyHeads::kPhases - 1) << "too many to visit one by one";
  EXPECT_LE(most_looked_at(d.result().heads[0], 20, 3).size(), 3u);
  EXPECT_EQ(most_looked_at(d.result().heads[0], 20, 3).front(), 19);
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.result().tokens(), 13) << "one edit to undo";
}

TEST(HeadsLab, APictureIsToldOfOnePatchThatIsMarked) {
  Driver d;
  d.click("Digit");
  const auto& r = d.result();
  EXPECT_THAT(words(d), HasSubstr("patch " + std::to_string(r.telling + 1) + " looks most at"));
  d.point_at(cell_of(d, "heads patches", 2, 4, 7, 7));
  d.settle();
  EXPECT_EQ(ManyHeads::focus(d.result(), d.topic().view(), false).query, 2 * 7 + 4);
  EXPECT_EQ(d.lab().last_step(), ManyHeads::kPhases - 1);
}

}  // namespace
}  // namespace vitrine::labs::heads_lab_test
