// Typefaces: the house's fonts with their measures, for figures: words are laid out glyph by glyph, digits
// all equally wide as on the screen. Not for two threads at once.
#pragma once

#include <cairo.h>

#include <memory>
#include <string_view>
#include <vector>

#include "app/figures/font_files.h"
#include "app/widgets/canvas.h"

namespace vitrine::figures {

class Typefaces {
 public:
  // Throws io::FileError where a font that is there cannot be read, std::runtime_error where there is none.
  explicit Typefaces(const std::vector<std::filesystem::path>& folders = font_folders());
  ~Typefaces();
  Typefaces(const Typefaces&) = delete;
  Typefaces& operator=(const Typefaces&) = delete;

  struct Glyph {
    unsigned long index;  // in its font
    double x;             // of its origin, from the left end
    int bytes;            // of the words that it stands for
  };
  // Glyphs of one font that follow each other.
  struct Run {
    std::size_t font;
    std::string_view words;
    std::vector<Glyph> glyphs;
  };
  struct Line {
    double width = 0;
    std::vector<Run> runs;
  };
  // Words in UTF-8, in an em of `size`; the runs point into them.
  Line lay_out(std::string_view words, widgets::Face face, double size) const;
  float width(std::string_view words, widgets::Face face, double size) const {
    return static_cast<float>(lay_out(words, face, size).width);
  }
  // Of the baseline, below the vertical middle of a line, in ems.
  double baseline(widgets::Face face) const;
  cairo_font_face_t* cairo_face(std::size_t font) const;

  struct Library;

 private:
  struct Font;
  std::size_t font_for(widgets::Face face, char32_t character) const;

  std::vector<std::unique_ptr<Font>> fonts_;
  std::array<std::vector<std::size_t>, kFaces> of_face_;  // indices of fonts_: letters, signs
};

}  // namespace vitrine::figures
