// A model out of a file in the labs that look into a model (tests/reference/make_opened_vit.py).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/labs/workbench/opened_look.h"
#include "engine/io/json_fields.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::labs {
namespace {

const std::filesystem::path kFolder = VITRINE_REFERENCE "/opened_vit";

void settle(OpenedLook& opened) {
  do opened.poll(std::chrono::milliseconds(5));
  while (opened.busy());
}

TEST(OpenedLook, LooksAtAPictureOnceAModelIsOpen) {
  OpenedLook opened({});
  EXPECT_FALSE(opened.open_part("picture.png"));
  EXPECT_TRUE(opened.open(kFolder / "plain.safetensors"));
  settle(opened);
  ASSERT_TRUE(opened.looked());
  const Looked& looked = *opened.looked();
  EXPECT_EQ(looked.opened, opened.model());
  EXPECT_LT(looked.run_id, 0);
  EXPECT_EQ(looked.pixels.shape(), (core::Shape{3, 20, 20}));
  EXPECT_EQ(looked.dataset->class_names[3], "class 3");
  const train::Inside inside =
      train::look_inside(*looked.model, *looked.weights, looked.normalised(looked.pixels));
  EXPECT_EQ(looked.inside.logits, inside.logits);
  opened.close();
  EXPECT_FALSE(opened.model());
  EXPECT_FALSE(opened.looked());
}

TEST(OpenedLook, AFileThatIsNoModelLeavesTheOneThatIsOpen) {
  OpenedLook opened({});
  opened.open(kFolder / "plain.safetensors");
  settle(opened);
  const auto before = opened.model();
  opened.open(kFolder / "none.safetensors");
  settle(opened);
  EXPECT_THAT(opened.take_words(), testing::HasSubstr("none.safetensors"));
  EXPECT_EQ(opened.take_words(), "");
  EXPECT_EQ(opened.model(), before);
  EXPECT_EQ(opened.files().weights, kFolder / "plain.safetensors");
}

TEST(OpenedLook, APictureOrNamesArePartsOfTheModelThatIsOpen) {
  OpenedLook opened({});
  EXPECT_FALSE(opened.open_part("names.txt"));
  opened.open(kFolder / "plain.safetensors");
  settle(opened);
  EXPECT_FALSE(opened.open("names.txt")) << "a lab that is not in front leaves it to the others";
  EXPECT_TRUE(opened.open_part("names.txt"));
  settle(opened);
  EXPECT_THAT(opened.take_words(), testing::HasSubstr("names.txt"));
  EXPECT_TRUE(opened.open_part("none.png"));
  settle(opened);
  EXPECT_THAT(opened.error(), testing::HasSubstr("none.png"));
}

TEST(OpenedLook, IsOpenedAgainFromItsFields) {
  OpenedLook opened({});
  opened.read(
      {.weights = kFolder / "plain.safetensors", .normalisation = OpenedLook::Normalising::kImagenet});
  settle(opened);
  io::JsonWriter writer;
  opened.describe(writer);

  OpenedLook again({});
  io::JsonReader reader(writer.text(), io::Unknown::kRefuse);
  again.describe(reader);
  reader.finish();
  EXPECT_TRUE(again.reading());
  settle(again);
  ASSERT_TRUE(again.looked());
  EXPECT_EQ(again.files(), opened.files());
  EXPECT_EQ(again.looked()->inside.logits, opened.looked()->inside.logits);

  io::JsonReader none(R"({"weights": ""})", io::Unknown::kRefuse);
  again.describe(none);
  EXPECT_FALSE(again.model()) << "a state without a model shows the run";
}

}  // namespace
}  // namespace vitrine::labs
