// The frame around the labs, and what a lab's failure leaves of it.
#include "app/shell/app.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/app/app_driver.h"

namespace vitrine::shell {
namespace {

// A lab whose picture and explanation fail.
struct Broken {
  static constexpr labs::LabInfo kInfo{"broken", "Broken", "It cannot be drawn.", "0 = 1", "nobody"};
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

}  // namespace
}  // namespace vitrine::shell
