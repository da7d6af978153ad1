// A trained model as an ONNX file, of primitive operators of set 13 (IR version 7), so that onnxruntime,
// OpenCV, TensorRT and others run it. Source: onnx/docs/Operators.md.
#pragma once

#include <string>

#include "engine/nn/model.h"
#include "engine/train/run_record.h"

namespace vitrine::train {

// Input "image" [N, channels, height, width], already normalised: (pixel / 255 - mean) / deviation; the batch
// N is open. Output "logits" [N, classes]. Dropout is left out. The weights have the state dict's names and
// shapes; mean and deviation stand in the metadata. The model is of record.config.model. Throws
// std::invalid_argument when the weights exceed what a protobuf message can hold, 2 GiB.
std::string onnx_model(const RunRecord& record, const nn::Model<float>& model,
                       const nn::Weights<float>& weights);

}  // namespace vitrine::train
