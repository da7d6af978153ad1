// What `vitrine train --describe` says of a configuration before anything is trained: layers, sizes, costs.
#pragma once

#include <string>

#include "engine/train/config.h"

namespace vitrine::cli {

enum class Format { kTable, kJson };

// Every layer's output, parameters and multiply-adds of one image's forward pass, and the memory that
// training takes beside the data; no weights are made. Images of the kinds idx and folder are loaded, since
// only they know their size. Throws std::invalid_argument with every problem of the configuration,
// io::FileError.
std::string description(const train::TrainConfig& config, Format format);

}  // namespace vitrine::cli
