// The model that is looked at, as a file for other programs.
#pragma once

#include <string>
#include <string_view>

#include "app/labs/workbench/workbench.h"

namespace vitrine::labs {

// The bytes of an ONNX model (".onnx") or of its weights with timm's names (".safetensors"), as they were
// after the step that is looked at; empty: there is no model yet. Throws what onnx_model throws.
std::string model_file(const Workbench& bench, std::string_view extension);
// PyTorch code of the run's model and training.
std::string run_script(const Workbench& bench);

}  // namespace vitrine::labs
