#include "app/figures/svg.h"

#include <array>
#include <charconv>
#include <string_view>

#include "app/figures/painter.h"
#include "engine/core/utf8.h"

namespace vitrine::figures {
namespace {

constexpr core::Index kMostRectangles = 4096;
// By widgets::Face; what comes after the house's own is for who has not got it.
constexpr std::array<std::string_view, 3> kFaceAttributes = {
    R"( font-family="Inter, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif")",
    R"( font-family="Inter, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif" font-weight="600")",
    R"( font-family="'JetBrains Mono', 'DejaVu Sans Mono', monospace")"};

// At most two decimals.
std::string number(double value) {
  char text[64];
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, 2).ptr;
  std::string_view words(text, static_cast<std::size_t>(end - text));
  while (words.ends_with('0')) words.remove_suffix(1);
  if (words.ends_with('.')) words.remove_suffix(1);
  return words == "-0" ? "0" : std::string(words);
}

std::string attribute(std::string_view name, double value) {
  return " " + std::string(name) + "=\"" + number(value) + '"';
}

std::string hex(Color c) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "#";
  for (const std::uint8_t channel : {c.r, c.g, c.b}) {
    text += digits[channel / 16];
    text += digits[channel % 16];
  }
  return text;
}

// fill="#rrggbb", and its opacity where it is not full; the same of a stroke.
std::string paint(std::string_view what, Color c) {
  std::string text = " " + std::string(what) + "=\"" + hex(c) + '"';
  if (c.a < 255) text += " " + std::string(what) + "-opacity=\"" + number(c.a / 255.0) + '"';
  return text;
}

std::string box(const Rect& r) {
  return attribute("x", r.x) + attribute("y", r.y) + attribute("width", r.w) + attribute("height", r.h);
}

// What XML has a use for itself is written as its name; what it does not allow is left out or replaced.
std::string escaped(std::string_view words) {
  std::string text;
  for (const char c : core::utf8(core::code_points(words))) {
    if (c == '&')
      text += "&amp;";
    else if (c == '<')
      text += "&lt;";
    else if (c == '>')
      text += "&gt;";
    else if (c == '"')
      text += "&quot;";
    else if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t')
      text += c;
  }
  return text;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t three = 0;
    for (std::size_t i = 0; i < 3; ++i)
      three = three << 8 | (at + i < bytes.size() ? static_cast<std::uint8_t>(bytes[at + i]) : 0u);
    for (std::size_t i = 0; i < 4; ++i)
      text += at + i > bytes.size() ? '=' : digits[three >> (18 - 6 * i) & 63];
  }
  return text;
}

class Writer {
 public:
  explicit Writer(std::string& text) : text_(text) {}

  void operator()(const Fill& s) { text_ += "<rect" + box(s.box) + paint("fill", s.color) + "/>\n"; }
  void operator()(const Outline& s) {
    text_ += "<rect" + box(s.box) + " fill=\"none\"" + paint("stroke", s.color) +
             attribute("stroke-width", s.width) + "/>\n";
  }
  void operator()(const Path& s) {
    text_ += "<polyline" + points(s.points) + " fill=\"none\" stroke-linejoin=\"round\"" +
             paint("stroke", s.color) + attribute("stroke-width", s.width) + "/>\n";
  }
  void operator()(const Area& s) {
    text_ += "<polygon" + points(s.corners) + paint("fill", s.color) + "/>\n";
  }
  void operator()(const Words& s) {
    text_ += "<text xml:space=\"preserve\"" + attribute("x", s.left.x) + attribute("y", s.left.y) +
             attribute("font-size", s.size) + std::string(kFaceAttributes[static_cast<std::size_t>(s.face)]) +
             attribute("textLength", s.width) + paint("fill", s.color) + ">" + escaped(s.text) + "</text>\n";
  }
  void operator()(const Cells& s) {
    const std::vector<Color> colors = colors_of(s);
    s.rows() * s.columns() <= kMostRectangles ? rectangles(s, colors) : picture(s, colors);
  }
  void operator()(const Clip& s) {
    const std::string id = "clip" + std::to_string(++clips_);
    text_ += "<clipPath id=\"" + id + "\"><rect" + box(s.box) + "/></clipPath>\n<g clip-path=\"url(#" + id +
             ")\">\n";
  }
  void operator()(const EndClip&) { text_ += "</g>\n"; }

 private:
  static std::string points(const std::vector<Point>& all) {
    std::string text = " points=\"";
    for (const Point p : all) text += number(p.x) + ',' + number(p.y) + ' ';
    text.back() = '"';
    return text;
  }
  // Neighbours of one colour in a row are one rectangle.
  void rectangles(const Cells& s, const std::vector<Color>& colors) {
    const float w = s.box.w / static_cast<float>(s.columns()), h = s.box.h / static_cast<float>(s.rows());
    for (core::Index r = 0; r < s.rows(); ++r) {
      const Color* row = colors.data() + r * s.columns();
      for (core::Index from = 0, to = 0; from < s.columns(); from = to) {
        while (to < s.columns() && row[to] == row[from]) ++to;
        (*this)(Fill{{s.box.x + w * static_cast<float>(from), s.box.y + h * static_cast<float>(r),
                      w * static_cast<float>(to - from), h},
                     row[from]});
      }
    }
  }
  void picture(const Cells& s, const std::vector<Color>& colors) {
    Pixels pixels{static_cast<int>(s.columns()), static_cast<int>(s.rows()), {}};
    for (const Color c : colors)  // none is transparent
      pixels.argb.push_back(0xFF000000u | static_cast<std::uint32_t>(c.r) << 16 |
                            static_cast<std::uint32_t>(c.g) << 8 | c.b);
    text_ += "<image" + box(s.box) +
             " preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" "
             "xlink:href=\"data:image/png;base64," +
             base64(png(pixels)) + "\"/>\n";
  }

  std::string& text_;
  int clips_ = 0;
};

}  // namespace

std::string svg(const Drawing& drawing) {
  const std::string size = attribute("width", drawing.width) + attribute("height", drawing.height);
  std::string text =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\"" +
      size + " viewBox=\"0 0 " + number(drawing.width) + ' ' + number(drawing.height) + "\">\n<title>" +
      escaped(drawing.title) +
      "</title>\n"
      "<style>rect{shape-rendering:crispEdges} text{white-space:pre;font-kerning:none;"
      "font-variant-numeric:tabular-nums}</style>\n";
  Writer writer(text);
  if (drawing.ground) writer(Fill{{0, 0, drawing.width, drawing.height}, *drawing.ground});
  for (const Shape& shape : drawing.shapes) std::visit(writer, shape);
  return text + "</svg>\n";
}

}  // namespace vitrine::figures
