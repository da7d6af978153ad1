// Every lab without a mouse: opened from the rail, every control of its inspector reached by Tab, something
// in it changed and taken back, and the shapes of its picture reached by arrows.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "app/labs/labs.h"
#include "engine/io/json_fields.h"
#include "tests/app/app_driver.h"

namespace vitrine::labs {
namespace {

using shell::Key;
using widgets::Point;
using widgets::Rect;
using widgets::Use;

std::vector<std::string> ids() {
  std::vector<std::string> ids;
  for (const auto& lab : all_labs({})) ids.emplace_back(lab->info().id);
  return ids;
}

class Hands : public AppDriver {
 public:
  explicit Hands(const std::string& id, float width = 1280, float height = 800)
      : AppDriver(all_labs({}), width, height) {
    EXPECT_TRUE(to_part([](const std::string& name) { return name.starts_with("lab "); }));
    EXPECT_TRUE(tab_to("lab " + id));
    press(Key::kEnter);
    settle();
    EXPECT_EQ(lab().info().id, id);
  }

  const std::string& focus() { return app().key_focus().name(); }
  bool shown() { return app().key_focus().ring_px().has_value(); }
  // A key, without waiting for what is computed.
  void press(Key key, bool shift = false) {
    if (shift) push(shell::KeyInput{Key::kLeftShift, true});
    push(shell::KeyInput{key, true});
    push(shell::KeyInput{key, false});
    if (shift) push(shell::KeyInput{Key::kLeftShift, false});
    flush();
  }
  // F6 until what has the keyboard is of this part of the window.
  template <class Is>
  bool to_part(Is is) {
    for (int i = 0; i < 8; ++i) {
      if (shown() && is(focus())) return true;
      press(Key::kF6);
    }
    return false;
  }
  bool tab_to(const std::string& name) {
    for (std::size_t i = 0; i < app().items().all().size() + 8; ++i) {
      if (shown() && focus() == name) return true;
      press(Key::kTab);
    }
    return false;
  }

  bool in_inspector(const widgets::Item& item) {
    return item.use != Use::kShape && item.use != Use::kPlace &&
           item.place_px.center().x > find("stage").right();
  }
  std::vector<widgets::Item> controls() {
    std::vector<widgets::Item> all;
    for (const widgets::Item& item : app().items().all())
      if (in_inspector(item)) all.push_back(item);
    return all;
  }
  bool to_inspector() {
    return to_part([this](const std::string& name) {
      const widgets::Item* item = app().items().item(name);
      return item && in_inspector(*item);
    });
  }
  nlohmann::json state() {
    io::JsonWriter writer;
    lab().describe(writer);
    return nlohmann::json::parse(writer.text());
  }
};

TEST(Keyboard, ReachesEveryControlOfEveryLab) {
  for (const std::string& id : ids()) {
    SCOPED_TRACE(id);
    Hands d(id);
    ASSERT_TRUE(d.to_inspector());
    std::set<std::string> left;
    for (const auto& item : d.controls()) left.insert(item.name);
    const std::size_t most = left.size() + 4;
    for (std::size_t i = 0; i < most && !left.empty(); ++i) {
      ASSERT_TRUE(d.shown());
      const Rect at = d.find(d.focus());
      EXPECT_GE(at.y, 0) << d.focus() << " is scrolled to";
      EXPECT_LE(at.bottom(), 800) << d.focus();
      left.erase(d.focus());
      d.press(Key::kTab);
    }
    EXPECT_TRUE(left.empty()) << testing::PrintToString(left) << " after " << most << " presses of Tab";
  }
}

// What there is to compute; of a lab that only looks at what another has computed, nothing.
nlohmann::json params_of(const nlohmann::json& state) { return state.value("params", nlohmann::json()); }

// The control that a key changes Params by; else the one that changes View; empty where there is none.
std::string change_something(Hands& d) {
  constexpr std::size_t kTried = 8;
  std::vector<std::string> numbers, choices;
  const std::vector<std::string> presets = d.lab().presets();
  const bool own_presets = d.lab().info().wing != Wing::kLearning;  // elsewhere they train
  for (const auto& item : d.controls()) {
    if (item.name.starts_with("Theme")) break;  // the rest is the window's
    if (item.use == Use::kNumber) numbers.push_back(item.name);
    if (item.name.find('=') != std::string::npos ||
        (own_presets && std::ranges::find(presets, item.name) != presets.end()))
      choices.push_back(item.name);
  }
  numbers.resize(std::min(numbers.size(), kTried));
  choices.resize(std::min(choices.size(), kTried));
  const nlohmann::json before = d.state();
  std::string looked;
  const auto tries = [&](const std::vector<std::string>& names, std::initializer_list<Key> keys) {
    for (const std::string& name : names) {
      if (!d.app().items().find(name) || !d.tab_to(name)) continue;
      for (const Key key : keys) {
        d.press(key);
        const nlohmann::json now = d.state();
        if (params_of(now) != params_of(before)) return name;
        if (looked.empty() && now != before) looked = name;
      }
    }
    return std::string();
  };
  std::string changed = tries(numbers, {Key::kUp, Key::kDown});
  if (changed.empty()) changed = tries(choices, {Key::kEnter});
  return changed.empty() ? looked : changed;
}

TEST(Keyboard, ChangesSomethingInEveryLabAndTakesItBack) {
  for (const std::string& id : ids()) {
    SCOPED_TRACE(id);
    Hands d(id);
    const nlohmann::json before = d.state();
    const std::string changed = change_something(d);
    ASSERT_FALSE(changed.empty());
    if (params_of(d.state()) == params_of(before)) continue;  // only what is looked at: not undone
    d.settle();
    d.key(Key::kZ, true);
    EXPECT_EQ(params_of(d.state()), params_of(before)) << changed;
    EXPECT_TRUE(d.shown()) << changed;
  }
}

TEST(Keyboard, GoesAboutEveryPicture) {
  for (const std::string& id : ids()) {
    SCOPED_TRACE(id);
    Hands d(id);
    const Rect stage = d.find("stage");
    std::set<std::string> shapes;
    for (const auto& item : d.app().items().all())
      if (item.use == Use::kShape && stage.contains(item.place_px.center())) shapes.insert(item.name);
    if (shapes.empty()) continue;
    ASSERT_TRUE(d.to_part([&](const std::string& name) { return shapes.contains(name); }));
    const double t = d.lab().playhead().t;
    std::set<std::string> reached{d.focus()};
    std::set<std::pair<float, float>> pointed;
    for (const Key key : {Key::kRight, Key::kDown, Key::kLeft, Key::kUp})
      for (int i = 0; i < 6; ++i) {
        d.press(key, true);
        reached.insert(d.focus());
        const Point p = d.app().key_focus().pointer_px();
        pointed.emplace(p.x, p.y);
        ASSERT_TRUE(stage.contains(p)) << d.focus();
        const ImVec2 mouse = ImGui::GetIO().MousePos;
        ASSERT_TRUE(d.shown());
        EXPECT_TRUE(d.app().key_focus().ring_px()->contains({mouse.x, mouse.y})) << "the pointer is there";
      }
    EXPECT_TRUE(shapes.size() == 1 || reached.size() + pointed.size() > 2);
    EXPECT_EQ(d.lab().playhead().t, t) << "arrows on the picture do not step";
  }
}

TEST(Keyboard, GoesDownARailThatScrolls) {
  AppDriver d(all_labs({}), 1280, 300);
  const auto& focus = d.app().key_focus();
  for (int i = 0; i < 8 && !focus.name().starts_with("lab "); ++i) d.key(Key::kF6);
  for (const std::string& id : ids()) {
    EXPECT_EQ(focus.name(), "lab " + id);
    d.key(Key::kTab);
  }
  EXPECT_EQ(focus.name(), "learn");
}

}  // namespace
}  // namespace vitrine::labs
