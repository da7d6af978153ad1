#include "engine/train/evaluation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/core/stop.h"

namespace vitrine::train {

namespace {

double share(Index part, Index whole) {
  return whole ? static_cast<double>(part) / static_cast<double>(whole)
               : std::numeric_limits<double>::quiet_NaN();
}

// The largest first, a NaN before all.
void sort_by_loss(std::vector<Index>& numbers, std::span<const nn::ImageLoss> images) {
  std::ranges::stable_sort(numbers, std::greater(), [&](Index image) {
    const double nats = images[static_cast<std::size_t>(image)].loss;
    return std::isnan(nats) ? std::numeric_limits<double>::infinity() : nats;
  });
}

}  // namespace

std::vector<ClassScores> Evaluation::scores() const {
  std::vector<ClassScores> scores;
  for (Index of = 0; of < confusion.size(0); ++of) {
    Index are = 0, taken = 0;
    for (Index other = 0; other < confusion.size(0); ++other) {
      are += confusion(of, other);
      taken += confusion(other, of);
    }
    scores.push_back({share(confusion(of, of), taken), share(confusion(of, of), are), are});
  }
  return scores;
}

std::vector<Index> Evaluation::worst(Index count) const {
  std::vector<Index> mistakes;
  for (std::size_t i = 0; i < images.size(); ++i)
    if (!images[i].correct) mistakes.push_back(static_cast<Index>(i));
  sort_by_loss(mistakes, images);
  mistakes.resize(std::min(mistakes.size(), static_cast<std::size_t>(count)));
  return mistakes;
}

std::vector<Index> Evaluation::taken_for(const Split& split, Index of, Index taken) const {
  std::vector<Index> numbers;
  for (std::size_t i = 0; i < images.size(); ++i)
    if (split.labels[static_cast<Index>(i)] == of && images[i].prediction == taken)
      numbers.push_back(static_cast<Index>(i));
  sort_by_loss(numbers, images);
  return numbers;
}

Evaluator::Evaluator(const Dataset& dataset, const Split& split, Index count)
    : dataset_(&dataset), split_(&split), count_(count) {
  images_.reserve(static_cast<std::size_t>(count));
}

double Evaluator::advance(nn::BatchPass<float>& batch, const nn::Weights<float>& weights) {
  const auto first = static_cast<Index>(images_.size()), count = std::min(kEvaluationPiece, count_ - first);
  const Index image = split_->images.count() / split_->count();
  pixels_.resize(static_cast<std::size_t>(count * image));
  dataset_->normalise(split_->images.data() + first * image, count * image, pixels_.data());
  const nn::BatchLoss found =
      batch.loss(weights, pixels_.data(),
                 split_->labels.values().subspan(images_.size(), static_cast<std::size_t>(count)));
  images_.insert(images_.end(), batch.losses().begin(), batch.losses().end());
  return found.loss;
}

Evaluation Evaluator::result() && {
  Evaluation out{0, 0, core::Tensor<Index>({dataset_->classes, dataset_->classes}), std::move(images_)};
  Index correct = 0;
  for (std::size_t i = 0; i < out.images.size(); ++i) {
    const nn::ImageLoss& image = out.images[i];
    out.loss += image.loss;
    correct += image.correct;
    ++out.confusion(split_->labels[static_cast<Index>(i)], image.prediction);
  }
  out.loss /= static_cast<double>(count_);
  out.accuracy = static_cast<double>(correct) / static_cast<double>(count_);
  return out;
}

Evaluation evaluate(const nn::Model<float>& model, const nn::Weights<float>& weights, const Dataset& dataset,
                    const Split& split, core::Workers& workers, std::stop_token stop,
                    core::Progress* progress) {
  nn::BatchPass<float> batch(model, workers);
  Evaluator evaluator(dataset, split, split.count());
  if (progress) progress->begin((split.count() + kEvaluationPiece - 1) / kEvaluationPiece);
  while (!evaluator.done()) {
    core::throw_if_stopped(stop);
    evaluator.advance(batch, weights);
    if (progress) progress->advance();
  }
  return std::move(evaluator).result();
}

}  // namespace vitrine::train
