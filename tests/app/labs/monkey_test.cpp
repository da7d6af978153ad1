// The monkey: thousands of things that a hand can do in the learning wing, drawn from a seed, in the real
// shell with one Workbench under its labs. After each of them what must always hold does. A failure says the
// seed and what was done last; VITRINE_MONKEY_SEED and VITRINE_MONKEY_ACTIONS draw another life, and
// VITRINE_MONKEY_TRACE=1 says every action before it is done, should one end the program.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <nlohmann/json.hpp>

#include "app/labs/labs.h"
#include "app/labs/learning_lab.h"
#include "app/labs/training/presets.h"
#include "app/labs/trio/lab.h"
#include "app/labs/workbench/differences.h"
#include "app/shell/session.h"
#include "engine/core/text.h"
#include "engine/io/json_fields.h"
#include "tests/app/app_driver.h"
#include "tests/app/labs/monkey_knobs.h"
#include "tests/app/recording_canvas.h"

namespace vitrine::labs {
namespace {

using core::Index;
using shell::Key;
using train::TrainStatus;
using widgets::Point;
using widgets::Rect;

// A sanitizer makes everything ten to twenty times as slow; there the same life is cut short.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t kActions = 1'000;
#else
constexpr std::uint64_t kActions = 10'000;
#endif
constexpr std::uint64_t kSeed = 6;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  const auto number = text ? core::parse_number(text) : std::nullopt;
  return number ? static_cast<std::uint64_t>(*number) : otherwise;
}

constexpr const char* kLabs[] = {"training", "inside", "probe", "runs", "trio"};

std::vector<std::unique_ptr<Lab>> learning_labs() {
  auto labs = all_labs({});
  std::erase_if(labs, [](const auto& lab) { return lab->info().wing != Wing::kLearning; });
  return labs;
}

nlohmann::json state_of(Lab& lab) {
  io::JsonWriter writer;
  lab.describe(writer);
  return nlohmann::json::parse(writer.text());
}

class Monkey : public AppDriver {
 public:
  explicit Monkey(std::uint64_t seed) : AppDriver(learning_labs()), dice_(seed) {
    bench_ = &dynamic_cast<LearningLab&>(lab()).bench();
    open("trio");
    trio_ = &dynamic_cast<Trio&>(lab());
    open("runs");
    shell::load_state(R"({"view": {"steps": 10, "sweep": {"trials": 3, "steps": 4}}})", lab());
    calm_down();
  }

  Workbench& bench() { return *bench_; }
  const std::deque<std::string>& done() const { return done_; }

  void act() {
    struct Action {
      std::size_t weight;
      void (Monkey::*act)();
    };
    static constexpr Action kAll[] = {{15, &Monkey::edit},        {10, &Monkey::type},
                                      {12, &Monkey::press_a_key}, {20, &Monkey::touch_the_stage},
                                      {12, &Monkey::press},       {11, &Monkey::move_in_time},
                                      {6, &Monkey::play},         {6, &Monkey::open_a_lab},
                                      {3, &Monkey::draw_a_probe}, {2, &Monkey::save_and_restore},
                                      {1, &Monkey::resize},       {2, &Monkey::calm_down}};
    std::size_t die = dice_.below(100);
    const Action* action = kAll;
    for (; die >= action->weight; ++action) die -= action->weight;
    (this->*action->act)();
    flush();
    if (!tame(bench().params().config) || !tame(trio_->params().contest.reference)) calm_ = false;
  }

  // What holds whatever was done.
  void check() {
    check_what_is_shown();
    check_time();
    const auto& runs = bench().runs();
    for (std::size_t i = 1; i < runs.size(); ++i) ASSERT_LT(runs[i - 1].id, runs[i].id);
    if (!runs.empty()) check_run(runs.back());
  }
  // A run's steps follow each other, none is lost, and a fork's first ones are those of the run it left.
  void check_run(const Workbench::Run& run) {
    const auto& loss = run.curves.loss.raw();
    for (std::size_t i = 1; i < loss.size(); ++i) ASSERT_EQ(loss[i].x, loss[i - 1].x + 1) << "run " << run.id;
    ASSERT_EQ(run.curves.accuracy.raw().size(), loss.size());
    if (run.forked_from == 0 || loss.empty()) return;
    const auto parent = std::ranges::find(bench().runs(), run.forked_from, &Workbench::Run::id);
    ASSERT_NE(parent, bench().runs().end()) << "run " << run.id << " was forked from " << run.forked_from;
    const auto& before = parent->curves.loss.raw();
    for (std::size_t i = 0; i < loss.count_before(static_cast<double>(run.forked_at) + 1); ++i)
      ASSERT_EQ(loss[i], before[before.count_before(loss[i].x)]) << "run " << run.id;
  }

 private:
  void note(std::string words) {
    static const bool traced = std::getenv("VITRINE_MONKEY_TRACE") != nullptr;
    words = std::string(lab().info().id) + ": " + words;
    if (traced) std::cerr << words << '\n';
    done_.push_back(std::move(words));
    if (done_.size() > 20) done_.pop_front();
  }
  void open(const std::string& id) {
    app().select(id);
    flush();
  }

  // --- actions ---

  void edit() {
    if (&lab() == trio_) {
      Trio::Params params = trio_->params();
      shake(params.contest.reference, dice_);
      note("edits the contest");
      return trio_->adopt(std::move(params));
    }
    Workbench::Params params = bench().params();
    shake(params.config, dice_);
    if (dice_.one_in(5)) params.probe = {dice_.pick({kMost, kLeast, Index{0}, Index{5}}), {}};
    const std::string changed = words_of(differences(bench().params().config, params.config));
    if (dice_.one_in(3)) {
      note("begins with " + changed);
      bench().adopt(std::move(params));
    } else {
      note("edits: " + changed);
      bench().edit(std::move(params), dice_.one_in(2));
    }
  }
  void type() {
    const Typed& typed = kTyped[dice_.below(kTyped.size())];
    const char* text = dice_.one_in(4) ? kNoNumbers[dice_.below(kNoNumbers.size())]
                                       : typed.texts[dice_.below(typed.texts.size())];
    const auto place = app().items().find(typed.control);
    if (!place) return;
    note(std::string("types \"") + text + "\" into " + typed.control);
    point_at(place->center());
    flush();
    frames(1, 0.5);  // an earlier click is no part of this double click
    tap_twice();
    for (const char* c = text; *c != 0; ++c) push(shell::TextInput{static_cast<unsigned char>(*c)});
    stroke(Key::kEnter);
  }
  void press_a_key() {
    static constexpr Key kKeys[] = {Key::kSpace,    Key::kLeft,   Key::kRight,  Key::kRight,
                                    Key::kHome,     Key::kEnd,    Key::kEscape, Key::kEscape,
                                    Key::kPageDown, Key::kPageUp, Key::kTab,    Key::kEnter,
                                    Key::kF11,      Key::kF12,    Key::kDigit1, Key::kDigit4};
    if (dice_.one_in(4)) {
      const Key key = dice_.pick({Key::kZ, Key::kZ, Key::kY, Key::kDigit0});
      const bool shift = dice_.one_in(2);
      note(std::string("presses Ctrl+") + (key == Key::kZ   ? shift ? "Shift+Z" : "Z"
                                           : key == Key::kY ? "Y"
                                                            : "0"));
      push(shell::KeyInput{Key::kLeftCtrl, true});
      if (shift) push(shell::KeyInput{Key::kLeftShift, true});
      stroke(key);
      if (shift) push(shell::KeyInput{Key::kLeftShift, false});
      push(shell::KeyInput{Key::kLeftCtrl, false});
    } else if (dice_.one_in(6)) {
      const char c = dice_.pick({'[', ']', '?', 'x'});
      note(std::string("types ") + c);
      push(shell::TextInput{static_cast<unsigned char>(c)});
    } else {
      const Key key = kKeys[dice_.below(std::size(kKeys))];
      note("presses key " + std::to_string(static_cast<int>(key)));
      stroke(key);
    }
  }
  void touch_the_stage() {
    const auto stage = app().items().find("stage");
    if (!stage) return;
    const Point from{dice_.between(stage->x, stage->right()), dice_.between(stage->y, stage->bottom())};
    const std::string where =
        " at " + core::exact(std::floor(from.x)) + ", " + core::exact(std::floor(from.y));
    point_at(from);
    switch (dice_.below(5)) {
      case 0:
        return note("points" + where);
      case 1:
        note("turns the wheel" + where);
        return push(shell::ScrollInput{{0, dice_.between(-3, 3)}});
      case 2: {
        const float dx = dice_.between(-400, 400), dy = dice_.between(-400, 400);
        note("drags" + where);
        return pull(from, dx, dy);
      }
      case 3:
        note("clicks twice" + where);
        return tap_twice();
      default:
        note("clicks" + where);
        return tap_once();
    }
  }
  void press() {
    std::vector<std::string> names;
    const auto stage = app().items().find("stage");
    for (const widgets::Item& item : app().items().all())
      if (std::ranges::find(kButtons, item.name) != kButtons.end() || item.name.starts_with("Use ") ||
          (stage && stage->contains(item.place_px.center())))
        names.push_back(item.name);
    if (names.empty()) return;
    std::ranges::sort(names);
    const std::string& name = names[dice_.below(names.size())];
    note("presses \"" + name + "\"");
    point_at(find(name).center());
    tap_once();
  }
  void move_in_time() {
    const Index last = bench().last_step();
    const auto some = static_cast<Index>(dice_.below(static_cast<std::size_t>(last) + 1));
    const Index step = dice_.one_in(8) ? dice_.pick({kMost, kLeast, Index{-1}, last + 1}) : some;
    switch (dice_.below(6)) {
      case 0:
        note("steps back");
        return lab().step(-1);
      case 1:
        note("steps on");
        return lab().step(1);
      case 2:
        note("asks for step " + std::to_string(step));
        return bench().recall(step);
      case 3:
        note("begins anew");
        return bench().reset();
      default:
        note("looks at step " + std::to_string(step));
        return bench().look_at(step);
    }
  }
  void play() {
    note("plays or pauses");
    lab().toggle_play();
  }
  void open_a_lab() {
    const char* id = kLabs[dice_.below(std::size(kLabs))];
    note(std::string("opens ") + id);
    open(id);
    if (dice_.one_in(2)) load_a_preset();
  }
  // An exhibit, or a training's settings but for the data, of which it takes few.
  void load_a_preset() {
    if (lab().info().id == "training") {
      const auto presets = training_presets();
      const TrainingPreset& preset = presets[dice_.below(presets.size())];
      note("loads " + std::string(preset.name));
      TrainConfig config = preset.config();
      config.dataset = tiny().dataset;
      config.threads = 1;
      bench().adopt({config, bench().params().probe});
    } else if (lab().info().id == "inside" || lab().info().id == "runs") {
      const auto presets = lab().presets();
      const std::size_t exhibits = lab().info().id == "runs" ? 3 : presets.size();  // the others take long
      const std::string& preset = presets[dice_.below(exhibits)];
      note("loads " + preset);
      lab().load_preset(preset);
    }
  }
  void draw_a_probe() {
    note("draws a probe");
    open("probe");
    for (const char* ink : {"white ink", "grey ink", "black ink"})
      if (const auto pen = app().items().find(ink); pen && dice_.one_in(2)) {
        point_at(pen->center());
        tap_once();
        flush();
      }
    const auto picture = app().items().find("probe");
    if (!picture) return;
    point_at(picture->center());
    pull(picture->center(), dice_.between(-picture->w, picture->w), dice_.between(-picture->h, picture->h));
  }
  void save_and_restore() {
    note("saves and restores");
    const auto state = state_of(lab());
    shell::load_state(state.dump(), lab());
    EXPECT_EQ(state_of(lab()), state);
  }
  void resize() {
    const ImVec2 size =
        dice_.pick({ImVec2{0, 0}, ImVec2{1, 1}, ImVec2{300, 200}, ImVec2{5000, 100}, ImVec2{1280, 800}});
    note("makes the window " + core::exact(size.x) + " x " + core::exact(size.y));
    ImVec2& display = ImGui::GetIO().DisplaySize;
    const ImVec2 before = display;
    display = size;
    frames(2);
    display = before;
  }
  // A new beginning, of which every lab has seen something: from here on no number may be infinite.
  void calm_down() {
    note("begins a calm life");
    bench().adopt({tiny(), {}});
    bench().reset();
    Trio::Params params;
    params.contest.reference = tiny();
    params.contest.reference.epochs = 3;
    params.reach = 1;
    params.shift_images = 16;
    trio_->adopt(params);
    app().settings() = {};
    const std::string before(lab().info().id);
    for (const char* id : kLabs) {
      open(id);
      settle();
    }
    open(before);
    bench().settle(2);
    ASSERT_EQ(bench().snapshot()->status, TrainStatus::kPaused) << bench().snapshot()->message;
    ASSERT_EQ(bench().last_step(), 2) << "the trainer obeys";
    calm_ = true;
  }

  // --- the hand ---

  void tap_once() {
    push(shell::ButtonInput{0, true});
    push(shell::ButtonInput{0, false});
  }
  void tap_twice() {
    tap_once();
    tap_once();
  }
  void stroke(Key key) {
    push(shell::KeyInput{key, true});
    push(shell::KeyInput{key, false});
  }
  void pull(Point from, float dx, float dy) {
    push(shell::ButtonInput{0, true});
    flush();
    for (const float f : {0.4f, 0.7f, 1.0f}) {
      point_at(Point{from.x + dx * f, from.y + dy * f});
      frames(1);
    }
    push(shell::ButtonInput{0, false});
  }

  // --- what holds ---

  void check_what_is_shown() {
    RecordingCanvas canvas;
    lab().draw(canvas);
    const widgets::Equation said = lab().explain();
    ASSERT_FALSE(canvas.texts.empty()) << lab().info().id << " shows nothing";
    if (!calm_) return;
    const auto broken = [](const std::string& words) {
      return words.find("NaN") != words.npos || words.find("nan") != words.npos ||
             words.find("∞") != words.npos;
    };
    for (const auto& text : canvas.texts) ASSERT_FALSE(broken(text.words)) << text.words;
    ASSERT_FALSE(broken(said.words)) << said.words;
    ASSERT_FALSE(broken(widgets::plain_text(said))) << widgets::plain_text(said);
  }
  void check_time() {
    const double t = bench().playhead().t;
    ASSERT_GE(t, 0);
    ASSERT_LE(t, static_cast<double>(bench().last_step()));
    const auto& snapshot = bench().snapshot();
    if (!snapshot) return;
    const auto& past = snapshot->past;
    const bool trouble =
        snapshot->status == TrainStatus::kFailed || snapshot->status == TrainStatus::kDiverged;
    ASSERT_FALSE(trouble && snapshot->message.empty());
    if (snapshot->status == TrainStatus::kLoading || snapshot->status == TrainStatus::kFailed) return;
    ASSERT_TRUE(snapshot->dataset && snapshot->values);
    ASSERT_LE(past.first, snapshot->step);
    ASSERT_LE(snapshot->step, past.newest);
    ASSERT_FALSE(past.kept.empty());
    ASSERT_TRUE(std::ranges::is_sorted(past.kept, std::less_equal(), &train::KeptStep::step) ||
                past.kept.size() == 1);
    ASSERT_LE(past.first, bench().at());
    ASSERT_LE(bench().at(), past.newest);
  }

  Dice dice_;
  Workbench* bench_ = nullptr;
  Trio* trio_ = nullptr;
  std::deque<std::string> done_;
  bool calm_ = false;
};

TEST(Monkey, FindsNothingThatBreaks) {
  const std::uint64_t seed = number_from("VITRINE_MONKEY_SEED", kSeed),
                      actions = number_from("VITRINE_MONKEY_ACTIONS", kActions);
  Monkey monkey(seed);
  std::uint64_t action = 0;
  const auto guarded = [&](const auto& what) {
    try {
      what();
    } catch (const std::exception& error) {
      ADD_FAILURE() << "thrown: " << error.what();
    }
  };
  while (action < actions && !HasFailure()) {
    ++action;
    guarded([&] {
      monkey.act();
      monkey.check();
    });
  }
  guarded([&] {
    for (const auto& run : monkey.bench().runs()) monkey.check_run(run);
  });
  std::string last;
  for (const auto& words : monkey.done()) last += "\n  " + words;
  EXPECT_FALSE(HasFailure()) << "seed " << seed << ", action " << action << ", the last ones:" << last;
  RecordProperty("runs", static_cast<int>(monkey.bench().runs().size()));
  if (!monkey.bench().playing()) monkey.bench().toggle_play();  // it ends in the middle of an update
}

}  // namespace
}  // namespace vitrine::labs
