// Texture2D: numbers or colours on the GPU. Framebuffer: a colour target that is a texture afterwards.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "app/gpu/color.h"
#include "app/gpu/gl.h"

namespace vitrine::gpu {

// Sampled nearest, clamped at its edges; row 0 of what is uploaded is texel row 0. Empty (0 x 0) until an
// upload.
class Texture2D {
 public:
  Texture2D() = default;
  // One float a texel (R32F), row-major. Throws std::invalid_argument if values.size() is not rows*columns,
  // GlError if the driver's largest texture is smaller.
  void upload(std::span<const float> values, int rows, int columns);
  // One colour a texel (RGBA8); throws as above.
  void upload(std::span<const Rgba8> colors, int rows, int columns);

  GLuint id() const { return texture_.get(); }
  int rows() const { return rows_; }
  int columns() const { return columns_; }
  bool empty() const { return rows_ == 0 || columns_ == 0; }
  void bind(int unit) const;

 private:
  static void destroy(GLuint id) { glDeleteTextures(1, &id); }
  void store(GLint internal_format, GLenum format, GLenum type, std::size_t count, const void* texels,
             int rows, int columns);

  Name<destroy> texture_;
  int rows_ = 0, columns_ = 0;
};

// width*height colours of a framebuffer by its OpenGL name, 0 being the window's; the top row first. Waits
// for the GPU.
std::vector<Rgba8> read_pixels(GLuint framebuffer, int width_px, int height_px);

// An RGBA8 colour target. As with every OpenGL target, y points up: the picture's top row is the texture's
// last, so it is shown with texture coordinates (0, 1) at the top left and (1, 0) at the bottom right.
class Framebuffer {
 public:
  Framebuffer() : Framebuffer(0, 0) {}
  // Sizes may be 0: such a target can be drawn to and holds no pixel. Throws as resize does.
  Framebuffer(int width_px, int height_px);
  // Keeps the target if the size is the same; else its pixels are undefined. Throws std::invalid_argument for
  // a negative size, GlError if the driver refuses the size.
  void resize(int width_px, int height_px);

  int width_px() const { return width_px_; }
  int height_px() const { return height_px_; }
  GLuint texture() const { return texture_.get(); }
  // Makes it the target of drawing, with the viewport over all of it.
  void bind() const;
  std::vector<Rgba8> read_pixels() const {
    return gpu::read_pixels(framebuffer_.get(), width_px_, height_px_);
  }

 private:
  static void destroy_texture(GLuint id) { glDeleteTextures(1, &id); }
  static void destroy_framebuffer(GLuint id) { glDeleteFramebuffers(1, &id); }

  Name<destroy_texture> texture_;
  Name<destroy_framebuffer> framebuffer_;
  int width_px_ = 0, height_px_ = 0;
};

}  // namespace vitrine::gpu
