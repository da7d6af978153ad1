// Optimizers over one flat parameter buffer: SGD with momentum, Adam, AdamW, as PyTorch defines them.
// Kingma, Ba 2014, "Adam", algorithm 1; Loshchilov, Hutter 2017, "Decoupled weight decay regularization".
#pragma once

#include "engine/core/workers.h"
#include "engine/nn/parameters.h"

namespace vitrine::nn {

enum class OptimizerKind { kSgd, kAdam, kAdamW };

// May change at every step.
struct UpdateRule {
  OptimizerKind kind = OptimizerKind::kAdamW;
  double learning_rate = 1e-3;
  double beta1 = 0.9, beta2 = 0.999, eps = 1e-8;  // Adam, AdamW
  double momentum = 0;                            // SGD
  double weight_decay = 0;                        // on parameters with ParameterInfo::decays
};

// What the next update depends on beside the weights.
template <class T>
struct Moments {
  core::AlignedVector<T> first, second;  // m, v [layout.size()]
  Index updates = 0;                     // t

  bool operator==(const Moments&) const = default;
};

template <class T>
class Optimizer {
 public:
  explicit Optimizer(const ParameterLayout& layout);

  // One update, step t = 1, 2, ... since the last reset. g = factor gradient:
  // SGD:   g += decay w;  m = momentum m + g;  w -= rate m
  // Adam:  g += decay w;  m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;
  //        w -= rate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)
  // AdamW: the same without the first term, and before it w -= rate decay w
  void update(const UpdateRule& rule, const T* gradient, double factor, core::Workers& workers,
              Weights<T>& weights);

  const Moments<T>& moments() const { return moments_; }
  // Throws ShapeError when they are of another layout.
  void restore(const Moments<T>& moments);

 private:
  struct Slice {  // work of one piece: parameters of one kind, side by side
    Index first, count;
    bool decays;
  };
  const ParameterLayout& layout_;
  std::vector<Slice> slices_;
  Moments<T> moments_;
};

// What to multiply a gradient of that norm by, so that its norm is at most `limit` (0: no limit):
// min(1, limit / (norm + 1e-6)), as PyTorch's clip_grad_norm_ does.
// Pascanu, Mikolov, Bengio 2012, "On the difficulty of training recurrent neural networks", section 3.2.
double clip_factor(double norm, double limit);

}  // namespace vitrine::nn
