// App: the frame of VISUAL: rail or lessons, header, stage, inspector, explain strip and transport around the
// open lab.
// It is given the time and draws into the current ImGui frame; it knows neither GLFW nor EGL, so a test can
// be its window.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/labs/lab.h"
#include "app/learn/panel.h"
#include "app/shell/files.h"
#include "app/shell/key_focus.h"
#include "app/shell/language.h"
#include "app/shell/pasting.h"
#include "app/shell/rail.h"
#include "app/shell/settings.h"
#include "app/shell/take_along.h"
#include "app/widgets/imgui_canvas.h"
#include "app/widgets/items.h"

namespace vitrine::shell {

class App final : public learn::Hall {
 public:
  // heatmaps may be null (no OpenGL). `learner`: the folder of the learner's progress and own lessons; empty
  // keeps nothing. Throws std::invalid_argument without labs.
  App(std::vector<std::unique_ptr<labs::Lab>> labs, const widgets::Fonts& fonts,
      widgets::HeatmapStore* heatmaps, std::filesystem::path learner = {});

  // Builds one frame between ImGui::NewFrame and ImGui::Render; dt_s since the last one, scale = DPI.
  void frame(double dt_s, float dpi_scale);
  // What the keyboard does in the pointer's stead, for the InputQueue; to be taken after each frame.
  std::vector<Input> take_inputs() { return key_focus_.take_inputs(); }
  const KeyFocus& key_focus() const { return key_focus_; }
  // How long to wait for input before the next frame: 0 while something moves.
  double sleep_s() const;

  labs::Lab& lab() override { return *labs_[open_].lab; }
  const std::vector<const labs::LabInfo*>& labs() const override { return infos_; }
  widgets::ControlState* controls_of(std::string_view lab) override;
  // Null if there is no such lab.
  labs::Lab* lab_of(std::string_view id);
  // Opens the lab; false if there is none of this id.
  bool select(std::string_view id) override;
  // A state, a lesson's or a card's file is opened beside the labs; any other is given to the open lab, else
  // to the first that takes it.
  void open(const std::filesystem::path& path);
  // A matrix as text, into the grid of numbers that has the keyboard or is pointed at.
  void paste_numbers(std::string_view text) { pasting_.paste(text, hand_px(), *this); }
  // One line over the stage until the next click: what happened, or what is wrong.
  void say(std::string words) { message_ = std::move(words); }
  const std::string& message() const { return message_; }

  // Stands over the window until it is answered with one of the two buttons.
  struct Question {
    std::string words;
    std::string_view yes, no;
    std::optional<bool> answer = {};
  };
  void ask(Question question) { question_ = std::move(question); }
  // Once, when it has been answered.
  std::optional<bool> take_answer();

  Files& files() { return files_; }
  TakeAlong& take_along() { return take_along_; }
  // The column of lessons and exercises.
  learn::Panel& panel() { return panel_; }
  // While the answer is frozen, edits are computed but what comes of them is not shown.
  bool frozen() const { return frozen_; }

  Settings& settings() { return settings_; }
  const Settings& settings() const { return settings_; }
  // What the user interface says in another language; it is settings().language's from the next frame on.
  widgets::Words& words() { return words_; }
  // Settings and every lab's Params and View, for the session's file.
  void describe(core::Fields& fields);

  const widgets::Theme& theme() const {
    return settings_.light ? widgets::light_theme() : widgets::dark_theme();
  }
  const widgets::Items& items() const { return items_; }
  // What the last inspector said: names, notes, complaints.
  const std::string& transcript() const { return transcript_; }
  // CPU time of building the last frame.
  double frame_ms() const { return frame_ms_; }
  // How long the last frame then took to be drawn and shown, which is OpenGL's: F12 tells the two apart.
  void note_drawn(double ms) { drawn_ms_ = ms; }

 private:
  struct OpenLab {
    std::unique_ptr<labs::Lab> lab;
    widgets::ControlState controls;
    float zoom = 1;
    widgets::Point pan_px{0, 0};
    bool grabbed = false;                     // a shape of the last frame holds the pointer: the stage stays
    std::vector<widgets::Rect> steered_px{};  // shapes of the last frame that the wheel does not go through
  };
  struct Layout {  // in pixels
    widgets::Rect rail, learn, header, stage, explain, transport, inspector;
  };

  void open_lab(std::size_t index);
  // Where the keyboard is, else the pointer.
  widgets::Point hand_px() const;
  void speak();
  void choose_language(widgets::Controls& controls);
  Layout layout(float scale) const;
  void handle_keys();
  void draw_header(const widgets::Screen& screen, const widgets::Rect& place);
  void draw_stage(const widgets::Screen& screen, const widgets::Rect& place);
  void draw_explain(const widgets::Screen& screen, const widgets::Rect& place);
  void draw_transport(const widgets::Screen& screen, const widgets::Rect& place);
  void draw_speed(const widgets::Screen& screen, const widgets::Rect& place);
  void draw_track(const widgets::Screen& screen, const widgets::Rect& place, float left, float right);
  void draw_inspector(const widgets::Screen& screen, const widgets::Rect& place);
  void draw_keys(const widgets::Screen& screen);
  void draw_pointers(const widgets::Screen& screen, const Layout& layout);
  void draw_question(const widgets::Screen& screen);
  void draw_message(const widgets::Screen& screen, const widgets::Rect& stage);
  // An invisible button with a drawing on it; true when pressed.
  bool icon_button(const widgets::Screen& screen, std::string_view name, const widgets::Rect& place,
                   std::string_view help, bool enabled,
                   void (*draw)(widgets::Canvas&, const widgets::Rect&, widgets::Paint));
  void offer_numbers(const widgets::ImGuiCanvas& canvas, const widgets::Rect& place);
  void move_stage(OpenLab& lab, const widgets::Rect& place, float scale);

  std::vector<OpenLab> labs_;
  std::vector<const labs::LabInfo*> infos_;  // of labs_
  Rail rail_;
  std::size_t open_ = 0;
  const widgets::Fonts& fonts_;
  widgets::HeatmapStore* heatmaps_;
  Settings settings_;
  widgets::Items items_;
  KeyFocus key_focus_;
  widgets::Words words_;
  std::vector<Language> languages_ = read_languages();  // to choose from, without their tables
  std::string spoken_{kEnglish};                        // what words_ speaks
  std::string message_, transcript_;
  std::optional<Question> question_;
  Files files_;
  Pasting pasting_;
  TakeAlong take_along_;
  learn::Panel panel_;
  std::string pointed_;        // what the lesson points to, when it has been scrolled to
  float point_scroll_px_ = 0;  // of the inspector, in the next frame
  bool frozen_ = false;
  bool keys_shown_ = false;
  bool cost_shown_ = false;
  double frame_ms_ = 0, drawn_ms_ = 0;
};

}  // namespace vitrine::shell
