// Program: a vertex and a fragment shader, compiled from files and linked.
#pragma once

#include <filesystem>

#include "app/gpu/gl.h"

namespace vitrine::gpu {

class Program {
 public:
  // Throws GlError with the file's name and the reason: it cannot be read, or the compiler's or linker's own
  // words.
  Program(const std::filesystem::path& vertex_file, const std::filesystem::path& fragment_file);

  void use() const { glUseProgram(program_.get()); }
  // Uniforms of the program in use. A name that the shader does not use is ignored, as compilers drop those.
  void set(const char* name, int x) const { glUniform1i(at(name), x); }
  void set(const char* name, float x) const { glUniform1f(at(name), x); }
  void set(const char* name, float x, float y) const { glUniform2f(at(name), x, y); }
  void set(const char* name, float x, float y, float z, float w) const { glUniform4f(at(name), x, y, z, w); }

 private:
  static void destroy(GLuint id) { glDeleteProgram(id); }
  GLint at(const char* name) const { return glGetUniformLocation(program_.get(), name); }

  Name<destroy> program_;
};

}  // namespace vitrine::gpu
