#include "engine/nn/cross_entropy.h"

#include <algorithm>
#include <cmath>

namespace vitrine::nn {

template <class T>
void softmax(const T* logits, Index classes, T* p) {
  const T largest = *std::max_element(logits, logits + classes);
  T sum = 0;
  for (Index v = 0; v < classes; ++v) sum += p[v] = std::exp(logits[v] - largest);
  for (Index v = 0; v < classes; ++v) p[v] /= sum;
}

template <class T>
ImageLoss cross_entropy(const T* logits, Index classes, Index label, T factor, T* d_logits) {
  const T* largest = std::max_element(logits, logits + classes);
  double sum = 0;
  for (Index v = 0; v < classes; ++v) sum += std::exp(static_cast<double>(logits[v] - *largest));
  if (d_logits) {
    softmax(logits, classes, d_logits);
    d_logits[label] -= 1;
    for (Index v = 0; v < classes; ++v) d_logits[v] *= factor;
  }
  const Index prediction = largest - logits;
  return {std::log(sum) - static_cast<double>(logits[label] - *largest), prediction == label, prediction,
          1 / sum};
}

#define VITRINE_INSTANTIATE(T)                \
  template void softmax(const T*, Index, T*); \
  template ImageLoss cross_entropy(const T*, Index, Index, T, T*);
VITRINE_INSTANTIATE(float)
VITRINE_INSTANTIATE(double)
#undef VITRINE_INSTANTIATE

}  // namespace vitrine::nn
