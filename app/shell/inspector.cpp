// App's inspector: the open lab's controls, then those of the window, its language among them.
#include <imgui.h>

#include <algorithm>
#include <utility>

#include "app/shell/app.h"
#include "app/widgets/column.h"
#include "engine/io/files.h"

namespace vitrine::shell {

using widgets::ImGuiCanvas;
using widgets::Rect;
using widgets::Role;
using widgets::Screen;

void App::speak() {
  words_.begin_frame();
  if (settings_.language == spoken_) return;
  try {
    words_.speak(read_language(settings_.language).words);
  } catch (const io::FileError& error) {
    say(error.what());
    settings_.language = kEnglish;
    words_.speak({});
  }
  spoken_ = settings_.language;
}

void App::choose_language(widgets::Controls& controls) {
  if (languages_.size() < 2) return;
  std::vector<std::string_view> names;
  for (const Language& language : languages_) names.push_back(language.name);
  const auto spoken = std::ranges::find(languages_, settings_.language, &Language::code);
  int index = spoken == languages_.end() ? 0 : static_cast<int>(spoken - languages_.begin());
  if (controls.choice("Language", index, names, 0,
                      "Of the labels and hints; a language is a file in assets/words"))
    settings_.language = languages_[static_cast<std::size_t>(index)].code;
}

void App::draw_inspector(const Screen& screen, const Rect& place) {
  widgets::ControlState& state = labs_[open_].controls;
  // One a lab: each keeps its own place.
  const widgets::Column column(screen, place, "inspector " + settings_.lab, state,
                               key_focus_.take_scroll(place) + std::exchange(point_scroll_px_, 0.0f));
  ImGuiCanvas c(screen, ImGui::GetWindowDrawList(), place, true);
  c.line({0.5f, 0}, {0.5f, c.area().h}, Role::kHairline);
  widgets::Controls controls(screen, state, column.width_px());
  lab().controls(controls);
  take_along_.controls(controls, *this);
  controls.section("View");
  static constexpr std::string_view kThemes[] = {"dark", "light"};
  int theme_index = settings_.light ? 1 : 0;
  controls.choice("Theme", theme_index, kThemes, 0, "Light is for projectors and bright rooms");
  settings_.light = theme_index == 1;
  controls.real("Text size", settings_.text_scale, {kSmallestText, kLargestText, 1, 0.1, false, "×"},
                "Of everything in the window (Ctrl and +, −, 0)");
  controls.toggle("Lab list", settings_.rail, true, "The column on the left; the keys 1 to 9 open labs too");
  controls.toggle("Formula", settings_.explain, true, "The strip under the stage that says what is lit");
  controls.toggle("Reduce motion", settings_.reduce_motion, false, "Steps become cuts instead of movements");
  controls.toggle("Freeze answer", frozen_, false,
                  "What an edit changes is not shown until this is off again (F): time to predict");
  choose_language(controls);
  if (!state.hidden.empty() &&
      controls.button("Show hidden controls", "A right click on a control's name hides or locks it"))
    state.hidden.clear();
  transcript_ = controls.transcript();
}

}  // namespace vitrine::shell
