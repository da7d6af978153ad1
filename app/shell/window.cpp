#include "app/shell/window.h"

#include <imgui.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "app/labs/labs.h"
#include "app/shell/app.h"
#include "app/shell/autosave.h"
#include "app/shell/fonts.h"
#include "app/shell/gui_context.h"
#include "app/shell/last_session.h"
#include "app/shell/session.h"
#include "app/shell/surface.h"
#include "engine/io/assets.h"

namespace vitrine::shell {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kIdle_s = 30;      // between two looks at nothing
constexpr int kSettlingFrames = 3;  // ImGui shows the effect of an input within three frames

double seconds(Clock::duration d) { return std::chrono::duration<double>(d).count(); }

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

}  // namespace

void run_window(const WindowOptions& options) {
  const auto start = Clock::now();
  const auto surface = open_window("Vitrine", {1440, 900});
  GuiContext gui(*surface);
  float scale = surface->scale();
  widgets::Fonts fonts = load_fonts(*ImGui::GetIO().Fonts, scale);
  widgets::HeatmapStore heatmaps(io::asset("shaders"));
  const std::filesystem::path session = options.fresh ? std::filesystem::path() : session_path();
  App app(labs::all_labs([target = surface.get()] { target->wake(); }, new_runs_folder(session)), fonts,
          &heatmaps, options.fresh ? std::filesystem::path() : learn::data_folder());

  std::error_code none;
  if (!session.empty() && !std::filesystem::exists(session, none)) app.panel().welcome();  // the first start
  LastSession last_session(session);
  if (const std::string words = last_session.begin(app); !words.empty()) app.say(words);
  std::string wanted_lab = options.lab;
  std::vector<std::filesystem::path> wanted_files = options.files;
  const auto open_wanted = [&] {
    if (last_session.asks()) return;
    if (!wanted_lab.empty() && !app.select(wanted_lab)) app.say("There is no lab \"" + wanted_lab + "\"");
    wanted_lab.clear();
    for (const auto& file : std::exchange(wanted_files, {})) app.open(file);
  };
  open_wanted();
  std::optional<Autosave> autosave([&](const std::string& text) { write_session(session, text); });

  auto last = Clock::now();
  int due = kSettlingFrames;  // frames that must still be drawn
  long frames = 0;
  double first_frame_s = 0, built_ms = 0;
  while (!surface->close_requested()) {
    const double left =
        options.quit_after_s ? *options.quit_after_s - seconds(Clock::now() - start) : kIdle_s;
    if (left <= 0) break;
    const double unsaved =
        last_session.keeps() ? std::max(0.0, autosave->due_in_s(seconds(Clock::now() - start))) : kIdle_s;
    const double sleep =
        due > 0 || !surface->input().empty() ? 0 : std::min({left, unsaved, kIdle_s, app.sleep_s()});
    const bool woken = surface->wait_events(sleep);
    if (woken) due = std::max(due, surface->input().empty() && app.sleep_s() < kIdle_s ? 1 : kSettlingFrames);
    for (auto& file : surface->take_dropped_files()) wanted_files.push_back(std::move(file));
    const bool kept = last_session.keeps();
    std::string words = last_session.frame(app);
    if (kept) words = autosave->tick(seconds(Clock::now() - start), app);
    if (!words.empty() || kept != last_session.keeps()) due = kSettlingFrames;
    if (!words.empty()) app.say(std::move(words));
    open_wanted();
    if (due == 0 && app.sleep_s() >= kIdle_s) {
      last = Clock::now();  // the time asleep is not the playhead's
      continue;
    }
    if (due > 0) --due;
    if (surface->scale() != scale) {
      scale = surface->scale();
      fonts = load_fonts(*ImGui::GetIO().Fonts, scale);
      renew_font_texture();
    }
    const auto now_time = Clock::now();
    const double dt_s = std::min(seconds(now_time - last), 0.1);
    last = now_time;
    gui.begin_frame(dt_s);
    app.frame(dt_s, scale);
    for (const Input& input : app.take_inputs()) {
      surface->input().push_instead(input);
      due = kSettlingFrames;
    }
    const auto built = Clock::now();
    gui.end_frame(app.theme()[widgets::Role::kStage]);
    heatmaps.end_frame();
    app.note_drawn(1e3 * seconds(Clock::now() - built));
    if (frames > 0) built_ms += app.frame_ms();  // the first one makes what the others use
    if (++frames == 1) first_frame_s = seconds(Clock::now() - start);
  }
  if (options.quit_after_s)
    std::printf("first frame %.3f s, %ld frames, %.3f ms of CPU to build one, %.2f s of CPU in all\n",
                first_frame_s, frames, built_ms / static_cast<double>(std::max(frames - 1, 1L)),
                cpu_seconds());
  if (const std::string words = app.take_along().end(); !words.empty())
    std::fprintf(stderr, "vitrine: %s\n", words.c_str());
  autosave.reset();  // what it is writing comes before the last
  if (const std::string words = last_session.end(app); !words.empty())
    std::fprintf(stderr, "vitrine: %s\n", words.c_str());
}

}  // namespace vitrine::shell
