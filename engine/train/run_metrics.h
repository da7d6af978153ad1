// metrics.csv: a run's points as lines of text, and back.
//   step,epoch,split,loss,accuracy,learning_rate,grad_norm,images_per_second,seconds
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/train/trainer.h"

namespace vitrine::train {

// The first line.
inline constexpr std::string_view kMetricColumns =
    "step,epoch,split,loss,accuracy,learning_rate,grad_norm,images_per_second,seconds\n";

// With the line's end; of kTrain or kValidation.
std::string metric_line(const MetricPoint& point);
// Without the line's end; run_id is 0. Throws io::FormatError when it is none.
MetricPoint metric_from(std::string_view line);

// All points of a file, in its order. Throws io::FileError: it cannot be read or is damaged.
std::vector<MetricPoint> read_metrics(const std::filesystem::path& file);

}  // namespace vitrine::train
