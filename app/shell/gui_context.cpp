#include "app/shell/gui_context.h"

#include <algorithm>

namespace vitrine::shell {

GuiContext::GuiContext(Surface& surface) : surface_(surface) {
  IMGUI_CHECKVERSION();
  ImGui::CreateContext();
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;  // the session is ours
  io.BackendPlatformName = "vitrine";
  io.BackendFlags |= ImGuiBackendFlags_HasMouseCursors;
  prepare_keys(io);
  use_clipboard<GuiContext, &GuiContext::paste, &GuiContext::copy>(*this);
  if (!ImGui_ImplOpenGL3_Init("#version 330 core")) {
    ImGui::DestroyContext();
    throw SurfaceError("Dear ImGui cannot draw with this OpenGL");
  }
}

GuiContext::~GuiContext() {
  ImGui_ImplOpenGL3_Shutdown();
  ImGui::DestroyContext();
}

const char* GuiContext::paste() {
  pasted_ = surface_.clipboard();
  return pasted_.c_str();
}

void GuiContext::copy(const char* text) { surface_.set_clipboard(text); }

void GuiContext::begin_frame(double elapsed_s) {
  ImGuiIO& io = ImGui::GetIO();
  const PixelSize size = surface_.size();
  io.DisplaySize = ImVec2(static_cast<float>(size.width), static_cast<float>(size.height));
  io.DeltaTime = std::max(static_cast<float>(elapsed_s), 1e-6f);  // ImGui refuses a frame that took no time
  surface_.input().feed(io);
  ImGui_ImplOpenGL3_NewFrame();
  ImGui::NewFrame();
}

void GuiContext::end_frame(gpu::Rgba8 background) {
  surface_.set_cursor(ImGui::GetMouseCursor());
  render(background);
  surface_.end_frame();
}

std::vector<gpu::Rgba8> GuiContext::end_frame_to_pixels(gpu::Rgba8 background) {
  render(background);
  return surface_.read_pixels();
}

void GuiContext::render(gpu::Rgba8 background) {
  ImGui::Render();
  surface_.begin_frame(background);
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
}

}  // namespace vitrine::shell
