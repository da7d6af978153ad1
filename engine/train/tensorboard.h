// A run's metric points as a TensorBoard event file: TFRecords, each an Event message of one step.
// Sources: tensorflow/core/util/event.proto and tensorflow/core/framework/summary.proto.
#pragma once

#include <span>
#include <string>

#include "engine/train/trainer.h"

namespace vitrine::train {

// An event of the file's version, then one for each point, in their order. Tags of a training point:
// loss/train, accuracy/train, learning_rate, grad_norm, images_per_second; of a validation: loss/validation,
// accuracy/validation; of a quick one: loss/quick, accuracy/quick. Values are floats. An event's wall time is
// that of the start (seconds since 1970) and the point's seconds of work.
std::string tensorboard_events(std::span<const MetricPoint> points, double wall_time_of_start_s);

// The name by which TensorBoard finds the file in a folder: "events.out.tfevents.1700000000.vitrine".
std::string tensorboard_file_name(double wall_time_of_start_s);

}  // namespace vitrine::train
