#include "app/figures/typefaces.h"

#include <cairo-ft.h>
#include <ft2build.h>

#include <algorithm>
#include <new>
#include <stdexcept>
#include <utility>
#include FT_FREETYPE_H
#include FT_ADVANCES_H

#include "engine/core/utf8.h"
#include "engine/io/files.h"

namespace vitrine::figures {

struct Typefaces::Library {
  Library() {
    if (FT_Init_FreeType(&library) != 0) throw std::runtime_error("FreeType cannot be started");
  }
  ~Library() { FT_Done_FreeType(library); }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  FT_Library library = nullptr;
};

// A font's file while FreeType or cairo, which keeps glyphs for later, has a use for it.
struct LoadedFace {
  LoadedFace(std::shared_ptr<const Typefaces::Library> of, const std::filesystem::path& path);
  ~LoadedFace() { FT_Done_Face(face); }
  LoadedFace(const LoadedFace&) = delete;
  LoadedFace& operator=(const LoadedFace&) = delete;

  std::shared_ptr<const Typefaces::Library> library;
  std::string file;
  FT_Face face = nullptr;
};

LoadedFace::LoadedFace(std::shared_ptr<const Typefaces::Library> of, const std::filesystem::path& path)
    : library(std::move(of)), file(io::read_file(path)) {
  if (FT_New_Memory_Face(library->library, reinterpret_cast<const FT_Byte*>(file.data()),
                         static_cast<FT_Long>(file.size()), 0, &face) != 0 ||
      face->units_per_EM == 0)
    throw io::FileError(path, "is no font");
}

struct Typefaces::Font {
  Font(const std::shared_ptr<const Library>& library, const std::filesystem::path& path) {
    static const cairo_user_data_key_t key{};
    auto loaded = std::make_unique<LoadedFace>(library, path);
    face = loaded->face;
    cairo = cairo_ft_font_face_create_for_ft_face(face, FT_LOAD_NO_HINTING);
    const auto destroy = [](void* face_of_cairo) { delete static_cast<LoadedFace*>(face_of_cairo); };
    if (cairo_font_face_set_user_data(cairo, &key, loaded.get(), destroy) != CAIRO_STATUS_SUCCESS) {
      cairo_font_face_destroy(cairo);
      throw std::bad_alloc();
    }
    loaded.release();  // it is cairo's
    for (char32_t digit = '0'; digit <= '9'; ++digit)
      digit_width = std::max(digit_width, advance(glyph_of(digit)));
  }
  ~Font() { cairo_font_face_destroy(cairo); }
  Font(const Font&) = delete;
  Font& operator=(const Font&) = delete;

  FT_UInt glyph_of(char32_t character) const { return FT_Get_Char_Index(face, character); }
  // In ems.
  double advance(FT_UInt glyph) const {
    FT_Fixed units = 0;
    FT_Get_Advance(face, glyph, FT_LOAD_NO_SCALE, &units);
    return static_cast<double>(units) / face->units_per_EM;
  }

  FT_Face face = nullptr;
  cairo_font_face_t* cairo = nullptr;
  double digit_width = 0;
};

Typefaces::Typefaces(const std::vector<std::filesystem::path>& folders) {
  const auto library = std::make_shared<const Library>();
  const auto files = find_fonts(folders);
  for (std::size_t face = 0; face < kFaces; ++face)
    for (const auto& path : {files[face].letters, files[face].signs}) {
      if (path.empty()) continue;
      fonts_.push_back(std::make_unique<Font>(library, path));
      of_face_[face].push_back(fonts_.size() - 1);
    }
  if (std::any_of(of_face_.begin(), of_face_.end(), [](const auto& fonts) { return fonts.empty(); }))
    throw std::runtime_error(
        "there are no fonts to write with: the packages fonts-inter, fonts-jetbrains-mono and "
        "fonts-dejavu-core hold them");
}

Typefaces::~Typefaces() = default;

std::size_t Typefaces::font_for(widgets::Face face, char32_t character) const {
  const auto& fonts = of_face_[static_cast<std::size_t>(face)];
  for (const std::size_t font : fonts)
    if (fonts_[font]->glyph_of(character) != 0) return font;
  return fonts.front();
}

Typefaces::Line Typefaces::lay_out(std::string_view words, widgets::Face face, double size) const {
  Line line;
  std::size_t at = 0;
  while (at < words.size()) {
    const auto read = core::first_character(words.substr(at));
    const char32_t character = read ? read->code : U'\uFFFD';
    const std::size_t bytes = read ? read->bytes : 1;
    const std::size_t font = font_for(face, character);
    const Font& f = *fonts_[font];
    if (line.runs.empty() || line.runs.back().font != font) line.runs.push_back({font, {}, {}});
    Run& run = line.runs.back();
    const std::size_t begin =
        run.words.empty() ? at : static_cast<std::size_t>(run.words.data() - words.data());
    run.words = words.substr(begin, at + bytes - begin);
    const FT_UInt glyph = f.glyph_of(character);
    const double advance = f.advance(glyph);
    const bool digit = character >= '0' && character <= '9';
    const double shift = digit ? (f.digit_width - advance) / 2 : 0;
    run.glyphs.push_back({glyph, line.width + size * shift, static_cast<int>(bytes)});
    line.width += size * (digit ? f.digit_width : advance);
    at += bytes;
  }
  return line;
}

double Typefaces::baseline(widgets::Face face) const {
  const FT_Face f = fonts_[of_face_[static_cast<std::size_t>(face)].front()]->face;
  return 0.5 * (f->ascender + f->descender) / f->units_per_EM;
}

cairo_font_face_t* Typefaces::cairo_face(std::size_t font) const { return fonts_[font]->cairo; }

}  // namespace vitrine::figures
