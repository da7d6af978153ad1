#include "app/shell/picture.h"

#include <imgui.h>

#include <filesystem>
#include <stdexcept>

#include "app/labs/labs.h"
#include "app/shell/app.h"
#include "app/shell/fonts.h"
#include "app/shell/gui_context.h"
#include "app/shell/session.h"
#include "engine/io/assets.h"
#include "engine/io/files.h"

namespace vitrine::shell {

Picture take_picture(const PictureOptions& options) {
  const auto surface = open_off_screen(options.size, options.scale);
  GuiContext gui(*surface);
  const widgets::Fonts fonts = load_fonts(*ImGui::GetIO().Fonts, options.scale);
  widgets::HeatmapStore heatmaps(io::asset("shaders"));
  App app(labs::all_labs({}), fonts, &heatmaps);
  if (!app.select(options.lab))
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
  app.lab().settle(options.at.value_or(app.lab().playhead().t));
  Picture picture{options.size, {}};
  // The first frame measures what the second one places.
  for (const bool last : {false, true}) {
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
