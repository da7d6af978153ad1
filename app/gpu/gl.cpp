#include "app/gpu/gl.h"

namespace vitrine::gpu {
namespace {

using Report = void (*)(std::string_view);

void GLAD_API_PTR on_message(GLenum, GLenum type, GLuint, GLenum, GLsizei length, const GLchar* text,
                             const void* report) {
  if (type == GL_DEBUG_TYPE_ERROR || type == GL_DEBUG_TYPE_UNDEFINED_BEHAVIOR)
    reinterpret_cast<Report>(report)(std::string_view(text, static_cast<std::size_t>(length)));
}

GLint integer(GLenum name) {
  GLint value = 0;
  glGetIntegerv(name, &value);
  return value;
}

void set_enabled(GLenum capability, bool enabled) { enabled ? glEnable(capability) : glDisable(capability); }

}  // namespace

void load_functions(GLADloadfunc loader) {
  const int version = gladLoadGL(loader);
  const int major = GLAD_VERSION_MAJOR(version), minor = GLAD_VERSION_MINOR(version);
  if (major > 3 || (major == 3 && minor >= 3)) return;
  throw GlError(version == 0
                    ? "OpenGL's functions cannot be loaded"
                    : "OpenGL 3.3 is needed, found " + std::to_string(major) + "." + std::to_string(minor));
}

void report_debug_messages(Report report) {
  if (!GLAD_GL_KHR_debug) return;
  glEnable(GL_DEBUG_OUTPUT);
  glEnable(GL_DEBUG_OUTPUT_SYNCHRONOUS);
  glDebugMessageCallback(on_message, reinterpret_cast<const void*>(report));
}

FullScreenTriangle::FullScreenTriangle() {
  GLuint id = 0;
  glGenVertexArrays(1, &id);
  vertex_array_ = Name<destroy>(id);
}

void FullScreenTriangle::draw() const {
  glBindVertexArray(vertex_array_.get());
  glDrawArrays(GL_TRIANGLES, 0, 3);
}

StateGuard::StateGuard()
    : draw_framebuffer_(integer(GL_DRAW_FRAMEBUFFER_BINDING)),
      read_framebuffer_(integer(GL_READ_FRAMEBUFFER_BINDING)),
      program_(integer(GL_CURRENT_PROGRAM)),
      vertex_array_(integer(GL_VERTEX_ARRAY_BINDING)),
      active_texture_(integer(GL_ACTIVE_TEXTURE)),
      unpack_alignment_(integer(GL_UNPACK_ALIGNMENT)) {
  glGetIntegerv(GL_VIEWPORT, viewport_.data());
  for (int unit = 0; unit < kUnits; ++unit) {
    glActiveTexture(GL_TEXTURE0 + static_cast<GLenum>(unit));
    textures_[static_cast<std::size_t>(unit)] = integer(GL_TEXTURE_BINDING_2D);
  }
  for (std::size_t i = 0; i < kSwitches.size(); ++i) {
    enabled_[i] = glIsEnabled(kSwitches[i]) == GL_TRUE;
    glDisable(kSwitches[i]);
  }
}

StateGuard::~StateGuard() {
  for (std::size_t i = 0; i < kSwitches.size(); ++i) set_enabled(kSwitches[i], enabled_[i]);
  for (int unit = 0; unit < kUnits; ++unit) {
    glActiveTexture(GL_TEXTURE0 + static_cast<GLenum>(unit));
    glBindTexture(GL_TEXTURE_2D, static_cast<GLuint>(textures_[static_cast<std::size_t>(unit)]));
  }
  glActiveTexture(static_cast<GLenum>(active_texture_));
  glPixelStorei(GL_UNPACK_ALIGNMENT, unpack_alignment_);
  glViewport(viewport_[0], viewport_[1], viewport_[2], viewport_[3]);
  glBindVertexArray(static_cast<GLuint>(vertex_array_));
  glUseProgram(static_cast<GLuint>(program_));
  glBindFramebuffer(GL_READ_FRAMEBUFFER, static_cast<GLuint>(read_framebuffer_));
  glBindFramebuffer(GL_DRAW_FRAMEBUFFER, static_cast<GLuint>(draw_framebuffer_));
}

}  // namespace vitrine::gpu
