#include "engine/train/models.h"

#include "engine/nn/layer_stack.h"
#include "engine/nn/vit.h"

namespace vitrine::train {

template <class T>
std::unique_ptr<const nn::Model<T>> make_model(const ModelConfig& config, const nn::ImageSizes& image,
                                               Index classes) {
  if (config.kind != ModelKind::kVit)
    return std::make_unique<const nn::LayerStack<T>>(config.layers, image, classes);
  return std::make_unique<const nn::Vit<T>>(config.sizes(image.channels, image.height, image.width, classes));
}

template std::unique_ptr<const nn::Model<float>> make_model(const ModelConfig&, const nn::ImageSizes&, Index);
template std::unique_ptr<const nn::Model<double>> make_model(const ModelConfig&, const nn::ImageSizes&,
                                                             Index);

}  // namespace vitrine::train
