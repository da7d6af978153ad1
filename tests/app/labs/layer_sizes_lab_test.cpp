#include "app/labs/layer_sizes/lab.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/io/json_fields.h"
#include "tests/app/app_driver.h"

namespace vitrine::labs::layer_sizes_lab_test {
namespace {

using core::Shape;
using testing::HasSubstr;
using Driver = LabDriver<LayerSizes>;

const signal::LayerFigures& last(Driver& d) { return d.result().figures.layers.back(); }
std::string explained(Driver& d) {
  const widgets::Equation e = d.lab().explain();
  return e.words + "\n" + widgets::plain_text(e);
}

TEST(LayerSizesLab, OpensWithThirtyTwoFiltersOnAColourPicture) {
  Driver d;
  d.settle();
  ASSERT_EQ(d.result().figures.layers.size(), 1u);
  EXPECT_EQ(last(d).output, (Shape{32, 126, 126}));
  EXPECT_EQ(last(d).output.count(), 508'032);
  EXPECT_EQ(last(d).weights, 2'400);
  EXPECT_EQ(last(d).parameters, 2'432);
  EXPECT_EQ(last(d).macs, 38'102'400);
  EXPECT_EQ(last(d).dense_weights, 99'883'155'456);
  EXPECT_THAT(explained(d), HasSubstr("196,608 → 508,032 numbers"));
  EXPECT_THAT(explained(d), HasSubstr("99,883,155,456 weights, 399.5 GB"));
  EXPECT_THAT(explained(d), HasSubstr("= 126"));
  EXPECT_THAT(explained(d), HasSubstr("parameters = 32 · 3 · 5 · 5 + 32 = 2,432"));
}

TEST(LayerSizesLab, PresetsHaveTheExercisesNumbers) {
  Driver d;
  d.click("21 × 12");
  EXPECT_EQ(last(d).output, (Shape{1, 5, 2}));
  d.click("Picture 28");
  EXPECT_EQ(last(d).output, (Shape{8, 13, 13}));
  EXPECT_EQ(last(d).parameters, 392);
  EXPECT_EQ(last(d).macs, 64'896);
  d.click("Signal 200");
  EXPECT_EQ(last(d).output, (Shape{8, 1, 99}));
  EXPECT_EQ(last(d).parameters, 40);
  d.click("9 and 3");
  EXPECT_EQ(last(d).output, (Shape{1, 1, 7}));
  d.click("9, padded");
  EXPECT_EQ(last(d).output, (Shape{1, 1, 5}));
  d.click("Dilated");
  const auto& layers = d.result().figures.layers;
  EXPECT_EQ(layers[0].output[2], 30);  // the kernel covers 3, 5 and 7 cells
  EXPECT_EQ(layers[1].output[2], 26);
  EXPECT_EQ(layers[2].output[2], 20);
  const std::pair<const char*, core::Index> fields[] = {
      {"Sees 5", 5}, {"Sees 7", 7}, {"Sees 11", 11}, {"Sees 19", 19}};
  for (const auto& [preset, size] : fields) {
    d.click(preset);
    EXPECT_EQ(last(d).rows.size, size) << preset;
    EXPECT_EQ(last(d).columns.size, size) << preset;
  }
  d.click("LeNet-5");
  EXPECT_EQ(d.result().figures.parameters, 61'706);
}

TEST(LayerSizesLab, LayersAreAddedMovedAndRemovedAndUndone) {
  Driver d;
  d.click("Picture 28");
  d.click("Add");
  ASSERT_EQ(d.params().layers.size(), 2u);
  EXPECT_EQ(d.params().edited, 1);
  EXPECT_EQ(last(d).output, (Shape{8, 5, 5}));
  d.type("Filters", "20");
  EXPECT_EQ(last(d).parameters, 20 * 8 * 16 + 20);
  d.click("Move up");
  EXPECT_EQ(d.params().edited, 0);
  EXPECT_EQ(d.result().figures.layers[0].parameters, 20 * 3 * 16 + 20);
  d.click("Move up");  // there is nothing above
  EXPECT_EQ(d.params().layers[0].filters, 20);
  d.click("Remove");
  ASSERT_EQ(d.params().layers.size(), 1u);
  EXPECT_EQ(last(d).parameters, 392);
  d.click("Remove");  // the last one stays
  EXPECT_EQ(d.params().layers.size(), 1u);
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.params().layers.size(), 2u);
  d.key(shell::Key::kZ, true);
  d.key(shell::Key::kZ, true);
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.params().layers.size(), 1u);
  EXPECT_EQ(last(d).parameters, 392);
}

TEST(LayerSizesLab, EverySideOfThePaddingCounts) {
  Driver d;
  d.click("Picture 28");
  d.type("Padding top", "1");
  EXPECT_EQ(last(d).output, (Shape{8, 13, 13}));  // (28 + 1 - 4) / 2 rounds down
  d.type("Padding bottom", "1");
  EXPECT_EQ(last(d).output, (Shape{8, 14, 13}));
  EXPECT_THAT(explained(d), HasSubstr("28 + 1 + 1"));
  d.type("Dilation", "2");
  EXPECT_EQ(last(d).output, (Shape{8, 12, 11}));
  d.type("Groups", "3");
  ASSERT_TRUE(d.result().figures.fault);
  EXPECT_TRUE(d.says("the groups do not divide the filters: 8 mod 3 = 0 fails")) << d.app().transcript();
  d.type("Filters", "9");
  EXPECT_FALSE(d.result().figures.fault);
  EXPECT_EQ(last(d).parameters, 9 * 16 + 9);
}

TEST(LayerSizesLab, AnImpossibleLayerSaysWhichInequalityFails) {
  Driver d;
  d.click("Impossible");
  EXPECT_EQ(d.result().figures.layers.size(), 2u) << "the layers before stay";
  EXPECT_TRUE(d.says("Layer 3: the kernel covers more rows than the padded input has: 4 + 0 + 0 ≥ 5 fails"))
      << d.app().transcript();
  EXPECT_TRUE(d.says("add 1 of padding"));
  EXPECT_EQ(d.lab().last_step(), 2);
  d.key(shell::Key::kEnd);
  EXPECT_THAT(explained(d), HasSubstr("4 + 0 + 0 ≥ 5 fails"));
  d.click("layer row 3");  // the inspector shows it
  EXPECT_EQ(d.params().edited, 2);
  d.click("Padding bottom more");
  EXPECT_TRUE(d.says("more columns than the padded input has"));
  d.click("Padding right more");
  EXPECT_FALSE(d.result().figures.fault);
  EXPECT_EQ(last(d).output, (Shape{10, 1, 1}));
  d.key(shell::Key::kZ, true);
  EXPECT_TRUE(d.result().figures.fault);
}

TEST(LayerSizesLab, HoverPinAndPlayheadLightALayer) {
  Driver d;
  d.click("LeNet-5");
  EXPECT_EQ(d.lab().last_step(), 6);
  d.point_at(widgets::Point{600, 2300});  // away from the stage
  d.settle();
  d.key(shell::Key::kRight);
  EXPECT_THAT(explained(d), HasSubstr("Layer 2, average pool 2 × 2: 4,704 → 1,176 numbers"));
  d.point_at("layer row 5");
  d.settle();
  EXPECT_THAT(explained(d), HasSubstr("parameters = 120 · 400 + 120 = 48,120"));
  d.click("layer slab 3");
  ASSERT_TRUE(d.topic().view().pinned);
  EXPECT_EQ(*d.topic().view().pinned, 2u);
  EXPECT_EQ(d.params().edited, 2);
  d.key(shell::Key::kEscape);
  EXPECT_FALSE(d.topic().view().pinned);
}

TEST(LayerSizesLab, EnormousInputsAnswerAtOnceAndCountsThatPassTheRangeSaySo) {
  Driver d;
  d.type("Height", "1000000");
  d.type("Width", "1e6");
  EXPECT_EQ(last(d).output, (Shape{32, 499'998, 499'998}));
  EXPECT_FALSE(last(d).dense_weights);
  d.type("Width", "1000001");
  EXPECT_TRUE(d.says("is not a whole number from 1 to")) << d.app().transcript();
  d.type("Height", "0");
  EXPECT_EQ(d.params().height, 1'000'000);
  d.type("Stride", "2.5");
  EXPECT_EQ(d.params().layers[0].columns.stride, 2);
}

TEST(LayerSizesLab, ParamsSurviveAFileAndAFileOfRubbishIsBroughtIntoRange) {
  LayerSizes::Params p = LayerSizes::presets()[11].params, read;
  io::from_json(io::to_json(p), read, io::Unknown::kRefuse);
  EXPECT_EQ(read, p);
  io::from_json(R"({"channels": -5, "height": 9000000000000000000, "layer_count": 1000, "edited": -1,
                    "layer_1": {"filters": 0, "kernel_rows": -3, "rows": {"stride": 0, "dilation": 9000000000}}})",
                read, io::Unknown::kCollect);
  EXPECT_EQ(read.channels, 1);
  EXPECT_EQ(read.height, 1'000'000);
  EXPECT_EQ(read.layers.size(), 12u);
  EXPECT_EQ(read.edited, 0);
  EXPECT_EQ(read.layers[0].filters, 1);
  EXPECT_EQ(read.layers[0].kernel_rows, 1);
  EXPECT_EQ(read.layers[0].rows.stride, 1);
  EXPECT_EQ(read.layers[0].rows.dilation, 64);
}

TEST(LayerSizesLab, ARefusedNumberIsSpokenOfUntilTheNextEdit) {
  Driver d;
  d.type("Channels", "1000000");
  d.type("Channels", "2.5");
  EXPECT_TRUE(d.says("2.5 is not a whole number from 1 to 1000000; it stays 1000000"))
      << d.app().transcript();
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.params().channels, 3);
  EXPECT_FALSE(d.says("is not a whole number")) << "the value that it stayed at is gone";
  d.type("Height", "1e300");
  EXPECT_TRUE(d.says("1e300 is not a whole number"));
  d.type("Width", "128");
  EXPECT_FALSE(d.says("is not a whole number"));
}

}  // namespace
}  // namespace vitrine::labs::layer_sizes_lab_test
