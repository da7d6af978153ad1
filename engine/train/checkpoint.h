// Checkpoint: all that a run goes on from, in one file with a checksum over everything. Little-endian:
//   8 bytes "VITRINE" and the format's number; 8 bytes: length of the header; the header, JSON; the weights,
//   first and second moments, 4 bytes a number; 8 bytes: FNV-1a of all before.
#pragma once

#include <filesystem>
#include <string_view>

#include "engine/train/run_record.h"

namespace vitrine::train {

struct Checkpoint {
  RunRecord record;
  TrainerState state;  // its hyper is record.config's

  bool operator==(const Checkpoint&) const = default;
};

// Throws io::FormatError in one line: no checkpoint, of another format, cut or damaged anywhere. Takes memory
// only for sizes that the file has.
Checkpoint decode_checkpoint(std::string_view bytes);

// The same as a file, replaced whole; both throw io::FileError. A file that reading would take more than half
// of the free memory for is refused before it is read.
void write_checkpoint(const std::filesystem::path& path, Checkpoint checkpoint);
Checkpoint read_checkpoint(const std::filesystem::path& path);

}  // namespace vitrine::train
