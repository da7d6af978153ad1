// LayerStack: a list of layers one after the other and a linear head to the classes: CNN and MLP.
// LeCun, Bottou, Bengio, Haffner 1998, "Gradient-based learning applied to document recognition", section II.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "engine/nn/conv.h"
#include "engine/nn/dense.h"
#include "engine/nn/dropout.h"
#include "engine/nn/gelu.h"
#include "engine/nn/layer_spec.h"
#include "engine/nn/linear.h"
#include "engine/nn/model.h"
#include "engine/nn/pooling.h"
#include "engine/nn/relu.h"

namespace vitrine::nn {

// Parameters layers.<number>.{weight, bias}, counted as in the list, and head.{weight, bias}; shapes as in
// PyTorch: [F, C, K, K] and [units, inputs], an image flattened as (C, H, W). Inside, channels lie innermost.
template <class T>
class LayerStack final : public Model<T> {
 public:
  using Base = typename Model<T>::Activations;
  struct Activations : Base {
    T* own_image;             // [images, H, W, C]; null for one channel
    const T* image;           // the same, or with one channel the caller's
    std::vector<T*> outputs;  // [layers][images, H', W', C']
    std::vector<T*> kept;     // [layers]: what a layer keeps for backward beside its input and output
    T *d_output, *d_input;    // gradients, as large as the largest output
    T* scratch;               // for one image of any convolution
  };
  // Throws as outputs_of() does.
  LayerStack(const std::vector<LayerSpec>& layers, const ImageSizes& image, Index classes);

  Index chunk_images() const override;
  std::vector<LayerFacts> layers() const override;
  std::unique_ptr<Base> take_activations(Arena<T>& arena, Index images) const override;
  void forward(const Pass<T>& pass, const T* images, Base& at) const override;
  // Stops at the first layer that trains.
  void backward(const Pass<T>& pass, Base& at) const override;
  // "layers.2 output", "logits"
  std::string first_bad(const Base& at, Index images) const override;
  // "layers.2 output" [C, H, W] or, behind a dense layer, [units]; without those whose place the next layer
  // takes. "logits".
  std::vector<NamedActivation<T>> activations_of(const Base& at, Index image) const override;

 private:
  struct Step {
    LayerSpec spec;
    ImageSizes in, out;
    Index in_count, out_count;
    bool in_place;  // its output takes the place of its input
    std::variant<Conv<T>, Relu<T>, Gelu<T>, MaxPool<T>, AveragePool<T>, Dense<T>, Dropout<T>> layer;

    Index kept_count() const;  // of one image
  };
  Step make_step(std::size_t number, const LayerSpec& spec, const ImageSizes& in, const ImageSizes& out);
  Linear<T> make_head();
  ImageSizes head_input() const { return steps_.empty() ? this->image() : steps_.back().out; }
  // In the state dict's order: [C, H, W], or [units] behind a dense layer.
  core::Shape output_shape(std::size_t step) const;
  // What goes into a step, or with steps_.size() into the head.
  const T* input_of(std::size_t step, const Activations& at) const;

  std::size_t first_trained_;  // of the steps; their number: only the head
  std::vector<Step> steps_;
  Linear<T> head_;
};

}  // namespace vitrine::nn
