#include "app/gpu/texture.h"

#include <algorithm>

namespace vitrine::gpu {
namespace {

std::string size_text(int width, int height) {
  return std::to_string(width) + " x " + std::to_string(height);
}

void require_size(int width_px, int height_px) {
  if (width_px < 0 || height_px < 0)
    throw std::invalid_argument("a picture of " + size_text(width_px, height_px) + " pixels");
  GLint largest = 0;
  glGetIntegerv(GL_MAX_TEXTURE_SIZE, &largest);
  if (std::max(width_px, height_px) > largest)
    throw GlError("a texture of " + size_text(width_px, height_px) + " is larger than OpenGL's limit of " +
                  std::to_string(largest) + " here");
}

GLuint new_texture() {
  GLuint id = 0;
  glGenTextures(1, &id);
  glBindTexture(GL_TEXTURE_2D, id);
  for (const GLenum filter : {GL_TEXTURE_MIN_FILTER, GL_TEXTURE_MAG_FILTER})
    glTexParameteri(GL_TEXTURE_2D, filter, GL_NEAREST);
  for (const GLenum wrap : {GL_TEXTURE_WRAP_S, GL_TEXTURE_WRAP_T})
    glTexParameteri(GL_TEXTURE_2D, wrap, GL_CLAMP_TO_EDGE);
  return id;
}

}  // namespace

void Texture2D::upload(std::span<const float> values, int rows, int columns) {
  store(GL_R32F, GL_RED, GL_FLOAT, values.size(), values.data(), rows, columns);
}

void Texture2D::upload(std::span<const Rgba8> colors, int rows, int columns) {
  store(GL_RGBA8, GL_RGBA, GL_UNSIGNED_BYTE, colors.size(), colors.data(), rows, columns);
}

void Texture2D::store(GLint internal_format, GLenum format, GLenum type, std::size_t count,
                      const void* texels, int rows, int columns) {
  require_size(columns, rows);
  if (count != static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns))
    throw std::invalid_argument("a texture of " + std::to_string(rows) + " rows x " +
                                std::to_string(columns) + " columns does not hold " + std::to_string(count) +
                                " values");
  if (texture_.get() == 0) texture_ = Name<destroy>(new_texture());
  glBindTexture(GL_TEXTURE_2D, texture_.get());
  glPixelStorei(GL_UNPACK_ALIGNMENT, 4);  // every texel is four bytes
  glTexImage2D(GL_TEXTURE_2D, 0, internal_format, columns, rows, 0, format, type, texels);
  rows_ = rows;
  columns_ = columns;
}

void Texture2D::bind(int unit) const {
  glActiveTexture(GL_TEXTURE0 + static_cast<GLenum>(unit));
  glBindTexture(GL_TEXTURE_2D, texture_.get());
}

Framebuffer::Framebuffer(int width_px, int height_px) : texture_(new_texture()), width_px_(-1) {
  GLuint id = 0;
  glGenFramebuffers(1, &id);
  framebuffer_ = Name<destroy_framebuffer>(id);
  resize(width_px, height_px);
}

void Framebuffer::resize(int width_px, int height_px) {
  if (width_px == width_px_ && height_px == height_px_) return;
  require_size(width_px, height_px);
  const StateGuard guard;
  glBindTexture(GL_TEXTURE_2D, texture_.get());
  // At least one texel, so that the target is complete whatever the size.
  glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, std::max(width_px, 1), std::max(height_px, 1), 0, GL_RGBA,
               GL_UNSIGNED_BYTE, nullptr);
  glBindFramebuffer(GL_FRAMEBUFFER, framebuffer_.get());
  glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture_.get(), 0);
  if (glCheckFramebufferStatus(GL_FRAMEBUFFER) != GL_FRAMEBUFFER_COMPLETE)
    throw GlError("OpenGL refuses a drawing target of " + size_text(width_px, height_px) + " pixels");
  width_px_ = width_px;
  height_px_ = height_px;
}

void Framebuffer::bind() const {
  glBindFramebuffer(GL_FRAMEBUFFER, framebuffer_.get());
  glViewport(0, 0, width_px_, height_px_);
}

std::vector<Rgba8> read_pixels(GLuint framebuffer, int width_px, int height_px) {
  const auto width = static_cast<std::size_t>(width_px), height = static_cast<std::size_t>(height_px);
  std::vector<Rgba8> pixels(width * height);
  if (pixels.empty()) return pixels;
  const StateGuard guard;
  glBindFramebuffer(GL_READ_FRAMEBUFFER, framebuffer);
  glPixelStorei(GL_PACK_ALIGNMENT, 4);
  glReadPixels(0, 0, width_px, height_px, GL_RGBA, GL_UNSIGNED_BYTE, pixels.data());
  for (std::size_t row = 0; row < height / 2; ++row)
    std::swap_ranges(pixels.begin() + static_cast<std::ptrdiff_t>(row * width),
                     pixels.begin() + static_cast<std::ptrdiff_t>((row + 1) * width),
                     pixels.begin() + static_cast<std::ptrdiff_t>((height - 1 - row) * width));
  return pixels;
}

}  // namespace vitrine::gpu
