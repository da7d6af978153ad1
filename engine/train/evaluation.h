// Evaluation: how well a model does on labelled pictures: the validation of a training run, and of a run that
// is over.
#pragma once

#include <span>
#include <vector>

#include "engine/nn/batch_pass.h"
#include "engine/train/dataset.h"

namespace vitrine::train {

// Of one class; NaN where the share is one of no images.
struct ClassScores {
  double precision;  // of the images taken for this class, the share that are of it
  double recall;     // of the images of this class, the share taken for it
  Index images;      // of this class
};

struct Evaluation {
  double loss = 0;      // nats, mean over the images
  double accuracy = 0;  // 0 to 1
  // [classes, classes]: how many images of one class (row) the model takes for another (column).
  core::Tensor<Index> confusion;
  std::vector<nn::ImageLoss> images;  // in the split's order

  std::vector<ClassScores> scores() const;
  // The numbers of the images that are taken for another class, the largest loss first; at most `count`.
  std::vector<Index> worst(Index count) const;
  // The numbers of the split's images of one class that are taken for another, or for itself: those of a cell
  // of `confusion`, the largest loss first.
  std::vector<Index> taken_for(const Split& split, Index of, Index taken) const;
};

inline constexpr Index kEvaluationPiece = 128;  // images

// An evaluation piece by piece, so that others may come between. The same bits whatever the threads.
class Evaluator {
 public:
  // Of the first `count` images of a split, which with its data set outlives this.
  Evaluator(const Dataset& dataset, const Split& split, Index count);

  // The next kEvaluationPiece, some ten milliseconds of work; the weights are the same each time. Returns the
  // mean loss of these images.
  double advance(nn::BatchPass<float>& batch, const nn::Weights<float>& weights);
  // What the last advance() evaluated, normalised.
  std::span<const float> piece() const { return pixels_; }
  bool done() const { return static_cast<Index>(images_.size()) == count_; }
  // Once done; the evaluator then has nothing left.
  Evaluation result() &&;

 private:
  const Dataset* dataset_;
  const Split* split_;
  Index count_;
  std::vector<float> pixels_;          // piece()
  std::vector<nn::ImageLoss> images_;  // so far
};

// Of a whole split. Throws core::Stopped soon after a stop is requested.
Evaluation evaluate(const nn::Model<float>& model, const nn::Weights<float>& weights, const Dataset& dataset,
                    const Split& split, core::Workers& workers, std::stop_token stop = {},
                    core::Progress* progress = nullptr);

}  // namespace vitrine::train
