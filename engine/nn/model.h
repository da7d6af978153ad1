// Model: what a training step needs of a network, whichever it is. A model is constant: it knows where its
// parameters lie and how to run forward and backward over a chunk of images; the numbers come with the pass.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/nn/parameters.h"
#include "engine/nn/pass.h"

namespace vitrine::nn {

struct ImageSizes {
  Index channels, height, width;

  Index count() const { return core::Shape{channels, height, width}.count(); }
  bool operator==(const ImageSizes&) const = default;
};

// One line of a model's description, for one image.
struct LayerFacts {
  std::string name;    // the start of its parameters' names: "blocks.0.attn"
  core::Shape output;  // without the batch
  Index parameters;
  Index multiply_adds;     // of the forward pass's products
  std::string words = {};  // what the name does not say: "max_pool 2 x 2, stride 2"
};

// What one layer makes of one image.
template <class T>
struct NamedActivation {
  std::string name;  // "blocks.2 output"
  core::Tensor<T> values;
};

template <class T>
class Model {
 public:
  // All that one chunk of images leaves behind for backward, in an arena's memory.
  struct Activations {
    virtual ~Activations() = default;
    T *logits, *d_logits;  // [images, classes]
  };

  virtual ~Model() = default;
  const ImageSizes& image() const { return image_; }
  // Throws ShapeError for a picture that is not [channels, height, width].
  void require_image(const core::Shape& shape) const {
    const core::Shape expected{image_.channels, image_.height, image_.width};
    if (!(shape == expected))
      throw core::ShapeError("a picture of shape " + to_string(shape) + " where the model takes " +
                             to_string(expected));
  }
  Index classes() const { return classes_; }
  const ParameterLayout& layout() const { return layout_; }
  // In the order of computing.
  virtual std::vector<LayerFacts> layers() const = 0;
  // Of one image's forward pass.
  Index multiply_adds() const {
    Index sum = 0;
    for (const LayerFacts& layer : layers()) sum = core::checked_add(sum, layer.multiply_adds);
    return sum;
  }
  // Of those, the ones that a training step computes: what the loss does not read is left out. Backward takes
  // twice as many.
  virtual Index trained_multiply_adds() const { return multiply_adds(); }

  // How many images a thread takes through the layers at a time: few enough for their activations to stay
  // near it, enough for tall products.
  virtual Index chunk_images() const { return 4; }
  // For chunks of up to `images` images; taken once, then every pass uses it again.
  virtual std::unique_ptr<Activations> take_activations(Arena<T>& arena, Index images) const = 0;
  // images [pass.images, channels, height, width] -> at.logits. `at` is of this model's own making.
  virtual void forward(const Pass<T>& pass, const T* images, Activations& at) const = 0;
  // From at.d_logits to pass.gradient.
  virtual void backward(const Pass<T>& pass, Activations& at) const = 0;
  // The first tensor of the last forward pass, in the order of computing, that holds a NaN or an infinity
  // ("blocks.2.attn weights"); empty: all are finite.
  virtual std::string first_bad(const Activations& at, Index images) const = 0;
  // What the last forward pass left behind of one image, in the order of computing; the logits are the last.
  virtual std::vector<NamedActivation<T>> activations_of(const Activations& at, Index image) const = 0;

 protected:
  Model(const ImageSizes& image, Index classes) : image_(image), classes_(classes) {}
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  ParameterLayout layout_;  // filled by the model's layers when they are built

 private:
  ImageSizes image_;
  Index classes_;
};

}  // namespace vitrine::nn
