// What is asked of the contestants as they are trained so far: the shift experiment, and one shifted picture.
// Each is a pure function for a Job.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/train/race_thread.h"
#include "engine/train/shift_test.h"

namespace vitrine::labs {

struct Trained {
  train::ModelConfig model;
  core::Index images = 0;  // learnt from
  std::shared_ptr<const nn::Weights<float>> weights;

  bool operator==(const Trained& other) const { return weights == other.weights && model == other.model; }
};

struct ShiftQuestion {
  std::int64_t race_id = 0;
  std::vector<Trained> models;
  std::shared_ptr<const train::Dataset> dataset;
  core::Index images = 0;  // of the validation
  core::Index reach = 0;   // pixels

  bool operator==(const ShiftQuestion&) const = default;
};
struct ShiftAnswer {
  ShiftQuestion question;
  std::vector<train::ShiftMap> maps;             // [models]
  std::vector<core::Tensor<float>> pictures;     // the same in percent, as they are drawn
  std::vector<std::vector<double>> by_distance;  // [models][reach + 1]
};
// Throws core::Stopped soon after a stop is requested, and as shift_test.
ShiftAnswer answer(const ShiftQuestion& question, std::stop_token stop, core::Progress& progress);

struct ProbeQuestion {
  std::int64_t race_id = 0;
  std::vector<Trained> models;
  std::shared_ptr<const train::Dataset> dataset;
  core::Index image = 0;  // of the validation, counted round
  train::PixelShift shift;

  bool operator==(const ProbeQuestion&) const = default;
};
struct ProbeAnswer {
  ProbeQuestion question;
  core::Index image = 0, label = 0;
  core::Tensor<float> picture;                    // [H, W] or [3, H, W], shifted, 0 to 1
  std::vector<std::vector<float>> probabilities;  // [models][classes]
};
ProbeAnswer answer(const ProbeQuestion& question);

}  // namespace vitrine::labs
