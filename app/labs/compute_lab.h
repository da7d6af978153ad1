// ComputeLab<Topic>: makes a lab of a topic's three types (Params, View, Result) and its functions. It
// supplies the job, staleness, presets, undo, saving and the error card; a topic only says what is special to
// it:
//
//   static constexpr LabInfo kInfo;
//   struct Params;  bool operator==; void describe(Fields&): what to compute; saved, shared, undone
//   struct View;    Playhead playhead; void describe(Fields&); void unpin(): where we look; never recomputes
//   struct Result;  immutable
//   static std::vector<Preset<Params>> presets();                the first is where the lab opens
//   static void controls(Params&, Controls&);                    not static: may use what compute() does not
//   static std::vector<Problem> validate(const Params&);         empty: compute may be called
//   Result compute(const Params&, std::stop_token);              on the job's thread; one that may last says
//                                                                how far it is: a third argument Progress&
//   static int last_step(const Result&);
//   static void draw(const std::shared_ptr<const Result>&, View&, Canvas&);
//   static Equation explain(const Result&, const View&);
//   static Symbols numbers(const Result&, const View&);          what is shown, by its letters; one that may
//   be
//                                                                long leaves out what is longer than a third
//                                                                argument Index
//   static std::string code(const Result&, const View&);         PyTorch code that prints the same
//   static bool open(const std::filesystem::path&, Params&);
//
// A View with a member `exhibit` (an enumeration) opens with the one that the preset names.
// A topic whose picture can be edited by hand has one more:
//   static StageEdit edit_on_stage(View&, Params&);
// It takes from View what draw() was asked to change and changes Params so.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/labs/history.h"
#include "app/labs/lab.h"
#include "app/labs/pasted.h"
#include "engine/core/job.h"

namespace vitrine::labs {

template <class Params>
struct Preset {
  std::string name;
  Params params;
  double at = 0;    // where the playhead opens, in steps
  int exhibit = 0;  // which of View's exhibits it opens with, where there are several
};

// What a hand on the picture did to Params: nothing, an edit of its own to undo, or more of the edit before
// (a stroke that goes on).
enum class StageEdit { kNone, kNew, kMore };

// Says over the whole stage what is wrong and what would mend it.
void draw_error_card(widgets::Canvas& canvas, std::string_view title, std::string_view words);
// How much is done of what takes long, at the stage's top.
void draw_progress(widgets::Canvas& canvas, double fraction);
// The row of preset buttons at the top of an inspector; the index of the one pressed.
std::optional<std::size_t> preset_buttons(widgets::Controls& controls, const std::vector<std::string>& names);

template <class Topic>
class ComputeLab final : public Lab {
 public:
  using Params = typename Topic::Params;
  using View = typename Topic::View;
  using Result = typename Topic::Result;

  // wake: called from another thread when a result is there. `of_topic`: what the topic is built of.
  template <class... Args>
  explicit ComputeLab(std::function<void()> wake = {}, Args&&... of_topic)
      : topic_(std::forward<Args>(of_topic)...),
        job_([this](const Params& p, std::stop_token stop,
                    core::Progress& progress) { return computed(p, stop, progress); },
             std::move(wake)) {
    set(presets_.front().params);
    look_at(presets_.front());
  }

  const LabInfo& info() const override { return Topic::kInfo; }

  void controls(widgets::Controls& controls) override {
    const Params before = params_;
    if (const auto pressed = preset_buttons(controls, presets())) {
      params_ = presets_[*pressed].params;
      look_at(presets_[*pressed]);
      controls.state().complaints.clear();  // they are about numbers that are gone
    }
    controls.show_problems(problem_words());
    topic_.controls(params_, controls);
    for (auto& pasted : std::exchange(controls.state().reshapes, {}))
      paste(std::move(pasted), params_, controls);
    if (!(params_ == before)) {
      history_.record(before, controls.editing() && gesture_);
      gesture_ = controls.editing();
      set(params_);
    } else if (!controls.editing()) {
      gesture_ = false;
    }
  }

  void poll(std::chrono::microseconds patience) override {
    auto answer = job_.poll(patience);
    if (!answer) return;
    if (answer->result) shown_ = answer;
    newest_ = std::move(answer);
    // The playhead of a session waits for the result that it belongs to.
    auto& t = view_.playhead.t;
    if (shown_ && shown_->params == params_) t = std::clamp(t, 0.0, static_cast<double>(last_step()));
  }

  void draw(widgets::Canvas& canvas) override {
    const auto waiting = job_.under_way();
    if (shown_) {
      // The pointer to the result keeps the whole answer alive.
      Topic::draw(std::shared_ptr<const Result>(shown_, shown_->result.get()), view_, canvas);
      const bool stale = !(shown_->params == params_);
      if (stale && (!waiting || waiting->waited_s > kDimmedAfter_s))
        canvas.fill(canvas.area(), {widgets::Role::kStage, 0.55f});
      if constexpr (requires(View & v, Params & p) { Topic::edit_on_stage(v, p); }) {
        Params edited = params_;
        const StageEdit change = Topic::edit_on_stage(view_, edited);
        if (change != StageEdit::kNone) edit(std::move(edited), change == StageEdit::kMore);
      }
    }
    if (waiting && waiting->waited_s > kProgressAfter_s) draw_progress(canvas, waiting->fraction);
    if (!problems_.empty())
      draw_error_card(canvas, problems_.front().control, problems_.front().words);
    else if (const std::string words = error(); !words.empty())
      draw_error_card(canvas, "This cannot be computed", words);
  }

  widgets::Equation explain() const override {
    return shown_ ? Topic::explain(*shown_->result, view_) : widgets::Equation{};
  }

  lessons::Symbols numbers(core::Index most) const override {
    if (!shown_ || !(shown_->params == params_)) return {};
    lessons::Symbols all = [&] {
      if constexpr (requires { Topic::numbers(*shown_->result, view_, most); })
        return Topic::numbers(*shown_->result, view_, most);
      else
        return Topic::numbers(*shown_->result, view_);
    }();
    all.insert_or_assign("t", lessons::number(view_.playhead.t));
    return all;
  }

  std::string code() const override {
    return shown_ && shown_->params == params_ ? Topic::code(*shown_->result, view_) : "";
  }

  bool settled() const override { return shown_ && shown_->params == params_; }

  double sleep_s() const override {
    return view_.playhead.playing ? 0 : job_.busy() ? kBusyFrame_s : kForever;
  }
  widgets::Playhead& playhead() override { return view_.playhead; }
  int last_step() const override { return shown_ ? Topic::last_step(*shown_->result) : 0; }
  bool playing() const override { return view_.playhead.playing; }
  void toggle_play() override {
    auto& p = view_.playhead;
    if (!p.playing && p.t >= last_step()) p.t = 0;
    p.playing = !p.playing;
  }
  void step(int direction) override { widgets::step(view_.playhead, direction, last_step()); }
  void unpin() override { view_.unpin(); }

  bool can_undo() const override { return history_.can_undo(); }
  bool can_redo() const override { return history_.can_redo(); }
  void undo() override {
    if (auto params = history_.undo(params_)) set(std::move(*params));
  }
  void redo() override {
    if (auto params = history_.redo(params_)) set(std::move(*params));
  }
  void describe(core::Fields& fields) override {
    Params params = params_;
    fields.group("params", params);
    fields.group("view", view_);
    if (!(params == params_)) edit(std::move(params));
  }
  bool open(const std::filesystem::path& path) override {
    Params params = params_;
    if (!Topic::open(path, params)) return false;
    edit(std::move(params));
    return true;
  }
  std::vector<std::string> presets() const override {
    std::vector<std::string> names;
    for (const auto& preset : presets_) names.push_back(preset.name);
    return names;
  }
  bool load_preset(std::string_view name) override {
    const auto at =
        std::find_if(presets_.begin(), presets_.end(), [&](const auto& p) { return p.name == name; });
    if (at == presets_.end()) return false;
    look_at(*at);
    edit(at->params);
    return true;
  }
  std::string trouble() const override {
    return problems_.empty() ? error() : problems_.front().control + ": " + problems_.front().words;
  }
  void settle(double t) override {
    while (job_.busy()) poll(std::chrono::milliseconds(50));
    view_.playhead = {std::clamp(t, 0.0, static_cast<double>(last_step())), view_.playhead.speed, false};
  }

  const Params& params() const { return params_; }
  // The newest result, or null before the first; it may answer older params.
  const Result* result() const { return shown_ ? shown_->result.get() : nullptr; }
  const View& view() const { return view_; }
  // Why the newest params could not be computed; empty when they could.
  std::string error() const { return newest_ && newest_->params == params_ ? newest_->error : ""; }

 private:
  // An old result is dimmed, and progress is shown, only where it would not flicker.
  static constexpr double kDimmedAfter_s = 0.15, kProgressAfter_s = 0.3, kBusyFrame_s = 0.05;

  Result computed(const Params& params, std::stop_token stop, core::Progress& progress) {
    if constexpr (requires { topic_.compute(params, stop, progress); })
      return topic_.compute(params, stop, progress);
    else
      return topic_.compute(params, stop);
  }
  void look_at(const Preset<Params>& preset) {
    view_ = {};
    view_.playhead.t = preset.at;
    if constexpr (requires { view_.exhibit; })
      view_.exhibit = static_cast<decltype(view_.exhibit)>(preset.exhibit);
  }
  void edit(Params params, bool same_gesture = false) {
    history_.record(params_, same_gesture);
    set(std::move(params));
  }
  void set(Params params) {
    params_ = std::move(params);
    problems_ = Topic::validate(params_);
    if (problems_.empty()) job_.request(params_);
  }
  std::vector<std::pair<std::string, std::string>> problem_words() const {
    std::vector<std::pair<std::string, std::string>> words;
    for (const Problem& p : problems_) words.emplace_back(p.control, p.words);
    return words;
  }

  Topic topic_;
  const std::vector<Preset<Params>> presets_ = Topic::presets();
  Params params_;
  View view_;
  std::vector<Problem> problems_;
  History<Params> history_;
  bool gesture_ = false;  // the last recorded edit is a drag that still goes on
  std::shared_ptr<const core::Outcome<Params, Result>> newest_, shown_;  // shown: the newest with a result
  core::Job<Params, Result> job_;                                        // last: its thread uses topic_
};

}  // namespace vitrine::labs
