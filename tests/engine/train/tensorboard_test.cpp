// An event file read back by a reader apart from the writer: frames, checksums, messages.
#include "engine/train/tensorboard.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/engine/io/protobuf_reader.h"

namespace vitrine::train::tensorboard_test {
namespace {

// Bit by bit, by the definition; no table.
std::uint32_t slow_masked_crc(std::string_view bytes) {
  std::uint32_t crc = ~0u;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ 0x82F63B78u : crc >> 1;
  }
  crc = ~crc;
  return ((crc >> 15) | (crc << 17)) + 0xA282EAD8u;
}

struct Event {
  double wall_time = 0;
  std::uint64_t step = 0;
  std::string version;
  std::map<std::string, float> scalars;
};

Event read_event(std::string_view message) {
  Event event;
  event.wall_time = io::field(message, 1).as_double();
  event.step = io::field(message, 2).bits;
  event.version = io::field(message, 3).bytes;
  for (const io::Field& value : io::fields(io::field(message, 5).bytes)) {
    EXPECT_EQ(value.number, 1u);
    const std::string tag(io::field(value.bytes, 1).bytes);
    event.scalars[tag] = io::field(value.bytes, 2).as_float();
  }
  return event;
}

std::vector<Event> read_events(std::string_view file) {
  std::vector<Event> events;
  for (io::Bytes b{file}; !b.rest.empty();) {
    const std::string_view head = b.rest.substr(0, 8);
    const auto length = b.fixed(8);
    EXPECT_EQ(b.fixed(4), slow_masked_crc(head));
    const std::string_view data = b.take(length);
    EXPECT_EQ(b.fixed(4), slow_masked_crc(data));
    events.push_back(read_event(data));
  }
  return events;
}

TEST(TensorBoard, HoldsEveryPointUnderItsTags) {
  constexpr double kStart = 1'700'000'000.25;
  const std::vector<MetricPoint> points{{0, 1, 1, MetricSplit::kTrain, 2.3, 0.125, 1e-3, 1.5, 900, 0.5},
                                        {0, 300, 1, MetricSplit::kTrain, 0.1, 1, 2e-3, 0.25, 1000, 7},
                                        {0, 300, 1, MetricSplit::kValidation, 0.2, 0.9375, 2e-3, 0, 1000, 8},
                                        {0, 400, 2, MetricSplit::kQuick, 0.3, 0.5, 2e-3, 0, 1000, 9}};
  const auto events = read_events(tensorboard_events(points, kStart));
  ASSERT_EQ(events.size(), 1 + points.size());
  EXPECT_EQ(events[0].version, "brain.Event:2");
  EXPECT_EQ(events[0].wall_time, kStart);
  for (std::size_t i = 0; i < points.size(); ++i) {
    EXPECT_EQ(events[i + 1].step, static_cast<std::uint64_t>(points[i].step));
    EXPECT_EQ(events[i + 1].wall_time, kStart + points[i].seconds);
  }
  using Scalars = std::map<std::string, float>;
  EXPECT_EQ(events[1].scalars, (Scalars{{"loss/train", 2.3F},
                                        {"accuracy/train", 0.125F},
                                        {"learning_rate", 1e-3F},
                                        {"grad_norm", 1.5F},
                                        {"images_per_second", 900}}));
  EXPECT_EQ(events[2].scalars.at("loss/train"), 0.1F);
  EXPECT_EQ(events[3].scalars, (Scalars{{"loss/validation", 0.2F}, {"accuracy/validation", 0.9375F}}));
  EXPECT_EQ(events[4].scalars, (Scalars{{"loss/quick", 0.3F}, {"accuracy/quick", 0.5F}}));
  EXPECT_EQ(read_events(tensorboard_events({}, kStart)).size(), 1u);
  EXPECT_EQ(tensorboard_file_name(kStart), "events.out.tfevents.1700000000.vitrine");
}

}  // namespace
}  // namespace vitrine::train::tensorboard_test
