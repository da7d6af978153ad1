#include "app/shell/surface.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <optional>
#include <thread>

#include "app/gpu/gl.h"
#include "app/shell/gui_context.h"

namespace vitrine::shell {
namespace {

using testing::HasSubstr;

// Sets an environment variable, or with null removes it, and puts it back at the end.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) {
    if (const char* now = std::getenv(name)) before_ = now;
    assign(value);
  }
  ~Environment() { assign(before_ ? before_->c_str() : nullptr); }

 private:
  void assign(const char* value) { value ? setenv(name_, value, 1) : unsetenv(name_); }
  const char* name_;
  std::optional<std::string> before_;
};

std::string refusal_to_open_a_window() {
  try {
    open_window("Vitrine", {640, 480});
  } catch (const SurfaceError& error) {
    return error.what();
  }
  return "a window was opened";
}

TEST(Window, WithoutADisplaySaysSoInOneLine) {
  const Environment no_x("DISPLAY", nullptr), no_wayland("WAYLAND_DISPLAY", nullptr);
  const std::string words = refusal_to_open_a_window();
  EXPECT_THAT(words, HasSubstr("no display"));
  EXPECT_THAT(words, HasSubstr("DISPLAY"));
  EXPECT_EQ(words.find('\n'), std::string::npos);
}

TEST(Window, WithADeadDisplayNamesIt) {
  const Environment dead("DISPLAY", ":9876"), no_wayland("WAYLAND_DISPLAY", nullptr);
  EXPECT_THAT(refusal_to_open_a_window(), HasSubstr(":9876"));
}

TEST(OffScreen, FramesOfAnySizeAreDrawn) {
  for (const PixelSize size : {PixelSize{0, 0}, {0, 50}, {1, 1}, {5000, 100}, {640, 480}}) {
    const auto surface = open_off_screen(size, 1.5f);
    GuiContext gui(*surface);
    EXPECT_EQ(surface->size(), size);
    EXPECT_EQ(surface->scale(), 1.5f);
    for (int frame = 0; frame < 2; ++frame) {
      gui.begin_frame(0);
      ImGui::ShowMetricsWindow();
      const auto pixels = gui.end_frame_to_pixels({1, 2, 3});
      EXPECT_EQ(pixels.size(), static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height));
      EXPECT_TRUE(pixels.empty() || pixels.back() == (gpu::Rgba8{1, 2, 3}));
    }
    EXPECT_EQ(glGetError(), static_cast<GLenum>(GL_NO_ERROR));
  }
}

TEST(OffScreen, TheSameFrameIsTheSameBits) {
  std::vector<gpu::Rgba8> first;
  for (int run = 0; run < 2; ++run) {
    const auto surface = open_off_screen({300, 200}, 1);
    GuiContext gui(*surface);
    gui.begin_frame(0.016);
    ImGui::GetBackgroundDrawList()->AddCircleFilled({100.3f, 90.7f}, 55.5f, IM_COL32(86, 180, 233, 200));
    ImGui::GetBackgroundDrawList()->AddText({20, 20}, IM_COL32_WHITE, "y[i] = sum x[i+k] w[k]");
    const auto pixels = gui.end_frame_to_pixels({16, 18, 22});
    if (run == 0) first = pixels;
    EXPECT_EQ(pixels, first);
    EXPECT_NE(pixels[90 * 300 + 100], (gpu::Rgba8{16, 18, 22}));
  }
}

TEST(OffScreen, TopRowIsFirst) {
  const auto surface = open_off_screen({4, 4}, 1);
  GuiContext gui(*surface);
  gui.begin_frame(0.016);
  ImGui::GetBackgroundDrawList()->AddRectFilled({0, 0}, {4, 1}, IM_COL32_WHITE);
  const auto pixels = gui.end_frame_to_pixels({0, 0, 0});
  EXPECT_EQ(pixels[0], (gpu::Rgba8{255, 255, 255}));
  EXPECT_EQ(pixels[12], (gpu::Rgba8{0, 0, 0}));
}

TEST(OffScreen, ASizeBeyondTheDriverIsRefused) {
  EXPECT_THROW(open_off_screen({1 << 20, 1}, 1), gpu::GlError);
  EXPECT_THROW(open_off_screen({-1, 1}, 1), std::invalid_argument);
}

TEST(OffScreen, WaitEndsByInputByWakeOrByTime) {
  const auto surface = open_off_screen({8, 8}, 1);
  EXPECT_TRUE(surface->wait_events(60));  // the first frame is due at once
  EXPECT_FALSE(surface->wait_events(0));
  EXPECT_FALSE(surface->wait_events(0.01));
  {
    const std::jthread other([&surface] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      surface->wake();
    });
    const auto start = std::chrono::steady_clock::now();
    EXPECT_TRUE(surface->wait_events(60));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30));
  }
  surface->wake();  // before the wait: not lost
  EXPECT_TRUE(surface->wait_events(60));
  surface->input().push(PointerInput{{1, 1}});
  EXPECT_TRUE(surface->wait_events(0));
}

TEST(OffScreen, CopyAndPasteGoThroughTheSurface) {
  const auto surface = open_off_screen({8, 8}, 1);
  GuiContext gui(*surface);
  ImGui::SetClipboardText("K = [1, 0, −1]");
  EXPECT_EQ(surface->clipboard(), "K = [1, 0, −1]");
  surface->set_clipboard("x");
  EXPECT_STREQ(ImGui::GetClipboardText(), "x");
}

}  // namespace
}  // namespace vitrine::shell
