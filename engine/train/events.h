// Events: what happened to a run beside its steps. events.jsonl has one a line, as a JSON object:
//   {"step":120,"event":"change","field":"optimizer.learning_rate","old":0.001,"new":3e-04}
// A "resume" makes void what lines before it say of later steps; lines go only where a run goes on from its
// first step, which is to begin once more.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/train/trainer.h"

namespace vitrine::train {

enum class EventKind { kStart, kPause, kChange, kDivergence, kFork, kResume, kInterrupt, kRewind };
inline constexpr std::array<std::string_view, 8> kEventKinds{"start", "pause",  "change",    "divergence",
                                                             "fork",  "resume", "interrupt", "rewind"};

// A number, or the name of what was chosen ("cosine").
using FieldValue = std::variant<double, std::string>;
// "0.001", "cosine"
std::string words_of(const FieldValue& value);

struct Event {
  Index step = 0;  // updates done when it happened; kDivergence: the update that was not
  EventKind kind = EventKind::kStart;
  // kChange, from the next step on: the configuration's field and its values.
  std::string field = {};
  FieldValue old_value = {}, new_value = {};
  // kDivergence: why, the first tensor that is not finite, and the step of the state that was kept.
  std::string message = {}, tensor = {};
  Index last_good = 0;
  // kFork: the run that this one was forked from; `step` is where.
  std::string from = {};
  // kRewind: the step that the run went back to.
  Index to = 0;

  bool operator==(const Event&) const = default;
};

// Of a divergence after which the trainer is at step `last_good`.
Event event_of(const Divergence& divergence, Index last_good);

// Without the line's end; only the fields of its kind.
std::string to_line(const Event& event);
// Throws io::FormatError when the text is no event.
Event event_from(std::string_view line);

// What is not void of a file's lines, in their order; of a file that is not there nothing. Throws
// io::FileError: it cannot be read or is damaged.
std::vector<Event> read_events(const std::filesystem::path& file);

// One kChange for each of epochs, threads and the hyperparameters that differs.
std::vector<Event> changes(Index step, const TrainConfig& before, const TrainConfig& after);

}  // namespace vitrine::train
