#include "app/shell/fonts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>

#include "app/gpu/gl.h"
#include "app/shell/gui_context.h"
#include "app/shell/input.h"
#include "app/shell/surface.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::shell {
namespace {

using widgets::Face;
using widgets::Fonts;

float width(ImFont* font, const std::string& text) {
  constexpr float kUnlimited = 1e9f;
  return font->CalcTextSizeA(font_size(font), kUnlimited, 0, text.data(), text.data() + text.size()).x;
}

class FontFiles : public testing::Test {
 protected:
  const io::TemporaryFolder files_;
  const std::filesystem::path folder_ = files_.path();
  const std::filesystem::path dejavu_ = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";
  ImFontAtlas atlas_;
};

TEST_F(FontFiles, EveryFaceHasItsSizesAndAllSigns) {
  const Fonts fonts = load_fonts(atlas_, 1);
  EXPECT_FALSE(fonts.ascii_only);
  for (const auto& [face, size_px] : {std::pair{Face::kWords, 13.0f},
                                      {Face::kWords, 15.0f},
                                      {Face::kWords, 18.0f},
                                      {Face::kStrong, 22.0f},
                                      {Face::kNumbers, 11.0f},
                                      {Face::kNumbers, 13.0f},
                                      {Face::kNumbers, 15.0f},
                                      {Face::kNumbers, 18.0f}}) {
    ImFont* font = fonts.pick(face, size_px);
    EXPECT_FLOAT_EQ(font_size(font), size_px * fonts.line_per_em[static_cast<std::size_t>(face)]);
    for (const ImWchar sign : {0x2212, 0xD7, 0x2211, 0x221A, 0x2202, 0x221E, 0x2082, 0x2208, 0x211D, 0x1D40})
      EXPECT_TRUE(has_glyph(font, sign)) << std::hex << int{sign} << " at " << std::dec << size_px;
  }
}

TEST_F(FontFiles, SizesAreEmsTimesTheScale) {
  for (const float scale : {0.5f, 1.0f, 2.5f}) {
    const Fonts fonts = load_fonts(atlas_, scale);
    // JetBrains Mono is 600 of 1000 units wide.
    EXPECT_NEAR(width(fonts.pick(Face::kNumbers, 15), "0"), 0.6f * 15 * scale, 0.02f);
  }
}

TEST_F(FontFiles, ScalesOutOfReasonAreKeptInside) {
  const auto text_size = [this](float scale) {
    return font_size(load_fonts(atlas_, scale).pick(Face::kWords, 15));
  };
  const float at_4 = text_size(4);
  EXPECT_EQ(text_size(1e9f), at_4);
  EXPECT_EQ(text_size(-1), at_4 / 8);
  EXPECT_EQ(text_size(std::nanf("")), at_4 / 4);
}

TEST_F(FontFiles, FiguresAreTabularAndMinusIsAsWideAsPlus) {
  const Fonts fonts = load_fonts(atlas_, 1);
  for (const auto& sized : fonts.fonts) {
    for (const char* digit : {"1", "4", "7", "8"})
      EXPECT_FLOAT_EQ(width(sized.font, digit), width(sized.font, "0")) << digit << " at " << sized.size_px;
    EXPECT_FLOAT_EQ(width(sized.font, "−"), width(sized.font, "+")) << sized.size_px;
  }
}

TEST_F(FontFiles, WithoutFilesImGuisOwnLettersAndAsciiSpellings) {
  const Fonts fonts = load_fonts(atlas_, 2, {folder_, "/nonexistent"});
  EXPECT_TRUE(fonts.ascii_only);
  ASSERT_EQ(fonts.fonts.size(), 1u);
  EXPECT_FLOAT_EQ(font_size(fonts.fonts[0].font), 30);
  EXPECT_EQ(fonts.line_per_em, (std::array<float, 3>{1, 1, 1}));
  EXPECT_GT(width(fonts.fonts[0].font, "x"), 0);
}

TEST_F(FontFiles, AFileThatIsNoFontIsReplaced) {
  std::ofstream(folder_ / "Inter-Regular.otf") << "OTTO and then nothing that a font has";
  std::ofstream(folder_ / "JetBrainsMono-Regular.ttf") << "";
  EXPECT_TRUE(load_fonts(atlas_, 1, {folder_}).ascii_only);
  std::filesystem::copy(dejavu_, folder_ / "DejaVuSans.ttf");
  const Fonts fonts = load_fonts(atlas_, 1, {folder_});
  EXPECT_FALSE(fonts.ascii_only);
  for (const auto& sized : fonts.fonts) EXPECT_EQ(sized.face, Face::kWords);
}

TEST_F(FontFiles, AFontCutAnywhereInItsTablesIsNoFont) {
  std::ifstream whole(dejavu_, std::ios::binary);
  std::string head(600, '\0');
  whole.read(head.data(), static_cast<std::streamsize>(head.size()));
  for (std::size_t length = 0; length < head.size(); length += 7) {
    std::ofstream(folder_ / "DejaVuSans.ttf", std::ios::binary) << head.substr(0, length);
    EXPECT_TRUE(load_fonts(atlas_, 1, {folder_}).ascii_only) << length << " bytes";
  }
}

TEST_F(FontFiles, TheScaleMayChangeBetweenFrames) {
  const auto surface = open_off_screen({120, 40}, 1);
  GuiContext gui(*surface);
  const auto lit_at = [&](float scale) {
    load_fonts(*ImGui::GetIO().Fonts, scale);
    renew_font_texture();
    gui.begin_frame(0.016);
    ImGui::GetBackgroundDrawList()->AddText({2, 2}, IM_COL32_WHITE, "Kernel");
    const auto pixels = gui.end_frame_to_pixels({0, 0, 0});
    EXPECT_EQ(glGetError(), static_cast<GLenum>(GL_NO_ERROR));
    return std::count_if(pixels.begin(), pixels.end(), [](gpu::Rgba8 p) { return p.r > 128; });
  };
  const auto once = lit_at(1), twice = lit_at(2);
  EXPECT_GT(once, 20);
  EXPECT_GT(twice, 2 * once);
}

}  // namespace
}  // namespace vitrine::shell
