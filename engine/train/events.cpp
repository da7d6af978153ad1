#include "engine/train/events.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/io/json_text.h"
#include "engine/train/memory_needs.h"

namespace vitrine::train {
namespace {

using io::FormatError;
using nlohmann::json;

struct Changeable {
  std::string_view field;
  FieldValue (*value)(const TrainConfig&);
};

FieldValue whole(std::int64_t value) { return static_cast<double>(value); }

constexpr std::array kChangeable{
    Changeable{"optimizer.learning_rate",
               [](const TrainConfig& c) { return FieldValue(c.optimizer.learning_rate); }},
    Changeable{"optimizer.weight_decay",
               [](const TrainConfig& c) { return FieldValue(c.optimizer.weight_decay); }},
    Changeable{"optimizer.clip_norm", [](const TrainConfig& c) { return FieldValue(c.optimizer.clip_norm); }},
    Changeable{"model.dropout", [](const TrainConfig& c) { return FieldValue(c.model.dropout); }},
    Changeable{"batch_size", [](const TrainConfig& c) { return whole(c.batch_size); }},
    Changeable{"schedule.kind",
               [](const TrainConfig& c) {
                 return FieldValue(std::string(kScheduleKinds[static_cast<std::size_t>(c.schedule.kind)]));
               }},
    Changeable{"schedule.warmup_steps", [](const TrainConfig& c) { return whole(c.schedule.warmup_steps); }},
    Changeable{"schedule.min_learning_rate",
               [](const TrainConfig& c) { return FieldValue(c.schedule.min_learning_rate); }},
    Changeable{"epochs", [](const TrainConfig& c) { return whole(c.epochs); }},
    Changeable{"threads", [](const TrainConfig& c) { return whole(c.threads); }},
};

// One object's members, each to be taken once.
class Members {
 public:
  explicit Members(const json& object) : object_(object) {
    if (!object.is_object()) throw FormatError("an object is expected, not " + io::described(object));
  }
  const json& take(const std::string& name) {
    const auto found = object_.find(name);
    if (found == object_.end()) throw FormatError(name + " is missing");
    taken_.insert(name);
    return *found;
  }
  void finish() const {
    for (const auto& [name, value] : object_.items())
      if (!taken_.contains(name)) throw FormatError("unknown field " + core::printable(name));
  }

 private:
  const json& object_;
  std::set<std::string> taken_;
};

std::string text_of(const FieldValue& value) {
  return std::visit([](const auto& v) { return io::json_text(v); }, value);
}

FieldValue value_from(const json& value) {
  if (value.is_string()) return io::text_from(value);
  return io::number_from(value, io::NamedNumbers::kRefuse);
}

EventKind kind_from(const std::string& name) {
  const auto found = std::find(kEventKinds.begin(), kEventKinds.end(), name);
  if (found == kEventKinds.end()) throw FormatError("no event \"" + core::printable(name) + "\"");
  return static_cast<EventKind>(found - kEventKinds.begin());
}

}  // namespace

std::string words_of(const FieldValue& value) {
  if (const double* number = std::get_if<double>(&value)) return core::shown(*number, 6);
  return std::get<std::string>(value);
}

Event event_of(const Divergence& divergence, Index last_good) {
  Event event{divergence.step() - 1, EventKind::kDivergence};
  event.message = divergence.what();
  event.tensor = divergence.tensor();
  event.last_good = last_good;
  return event;
}

std::string to_line(const Event& event) {
  using io::json_text;
  const auto member = [](std::string_view name, const std::string& value) {
    return "," + json_text(name) + ":" + value;
  };
  std::string line = "{\"step\":" + std::to_string(event.step) +
                     member("event", json_text(kEventKinds[static_cast<std::size_t>(event.kind)]));
  if (event.kind == EventKind::kChange)
    line += member("field", json_text(event.field)) + member("old", text_of(event.old_value)) +
            member("new", text_of(event.new_value));
  if (event.kind == EventKind::kDivergence)
    line += member("message", json_text(event.message)) + member("tensor", json_text(event.tensor)) +
            member("last_good", std::to_string(event.last_good));
  if (event.kind == EventKind::kFork) line += member("from", json_text(event.from));
  if (event.kind == EventKind::kRewind) line += member("to", std::to_string(event.to));
  return line + "}";
}

Event event_from(std::string_view line) {
  const json document = io::parse_json(line);
  Members members(document);
  Event event{io::integer_from(members.take("step")), kind_from(io::text_from(members.take("event")))};
  if (event.kind == EventKind::kChange) {
    event.field = io::text_from(members.take("field"));
    event.old_value = value_from(members.take("old"));
    event.new_value = value_from(members.take("new"));
  }
  if (event.kind == EventKind::kDivergence) {
    event.message = io::text_from(members.take("message"));
    event.tensor = io::text_from(members.take("tensor"));
    event.last_good = io::integer_from(members.take("last_good"));
  }
  if (event.kind == EventKind::kFork) event.from = io::text_from(members.take("from"));
  if (event.kind == EventKind::kRewind) event.to = io::integer_from(members.take("to"));
  members.finish();
  return event;
}

std::vector<Event> read_events(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return {};
  const std::string text = io::read_file(file, free_memory_bytes() / 2);
  std::vector<Event> events;
  try {
    std::string_view rest = text;
    for (std::size_t end = 0; (end = rest.find('\n')) != rest.npos; rest.remove_prefix(end + 1)) {
      Event event = event_from(rest.substr(0, end));
      if (event.kind == EventKind::kResume)
        std::erase_if(events, [&](const Event& earlier) { return earlier.step > event.step; });
      events.push_back(std::move(event));
    }
    if (!rest.empty()) throw FormatError("ends within a line");
  } catch (const FormatError& wrong) {
    throw io::FileError(file, wrong.what());
  }
  return events;
}

std::vector<Event> changes(Index step, const TrainConfig& before, const TrainConfig& after) {
  std::vector<Event> events;
  for (const auto& [field, value] : kChangeable)
    if (value(before) != value(after))
      events.push_back({step, EventKind::kChange, std::string(field), value(before), value(after)});
  return events;
}

}  // namespace vitrine::train
