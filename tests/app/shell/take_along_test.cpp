// Taking along and pasting by hand.
#include "app/shell/take_along.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/labs/labs.h"
#include "app/labs/matrix/lab.h"
#include "app/labs/sliding/lab.h"
#include "engine/io/files.h"
#include "engine/io/image.h"
#include "engine/io/npy.h"
#include "tests/app/app_driver.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::shell {
namespace {

using labs::SlidingWindow;
using testing::HasSubstr;
using testing::StartsWith;

class Driver : public AppDriver {
 public:
  explicit Driver(std::string_view id = "sliding-window") : AppDriver(labs::all_labs({})) {
    app().select(id);
    frames(1);
    settle();
  }
  const SlidingWindow::Params& params() {
    return dynamic_cast<labs::ComputeLab<SlidingWindow>&>(lab()).params();
  }
  void finish_writing() {
    for (int i = 0; i < 20'000 && app().take_along().busy(); ++i) {
      frames(1);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  // With the pointer over an item.
  void paste(const std::string& text, std::string_view item) {
    ImGui::SetClipboardText(text.c_str());
    point_at(std::string(item));
    flush();
    app().paste_numbers(text);
    frames(3);
    settle();
  }
};

TEST(TakeAlong, ARightClickOnAPictureOffersItsNumbers) {
  Driver d;
  const widgets::Point x = d.find("sliding x").center();
  d.point_at(x);
  d.push(ButtonInput{1, true});
  d.push(ButtonInput{1, false});
  d.flush();
  d.frames(2);
  d.click("Copy numbers as MATLAB");
  EXPECT_STREQ(ImGui::GetClipboardText(), "[1 2 3 4 5 6 7 8 9;]");
}

TEST(TakeAlong, TheMenuCopiesFormulaAndCode) {
  Driver d;
  d.app().take_along().open_menu(std::nullopt);
  d.frames(2);
  d.click("Copy formula as LaTeX");
  EXPECT_THAT(ImGui::GetClipboardText(), HasSubstr("\\begin{gather*}\ny_{1} ="));
  d.app().take_along().open_menu(std::nullopt);
  d.frames(2);
  d.click("Copy PyTorch code");
  EXPECT_THAT(ImGui::GetClipboardText(), StartsWith("import torch"));
}

TEST(TakeAlong, WritesWhatTheSectionSays) {
  Driver d;
  const io::TemporaryFolder folder;
  TakeAlong& along = d.app().take_along();
  for (const std::string name : {"a.png", "a.svg", "a.csv", "a.gif"}) {
    SCOPED_TRACE(name);
    along.begin(folder / name, d.app());
    d.finish_writing();
    ASSERT_FALSE(along.busy());
    EXPECT_THAT(d.app().message(), HasSubstr(name));
    EXPECT_TRUE(std::filesystem::exists(folder / name));
  }
  EXPECT_EQ(d.lab().playhead().t, 0) << "filming leaves the playhead where it was";
  along.begin("/no such folder/a.svg", d.app());
  d.finish_writing();
  EXPECT_THAT(d.app().message(), HasSubstr("/no such folder/a.svg"));
}

TEST(TakeAlong, WaitsForWhatIsComputed) {
  Driver d("image");
  const io::TemporaryFolder folder;
  TakeAlong& along = d.app().take_along();
  along.begin(folder / "before.svg", d.app());
  d.finish_writing();
  ASSERT_TRUE(d.lab().load_preset("Eight kernels"));
  ASSERT_FALSE(d.lab().settled());
  along.begin(folder / "after.svg", d.app());
  EXPECT_TRUE(along.busy());
  EXPECT_FALSE(d.lab().settled());
  d.finish_writing();
  EXPECT_TRUE(d.lab().settled());
  EXPECT_NE(io::read_file(folder / "after.svg"), io::read_file(folder / "before.svg"));
}

TEST(TakeAlong, AFilmThatIsCancelledLeavesNothing) {
  Driver d;
  const io::TemporaryFolder folder;
  d.app().take_along().begin(folder / "a.gif", d.app());
  d.frames(3);
  ASSERT_TRUE(d.app().take_along().busy());
  d.click("Take along");
  d.click("Cancel");
  EXPECT_FALSE(d.app().take_along().busy());
  d.frames(30);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  EXPECT_EQ(d.lab().playhead().t, 0);
}

TEST(TakeAlong, AtTheEndAFileIsFinishedAndAnUnfinishedFilmIsNamed) {
  Driver d;
  const io::TemporaryFolder folder;
  TakeAlong& along = d.app().take_along();
  along.begin(folder / "a.svg", d.app());
  EXPECT_EQ(along.end(std::chrono::minutes(10)), "");
  EXPECT_TRUE(std::filesystem::exists(folder / "a.svg"));

  Driver filming;
  filming.app().take_along().begin(folder / "a.gif", filming.app());
  EXPECT_THAT(filming.app().take_along().end(), HasSubstr("a.gif was not finished"));
}

TEST(TakeAlong, AFrozenLabIsNotFilmedAndItIsSaid) {
  Driver d;
  const io::TemporaryFolder folder;
  d.write("f");
  ASSERT_TRUE(d.app().frozen());
  d.app().take_along().begin(folder / "a.gif", d.app());
  EXPECT_FALSE(d.app().take_along().busy());
  EXPECT_THAT(d.app().message(), HasSubstr("frozen"));
  d.write("f");
  d.app().take_along().begin(folder / "a.gif", d.app());
  d.write("f");
  d.frames(2);
  EXPECT_THAT(d.app().message(), HasSubstr("nothing was written"));
  EXPECT_FALSE(std::filesystem::exists(folder / "a.gif"));
}

TEST(Pasting, AMatrixGoesIntoTheGridUnderThePointer) {
  Driver d;
  d.paste("array([9., 8., 7.])", "k[2]");
  EXPECT_EQ(d.params().weight, (core::Tensor<double>({1, 1, 3}, {9, 8, 7})));
  EXPECT_TRUE(d.lab().can_undo());
  d.paste("\\begin{bmatrix} 1 & 0 & -1 \\end{bmatrix}", "k[2]");
  EXPECT_EQ(d.params().weight, (core::Tensor<double>({1, 1, 3}, {1, 0, -1})));
}

TEST(Pasting, AMatrixOfAnotherSizeSetsTheSize) {
  Driver d;
  d.paste("[5 4 3 2 1 0]", "x[2]");
  EXPECT_EQ(d.params().input, (core::Tensor<double>({1, 6}, {5, 4, 3, 2, 1, 0})));
  EXPECT_EQ(d.params().taps(), 3);
  d.lab().undo();
  EXPECT_EQ(d.params().length(), 9);
}

TEST(Pasting, RubbishIsSaidAndChangesNothing) {
  Driver d;
  const auto before = d.params();
  d.paste("1, 2\n3", "k[2]");
  EXPECT_THAT(d.app().message(), HasSubstr("row 2"));
  d.paste("[1 2 3]", "explain");
  EXPECT_THAT(d.app().message(), HasSubstr("Point at a grid"));
  EXPECT_TRUE(d.params() == before);
}

TEST(Pasting, AFileGoesIntoTheFirstGridAndAnArchiveToTheNamesOfItsArrays) {
  Driver d;
  const io::TemporaryFolder folder;
  io::write_file(folder / "signal.npy", io::encode_npy(core::Tensor<double>({4}, {4, 3, 2, 1})));
  d.app().open(folder / "signal.npy");
  d.frames(4);
  EXPECT_EQ(d.params().input, (core::Tensor<double>({1, 4}, {4, 3, 2, 1})));
  io::write_file(folder / "signal.csv", "1;2,5;3\n");
  d.app().open(folder / "signal.csv");
  d.frames(4);
  EXPECT_EQ(d.params().input, (core::Tensor<double>({1, 3}, {1, 2.5, 3})));
  io::write_file(folder / "broken.npy", "\x93NUMPY");
  d.app().open(folder / "broken.npy");
  d.frames(4);
  EXPECT_THAT(d.app().message(), HasSubstr("broken.npy"));
}

// Whatever is pasted wherever, the lab goes on.
TEST(Pasting, EveryGridOfEveryLabTakesOrRefusesIt) {
  AppDriver d(labs::all_labs({}));
  for (const auto* info : d.app().labs()) {
    SCOPED_TRACE(info->id);
    d.app().select(info->id);
    d.frames(1);
    d.settle();
    std::vector<std::string> cells;
    for (const auto& item : d.app().items().all())
      if (item.name.ends_with("[1]") || item.name.ends_with("[1,1]")) cells.push_back(item.name);
    for (const std::string& cell : cells)
      for (const std::string text :
           {"[1 2; 3 4; 5 6]", "[7]", "[1 2 3 4 5 6 7 8 9 10 11 12]", "[nan inf -inf]"}) {
        const auto place = d.app().items().find(cell);
        if (!place) continue;  // an earlier paste took it away
        SCOPED_TRACE(cell + " " + text);
        d.point_at(place->center());
        d.flush();
        d.app().paste_numbers(text);
        d.frames(3);
        EXPECT_THAT(d.app().message(), testing::Not(HasSubstr("Point at a grid")));
      }
    d.settle();
  }
}

}  // namespace
}  // namespace vitrine::shell
