// CNN, MLP and ViT: three architectures of equal size learn the same pictures side by side, and the CNN once
// more with its random filters frozen. Then their pictures are shifted: what has each of them learnt?
//   equal parameters or equal multiply-adds;  accuracy[dy, dx] = share with argmax f(T x) = label
// LeCun, Bottou, Bengio, Haffner 1998, "Gradient-based learning applied to document recognition", section
// I.A.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/labs/history.h"
#include "app/labs/lab.h"
#include "app/labs/trio/layers.h"
#include "app/labs/trio/tracks.h"
#include "app/labs/trio/trained.h"
#include "engine/core/job.h"
#include "engine/train/contest.h"

namespace vitrine::labs {

class Trio final : public Lab {
 public:
  static constexpr LabInfo kInfo{
      Wing::kLearning,
      "trio",
      "CNN, MLP and ViT",
      "Three models of equal size learn the same pictures; then these are shifted.",
      "F (C K² + 1),  U (N + 1),  4 D·h·Dh + D;  accuracy[dy, dx] = share with argmax f(T x) = label",
      "LeCun, Bottou, Bengio, Haffner 1998, Gradient-Based Learning Applied to Document Recognition, section "
      "I.A"};

  struct Params {
    train::ContestConfig contest;
    core::Index probe = 0;           // number of a validation image
    core::Index reach = 4;           // of the shifts, pixels
    core::Index shift_images = 200;  // that are shifted

    static constexpr core::Index kMostProbe = 9'999, kMostReach_px = 10, kMostShifted = 10'000;

    Params();  // the first preset
    bool operator==(const Params&) const = default;
    void describe(core::Fields& f);
  };
  enum class Exhibit : std::uint8_t { kTraining, kShift };
  // A row of a contestant's drawing.
  struct Spot {
    std::size_t contestant = 0, row = 0;
    bool operator==(const Spot&) const = default;
  };
  struct View {
    Exhibit exhibit = Exhibit::kTraining;
    bool by_seconds = false;  // the curves' x axis
    std::optional<Spot> hovered, pinned;
    std::optional<train::PixelShift> hovered_shift, pinned_shift;
    void describe(core::Fields& f);
  };

  explicit Trio(std::function<void()> wake);

  const LabInfo& info() const override { return kInfo; }
  void controls(widgets::Controls& controls) override;
  void poll(std::chrono::microseconds patience) override;
  void draw(widgets::Canvas& canvas) override;
  widgets::Equation explain() const override;
  lessons::Symbols numbers(core::Index most) const override;
  std::string code() const override;
  double sleep_s() const override;
  widgets::Playhead& playhead() override { return playhead_; }
  int last_step() const override { return 0; }
  bool playing() const override;
  void toggle_play() override;
  void step(int direction) override;
  std::string time_words() const override;
  void unpin() override;
  bool can_undo() const override { return history_.can_undo(); }
  bool can_redo() const override { return history_.can_redo(); }
  void undo() override;
  void redo() override;
  void describe(core::Fields& fields) override;
  bool open(const std::filesystem::path&) override { return false; }
  std::vector<std::string> presets() const override;
  bool load_preset(std::string_view name) override;
  // t rounds of the race, waited for, and what is asked of the contestants then.
  void settle(double t) override;

  // Takes over whole params as one edit: what a race is built of begins a new one.
  void adopt(Params params);

  const Params& params() const { return params_; }
  const View& view() const { return view_; }
  // Of the race that is shown.
  const std::vector<train::Contestant>& contestants() const { return contestants_; }
  const std::vector<Track>& tracks() const { return tracks_; }
  const train::RaceSnapshot* snapshot() const { return snapshot_.get(); }  // null: the race is being set up
  // The newest answers; null until there is one for this race.
  const ShiftAnswer* shifts() const { return shifts_.get(); }
  const ProbeAnswer* probe() const { return probe_.get(); }
  // Why what was edited cannot be; empty: it can.
  const std::string& problem() const { return problem_; }

 private:
  using ShiftJob = core::Job<ShiftQuestion, ShiftAnswer>;
  using ProbeJob = core::Job<ProbeQuestion, ProbeAnswer>;

  void begin();
  void reset();
  void set(Params params);
  bool needs_reset() const;
  bool untouched() const;  // nobody has learnt anything yet
  bool over() const;
  void receive();
  void ask();
  std::vector<Trained> trained() const;
  void race_controls(widgets::Controls& controls);
  void model_controls(widgets::Controls& controls, Params& params);
  core::Index rounds() const;  // done

  train::PixelShift shift() const;  // that is looked at
  Spot spot() const;                // that is lit
  std::vector<Standing> standings() const;
  std::string words() const;
  widgets::Math shift_formula() const;
  void draw_training(widgets::Canvas& canvas, const widgets::Rect& area);
  void draw_column(widgets::Canvas& canvas, const widgets::Rect& box, std::size_t contestant);
  float draw_price(widgets::Canvas& canvas, const widgets::Rect& box, std::size_t contestant) const;
  void draw_layers(widgets::Canvas& canvas, const widgets::Rect& box, std::size_t contestant);
  void draw_names(widgets::Canvas& canvas, const widgets::Rect& box) const;
  void draw_curves(widgets::Canvas& canvas, const widgets::Rect& box);
  void draw_shift(widgets::Canvas& canvas, const widgets::Rect& area);
  void draw_map(widgets::Canvas& canvas, const widgets::Rect& box, std::size_t contestant);
  void draw_distances(widgets::Canvas& canvas, const widgets::Rect& box) const;
  void draw_probe(widgets::Canvas& canvas, const widgets::Rect& box) const;

  const std::function<void()> wake_;
  Params params_;
  View view_;
  History<Params> history_;
  bool gesture_ = false;        // the last edit goes on
  widgets::Playhead playhead_;  // unused: the race's rounds are the time
  std::string problem_;
  train::ContestConfig begun_;  // what the newest race was begun with
  std::int64_t resets_ = 0;     // begun so far: the newest one's id
  nn::ImageSizes image_{};      // of the race that is shown
  std::vector<train::Contestant> contestants_;
  std::vector<std::vector<LayerRow>> rows_;  // [contestants]
  std::vector<Track> tracks_;                // [contestants]
  std::shared_ptr<const train::RaceSnapshot> snapshot_;
  std::shared_ptr<const ShiftAnswer> shifts_;
  std::shared_ptr<const ProbeAnswer> probe_;
  std::string answer_error_;  // why a question has no answer; mostly empty
  ShiftJob shift_job_;
  ProbeJob probe_job_;
  std::unique_ptr<train::RaceThread> race_;  // null until the first poll
};

// The colour of a contestant, in every picture.
widgets::Role role_of(std::size_t contestant);
// "2 px down, 3 px right"; "not moved"
std::string words_of(train::PixelShift shift);

}  // namespace vitrine::labs
