// The whole window by keyboard alone: where Tab, F6 and the arrows go, what Enter does, what is typed, and
// the ring that shows it.
#include "app/shell/key_focus.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "app/widgets/tabs.h"
#include "tests/app/app_driver.h"

namespace vitrine::shell {
namespace {

using widgets::Point;
using widgets::Rect;

// A lab with one control of each use and five shapes.
struct Board {
  static constexpr labs::LabInfo kInfo{labs::Wing::kLearning,      "board", "Board",
                                       "Something of everything.", "1 = 1", "nobody"};
  struct Params {
    core::Index count = 3;
    double rate = 0.5;
    bool twice = false;
    int kind = 0;
    std::string words = "ab";
    core::Index pressed = 0;
    bool operator==(const Params&) const = default;
    void describe(core::Fields& f) {
      f.field("count", count);
      f.field("rate", rate);
      f.field("words", words);
    }
  };
  struct View {
    widgets::Playhead playhead;
    std::string pointed, clicked;
    Point at{0, 0};
    bool pinned = true;
    void describe(core::Fields&) {}
    void unpin() { pinned = false; }
  };
  struct Result {};
  static std::vector<labs::Preset<Params>> presets() { return {{"Board", {}}}; }
  static void controls(Params& p, widgets::Controls& c) {
    static constexpr std::string_view kKinds[] = {"the first kind of all", "the second kind of all",
                                                  "the third kind of all"};
    c.integer("Count", p.count, {1, 9, 3}, "How many");
    c.real("Rate", p.rate, {0, 1, 0.5, 0.1}, "How fast");
    c.text("Words", p.words, "What is said");
    c.toggle("Twice", p.twice, false, "Again");
    c.choice("Kind", p.kind, kKinds, 0, "Which");
    for (int i = 0; i < 12; ++i) c.note("There is much to be said here, and so what follows is far below.");
    if (c.button("Press", "Counts")) ++p.pressed;
  }
  static std::vector<labs::Problem> validate(const Params&) { return {}; }
  static Result compute(const Params&, std::stop_token) { return {}; }
  static int last_step(const Result&) { return 9; }
  static void draw(const std::shared_ptr<const Result>&, View& v, widgets::Canvas& c) {
    v.pointed.clear();
    const auto shape = [&](const char* name, const Rect& at) {
      const widgets::Touch touch = c.touch(name, at);
      if (touch.hovered) v.pointed = name, v.at = {touch.at.x - at.x, touch.at.y - at.y};
      if (touch.clicked) v.clicked = name;
    };
    shape("north west", {20, 20, 40, 40});
    shape("north east", {80, 20, 40, 40});
    shape("south west", {20, 80, 40, 40});
    shape("south east", {80, 80, 40, 40});
    shape("field", {140, 20, 100, 100});
  }
  static widgets::Equation explain(const Result&, const View&) { return {}; }
  static lessons::Symbols numbers(const Result&, const View&) { return {}; }
  static std::string code(const Result&, const View&) { return ""; }
  static bool open(const std::filesystem::path&, Params&) { return false; }
};

class Keyboard : public LabDriver<Board> {
 public:
  explicit Keyboard(float width = 1280, float height = 900) {
    ImGui::GetIO().DisplaySize = {width, height};
    settle();
  }
  const std::string& focus() { return app().key_focus().name(); }
  bool shown() { return app().key_focus().ring_px().has_value(); }
  const Board::View& view() { return topic().view(); }
  // Tab until this has the keyboard.
  bool tab_to(const std::string& name) {
    for (int i = 0; i < 60; ++i) {
      if (focus() == name && shown()) return true;
      key(Key::kTab);
    }
    return false;
  }
};

TEST(KeyFocus, TabGoesThroughTheWindowAndBeginsAnew) {
  Keyboard d;
  EXPECT_FALSE(d.shown());
  std::vector<std::string> way;
  do {
    d.key(Key::kTab);
    ASSERT_TRUE(d.shown());
    way.push_back(d.focus());
  } while (way.size() < 60 && (way.size() < 2 || way.back() != way.front()));
  const std::vector<std::string> expected{"north west", "Board",    "Count", "Rate", "Words",
                                          "Twice=off",  "Twice=on", "Kind",  "Press"};
  ASSERT_GT(way.size(), expected.size());
  EXPECT_TRUE(std::equal(expected.begin(), expected.end(), way.begin())) << ::testing::PrintToString(way);
  const auto place = [&](const char* name) { return std::ranges::find(way, name) - way.begin(); };
  EXPECT_LT(place("Press"), place("undo"));
  EXPECT_LT(place("undo"), place("inspector")) << "from left to right";
  EXPECT_LT(place("inspector"), place("first"));
  EXPECT_LT(place("first"), place("play"));
  EXPECT_LT(place("play"), place("lab board"));
  EXPECT_EQ(place("all keys"), static_cast<std::ptrdiff_t>(way.size()) - 2);
  d.key(Key::kTab, false, true);
  EXPECT_EQ(d.focus(), "all keys");
}

TEST(KeyFocus, TheFirstShiftTabGoesToTheEnd) {
  Keyboard d;
  d.key(Key::kTab, false, true);
  EXPECT_EQ(d.focus(), "all keys");
  EXPECT_TRUE(d.shown());
}

TEST(KeyFocus, F6GoesFromPartToPart) {
  Keyboard d;
  std::vector<std::string> way;
  for (int i = 0; i < 6; ++i) {
    d.key(Key::kF6);
    way.push_back(d.focus());
  }
  EXPECT_EQ(way,
            (std::vector<std::string>{"north west", "Board", "undo", "first", "lab board", "north west"}));
  d.key(Key::kF6, false, true);
  EXPECT_EQ(d.focus(), "lab board");
  d.key(Key::kTab);
  d.key(Key::kF6, false, true);
  EXPECT_EQ(d.focus(), "first");
}

TEST(KeyFocus, EnterPresses) {
  Keyboard d;
  ASSERT_TRUE(d.tab_to("theme"));
  d.key(Key::kEnter);
  EXPECT_TRUE(d.app().settings().light);
  ASSERT_TRUE(d.tab_to("Twice=on"));
  d.key(Key::kEnter);
  EXPECT_TRUE(d.params().twice);
  EXPECT_EQ(d.focus(), "Twice=on");
  EXPECT_TRUE(d.shown());
}

TEST(KeyFocus, UpAndDownStepANumberAndUndoLeavesTheKeyboardThere) {
  Keyboard d;
  ASSERT_TRUE(d.tab_to("Count"));
  d.key(Key::kUp);
  d.key(Key::kUp);
  EXPECT_EQ(d.params().count, 5);
  d.key(Key::kDown);
  EXPECT_EQ(d.params().count, 4);
  d.key(Key::kZ, true);
  EXPECT_EQ(d.params().count, 5);
  EXPECT_EQ(d.focus(), "Count");
  EXPECT_TRUE(d.shown());
  EXPECT_EQ(d.lab().playhead().t, 0);
  d.key(Key::kRight);
  EXPECT_EQ(d.lab().playhead().t, 1) << "a number does not need Left and Right";
  EXPECT_EQ(d.params().count, 5);
}

TEST(KeyFocus, DigitsGoIntoTheNumberAndOpenNoLab) {
  Keyboard d;
  ASSERT_TRUE(d.tab_to("Rate"));
  d.push(KeyInput{Key::kDigit0, true});
  d.write("0.25");
  d.push(KeyInput{Key::kDigit0, false});
  d.key(Key::kEnter);
  EXPECT_EQ(d.params().rate, 0.25);
  EXPECT_EQ(d.focus(), "Rate");
  EXPECT_TRUE(d.shown());
  d.write(".5");
  d.push(KeyInput{Key::kEscape, true});
  d.push(KeyInput{Key::kEscape, false});
  d.settle();
  EXPECT_EQ(d.params().rate, 0.25) << "Esc is the field's";
  EXPECT_TRUE(d.shown());
}

TEST(KeyFocus, WhatIsTypedFastIsNotLost) {
  Keyboard d;
  ASSERT_TRUE(d.tab_to("Rate"));
  for (const char c : {'0', '.', '7', '5'}) d.push(TextInput{static_cast<unsigned char>(c)});
  d.push(KeyInput{Key::kEnter, true});
  d.push(KeyInput{Key::kEnter, false});
  d.settle();
  EXPECT_EQ(d.params().rate, 0.75);
}

TEST(KeyFocus, EnterOpensANumberAndTabLeavesItForTheNext) {
  Keyboard d;
  ASSERT_TRUE(d.tab_to("Count"));
  d.key(Key::kEnter);
  ASSERT_TRUE(ImGui::GetIO().WantTextInput);
  d.write("8");
  d.key(Key::kTab);
  EXPECT_EQ(d.params().count, 8);
  EXPECT_EQ(d.focus(), "Rate");
  EXPECT_FALSE(ImGui::GetIO().WantTextInput);
}

TEST(KeyFocus, WordsAreTypedAndLeftByTab) {
  Keyboard d;
  ASSERT_TRUE(d.tab_to("Words"));
  d.key(Key::kEnter);
  ASSERT_TRUE(ImGui::GetIO().WantTextInput);
  d.write("one 2");
  EXPECT_EQ(d.lab().info().id, "board");
  d.key(Key::kTab, false, true);
  EXPECT_EQ(d.params().words, "one 2");
  EXPECT_EQ(d.focus(), "Rate");
  // A field that was clicked into is left just so.
  d.click("Words");
  d.write("three");
  d.key(Key::kTab);
  EXPECT_EQ(d.params().words, "three");
  EXPECT_EQ(d.focus(), "Twice=off");
  EXPECT_TRUE(d.shown());
}

TEST(KeyFocus, AListHasItsOwnKeysAndGivesThemBack) {
  Keyboard d;
  ASSERT_TRUE(d.tab_to("Kind"));
  d.key(Key::kEnter);
  ASSERT_TRUE(ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopup));
  d.key(Key::kDown);
  d.key(Key::kEnter);
  EXPECT_EQ(d.params().kind, 1);
  EXPECT_EQ(d.focus(), "Kind");
  EXPECT_TRUE(d.shown());
  d.key(Key::kEnter);
  ASSERT_TRUE(ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopup));
  d.key(Key::kEscape);
  EXPECT_FALSE(ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopup));
  EXPECT_TRUE(d.shown()) << "that Esc was the list's";
  EXPECT_TRUE(d.view().pinned);
}

TEST(KeyFocus, AControlsMenuIsOpenedAndChosenFrom) {
  Keyboard d;
  ASSERT_TRUE(d.tab_to("Twice=on"));
  d.key(Key::kEnter, true);
  ASSERT_TRUE(ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopup));
  EXPECT_FALSE(d.params().twice);
  d.key(Key::kDown);
  d.key(Key::kUp);
  d.key(Key::kEnter);
  EXPECT_FALSE(ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopup));
  EXPECT_FALSE(d.app().items().find("Twice=on")) << "Hide this control";
  EXPECT_FALSE(d.lab().playing());
}

TEST(KeyFocus, WhatIsOutOfSightIsScrolledTo) {
  Keyboard d(1280, 500);
  ASSERT_GT(d.find("Press").y, 500);
  ASSERT_TRUE(d.tab_to("Press"));
  d.frames(4);
  EXPECT_GE(d.find("Press").y, 0);
  EXPECT_LE(d.find("Press").bottom(), 500);
  d.key(Key::kEnter);
  EXPECT_EQ(d.params().pressed, 1);
  // At once after the key that goes there, too.
  ASSERT_TRUE(d.tab_to("Board"));
  d.key(Key::kTab, false, true);
  d.key(Key::kF6);
  ASSERT_EQ(d.focus(), "Board");
  EXPECT_GE(d.find("Board").y, 0);
}

TEST(KeyFocus, ArrowsGoFromShapeToShape) {
  Keyboard d;
  d.key(Key::kTab);
  EXPECT_EQ(d.view().pointed, "north west") << "the pointer is there: it is lit";
  d.key(Key::kRight);
  EXPECT_EQ(d.view().pointed, "north east");
  EXPECT_EQ(d.lab().playhead().t, 0) << "an arrow does one thing";
  d.key(Key::kDown);
  EXPECT_EQ(d.view().pointed, "south east");
  d.key(Key::kEnter);
  EXPECT_EQ(d.view().clicked, "south east");
  d.key(Key::kTab);
  EXPECT_EQ(d.focus(), "Board") << "the picture is one stop";
  d.key(Key::kTab, false, true);
  EXPECT_EQ(d.focus(), "south east") << "where it was left";
}

TEST(KeyFocus, InALargeShapeArrowsMoveThePointer) {
  Keyboard d;
  d.key(Key::kTab);
  d.key(Key::kRight);
  d.key(Key::kRight);
  ASSERT_EQ(d.view().pointed, "field");
  const Point entered = d.view().at;
  EXPECT_LT(entered.x, 8) << "at the side it came from";
  EXPECT_NEAR(entered.y, 20, 1) << "as high as it was";
  d.key(Key::kRight);
  EXPECT_NEAR(d.view().at.x, entered.x + 8, 1);
  d.key(Key::kDown, false, true);
  EXPECT_NEAR(d.view().at.y, entered.y + 32, 1);
  for (int i = 0; i < 3; ++i) d.key(Key::kLeft);
  EXPECT_NE(d.view().pointed, "field");
  EXPECT_FALSE(d.view().pointed.empty()) << "it left at the edge";
}

TEST(KeyFocus, EscTakesTheRingAwayBeforeAnythingElse) {
  Keyboard d;
  d.key(Key::kTab);
  ASSERT_TRUE(d.shown());
  d.key(Key::kEscape);
  EXPECT_FALSE(d.shown());
  EXPECT_TRUE(d.view().pinned);
  EXPECT_EQ(d.view().pointed, "") << "nor is anything lit by it";
  d.key(Key::kEscape);
  EXPECT_FALSE(d.view().pinned);
  d.key(Key::kTab);
  EXPECT_TRUE(d.shown());
  EXPECT_EQ(d.focus(), "north west") << "where it was";
}

TEST(KeyFocus, AHandTakesTheRingAwayAndTabBringsItBack) {
  Keyboard d;
  ASSERT_TRUE(d.tab_to("Rate"));
  d.point_at(Point{400, 300});
  d.settle();
  EXPECT_FALSE(d.shown());
  d.key(Key::kUp);
  EXPECT_EQ(d.params().rate, 0.5) << "without a ring there is nothing to step";
  d.key(Key::kTab);
  EXPECT_TRUE(d.shown());
  EXPECT_EQ(d.focus(), "Rate");
  d.click("Twice=on");
  EXPECT_FALSE(d.shown());
  EXPECT_TRUE(d.params().twice);
}

TEST(KeyFocus, AHandsClickIsWhereTheHandIs) {
  Keyboard d;
  d.point_at("Twice=on");
  d.settle();
  ASSERT_TRUE(d.tab_to("Rate"));
  d.push(ButtonInput{0, true});
  d.push(ButtonInput{0, false});
  d.settle();
  EXPECT_TRUE(d.params().twice) << "not where the keyboard is";
  EXPECT_FALSE(d.shown());
}

TEST(KeyFocus, F1PointsAtTheNameWhoseHelpIsShown) {
  Keyboard d;
  ASSERT_TRUE(d.tab_to("Rate"));
  const auto pointed = [&](const char* name) {
    const ImVec2 p = ImGui::GetIO().MousePos;
    return d.find(name).contains({p.x, p.y});
  };
  EXPECT_TRUE(pointed("Rate"));
  d.key(Key::kF1);
  d.frames(5);
  EXPECT_TRUE(pointed("name of Rate"));
  EXPECT_TRUE(d.shown());
  EXPECT_EQ(d.focus(), "Rate");
  d.key(Key::kUp);
  EXPECT_NEAR(d.params().rate, 0.6, 1e-9);
  EXPECT_TRUE(pointed("Rate"));
}

TEST(KeyFocus, WhatVanishesHandsTheKeyboardOn) {
  Keyboard d;
  ASSERT_TRUE(d.tab_to("Count"));
  d.key(Key::kUp);
  d.key(Key::kTab);
  ASSERT_EQ(d.focus(), "reset Count");
  d.key(Key::kEnter);
  EXPECT_EQ(d.params().count, 3);
  EXPECT_EQ(d.focus(), "Count");
  EXPECT_TRUE(d.shown());
  d.app().settings().inspector = false;
  d.settle();
  EXPECT_NE(d.focus(), "Count");
  EXPECT_TRUE(d.app().items().find(d.focus()));
}

TEST(KeyFocus, TheRingIsDrawnAroundIt) {
  Keyboard d;
  ASSERT_TRUE(d.tab_to("Rate"));
  const Rect item = d.find("Rate"), ring = *d.app().key_focus().ring_px();
  EXPECT_FLOAT_EQ(item.x - ring.x, 3) << "2 px off, the middle of 2 px";
  EXPECT_FLOAT_EQ(ring.right() - item.right(), 3);
  const int with = d.most_vertices();
  d.key(Key::kEscape);
  EXPECT_FALSE(d.shown());
  EXPECT_GT(with, 0);
}

TEST(KeyFocus, TheKeysAreShownWithoutIt) {
  Keyboard d;
  ASSERT_TRUE(d.tab_to("all keys"));
  d.key(Key::kEnter);
  d.key(Key::kTab);
  EXPECT_EQ(d.focus(), "all keys") << "what lies over the window has the keys";
  d.key(Key::kEscape);
  EXPECT_TRUE(d.shown()) << "Esc closed it";
}

}  // namespace
}  // namespace vitrine::shell
