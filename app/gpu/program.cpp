#include "app/gpu/program.h"

#include <fstream>
#include <iterator>

namespace vitrine::gpu {
namespace {

void destroy_shader(GLuint id) { glDeleteShader(id); }
using Shader = Name<destroy_shader>;

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (!stream || text.empty()) throw GlError(file.string() + ": cannot be read as a shader");
  return text;
}

// What the driver has to say; get_iv and get_log are the pair for shaders or the pair for programs.
std::string driver_log(GLuint id, PFNGLGETSHADERIVPROC get_iv, PFNGLGETSHADERINFOLOGPROC get_log) {
  GLint length = 0;
  get_iv(id, GL_INFO_LOG_LENGTH, &length);
  std::string log(static_cast<std::size_t>(length), '\0');
  get_log(id, length, &length, log.data());
  log.resize(static_cast<std::size_t>(length));
  return log.empty() ? "refused without a reason" : log;
}

Shader compiled(GLenum kind, const std::filesystem::path& file) {
  const std::string text = text_of(file);
  Shader shader(glCreateShader(kind));
  const char* begin = text.data();
  const auto length = static_cast<GLint>(text.size());
  glShaderSource(shader.get(), 1, &begin, &length);
  glCompileShader(shader.get());
  GLint done = GL_FALSE;
  glGetShaderiv(shader.get(), GL_COMPILE_STATUS, &done);
  if (done != GL_TRUE)
    throw GlError(file.string() + ": " + driver_log(shader.get(), glGetShaderiv, glGetShaderInfoLog));
  return shader;
}

}  // namespace

Program::Program(const std::filesystem::path& vertex_file, const std::filesystem::path& fragment_file) {
  const Shader vertex = compiled(GL_VERTEX_SHADER, vertex_file);
  const Shader fragment = compiled(GL_FRAGMENT_SHADER, fragment_file);
  program_ = Name<destroy>(glCreateProgram());
  for (const Shader* shader : {&vertex, &fragment}) glAttachShader(program_.get(), shader->get());
  glLinkProgram(program_.get());
  GLint done = GL_FALSE;
  glGetProgramiv(program_.get(), GL_LINK_STATUS, &done);
  if (done != GL_TRUE)
    throw GlError(vertex_file.string() + " with " + fragment_file.filename().string() + ": " +
                  driver_log(program_.get(), glGetProgramiv, glGetProgramInfoLog));
}

}  // namespace vitrine::gpu
