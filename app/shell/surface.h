// Surface: what is drawn on and what the hand reaches. A window of the desktop, or, with no display at all, a
// target off screen; the same OpenGL 3.3 core context is current in both.
#pragma once

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "app/gpu/texture.h"
#include "app/shell/input.h"

namespace vitrine::shell {

// There is no display, or no OpenGL 3.3 on it; what() says in one line what was found. The program ends
// with 4.
class SurfaceError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct PixelSize {
  int width = 0, height = 0;
  bool operator==(const PixelSize&) const = default;
};

// All calls are for the thread that made the surface, except wake(). One surface lives at a time.
class Surface {
 public:
  virtual ~Surface() = default;

  // The size in pixels; 0 x 0 where the window system says so.
  virtual PixelSize size() const = 0;
  // Pixels for a pixel of the theme: 1 at 96 dots an inch.
  virtual float scale() const = 0;

  // Clears the whole surface and makes it the target of drawing.
  virtual void begin_frame(gpu::Rgba8 background) = 0;
  // Shows what was drawn since begin_frame; a window waits for the screen's next refresh.
  virtual void end_frame() = 0;
  // What was drawn since begin_frame and before end_frame: size() colours, the top row first.
  virtual std::vector<gpu::Rgba8> read_pixels() const = 0;

  // Collects what happened, waiting for it at most `timeout_s` seconds (0: not at all). True if a frame is
  // due: input, a new size, an uncovered part, or wake().
  virtual bool wait_events(double timeout_s) = 0;
  // Ends wait_events, now or the next one. From any thread, as long as the surface lives.
  virtual void wake() = 0;

  // The user wants to leave.
  virtual bool close_requested() const = 0;
  // The shape of the pointer; ImGuiMouseCursor_None hides it.
  virtual void set_cursor(ImGuiMouseCursor cursor) = 0;
  virtual std::string clipboard() const = 0;
  virtual void set_clipboard(const std::string& text) = 0;

  InputQueue& input() { return input_; }
  // The files dropped since the last call.
  std::vector<std::filesystem::path> take_dropped_files() { return std::exchange(dropped_files_, {}); }

 protected:
  InputQueue input_;
  std::vector<std::filesystem::path> dropped_files_;
};

// A window of at most the given size in pixels of the theme, smaller where the screen is. Throws
// SurfaceError.
std::unique_ptr<Surface> open_window(const std::string& title, PixelSize size);

// A target of exactly `size` pixels, with no display (EGL's surfaceless platform). Throws SurfaceError, or as
// gpu::Framebuffer does for a size that the driver refuses.
std::unique_ptr<Surface> open_off_screen(PixelSize size, float scale);

}  // namespace vitrine::shell
