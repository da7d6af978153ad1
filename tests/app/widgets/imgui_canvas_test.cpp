#include "app/widgets/imgui_canvas.h"

#include <gtest/gtest.h>

#include "app/shell/gui_context.h"
#include "engine/io/assets.h"

namespace vitrine::widgets {
namespace {

constexpr int kSide_px = 64;

// A black and a white cell side by side, zoomed about the stage's top left and moved; the pixel at (x, y).
gpu::Rgba8 pixel_of_zoomed(float zoom, Point pan_px, int x, int y) {
  const auto surface = shell::open_off_screen({kSide_px, kSide_px}, 1);
  shell::GuiContext gui(*surface);
  HeatmapStore heatmaps(io::asset("shaders"));
  const Fonts fonts;
  Items items;
  Words words;
  const Screen screen{dark_theme(), fonts, &heatmaps, items, words, 1, false};
  const core::Tensor<float> values({1, 2}, {0, 1});
  gui.begin_frame(0);
  {
    ImGuiCanvas canvas(screen, ImGui::GetBackgroundDrawList(), {0, 0, kSide_px, kSide_px}, true, zoom,
                       pan_px);
    canvas.heatmap({"cells", canvas.area(), &values, gpu::Colormap::kGrey, {0, 1}, nullptr});
  }
  const auto pixels = gui.end_frame_to_pixels({1, 2, 3});
  return pixels[static_cast<std::size_t>(y * kSide_px + x)];
}

TEST(ImGuiCanvas, AHeatmapLargerThanATextureIsCutToTheStage) {
  constexpr gpu::Rgba8 kBlack{0, 0, 0, 255}, kWhite{255, 255, 255, 255};
  EXPECT_EQ(pixel_of_zoomed(1, {0, 0}, 31, 40), kBlack);
  EXPECT_EQ(pixel_of_zoomed(1, {0, 0}, 32, 40), kWhite);
  // 64 000 pixels wide; the border between the cells is brought to x = 20.
  constexpr float kZoom = 1000, kBorder_px = kZoom * kSide_px / 2;
  EXPECT_EQ(pixel_of_zoomed(kZoom, {20 - kBorder_px, -100}, 19, 40), kBlack);
  EXPECT_EQ(pixel_of_zoomed(kZoom, {20 - kBorder_px, -100}, 20, 40), kWhite);
  EXPECT_EQ(pixel_of_zoomed(1, {100, 0}, 5, 5), (gpu::Rgba8{1, 2, 3, 255})) << "beside the stage";
}

}  // namespace
}  // namespace vitrine::widgets
