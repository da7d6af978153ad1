// GuiContext: Dear ImGui and its OpenGL back end on one Surface, in pixels of that surface.
#pragma once

#include "app/shell/surface.h"

namespace vitrine::shell {

class GuiContext {
 public:
  // The surface must outlive this. One GuiContext lives at a time. Throws SurfaceError if the back end
  // refuses.
  explicit GuiContext(Surface& surface);
  ~GuiContext();
  GuiContext(const GuiContext&) = delete;
  GuiContext& operator=(const GuiContext&) = delete;

  // Gives ImGui its share of the input, the surface's size and the seconds since the last frame, and opens a
  // frame.
  void begin_frame(double elapsed_s);
  // Closes the frame, draws it on `background` and shows it.
  void end_frame(gpu::Rgba8 background);
  // The same without showing it: the picture, top row first.
  std::vector<gpu::Rgba8> end_frame_to_pixels(gpu::Rgba8 background);

 private:
  const char* paste();
  void copy(const char* text);
  void render(gpu::Rgba8 background);

  Surface& surface_;
  std::string pasted_;  // what ImGui was last given from the clipboard; it keeps a pointer
};

}  // namespace vitrine::shell
