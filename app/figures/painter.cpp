#include "app/figures/painter.h"

#include <cairo-pdf.h>
#include <cairo.h>

#include <cmath>
#include <memory>
#include <stdexcept>

namespace vitrine::figures {
namespace {

constexpr double kPoints = 0.75;  // a unit, where an inch has 96 of them

using Surface = std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)>;
using Pen = std::unique_ptr<cairo_t, decltype(&cairo_destroy)>;

void check(cairo_status_t status) {
  if (status != CAIRO_STATUS_SUCCESS)
    throw std::runtime_error(std::string("a figure cannot be painted: ") + cairo_status_to_string(status));
}

cairo_status_t append(void* text, const unsigned char* bytes, unsigned int count) {
  static_cast<std::string*>(text)->append(reinterpret_cast<const char*>(bytes), count);
  return CAIRO_STATUS_SUCCESS;
}

std::uint32_t premultiplied(Color c) {
  const auto channel = [&](std::uint8_t v) { return static_cast<std::uint32_t>((v * c.a + 127) / 255); };
  return static_cast<std::uint32_t>(c.a) << 24 | channel(c.r) << 16 | channel(c.g) << 8 | channel(c.b);
}

// Draws shapes one after the other. On pixels the edges of boxes are rounded to them, so that what meets in
// the picture meets on paper.
class Painter {
 public:
  Painter(cairo_t* pen, const Typefaces& typefaces, std::optional<double> pixels_a_unit)
      : pen_(pen), typefaces_(typefaces), scale_(pixels_a_unit) {}

  void operator()(const Fill& s) {
    color(s.color);
    path(snapped(s.box));
    cairo_fill(pen_);
  }
  void operator()(const Outline& s) {
    const Rect box = snapped(s.box).inset(scale_ ? static_cast<float>(0.5 / *scale_) : 0);
    color(s.color);
    cairo_set_line_join(pen_, CAIRO_LINE_JOIN_MITER);
    cairo_set_line_width(pen_, s.width);
    path(box);
    cairo_stroke(pen_);
  }
  void operator()(const Path& s) {
    color(s.color);
    cairo_set_line_join(pen_, CAIRO_LINE_JOIN_ROUND);
    cairo_set_line_width(pen_, s.width);
    path(s.points);
    cairo_stroke(pen_);
  }
  void operator()(const Area& s) {
    color(s.color);
    path(s.corners);
    cairo_close_path(pen_);
    cairo_fill(pen_);
  }
  void operator()(const Words& s) {
    color(s.color);
    cairo_set_font_size(pen_, s.size);
    const Typefaces::Line line = typefaces_.lay_out(s.text, s.face, s.size);
    for (const Typefaces::Run& run : line.runs) {
      std::vector<cairo_glyph_t> glyphs;
      std::vector<cairo_text_cluster_t> clusters;
      for (const Typefaces::Glyph& glyph : run.glyphs) {
        glyphs.push_back({glyph.index, s.left.x + glyph.x, s.left.y});
        clusters.push_back({glyph.bytes, 1});
      }
      cairo_set_font_face(pen_, typefaces_.cairo_face(run.font));
      cairo_show_text_glyphs(pen_, run.words.data(), static_cast<int>(run.words.size()), glyphs.data(),
                             static_cast<int>(glyphs.size()), clusters.data(),
                             static_cast<int>(clusters.size()), {});
    }
  }
  void operator()(const Cells& s) {
    const std::vector<Color> colors = colors_of(s);
    const auto columns = static_cast<int>(s.columns()), rows = static_cast<int>(s.rows());
    const Surface image(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, columns, rows),
                        cairo_surface_destroy);
    check(cairo_surface_status(image.get()));
    cairo_surface_flush(image.get());
    unsigned char* data = cairo_image_surface_get_data(image.get());
    const int stride = cairo_image_surface_get_stride(image.get());
    for (int r = 0; r < rows; ++r) {
      auto* row = reinterpret_cast<std::uint32_t*>(data + static_cast<std::ptrdiff_t>(r) * stride);
      for (int c = 0; c < columns; ++c)
        row[c] = premultiplied(colors[static_cast<std::size_t>(r) * static_cast<std::size_t>(columns) +
                                      static_cast<std::size_t>(c)]);
    }
    cairo_surface_mark_dirty(image.get());
    const Rect box = snapped(s.box);
    cairo_save(pen_);
    path(box);
    cairo_clip(pen_);
    cairo_translate(pen_, box.x, box.y);
    cairo_scale(pen_, box.w / columns, box.h / rows);
    cairo_set_source_surface(pen_, image.get(), 0, 0);
    const bool enlarged = static_cast<float>(columns) <= box.w * static_cast<float>(scale_.value_or(2));
    cairo_pattern_set_filter(cairo_get_source(pen_), enlarged ? CAIRO_FILTER_NEAREST : CAIRO_FILTER_GOOD);
    cairo_pattern_set_extend(cairo_get_source(pen_), CAIRO_EXTEND_PAD);
    cairo_paint(pen_);
    cairo_restore(pen_);
  }
  void operator()(const Clip& s) {
    cairo_save(pen_);
    path(snapped(s.box));
    cairo_clip(pen_);
  }
  void operator()(const EndClip&) { cairo_restore(pen_); }

 private:
  void color(Color c) { cairo_set_source_rgba(pen_, c.r / 255.0, c.g / 255.0, c.b / 255.0, c.a / 255.0); }
  void path(const Rect& r) { cairo_rectangle(pen_, r.x, r.y, r.w, r.h); }
  void path(const std::vector<Point>& points) {
    for (const Point p : points) cairo_line_to(pen_, p.x, p.y);
  }
  Rect snapped(const Rect& r) const {
    if (!scale_) return r;
    const auto at = [&](float v) { return static_cast<float>(std::round(v * *scale_) / *scale_); };
    return {at(r.x), at(r.y), at(r.right()) - at(r.x), at(r.bottom()) - at(r.y)};
  }

  cairo_t* pen_;
  const Typefaces& typefaces_;
  std::optional<double> scale_;
};

void paint(const Drawing& drawing, const Typefaces& typefaces, cairo_surface_t* surface, double scale,
           std::optional<double> pixels_a_unit) {
  check(cairo_surface_status(surface));
  const Pen pen(cairo_create(surface), cairo_destroy);
  cairo_scale(pen.get(), scale, scale);
  Painter painter(pen.get(), typefaces, pixels_a_unit);
  if (drawing.ground) painter(Fill{{0, 0, drawing.width, drawing.height}, *drawing.ground});
  for (const Shape& shape : drawing.shapes) std::visit(painter, shape);
  check(cairo_status(pen.get()));
}

}  // namespace

Pixels painted(const Drawing& drawing, const Typefaces& typefaces, double scale) {
  const auto side = [&](float units) {
    const double px = std::round(units * scale);
    if (!(px >= 1 && px <= kLargestSide_px))
      throw std::invalid_argument("a side of the figure would have " + std::to_string(std::llround(px)) +
                                  " pixels; 1 to " + std::to_string(kLargestSide_px) +
                                  " are possible: choose another scale");
    return static_cast<int>(px);
  };
  Pixels pixels{side(drawing.width), side(drawing.height), {}};
  if (std::int64_t{pixels.width} * pixels.height > kMost_pixels)
    throw std::invalid_argument("the figure would have " + std::to_string(pixels.width) + " x " +
                                std::to_string(pixels.height) + " pixels, the limit is " +
                                std::to_string(kMost_pixels / 1'000'000) +
                                " millions: choose another scale or size");
  pixels.argb.resize(static_cast<std::size_t>(pixels.width) * static_cast<std::size_t>(pixels.height));
  const Surface surface(
      cairo_image_surface_create_for_data(reinterpret_cast<unsigned char*>(pixels.argb.data()),
                                          CAIRO_FORMAT_ARGB32, pixels.width, pixels.height, 4 * pixels.width),
      cairo_surface_destroy);
  paint(drawing, typefaces, surface.get(), scale, scale);
  cairo_surface_finish(surface.get());
  return pixels;
}

Pixels straight(Pixels pixels) {
  for (std::uint32_t& argb : pixels.argb) {  // quick where there is a ground
    const std::uint32_t alpha = argb >> 24;
    if (alpha == 0 || alpha == 255) continue;
    std::uint32_t out = alpha << 24;
    for (const int shift : {16, 8, 0})
      out |= std::min((((argb >> shift) & 255) * 255 + alpha / 2) / alpha, 255u) << shift;
    argb = out;
  }
  return pixels;
}

std::string png(const Pixels& pixels) {
  const Surface surface(cairo_image_surface_create_for_data(
                            reinterpret_cast<unsigned char*>(const_cast<std::uint32_t*>(pixels.argb.data())),
                            CAIRO_FORMAT_ARGB32, pixels.width, pixels.height, 4 * pixels.width),
                        cairo_surface_destroy);
  std::string bytes;
  check(cairo_surface_write_to_png_stream(surface.get(), append, &bytes));
  return bytes;
}

std::string pdf(const Drawing& drawing, const Typefaces& typefaces) {
  std::string bytes;
  const Surface surface(
      cairo_pdf_surface_create_for_stream(append, &bytes, drawing.width * kPoints, drawing.height * kPoints),
      cairo_surface_destroy);
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_TITLE, drawing.title.c_str());
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATOR, "Vitrine");
  paint(drawing, typefaces, surface.get(), kPoints, std::nullopt);
  cairo_surface_finish(surface.get());
  check(cairo_surface_status(surface.get()));
  return bytes;
}

}  // namespace vitrine::figures
