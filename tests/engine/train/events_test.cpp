#include "engine/train/events.h"

#include <gmock/gmock.h>

#include <limits>

#include "engine/io/files.h"
#include "tests/engine/io/damage.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::train {
namespace {

using io::error_of;
using io::FormatError;
using testing::ElementsAre;
using testing::HasSubstr;

Event divergence() {
  Event event{140, EventKind::kDivergence};
  event.message = "diverged at step 141: loss nan";
  event.tensor = "blocks.0.attn \"weights\"\n";
  event.last_good = 100;
  return event;
}

TEST(Events, EachKindIsOneLineWithItsOwnFields) {
  EXPECT_EQ(to_line({0, EventKind::kStart}), R"({"step":0,"event":"start"})");
  EXPECT_EQ(to_line({120, EventKind::kChange, "optimizer.learning_rate", 1e-3, 3e-4}),
            R"({"step":120,"event":"change","field":"optimizer.learning_rate","old":0.001,"new":3e-04})");
  EXPECT_EQ(to_line(divergence()),
            R"({"step":140,"event":"divergence","message":"diverged at step 141: loss nan",)"
            R"("tensor":"blocks.0.attn \"weights\"\n","last_good":100})");
  Event fork{7, EventKind::kFork};
  fork.from = "runs/a";
  EXPECT_EQ(to_line(fork), R"({"step":7,"event":"fork","from":"runs/a"})");
  Event rewind{90, EventKind::kRewind};
  rewind.to = 40;
  EXPECT_EQ(to_line(rewind), R"({"step":90,"event":"rewind","to":40})");
  EXPECT_EQ(event_from(to_line(rewind)), rewind);
}

TEST(Events, ReadBackToTheSameValue) {
  for (const EventKind kind :
       {EventKind::kStart, EventKind::kPause, EventKind::kResume, EventKind::kInterrupt}) {
    const Event event{1'000'000'000'000, kind};
    EXPECT_EQ(event_from(to_line(event)), event);
  }
  EXPECT_EQ(event_from(to_line(divergence())), divergence());
  const Event change{3, EventKind::kChange, "model.dropout", 0.1, 1.0 / 3};
  EXPECT_EQ(event_from(to_line(change)), change);
  const Event choice{3, EventKind::kChange, "schedule.kind", "constant", "cosine"};
  EXPECT_EQ(to_line(choice),
            R"({"step":3,"event":"change","field":"schedule.kind","old":"constant","new":"cosine"})");
  EXPECT_EQ(event_from(to_line(choice)), choice);
  EXPECT_EQ(words_of(choice.new_value), "cosine");
  EXPECT_EQ(words_of(change.old_value), "0.1");
}

TEST(Events, ADivergenceBecomesOne) {
  const Event event = event_of(Divergence(12, -1, "head.weight gradient"), 7);
  EXPECT_EQ(to_line(event),
            R"({"step":11,"event":"divergence",)"
            R"("message":"diverged at step 12: loss 1, first bad tensor head.weight gradient",)"
            R"("tensor":"head.weight gradient","last_good":7})");
}

TEST(Events, WhatIsNoEventIsRefused) {
  const auto reason = [](std::string_view line) { return error_of<FormatError>([&] { event_from(line); }); };
  EXPECT_THAT(reason("[]"), HasSubstr("an object is expected"));
  EXPECT_THAT(reason(R"({"event":"start"})"), HasSubstr("step is missing"));
  EXPECT_THAT(reason(R"({"step":1,"event":"sleep"})"), HasSubstr("no event \"sleep\""));
  EXPECT_THAT(reason(R"({"step":1,"event":"start","mood":2})"), HasSubstr("unknown field mood"));
  EXPECT_THAT(reason(R"({"step":1,"event":"change","field":"epochs","old":1})"), HasSubstr("new is missing"));
  const auto decode = [](const std::string& line) { event_from(line); };
  io::expect_prefixes_refused<FormatError>(to_line(divergence()), decode);
}

TEST(Events, OfAFileWhatAResumeMadeVoidIsLeftOut) {
  const io::TemporaryFolder folder;
  const auto file = folder / "events.jsonl";
  EXPECT_TRUE(read_events(file).empty());
  const Event start{0, EventKind::kStart}, early{5, EventKind::kPause}, late{9, EventKind::kPause},
      resume{5, EventKind::kResume};
  std::string lines;
  for (const Event& event : {start, early, late, resume}) lines += to_line(event) + "\n";
  io::write_file(file, lines);
  EXPECT_THAT(read_events(file), ElementsAre(start, early, resume));
  io::write_file(file, lines + "{\"step\":");
  EXPECT_THAT(error_of<io::FileError>([&] { read_events(file); }),
              HasSubstr("events.jsonl: ends within a line"));
  io::write_file(file, lines + "{}\n");
  EXPECT_THAT(error_of<io::FileError>([&] { read_events(file); }), HasSubstr("step is missing"));
}

TEST(Events, ChangesNameEveryFieldThatDiffers) {
  const TrainConfig before;
  EXPECT_TRUE(changes(5, before, before).empty());
  TrainConfig after = before;
  after.set({2e-3, 0.1, 1, 0.25, 64, {nn::ScheduleKind::kLinear, 5, 1e-5}});
  after.epochs = 20;
  after.threads = 2;
  EXPECT_THAT(changes(5, before, after),
              ElementsAre(Event{5, EventKind::kChange, "optimizer.learning_rate", 1e-3, 2e-3},
                          Event{5, EventKind::kChange, "optimizer.weight_decay", 0.0, 0.1},
                          Event{5, EventKind::kChange, "optimizer.clip_norm", 0.0, 1.0},
                          Event{5, EventKind::kChange, "model.dropout", 0.1, 0.25},
                          Event{5, EventKind::kChange, "batch_size", 32.0, 64.0},
                          Event{5, EventKind::kChange, "schedule.kind", "constant", "linear"},
                          Event{5, EventKind::kChange, "schedule.warmup_steps", 0.0, 5.0},
                          Event{5, EventKind::kChange, "schedule.min_learning_rate", 0.0, 1e-5},
                          Event{5, EventKind::kChange, "epochs", 10.0, 20.0},
                          Event{5, EventKind::kChange, "threads", 0.0, 2.0}));
}

}  // namespace
}  // namespace vitrine::train
