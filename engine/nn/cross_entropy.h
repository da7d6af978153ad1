// Softmax cross-entropy: loss = -log softmax(logits)[label].
#pragma once

#include "engine/core/matrix.h"

namespace vitrine::nn {

using core::Index;
using core::MatrixView;

struct ImageLoss {
  double loss;         // nats
  bool correct;        // the prediction is the label
  Index prediction;    // the class of the largest logit (the first of equals)
  double probability;  // of the prediction
};

// p[v] = exp(logits[v] - max) / sum, in the order of the logits.
template <class T>
void softmax(const T* logits, Index classes, T* p);

// One image. d_logits (null: not asked for) = factor (softmax(logits) - onehot(label)).
template <class T>
ImageLoss cross_entropy(const T* logits, Index classes, Index label, T factor, T* d_logits);

}  // namespace vitrine::nn
