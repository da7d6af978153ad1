// A model out of a file in the labs that look into a model (tests/reference/make_opened_vit.py).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/labs/workbench/opened_look.h"
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
  EXPECT_FALSE(opened.open("picture.png"));
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

}  // namespace
}  // namespace vitrine::labs
