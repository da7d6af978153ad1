// What ImGui sees of inputs that come faster than frames.
#include "app/shell/input.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace vitrine::shell {
namespace {

class InputOrder : public testing::Test {
 protected:
  InputOrder() {
    ImGui::CreateContext();
    ImGuiIO& io = ImGui::GetIO();
    io.IniFilename = nullptr;
    io.DisplaySize = ImVec2(400, 300);
    io.DeltaTime = 0.02f;
    prepare_keys(io);
    io.Fonts->Build();
  }
  ~InputOrder() override { ImGui::DestroyContext(); }

  void tap(Key key) {
    queue_.push(KeyInput{key, true});
    queue_.push(KeyInput{key, false});
  }
  void type(Key key, char character) {
    queue_.push(KeyInput{key, true});
    queue_.push(TextInput{static_cast<unsigned char>(character)});
    queue_.push(KeyInput{key, false});
  }
  // Draws frames, `during` inside each, until nothing waits any more; returns how many.
  template <class During>
  int frames(During during) {
    int count = 0;
    do {
      queue_.feed(ImGui::GetIO());
      ImGui::NewFrame();
      during();
      ImGui::EndFrame();
      ++count;
    } while (!queue_.empty() && count < 1000);
    return count;
  }

  InputQueue queue_;
};

TEST_F(InputOrder, AKeyPressedAndReleasedBetweenFramesIsSeenEachTime) {
  for (int i = 0; i < 20; ++i) tap(Key::kSpace);
  int pressed = 0;
  frames([&] { pressed += key_pressed(Key::kSpace); });
  EXPECT_EQ(pressed, 20);
}

TEST_F(InputOrder, AShortcutHasItsModifierAndTheNextKeyHasNot) {
  queue_.push(KeyInput{Key::kLeftCtrl, true});
  tap(Key::kZ);
  queue_.push(KeyInput{Key::kLeftCtrl, false});
  tap(Key::kZ);
  std::vector<bool> with_ctrl;
  frames([&] {
    if (key_pressed(Key::kZ)) with_ctrl.push_back(ImGui::GetIO().KeyCtrl);
  });
  EXPECT_EQ(with_ctrl, (std::vector<bool>{true, false}));
}

TEST_F(InputOrder, TextAndEditingKeysKeepTheirOrder) {
  char text[16] = "";
  const auto field = [&text] {
    ImGui::SetNextWindowPos({0, 0});
    ImGui::Begin("w");
    if (!ImGui::IsAnyItemActive()) ImGui::SetKeyboardFocusHere();
    ImGui::InputText("t", text, sizeof text);
    ImGui::End();
  };
  for (int i = 0; i < 4; ++i) frames(field);  // the field takes the focus
  type(Key::kA, 'a');
  type(Key::kB, 'b');
  tap(Key::kBackspace);
  type(Key::kC, 'c');
  tap(Key::kLeft);
  type(Key::kD, 'd');
  frames(field);
  EXPECT_STREQ(text, "adc");
}

TEST_F(InputOrder, AClickLandsWhereItWasMade) {
  queue_.push(PointerInput{{20, 20}});
  queue_.push(ButtonInput{0, true});
  queue_.push(ButtonInput{0, false});
  queue_.push(PointerInput{{300, 200}});
  std::vector<float> clicked_at;
  frames([&] {
    if (ImGui::IsMouseClicked(0)) clicked_at.push_back(ImGui::GetIO().MousePos.x);
  });
  EXPECT_EQ(clicked_at, std::vector<float>{20});
  EXPECT_EQ(ImGui::GetIO().MousePos.x, 300);
}

TEST_F(InputOrder, ADoubleClickBetweenTwoFramesIsOne) {
  queue_.push(PointerInput{{20, 20}});
  for (const bool down : {true, false, true, false}) queue_.push(ButtonInput{0, down});
  int doubles = 0;
  frames([&] { doubles += ImGui::IsMouseDoubleClicked(0); });
  EXPECT_EQ(doubles, 1);
}

TEST_F(InputOrder, MovesOfOneFrameAreOneAndNotchesAddUp) {
  for (int i = 1; i <= 100; ++i) queue_.push(PointerInput{{static_cast<float>(i), 5}});
  for (int i = 0; i < 3; ++i) queue_.push(ScrollInput{{0, 1}});
  float notches = 0;
  EXPECT_EQ(frames([&] { notches += ImGui::GetIO().MouseWheel; }), 1);
  EXPECT_EQ(notches, 3);
  EXPECT_EQ(ImGui::GetIO().MousePos.x, 100);
}

TEST_F(InputOrder, ButtonsThatImGuiDoesNotKnowAreNobodys) {
  queue_.push(ButtonInput{7, true});
  queue_.push(ButtonInput{7, false});
  EXPECT_EQ(frames([] {}), 1);
  EXPECT_TRUE(queue_.empty());
}

TEST_F(InputOrder, WhenThePointerLeavesNothingIsHovered) {
  queue_.push(PointerInput{{20, 20}});
  frames([] { EXPECT_TRUE(ImGui::IsMousePosValid()); });
  queue_.push(PointerLeft{});
  frames([] { EXPECT_FALSE(ImGui::IsMousePosValid()); });
}

TEST_F(InputOrder, TypedAsksForTheCharacterNotTheKey) {
  queue_.push(TextInput{'['});
  bool seen = false;
  frames([&] { seen = typed('[') && !typed(']'); });
  EXPECT_TRUE(seen);
}

}  // namespace
}  // namespace vitrine::shell
