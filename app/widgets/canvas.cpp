#include "app/widgets/canvas.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/core/text.h"

namespace vitrine::widgets {

Point mix(Point a, Point b, float f) { return {a.x + f * (b.x - a.x), a.y + f * (b.y - a.y)}; }

Rect mix(const Rect& a, const Rect& b, float f) {
  return {a.x + f * (b.x - a.x), a.y + f * (b.y - a.y), a.w + f * (b.w - a.w), a.h + f * (b.h - a.h)};
}

float staggered(float f, std::size_t i, std::size_t count, float spread) {
  const float start = count > 1 ? spread * static_cast<float>(i) / static_cast<float>(count - 1) : 0;
  return std::clamp((f - start) / (1 - spread), 0.0f, 1.0f);
}

float ease(float f) { return f * f * (3 - 2 * f); }

void arrow(Canvas& canvas, Point from, Point to, Paint paint, float width) {
  const float dx = to.x - from.x, dy = to.y - from.y;
  const float length = std::hypot(dx, dy);
  if (length < 1) return;
  const float ux = dx / length, uy = dy / length, head = 4 + 1.5f * width;
  const Point neck{to.x - ux * head, to.y - uy * head};
  canvas.line(from, neck, paint, width);
  const std::array<Point, 3> tip{{to,
                                  {neck.x - uy * head * 0.6f, neck.y + ux * head * 0.6f},
                                  {neck.x + uy * head * 0.6f, neck.y - ux * head * 0.6f}}};
  canvas.polygon(tip, paint);
}

void dashed(Canvas& canvas, const Rect& r, Paint paint, float dash, float width) {
  for (float x = r.x; x < r.right(); x += 2 * dash) {
    const float end = std::min(x + dash, r.right());
    canvas.line({x, r.y}, {end, r.y}, paint, width);
    canvas.line({x, r.bottom()}, {end, r.bottom()}, paint, width);
  }
  for (float y = r.y; y < r.bottom(); y += 2 * dash) {
    const float end = std::min(y + dash, r.bottom());
    canvas.line({r.x, y}, {r.x, end}, paint, width);
    canvas.line({r.right(), y}, {r.right(), end}, paint, width);
  }
}

std::string elided(const Canvas& canvas, std::string_view words, const TextStyle& style, float width) {
  if (!style.translated) words = canvas.translated(words);
  TextStyle as_is = style;
  as_is.translated = true;
  if (canvas.text_width(words, as_is) <= width) return std::string(words);
  std::string cut(words);
  while (!cut.empty()) {
    while (!cut.empty() && (static_cast<unsigned char>(cut.back()) & 0xC0) == 0x80) cut.pop_back();
    if (!cut.empty()) cut.pop_back();  // the lead byte: one whole UTF-8 character less
    if (canvas.text_width(cut + "…", as_is) <= width) return cut + "…";
  }
  return "";
}

std::vector<std::string> broken(const Canvas& canvas, std::string_view words, const TextStyle& style,
                                float width) {
  if (!style.translated) words = canvas.translated(words);
  TextStyle as_is = style;
  as_is.translated = true;
  std::vector<std::string> lines;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    const std::string word = elided(canvas, words.substr(0, end), as_is, width);
    words.remove_prefix(std::min(end + 1, words.size()));
    const std::string longer = lines.empty() || lines.back().empty() ? word : lines.back() + " " + word;
    if (lines.empty() || canvas.text_width(longer, as_is) > width)
      lines.push_back(word);
    else
      lines.back() = longer;
  }
  return lines;
}

float paragraph(Canvas& canvas, Point top_left, float width, std::string_view words, const TextStyle& style) {
  const float line_height = style.size * kLineHeight;
  float y = top_left.y + line_height / 2;
  const auto lines = broken(canvas, words, style, width);
  TextStyle as_is = style;
  as_is.translated = true;
  for (const std::string& line : lines) {
    canvas.text({top_left.x, y}, line, as_is);
    y += line_height;
  }
  return static_cast<float>(lines.size()) * line_height;
}

namespace {

// A small number in one digit: 0.000912 -> "9e−4".
std::string one_digit(double value) {
  double exponent = std::floor(std::log10(std::abs(value)));
  double digit = std::round(value / std::pow(10, exponent));
  if (std::abs(digit) == 10) digit /= 10, ++exponent;
  return core::shown(digit, 1) + "e" + core::shown(exponent, 3);
}

}  // namespace

std::string fitted(const Canvas& canvas, double value, const TextStyle& style, float width, int digits) {
  for (int n = digits; n >= 1; --n) {
    std::string text = core::shown(value, n);
    // Fewer digits must not change what is said: 12 may become neither 1e1 nor 10.
    const bool exponent = text.find('e') != std::string::npos;
    if (exponent && n < digits && std::abs(value) >= 1 && std::abs(value) < 1e5) break;
    if (canvas.text_width(text, style) <= width) return text;
  }
  if (std::isnormal(value) && std::abs(value) < 0.1)
    if (std::string text = one_digit(value); canvas.text_width(text, style) <= width) return text;
  if (std::string text = core::shown(value, 1); text.starts_with("0.") || text.starts_with("−0.")) {
    text.erase(text.find('0'), 1);  // rather ".08" than nothing
    if (canvas.text_width(text, style) <= width) return text;
  }
  return "";
}

}  // namespace vitrine::widgets
