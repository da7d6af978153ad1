// Surface's two forms: GLFW's window, whose callbacks fill the input queue, and EGL's surfaceless context.
#include "app/shell/surface.h"

// Before GLFW, which brings an OpenGL header of its own otherwise.
#include "app/gpu/gl.h"
#define GLFW_INCLUDE_NONE
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GLFW/glfw3.h>
#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <optional>
#include <utility>

namespace vitrine::shell {
namespace {

void prepare_context(GLADloadfunc loader) {
  try {
    gpu::load_functions(loader);
  } catch (const gpu::GlError& error) {
    throw SurfaceError(error.what());
  }
#ifndef NDEBUG
  gpu::report_debug_messages([](std::string_view message) {
    std::fprintf(stderr, "OpenGL: %.*s\n", static_cast<int>(message.size()), message.data());
  });
#endif
}

void clear(gpu::Rgba8 color) {
  glDisable(GL_SCISSOR_TEST);
  glClearColor(static_cast<float>(color.r) / 255, static_cast<float>(color.g) / 255,
               static_cast<float>(color.b) / 255, static_cast<float>(color.a) / 255);
  glClear(GL_COLOR_BUFFER_BIT);
}

// GLFW's last complaint; it reports through a function that is given nothing of ours.
std::string glfw_complaint() {
  const char* text = nullptr;
  glfwGetError(&text);
  return text == nullptr ? "no reason given" : text;
}

// GLFW itself, from its first call to its last.
class Library {
 public:
  Library() {
    if (glfwInit() != GLFW_TRUE) throw SurfaceError("no display: " + glfw_complaint());
  }
  ~Library() { glfwTerminate(); }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
};

using WindowHandle = std::unique_ptr<GLFWwindow, decltype(&glfwDestroyWindow)>;

// What OpenGL the display has when asked for nothing special, for an error's text.
std::string opengl_found() {
  glfwDefaultWindowHints();
  glfwWindowHint(GLFW_VISIBLE, GLFW_FALSE);
  const WindowHandle window(glfwCreateWindow(64, 64, "", nullptr, nullptr), glfwDestroyWindow);
  if (window == nullptr) return "none";
  glfwMakeContextCurrent(window.get());
  const auto get_string = reinterpret_cast<PFNGLGETSTRINGPROC>(glfwGetProcAddress("glGetString"));
  const GLubyte* version = get_string == nullptr ? nullptr : get_string(GL_VERSION);
  return version == nullptr ? "none" : reinterpret_cast<const char*>(version);
}

// `size` in pixels of the theme, at most nine tenths of the screen.
PixelSize fitting(PixelSize size) {
  int x = 0, y = 0, width = 0, height = 0;
  float scale_x = 1, scale_y = 1;
  GLFWmonitor* monitor = glfwGetPrimaryMonitor();
  if (monitor == nullptr) return size;
  glfwGetMonitorWorkarea(monitor, &x, &y, &width, &height);
  glfwGetMonitorContentScale(monitor, &scale_x, &scale_y);
  const auto at_most = [](int wanted, int screen, float scale) {
    return std::max(std::min(wanted, static_cast<int>(static_cast<float>(screen) / scale)), 1);
  };
  return {at_most(size.width, width, scale_x), at_most(size.height, height, scale_y)};
}

WindowHandle new_window(const std::string& title, PixelSize wanted) {
  const PixelSize size = fitting(wanted);
  glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
  glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3);
  glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
  glfwWindowHint(GLFW_OPENGL_FORWARD_COMPAT, GLFW_TRUE);  // macOS gives nothing else
  glfwWindowHint(GLFW_SCALE_TO_MONITOR, GLFW_TRUE);
  glfwWindowHint(GLFW_DEPTH_BITS, 0);
  glfwWindowHint(GLFW_STENCIL_BITS, 0);
#ifndef NDEBUG
  glfwWindowHint(GLFW_OPENGL_DEBUG_CONTEXT, GLFW_TRUE);
#endif
  WindowHandle window(glfwCreateWindow(size.width, size.height, title.c_str(), nullptr, nullptr),
                      glfwDestroyWindow);
  if (window == nullptr) {
    const std::string complaint = glfw_complaint();
    throw SurfaceError("OpenGL 3.3 is needed, found " + opengl_found() + " (" + complaint + ")");
  }
  return window;
}

struct KeyRow {
  int glfw;
  Key key;
};
constexpr KeyRow kKeyRows[] = {
    {GLFW_KEY_TAB, Key::kTab},
    {GLFW_KEY_LEFT, Key::kLeft},
    {GLFW_KEY_RIGHT, Key::kRight},
    {GLFW_KEY_UP, Key::kUp},
    {GLFW_KEY_DOWN, Key::kDown},
    {GLFW_KEY_PAGE_UP, Key::kPageUp},
    {GLFW_KEY_PAGE_DOWN, Key::kPageDown},
    {GLFW_KEY_HOME, Key::kHome},
    {GLFW_KEY_END, Key::kEnd},
    {GLFW_KEY_INSERT, Key::kInsert},
    {GLFW_KEY_DELETE, Key::kDelete},
    {GLFW_KEY_BACKSPACE, Key::kBackspace},
    {GLFW_KEY_SPACE, Key::kSpace},
    {GLFW_KEY_ENTER, Key::kEnter},
    {GLFW_KEY_KP_ENTER, Key::kKeypadEnter},
    {GLFW_KEY_ESCAPE, Key::kEscape},
    {GLFW_KEY_LEFT_CONTROL, Key::kLeftCtrl},
    {GLFW_KEY_RIGHT_CONTROL, Key::kRightCtrl},
    {GLFW_KEY_LEFT_SHIFT, Key::kLeftShift},
    {GLFW_KEY_RIGHT_SHIFT, Key::kRightShift},
    {GLFW_KEY_LEFT_ALT, Key::kLeftAlt},
    {GLFW_KEY_RIGHT_ALT, Key::kRightAlt},
    {GLFW_KEY_LEFT_SUPER, Key::kLeftSuper},
    {GLFW_KEY_RIGHT_SUPER, Key::kRightSuper},
};

// GLFW names keys by their place on a US keyboard; a letter or digit is asked for its name in the user's
// layout.
std::optional<Key> key_of(int glfw_key, int scancode) {
  const auto in_block = [](Key first, int offset) {
    return static_cast<Key>(static_cast<int>(first) + offset);
  };
  if (GLFW_KEY_F1 <= glfw_key && glfw_key <= GLFW_KEY_F12) return in_block(Key::kF1, glfw_key - GLFW_KEY_F1);
  if (glfw_key > GLFW_KEY_SPACE && glfw_key < GLFW_KEY_ESCAPE) {
    const char* name = glfwGetKeyName(glfw_key, scancode);
    const char letter = name != nullptr && name[1] == '\0' ? name[0] : '\0';
    if ('a' <= letter && letter <= 'z') return in_block(Key::kA, letter - 'a');
    if ('A' <= letter && letter <= 'Z') return in_block(Key::kA, letter - 'A');
    if (GLFW_KEY_0 <= glfw_key && glfw_key <= GLFW_KEY_9)
      return in_block(Key::kDigit0, glfw_key - GLFW_KEY_0);
    return std::nullopt;
  }
  const auto* row = std::find_if(std::begin(kKeyRows), std::end(kKeyRows),
                                 [glfw_key](const KeyRow& r) { return r.glfw == glfw_key; });
  if (row == std::end(kKeyRows)) return std::nullopt;
  return row->key;
}

class WindowSurface final : public Surface {
 public:
  WindowSurface(const std::string& title, PixelSize size) : window_(new_window(title, size)) {
    glfwMakeContextCurrent(window_.get());
    prepare_context(glfwGetProcAddress);
    glfwSwapInterval(1);
    glfwSetWindowUserPointer(window_.get(), this);
    listen();
  }

  PixelSize size() const override {
    PixelSize size;
    glfwGetFramebufferSize(window_.get(), &size.width, &size.height);
    return size;
  }
  float scale() const override {
    float x = 1, y = 1;
    glfwGetWindowContentScale(window_.get(), &x, &y);
    return std::isfinite(x) && x > 0 ? x : 1;
  }

  void begin_frame(gpu::Rgba8 background) override {
    const PixelSize pixels = size();
    glBindFramebuffer(GL_FRAMEBUFFER, 0);
    glViewport(0, 0, pixels.width, pixels.height);
    clear(background);
  }
  void end_frame() override { glfwSwapBuffers(window_.get()); }
  std::vector<gpu::Rgba8> read_pixels() const override {
    const PixelSize pixels = size();
    return gpu::read_pixels(0, pixels.width, pixels.height);
  }

  bool wait_events(double timeout_s) override {
    timeout_s > 0 ? glfwWaitEventsTimeout(timeout_s) : glfwPollEvents();
    return woken_.exchange(false) | std::exchange(due_, false) | !input_.empty();
  }
  void wake() override {
    woken_ = true;
    glfwPostEmptyEvent();
  }

  bool close_requested() const override { return glfwWindowShouldClose(window_.get()) == GLFW_TRUE; }
  void set_cursor(ImGuiMouseCursor cursor) override {
    if (cursor == cursor_) return;
    cursor_ = cursor;
    const bool hidden = cursor == ImGuiMouseCursor_None;
    glfwSetInputMode(window_.get(), GLFW_CURSOR, hidden ? GLFW_CURSOR_HIDDEN : GLFW_CURSOR_NORMAL);
    if (!hidden) glfwSetCursor(window_.get(), shape_of(cursor));
  }
  std::string clipboard() const override {
    const char* text = glfwGetClipboardString(window_.get());  // null where it holds no text
    return text == nullptr ? "" : text;
  }
  void set_clipboard(const std::string& text) override {
    glfwSetClipboardString(window_.get(), text.c_str());
  }

 private:
  using Cursor = std::unique_ptr<GLFWcursor, decltype(&glfwDestroyCursor)>;

  static WindowSurface& of(GLFWwindow* window) {
    return *static_cast<WindowSurface*>(glfwGetWindowUserPointer(window));
  }
  void push(const Input& input) {
    input_.push(input);
    due_ = true;
  }

  void listen() {
    GLFWwindow* window = window_.get();
    glfwSetKeyCallback(window, [](GLFWwindow* w, int glfw_key, int scancode, int action, int) {
      of(w).on_key(glfw_key, scancode, action);
    });
    glfwSetCharCallback(window,
                        [](GLFWwindow* w, unsigned int character) { of(w).push(TextInput{character}); });
    glfwSetCursorPosCallback(window, [](GLFWwindow* w, double x, double y) { of(w).on_pointer(x, y); });
    glfwSetCursorEnterCallback(window, [](GLFWwindow* w, int entered) {
      // While a button is held the pointer still belongs to what it drags.
      if (entered == GLFW_FALSE && of(w).buttons_down_ == 0) of(w).push(PointerLeft{});
    });
    glfwSetMouseButtonCallback(window, [](GLFWwindow* w, int button, int action, int) {
      of(w).buttons_down_ += action == GLFW_PRESS ? 1 : -1;
      of(w).push(ButtonInput{button, action == GLFW_PRESS});
    });
    glfwSetScrollCallback(window, [](GLFWwindow* w, double x, double y) {
      of(w).push(ScrollInput{ImVec2(static_cast<float>(x), static_cast<float>(y))});
    });
    glfwSetWindowFocusCallback(
        window, [](GLFWwindow* w, int focused) { of(w).push(FocusInput{focused == GLFW_TRUE}); });
    glfwSetDropCallback(window, [](GLFWwindow* w, int count, const char** paths) {
      of(w).dropped_files_.insert(of(w).dropped_files_.end(), paths, paths + count);
      of(w).due_ = true;
    });
    glfwSetFramebufferSizeCallback(window, [](GLFWwindow* w, int, int) { of(w).due_ = true; });
    glfwSetWindowContentScaleCallback(window, [](GLFWwindow* w, float, float) { of(w).due_ = true; });
    glfwSetWindowRefreshCallback(window, [](GLFWwindow* w) { of(w).due_ = true; });
    glfwSetWindowCloseCallback(window, [](GLFWwindow* w) { of(w).due_ = true; });
  }
  void on_key(int glfw_key, int scancode, int action) {
    due_ = true;  // a repeat too: ImGui counts the time a key is down by itself, but needs frames to do so
    const std::optional<Key> key = key_of(glfw_key, scancode);
    if (key && action != GLFW_REPEAT) input_.push(KeyInput{*key, action == GLFW_PRESS});
  }
  // GLFW tells positions in its window's units, which are not pixels everywhere.
  void on_pointer(double x, double y) {
    int width = 0, height = 0;
    glfwGetWindowSize(window_.get(), &width, &height);
    const PixelSize pixels = size();
    if (width <= 0 || height <= 0) return;
    push(PointerInput{ImVec2(static_cast<float>(x * pixels.width / width),
                             static_cast<float>(y * pixels.height / height))});
  }

  GLFWcursor* shape_of(ImGuiMouseCursor cursor) {
    if (cursor < 0 || cursor >= ImGuiMouseCursor_COUNT) return nullptr;
    const auto i = static_cast<std::size_t>(cursor);
    if (cursors_.empty())
      for (int c = 0; c < ImGuiMouseCursor_COUNT; ++c)
        cursors_.emplace_back(glfwCreateStandardCursor(glfw_shape(c)), glfwDestroyCursor);
    return cursors_[i].get();  // null is the arrow
  }
  static int glfw_shape(ImGuiMouseCursor cursor) {
    switch (cursor) {
      case ImGuiMouseCursor_TextInput:
        return GLFW_IBEAM_CURSOR;
      case ImGuiMouseCursor_ResizeNS:
        return GLFW_VRESIZE_CURSOR;
      case ImGuiMouseCursor_ResizeEW:
        return GLFW_HRESIZE_CURSOR;
      case ImGuiMouseCursor_Hand:
        return GLFW_HAND_CURSOR;
      default:
        return GLFW_ARROW_CURSOR;
    }
  }

  Library library_;
  WindowHandle window_;
  std::vector<Cursor> cursors_;  // by ImGuiMouseCursor, made when the first is asked for
  ImGuiMouseCursor cursor_ = ImGuiMouseCursor_Arrow;
  int buttons_down_ = 0;
  bool due_ = true;  // the first frame is
  std::atomic<bool> woken_ = false;
};

// EGL's functions, from the library found at run time: a machine without it still runs everything that draws
// nothing.
class Egl {
 public:
  Egl() {
    // Never closed: Mesa keeps pointers into itself until the process ends.
    void* library = dlopen("libEGL.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) throw SurfaceError(std::string("no OpenGL without a display: ") + dlerror());
    get_proc_address_ = reinterpret_cast<decltype(get_proc_address_)>(dlsym(library, "eglGetProcAddress"));
    if (get_proc_address_ == nullptr) throw SurfaceError("libEGL.so.1 has no eglGetProcAddress");
  }
  template <class Function>
  Function function(const char* name) const {
    const auto found = reinterpret_cast<Function>(get_proc_address_(name));
    if (found == nullptr) throw SurfaceError(std::string("EGL has no ") + name);
    return found;
  }
  auto loader() const { return get_proc_address_; }

 private:
  decltype(&eglGetProcAddress) get_proc_address_ = nullptr;
};

// An OpenGL 3.3 core context, current and with no surface.
class EglContext {
 public:
  EglContext() {
    const auto get_display = egl_.function<PFNEGLGETPLATFORMDISPLAYEXTPROC>("eglGetPlatformDisplayEXT");
    const auto initialize = egl_.function<decltype(&eglInitialize)>("eglInitialize");
    const auto bind_api = egl_.function<decltype(&eglBindAPI)>("eglBindAPI");
    const auto create_context = egl_.function<decltype(&eglCreateContext)>("eglCreateContext");
    make_current_ = egl_.function<decltype(make_current_)>("eglMakeCurrent");
    destroy_context_ = egl_.function<decltype(destroy_context_)>("eglDestroyContext");

    // The display is the process's: it is never terminated, as another surface may have it.
    display_ = get_display(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, nullptr);
    if (display_ == EGL_NO_DISPLAY) throw SurfaceError("EGL has no surfaceless platform");
    if (initialize(display_, nullptr, nullptr) != EGL_TRUE)
      throw SurfaceError("EGL finds no device to draw with");
    constexpr EGLint kAttributes[] = {EGL_CONTEXT_MAJOR_VERSION,
                                      3,
                                      EGL_CONTEXT_MINOR_VERSION,
                                      3,
                                      EGL_CONTEXT_OPENGL_PROFILE_MASK,
                                      EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT,
#ifndef NDEBUG
                                      EGL_CONTEXT_OPENGL_DEBUG,
                                      EGL_TRUE,
#endif
                                      EGL_NONE};
    if (bind_api(EGL_OPENGL_API) == EGL_TRUE)
      context_ = create_context(display_, EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, kAttributes);
    if (context_ == EGL_NO_CONTEXT)
      throw SurfaceError("OpenGL 3.3 is needed, EGL has none without a display");
    if (make_current_(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, context_) != EGL_TRUE) {
      destroy_context_(display_, context_);
      throw SurfaceError("EGL cannot draw without a window here");
    }
  }
  ~EglContext() {
    make_current_(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
    destroy_context_(display_, context_);
  }
  EglContext(const EglContext&) = delete;
  EglContext& operator=(const EglContext&) = delete;

  auto loader() const { return egl_.loader(); }

 private:
  Egl egl_;
  decltype(&eglMakeCurrent) make_current_ = nullptr;
  decltype(&eglDestroyContext) destroy_context_ = nullptr;
  EGLDisplay display_ = EGL_NO_DISPLAY;
  EGLContext context_ = EGL_NO_CONTEXT;
};

class OffScreenSurface final : public Surface {
 public:
  OffScreenSurface(PixelSize size, float scale) : scale_(scale) {
    prepare_context(context_.loader());
    target_.emplace(size.width, size.height);
  }

  PixelSize size() const override { return {target_->width_px(), target_->height_px()}; }
  float scale() const override { return scale_; }
  void begin_frame(gpu::Rgba8 background) override {
    target_->bind();
    clear(background);
  }
  void end_frame() override {}
  std::vector<gpu::Rgba8> read_pixels() const override { return target_->read_pixels(); }

  bool wait_events(double timeout_s) override {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::duration<double>(timeout_s), [this] { return woken_; });
    return std::exchange(woken_, false) | !input_.empty();
  }
  void wake() override {
    {
      std::lock_guard lock(mutex_);
      woken_ = true;
    }
    changed_.notify_all();
  }

  bool close_requested() const override { return false; }
  void set_cursor(ImGuiMouseCursor) override {}
  std::string clipboard() const override { return clipboard_; }
  void set_clipboard(const std::string& text) override { clipboard_ = text; }

 private:
  EglContext context_;
  std::optional<gpu::Framebuffer> target_;  // never empty once constructed: it needs the context's functions
  const float scale_;
  std::string clipboard_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = true;  // the first frame is due
};

}  // namespace

std::unique_ptr<Surface> open_window(const std::string& title, PixelSize size) {
  return std::make_unique<WindowSurface>(title, size);
}

std::unique_ptr<Surface> open_off_screen(PixelSize size, float scale) {
  return std::make_unique<OffScreenSurface>(size, scale);
}

}  // namespace vitrine::shell
