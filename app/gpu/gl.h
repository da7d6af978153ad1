// OpenGL 3.3 core (and nothing that GLES 3.0 lacks): loading it, owning its objects, keeping its state.
// Every object belongs to the context that was current when it was made and must go while that one is
// current.
#pragma once

#include <glad/gl.h>

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace vitrine::gpu {

// The driver refuses, or a shader is wrong; the message holds the file or the size and the driver's words.
class GlError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Loads the functions of the current context through `loader` (glfwGetProcAddress, eglGetProcAddress).
// Throws GlError, naming what was found, if the context is older than 3.3.
void load_functions(GLADloadfunc loader);

// From now until the context goes, calls `report` with each message of the driver that tells of an error or
// of undefined behaviour, inside the call that caused it. Does nothing where KHR_debug is missing.
void report_debug_messages(void (*report)(std::string_view message));

// Owns the name of one OpenGL object; moving leaves 0 behind.
template <void (*destroy)(GLuint)>
class Name {
 public:
  Name() = default;
  explicit Name(GLuint id) : id_(id) {}
  Name(Name&& other) noexcept : id_(std::exchange(other.id_, 0)) {}
  Name& operator=(Name&& other) noexcept {
    std::swap(id_, other.id_);
    return *this;
  }
  ~Name() {
    if (id_ != 0) destroy(id_);
  }
  GLuint get() const { return id_; }

 private:
  GLuint id_ = 0;
};

// Draws one triangle that covers the viewport; shaders/fullscreen.vert makes its corners from gl_VertexID.
class FullScreenTriangle {
 public:
  FullScreenTriangle();
  void draw() const;

 private:
  static void destroy(GLuint id) { glDeleteVertexArrays(1, &id); }
  Name<destroy> vertex_array_;  // empty: core profiles draw nothing without one
};

// While it lives, blending, scissor, culling, depth and stencil are off; when it goes, they and every other
// piece of state that app/gpu changes are as before. Whatever draws inside another renderer's frame holds
// one.
class StateGuard {
 public:
  StateGuard();
  ~StateGuard();
  StateGuard(const StateGuard&) = delete;
  StateGuard& operator=(const StateGuard&) = delete;

 private:
  static constexpr int kUnits = 2;  // texture units that app/gpu draws with
  static constexpr std::array<GLenum, 5> kSwitches = {GL_BLEND, GL_SCISSOR_TEST, GL_CULL_FACE, GL_DEPTH_TEST,
                                                      GL_STENCIL_TEST};
  GLint draw_framebuffer_ = 0, read_framebuffer_ = 0, program_ = 0, vertex_array_ = 0, active_texture_ = 0,
        unpack_alignment_ = 0;
  std::array<GLint, 4> viewport_{};  // x, y, width, height
  std::array<GLint, kUnits> textures_{};
  std::array<bool, kSwitches.size()> enabled_{};
};

}  // namespace vitrine::gpu
