// A Vision Transformer's answer to one picture, from a weights file of ours or of PyTorch's.
#include <algorithm>

#include "app/cli/compute_ops.h"
#include "engine/io/json_fields.h"
#include "engine/io/safetensors.h"
#include "engine/nn/batch_pass.h"
#include "engine/nn/cross_entropy.h"
#include "engine/nn/rollout.h"
#include "engine/nn/vit.h"
#include "engine/train/config.h"
#include "engine/train/memory_needs.h"
#include "engine/train/state_dict.h"

namespace vitrine::cli {

namespace {

using core::Tensor;

train::ModelConfig config_from(const Request& request) {
  train::TrainConfig run;  // only its model is asked for, for images of any size
  run.dataset = {train::DatasetKind::kIdx, ".", 0, 0};
  const std::string text = request.object_text("config");
  try {
    io::from_json(text, run.model, io::Unknown::kRefuse);
  } catch (const io::FormatError& error) {
    request.refuse("config", error.what());
  }
  train::refuse(train::validate(run));
  if (run.model.kind != train::ModelKind::kVit) request.refuse("config", "kind is not vit");
  return run.model;
}

// [C, H, W]
Tensor<float> image_from(const Request& request) {
  const Tensor<double> image = request.numbers("image");
  const core::Shape& shape = image.shape();
  if (shape.rank() == 2) return image.reshaped({1, shape[0], shape[1]}).cast<float>();
  if (shape.rank() != 3)
    request.refuse("image", "shape " + to_string(shape) + " is neither [C][H][W] nor [H][W]");
  return image.cast<float>();
}

Index classes_of(const std::vector<io::NamedTensor>& tensors) {
  for (const auto& [name, values] : tensors)
    if (name == "head.weight" && values.rank() == 2 && !values.empty()) return values.size(0);
  throw std::invalid_argument("head.weight [classes, embed_dim]: missing");
}

// What the model leaves behind for one picture.
struct Answer {
  Tensor<float> logits, probabilities;  // [classes]
  Tensor<float> attention;              // [depth, heads, tokens, tokens]
};

Answer answer_of(const nn::Vit<float>& vit, const nn::Weights<float>& weights, const Tensor<float>& image) {
  const core::Shape classes{vit.classes()};
  const core::Shape heads{vit.sizes().depth, vit.sizes().heads, vit.tokens(), vit.tokens()};
  train::refuse_too_large(train::memory_needs(vit, 1, 1).total(), "the image");
  Answer answer{Tensor<float>(classes), Tensor<float>(classes), Tensor<float>(core::within_limit(heads))};
  core::Workers alone(1);
  nn::BatchPass<float>(vit, alone).look(weights, image.data(), [&](const auto& at) {
    std::copy_n(at.logits, vit.classes(), answer.logits.data());
    nn::softmax(at.logits, vit.classes(), answer.probabilities.data());
    vit.attention_of(at, 0, answer.attention.data());
  });
  return answer;
}

}  // namespace

void compute_vit_forward(const Request& request, Result& result) {
  const std::string path = request.text("weights");
  const train::ModelConfig config = config_from(request);
  const Tensor<float> image = image_from(request);
  const std::vector<io::NamedTensor> tensors = io::read_safetensors(path);
  const nn::Vit<float> vit(config.sizes(image.size(0), image.size(1), image.size(2), classes_of(tensors)));
  const Answer answer = answer_of(vit, train::weights_from(vit.layout(), tensors), image);
  result.set("logits", answer.logits.cast<double>());
  result.set("probabilities", answer.probabilities.cast<double>());
  result.set("attention", answer.attention.cast<double>());
  result.set("rollout", nn::attention_rollout(answer.attention).cast<double>());
}

}  // namespace vitrine::cli
