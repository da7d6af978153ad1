// The frame around the labs: in a clumsy hand (small windows, the wheel, open lists, keys at the wrong time),
// and what a lab's failure leaves of it.
#include "app/shell/app.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "app/labs/labs.h"
#include "app/labs/sliding/lab.h"
#include "tests/app/app_driver.h"

namespace vitrine::shell {
namespace {

// A lab whose picture and explanation fail.
struct Broken {
  static constexpr labs::LabInfo kInfo{labs::Wing::kLearning, "broken", "Broken",
                                       "It cannot be drawn.", "0 = 1",  "nobody"};
  struct Params {
    bool operator==(const Params&) const = default;
    void describe(core::Fields&) {}
  };
  struct View {
    widgets::Playhead playhead;
    void describe(core::Fields&) {}
    void unpin() {}
  };
  struct Result {};
  static std::vector<labs::Preset<Params>> presets() { return {{"Broken", {}}}; }
  static void controls(Params&, widgets::Controls&) {}
  static std::vector<labs::Problem> validate(const Params&) { return {}; }
  static Result compute(const Params&, std::stop_token) { return {}; }
  static int last_step(const Result&) { return 0; }
  static void draw(const std::shared_ptr<const Result>&, View&, widgets::Canvas& canvas) {
    canvas.push_clip({0, 0, 1, 1});
    throw std::runtime_error("there is no such cell");
  }
  static widgets::Equation explain(const Result&, const View&) { throw std::runtime_error("nor a reason"); }
  static lessons::Symbols numbers(const Result&, const View&) { return {}; }
  static std::string code(const Result&, const View&) { return ""; }
  static bool open(const std::filesystem::path&, Params&) { return false; }
};

TEST(App, ALabThatCannotBeDrawnLeavesTheRestAlive) {
  LabDriver<Broken> d;
  d.settle();
  const widgets::Rect stage = d.find("stage");
  EXPECT_GT(stage.w, 100);
  EXPECT_EQ(d.find("explain").y, stage.bottom());
  d.app().settings().inspector = false;
  d.frames(2);
  EXPECT_GT(d.find("stage").w, stage.w);
}

core::Index stride_of(AppDriver& d) {
  return dynamic_cast<labs::ComputeLab<labs::SlidingWindow>&>(d.lab()).params().window.stride;
}

TEST(App, WheelOverANumberStepsItAndDoesNotScroll) {
  AppDriver d(labs::all_labs({}), 1280, 860);
  d.app().select("sliding-window");
  d.settle();
  const float y = d.find("Stride").y;
  d.scroll("Stride", 1);
  EXPECT_EQ(stride_of(d), 2);
  EXPECT_EQ(d.find("Stride").y, y);
}

TEST(App, NumbersThatAreScrolledUnderThePointerLetTheWheelPass) {
  AppDriver d(labs::all_labs({}), 1280, 860);
  d.app().select("sliding-window");
  d.settle();
  const float y = d.find("Stride").y;
  // Every notch scrolls, whatever comes under the pointer, until the pointer moves.
  const widgets::Point free{d.find("Stride").center().x, d.find("Stride").y - 20};
  for (int i = 0; i < 8; ++i) d.scroll(free, i < 4 ? -0.25f : 0.25f);
  EXPECT_EQ(d.find("Stride").y, y);
  EXPECT_EQ(stride_of(d), 1);
  d.scroll(free, -10);
  EXPECT_LT(d.find("Stride").y, y);
  d.scroll("Stride", 1);
  EXPECT_EQ(stride_of(d), 2);
}

TEST(App, EachLabKeepsItsPlaceInTheInspector) {
  AppDriver d(labs::all_labs({}), 1280, 860);
  d.app().select("sliding-window");
  d.settle();
  const float y = d.find("Stride").y;
  d.scroll(widgets::Point{d.find("Stride").x - 100, y + 4}, -2);
  const float scrolled = d.find("Stride").y;
  ASSERT_LT(scrolled, y);
  d.app().select("attention");
  d.settle();
  EXPECT_GT(d.find("By hand").y, 0);
  EXPECT_LT(d.find("By hand").y, 300);
  d.app().select("sliding-window");
  d.settle();
  EXPECT_EQ(d.find("Stride").y, scrolled);
}

TEST(App, KeysOfAnOpenListAreItsOwn) {
  AppDriver d(labs::all_labs({}));
  d.click("Source");
  d.key(Key::kDown);
  d.key(Key::kRight);
  d.key(Key::kDigit2);
  EXPECT_EQ(d.lab().info().id, "image");
  EXPECT_EQ(d.lab().playhead().t, 0);
  d.key(Key::kEnter);
  EXPECT_TRUE(d.app().items().find("Image")) << "Enter chooses Fashion-MNIST";
  d.key(Key::kRight);
  EXPECT_EQ(d.lab().playhead().t, 1);
}

TEST(App, DigitsTypedIntoAFieldOpenNoLab) {
  AppDriver d(labs::all_labs({}));
  d.type("k[1,1]", "2");
  EXPECT_EQ(d.lab().info().id, "image");
  EXPECT_TRUE(d.lab().can_undo());
}

TEST(App, PageUpAndDownWalkThroughTheLabs) {
  AppDriver d(labs::all_labs({}));
  d.key(Key::kPageUp);
  EXPECT_EQ(d.lab().info().id, "image") << "there is none above the first";
  d.key(Key::kPageDown);
  EXPECT_EQ(d.lab().info().id, "sliding-window");
  d.key(Key::kPageDown);
  EXPECT_EQ(d.lab().info().id, "one-matrix");
  d.key(Key::kPageUp);
  EXPECT_EQ(d.lab().info().id, "sliding-window");
}

TEST(App, ARailTooLowForAllLabsScrolls) {
  AppDriver d(labs::all_labs({}), 1280, 280);
  EXPECT_TRUE(d.app().items().find("lab image"));
  EXPECT_FALSE(d.app().items().find("lab training"));
  d.scroll("lab image", -20);
  EXPECT_FALSE(d.app().items().find("lab image"));
  d.click("lab training");
  EXPECT_EQ(d.lab().info().id, "training");
  d.key(Key::kDigit1);
  EXPECT_TRUE(d.app().items().find("lab image")) << "an opened lab is scrolled to";
}

TEST(App, EscLeavesThePresenter) {
  AppDriver d(labs::all_labs({}));
  d.click("presenter");
  EXPECT_FALSE(d.app().items().find("presenter"));
  d.key(Key::kEscape);
  EXPECT_TRUE(d.app().items().find("presenter"));
}

TEST(App, AllKeysAreShownByMouseAndByKey) {
  AppDriver d(labs::all_labs({}));
  const int plain = d.most_vertices();
  d.click("all keys");
  EXPECT_GT(d.most_vertices(), plain);
}

TEST(App, EveryControlOfEveryLabHasAHelp) {
  AppDriver d(labs::all_labs({}));
  for (const labs::LabInfo* info : d.app().labs()) {
    d.app().select(info->id);
    std::vector<std::string> presets = d.lab().presets();
    if (info->wing == labs::Wing::kLearning) presets.clear();  // one begins a run
    presets.emplace_back();
    for (const std::string& preset : presets) {
      d.lab().load_preset(preset);
      d.settle();
      const std::string& said = d.app().transcript();
      const std::size_t at = said.find("no help: ");
      EXPECT_EQ(at, said.npos) << info->id << ", " << preset << ": "
                               << said.substr(std::min(at, said.size()), 60);
    }
  }
}

}  // namespace
}  // namespace vitrine::shell
