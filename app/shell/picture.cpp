#include "app/shell/picture.h"

#include <imgui.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "app/labs/labs.h"
#include "app/learn/learner.h"
#include "app/shell/app.h"
#include "app/shell/fonts.h"
#include "app/shell/gui_context.h"
#include "app/shell/session.h"
#include "engine/io/assets.h"
#include "engine/io/files.h"

namespace vitrine::shell {

namespace {

// Opens the card or the lesson, gives the answer and shows the step. Throws std::invalid_argument.
void learn(App& app, const PictureOptions& options) {
  learn::Panel& panel = app.panel();
  const auto step = static_cast<std::size_t>(std::max(options.step, 1) - 1);
  if (!options.card.empty()) {
    if (!panel.open_card(options.card, app))
      throw std::invalid_argument("there is no card \"" + options.card +
                                  "\"; vitrine lesson list names them");
    panel.desk()->work().answer = options.answer;
    learn::Learner nobody({});
    if (!options.answer.empty()) panel.desk()->check(nobody);
    return;
  }
  if (!panel.open_lesson(options.lesson, app))
    throw std::invalid_argument("there is no lesson \"" + options.lesson +
                                "\"; vitrine lesson list names them");
  if (!panel.jump(step, app))
    throw std::invalid_argument("the lesson \"" + options.lesson + "\" has no such step");
  if (options.answer.empty()) return;
  panel.walk()->made().answer = options.answer;
  panel.walk()->predict(app);
}

}  // namespace

Picture take_picture(const PictureOptions& options) {
  const auto surface = open_off_screen(options.size, options.scale);
  GuiContext gui(*surface);
  const widgets::Fonts fonts = load_fonts(*ImGui::GetIO().Fonts, options.scale);
  widgets::HeatmapStore heatmaps(io::asset("shaders"));
  App app(labs::all_labs({}), fonts, &heatmaps);
  const bool learns = !options.card.empty() || !options.lesson.empty();
  if (!app.select(options.lab) && !(learns && options.lab.empty()))
    throw std::invalid_argument("there is no lab \"" + options.lab + "\"; vitrine shot --list names them");
  app.settings().light = options.light;
  app.settings().presenter = options.presenter;
  if (!options.preset.empty() && !app.lab().load_preset(options.preset)) {
    if (std::error_code none; !std::filesystem::exists(options.preset, none))
      throw std::invalid_argument("\"" + options.preset + "\" is neither a file nor a preset of " +
                                  options.lab + "; vitrine shot --lab " + options.lab + " --list names them");
    load_state(io::read_file(options.preset), app.lab());
  }
  if (!options.opened.empty()) {
    app.open(options.opened);
    if (!app.message().empty()) throw std::invalid_argument(app.message());
    app.select(options.lab);
  }
  if (learns) learn(app, options);
  app.lab().settle(options.at.value_or(app.lab().playhead().t));
  Picture picture{options.size, {}};
  // The first frame measures what the second one places.
  for (const bool last : {false, true}) {
    if (const learn::Walk* walk = app.panel().walk(); last && walk && !walk->asks())  // where the step stops
      app.lab().settle(options.at.value_or(std::max(walk->step().at, walk->step().until)));
    gui.begin_frame(1.0 / 60);
    app.frame(0, options.scale);
    const auto background = app.theme()[widgets::Role::kStage];
    if (last)
      picture.pixels = gui.end_frame_to_pixels(background);
    else
      gui.end_frame(background);
  }
  return picture;
}

}  // namespace vitrine::shell
