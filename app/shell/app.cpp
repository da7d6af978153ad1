#include "app/shell/app.h"

#include <imgui.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <stdexcept>

#include "app/labs/compute_lab.h"
#include "app/shell/icons.h"
#include "app/shell/input.h"
#include "engine/core/text.h"

namespace vitrine::shell {

using widgets::Align;
using widgets::Face;
using widgets::ImGuiCanvas;
using widgets::Paint;
using widgets::Point;
using widgets::Rect;
using widgets::Role;
using widgets::Screen;
using widgets::TextStyle;

namespace {

// Sizes at scale 1.
constexpr float kRailWidth = 172, kLearnWidth = 344, kInspectorWidth = 304, kHeaderHeight = 64,
                kExplainHeight = 104, kTransportHeight = 46;
constexpr float kZoomNotch = 1.25f;                       // of the stage, a notch of the wheel
constexpr float kLargestZoom = 400;                       // a number of a 4,096 × 4,096 matrix is legible
constexpr double kReading_s = 0.03;                       // between two looks whether the lessons are read
constexpr double kBlink_s = 0.2;                          // of a text field's cursor
constexpr auto kPatience = std::chrono::milliseconds(2);  // small work lands in the same frame

// What this thread has cost the processor; waiting costs nothing.
double thread_cpu_ms() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) * 1e-6;
}

Rect scaled(const Rect& r, float s) { return {r.x * s, r.y * s, r.w * s, r.h * s}; }

ImGuiCanvas canvas_of(const Screen& screen, const Rect& place_px, bool live = true) {
  return {screen, ImGui::GetWindowDrawList(), place_px, live};
}

// What the lab says, or what went wrong with that.
widgets::Equation explanation(const labs::Lab& lab) {
  try {
    return lab.explain();
  } catch (const std::exception& error) {
    return {{}, error.what()};
  }
}

// The pointer is over the window and no control has it. (A button held on the window's own ground makes that
// ground ImGui's active item, so asking for any active item would be wrong.)
bool over_nothing_else() { return ImGui::IsWindowHovered(ImGuiHoveredFlags_RootAndChildWindows); }

}  // namespace

App::App(std::vector<std::unique_ptr<labs::Lab>> labs, const widgets::Fonts& fonts,
         widgets::HeatmapStore* heatmaps, std::filesystem::path learner)
    : fonts_(fonts), heatmaps_(heatmaps), panel_(std::move(learner)) {
  if (labs.empty()) throw std::invalid_argument("App: there must be at least one lab");
  for (auto& lab : labs) {
    infos_.push_back(&lab->info());
    labs_.push_back({std::move(lab), {}, 1, {0, 0}});
  }
  settings_.lab = infos_.front()->id;
}

bool App::select(std::string_view id) {
  const auto at = std::ranges::find(infos_, id, &labs::LabInfo::id);
  if (at == infos_.end()) return false;
  open_lab(static_cast<std::size_t>(at - infos_.begin()));
  return true;
}

widgets::ControlState* App::controls_of(std::string_view id) {
  const auto at = std::ranges::find(infos_, id, &labs::LabInfo::id);
  return at == infos_.end() ? nullptr : &labs_[static_cast<std::size_t>(at - infos_.begin())].controls;
}

labs::Lab* App::lab_of(std::string_view id) {
  const auto at = std::ranges::find(infos_, id, &labs::LabInfo::id);
  return at == infos_.end() ? nullptr : labs_[static_cast<std::size_t>(at - infos_.begin())].lab.get();
}

void App::open_lab(std::size_t index) {
  open_ = index;
  settings_.lab = infos_[index]->id;
}

Point App::hand_px() const {
  const widgets::Item* item = items_.item(key_focus_.name());
  return item ? item->place_px.center() : Point{ImGui::GetIO().MousePos.x, ImGui::GetIO().MousePos.y};
}

void App::open(const std::filesystem::path& path) {
  if (files_.open(path, *this)) return;
  if (panel_.open_file(path, *this) || lab().open_part(path) || lab().open(path))
    return Files::remember(path, *this);
  for (std::size_t i = 0; i < labs_.size(); ++i) {
    if (!labs_[i].lab->open(path)) continue;
    open_lab(i);
    return Files::remember(path, *this);
  }
  if (pasting_.open(path, hand_px(), *this)) return Files::remember(path, *this);
  say(core::printable(path.filename().string(), 60) + ": " +
      std::string(words_.of("no lab can show this kind of file")));
}

void App::describe(core::Fields& fields) {
  fields.group("settings", settings_);
  for (std::size_t i = 0; i < labs_.size(); ++i) fields.group(infos_[i]->id, *labs_[i].lab);
  if (!select(settings_.lab)) settings_.lab = infos_[open_]->id;
}

double App::sleep_s() const {
  if (key_focus_.busy()) return 0;
  if (panel_.reading()) return kReading_s;
  return std::min({labs_[open_].lab->sleep_s(), take_along_.sleep_s(),
                   ImGui::GetIO().WantTextInput ? kBlink_s : labs::kForever});
}

App::Layout App::layout(float s) const {
  const ImVec2 display = ImGui::GetIO().DisplaySize;
  const bool frame = !settings_.presenter;
  // On a small window the side panels give way before the stage becomes useless.
  const float width = display.x / s, height = display.y / s;
  const bool controls = frame && settings_.inspector && width > 560, lesson = panel_.is_open() && width > 560;
  const float inspector = controls ? std::min(kInspectorWidth, width * (lesson ? 0.27f : 0.34f)) : 0;
  // Lessons take the place of the list of labs.
  const float learn = lesson ? std::min(kLearnWidth, width * (controls ? 0.26f : 0.34f)) : 0;
  const float rail = learn > 0 ? learn : frame && settings_.rail && width > 760 ? kRailWidth : 0;
  const float header = frame && height > 300 ? kHeaderHeight : 0;
  const float transport = height > 200 ? kTransportHeight : 0;
  const float explain = settings_.explain && height > 360 ? kExplainHeight : 0;
  const float stage_w = std::max(0.0f, width - rail - inspector);
  const float stage_h = std::max(0.0f, height - header - transport - explain);
  Layout l{};
  (learn > 0 ? l.learn : l.rail) = scaled({0, 0, rail, height}, s);
  l.header = scaled({rail, 0, stage_w, header}, s);
  l.stage = scaled({rail, header, stage_w, stage_h}, s);
  l.explain = scaled({rail, header + stage_h, stage_w, explain}, s);
  l.transport = scaled({rail, header + stage_h + explain, stage_w, transport}, s);
  l.inspector = scaled({rail + stage_w, 0, inspector, height}, s);
  return l;
}

void App::frame(double dt_s, float dpi_scale) {
  const double start_ms = thread_cpu_ms();
  const double text =
      settings_.presenter ? std::max(settings_.text_scale, kPresenterScale) : settings_.text_scale;
  const float scale = dpi_scale * static_cast<float>(text);
  items_.clear();
  widgets::apply_style(theme(), scale);
  ImGui::GetIO().FontGlobalScale =
      static_cast<float>(text);  // of ImGui's own words; the display's is in the fonts
  speak();
  handle_keys();
  panel_.act(*this);
  labs::Lab& shown = lab();
  if (!frozen_) shown.poll(std::chrono::microseconds(0));
  panel_.frame(*this);
  widgets::advance(shown.playhead(), dt_s, shown.last_step());

  const Screen screen{theme(), fonts_, heatmaps_, items_, words_, scale, settings_.reduce_motion};
  const ImGuiIO& io = ImGui::GetIO();
  ImGui::SetNextWindowPos({0, 0});
  ImGui::SetNextWindowSize(io.DisplaySize);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  ImGui::Begin("Vitrine", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoBackground |
                   ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBringToFrontOnFocus |
                   ImGuiWindowFlags_NoScrollWithMouse | ImGuiWindowFlags_NoNavInputs);
  ImGui::PopStyleVar();
  const Layout l = layout(scale);
  // The inspector first: what it edits is requested, and small work is drawn in this same frame.
  if (l.inspector.w > 0)
    draw_inspector(screen, l.inspector);
  else
    labs_[open_].controls.first_grid.clear();
  pasting_.settle(*this);
  if (!frozen_) shown.poll(kPatience);
  if (std::string words = shown.take_words(); !words.empty()) say(std::move(words));
  if (std::string words = panel_.take_words(); !words.empty()) say(std::move(words));
  if (l.rail.w > 0) {
    const Rail::Pressed pressed = rail_.draw(screen, l.rail, infos_, open_, key_focus_.name());
    if (pressed.lab) open_lab(*pressed.lab);
    if (pressed.learn) panel_.toggle();
    if (pressed.all_keys) keys_shown_ = true;
  }
  if (l.learn.w > 0) panel_.draw(screen, l.learn, *this, key_focus_.take_scroll(l.learn));
  if (l.header.h > 0) draw_header(screen, l.header);
  if (l.explain.h > 0) draw_explain(screen, l.explain);
  if (l.transport.h > 0) draw_transport(screen, l.transport);
  if (l.stage.w > 1 && l.stage.h > 1) {
    draw_stage(screen, l.stage);
    draw_message(screen, l.stage);
  }
  files_.draw(screen, *this);
  take_along_.draw(screen, *this, {0, 0, l.stage.w / scale, l.stage.h / scale});
  draw_question(screen);
  ImGui::End();
  const Region regions[] = {{l.learn, Region::Kind::kScrolling},
                            {l.stage, Region::Kind::kPicture},
                            {l.inspector, Region::Kind::kScrolling},
                            {l.header},
                            {l.transport},
                            {l.rail}};
  key_focus_.follow(items_, regions, scale);
  draw_pointers(screen, l);
  keys_shown_ ? draw_keys(screen) : key_focus_.draw(theme());
  frame_ms_ = thread_cpu_ms() - start_ms;
}

void App::handle_keys() {
  const ImGuiIO& io = ImGui::GetIO();
  if (key_pressed(Key::kF11)) settings_.presenter = !settings_.presenter;
  if (key_pressed(Key::kF12)) cost_shown_ = !cost_shown_;
  // The keys of an open list are its own.
  const bool list_open = ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopup);
  ImGui::GetIO().ConfigFlags = list_open ? ImGuiConfigFlags_NavEnableKeyboard : 0;
  const bool taken = key_focus_.take_keys(list_open, keys_shown_);
  if (io.WantTextInput || list_open || taken) return;
  labs::Lab& l = lab();
  if (io.KeyCtrl) {
    files_.take_keys(*this);
    if (key_pressed(Key::kE)) take_along_.open_menu(std::nullopt);
    if (key_pressed(Key::kZ, true)) io.KeyShift ? l.redo() : l.undo();
    if (key_pressed(Key::kY, true)) l.redo();
    if (key_pressed(Key::kDigit0)) settings_.text_scale = 1;
    const auto resize = [&](double by) {
      settings_.text_scale =
          std::clamp(std::round((settings_.text_scale + by) * 10) / 10, kSmallestText, kLargestText);
    };
    if (typed('+') || typed('=')) resize(0.1);
    if (typed('-')) resize(-0.1);
    for (int i = 0; i < 9; ++i)
      if (key_pressed(static_cast<Key>(static_cast<int>(Key::kDigit1) + i)))
        panel_.jump(static_cast<std::size_t>(i), *this);
    return;
  }
  if (key_pressed(Key::kSpace)) l.toggle_play();
  if (key_pressed(Key::kLeft, true)) l.step(-1);
  if (key_pressed(Key::kRight, true)) l.step(1);
  if (key_pressed(Key::kHome)) l.playhead() = {0, l.playhead().speed, false};
  if (key_pressed(Key::kEnd)) l.playhead() = {static_cast<double>(l.last_step()), l.playhead().speed, false};
  if (typed('[')) widgets::change_speed(l.playhead(), -1);
  if (typed(']')) widgets::change_speed(l.playhead(), 1);
  if (typed('?')) keys_shown_ = !keys_shown_;
  if (typed('f') || typed('F')) frozen_ = !frozen_;
  if (typed('l') || typed('L')) panel_.toggle();
  if (key_pressed(Key::kEscape)) {
    if (keys_shown_)
      keys_shown_ = false;
    else if (!message_.empty())
      message_.clear();
    else if (settings_.presenter)
      settings_.presenter = false;
    else
      l.unpin();
  }
  for (int i = 0; i < static_cast<int>(std::min<std::size_t>(labs_.size(), 9)); ++i)
    if (key_pressed(static_cast<Key>(static_cast<int>(Key::kDigit1) + i)))
      open_lab(static_cast<std::size_t>(i));
  // A lesson's steps, as a lecturer's remote control sends them; else the labs.
  if (key_pressed(Key::kPageDown) && !panel_.next(*this) && open_ + 1 < labs_.size()) open_lab(open_ + 1);
  if (key_pressed(Key::kPageUp) && !panel_.previous(*this) && open_ > 0) open_lab(open_ - 1);
}

bool App::icon_button(const Screen& screen, std::string_view name, const Rect& place, std::string_view help,
                      bool enabled, void (*draw)(widgets::Canvas&, const Rect&, Paint)) {
  ImGui::SetCursorScreenPos({place.x, place.y});
  const bool pressed =
      ImGui::InvisibleButton(std::string(name).c_str(), {std::max(1.0f, place.w), std::max(1.0f, place.h)});
  const bool hovered = ImGui::IsItemHovered();
  if (hovered) widgets::show_help(screen, "", help);
  items_.record(name, place);
  ImGuiCanvas c = canvas_of(screen, place);
  if (hovered && enabled) c.fill(c.area(), {Role::kText, 0.1f});
  draw(c, c.area(), !enabled ? Paint(Role::kHairline) : hovered ? Paint(Role::kText) : Paint(Role::kQuiet));
  return pressed && enabled;
}

void App::draw_header(const Screen& screen, const Rect& place) {
  ImGuiCanvas c = canvas_of(screen, place);
  const Rect area = c.area();
  c.line({0, area.h - 0.5f}, {area.w, area.h - 0.5f}, Role::kHairline);
  const labs::LabInfo& info = lab().info();
  const float buttons = 5 * 34 + 12;
  const TextStyle title{widgets::kTitleSize_px, Face::kStrong},
      quiet{widgets::kQuietSize_px, Face::kWords, Role::kQuiet};
  c.text({22, 23}, widgets::elided(c, info.title, title, area.w - buttons - 30), title);
  if (const std::string file = files_.shown_name(*this); !file.empty()) {
    TextStyle name = quiet;
    name.translated = true;
    const float x = 22 + c.text_width(info.title, title) + 14;
    c.text({x, 24}, widgets::elided(c, file, name, area.w - buttons - 8 - x), name);
  }
  c.text({22, 47}, widgets::elided(c, info.sentence, quiet, area.w - 44), quiet);
  const float s = screen.scale, side = 30 * s;
  float x = place.right() - 12 * s - side;
  const auto next = [&](std::string_view name, std::string_view help, bool enabled, auto draw) {
    const bool pressed = icon_button(screen, name, {x, place.y + 8 * s, side, side}, help, enabled, draw);
    x -= 34 * s;
    return pressed;
  };
  if (next("inspector", "Show or hide the controls", true, draw_panel_icon))
    settings_.inspector = !settings_.inspector;
  if (next("presenter", "Presenter: stage, formula and transport only (F11)", true, draw_screen_icon))
    settings_.presenter = true;
  if (next("theme", "Dark or light", true, draw_theme_icon)) settings_.light = !settings_.light;
  if (next("redo", "Redo (Ctrl+Shift+Z)", lab().can_redo(), draw_redo_icon)) lab().redo();
  if (next("undo", "Undo (Ctrl+Z)", lab().can_undo(), draw_undo_icon)) lab().undo();
}

void App::move_stage(OpenLab& open, const Rect& place, float s) {
  const ImGuiIO& io = ImGui::GetIO();
  const Point mouse{io.MousePos.x, io.MousePos.y};
  if (!place.contains(mouse) || !over_nothing_else()) return;
  const bool steered =
      std::ranges::any_of(open.steered_px, [&](const Rect& shape) { return shape.contains(mouse); });
  if (io.MouseWheel != 0 && !steered) {  // towards the pointer
    const float zoom = std::clamp(open.zoom * std::pow(kZoomNotch, io.MouseWheel), 1.0f, kLargestZoom);
    const float f = zoom / open.zoom;
    open.pan_px = {(mouse.x - place.x) * (1 - f) + open.pan_px.x * f,
                   (mouse.y - place.y) * (1 - f) + open.pan_px.y * f};
    open.zoom = zoom;
  }
  if (ImGui::IsMouseDragging(0, 4 * s) && !open.grabbed)
    open.pan_px = {open.pan_px.x + io.MouseDelta.x, open.pan_px.y + io.MouseDelta.y};
  // The picture never leaves the stage.
  const auto kept = [](float pan, float size, float zoom) {
    return std::clamp(pan, size * (1 - zoom), 0.0f);
  };
  open.pan_px = {kept(open.pan_px.x, place.w, open.zoom), kept(open.pan_px.y, place.h, open.zoom)};
}

// A right click that was no drag.
void App::offer_numbers(const ImGuiCanvas& canvas, const Rect& place) {
  constexpr float kStill_px = 4;
  const ImGuiIO& io = ImGui::GetIO();
  const Point mouse{io.MousePos.x, io.MousePos.y};
  if (!ImGui::IsMouseReleased(1) || !place.contains(mouse) || !over_nothing_else() ||
      io.MouseDragMaxDistanceSqr[1] > kStill_px * kStill_px)
    return;
  take_along_.open_menu(canvas.taken());
}

void App::draw_stage(const Screen& screen, const Rect& place) {
  OpenLab& open = labs_[open_];
  move_stage(open, place, screen.scale);
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->PushClipRect({place.x, place.y}, {place.right(), place.bottom()}, true);
  std::string trouble;
  try {
    ImGuiCanvas c(screen, list, place, over_nothing_else() && !keys_shown_, open.zoom, open.pan_px);
    open.lab->draw(c);
    open.grabbed = c.grabbed();
    open.steered_px = c.steered_px();
    offer_numbers(c, place);
  } catch (const std::exception& error) {
    trouble = error.what();
  }
  items_.record("stage", place, widgets::Use::kPlace);
  list->PopClipRect();
  ImGuiCanvas over = canvas_of(screen, place);
  if (!trouble.empty()) labs::draw_error_card(over, "This cannot be drawn", trouble);
  if (open.zoom > 1)
    over.text({over.area().w - 12, 14}, core::shown(open.zoom, 3) + "×  drag to move, wheel to zoom",
              {widgets::kQuietSize_px, Face::kWords, Role::kQuiet, Align::kRight});
  if (cost_shown_)
    over.text({12, 14},
              "frame " + core::shown(frame_ms_, 3) + " ms of CPU  ·  drawn by OpenGL in " +
                  core::shown(drawn_ms_, 3) + " ms  ·  " + core::shown(ImGui::GetIO().Framerate, 3) +
                  " a second",
              {widgets::kQuietSize_px, Face::kNumbers, Role::kFocus});
}

void App::draw_explain(const Screen& screen, const Rect& place) {
  ImGuiCanvas c = canvas_of(screen, place);
  c.fill(c.area(), Role::kPanel);
  c.line({0, 0.5f}, {c.area().w, 0.5f}, Role::kHairline);
  const widgets::Equation equation = explanation(lab());
  items_.record("explain", place, widgets::Use::kPlace);
  widgets::typeset(c, Rect{22, 6, c.area().w - 44, c.area().h - 12}, equation);
}

}  // namespace vitrine::shell
