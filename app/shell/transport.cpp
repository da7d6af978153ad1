// The transport: where the lab's time stands, and the buttons and the track that move it.
#include <imgui.h>

#include <algorithm>
#include <cmath>

#include "app/shell/app.h"
#include "app/shell/icons.h"
#include "engine/core/text.h"

namespace vitrine::shell {

using widgets::Align;
using widgets::Face;
using widgets::ImGuiCanvas;
using widgets::Playhead;
using widgets::Rect;
using widgets::Role;
using widgets::Screen;
using widgets::TextStyle;

namespace {

constexpr float kButton_px = 30, kPitch_px = 34, kTop_px = 8, kSpeedWidth_px = 52;
constexpr int kMostTicks = 60;

ImGuiCanvas canvas_of(const Screen& screen, const Rect& place_px) {
  return {screen, ImGui::GetWindowDrawList(), place_px, true};
}

std::string step_words(const Playhead& p, int last) {
  const auto step = static_cast<core::Index>(std::ceil(p.t)) + 1;
  return "step " + core::grouped(step) + " / " + core::grouped(core::Index{last} + 1);
}

}  // namespace

void App::draw_transport(const Screen& screen, const Rect& place) {
  ImGuiCanvas c = canvas_of(screen, place);
  const Rect area = c.area();
  c.fill(area, Role::kPanel);
  c.line({0, 0.5f}, {area.w, 0.5f}, Role::kHairline);
  labs::Lab& l = lab();
  Playhead& p = l.playhead();
  const int last = l.last_step();
  const std::string own_words = l.time_words();
  const bool plays = last > 0 || !own_words.empty();
  float x = 14;
  const auto button = [&](std::string_view name, std::string_view help, auto draw) {
    const float s = screen.scale;
    const Rect at{place.x + x * s, place.y + kTop_px * s, kButton_px * s, kButton_px * s};
    x += kPitch_px;
    return icon_button(screen, name, at, help, true, draw);
  };
  if (last > 0 && button("first", "To the start (Home)", draw_first_icon)) p = {0, p.speed, false};
  if (last > 0 && button("back", "One step back (Left)", draw_back_icon)) l.step(-1);
  if (plays && (l.playing() ? button("play", "Pause (Space)", draw_pause_icon)
                            : button("play", "Play (Space)", draw_play_icon)))
    l.toggle_play();
  if (plays && button("forward", "One step forward (Right)", draw_forward_icon)) l.step(1);
  if (last > 0 && button("last", "To the end (End)", draw_last_icon))
    p = {static_cast<double>(last), p.speed, false};
  if (!plays) return;

  // A lab whose time is its own has no speed.
  const bool has_speed = own_words.empty();
  if (has_speed) draw_speed(screen, place);
  const float words_right = area.w - (has_speed ? 18 + kSpeedWidth_px : 18);
  const TextStyle style{widgets::kQuietSize_px, Face::kNumbers, Role::kText, Align::kRight};
  const std::string words = has_speed ? step_words(p, last) : own_words;
  c.text({words_right, area.h / 2}, words, style);
  if (l.end_step() > 0) draw_track(screen, place, x + 16, words_right - 14 - c.text_width(words, style));
}

void App::draw_speed(const Screen& screen, const Rect& place) {
  Playhead& p = lab().playhead();
  const float s = screen.scale;
  const Rect speed_px{place.right() - 58 * s, place.y + kTop_px * s, 46 * s, kButton_px * s};
  ImGui::SetCursorScreenPos({speed_px.x, speed_px.y});
  if (ImGui::InvisibleButton("speed", {speed_px.w, speed_px.h}))
    widgets::change_speed(p, p.speed >= widgets::kSpeeds[5] ? -5 : 1);
  if (ImGui::IsItemHovered()) widgets::show_help(screen, "", "Speed: [ slower, ] faster");
  items_.record("speed", speed_px);
  ImGuiCanvas c = canvas_of(screen, place);
  c.text({c.area().w - 35, c.area().h / 2}, core::shown(p.speed, 3) + "×",
         {widgets::kQuietSize_px, Face::kNumbers, Role::kQuiet, Align::kCenter});
}

void App::draw_track(const Screen& screen, const Rect& place, float left, float right) {
  if (right - left < 40) return;
  Playhead& p = lab().playhead();
  const int last = lab().last_step(), end = lab().end_step();
  const float s = screen.scale;
  const Rect track_px{place.x + left * s, place.y + kTop_px * s, (right - left) * s, kButton_px * s};
  ImGui::SetCursorScreenPos({track_px.x, track_px.y});
  ImGui::InvisibleButton("scrub", {track_px.w, track_px.h});
  items_.record("scrub", track_px, widgets::Use::kPlace);
  if (ImGui::IsItemActive()) {
    const double unit = std::clamp<double>((ImGui::GetIO().MousePos.x - track_px.x) / track_px.w, 0, 1);
    p = {std::min<double>(unit * end, last), p.speed, false};
  }
  ImGuiCanvas c = canvas_of(screen, place);
  const float y = c.area().h / 2;
  const auto x_of = [=](double t) {
    return left + (right - left) * static_cast<float>(std::min(t / end, 1.0));
  };
  const float at = x_of(p.t);
  c.line({left, y}, {right, y}, Role::kHairline, 3);
  c.line({left, y}, {x_of(last), y}, Role::kQuiet, 3);
  c.line({left, y}, {at, y}, Role::kFocus, 3);
  if (end <= kMostTicks)
    for (int i = 0; i <= end; ++i) {
      const float tick = x_of(i);
      c.line({tick, y - 5}, {tick, y + 5}, {Role::kQuiet, 0.5f});
    }
  c.fill({at - 5, y - 9, 10, 18}, Role::kFocus);
}

}  // namespace vitrine::shell
