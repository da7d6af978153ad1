// The shift experiment: how a trained model's accuracy falls when its pictures are moved. A convolution moves
// along with them, a dense layer has other weights for every place.
//   accuracy[dy, dx] = share of the images n with argmax f(T_(dy, dx) x_n) = label_n
// Zhang 2019, "Making convolutional networks shift-invariant again", section 3.
#pragma once

#include <span>
#include <stop_token>
#include <vector>

#include "engine/core/progress.h"
#include "engine/core/workers.h"
#include "engine/nn/batch_pass.h"
#include "engine/train/dataset.h"

namespace vitrine::train {

// Pixels, downwards and to the right.
struct PixelShift {
  Index rows = 0, columns = 0;
  bool operator==(const PixelShift&) const = default;
};

// out[c, y, x] = image[c, y - rows, x - columns], and 0, the data's background, where that lies outside;
// both [C, H, W] as `sizes` says.
void shift_image(const std::uint8_t* image, const nn::ImageSizes& sizes, PixelShift shift, std::uint8_t* out);

struct ShiftMap {
  Index reach = 0, images = 0;
  core::Tensor<double> accuracy;  // [2 reach + 1, 2 reach + 1], 0 to 1; the middle is not shifted

  double at(PixelShift shift) const { return accuracy(shift.rows + reach, shift.columns + reach); }
  // [reach + 1]: the mean over the shifts whose longer side is so many pixels, max(|rows|, |columns|).
  std::vector<double> by_distance() const;
};

// The experiment piece by piece, so that others may come between. The same bits whatever the threads.
class ShiftTest {
 public:
  // Over the first `count` images of a split (all, where there are fewer), which with its data set outlives
  // this. Throws std::invalid_argument where a shift leaves nothing of the picture, or for no images.
  ShiftTest(const Dataset& dataset, const Split& split, Index count, Index reach);

  Index pieces() const { return side_ * side_ * pieces_a_shift_; }
  // The next piece: at most kEvaluationPiece images, shifted alike; model and weights are the same each time.
  void advance(nn::BatchPass<float>& batch, const nn::Weights<float>& weights);
  bool done() const { return piece_ == pieces(); }
  ShiftMap result() const;  // once done

 private:
  const Dataset* dataset_;
  const Split* split_;
  Index count_, reach_, side_, pieces_a_shift_;
  Index piece_ = 0;                  // done
  core::Tensor<Index> correct_;      // [side, side]: images
  std::vector<std::uint8_t> bytes_;  // of a piece, shifted
  std::vector<float> pixels_;        // the same, normalised
};

// All of it. Each piece is a step of the progress' stage; throws core::Stopped soon after a stop is
// requested.
ShiftMap shift_test(const nn::Model<float>& model, const nn::Weights<float>& weights, const Dataset& dataset,
                    const Split& split, Index count, Index reach, core::Workers& workers,
                    std::stop_token stop = {}, core::Progress* progress = nullptr);

}  // namespace vitrine::train
