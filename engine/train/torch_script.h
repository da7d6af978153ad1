// A run as one PyTorch program: its model written out as modules with timm's parameter names, a reader of
// weights.safetensors, evaluation, and training with the run's settings. It needs torch and numpy only.
#pragma once

#include <string>

#include "engine/nn/model.h"
#include "engine/train/run_record.h"

namespace vitrine::train {

// The program's text, for images of these sizes. Its model, optimizer, schedule and clipping are the run's,
// as PyTorch defines them; its random numbers are PyTorch's, so it trains alike and not to the same bits.
// Pictures come to it as .npy files of bytes. Throws std::invalid_argument when the configuration cannot run.
std::string torch_script(const RunRecord& record, const nn::ImageSizes& image, Index classes);

}  // namespace vitrine::train
