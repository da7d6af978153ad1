#include "engine/train/tensorboard.h"

#include <cmath>

#include "engine/io/protobuf.h"
#include "engine/io/tfrecord.h"

namespace vitrine::train {
namespace {

using io::ProtobufMessage;

enum EventField { kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5 };
constexpr int kSummaryValue = 1;
enum ValueField { kTag = 1, kSimpleValue = 2 };

void add(ProtobufMessage& summary, const std::string& tag, double value) {
  ProtobufMessage scalar;
  scalar.text(kTag, tag);
  scalar.number(kSimpleValue, static_cast<float>(value));
  summary.message(kSummaryValue, scalar);
}

std::string split_name(MetricSplit split) {
  switch (split) {
    case MetricSplit::kTrain:
      return "train";
    case MetricSplit::kValidation:
      return "validation";
    case MetricSplit::kQuick:
      break;
  }
  return "quick";
}

ProtobufMessage summary_of(const MetricPoint& point) {
  ProtobufMessage summary;
  const std::string split = split_name(point.split);
  add(summary, "loss/" + split, point.loss);
  add(summary, "accuracy/" + split, point.accuracy);
  if (point.split != MetricSplit::kTrain) return summary;
  add(summary, "learning_rate", point.learning_rate);
  add(summary, "grad_norm", point.grad_norm);
  add(summary, "images_per_second", point.images_per_second);
  return summary;
}

}  // namespace

std::string tensorboard_events(std::span<const MetricPoint> points, double wall_time_of_start_s) {
  ProtobufMessage version;
  version.number(kWallTime, wall_time_of_start_s);
  version.text(kFileVersion, "brain.Event:2");
  std::string file = io::tfrecord(version.bytes());
  for (const MetricPoint& point : points) {
    ProtobufMessage event;
    event.number(kWallTime, wall_time_of_start_s + point.seconds);
    event.integer(kStep, point.step);
    event.message(kSummary, summary_of(point));
    file += io::tfrecord(event.bytes());
  }
  return file;
}

std::string tensorboard_file_name(double wall_time_of_start_s) {
  return "events.out.tfevents." + std::to_string(std::llround(wall_time_of_start_s)) + ".vitrine";
}

}  // namespace vitrine::train
