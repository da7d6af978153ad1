// BatchPass: the gradient of a whole batch. The batch is cut into shards, a shard into chunks of a few
// images; a thread takes a chunk forward and backward through all layers while its activations are near. How
// a batch is cut depends on its size only, and shards are summed in order: the same bits whatever the number
// of threads.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "engine/core/workers.h"
#include "engine/nn/cross_entropy.h"
#include "engine/nn/model.h"

namespace vitrine::nn {

struct BatchLoss {
  double loss = 0;       // mean over the batch, nats
  Index correct = 0;     // images
  double grad_norm = 0;  // of the whole gradient, before clipping
};

template <class T>
class BatchPass {
 public:
  BatchPass(const Model<T>& model, core::Workers& workers);

  // The memory that gradients and activations take on so many threads. Throws ShapeError past 2^63.
  static Index needed_bytes(const Model<T>& model, int threads, Index batch);

  // images [batch, channels, height, width], labels [batch], each below classes().
  // The mean loss over the batch; gradient() is its gradient until the next call.
  BatchLoss loss_and_gradient(const Weights<T>& weights, const T* images,
                              std::span<const std::uint8_t> labels, const DropoutDraw& dropout);
  std::span<const T> gradient() const { return gradient_; }
  // Of each image of the last batch.
  std::span<const ImageLoss> losses() const { return losses_; }
  // The same loss without gradient and dropout.
  BatchLoss loss(const Weights<T>& weights, const T* images, std::span<const std::uint8_t> labels);

  // After a loss or gradient that is not finite: the first tensor that is not, forward over each image
  // without dropout ("blocks.2 output"), then backward ("head.weight gradient"); empty: none.
  std::string first_bad(const Weights<T>& weights, const T* images, Index batch);

  // One image forward, without dropout; `read` sees what the model leaves behind.
  using Activations = typename Model<T>::Activations;
  void look(const Weights<T>& weights, const T* image, const std::function<void(const Activations&)>& read);

 private:
  struct Workspace {
    Arena<T> arena;
    std::unique_ptr<Activations> activations;
  };
  // A workspace of its own for as long as it lives; the last one given back is the next one lent, since its
  // memory is still near.
  class Loan;
  void run_chunk(Pass<T> pass, const T* images, const std::uint8_t* labels);
  void sum_shards(Index shards);
  BatchLoss total(Index batch) const;

  const Model<T>& model_;
  core::Workers& workers_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Workspace>> idle_;
  std::vector<core::AlignedVector<T>> shard_gradients_;  // [shards][layout.size()]
  core::AlignedVector<T> gradient_;                      // [layout.size()]
  std::vector<double> squares_;                          // of each slice of the gradient
  std::vector<ImageLoss> losses_;                        // [batch]
};

}  // namespace vitrine::nn
