#include "app/shell/fonts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "app/shell/input.h"

namespace vitrine::shell {
namespace {

using widgets::Face;
using widgets::kMathematics;

// First and last code points in pairs, closed by a 0.
constexpr ImWchar kEverything[] = {0x20,   0x17F,  0x2B0,  0x2FF,  0x370,  0x3FF,  0x1D2C, 0x1D6A, 0x2010,
                                   0x205E, 0x2070, 0x209C, 0x2100, 0x214F, 0x2190, 0x21FF, 0x2200, 0x22FF,
                                   0x2300, 0x23FF, 0x25A0, 0x25FF, 0x2600, 0x27EF, 0};
// For sizes that write titles and numbers.
constexpr ImWchar kShort[] = {0x20,   0x17F,  0x370,  0x3FF,  0x1D40, 0x1D40, 0x2010, 0x203A,
                              0x2070, 0x209C, 0x2102, 0x211D, 0x2190, 0x2195, 0x2200, 0x222B,
                              0x2248, 0x2265, 0x2295, 0x2299, 0x22C5, 0x22EF, 0};
// What the program writes beyond ASCII: − × · ∑ √ ∂ ∞ ₂ ᵀ → ∈ ⊙
constexpr ImWchar kSigns[] = {0x2212, 0xD7,   0xB7,   0x2211, 0x221A, 0x2202,
                              0x221E, 0x2082, 0x1D40, 0x2192, 0x2208, 0x2299};

// A font file in memory, and what of it sets sizes.
struct FontFile {
  std::string bytes;
  float line_per_em;  // ascent minus descent, in ems: ImGui's sizes are lines, ours are ems
};

std::uint32_t big_endian(std::string_view bytes, std::size_t at, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
  return value;
}

// Where a table of an OpenType file starts, if `needed` bytes of it are there (OpenType 1.9, "Table
// Directory").
std::optional<std::size_t> table_at(std::string_view bytes, std::string_view tag, std::size_t needed) {
  constexpr std::size_t kHeader = 12, kRecord = 16;
  if (bytes.size() < kHeader) return std::nullopt;
  const std::size_t tables = big_endian(bytes, 4, 2);
  if (bytes.size() < kHeader + tables * kRecord) return std::nullopt;
  for (std::size_t i = 0; i < tables; ++i) {
    const std::size_t record = kHeader + i * kRecord;
    if (bytes.substr(record, 4) != tag) continue;
    const std::size_t start = big_endian(bytes, record + 8, 4);
    if (start <= bytes.size() && needed <= bytes.size() - start) return start;
  }
  return std::nullopt;
}

// Nothing if the file cannot be read or is no OpenType font.
std::optional<FontFile> read_font(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  FontFile font{{std::istreambuf_iterator<char>(stream), {}}, 0};
  const auto head = table_at(font.bytes, "head", 20), hhea = table_at(font.bytes, "hhea", 8);
  if (!stream || !head || !hhea) return std::nullopt;
  const auto units = static_cast<float>(big_endian(font.bytes, *head + 18, 2));
  const auto ascent = static_cast<std::int16_t>(big_endian(font.bytes, *hhea + 4, 2));
  const auto descent = static_cast<std::int16_t>(big_endian(font.bytes, *hhea + 6, 2));
  if (units < 16 || ascent <= descent) return std::nullopt;
  font.line_per_em = static_cast<float>(ascent - descent) / units;
  return font;
}

struct FontRow {
  Face face;
  float size_px;
  const ImWchar* ranges;
};
constexpr FontRow kRows[] = {
    {Face::kWords, 15, kEverything},  // first: ImGui's default
    {Face::kWords, 13, kMathematics}, {Face::kWords, 18, kMathematics}, {Face::kWords, 22, kShort},
    {Face::kWords, 32, kShort},       {Face::kStrong, 15, kShort},      {Face::kStrong, 22, kShort},
    {Face::kNumbers, 11, kShort},     {Face::kNumbers, 13, kShort},     {Face::kNumbers, 15, kShort},
    {Face::kNumbers, 18, kShort},     {Face::kNumbers, 26, kShort},
};

constexpr float kSmoothEnough_px = 20;  // from this size on, finer steps across are not seen
constexpr float kSmallestScale = 0.5f, kLargestScale = 4;

ImFont* add_built_in_font(ImFontAtlas& atlas, float size_px) {
  ImFontConfig config;
  config.SizePixels = size_px;
  return atlas.AddFontDefault(&config);
}

// The font of one row, the letters' file first. Null if there is neither file.
ImFont* add_font(ImFontAtlas& atlas, const FontRow& row, float scale, std::span<FontFile* const> files) {
  ImFont* font = nullptr;
  for (FontFile* file : files) {
    ImFontConfig config;
    config.FontDataOwnedByAtlas = false;  // the atlas makes its own copy
    config.OversampleH = row.size_px * scale < kSmoothEnough_px ? 2 : 1;
    config.MergeMode = font != nullptr;
    ImFont* added = atlas.AddFontFromMemoryTTF(file->bytes.data(), static_cast<int>(file->bytes.size()),
                                               row.size_px * scale * file->line_per_em, &config, row.ranges);
    if (font == nullptr) font = added;
  }
  return font;
}

}  // namespace

widgets::Fonts load_fonts(ImFontAtlas& atlas, float scale,
                          const std::vector<std::filesystem::path>& folders) {
  std::array<std::array<std::optional<FontFile>, 2>, figures::kFaces> loaded;  // letters, signs
  const auto found = figures::find_fonts(folders);
  for (std::size_t face = 0; face < figures::kFaces; ++face)
    loaded[face] = {read_font(found[face].letters), read_font(found[face].signs)};

  const float kept_scale = std::isfinite(scale) ? std::clamp(scale, kSmallestScale, kLargestScale) : 1;
  atlas.Clear();
  atlas.Flags |= ImFontAtlasFlags_NoPowerOfTwoHeight;
  widgets::Fonts fonts;
  for (const FontRow& row : kRows) {
    const auto face = static_cast<std::size_t>(row.face);
    std::vector<FontFile*> files;
    for (auto& file : loaded[face])
      if (file) files.push_back(&*file);
    if (files.empty()) continue;
    fonts.fonts.push_back({row.face, row.size_px, add_font(atlas, row, kept_scale, files)});
    fonts.line_per_em[face] = files.front()->line_per_em;
  }
  if (fonts.fonts.empty())
    fonts.fonts.push_back({Face::kWords, 15, add_built_in_font(atlas, 15 * kept_scale)});
  atlas.Build();
  for (const auto& sized : fonts.fonts) align_digits(*sized.font);
  fonts.ascii_only = !std::all_of(std::begin(kSigns), std::end(kSigns),
                                  [&](ImWchar sign) { return has_glyph(fonts.fonts.front().font, sign); });
  return fonts;
}

}  // namespace vitrine::shell
