#include "app/labs/positions/lab.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "app/labs/labs.h"
#include "app/labs/training/lab.h"
#include "tests/app/app_driver.h"

namespace vitrine::labs::positions_lab_test {
namespace {

using core::Index;
using testing::HasSubstr;
using widgets::Point;
using widgets::Rect;
using Driver = LabDriver<Positions>;
using Kind = Positions::Kind;

// What the strip says, words and mathematics.
std::string explained(AppDriver& d) {
  const widgets::Equation equation = d.lab().explain();
  return equation.words + "\n" + widgets::plain_text(equation);
}

// The middle of a cell of a grid that stands at `name`.
Point cell(const AppDriver& d, const std::string& name, Index row, Index rows, Index column, Index columns) {
  const Rect grid = d.find(name);
  return {grid.x + grid.w * (static_cast<float>(column) + 0.5f) / static_cast<float>(columns),
          grid.y + grid.h * (static_cast<float>(row) + 0.5f) / static_cast<float>(rows)};
}

TEST(PositionsLab, OpensWithTheWavesOfTheExercise) {
  Driver d;
  d.settle();
  const auto& pe = d.result().encoding;
  ASSERT_EQ(pe.shape(), (core::Shape{16, 8}));
  const double second[] = {.90930, -.41615, .19867, .98007, .02, .9998, .002, 1.0};
  for (Index i = 0; i < 8; ++i) EXPECT_NEAR(pe(1, i), second[i], 5e-6) << "position 2, component " << i;
  EXPECT_NEAR(d.result().wavelengths[1], 62.83, 5e-3);
  EXPECT_EQ(d.lab().last_step(), 15);
  EXPECT_EQ(d.lab().playhead().t, 15) << "all of it";
  d.key(shell::Key::kHome);
  EXPECT_THAT(explained(d), HasSubstr("= 0.84147"));
  d.key(shell::Key::kRight);
  EXPECT_THAT(explained(d), HasSubstr("PE_2, 0"));
  EXPECT_THAT(explained(d), HasSubstr("= 0.9093"));
}

TEST(PositionsLab, APointedCellExplainsItsWave) {
  Driver d;
  d.settle();
  d.click(cell(d, "positions code", 5, 8, 9, 16));
  EXPECT_THAT(explained(d), HasSubstr("PE_10, 5 = cos(10)/(10,000^4/8) = cos(10)/(100) = 0.995"));
  EXPECT_THAT(explained(d), HasSubstr("628.319 positions"));
  d.point_at(Point{4, 4});
  d.settle();
  EXPECT_THAT(explained(d), HasSubstr("PE_10, 5")) << "pinned";
  d.key(shell::Key::kEscape);
  EXPECT_THAT(explained(d), HasSubstr("PE_16, 0")) << "the playhead's";
}

TEST(PositionsLab, DimStaysEven) {
  Driver d;
  d.settle();
  d.click("Dim more");
  EXPECT_EQ(d.params().dim, 10);
  d.click("Dim less");
  EXPECT_EQ(d.params().dim, 8);
  d.type("Dim", "5");
  EXPECT_EQ(d.params().dim, 4);
  EXPECT_EQ(d.result().dim(), 4);
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.result().dim(), 8);
}

TEST(PositionsLab, ProductsOfWavesDependOnTheDistanceOnly) {
  Driver d;
  d.click("Distances");
  const auto& products = d.result().products;
  ASSERT_EQ(products.shape(), (core::Shape{40, 40}));
  for (Index t = 0; t < 35; ++t) EXPECT_NEAR(products(t, t + 5), 3.159983, 5e-7) << t;
  EXPECT_LT(d.result().largest_spread, 1e-13);
  d.click(cell(d, "positions products", 11, 40, 16, 40));
  EXPECT_THAT(explained(d),
              HasSubstr("PE_12 · PE_17 = cos(5)/(1) + cos(5)/(10) + cos(5)/(100) + cos(5)/(1,000)"));
  EXPECT_THAT(explained(d), HasSubstr("= 3.159983"));
  EXPECT_EQ(d.lab().last_step(), 39);
}

TEST(PositionsLab, OtherProductsDependOnThePlace) {
  Driver d;
  d.click("Distances");
  d.type("Length", "10");
  Positions::Params params = d.params();
  params.kind = Kind::kIndex;
  EXPECT_EQ(Positions::compute(params, {}).largest_spread, 99) << "10*10 - 1*1";
  params.kind = Kind::kNormalised;
  EXPECT_NEAR(Positions::compute(params, {}).largest_spread, 0.99, 1e-12);
}

TEST(PositionsLab, APhraseKeepsItsProductsAmongWavesOnly) {
  Driver d;
  d.click("A phrase moves");
  const auto& phrase = d.result().phrase;
  ASSERT_EQ(phrase.words.size(), 5u);
  ASSERT_EQ(phrase.places.size(), 6u) << "from positions 1 to 5 up to 6 to 10";
  EXPECT_EQ(d.lab().last_step(), 5);
  EXPECT_NEAR(phrase.places[0].products(0, 4), 2.26661, 5e-6);
  EXPECT_LT(phrase.places[5].largest_difference, 1e-14);
  EXPECT_THAT(explained(d), HasSubstr("first PE_1 · PE_5"));
  EXPECT_THAT(explained(d), HasSubstr("here PE_6 · PE_10 = 2.26661"));

  d.click("The same by index");
  const auto& index = d.result().phrase;
  EXPECT_EQ(index.places[0].products(0, 4), 5) << "1 times 5";
  EXPECT_EQ(index.places[5].products(0, 4), 60) << "6 times 10";
  EXPECT_EQ(index.places[5].largest_difference, 75) << "10*10 - 5*5";
  EXPECT_THAT(explained(d), HasSubstr("first PE_1 · PE_5 = 5,   here PE_6 · PE_10 = 60"));
  Positions::Params params = d.params();
  params.kind = Kind::kNormalised;
  EXPECT_NEAR(Positions::compute(params, {}).phrase.places[5].largest_difference, 0.75, 1e-12);
}

TEST(PositionsLab, PointingAtAProductOfThePhraseLightsItAtBothPlaces) {
  Driver d;
  d.click("A phrase moves");
  d.click(cell(d, "positions here", 1, 5, 3, 5));
  EXPECT_THAT(explained(d), HasSubstr("“swam” and “the”: the same two words, 2 apart"));
  EXPECT_THAT(explained(d), HasSubstr("first PE_2 · PE_4"));
  EXPECT_THAT(explained(d), HasSubstr("here PE_7 · PE_9"));
  d.key(shell::Key::kHome);
  EXPECT_THAT(explained(d), HasSubstr("here PE_2 · PE_4"));
}

TEST(PositionsLab, LengthTenThousand) {
  Driver d;
  d.click("Index, 10,000");
  EXPECT_EQ(d.result().counts.ratio, 10'000);
  EXPECT_EQ(d.result().counts.step, 1);
  EXPECT_THAT(explained(d), HasSubstr("(PE_10,000)/(PE_1) = (10,000)/(1) = 10,000"));
  d.click("Normalised, 10,000");
  EXPECT_DOUBLE_EQ(d.result().counts.step, 0.0001);
  EXPECT_DOUBLE_EQ(d.result().short_counts.step, 0.1);
  EXPECT_THAT(explained(d), HasSubstr("PE_10 = (t)/(n) = (10)/(10,000) = 0.001"));
  EXPECT_THAT(explained(d), HasSubstr("in a sequence of 10: PE_10 = (10)/(10) = 1"));
  d.click("Waves, 10,000");
  EXPECT_EQ(d.result().encoding.shape(), (core::Shape{10'000, 64}));
  EXPECT_EQ(d.result().tiles.size(), 3u) << "of at most 4,096 positions";
  EXPECT_EQ(d.result().tiles[2].shape(), (core::Shape{64, 10'000 - 2 * 4'096}));
  EXPECT_FLOAT_EQ(d.result().tiles[2](1, 0), static_cast<float>(d.result().encoding(8'192, 1)));
  EXPECT_EQ(d.lab().last_step(), 9'999);
  EXPECT_LT(d.most_vertices(), 60'000);
}

TEST(PositionsLab, ProductsOfALongSequenceAreThoseOfItsFirstPositions) {
  Driver d;
  d.click("Distances");
  d.type("Length", "10000");
  EXPECT_EQ(d.result().products.shape(), (core::Shape{256, 256}));
  EXPECT_TRUE(d.says("The products of the first 256 positions are shown."));
  EXPECT_EQ(d.lab().last_step(), 255);
}

TEST(PositionsLab, WordsAreEditedAndWhatIsNoPhraseIsSaid) {
  Positions::Params params;
  params.scene = Positions::Scene::kPhrase;
  params.phrase = "  two   words ";
  params.rest = "";
  EXPECT_TRUE(Positions::validate(params).empty());
  const auto alone = Positions::compute(params, {});
  EXPECT_EQ(alone.phrase.words, (std::vector<std::string>{"two", "words"}));
  EXPECT_EQ(Positions::last_step(alone), 0) << "nothing to move through";
  params.phrase = "a b c d e f g h i j";
  EXPECT_EQ(Positions::compute(params, {}).phrase.words.size(), 8u);
  params.phrase = " \t ";
  ASSERT_EQ(Positions::validate(params).size(), 1u);
  EXPECT_EQ(Positions::validate(params)[0].control, "Phrase");
  EXPECT_THAT(Positions::validate(params)[0].words, HasSubstr("type at least one word"));
}

TEST(PositionsLab, TextFromAFileIsOneLineAndStaysTheSame) {
  Positions::Params params;
  params.phrase = "line\nbreak \x1b \xff 😀 שלום";
  params.rest = std::string(1'000, 'x') + "é";
  params.fit();
  EXPECT_THAT(params.phrase, testing::Not(HasSubstr("\n")));
  EXPECT_THAT(params.phrase, HasSubstr("😀 שלום"));
  EXPECT_EQ(params.rest.size(), 240u);
  const Positions::Params once = params;
  params.fit();
  EXPECT_EQ(params, once);
}

TEST(PositionsLab, SmallestSequencesOfEveryKindCanBeSeen) {
  Driver d;
  d.settle();
  for (const char* preset : {"Waves", "Distances", "Index, 10,000", "Normalised, 10,000"}) {
    d.click(preset);
    d.type("Length", "1");
    EXPECT_EQ(d.result().positions(), 1) << preset;
    EXPECT_EQ(d.lab().last_step(), 0) << preset;
    EXPECT_NE(explained(d), "") << preset;
  }
}

// What another lab would give: a model's snapshot.
std::shared_ptr<train::TrainSnapshot> snapshot(Index tokens, Index dim) {
  auto s = std::make_shared<train::TrainSnapshot>();
  s->step = 1'234;
  auto data = std::make_shared<train::Dataset>();
  data->train.images = core::Tensor<std::uint8_t>({1, 1, 28, 28});
  s->dataset = std::move(data);
  s->model.tokens = tokens;
  s->model.first_patch = 1;
  s->model.position_table = core::Tensor<float>(core::Shape{tokens, dim});
  for (Index i = 0; i < tokens * dim; ++i)
    s->model.position_table[i] = static_cast<float>(std::sin(static_cast<double>(i * i)));
  return s;
}

struct LearnedDriver : AppDriver {
  std::shared_ptr<const train::TrainSnapshot> model;

  LearnedDriver() : AppDriver(one(this)) { frames(2); }
  labs::ComputeLab<Positions>& topic() { return dynamic_cast<labs::ComputeLab<Positions>&>(lab()); }
  void choose_learned() {
    click("Encoding");
    click("Encoding=Learned table");
  }

 private:
  static std::vector<std::unique_ptr<Lab>> one(LearnedDriver* driver) {
    std::vector<std::unique_ptr<Lab>> labs;
    labs.push_back(std::make_unique<ComputeLab<Positions>>(nullptr, [driver] { return driver->model; }));
    return labs;
  }
};

TEST(PositionsLab, TheLearnedTableIsTakenAsAnEdit) {
  LearnedDriver d;
  d.choose_learned();
  EXPECT_TRUE(d.says("No model is being trained"));
  EXPECT_EQ(d.topic().params().table.data, "fashion-mnist") << "the one that comes with the program";
  d.model = snapshot(17, 6);
  d.settle();
  d.click("Take the table at step 1,234");
  const auto* r = d.topic().result();
  ASSERT_EQ(r->encoding.shape(), (core::Shape{17, 6}));
  EXPECT_FLOAT_EQ(static_cast<float>(r->encoding(3, 2)), d.model->model.position_table(3, 2));
  EXPECT_EQ(r->name(0), "the class token");
  EXPECT_EQ(r->name(1), "patch 1");
  EXPECT_EQ(d.lab().last_step(), 16);
  d.key(shell::Key::kHome);
  EXPECT_THAT(explained(d), HasSubstr("What the model had learned for the class token at step 1,234"));
  d.model = nullptr;
  d.settle();
  EXPECT_EQ(d.topic().params().table.step, 1'234) << "a value: it does not go with the model";
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.topic().params().table.data, "fashion-mnist");
  EXPECT_EQ(d.topic().result()->encoding.shape(), (core::Shape{50, 32}));
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.topic().params().kind, Kind::kSinusoidal);
  EXPECT_TRUE(d.topic().params().table.rows.empty());
  EXPECT_TRUE(Positions::validate(d.topic().params()).empty());
}

TEST(PositionsLab, TakesTheTableOfTheModelInTheTrainingLab) {
  AppDriver d(all_labs({}));
  ASSERT_TRUE(d.app().select("positions"));
  d.settle();
  d.click("Encoding");
  d.click("Encoding=Learned table");
  EXPECT_TRUE(d.says("No model is being trained")) << "looking on begins none";
  ASSERT_TRUE(d.app().select("training"));
  Workbench::Params run;
  run.config = train::preset("demo").value();
  run.config.dataset = {train::DatasetKind::kDigits, "", 256, 64};
  run.config.model.depth = 1;
  run.config.model.embed_dim = 16;
  run.config.threads = 1;
  Workbench& bench = dynamic_cast<Training&>(d.lab()).bench();
  bench.adopt(run);
  bench.settle(3);
  ASSERT_TRUE(d.app().select("positions"));
  d.settle();
  d.click("Take the table at step 3");
  const auto& lab = dynamic_cast<ComputeLab<Positions>&>(d.lab());
  ASSERT_EQ(lab.result()->encoding.shape(), (core::Shape{17, 16}));
  EXPECT_EQ(static_cast<float>(lab.result()->encoding(5, 7)), bench.snapshot()->model.position_table(5, 7));
  EXPECT_EQ(lab.params().table.first_patch, 1);
  EXPECT_EQ(lab.params().table.columns, 4) << "28 pixels by patches of 7";
}

TEST(PositionsLab, TablesThatCannotBeTakenAreSaidToBe) {
  LearnedDriver d;
  d.choose_learned();
  auto none = snapshot(5, 2);
  none->model.position_table = {};
  d.model = none;
  d.settle();
  EXPECT_TRUE(d.says("learns no positions"));
  d.model = snapshot(2'000, 64);
  d.settle();
  EXPECT_TRUE(d.says("2,000 × 64, is larger than the 65,536 numbers that can be kept"));
}

TEST(PositionsLab, ASentenceLongerThanTheTableIsSaid) {
  Positions::Params params;
  params.kind = Kind::kLearned;
  params.scene = Positions::Scene::kPhrase;
  params.table = {snapshot(5, 4)->model.position_table.cast<double>(), 1, 2, 0, ""};
  ASSERT_EQ(Positions::validate(params).size(), 1u);
  EXPECT_THAT(Positions::validate(params)[0].words,
              HasSubstr("The sentence has 10 words, the learned table positions for 4"));
  params.phrase = "two words";
  params.rest = "two more";
  EXPECT_TRUE(Positions::validate(params).empty());
  const auto r = Positions::compute(params, {});
  double product = 0;
  for (Index i = 0; i < 4; ++i) product += r.encoding(1, i) * r.encoding(2, i);
  EXPECT_DOUBLE_EQ(r.phrase.places[0].products(0, 1), product) << "behind the class token";
}

TEST(PositionsLab, ALearnedTableIsAMapForEveryPatch) {
  Driver d;
  d.click("Learned by a ViT");
  const auto& r = d.result();
  ASSERT_EQ(r.maps.size(), 50u) << "the class token's is the first";
  ASSERT_EQ(r.maps[25].shape(), (core::Shape{7, 7}));
  EXPECT_NEAR(r.maps[25](3, 3), 1, 1e-6) << "patch 25 with itself: row 4, column 4";
  double product = 0, here = 0, right = 0;
  for (Index i = 0; i < 32; ++i) {
    const double a = r.encoding(25, i), b = r.encoding(26, i);
    product += a * b, here += a * a, right += b * b;
  }
  EXPECT_NEAR(r.maps[25](3, 4), product / std::sqrt(here * right), 1e-6);
  EXPECT_GT(r.maps[25](3, 4), 0.6) << "its neighbours are like it";
  EXPECT_GT(r.maps[25](2, 3), 0.6);
  EXPECT_LT(r.maps[25](0, 0), 0) << "a far one is not";
  ASSERT_EQ(r.all_maps.shape(), (core::Shape{49, 49}));
  EXPECT_EQ(r.all_maps(3 * 7 + 2, 3 * 7 + 3), r.maps[25](2, 3));
  EXPECT_EQ(d.lab().playhead().t, 25);
  EXPECT_THAT(explained(d),
              HasSubstr("Likeness of patch 25 (row 4, column 4) and patch 26 (row 4, column 5)"));

  d.click(cell(d, "positions maps", 2 * 7 + 5, 49, 1 * 7 + 6, 49));
  EXPECT_THAT(explained(d), HasSubstr("patch 16 (row 3, column 2) and patch 42 (row 6, column 7)"));
  EXPECT_THAT(explained(d), HasSubstr("cos = (PE_16 · PE_42)/(‖PE_16‖‖PE_42‖)"));
  d.key(shell::Key::kEscape);
  d.point_at(cell(d, "positions map", 0, 7, 6, 7));
  d.settle();
  EXPECT_THAT(explained(d), HasSubstr("patch 25 (row 4, column 4) and patch 7 (row 1, column 7)"));
  d.click("show by distance");
  EXPECT_EQ(d.topic().view().exhibit, Positions::Exhibit::kDistances);
  d.click(cell(d, "positions products", 25, 50, 26, 50));
  EXPECT_THAT(explained(d), HasSubstr("it matters where they stand"));
}

TEST(PositionsLab, TablesFromAFileFillWholeRowsOrOne) {
  Positions::Table table{core::Tensor<double>({7, 2}), 1, 4, -3, "two\nlines"};
  table.fit();
  EXPECT_EQ(table.columns, 6) << "4 do not divide 6 patches: one row";
  EXPECT_EQ(table.step, 0);
  EXPECT_THAT(table.data, testing::Not(HasSubstr("\n")));
  table.columns = 3;
  table.fit();
  EXPECT_EQ(table.columns, 3);
  table.rows = core::Tensor<double>({1, 2});
  table.fit();
  EXPECT_EQ(table.patches(), 0) << "a class token alone";
  Positions::Params params;
  params.kind = Kind::kLearned;
  params.scene = Positions::Scene::kProducts;
  params.table = table;
  EXPECT_FALSE(Positions::compute(params, {}).has_maps());
}

TEST(PositionsLab, NumbersThatAreNoneAreCarried) {
  Positions::Params params;
  params.kind = Kind::kLearned;
  params.table.rows =
      core::Tensor<double>({2, 2}, {1, 2, std::nan(""), std::numeric_limits<double>::infinity()});
  params.fit();
  params.scene = Positions::Scene::kProducts;
  const auto r = Positions::compute(params, {});
  EXPECT_EQ(r.products(0, 0), 5);
  EXPECT_TRUE(std::isnan(r.products(0, 1)));
  EXPECT_TRUE(std::isnan(r.largest_spread));
}

TEST(PositionsLab, ReadsNumbersOfAFileWithinTheirRanges) {
  Positions::Params params;
  params.length = -5;
  params.dim = 1'000'001;
  params.base = std::nan("");
  params.start = std::numeric_limits<Index>::max();
  params.table.rows = core::Tensor<double>(core::Shape{20'000, 4});
  params.table.first_patch = 99;
  params.fit();
  EXPECT_EQ(params.length, 1);
  EXPECT_EQ(params.dim, 128);
  EXPECT_EQ(params.base, 10'000);
  EXPECT_EQ(params.start, 1'000'000);
  EXPECT_TRUE(params.table.rows.empty());
  params.dim = 7;
  params.fit();
  EXPECT_EQ(params.dim, 6);
}

}  // namespace
}  // namespace vitrine::labs::positions_lab_test
