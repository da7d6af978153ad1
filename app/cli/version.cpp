// The definitions VITRINE_VERSION, VITRINE_REVISION, VITRINE_COMPILER and VITRINE_BUILD come from CMake and
// reach this file alone, so that a new revision compiles nothing else again.
#include "app/cli/version.h"

#include <Eigen/Core>
#include <string_view>

#include "engine/core/instruction_set.h"

#ifdef VITRINE_WINDOW
#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>
#include <imgui.h>
#endif

namespace vitrine::cli {
namespace {

constexpr std::size_t kNameColumns = 12;

// "1.2.3"
std::string dotted(int major, int minor, int patch) {
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

void add_fact(std::string& text, std::string_view name, std::string_view value) {
  text += name;
  text.append(kNameColumns - name.size(), ' ');
  text += value;
  text += '\n';
}

}  // namespace

std::string version_text() {
  std::string text = "vitrine " VITRINE_VERSION " (" + std::string(core::instruction_set()) + ")\n";
  add_fact(text, "revision", VITRINE_REVISION);
  add_fact(text, "compiler", VITRINE_COMPILER);
  add_fact(text, "build", VITRINE_BUILD);
  add_fact(text, "Eigen", dotted(EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION));
#ifdef VITRINE_WINDOW
  int major = 0, minor = 0, patch = 0;
  glfwGetVersion(&major, &minor, &patch);  // of the library that was loaded
  add_fact(text, "GLFW", dotted(major, minor, patch));
  add_fact(text, "Dear ImGui", ImGui::GetVersion());
#endif
  return text;
}

}  // namespace vitrine::cli
