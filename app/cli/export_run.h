// A trained run in the formats that others read: ONNX, a PyTorch program, TensorBoard, CSV, safetensors.
#pragma once

#include <filesystem>

namespace vitrine::cli {

// Writes one file, chosen by the ending of `out`: .onnx the model with its newest weights; .py a PyTorch
// program of model and training, which reads the run's weights.safetensors; .csv all metrics;
// .safetensors the newest weights; a name with "tfevents" in it a TensorBoard event file. A folder, or a name
// without an ending, which becomes one, gets an event file under the name that TensorBoard looks for. Files
// are replaced whole. The sizes of the pictures come from the run's data, which must be there for .onnx and
// .py unless they are MNIST's or Fashion-MNIST's. Throws std::invalid_argument for another ending,
// io::FileError when the run or its data cannot be read or `out` cannot be written.
void export_run(const std::filesystem::path& run, const std::filesystem::path& out);

}  // namespace vitrine::cli
