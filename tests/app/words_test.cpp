// Every word that the window says, in every lab, has its entry in the German table. With VITRINE_WORDS=FILE
// the words without one are written there instead, as {"English": ""}; VITRINE_LANGUAGE=en then lists all
// there are.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "app/labs/labs.h"
#include "app/labs/learning_lab.h"
#include "app/labs/training/presets.h"
#include "app/labs/trio/lab.h"
#include "app/labs/workbench/workbench.h"
#include "app/shell/language.h"
#include "engine/io/assets.h"
#include "engine/io/files.h"
#include "engine/io/json_text.h"
#include "tests/app/app_driver.h"
#include "tests/app/labs/monkey_knobs.h"

namespace vitrine {
namespace {

using shell::Key;
using widgets::Item;
using widgets::Use;

constexpr float kPlaces[] = {0, 0.5f, 1};  // of the playhead

// Goes through the labs and lets the table collect, only while nothing is being computed: what is said
// meanwhile depends on the machine.
class Tour : public AppDriver {
 public:
  explicit Tour(const std::string& language) : AppDriver(labs::all_labs({})) {
    app().settings().language = language;
    app().select("training");
    dynamic_cast<labs::LearningLab&>(lab()).bench().adopt({labs::tiny(), {}});
    app().select("trio");
    labs::Trio::Params params;
    params.contest.reference = labs::tiny();
    params.contest.reference.epochs = 1;
    params.reach = 1;
    params.shift_images = 16;
    dynamic_cast<labs::Trio&>(lab()).adopt(params);
    settle();
  }

  void see_everything() {
    for (const labs::LabInfo* info : app().labs()) {
      app().select(info->id);
      if (dynamic_cast<labs::LearningLab*>(&lab()) || info->id == "trio")
        see_learning_lab();
      else
        see_lab();
    }
    see_frame();
    see_panel();
    app().words().collect_missing(true);
    for (const labs::TrainingPreset& preset : labs::training_presets()) {
      app().words().of(preset.name);
      app().words().of(preset.watch);
    }
    app().words().collect_missing(false);
  }

 private:
  std::string place() { return std::string(lab().info().id) + (app().panel().is_open() ? " learn " : " "); }

  // All that is said now, and the help of what was not pointed at before.
  void look() {
    settle();
    app().words().collect_missing(true);
    frames(2);
    const std::vector<Item> items = app().items().all();
    for (const Item& item : items) {
      if (!pointed_.insert(place() + widgets::without_numbers(item.name)).second) continue;
      point_at(item.place_px.center());
      flush();
    }
    app().words().collect_missing(false);
    point_at(widgets::Point{1, 1});
    flush();
  }
  void look_through_time() {
    for (const float part : kPlaces) {
      lab().settle(part * static_cast<double>(lab().last_step()));
      look();
    }
  }

  bool in_inspector(const Item& item) { return item.place_px.x > find("stage").right(); }
  // Of the lab, not of the window, and nothing that opens a dialog, writes or begins what takes long.
  bool is_pressed(const Item& item, const std::vector<std::string>& presets) {
    static constexpr std::string_view kOfTheWindow[] = {
        "Theme", "Text size", "Lab list", "Formula", "Reduce motion", "Freeze answer", "Language", "Browse"};
    const bool on_stage = item.use == Use::kShape && find("stage").contains(item.place_px.center());
    if (!on_stage && !(item.use == Use::kPress && in_inspector(item))) return false;
    if (std::ranges::find(presets, item.name) != presets.end() || item.name.starts_with("reset "))
      return false;
    return std::ranges::none_of(kOfTheWindow, [&](auto name) { return item.name.starts_with(name); });
  }
  std::vector<std::string> to_press(const std::vector<std::string>& presets) {
    std::vector<std::string> names;
    for (const Item& item : app().items().all())
      if (is_pressed(item, presets) && pressed_.insert(place() + widgets::without_numbers(item.name)).second)
        names.push_back(item.name);
    return names;
  }

  void see_lab() {
    const std::vector<std::string> presets = lab().presets();
    for (const std::string& preset : presets) {
      lab().load_preset(preset);
      look_through_time();
      for (const std::string& name : to_press(presets)) {
        press(name);
        lab().load_preset(preset);
        settle();
      }
    }
  }
  static bool list_is_open() { return ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopup); }
  // A list's options one after the other; what else there is, once.
  void press(const std::string& name) {
    if (!app().items().find(name)) return;
    click(name);
    if (!list_is_open()) look();
    std::vector<std::string> options;
    for (const Item& item : app().items().all())
      if (list_is_open() && item.name.starts_with(name + "=")) options.push_back(item.name);
    for (const std::string& option : options) {
      if (!app().items().find(option) && app().items().find(name)) click(name);
      if (!app().items().find(option)) continue;
      click(option);
      look();
    }
    if (list_is_open()) key(Key::kEscape);
    key(Key::kEscape);  // nothing is pinned
  }

  // On a small model that has made two steps: the tabs and folds, and choices that are taken back.
  void see_learning_lab() {
    settle();
    auto* learning = dynamic_cast<labs::LearningLab*>(&lab());
    auto* trio = dynamic_cast<labs::Trio*>(&lab());
    if (learning) learning->bench().settle(2);
    look_through_time();
    const auto before = learning ? learning->bench().params() : labs::Workbench::Params();
    const auto contest = trio ? trio->params() : labs::Trio::Params();
    for (const std::string& name : to_press(lab().presets())) {
      const Item* item = app().items().item(name);
      const bool is_choice = name.find('=') != name.npos;
      if (!item || name.starts_with("Data")) continue;
      if (item->use != Use::kShape && !is_choice) continue;
      click(name);
      look();
      key(Key::kEscape);
      // What only looks is no edit: there undo would take back the small model.
      const bool edited =
          (learning && !(learning->bench().params() == before)) || (trio && !(trio->params() == contest));
      if (edited) lab().undo();
      settle();
    }
  }

  void see_frame() {
    app().select(app().labs().front()->id);
    click("all keys");
    look_at_layer();
    key(Key::kEscape);
    push(shell::TextInput{'f'});
    flush();
    look_at_layer();
    push(shell::TextInput{'f'});
    flush();
    app().settings().presenter = true;
    look();
    app().settings().presenter = false;
    key(Key::kF12);
    look_at_layer();
    key(Key::kF12);
  }
  // What lies over the window, where nothing is pointed at.
  void look_at_layer() {
    app().words().collect_missing(true);
    frames(2);
    app().words().collect_missing(false);
  }

  void see_panel() {
    click("learn");
    look();
    app().panel().welcome();
    look();
    app().panel().open_card("stride-and-padding", app());
    look();
    for (const char* name : {"Check", "Hint", "Fresh numbers", "First numbers", "Solution"})
      if (app().items().find(name)) {
        click(name);
        look();
      }
    app().panel().open_lesson("sliding-window", app());
    for (int i = 0; i < 24; ++i) {  // what is predicted is a step of its own
      look();
      app().panel().next(app());
    }
    app().panel().close();
  }

  std::set<std::string> pointed_, pressed_;
};

// What lessons and exercises say: it is in their own files' language.
class LessonWords {
 public:
  LessonWords() {
    for (const auto& file : std::filesystem::directory_iterator(io::asset("assets/lessons")))
      if (file.path().extension() == ".json") add("", io::parse_json(io::read_file(file.path())));
  }
  // Also behind words of the panel: "Hint: ...", "A  ...".
  bool are(std::string_view words) const {
    if (all_.contains(words)) return true;
    for (const std::string_view border : {": ", "  "})
      if (const std::size_t at = words.find(border); at != words.npos && all_.contains(words.substr(at + 2)))
        return true;
    return false;
  }

 private:
  void add(std::string_view name, const nlohmann::json& value) {
    static constexpr std::string_view kSaid[] = {"title", "about", "ask",   "say",
                                                 "task",  "hint",  "reply", "options"};
    if (value.is_string() && std::ranges::find(kSaid, name) != std::end(kSaid))
      all_.insert(widgets::without_numbers(value.get_ref<const std::string&>()));
    if (value.is_object())
      for (const auto& [field, part] : value.items()) add(field, part);
    if (value.is_array())
      for (const auto& part : value) add(name, part);
  }
  std::set<std::string, std::less<>> all_;
};

// Nothing but letters of formulas and names that are the same in every language.
bool is_formula(std::string_view words) {
  static constexpr std::string_view kNames[] = {
      "softmax", "tanh",   "sigmoid", "relu",    "ReLU", "gelu", "GELU",   "exp",   "log",
      "max",     "min",    "sum",     "mean",    "var",  "std",  "argmax", "sqrt",  "round",
      "pad",     "concat", "Concat",  "MLP",     "CNN",  "ViT",  "RNN",    "GRU",   "LSTM",
      "SGD",     "Adam",   "AdamW",   "Vitrine", "CSV",  "JSON", "MNIST",  "CIFAR", "LayerNorm"};
  for (std::size_t at = 0; at < words.size();) {
    std::size_t end = at;
    while (end < words.size() && std::isalpha(static_cast<unsigned char>(words[end]))) ++end;
    const std::string_view word = words.substr(at, end - at);
    if (word.size() >= 3 && std::ranges::find(kNames, word) == std::end(kNames)) return false;
    at = std::max(end, at + 1);
  }
  return true;
}

// The name of a file or a folder.
bool is_path(std::string_view words) {
  return words.starts_with('/') || words.ends_with(".csv") || words.ends_with(".json");
}

std::set<std::string> untranslated(const widgets::Words& words) {
  const LessonWords lessons;
  const auto languages = shell::read_languages();
  std::set<std::string> all;
  for (const std::string& missing : words.missing())
    if (std::ranges::find(languages, missing, &shell::Language::name) == languages.end() &&
        !is_formula(missing) && !is_path(missing) && !lessons.are(missing))
      all.insert(missing);
  return all;
}

TEST(WordsOfTheWindow, AreAllInTheTable) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "words are the same in every build, and this one takes minutes to see them all";
#endif
  const char* file = std::getenv("VITRINE_WORDS");
  const char* language = file ? std::getenv("VITRINE_LANGUAGE") : nullptr;
  const std::string code = language ? language : "de";
  const auto missing_now = [&] {
    Tour tour(code);
    EXPECT_EQ(tour.app().settings().language, code) << tour.app().message();
    tour.see_everything();
    return untranslated(tour.app().words());
  };
  std::set<std::string> missing = missing_now();
  if (file) {
    nlohmann::ordered_json table = nlohmann::ordered_json::object();
    for (const std::string& words : missing) table[words] = "";
    return io::write_file(file, table.dump(2) + "\n");
  }
  if (missing.empty()) return;
  // What is said only at some moments of what is trained and computed is not in both.
  const std::set<std::string> again = missing_now();
  std::erase_if(missing, [&](const std::string& words) { return !again.contains(words); });
  for (const std::string& words : missing)
    ADD_FAILURE() << "not in assets/words/de.json: \"" << words << "\"";
}

}  // namespace
}  // namespace vitrine
