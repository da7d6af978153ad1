// Loads the program's faces: Inter and JetBrains Mono, with DejaVu behind them for the signs of mathematics.
#pragma once

#include <filesystem>
#include <vector>

#include "app/figures/font_files.h"
#include "app/widgets/fonts.h"

struct ImFontAtlas;

namespace vitrine::shell {

// Fills the atlas, whose fonts of before go, with every face in its sizes: an em of size_px pixels of the
// theme times `scale`, which is kept within 0.5 .. 4. The first is ImGui's default. A file that is missing or
// is no font is replaced by the face's other one; without any there are only ImGui's own letters. Outside a
// frame; afterwards renew_font_texture().
widgets::Fonts load_fonts(ImFontAtlas& atlas, float scale,
                          const std::vector<std::filesystem::path>& folders = figures::font_folders());

}  // namespace vitrine::shell
