#include "engine/train/shift_test.h"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include "engine/core/stop.h"
#include "engine/train/evaluation.h"

namespace vitrine::train {

void shift_image(const std::uint8_t* image, const nn::ImageSizes& sizes, PixelShift shift,
                 std::uint8_t* out) {
  const auto [channels, height, width] = sizes;
  std::fill_n(out, sizes.count(), std::uint8_t{0});
  const Index first = std::max<Index>(0, shift.columns), end = std::min(width, width + shift.columns);
  if (first >= end) return;
  for (Index c = 0; c < channels; ++c)
    for (Index y = std::max<Index>(0, shift.rows); y < std::min(height, height + shift.rows); ++y)
      std::copy_n(image + (c * height + y - shift.rows) * width + first - shift.columns, end - first,
                  out + (c * height + y) * width + first);
}

std::vector<double> ShiftMap::by_distance() const {
  std::vector<double> sums(static_cast<std::size_t>(reach + 1)), counts(sums.size());
  for (Index rows = -reach; rows <= reach; ++rows)
    for (Index columns = -reach; columns <= reach; ++columns) {
      const auto distance = static_cast<std::size_t>(std::max(std::abs(rows), std::abs(columns)));
      sums[distance] += at({rows, columns});
      ++counts[distance];
    }
  for (std::size_t d = 0; d < sums.size(); ++d) sums[d] /= counts[d];
  return sums;
}

ShiftTest::ShiftTest(const Dataset& dataset, const Split& split, Index count, Index reach)
    : dataset_(&dataset),
      split_(&split),
      count_(std::min(count, split.count())),
      reach_(reach),
      side_(2 * reach + 1),
      pieces_a_shift_(core::divide_up(count_, kEvaluationPiece)) {
  if (reach < 0 || reach >= dataset.height() || reach >= dataset.width())
    throw std::invalid_argument("a shift of " + std::to_string(reach) + " pixels leaves nothing of " +
                                std::to_string(dataset.height()) + " x " + std::to_string(dataset.width()));
  if (count_ < 1) throw std::invalid_argument("a shift test over no images");
  correct_ = core::Tensor<Index>({side_, side_});
}

void ShiftTest::advance(nn::BatchPass<float>& batch, const nn::Weights<float>& weights) {
  const nn::ImageSizes sizes{dataset_->channels(), dataset_->height(), dataset_->width()};
  const Index cell = piece_ / pieces_a_shift_;
  const Index first = piece_ % pieces_a_shift_ * kEvaluationPiece;
  const Index count = std::min(kEvaluationPiece, count_ - first);
  const PixelShift shift{cell / side_ - reach_, cell % side_ - reach_};
  bytes_.resize(static_cast<std::size_t>(count * sizes.count()));
  pixels_.resize(bytes_.size());
  for (Index i = 0; i < count; ++i)
    shift_image(split_->images.data() + (first + i) * sizes.count(), sizes, shift,
                bytes_.data() + i * sizes.count());
  dataset_->normalise(bytes_.data(), std::ssize(bytes_), pixels_.data());
  const auto labels =
      split_->labels.values().subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
  correct_[cell] += batch.loss(weights, pixels_.data(), labels).correct;
  ++piece_;
}

ShiftMap ShiftTest::result() const {
  ShiftMap map{reach_, count_, core::Tensor<double>({side_, side_})};
  for (Index cell = 0; cell < side_ * side_; ++cell)
    map.accuracy[cell] = static_cast<double>(correct_[cell]) / static_cast<double>(count_);
  return map;
}

ShiftMap shift_test(const nn::Model<float>& model, const nn::Weights<float>& weights, const Dataset& dataset,
                    const Split& split, Index count, Index reach, core::Workers& workers,
                    std::stop_token stop, core::Progress* progress) {
  nn::BatchPass<float> batch(model, workers);
  ShiftTest test(dataset, split, count, reach);
  if (progress) progress->begin(test.pieces());
  while (!test.done()) {
    core::throw_if_stopped(stop);
    test.advance(batch, weights);
    if (progress) progress->advance();
  }
  return test.result();
}

}  // namespace vitrine::train
