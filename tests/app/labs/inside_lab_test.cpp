#include "app/labs/inside/lab.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/core/text.h"
#include "engine/train/models.h"
#include "tests/app/app_driver.h"
#include "tests/app/recording_canvas.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::labs::inside_lab_test {
namespace {

using core::Index;
using inside::Exhibit;
using testing::HasSubstr;
using testing::Not;

train::TrainConfig small_run(train::ModelKind kind = train::ModelKind::kVit) {
  train::TrainConfig config = train::preset("demo").value();
  config.dataset = {train::DatasetKind::kDigits, "", 512, 128};
  config.model = train::ModelConfig::of(kind);
  if (kind == train::ModelKind::kVit) {
    config.model.patch_size = 7;
    config.model.depth = 2;
    config.model.heads = 4;
    config.model.embed_dim = 16;
    config.model.head_dim = 4;
    config.model.mlp_dim = 16;
  } else if (kind == train::ModelKind::kCnn) {
    config.model.layers[0].filters = 4;
    config.model.layers[3].filters = 6;
  } else {
    config.model.layers[0].units = 9;
  }
  config.optimizer.learning_rate = 1e-3;
  config.threads = 1;
  return config;
}

// The lab over a run of its own, some updates on.
struct Driver : AppDriver {
  explicit Driver(const train::TrainConfig& config = small_run(), double steps = 12) : AppDriver(one()) {
    Workbench::Params params;
    params.config = config;
    bench().adopt(params);
    go_to(steps);
  }
  InsideModel& lab_of() { return dynamic_cast<InsideModel&>(lab()); }
  Workbench& bench() { return lab_of().bench(); }
  const inside::Scene& scene() { return lab_of().scene(); }
  const Looked& looked() { return *scene().looked; }
  const train::Inside& in() { return looked().inside; }
  void go_to(double step) {
    lab().settle(step);
    settle();
  }
  void open(const std::string& exhibit) { click("inside " + exhibit); }
  std::string words() { return lab().explain().words; }
  // Whether a text of the picture, on a canvas of 800 x 600, holds the words.
  bool draws(const std::string& words) {
    RecordingCanvas canvas;
    lab().draw(canvas);
    return std::ranges::any_of(canvas.texts,
                               [&](const auto& text) { return text.words.find(words) != std::string::npos; });
  }
  std::string formula() { return widgets::plain_text(lab().explain()); }
  // The middle of a cell of something drawn in rows x columns cells.
  widgets::Point cell(const std::string& name, Index row, Index column, Index rows, Index columns) const {
    const widgets::Rect r = find(name);
    return {r.x + r.w * (static_cast<float>(column) + 0.5f) / static_cast<float>(columns),
            r.y + r.h * (static_cast<float>(row) + 0.5f) / static_cast<float>(rows)};
  }
  void hover(widgets::Point p) {
    point_at(p);
    settle();
  }

 private:
  static std::vector<std::unique_ptr<Lab>> one() {
    std::vector<std::unique_ptr<Lab>> labs;
    labs.push_back(std::make_unique<InsideModel>(std::make_shared<Workbench>(nullptr), nullptr));
    return labs;
  }
};

std::string three(double value) { return core::shown(value, 3); }

TEST(InsideLab, OpensWithTheClassTokensAttentionInEveryLayerAndHead) {
  Driver d;
  EXPECT_EQ(d.looked().step, 12);
  EXPECT_EQ(d.scene().token->attention, train::attention_maps(d.in().attention, d.in().grid, 0));
  EXPECT_EQ(d.scene().focus.head, (HeadPlace{1, 0})) << "of the last layer";
  EXPECT_TRUE(d.draws("Where the class token looks"));
  EXPECT_TRUE(d.draws("2 layers ↓ × 4 heads →"));
  EXPECT_TRUE(d.says("Step 12 of 12"));
  const Index key = d.scene().focus.key;
  for (Index other = 0; other < 17; ++other)
    EXPECT_GE(d.in().attention(1, 0, 0, key), d.in().attention(1, 0, 0, other));
  EXPECT_THAT(d.formula(), HasSubstr(core::shown(d.in().attention(1, 0, 0, key), 4)));
  EXPECT_THAT(d.formula(), HasSubstr(core::shown(d.scene().token->scores[static_cast<std::size_t>(key)], 4)));
}

TEST(InsideLab, APatchPointedAtIsLitInEveryPicture) {
  Driver d;
  d.hover(d.cell("inside probe", 1, 2, 4, 4));  // token 7 behind the class token
  EXPECT_EQ(d.scene().focus.token, 7);
  EXPECT_EQ(d.scene().token->attention, train::attention_maps(d.in().attention, d.in().grid, 7));
  d.click(d.cell("inside probe", 1, 2, 4, 4));
  d.hover(d.cell("inside heads", 0 * 4 + 3, 2 * 4 + 1, 8, 16));  // layer 1, head 3, patch 14
  EXPECT_EQ(d.scene().focus.token, 7) << "pinned";
  EXPECT_EQ(d.scene().focus.head, (HeadPlace{0, 2}));
  EXPECT_EQ(d.scene().focus.key, 1 + 3 * 4 + 1);
  EXPECT_THAT(d.words(), HasSubstr("Layer 1, head 3: patch 14"));
  EXPECT_THAT(d.formula(), HasSubstr(core::shown(d.in().attention(0, 2, 7, 14), 4)));
  d.click(d.cell("inside heads", 0 * 4 + 3, 2 * 4 + 1, 8, 16));
  d.hover(d.cell("inside weights", 3, 9, 17, 17));
  EXPECT_EQ(d.scene().focus.head, (HeadPlace{0, 2})) << "chosen";
  EXPECT_EQ(d.scene().focus.token, 3);
  EXPECT_EQ(d.scene().focus.key, 9);
  d.open("Rollout");
  EXPECT_EQ(d.scene().focus.token, 7) << "the same in every exhibit";
  d.key(shell::Key::kEscape);
  EXPECT_FALSE(d.scene().focus.token);
}

TEST(InsideLab, ThePlayheadWalksTheKeptSteps) {
  Driver d;
  const auto attention = d.in().attention;
  ASSERT_GE(d.bench().snapshot()->past.kept.size(), 3u);
  const Index kept = d.bench().snapshot()->past.kept[1].step;
  d.go_to(static_cast<double>(kept));
  EXPECT_EQ(d.looked().step, kept);
  EXPECT_FALSE(d.in().attention == attention);
  EXPECT_TRUE(d.says("Step " + core::grouped(kept) + " of 12"));
  d.click("Earlier");
  EXPECT_EQ(d.looked().step, 0);
  d.click("Later");
  EXPECT_EQ(d.looked().step, kept);
  d.click("Newest");
  EXPECT_EQ(d.looked().step, 12);
  EXPECT_EQ(d.in().attention, attention) << "the same state, the same bits";
}

TEST(InsideLab, RolloutIsTheSumOverTheLayerBefore) {
  Driver d;
  d.open("Rollout");
  const auto& rollouts = d.in().rollouts;
  d.hover(d.cell("inside rollouts", 2, 1 * 4 + 3, 4, 8));  // layer 2, patch 12
  EXPECT_EQ(d.scene().focus.head.layer, 1);
  double sum = 0;
  for (Index j = 0; j < 17; ++j)
    sum += static_cast<double>(d.scene().token->mixed[static_cast<std::size_t>(j)]) * rollouts(0, j, 12);
  EXPECT_NEAR(sum, rollouts(1, 0, 12), 1e-6);
  EXPECT_THAT(d.formula(), HasSubstr(three(rollouts(1, 0, 12))));
  EXPECT_EQ(d.scene().head->rollout, d.in().rollout);
  d.click(d.cell("inside rollouts", 2, 0 * 4 + 3, 4, 8));
  d.hover(d.cell("inside rollout", 5, 6, 17, 17));
  EXPECT_THAT(d.formula(), HasSubstr(three(rollouts(0, 5, 6)))) << "of the layer that was clicked";
}

TEST(InsideLab, DistanceOfEveryHead) {
  Driver d;
  d.open("Distance");
  d.hover(d.cell("inside distances", 0, 3, 2, 4));
  EXPECT_THAT(d.formula(), HasSubstr(three(d.in().attention_distance(0, 3)) + " px"));
  // 4 x 4 patches of 7 px: the mean of all distances between two of them.
  double even = 0;
  for (int i = 0; i < 16; ++i)
    for (int j = 0; j < 16; ++j) even += 7 * std::hypot(i / 4 - j / 4, i % 4 - j % 4) / 256;
  EXPECT_NEAR(d.scene().head->even_distance, even, 1e-9);
  EXPECT_THAT(d.words(), HasSubstr(three(even) + " px"));
  EXPECT_EQ(d.scene().head->distances.size(), 8u);
}

TEST(InsideLab, TheLensReadsEveryLayerForTheTokenAndTheClass) {
  Driver d;
  d.open("Lens");
  EXPECT_EQ(d.scene().token->classes.shape(), (core::Shape{10, 3}));
  for (Index v = 0; v < 10; ++v)
    EXPECT_EQ(d.scene().token->classes(v, 2), static_cast<double>(d.in().lens_pooled_probabilities(2, v)));
  EXPECT_EQ(d.scene().focus.label, d.looked().label);
  d.click(d.cell("inside lens", 4, 1, 10, 3));
  EXPECT_EQ(d.scene().focus.label, 4);
  EXPECT_THAT(d.words(), HasSubstr("After layer 1 the class token would say"));
  EXPECT_THAT(d.formula(), HasSubstr(three(d.in().lens_pooled_probabilities(1, 4))));
  d.hover(d.cell("inside lens maps", 2, 0 * 4 + 1, 4, 12));  // before the first layer, patch 10
  EXPECT_EQ(d.scene().focus.token, 10);
  EXPECT_EQ(d.scene().focus.label, 4) << "pinned";
  EXPECT_THAT(d.words(), HasSubstr("Before the first layer patch 10 would say"));
  EXPECT_THAT(d.formula(), HasSubstr(three(d.in().lens_probabilities(0, 10, 4))));
  EXPECT_EQ(d.scene().token->lens(2, 1), d.in().lens_probabilities(0, 10, 4));
}

TEST(InsideLab, FiltersAndWhatTheyMakeOfTheProbe) {
  Driver d;
  d.open("Filters");
  ASSERT_TRUE(d.scene().weights);
  const auto& w = *d.scene().weights;
  EXPECT_TRUE(d.draws("16 of 1 × 7 × 7"));
  d.hover(d.cell("inside kernels", 1 * 7 + 3, 2 * 7 + 3, 28, 28));  // the seventh by length
  EXPECT_THAT(d.words(), HasSubstr("Filter " + std::to_string(w.filters.numbers[6] + 1) + " of"));
  EXPECT_THAT(d.formula(), HasSubstr(core::shown(w.filters.norms[6], 4)));
  d.hover(d.cell("inside maps patch_embed.proj", 0 * 4 + 3, 1 * 4 + 2, 16, 16));  // of the second, at (4, 3)
  const double answer = w.features[0].maps.single[1](3, 2);
  EXPECT_THAT(d.formula(), HasSubstr(core::shown(answer, 4)));
  EXPECT_THAT(d.formula(), HasSubstr(three(answer - static_cast<double>(w.bias[1]))));
  d.click("inside filters Principal components");
  EXPECT_TRUE(d.draws("Components"));
  d.hover(d.cell("inside components", 3, 3, 28, 28));
  EXPECT_THAT(d.formula(), HasSubstr(three(w.components.shares[0])));
}

TEST(InsideLab, LearnedPositionsAreComparedWithEachOther) {
  Driver d;
  d.open("Positions");
  ASSERT_TRUE(d.scene().weights);
  const auto& cosines = d.scene().weights->cosines;
  EXPECT_NEAR(cosines(5, 5), 1, 1e-12);
  d.hover(d.cell("inside positions", 1 * 4 + 3, 0 * 4 + 2, 16, 16));  // the map of patch 5, its patch 15
  EXPECT_THAT(d.formula(), HasSubstr(three(cosines(5, 15))));
  EXPECT_THAT(d.words(), HasSubstr("patch 5 and patch 15"));
  train::TrainConfig config = small_run();
  config.model.positions = nn::Positions::kSinusoidal;
  Driver none(config, 0);
  none.open("Positions");
  EXPECT_TRUE(none.draws("This model learns no positions"));
}

TEST(InsideLab, MistakesOfTheWholeValidationSplit) {
  Driver d;
  d.open("Mistakes");
  ASSERT_TRUE(d.scene().judged);
  const inside::Judgement& judged = *d.scene().judged;
  core::Workers alone(1);
  const auto expected = train::evaluate(*d.looked().model, *d.looked().weights, *d.looked().dataset,
                                        d.looked().dataset->validation, alone);
  EXPECT_EQ(judged.evaluation.confusion, expected.confusion);
  EXPECT_TRUE(d.draws("of 128 validation images right"));
  const auto worst = expected.worst(3);
  ASSERT_EQ(d.scene().gallery->images.front().number, worst.front());
  const auto cell = judged.most_confused;
  EXPECT_THAT(d.words(), HasSubstr(core::grouped(expected.confusion(cell.row, cell.column)) + " of "));

  d.click(d.cell("inside confusion", cell.row, cell.column, 10, 10));
  for (const auto& image : d.scene().gallery->images) {
    EXPECT_EQ(image.label, cell.row);
    EXPECT_EQ(image.prediction, cell.column);
  }
  EXPECT_EQ(d.scene().gallery->among, expected.confusion(cell.row, cell.column));
  const auto first = d.scene().gallery->images.front();
  d.hover(d.find("inside image 1").center());
  EXPECT_THAT(d.formula(), HasSubstr(core::shown(first.loss, 4) + " nats"));
  d.click("inside image 1");
  EXPECT_EQ(d.bench().params().probe.image, first.number);
  EXPECT_EQ(d.looked().image, first.number);
  EXPECT_EQ(d.scene().judged.get(), &judged) << "another probe is no other evaluation";
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.bench().params().probe.image, 0) << "an edit like any other";
}

TEST(InsideLab, AStepIsEvaluatedOnce) {
  Driver d;
  d.open("Mistakes");
  const auto newest = d.scene().judged;
  d.go_to(0);
  ASSERT_EQ(d.scene().judged->step, 0);
  EXPECT_NE(d.scene().judged->evaluation.loss, newest->evaluation.loss);
  d.go_to(12);
  EXPECT_EQ(d.scene().judged, newest);
}

TEST(InsideLab, AClassThatNothingIsTakenForHasNoPrecision) {
  Driver d;
  d.open("Mistakes");
  d.go_to(0);
  const auto& counts = d.scene().judged->evaluation.confusion;
  Index never = 0;  // taken: before the first update few classes are
  const auto taken = [&](Index v) {
    Index sum = 0;
    for (Index of = 0; of < counts.size(0); ++of) sum += counts(of, v);
    return sum;
  };
  while (taken(never) > 0) ASSERT_LT(++never, counts.size(1));
  d.click(d.cell("inside confusion", 0, never, 10, 10));
  EXPECT_THAT(d.formula(), HasSubstr(": nothing is taken for it"));
  EXPECT_THAT(d.formula(), Not(HasSubstr("NaN")));
}

TEST(InsideLab, NormsOverTrainingTime) {
  Driver d;
  d.open("Norms");
  ASSERT_TRUE(d.scene().history);
  const inside::NormHistory& h = *d.scene().history;
  const auto& kept = d.bench().snapshot()->past.kept;
  ASSERT_EQ(h.steps.size(), kept.size());
  const auto now = train::layer_norms(*d.looked().model, d.in().weight_norms);
  ASSERT_EQ(h.layers.size(), now.size());
  for (std::size_t i = 0; i < now.size(); ++i) {
    EXPECT_EQ(h.layers[i], now[i].layer);
    EXPECT_NEAR(h.norms(static_cast<Index>(i), std::ssize(h.steps) - 1), now[i].norm, 1e-9);
  }
  EXPECT_TRUE(d.draws("kept steps →"));
  const Index rows = std::ssize(h.layers), columns = std::ssize(h.steps);
  d.click(d.cell("inside norms", 2, 1, rows, columns));
  EXPECT_EQ(d.looked().step, h.steps[1]) << "a click goes there";
  EXPECT_THAT(d.formula(), HasSubstr(core::shown(h.norms(2, 1), 4)));
  EXPECT_THAT(d.words(), HasSubstr("patch_embed at step " + core::grouped(h.steps[1])));
}

TEST(InsideLab, ACnnShowsWhatItHasAndSaysWhatItLacks) {
  Driver d(small_run(train::ModelKind::kCnn));
  EXPECT_TRUE(d.draws("Only a Vision Transformer has tokens"));
  EXPECT_TRUE(d.lab().explain().lines.empty());
  for (const char* exhibit : {"Rollout", "Distance", "Lens", "Positions"}) d.open(exhibit);
  d.open("Filters");
  ASSERT_TRUE(d.scene().weights);
  EXPECT_TRUE(d.draws("4 of 1 × 5 × 5"));
  const auto& features = d.scene().weights->features;
  ASSERT_EQ(features.size(), 4u);
  EXPECT_EQ(features[0].maps.count, 4);
  EXPECT_EQ(features[3].maps.count, 6);
  // The maps stand in the filters' order.
  const auto number = d.scene().weights->filters.numbers[1];
  EXPECT_EQ(features[0].maps.single[1](9, 7), d.in().activations[0].values(number, 9, 7));
  d.click("inside features layers.4");
  EXPECT_TRUE(d.draws("6 of 14 × 14"));
  d.open("Norms");
  EXPECT_THAT(d.words(), HasSubstr("head at step 12"));
}

TEST(InsideLab, AnMlpsRowsArePictures) {
  Driver d(small_run(train::ModelKind::kMlp));
  d.open("Filters");
  ASSERT_TRUE(d.scene().weights);
  EXPECT_TRUE(d.draws("9 of 1 × 28 × 28"));
  d.hover(d.cell("inside maps layers.1 output", 1, 1, 3, 3));
  const auto& w = *d.scene().weights;
  EXPECT_THAT(d.words(), HasSubstr("number 5 of 9 by length"));
  EXPECT_EQ(w.features[0].maps.single[4](0, 0), d.in().activations[0].values[w.filters.numbers[4]]);
}

TEST(InsideLab, WithoutAClassTokenTheLensIsTheMeanOfAllPatches) {
  train::TrainConfig config = small_run();
  config.model.pool = nn::Pool::kMean;
  Driver d(config, 3);
  EXPECT_TRUE(d.draws("Where patch 1 looks"));
  d.open("Lens");
  EXPECT_THAT(d.words(), HasSubstr("After layer 2 the mean of all patches would say"));
  for (const char* exhibit : {"Rollout", "Distance", "Positions", "Filters", "Mistakes", "Norms"}) {
    d.open(exhibit);
    EXPECT_FALSE(d.lab().explain().lines.empty()) << exhibit;
  }
}

TEST(InsideLab, AnotherModelTakesTheOldOnesPlace) {
  Driver d;
  d.open("Filters");
  d.click(d.cell("inside kernels", 27, 27, 28, 28));
  Workbench::Params params = d.bench().params();
  params.config = small_run(train::ModelKind::kCnn);
  d.bench().adopt(params);
  d.go_to(0);
  EXPECT_TRUE(d.draws("4 of 1 × 5 × 5"));
  EXPECT_THAT(d.words(), HasSubstr("number 4 of 4"));
}

TEST(InsideLab, AKeptRunIsLookedAtInPlaceOfAnOpenedModel) {
  const io::TemporaryFolder session;
  {
    Workbench bench(nullptr, session / "1");
    bench.adopt({.config = small_run()});
    bench.settle(3);
  }
  Driver d(small_run(), 0);
  d.app().open(std::filesystem::path(VITRINE_REFERENCE "/opened_vit/plain.safetensors"));
  d.settle();
  ASSERT_TRUE(d.looked().opened);
  const auto run = session / "1" / "run 1", damaged = session / "damaged";
  std::filesystem::copy(run, damaged);
  std::filesystem::resize_file(damaged / train::kCheckpointFile, 1000);
  d.app().open(damaged);
  d.settle();
  EXPECT_THAT(d.app().message(), HasSubstr("is cut or damaged"));
  EXPECT_TRUE(d.looked().opened) << "what cannot be opened takes nothing away";
  d.app().say("");
  d.app().open(run);
  d.settle();
  EXPECT_EQ(d.app().message(), "");
  EXPECT_FALSE(d.looked().opened);
  EXPECT_EQ(d.looked().step, 3);
}

}  // namespace
}  // namespace vitrine::labs::inside_lab_test
