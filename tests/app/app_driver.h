// AppDriver: a person's hand on the real user interface, without a window or OpenGL. It finds a control by
// its name in the frame's Items, moves the pointer there, presses, drags, types; what it drives is the code
// of the program.
#pragma once

#include <imgui.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "app/labs/compute_lab.h"
#include "app/shell/app.h"
#include "app/shell/input.h"
#include "app/widgets/fonts.h"

namespace vitrine {

class AppDriver {
 public:
  explicit AppDriver(std::vector<std::unique_ptr<labs::Lab>> labs, float width = 1280, float height = 2400,
                     std::filesystem::path learner = {})
      : context_(ImGui::CreateContext()), app_(std::move(labs), fonts_, nullptr, std::move(learner)) {
    ImGuiIO& io = ImGui::GetIO();
    io.IniFilename = nullptr;
    io.DisplaySize = {width, height};  // tall, so that no control is scrolled out of reach
    io.BackendFlags |= ImGuiBackendFlags_RendererHasVtxOffset;  // as OpenGL since 3.2
    shell::prepare_keys(io);
    unsigned char* pixels;
    int w, h;
    io.Fonts->GetTexDataAsRGBA32(&pixels, &w, &h);
    frames(3);
  }
  ~AppDriver() { ImGui::DestroyContext(context_); }
  AppDriver(const AppDriver&) = delete;
  AppDriver& operator=(const AppDriver&) = delete;

  shell::App& app() { return app_; }
  labs::Lab& lab() { return app_.lab(); }

  // Frames of 1/60 s until all input is taken and everything asked for is computed.
  void settle() {
    flush();
    const bool playing = lab().playhead().playing;
    lab().settle(lab().playhead().t);
    lab().playhead().playing = playing;
    frames(2);
  }
  // Frames until all input is taken.
  void flush() {
    do frames(2);
    while (!input_.empty() || app_.key_focus().busy());
  }
  void push(const shell::Input& input) { input_.push(input); }
  void frames(int count, double dt_s = 1.0 / 60) {
    for (int i = 0; i < count; ++i) {
      ImGuiIO& io = ImGui::GetIO();
      io.DeltaTime = static_cast<float>(dt_s);
      input_.feed(io);
      ImGui::NewFrame();
      app_.frame(dt_s, 1);
      for (const shell::Input& input : app_.take_inputs()) input_.push_instead(input);
      ImGui::Render();
      most_vertices_ = std::max(most_vertices_, ImGui::GetDrawData()->TotalVtxCount);
    }
  }

  // Throws std::runtime_error if nothing of this name is on the screen.
  widgets::Rect find(const std::string& name) const {
    const auto rect = app_.items().find(name);
    if (!rect) throw std::runtime_error("nothing is called \"" + name + "\"");
    return *rect;
  }
  void point_at(const std::string& name) { point_at(find(name).center()); }
  void point_at(widgets::Point p) { input_.push(shell::PointerInput{{p.x, p.y}}); }
  void click(const std::string& name) { click(find(name).center()); }
  void click(widgets::Point p) {
    point_at(p);
    press(true);
    press(false);
    settle();
  }
  // The same without waiting for what it begins.
  void tap(const std::string& name) {
    point_at(name);
    press(true);
    press(false);
    flush();
  }
  // Drags by so many pixels to the right, and down.
  void drag(const std::string& name, float dx_px) { drag_from(find(name).center(), dx_px); }
  void drag_from(widgets::Point from, float dx_px, float dy_px = 0) {
    point_at(from);
    press(true);
    for (int i = 1; i <= 4; ++i) {
      const float f = static_cast<float>(i) / 4;
      point_at(widgets::Point{from.x + dx_px * f, from.y + dy_px * f});
      frames(3);
    }
    press(false);
    settle();
  }
  void scroll(const std::string& name, float notches) { scroll(find(name).center(), notches); }
  void scroll(widgets::Point p, float notches) {
    point_at(p);
    input_.push(shell::ScrollInput{{0, notches}});
    settle();
  }
  // Double-clicks the number, types over it and presses Enter.
  void type(const std::string& name, const std::string& text) {
    point_at(name);
    frames(24);  // long enough that an earlier click is not counted as part of this double click
    for (int i = 0; i < 2; ++i) press(true), press(false);
    frames(6);
    write(text);
    key(shell::Key::kEnter);
  }
  // Types into what has the keyboard.
  void write(const std::string& text) {
    for (const char c : text) input_.push(shell::TextInput{static_cast<unsigned char>(c)});
    settle();
  }
  void key(shell::Key key, bool ctrl = false, bool shift = false) {
    if (ctrl) input_.push(shell::KeyInput{shell::Key::kLeftCtrl, true});
    if (shift) input_.push(shell::KeyInput{shell::Key::kLeftShift, true});
    input_.push(shell::KeyInput{key, true});
    input_.push(shell::KeyInput{key, false});
    if (shift) input_.push(shell::KeyInput{shell::Key::kLeftShift, false});
    if (ctrl) input_.push(shell::KeyInput{shell::Key::kLeftCtrl, false});
    settle();
  }
  // Frames until `done` says so, or for so long that it never will.
  template <class Done>
  bool until(Done done) {
    for (int i = 0; i < 20'000 && !done(); ++i) {
      frames(1);
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return done();
  }
  bool says(const std::string& words) const { return app_.transcript().find(words) != std::string::npos; }
  int most_vertices() const { return most_vertices_; }

 private:
  void press(bool down) { input_.push(shell::ButtonInput{0, down}); }

  ImGuiContext* context_;
  widgets::Fonts fonts_;
  shell::InputQueue input_;
  shell::App app_;
  int most_vertices_ = 0;
};

// A driver of one lab; `lab` is that lab with its own type.
template <class Topic>
struct LabDriver : AppDriver {
  LabDriver() : AppDriver(one(new labs::ComputeLab<Topic>)) {}
  labs::ComputeLab<Topic>& topic() { return dynamic_cast<labs::ComputeLab<Topic>&>(lab()); }
  const typename Topic::Params& params() { return topic().params(); }
  const typename Topic::Result& result() { return *topic().result(); }

 private:
  static std::vector<std::unique_ptr<labs::Lab>> one(labs::Lab* lab) {
    std::vector<std::unique_ptr<labs::Lab>> labs;
    labs.emplace_back(lab);
    return labs;
  }
};

}  // namespace vitrine
